//! Execution: walks the nodes of a template and writes what they print into one buffer.

mod call;
mod chain;
mod evaluate;
mod operand;
mod range;
mod run;
mod simple;
#[cfg(test)]
mod tests;
mod tracing;
mod walk;

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) use operand::Operand;

use crate::error::{ExecError, Failure, LimitReached};
use crate::function::Functions;
use crate::go;
use crate::options::{MissingKey, Options};
use crate::parse::{NodeId, Tree};
use crate::set::{Template, TemplateSet};
use crate::trace::Tracing;
use crate::value::{Str, Value};

pub(crate) type Fault = Box<ExecError>;

/// What an evaluation gives. How Go sees the value is beside it, in [`Executor::interface`].
type Evaluated = Result<Value, Fault>;

/// Where something is evaluated.
#[derive(Clone, Copy)]
struct Site<'t> {
    template: &'t Template,
    dot: &'t Operand,
}

impl<'t> Site<'t> {
    #[inline]
    fn node(self, id: NodeId) -> &'t crate::parse::Node {
        self.template.node(id)
    }
}

/// Executes a template of a set with the data as dot and returns what it prints.
///
/// # Errors
///
/// The first error, with what had been printed before it.
///
/// ```
/// use std::sync::Arc;
/// use slipway_gotmpl::{Functions, Map, Options, TemplateSet, Value, execute};
///
/// let mut set = TemplateSet::new("pages", Arc::new(Functions::builtin()));
/// set.parse("hello", b"Hello, {{ .name | printf \"%q\" }}!").unwrap();
/// let data = Value::Map(Map::from_iter([("name", "world")]));
/// assert_eq!(execute(&set, "hello", &data, &Options::default()).unwrap(), b"Hello, \"world\"!");
/// ```
pub fn execute<'a>(
    set: &'a TemplateSet,
    name: &str,
    data: &Value,
    options: &Options<'a>,
) -> Result<Vec<u8>, Failure> {
    let mut executor = Executor::new(set, options);
    let result = executor.run_named(name, data);
    executor.finish();
    match result {
        Ok(()) => Ok(executor.out),
        Err(error) => Err(Failure { error, partial: executor.out }),
    }
}

/// A variable on the stack: the index of its name and what it holds.
struct Variable {
    name: u32,
    value: Operand,
}

/// How a walk goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// Templates that a text executed on top of the set has defined.
struct Layer(HashMap<Arc<str>, Template>);

/// One execution.
pub(crate) struct Executor<'set> {
    set: &'set TemplateSet,
    functions: &'set Functions,
    options: Options<'set>,
    layers: Vec<Layer>,
    /// Texts parsed by `execute_text`; charts call `tpl` with the same few again and again.
    parsed: HashMap<Str, Arc<[Tree]>>,
    out: Vec<u8>,
    /// Variables of all templates that are executing; those of the current one begin at `frame`.
    variables: Vec<Variable>,
    frame: usize,
    /// The node that an error would be reported at.
    at: NodeId,
    /// Templates within templates since the last `execute_template`.
    depth: usize,
    /// Executions within functions within executions.
    nested: usize,
    /// Steps until the next look at fuel and cancellation.
    slice: u64,
    fuel: u64,
    /// Whether Go sees the value that was evaluated last through an `interface {}`. Kept here and not with each value, so
    /// that values are returned without being copied together.
    interface: bool,
    /// Vectors of arguments and a text that are used again.
    spare: Vec<Vec<Value>>,
    scratch: Vec<u8>,
    pub(crate) tracing: Option<Tracing<'set>>,
}

/// Steps between two looks at the flag to stop.
const SLICE: u64 = 1 << 12;

/// `include` within `include`, of whatever names; Helm's own limit is 1,000 for each name. Each level repeats the error
/// text of those below it.
const MAX_NESTED: usize = 5_000;

impl<'set> Executor<'set> {
    pub(crate) fn new(set: &'set TemplateSet, options: &Options<'set>) -> Executor<'set> {
        let fuel = options.fuel.map_or(options.limits.fuel, std::cell::Cell::get);
        Executor {
            set,
            functions: set.functions(),
            options: *options,
            layers: Vec::new(),
            parsed: HashMap::new(),
            out: Vec::with_capacity(4 << 10),
            variables: Vec::with_capacity(32),
            frame: 0,
            at: 0,
            depth: 0,
            nested: 0,
            slice: 0,
            fuel,
            interface: false,
            spare: Vec::new(),
            scratch: Vec::new(),
            tracing: options.tracer.map(Tracing::new),
        }
    }

    fn finish(&mut self) {
        if let Some(fuel) = self.options.fuel {
            fuel.set(self.fuel + self.slice);
        }
    }

    pub(crate) fn host(&self) -> Option<&'set dyn Any> {
        self.options.host
    }

    pub(crate) fn missing_key(&self) -> MissingKey {
        self.options.missing_key
    }

    pub(crate) fn set_name(&self) -> &str {
        self.set.name()
    }

    /// Accounts for work.
    #[inline]
    pub(crate) fn charge(&mut self, units: u64) -> Result<(), Reached> {
        if units <= self.slice {
            self.slice -= units;
            return Ok(());
        }
        self.refill(units)
    }

    #[cold]
    fn refill(&mut self, units: u64) -> Result<(), Reached> {
        if self.options.cancelled.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Reached(LimitReached::Cancelled, "cancelled".into()));
        }
        let available = self.fuel.saturating_add(self.slice);
        let Some(left) = available.checked_sub(units) else {
            (self.fuel, self.slice) = (0, 0);
            return Err(Reached(
                LimitReached::Fuel,
                "the template takes too many steps; look for a loop over a very large range".into(),
            ));
        };
        self.slice = left.min(SLICE);
        self.fuel = left - self.slice;
        Ok(())
    }

    /// Checks that a text of so many bytes may be made.
    pub(crate) fn allocate(&mut self, bytes: usize) -> Result<(), Reached> {
        if bytes > self.options.limits.size {
            return Err(self.too_large(bytes));
        }
        self.charge(bytes as u64 / 4 + 1)
    }

    #[cold]
    fn too_large(&self, bytes: usize) -> Reached {
        let limit = self.options.limits.size;
        Reached(LimitReached::Size, format!("{bytes} bytes of text are more than the limit of {limit}"))
    }

    pub(crate) fn size_limit(&self) -> usize {
        self.options.limits.size
    }

    /// A buffer for a text that is made and copied; it is given back.
    pub(crate) fn take_scratch(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.scratch)
    }

    pub(crate) fn give_scratch(&mut self, mut scratch: Vec<u8>) {
        // One huge text is no reason to keep its room.
        if scratch.capacity() <= 1 << 16 {
            scratch.clear();
            self.scratch = scratch;
        }
    }

    fn check_size(&self) -> Result<(), Reached> {
        if self.out.len() > self.options.limits.size {
            return Err(self.too_large(self.out.len()));
        }
        Ok(())
    }

    /// The error of the current node.
    #[cold]
    fn error(&self, template: &Template, message: impl Into<String>) -> Fault {
        self.full_error(template, message.into(), None, None)
    }

    #[cold]
    fn limit_error(&self, template: &Template, reached: Reached) -> Fault {
        self.full_error(template, reached.1, None, Some(reached.0))
    }

    #[cold]
    fn full_error(
        &self,
        template: &Template,
        message: String,
        inner: Option<Fault>,
        limit: Option<LimitReached>,
    ) -> Fault {
        let tree = &template.tree;
        let (line, column) = tree.source.place(self.at);
        let context = tree.source.print(self.at);
        let quoted = go::quote(tree.name.as_bytes());
        let file = Arc::clone(&tree.source.name);
        let text = format!("template: {file}:{line}:{column}: executing {quoted} at <{context}>: {message}");
        Box::new(ExecError {
            file,
            template: Arc::clone(&tree.name),
            line,
            column,
            context,
            message,
            text,
            located: true,
            // Only the innermost is kept: each has the texts of all below it.
            inner: inner.map(|mut error| error.inner.take().unwrap_or(error)),
            limit,
        })
    }
}

/// A limit and what to say about it.
pub(crate) struct Reached(pub(crate) LimitReached, pub(crate) String);

impl From<Reached> for crate::error::FunctionError {
    fn from(reached: Reached) -> Self {
        crate::error::FunctionError::limit(reached.0, reached.1)
    }
}
