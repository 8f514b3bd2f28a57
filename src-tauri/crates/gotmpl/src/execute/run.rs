//! Beginning and ending the execution of a template: by name, and of a text on top of the set.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Executor, Fault, Layer, MAX_NESTED, Operand, Reached, Variable};
use crate::call::TextError;
use crate::error::{ExecError, FunctionError, LimitReached};
use crate::go;
use crate::parse::{self, Tree};
use crate::set::Template;
use crate::value::{Str, Value};

/// How many texts of `tpl` are kept parsed.
const MAX_PARSED: usize = 4_096;

/// A template found by name: of the set, or of a layer above it.
pub(super) enum Found<'set> {
    InSet(&'set Template),
    InLayer(Template),
}

impl Found<'_> {
    pub(super) fn template(&self) -> &Template {
        match self {
            Found::InSet(template) => template,
            Found::InLayer(template) => template,
        }
    }
}

impl<'set> Executor<'set> {
    pub(super) fn find(&self, name: &str) -> Option<Found<'set>> {
        for layer in self.layers.iter().rev() {
            if let Some(template) = layer.0.get(name) {
                return Some(Found::InLayer(template.clone()));
            }
        }
        self.set.get(name).map(Found::InSet)
    }

    pub(super) fn run_named(&mut self, name: &str, data: &Value) -> Result<(), Fault> {
        let Some(found) = self.find(name) else {
            let (name, set) = (go::quote(name.as_bytes()), go::quote(self.set.name().as_bytes()));
            let message = format!("no template {name} associated with template {set}");
            return Err(Box::new(ExecError {
                file: self.set.name().into(),
                template: self.set.name().into(),
                line: 0,
                column: 0,
                context: String::new(),
                text: format!("template: {message}"),
                message,
                located: false,
                inner: None,
                limit: None,
            }));
        };
        self.run_fresh(found.template(), data)
    }

    /// Executes a template as an execution of its own: Go's depth counts from zero.
    fn run_fresh(&mut self, template: &Template, data: &Value) -> Result<(), Fault> {
        if self.nested == MAX_NESTED {
            self.at = template.tree.root;
            let text = format!("more than {MAX_NESTED} executions within each other");
            return Err(self.limit_error(template, Reached(LimitReached::Depth, text)));
        }
        let (at, depth) = (self.at, std::mem::take(&mut self.depth));
        let data = Operand::concrete(data.clone());
        let outer = self.trace_begin(&data);
        self.nested += 1;
        let result = self.run(template, &data);
        self.nested -= 1;
        self.leave_dot(outer);
        (self.at, self.depth) = (at, depth);
        result
    }

    /// Executes a template with variables of its own.
    pub(super) fn run(&mut self, template: &Template, dot: &Operand) -> Result<(), Fault> {
        let (frame, start) = (self.frame, self.variables.len());
        self.frame = start;
        // `$` is the first of all variable names.
        self.variables.push(Variable { name: 0, value: dot.clone() });
        if let Some(tracing) = &mut self.tracing {
            tracing.set_variable(start, tracing.dot.clone());
        }
        let result = go::deep(|| self.list(template, dot, template.tree.root));
        self.variables.truncate(start);
        self.frame = frame;
        result.map(|_| ())
    }

    /// The work of `include`: the output of a named template as a string.
    pub(crate) fn execute_named(&mut self, name: &Str, data: &Value) -> Result<Str, FunctionError> {
        let name = name.to_lossy();
        self.capture(|executor| executor.run_named(&name, data))
    }

    fn capture(&mut self, run: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<Str, FunctionError> {
        let start = self.out.len();
        if let Some(tracing) = &mut self.tracing {
            tracing.begin_capture();
        }
        let result = run(self);
        let text = result.map(|()| Str::from_bytes(&self.out[start..]));
        if let Some(tracing) = &mut self.tracing {
            tracing.end_capture(start, text.is_ok().then_some(&self.out[start..]));
        }
        self.out.truncate(start);
        text.map_err(FunctionError::from)
    }

    /// The work of `tpl`.
    pub(crate) fn execute_text(&mut self, name: &str, text: &Str, data: &Value) -> Result<Str, TextError> {
        if memchr::memmem::find(text, b"{{").is_none() {
            return Ok(text.clone());
        }
        self.allocate(text.len()).map_err(|reached| TextError::Execute(reached.into()))?;
        let trees = self.parse_text(name, text).map_err(TextError::Parse)?;
        let mut layer = HashMap::with_capacity(trees.len());
        let mut own = None;
        for tree in trees.iter() {
            let template = Template { tree: tree.clone() };
            if &*tree.name == name {
                own = Some(template.clone());
            } else if tree.empty && self.find(&tree.name).is_some() {
                // A blank definition replaces nothing.
                continue;
            }
            layer.insert(Arc::clone(&tree.name), template);
        }
        let Some(own) = own else { return Ok(Str::empty()) };
        self.layers.push(Layer(layer));
        let result = self.capture(|executor| executor.run_fresh(&own, data));
        self.layers.pop();
        result.map_err(TextError::Execute)
    }

    fn parse_text(&mut self, name: &str, text: &Str) -> Result<Arc<[Tree]>, FunctionError> {
        if let Some(trees) = self.parsed.get(text) {
            // The same text is the same templates, but under its name only.
            if trees.first().is_some_and(|tree| &*tree.source.name == name) {
                return Ok(Arc::clone(trees));
            }
        }
        let trees = match self.set.texts().get(name, text) {
            Some(trees) => trees,
            None => {
                let trees: Arc<[Tree]> = parse::parse(name, text, self.functions)?.into();
                self.set.texts().insert(text, &trees);
                trees
            }
        };
        if self.parsed.len() < MAX_PARSED {
            self.parsed.insert(text.clone(), Arc::clone(&trees));
        }
        Ok(trees)
    }
}
