//! The execution's side of tracing: origins of pipelines by their nodes, kept beside the values.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::{Executor, Operand};
use crate::builtin::Builtin;
use crate::function::{Code, Transparent};
use crate::parse::{Node, NodeId};
use crate::set::Template;
use crate::trace::{Origin, Printed, Step};
use crate::value::Value;

/// How deep pipelines are followed.
const MAX_DEPTH: usize = 64;

impl Executor<'_> {
    /// The origin of the value of a pipeline.
    pub(super) fn origin(&self, template: &Template, id: NodeId) -> Origin {
        self.origin_within(template, id, MAX_DEPTH)
    }

    fn origin_within(&self, template: &Template, id: NodeId, depth: usize) -> Origin {
        let (Some(tracing), Some(below)) = (&self.tracing, depth.checked_sub(1)) else {
            return Origin::Computed;
        };
        match template.node(id) {
            Node::Pipe(pipe) => {
                let mut last = None;
                for &command in &pipe.commands {
                    last = Some(self.origin_of_command(template, command, last.as_ref(), below));
                }
                last.unwrap_or_default()
            }
            Node::Dot => tracing.dot.clone(),
            Node::Field(names) => tracing.dot.fields(names),
            Node::Variable(name, fields) => {
                let found = self.variables[self.frame..].iter().rposition(|variable| variable.name == *name);
                found.map(|at| tracing.variable(self.frame + at).fields(fields)).unwrap_or_default()
            }
            Node::Chain(inner, fields) => self.origin_within(template, *inner, below).fields(fields),
            _ => Origin::Computed,
        }
    }

    fn origin_of_command(
        &self,
        template: &Template,
        id: NodeId,
        last: Option<&Origin>,
        depth: usize,
    ) -> Origin {
        let Node::Command(words) = template.node(id) else { return Origin::Computed };
        let Some((&first, arguments)) = words.split_first() else { return Origin::Computed };
        let Node::Identifier(_, function) = template.node(first) else {
            return self.origin_within(template, first, depth);
        };
        let function = self.functions.at(*function);
        let all = || {
            let written = arguments.iter().map(|&argument| self.origin_within(template, argument, depth));
            written.chain(last.cloned()).collect::<Vec<_>>()
        };
        if let Code::Builtin(Builtin::Index) = function.code {
            return index(template, arguments, all());
        }
        match function.transparent {
            Transparent::No | Transparent::Template => Origin::Computed,
            Transparent::LastArgument => all().pop().unwrap_or_default(),
            Transparent::Index => index(template, arguments, all()),
            Transparent::Default => {
                let mut origins = all();
                let given = origins.pop().unwrap_or_default();
                match self.resolve(&given) {
                    Some(value) if !value.is_true() => origins.into_iter().next().unwrap_or_default(),
                    None => Origin::Computed,
                    Some(_) => given,
                }
            }
            Transparent::FirstTrue => {
                for origin in all() {
                    match self.resolve(&origin) {
                        Some(value) if value.is_true() => return origin,
                        Some(_) => {}
                        None => return Origin::Computed,
                    }
                }
                Origin::Computed
            }
            Transparent::Dict => {
                let mut entries = BTreeMap::new();
                for (pair, origins) in arguments.chunks(2).zip(all().chunks(2)) {
                    if let ([key, _], [_, value]) = (pair, origins)
                        && let Node::String(_, _, key) = template.node(*key)
                    {
                        entries.insert(key.to_str(), value.clone());
                    }
                }
                Origin::Made(Rc::new(entries))
            }
        }
    }

    /// The value that an origin leads to; nil where nothing is there.
    fn resolve(&self, origin: &Origin) -> Option<Value> {
        let (Origin::Path(path), Some(tracing)) = (origin, &self.tracing) else { return None };
        let mut value = tracing.root.clone();
        for step in &path.0 {
            value = match (&value, step) {
                (Value::Map(map), Step::Key(key)) => map.get(key).unwrap_or_default(),
                (Value::Object(object), Step::Key(key)) => object.field(key.to_str()?).unwrap_or_default(),
                (Value::List(list), Step::Index(index)) => list.get(*index).cloned().unwrap_or_default(),
                _ => Value::Nil,
            };
        }
        Some(value)
    }

    /// Dot becomes the value of a pipeline; gives back what it was.
    pub(super) fn enter_dot(&mut self, template: &Template, pipe: NodeId) -> Option<Origin> {
        self.tracing.as_ref()?;
        let origin = self.origin(template, pipe);
        self.tracing.as_mut().map(|tracing| std::mem::replace(&mut tracing.dot, origin))
    }

    pub(super) fn leave_dot(&mut self, outer: Option<Origin>) {
        if let (Some(tracing), Some(outer)) = (&mut self.tracing, outer) {
            tracing.dot = outer;
        }
    }

    pub(super) fn enter_range(
        &mut self,
        template: &Template,
        pipe: NodeId,
        declarations: usize,
        assign: bool,
    ) -> Option<Origin> {
        self.tracing.as_ref()?;
        let origin = self.origin(template, pipe);
        let tracing = self.tracing.as_mut()?;
        tracing.begin_loop(origin, declarations, assign);
        Some(tracing.dot.clone())
    }

    pub(super) fn leave_range(&mut self, outer: Option<Origin>) {
        if let (Some(tracing), Some(outer)) = (&mut self.tracing, outer) {
            tracing.end_loop();
            tracing.dot = outer;
        }
    }

    /// A variable was pushed or assigned.
    pub(super) fn trace_declarations(&mut self, template: &Template, id: NodeId) {
        let origin = self.origin(template, id);
        let Node::Pipe(pipe) = template.node(id) else { return };
        for &name in &pipe.declarations {
            let found = self.variables[self.frame..].iter().rposition(|variable| variable.name == name);
            if let (Some(tracing), Some(at)) = (&mut self.tracing, found) {
                tracing.set_variable(self.frame + at, origin.clone());
            }
        }
    }

    /// The data of an execution that a function such as `include` starts is its last argument.
    pub(super) fn trace_call(&mut self, template: &Template, arguments: &[NodeId], piped: bool) {
        let origin = match arguments.last() {
            Some(&last) if !piped => self.origin(template, last),
            _ => Origin::Computed,
        };
        if let Some(tracing) = &mut self.tracing {
            tracing.next = Some(origin);
        }
    }

    pub(super) fn trace_print(&mut self, template: &Template, id: NodeId, pipe: NodeId, start: usize) {
        let origin = self.origin(template, pipe);
        let Some(tracing) = &mut self.tracing else { return };
        let source = &template.tree.source;
        let piece = Printed {
            range: start..self.out.len(),
            file: Arc::clone(&source.name),
            template: Arc::clone(&template.tree.name),
            place: source.place(id),
            path: if let Origin::Path(path) = origin { Some(path) } else { None },
        };
        tracing.print(piece, &self.out[start..]);
    }

    /// An execution of its own begins with data; gives back the origin of dot around it.
    pub(super) fn trace_begin(&mut self, data: &Operand) -> Option<Origin> {
        let outermost = self.nested == 0;
        let tracing = self.tracing.as_mut()?;
        if outermost {
            tracing.root = data.value.clone();
        }
        let origin = tracing.next.take().unwrap_or_default();
        Some(std::mem::replace(&mut tracing.dot, origin))
    }
}

/// `index` and `get`: the first argument, and steps by the others where they are literals.
fn index(template: &Template, arguments: &[NodeId], origins: Vec<Origin>) -> Origin {
    let Some(mut origin) = origins.into_iter().next() else { return Origin::Computed };
    for &argument in arguments.get(1..).unwrap_or_default() {
        let step = match template.node(argument) {
            Node::String(_, _, key) => Step::Key(key.to_str()),
            Node::Number(literal) => match literal.unsigned.and_then(|index| usize::try_from(index).ok()) {
                Some(index) => Step::Index(index),
                None => return Origin::Computed,
            },
            _ => return Origin::Computed,
        };
        origin = origin.step(step);
    }
    origin
}
