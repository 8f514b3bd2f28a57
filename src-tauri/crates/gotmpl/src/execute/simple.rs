//! The short way for what templates do most: look at `.a.b`, `$x.y` or a literal, without copying the value.
//!
//! It knows the plain case only. Wherever something is special (a missing key, a method, a nil on the way, a limit, an
//! error), it gives nothing, and the general way starts over and reports what there is to report.

use super::{Executor, Site, Variable};
use crate::builtin::{self, Builtin};
use crate::format;
use crate::parse::{Node, NodeId};
use crate::value::{Kind, Type, Value};

/// What names are looked up in.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    site: Site<'a>,
    /// The variables of the current template.
    variables: &'a [Variable],
}

impl Scope<'_> {
    /// Gives the value of a node to `look`, where it can be found the short way.
    #[inline]
    fn look<R>(self, id: NodeId, look: impl FnOnce(&Value) -> R) -> Option<R> {
        match self.site.node(id) {
            Node::Dot => Some(look(&self.site.dot.value)),
            Node::Field(names) => descend(&self.site.dot.value, names, look),
            Node::Variable(name, fields) => {
                let variable = self.variables.iter().rev().find(|variable| variable.name == *name)?;
                descend(&variable.value.value, fields, look)
            }
            Node::String(_, _, text) => Some(look(&Value::String(text.to_str()))),
            Node::Bool(truth) => Some(look(&Value::Bool(*truth))),
            _ => None,
        }
    }

    /// The node of a pipeline that is nothing but dot, a field or a variable.
    fn only(self, pipe: NodeId) -> Option<NodeId> {
        match self.site.node(pipe) {
            Node::Pipe(pipe) => pipe.only,
            _ => None,
        }
    }
}

/// A longer chain takes the general way, which does not recurse.
const MAX_NAMES: usize = 32;

/// Goes down by names, through maps and structs.
#[inline]
fn descend<R>(value: &Value, names: &[Box<str>], look: impl FnOnce(&Value) -> R) -> Option<R> {
    if names.len() > MAX_NAMES { None } else { descend_from(value, names, look) }
}

fn descend_from<R>(value: &Value, names: &[Box<str>], look: impl FnOnce(&Value) -> R) -> Option<R> {
    let Some((name, rest)) = names.split_first() else { return Some(look(value)) };
    match value {
        Value::Map(map) if map.type_of().method(name).is_none() => {
            map.look(name, |value| descend_from(value, rest, look)).flatten()
        }
        Value::Object(object) if object.type_of().method(name).is_none() && !object.is_nil() => {
            descend_from(&object.field(name)?, rest, look)
        }
        _ => None,
    }
}

impl Executor<'_> {
    #[inline]
    fn scope<'a>(&'a self, site: Site<'a>) -> Scope<'a> {
        Scope { site, variables: &self.variables[self.frame..] }
    }

    /// Prints a pipeline that is nothing but a value; false where that takes the general way.
    pub(super) fn print_simply(&mut self, site: Site<'_>, pipe: NodeId) -> bool {
        let scope = Scope { site, variables: &self.variables[self.frame..] };
        let limit = self.options.limits.size.saturating_add(1);
        let out = &mut self.out;
        let printed = scope.only(pipe).and_then(|id| {
            scope.look(id, |value| match value {
                Value::Function(_) => false,
                Value::Nil => {
                    out.extend_from_slice(b"<no value>");
                    true
                }
                value => {
                    format::append(out, value, limit);
                    true
                }
            })
        });
        printed == Some(true)
    }

    /// Whether a pipeline that is nothing but a value is true.
    pub(super) fn truth_simply(&self, site: Site<'_>, pipe: NodeId) -> Option<bool> {
        let scope = self.scope(site);
        scope.look(scope.only(pipe)?, Value::is_true)
    }

    /// An argument for a parameter.
    #[inline]
    pub(super) fn argument_simply(&self, site: Site<'_>, wanted: &'static Type, id: NodeId) -> Option<Value> {
        let fits = |value: &Value| match wanted.kind() {
            Kind::Interface => Some(value.clone()),
            Kind::String => matches!(value, Value::String(_)).then(|| value.clone()),
            _ => None,
        };
        self.scope(site).look(id, fits).flatten()
    }

    /// A comparison or negation, of arguments that are nothing but values.
    pub(super) fn builtin_simply(
        &self,
        site: Site<'_>,
        builtin: Builtin,
        arguments: &[NodeId],
    ) -> Option<bool> {
        let scope = self.scope(site);
        match (builtin, arguments) {
            (Builtin::Not, [only]) => scope.look(*only, |value| !value.is_true()),
            (Builtin::Eq, [a, b]) => {
                scope.look(*a, |a| scope.look(*b, |b| builtin::equal_to(a, b).ok()))??
            }
            (Builtin::Ne, [a, b]) => {
                scope.look(*a, |a| scope.look(*b, |b| builtin::equal_to(a, b).ok().map(|equal| !equal)))??
            }
            _ => None,
        }
    }
}
