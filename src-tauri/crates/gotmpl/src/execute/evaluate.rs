//! Pipelines, commands, and arguments with the type that a parameter wants.

use std::rc::Rc;

use super::{Evaluated, Executor, Fault, Operand, Site};
use crate::go;
use crate::parse::{Literal, Node, NodeId};
use crate::set::Template;
use crate::value::{Kind, Number, Type, Value, types};

/// Every function here that gives a value leaves in `self.interface` whether Go would see it through an
/// `interface {}`; see [`Operand`].
impl Executor<'_> {
    /// The value of a pipeline; its declarations are made, its assignments done.
    pub(super) fn pipeline(&mut self, site: Site<'_>, id: NodeId) -> Evaluated {
        self.at = id;
        let Node::Pipe(pipe) = site.node(id) else { return self.nothing() };
        if let ([command], []) = (&*pipe.commands, &*pipe.declarations) {
            let value = self.command(site, *command, None);
            self.interface = false;
            return value;
        }
        let mut last = None;
        for &command in &pipe.commands {
            last = Some(self.command(site, command, last)?);
        }
        // Whatever an interface holds is what goes on.
        self.interface = false;
        let value = last.unwrap_or_default();
        for &name in &pipe.declarations {
            if pipe.assign {
                self.set_variable(site.template, name, Operand::concrete(value.clone()))?;
            } else {
                self.push_variable(name, Operand::concrete(value.clone()));
            }
        }
        if self.tracing.is_some() && !pipe.declarations.is_empty() {
            self.trace_declarations(site.template, id);
        }
        Ok(value)
    }

    /// No value.
    #[inline]
    pub(super) fn nothing(&mut self) -> Evaluated {
        self.interface = false;
        Ok(Value::Nil)
    }

    #[inline]
    fn concrete(&mut self, value: Value) -> Evaluated {
        self.interface = false;
        Ok(value)
    }

    fn command(&mut self, site: Site<'_>, id: NodeId, last: Option<Value>) -> Evaluated {
        let Node::Command(words) = site.node(id) else { return self.nothing() };
        let Some((&first, arguments)) = words.split_first() else { return self.nothing() };
        let before = std::mem::replace(&mut self.at, first);
        match site.node(first) {
            Node::Identifier(_, function) => self.call_function(site, *function, id, arguments, last),
            Node::Field(names) => {
                self.chain(site, &site.dot.value, site.dot.interface, (first, names), arguments, last)
            }
            Node::Variable(..) => self.variable_node(site, first, arguments, last),
            Node::Chain(..) => self.chain_node(site, first, arguments, last),
            Node::Pipe(_) => {
                // Go reports that at what came before.
                self.at = before;
                self.not_a_function(site, first, arguments, last.as_ref())?;
                go::deep(|| self.pipeline(site, first))
            }
            Node::Nil => {
                self.not_a_function(site, first, arguments, last.as_ref())?;
                Err(self.error(site.template, "nil is not a command"))
            }
            _ => {
                self.not_a_function(site, first, arguments, last.as_ref())?;
                self.untyped(site, first)
            }
        }
    }

    fn not_a_function(
        &self,
        site: Site<'_>,
        first: NodeId,
        arguments: &[NodeId],
        last: Option<&Value>,
    ) -> Result<(), Fault> {
        if arguments.is_empty() && last.is_none() {
            return Ok(());
        }
        // Go prints the node as it stands in the tree: a pipeline without its parentheses.
        let node = site.template.tree.source.print(first);
        Err(self.error(site.template, format!("can't give argument to non-function {node}")))
    }

    fn chain_node(
        &mut self,
        site: Site<'_>,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Evaluated {
        self.at = id;
        let Node::Chain(inner, names) = site.node(id) else { return self.nothing() };
        if matches!(site.node(*inner), Node::Nil) {
            let node = site.template.tree.source.print(id);
            return Err(self.error(site.template, format!("indirection through explicit nil in {node}")));
        }
        let receiver = self.untyped(site, *inner)?;
        self.chain(site, &receiver, self.interface, (id, names), arguments, last)
    }

    fn variable_node(
        &mut self,
        site: Site<'_>,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Evaluated {
        self.at = id;
        let Node::Variable(name, fields) = site.node(id) else { return self.nothing() };
        let Operand { value, interface } = self.variable(site.template, *name)?.clone();
        if fields.is_empty() {
            self.not_a_function(site, id, arguments, last.as_ref())?;
            self.interface = interface;
            return Ok(value);
        }
        self.chain(site, &value, interface, (id, fields), arguments, last)
    }

    /// An operand whose type does not matter yet.
    pub(super) fn untyped(&mut self, site: Site<'_>, id: NodeId) -> Evaluated {
        self.at = id;
        match site.node(id) {
            Node::Dot => {
                self.interface = site.dot.interface;
                Ok(site.dot.value.clone())
            }
            Node::Field(names) => {
                self.chain(site, &site.dot.value, site.dot.interface, (id, names), &[], None)
            }
            Node::Variable(..) => self.variable_node(site, id, &[], None),
            Node::Pipe(_) => go::deep(|| self.pipeline(site, id)),
            Node::Identifier(_, function) => self.call_function(site, *function, id, &[], None),
            Node::Chain(..) => go::deep(|| self.chain_node(site, id, &[], None)),
            Node::Bool(truth) => self.concrete(Value::Bool(*truth)),
            Node::Number(literal) => self.constant(site.template, literal),
            Node::String(_, _, text) => self.concrete(Value::String(text.to_str())),
            _ => self.nothing(),
        }
    }

    /// An argument for a parameter of a type.
    pub(super) fn argument(&mut self, site: Site<'_>, wanted: &'static Type, id: NodeId) -> Evaluated {
        self.at = id;
        if let Some(value) = self.argument_simply(site, wanted, id) {
            return Ok(value);
        }
        match site.node(id) {
            Node::Nil if wanted.kind().can_be_nil() => Ok(Value::zero(wanted)),
            Node::Nil => Err(self.error(site.template, format!("cannot assign nil to {wanted}"))),
            Node::Bool(_) | Node::Number(_) | Node::String(..) if wanted.kind() != Kind::Interface => {
                self.literal(site.template, id, wanted)
            }
            _ if wanted.kind() == Kind::Interface => self.untyped(site, id),
            _ => {
                let value = self.untyped(site, id)?;
                self.assign(site.template, value, self.interface, wanted)
            }
        }
    }

    /// A literal for a parameter that is no interface.
    fn literal(&self, template: &Template, id: NodeId, wanted: &'static Type) -> Evaluated {
        let node = template.node(id);
        let number = match node {
            Node::Number(literal) => Some(&**literal),
            _ => None,
        };
        let signed = number.and_then(|literal| literal.signed);
        let unsigned = number.and_then(|literal| literal.unsigned);
        let float = number.and_then(|literal| literal.float);
        let (value, expected) = match wanted.kind() {
            Kind::Bool => {
                (if let Node::Bool(truth) = node { Some(Value::Bool(*truth)) } else { None }, "bool")
            }
            Kind::String => match node {
                Node::String(_, _, text) => (Some(Value::String(text.to_str())), "string"),
                _ => (None, "string"),
            },
            Kind::Float64 => (float.map(Value::Float), "float"),
            Kind::Float32 => (float.map(|n| Value::Number(Number::Float32(n as f32))), "float"),
            Kind::Complex128 => {
                let parts = number.and_then(|literal| literal.complex);
                (parts.map(|parts| Value::Number(Number::Complex128(Rc::new(parts)))), "complex")
            }
            kind if kind.is_signed() => (signed.map(|n| signed_value(n, kind)), "integer"),
            kind if kind.is_unsigned() => (unsigned.map(|n| unsigned_value(n, kind)), "unsigned integer"),
            _ => {
                let node = template.tree.source.print(id);
                return Err(self.error(template, format!("can't handle {node} for arg of type {wanted}")));
            }
        };
        value.ok_or_else(|| {
            let node = template.tree.source.print(id);
            self.error(template, format!("expected {expected}; found {node}"))
        })
    }

    /// Go's check that a value may be passed where a type is wanted.
    pub(super) fn assign(
        &self,
        template: &Template,
        value: Value,
        interface: bool,
        wanted: &'static Type,
    ) -> Evaluated {
        if wanted.kind() == Kind::Interface {
            return Ok(value);
        }
        let Some(found) = value.type_of() else {
            if interface {
                return Err(self.wrong_type(template, wanted, types::INTERFACE));
            }
            if wanted.kind().can_be_nil() {
                return Ok(Value::zero(wanted));
            }
            return Err(self.error(template, format!("invalid value; expected {wanted}")));
        };
        if !found.assignable_to(wanted) {
            return Err(self.wrong_type(template, wanted, found));
        }
        // A named map passed as its unnamed type is that type inside the function.
        Ok(match value {
            Value::Map(map) if found != wanted => Value::Map(map.retyped(wanted)),
            Value::List(list) if found != wanted => Value::List(list.retyped(wanted)),
            other => other,
        })
    }

    #[cold]
    fn wrong_type(&self, template: &Template, wanted: &Type, found: &Type) -> Fault {
        self.error(template, format!("wrong type for value; expected {wanted}; got {found}"))
    }

    /// A number whose type its notation decides.
    fn constant(&mut self, template: &Template, literal: &Literal) -> Evaluated {
        let text = literal.text.as_bytes();
        if let Some(parts) = literal.complex {
            return self.concrete(Value::Number(Number::Complex128(Rc::new(parts))));
        }
        if let (Some(float), true) = (literal.float, is_written_as_float(text)) {
            return self.concrete(Value::Float(float));
        }
        if let Some(integer) = literal.signed {
            return self.concrete(Value::Int(integer));
        }
        if literal.unsigned.is_some() {
            return Err(self.error(template, format!("{} overflows int", literal.text)));
        }
        self.nothing()
    }
}

fn is_written_as_float(text: &[u8]) -> bool {
    let has = |bytes: &[u8]| text.iter().any(|byte| bytes.contains(byte));
    let hexadecimal_integer = matches!(text, [b'0', b'x' | b'X', _, ..]) && !has(b"pP");
    !hexadecimal_integer && text.first() != Some(&b'\'') && has(b".eEpP")
}

fn signed_value(n: i64, kind: Kind) -> Value {
    match kind {
        Kind::Int => Value::Int(n),
        Kind::Int8 => Value::Number(Number::Int8(n as i8)),
        Kind::Int16 => Value::Number(Number::Int16(n as i16)),
        Kind::Int32 => Value::Number(Number::Int32(n as i32)),
        _ => Value::Int64(n),
    }
}

fn unsigned_value(n: u64, kind: Kind) -> Value {
    Value::Number(match kind {
        Kind::Uint8 => Number::Uint8(n as u8),
        Kind::Uint16 => Number::Uint16(n as u16),
        Kind::Uint32 => Number::Uint32(n as u32),
        Kind::Uint64 => Number::Uint64(n),
        _ => Number::Uint(n),
    })
}
