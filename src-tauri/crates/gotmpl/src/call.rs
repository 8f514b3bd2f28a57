//! What a function sees of the execution that called it.

use std::any::Any;

use crate::error::FunctionError;
use crate::execute::Executor;
use crate::options::MissingKey;
use crate::parse::NodeId;
use crate::set::Template;
use crate::value::{Str, Value};

/// Access of a function body to the running execution: the templates, the host's data, the limits.
pub struct Call<'run, 'set> {
    executor: &'run mut Executor<'set>,
    /// The template and the node of the call, where it stands in a template.
    site: Option<(&'run Template, NodeId)>,
}

/// Where a call stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The text that it stands in.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 0.
    pub column: usize,
}

impl<'run, 'set> Call<'run, 'set> {
    pub(crate) fn new(executor: &'run mut Executor<'set>) -> Call<'run, 'set> {
        Call { executor, site: None }
    }

    pub(crate) fn at(
        executor: &'run mut Executor<'set>,
        template: &'run Template,
        id: NodeId,
    ) -> Call<'run, 'set> {
        Call { executor, site: Some((template, id)) }
    }

    /// Where the call stands; `None` where a function or the host makes it. Finding the line takes a look at the text
    /// before it.
    pub fn place(&self) -> Option<Place> {
        let (template, id) = self.site?;
        let source = &template.tree.source;
        let (line, column) = source.place(id);
        Some(Place { file: source.name.to_string(), line, column })
    }

    /// The host data of [`Options::host`](crate::Options::host), where it is a `T`.
    pub fn host<T: Any>(&self) -> Option<&'set T> {
        self.executor.host()?.downcast_ref()
    }

    /// The option `missingkey` of the execution.
    pub fn missing_key(&self) -> MissingKey {
        self.executor.missing_key()
    }

    /// Executes a named template and returns what it prints (Go's `ExecuteTemplate`): the work of `include`. The error
    /// is the inner one, whole, or `template: no template "x" associated with template "SET"`.
    ///
    /// # Errors
    ///
    /// What the execution of the template reports; `FunctionError::inner` has it in parts.
    pub fn execute_template(&mut self, name: &Str, data: &Value) -> Result<Str, FunctionError> {
        self.executor.execute_named(name, data)
    }

    /// Parses a text under a name on top of the current definitions and executes it: the work of `tpl`. Templates that
    /// the text defines are seen while it runs, by `include` and `template` everywhere, and are gone afterwards.
    ///
    /// # Errors
    ///
    /// [`TextError::Parse`] where it does not parse (nothing has run), [`TextError::Execute`] where running it failed;
    /// callers add their own prefix with [`FunctionError::context`].
    pub fn execute_text(&mut self, name: &str, text: &Str, data: &Value) -> Result<Str, TextError> {
        self.executor.execute_text(name, text, data)
    }

    /// The name of the template set (Helm's is `gotpl`).
    pub fn set_name(&self) -> &str {
        self.executor.set_name()
    }

    /// Calls a function value, as a function that takes one has to.
    ///
    /// # Errors
    ///
    /// What the function returns, or Go's text where the arguments do not fit.
    pub fn call_value(
        &mut self,
        name: &str,
        function: &Value,
        arguments: &[Value],
    ) -> Result<Value, FunctionError> {
        crate::builtin::call_value(self.executor, name, function, arguments)
    }

    /// Accounts for work: about one unit for an element looked at. Loops over data that a template can make
    /// large call it once per round or once for all.
    ///
    /// # Errors
    ///
    /// Where the fuel is used up or the execution was cancelled.
    pub fn charge(&mut self, units: u64) -> Result<(), FunctionError> {
        self.executor.charge(units).map_err(FunctionError::from)
    }

    pub(crate) fn take_scratch(&mut self) -> Vec<u8> {
        self.executor.take_scratch()
    }

    pub(crate) fn give_scratch(&mut self, scratch: Vec<u8>) {
        self.executor.give_scratch(scratch);
    }

    /// The most bytes that one text may have.
    pub fn size_limit(&self) -> usize {
        self.executor.size_limit()
    }

    /// Checks, before a text or list of so many bytes is made, that it may be made, and charges for it.
    ///
    /// # Errors
    ///
    /// Where it is larger than [`Limits::size`](crate::Limits::size), or the fuel is used up.
    pub fn allocate(&mut self, bytes: usize) -> Result<(), FunctionError> {
        self.executor.allocate(bytes).map_err(FunctionError::from)
    }
}

/// Why [`Call::execute_text`] failed.
#[derive(Debug)]
pub enum TextError {
    /// The text does not parse; Go's text of the parse error.
    Parse(FunctionError),
    /// Executing it failed.
    Execute(FunctionError),
}
