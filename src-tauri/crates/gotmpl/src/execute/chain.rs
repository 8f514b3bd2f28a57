//! Fields: keys of maps, fields and methods of structs, and chains of them.

use super::{Executor, Fault, Operand};
use crate::function::{Args, Method};
use crate::go;
use crate::options::MissingKey;
use crate::parse::NodeId;
use crate::set::Template;
use crate::value::{Kind, Type, Value};

impl Executor<'_> {
    /// `.a.b.c` from a receiver; the arguments are for the last name, which may be a method.
    #[expect(clippy::too_many_arguments, reason = "the parts of one node and what surrounds it")]
    pub(super) fn chain(
        &mut self,
        template: &Template,
        dot: &Operand,
        receiver: &Operand,
        id: NodeId,
        names: &[Box<str>],
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let Some((final_name, before)) = names.split_last() else { return Ok(receiver.clone()) };
        let Some((first, between)) = before.split_first() else {
            return self.field(template, dot, receiver, id, final_name, arguments, last);
        };
        let mut current = self.field(template, dot, receiver, id, first, &[], None)?;
        for name in between {
            current = self.field(template, dot, &current, id, name, &[], None)?;
        }
        self.field(template, dot, &current, id, final_name, arguments, last)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one node and what surrounds it")]
    fn field(
        &mut self,
        template: &Template,
        dot: &Operand,
        receiver: &Operand,
        id: NodeId,
        name: &str,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let has_arguments = !arguments.is_empty() || last.is_some();
        let kind = match &receiver.value {
            Value::Map(map) => {
                let kind = map.type_of();
                if let Some(method) = kind.method(name) {
                    return self.call_method(template, dot, &receiver.value, method, id, arguments, last);
                }
                if has_arguments {
                    return Err(self.error(template, format!("{name} is not a method but has arguments")));
                }
                return match map.get(name) {
                    Some(value) => Ok(Operand::element(value, map.element_type())),
                    None => self.missing(template, name, map.element_type()),
                };
            }
            Value::Nil if receiver.interface => {
                return Err(self.error(template, format!("nil pointer evaluating interface {{}}.{name}")));
            }
            Value::Nil => {
                if self.options.missing_key == MissingKey::Error {
                    let name = go::quote(name.as_bytes());
                    return Err(self.error(template, format!("nil data; no entry for key {name}")));
                }
                return Ok(Operand::NONE);
            }
            Value::Object(object) => {
                let kind = object.type_of();
                if let Some(method) = kind.method(name) {
                    return self.call_method(template, dot, &receiver.value, method, id, arguments, last);
                }
                if object.is_nil() {
                    let kind = receiver.static_type();
                    return Err(self.error(template, format!("nil pointer evaluating {kind}.{name}")));
                }
                if let Some(value) = object.field(name) {
                    if has_arguments {
                        let message = format!("{name} has arguments but cannot be invoked as function");
                        return Err(self.error(template, message));
                    }
                    let interface = matches!(value, Value::Nil);
                    return Ok(Operand { value, interface });
                }
                kind
            }
            other => {
                // Nil was seen to above.
                let Some(kind) = other.type_of() else { return Ok(Operand::NONE) };
                if let Some(method) = kind.method(name) {
                    return self.call_method(template, dot, &receiver.value, method, id, arguments, last);
                }
                kind
            }
        };
        let kind = if receiver.interface { receiver.static_type() } else { kind };
        Err(self.error(template, format!("can't evaluate field {name} in type {kind}")))
    }

    #[cold]
    fn missing(&self, template: &Template, name: &str, element: &'static Type) -> Result<Operand, Fault> {
        match self.options.missing_key {
            MissingKey::Default => Ok(Operand::NONE),
            MissingKey::Zero => {
                Ok(Operand { value: Value::zero(element), interface: element.kind() == Kind::Interface })
            }
            MissingKey::Error => {
                let name = go::quote(name.as_bytes());
                Err(self.error(template, format!("map has no entry for key {name}")))
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one node and what surrounds it")]
    fn call_method(
        &mut self,
        template: &Template,
        dot: &Operand,
        receiver: &Value,
        method: &'static Method,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let values = self.arguments(template, dot, method.name, &method.signature, arguments, last)?;
        let result = (method.body)(&mut crate::Call::new(self), receiver, Args::new(&values));
        self.give_back(values);
        self.returned(template, id, method.name, result)
    }
}
