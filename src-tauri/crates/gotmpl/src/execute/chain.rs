//! Fields: keys of maps, fields and methods of structs, and chains of them.

use super::{Evaluated, Executor, Site};
use crate::function::{Args, Method};
use crate::go;
use crate::options::MissingKey;
use crate::parse::NodeId;
use crate::set::Template;
use crate::value::{Kind, Type, Value, types};

/// The node of a chain and its names.
type Names<'t> = (NodeId, &'t [Box<str>]);

impl Executor<'_> {
    /// `.a.b.c` from a receiver; the arguments are for the last name, which may be a method.
    pub(super) fn chain(
        &mut self,
        site: Site<'_>,
        receiver: &Value,
        interface: bool,
        (id, names): Names<'_>,
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Evaluated {
        let Some((final_name, before)) = names.split_last() else {
            self.interface = interface;
            return Ok(receiver.clone());
        };
        self.interface = interface;
        let Some((first, between)) = before.split_first() else {
            return self.field(site, receiver, (id, final_name), arguments, last);
        };
        let mut current = self.field(site, receiver, (id, first), &[], None)?;
        for name in between {
            current = self.field(site, &current, (id, name), &[], None)?;
        }
        self.field(site, &current, (id, final_name), arguments, last)
    }

    /// One name; `self.interface` says how Go sees the receiver, and afterwards the value.
    fn field(
        &mut self,
        site: Site<'_>,
        receiver: &Value,
        (id, name): (NodeId, &str),
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Evaluated {
        let template = site.template;
        let has_arguments = !arguments.is_empty() || last.is_some();
        let kind = match receiver {
            Value::Map(map) => {
                if let Some(method) = map.type_of().method(name) {
                    return self.call_method(site, receiver, method, id, arguments, last);
                }
                if has_arguments {
                    return Err(self.error(template, format!("{name} is not a method but has arguments")));
                }
                self.interface = map.element_type().kind() == Kind::Interface;
                return match map.get(name) {
                    Some(value) => Ok(value),
                    None => self.missing(template, name, map.element_type()),
                };
            }
            Value::Nil if self.interface => {
                return Err(self.error(template, format!("nil pointer evaluating interface {{}}.{name}")));
            }
            Value::Nil => {
                if self.options.missing_key == MissingKey::Error {
                    let name = go::quote(name.as_bytes());
                    return Err(self.error(template, format!("nil data; no entry for key {name}")));
                }
                return self.nothing();
            }
            Value::Object(object) => {
                let kind = object.type_of();
                if let Some(method) = kind.method(name) {
                    return self.call_method(site, receiver, method, id, arguments, last);
                }
                if object.is_nil() {
                    let kind = if self.interface { types::INTERFACE } else { kind };
                    return Err(self.error(template, format!("nil pointer evaluating {kind}.{name}")));
                }
                if let Some(value) = object.field(name) {
                    if has_arguments {
                        let message = format!("{name} has arguments but cannot be invoked as function");
                        return Err(self.error(template, message));
                    }
                    self.interface = matches!(value, Value::Nil);
                    return Ok(value);
                }
                kind
            }
            other => {
                // Nil was seen to above.
                let Some(kind) = other.type_of() else { return self.nothing() };
                if let Some(method) = kind.method(name) {
                    return self.call_method(site, receiver, method, id, arguments, last);
                }
                kind
            }
        };
        let kind = if self.interface { types::INTERFACE } else { kind };
        Err(self.error(template, format!("can't evaluate field {name} in type {kind}")))
    }

    #[cold]
    fn missing(&mut self, template: &Template, name: &str, element: &'static Type) -> Evaluated {
        match self.options.missing_key {
            MissingKey::Default => self.nothing(),
            MissingKey::Zero => Ok(Value::zero(element)),
            MissingKey::Error => {
                let name = go::quote(name.as_bytes());
                Err(self.error(template, format!("map has no entry for key {name}")))
            }
        }
    }

    fn call_method(
        &mut self,
        site: Site<'_>,
        receiver: &Value,
        method: &'static Method,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Evaluated {
        let values = self.arguments(site, method.name, &method.signature, arguments, last)?;
        let result = (method.body)(&mut crate::Call::new(self), receiver, Args::new(&values));
        self.give_back(values);
        self.returned(site.template, id, method.name, result)
    }
}
