//! Functions and methods that templates call: their names, Go signatures and bodies.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::call::Call;
use crate::error::FunctionError;
use crate::value::{List, Map, Str, Type, Value, types};

/// What the body of a function returns.
pub type FunctionResult = Result<Value, FunctionError>;

/// The parameters of a Go function. The evaluator checks number and types of the arguments against it and reports
/// mismatches in Go's words, so that a body sees only what its signature promises.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    parameters: &'static [&'static Type],
    variadic: bool,
}

impl Signature {
    /// As many arguments as parameters: `Signature::fixed(&[types::STRING, types::INTERFACE])`.
    pub const fn fixed(parameters: &'static [&'static Type]) -> Signature {
        Signature { parameters, variadic: false }
    }

    /// The last parameter may be given any number of times, none included: `func(sep string, v ...interface{})` is
    /// `Signature::variadic(&[types::STRING, types::INTERFACE])`.
    pub const fn variadic(parameters: &'static [&'static Type]) -> Signature {
        Signature { parameters, variadic: true }
    }

    pub(crate) fn is_variadic(&self) -> bool {
        self.variadic
    }

    /// The parameters; of a variadic function without the repeated one.
    pub(crate) fn fixed_count(&self) -> usize {
        self.parameters.len() - usize::from(self.variadic)
    }

    /// The type wanted at a position.
    pub(crate) fn parameter(&self, index: usize) -> &'static Type {
        self.parameters.get(index).or(self.parameters.last()).copied().unwrap_or(types::INTERFACE)
    }
}

/// The arguments of a call, already checked against the signature. A typed accessor asked for another type than the
/// signature promises gives that type's zero value.
#[derive(Clone, Copy)]
pub struct Args<'a>(&'a [Value]);

impl<'a> Args<'a> {
    /// For calling a body directly, as tests do.
    pub fn new(values: &'a [Value]) -> Args<'a> {
        Args(values)
    }

    /// All arguments.
    pub fn all(self) -> &'a [Value] {
        self.0
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The argument at a position; an untyped nil beyond the end.
    pub fn any(self, index: usize) -> &'a Value {
        self.0.get(index).unwrap_or(&Value::Nil)
    }

    /// The arguments from a position on: the variadic ones.
    pub fn rest(self, from: usize) -> &'a [Value] {
        self.0.get(from..).unwrap_or_default()
    }

    /// A `string` argument.
    pub fn string(self, index: usize) -> &'a Str {
        const NO_TEXT: &Str = &Str::empty();
        self.0.get(index).and_then(Value::as_string).unwrap_or(NO_TEXT)
    }

    /// An `int` or `int64` argument.
    pub fn int(self, index: usize) -> i64 {
        match self.0.get(index) {
            Some(Value::Int(n) | Value::Int64(n)) => *n,
            Some(Value::Number(number)) => number.as_i64().unwrap_or(0),
            _ => 0,
        }
    }

    /// A `float64` argument.
    pub fn float(self, index: usize) -> f64 {
        match self.0.get(index) {
            Some(Value::Float(n)) => *n,
            _ => 0.0,
        }
    }

    /// A `bool` argument.
    pub fn bool(self, index: usize) -> bool {
        matches!(self.0.get(index), Some(Value::Bool(true)))
    }

    /// A map argument (`types::MAP`); a nil map where an untyped nil was passed.
    pub fn map(self, index: usize) -> Map {
        self.0.get(index).and_then(Value::as_map).cloned().unwrap_or_else(|| Map::nil(types::MAP))
    }

    /// A slice argument; a nil slice where an untyped nil was passed.
    pub fn list(self, index: usize) -> List {
        self.0.get(index).and_then(Value::as_list).cloned().unwrap_or_else(|| List::nil(types::LIST))
    }
}

/// A method of a type with methods ([`Type::named_map`] and the others): the body gets the receiver first.
#[derive(Debug)]
pub struct Method {
    /// The Go name.
    pub name: &'static str,
    /// The parameters, without the receiver.
    pub signature: Signature,
    /// What it does; it may downcast the receiver ([`Object`](crate::Object)).
    pub body: fn(&mut Call<'_, '_>, &Value, Args<'_>) -> FunctionResult,
}

/// The body of a function that needs nothing of its own.
pub type Body = fn(&mut Call<'_, '_>, Args<'_>) -> FunctionResult;

type SharedBody = Arc<dyn Fn(&mut Call<'_, '_>, Args<'_>) -> FunctionResult + Send + Sync>;

#[derive(Clone)]
pub(crate) enum Code {
    Builtin(crate::builtin::Builtin),
    Body(Body),
    Shared(SharedBody),
}

/// A function that templates can call.
#[derive(Clone)]
pub struct Function {
    pub(crate) name: Arc<str>,
    pub(crate) signature: Signature,
    pub(crate) code: Code,
    pub(crate) transparent: Transparent,
}

/// Whether what a function prints still counts as coming from one of its arguments, for [`trace`](crate::trace).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transparent {
    /// The result is computed; nothing is traced through it.
    #[default]
    No,
    /// The result is the last argument in another notation: `quote`, `indent`, `toYaml`, `int`.
    LastArgument,
    /// The result is the last argument, or where that is empty the first: `default`.
    Default,
    /// The result is the first argument that is true: `coalesce`, `or`.
    FirstTrue,
    /// The result is an element of the first argument, by the keys and indexes that follow: `get`, `index`.
    Index,
    /// The result is a map of the arguments, which are keys and values in turn: `dict`.
    Dict,
    /// The result is what a template prints whose data is the last argument: `include`, `tpl`. Its own actions are traced.
    Template,
}

impl Function {
    /// A function with a plain body.
    pub fn new(name: &str, signature: Signature, body: Body) -> Function {
        Function { name: name.into(), signature, code: Code::Body(body), transparent: Transparent::No }
    }

    /// A function whose body owns something. What changes during an execution belongs into the host data
    /// ([`Call::host`]), as tables of functions are shared by threads.
    pub fn shared(
        name: &str,
        signature: Signature,
        body: impl Fn(&mut Call<'_, '_>, Args<'_>) -> FunctionResult + Send + Sync + 'static,
    ) -> Function {
        Function {
            name: name.into(),
            signature,
            code: Code::Shared(Arc::new(body)),
            transparent: Transparent::No,
        }
    }

    /// Marks what a trace may look through.
    #[must_use = "the marked function is returned"]
    pub fn transparent(mut self, transparent: Transparent) -> Function {
        self.transparent = transparent;
        self
    }

    /// The name it is called by.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn run(&self, call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
        match &self.code {
            Code::Body(body) => body(call, arguments),
            Code::Shared(body) => body(call, arguments),
            Code::Builtin(builtin) => crate::builtin::run(*builtin, call, arguments.all()),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.name)
    }
}

/// The functions a set of templates may call, by name. [`Functions::builtin`] has those of Go; others are added to it,
/// and one added under the name of another replaces it. It is finished before the first template is parsed.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    list: Vec<Function>,
    index: HashMap<Arc<str>, u32>,
}

impl Functions {
    /// Go's own functions: `and`, `call`, `eq`, `html`, `index`, `printf` and so on.
    pub fn builtin() -> Functions {
        let mut functions = Functions::default();
        crate::builtin::register(&mut functions);
        functions
    }

    /// Adds a function, or replaces the one of that name.
    pub fn insert(&mut self, function: Function) {
        match self.index.get(&function.name) {
            Some(&index) => self.list[index as usize] = function,
            None => {
                // A table of four thousand million functions does not fit into memory.
                let index = self.list.len() as u32;
                self.index.insert(Arc::clone(&function.name), index);
                self.list.push(function);
            }
        }
    }

    /// Adds a function with a plain body: `functions.add("trim", Signature::fixed(&[types::STRING]), trim)`.
    pub fn add(&mut self, name: &str, signature: Signature, body: Body) {
        self.insert(Function::new(name, signature, body));
    }

    /// Removes functions: a template that names one does not parse (`function "env" not defined`).
    pub fn remove(&mut self, name: &str) {
        self.index.remove(name);
    }

    /// Marks what a trace may look through, for functions that are already there.
    pub fn mark(&mut self, name: &str, transparent: Transparent) {
        if let Some(&index) = self.index.get(name) {
            self.list[index as usize].transparent = transparent;
        }
    }

    /// The function of that name.
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.index.get(name).map(|&index| &self.list[index as usize])
    }

    pub(crate) fn index_of(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    pub(crate) fn at(&self, index: u32) -> &Function {
        &self.list[index as usize]
    }

    /// The names, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.index.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_function_replaces_an_earlier_of_that_name() {
        let mut functions = Functions::builtin();
        let before = functions.names().len();
        functions
            .add("slice", Signature::fixed(&[types::INTERFACE]), |_, arguments| Ok(arguments.any(0).clone()));
        assert_eq!(functions.names().len(), before);
        functions.remove("slice");
        assert!(functions.get("slice").is_none());
    }
}
