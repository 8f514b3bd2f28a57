//! Go's `text/template` language, run as Go 1.26 runs it: the same output, the same error texts at the same places.
//!
//! It knows the language, the values a template sees with their Go types, Go's formatted printing, and (in [`sprig`])
//! the sprig functions. It knows nothing of Helm or YAML: `include`, `tpl`, `toYaml` and the like are functions that
//! the caller adds to a [`Functions`] table; what they need of the running template is on [`Call`]. It reads no file,
//! clock or environment; whoever executes a template passes the data, the limits and a flag to stop.
//!
//! Start reading at [`TemplateSet`] (parse), [`execute`] (run) and [`Value`] (data); whoever writes functions reads
//! [`Function`], [`Args`] and [`Call`]. A parsed template is `Send + Sync` and shared by `Arc`; values are counted
//! without atomics and stay on the thread of one execution.

mod builtin;
mod call;
pub mod conformance;
mod error;
mod execute;
pub mod format;
mod function;
pub mod go;
mod options;
mod parse;
mod set;
pub mod sprig;
pub mod trace;
mod value;

pub use call::{Call, Place, TextError};
pub use error::{ExecError, Failure, FunctionError, LimitReached, ParseError};
pub use execute::execute;
pub use function::{Args, Body, Function, FunctionResult, Functions, Method, Signature, Transparent};
pub use options::{Limits, MissingKey, Options};
pub use set::{Template, TemplateSet};
pub use value::{
    Kind, List, Map, Number, Numbers, Object, Source, Str, StructField, Type, Value, from_json, to_json,
    types,
};
