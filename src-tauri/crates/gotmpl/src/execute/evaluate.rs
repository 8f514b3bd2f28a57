//! Pipelines, commands, and arguments with the type that a parameter wants.

use std::rc::Rc;

use super::{Executor, Fault, Operand};
use crate::parse::{Literal, Node, NodeId};
use crate::set::Template;
use crate::value::{Kind, Number, Str, Type, Value};

impl Executor<'_> {
    /// The value of a pipeline; its declarations are made, its assignments done.
    pub(super) fn pipeline(
        &mut self,
        template: &Template,
        dot: &Operand,
        id: NodeId,
    ) -> Result<Operand, Fault> {
        self.at = id;
        let Node::Pipe(pipe) = template.node(id) else { return Ok(Operand::NONE) };
        let mut last = None;
        for &command in &pipe.commands {
            last = Some(self.command(template, dot, command, last)?.unwrapped());
        }
        let value = last.unwrap_or(Operand::NONE);
        for &name in &pipe.declarations {
            if pipe.assign {
                self.set_variable(template, name, value.clone())?;
            } else {
                self.push_variable(name, value.clone());
            }
        }
        if self.tracing.is_some() && !pipe.declarations.is_empty() {
            self.trace_declarations(template, id);
        }
        Ok(value)
    }

    fn command(
        &mut self,
        template: &Template,
        dot: &Operand,
        id: NodeId,
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let Node::Command(words) = template.node(id) else { return Ok(Operand::NONE) };
        let Some((&first, arguments)) = words.split_first() else { return Ok(Operand::NONE) };
        match template.node(first) {
            Node::Field(names) => {
                self.at = first;
                return self.chain(template, dot, dot, first, names, arguments, last);
            }
            Node::Chain(inner, names) => {
                return self.chain_node(template, dot, first, *inner, names, arguments, last);
            }
            Node::Identifier(_, function) => {
                self.at = first;
                return self.call_function(template, dot, *function, id, arguments, last);
            }
            Node::Pipe(_) => {
                self.not_a_function(template, first, arguments, &last)?;
                return crate::go::deep(|| self.pipeline(template, dot, first));
            }
            Node::Variable(name, fields) => {
                return self.variable_node(template, dot, first, *name, fields, arguments, last);
            }
            _ => {}
        }
        self.at = first;
        self.not_a_function(template, first, arguments, &last)?;
        match template.node(first) {
            Node::Dot => Ok(dot.clone()),
            Node::Bool(truth) => Ok(Operand::concrete(Value::Bool(*truth))),
            Node::Number(literal) => self.constant(template, first, literal),
            Node::String(_, _, text) => Ok(Operand::concrete(Value::String(Str::from(text)))),
            Node::Nil => Err(self.error(template, "nil is not a command")),
            _ => {
                let node = template.tree.source.print(first);
                Err(self
                    .error(template, format!("can't evaluate command {}", crate::go::quote(node.as_bytes()))))
            }
        }
    }

    fn not_a_function(
        &self,
        template: &Template,
        first: NodeId,
        arguments: &[NodeId],
        last: &Option<Operand>,
    ) -> Result<(), Fault> {
        if arguments.is_empty() && last.is_none() {
            return Ok(());
        }
        // Go prints the node as it stands in the tree: a pipeline without its parentheses.
        let node = template.tree.source.print(first);
        Err(self.error(template, format!("can't give argument to non-function {node}")))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one node and what surrounds it")]
    fn chain_node(
        &mut self,
        template: &Template,
        dot: &Operand,
        id: NodeId,
        inner: NodeId,
        names: &[Box<str>],
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        self.at = id;
        if matches!(template.node(inner), Node::Nil) {
            let node = template.tree.source.print(id);
            return Err(self.error(template, format!("indirection through explicit nil in {node}")));
        }
        let receiver = self.untyped(template, dot, inner)?;
        self.chain(template, dot, &receiver, id, names, arguments, last)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one node and what surrounds it")]
    fn variable_node(
        &mut self,
        template: &Template,
        dot: &Operand,
        id: NodeId,
        name: u32,
        fields: &[Box<str>],
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        self.at = id;
        let value = self.variable(template, name)?.clone();
        if fields.is_empty() {
            self.not_a_function(template, id, arguments, &last)?;
            return Ok(value);
        }
        self.chain(template, dot, &value, id, fields, arguments, last)
    }

    /// An argument whose type does not matter yet.
    pub(super) fn untyped(
        &mut self,
        template: &Template,
        dot: &Operand,
        id: NodeId,
    ) -> Result<Operand, Fault> {
        self.at = id;
        match template.node(id) {
            Node::Dot => Ok(dot.clone()),
            Node::Field(names) => self.chain(template, dot, dot, id, names, &[], None),
            Node::Variable(name, fields) => self.variable_node(template, dot, id, *name, fields, &[], None),
            Node::Pipe(_) => crate::go::deep(|| self.pipeline(template, dot, id)),
            Node::Identifier(_, function) => self.call_function(template, dot, *function, id, &[], None),
            Node::Chain(inner, names) => {
                crate::go::deep(|| self.chain_node(template, dot, id, *inner, names, &[], None))
            }
            Node::Bool(truth) => Ok(Operand::concrete(Value::Bool(*truth))),
            Node::Number(literal) => self.constant(template, id, literal),
            Node::String(_, _, text) => Ok(Operand::concrete(Value::String(Str::from(text)))),
            _ => Ok(Operand::NONE),
        }
    }

    /// An argument for a parameter of a type.
    pub(super) fn argument(
        &mut self,
        template: &Template,
        dot: &Operand,
        wanted: &'static Type,
        id: NodeId,
    ) -> Result<Value, Fault> {
        if let Some(value) = self.argument_simply(template, dot, wanted, id) {
            self.at = id;
            return Ok(value);
        }
        match template.node(id) {
            Node::Nil => {
                self.at = id;
                if wanted.kind().can_be_nil() {
                    return Ok(Value::zero(wanted));
                }
                Err(self.error(template, format!("cannot assign nil to {wanted}")))
            }
            Node::Bool(_) | Node::Number(_) | Node::String(..) if wanted.kind() != Kind::Interface => {
                self.at = id;
                self.literal(template, id, wanted)
            }
            _ => {
                let value = self.untyped(template, dot, id)?;
                self.assign(template, value, wanted)
            }
        }
    }

    /// A literal for a parameter that is no interface.
    fn literal(&self, template: &Template, id: NodeId, wanted: &'static Type) -> Result<Value, Fault> {
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
                Node::String(_, _, text) => (Some(Value::String(Str::from(text))), "string"),
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
        operand: Operand,
        wanted: &'static Type,
    ) -> Result<Value, Fault> {
        if wanted.kind() == Kind::Interface {
            return Ok(operand.value);
        }
        let Some(found) = operand.value.type_of() else {
            if operand.interface {
                return Err(self.wrong_type(template, wanted, operand.static_type()));
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
        Ok(match operand.value {
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
    fn constant(&mut self, template: &Template, id: NodeId, literal: &Literal) -> Result<Operand, Fault> {
        self.at = id;
        let text = literal.text.as_bytes();
        let value = if let Some(parts) = literal.complex {
            Value::Number(Number::Complex128(Rc::new(parts)))
        } else if let (Some(float), true) = (literal.float, is_written_as_float(text)) {
            Value::Float(float)
        } else if let Some(integer) = literal.signed {
            Value::Int(integer)
        } else if literal.unsigned.is_some() {
            return Err(self.error(template, format!("{} overflows int", literal.text)));
        } else {
            return Ok(Operand::NONE);
        };
        Ok(Operand::concrete(value))
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
