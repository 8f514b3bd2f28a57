//! The sprig functions (v3.3), as Helm exposes them: without `env` and `expandenv`, with a `getHostByName` that resolves
//! nothing.
//!
//! Start reading at the folder `functions`, which has a file per family with signatures and short bodies; what they work with
//! stands beside it and knows little of templates: times, semantic versions, regular expressions, casts, merging,
//! JSON, keys and certificates.
//!
//! Nothing here asks the machine: the time and a seed for what is random come with the [`Environment`] of the render,
//! which also records which of its functions were called. `toJson`, `fromJson` and `mustToJson` are sprig's; Helm puts
//! its own in place of the first two.

mod address;
mod cache;
mod cases;
mod casts;
mod crypto;
mod decimal;
mod encoding;
mod environment;
mod functions;
pub mod json;
mod merge;
mod path;
mod regexp;
pub mod semver;
mod strconv;
mod structure;
#[cfg(test)]
mod tests;
pub mod time;
mod url;
mod words;

pub use environment::{Environment, Lookup, Source, Use};

use crate::function::{Functions, Transparent};

/// Adds the sprig functions to a table, for executions whose host data ([`Options::host`](crate::Options::host)) is an
/// [`Environment`].
pub fn register(functions: &mut Functions) {
    register_with(functions, |call| call.host::<Environment>());
}

/// Adds the sprig functions to a table, for executions whose host data holds an [`Environment`] among other things:
/// `lookup` finds it there.
///
/// ```
/// use slipway_gotmpl::Functions;
/// use slipway_gotmpl::sprig::{Environment, register_with};
///
/// struct Host {
///     environment: Environment,
/// }
///
/// let mut functions = Functions::builtin();
/// register_with(&mut functions, |call| call.host::<Host>().map(|host| &host.environment));
/// assert!(functions.get("genCA").is_some());
/// ```
pub fn register_with(functions: &mut Functions, lookup: Lookup) {
    functions::register(functions, lookup);
    for (names, transparent) in TRANSPARENT {
        for name in names {
            functions.mark(name, transparent);
        }
    }
}

/// The functions whose result still is one of their arguments, for [`trace`](crate::trace).
const TRANSPARENT: [(&[&str], Transparent); 5] = [
    (
        &[
            "quote",
            "squote",
            "toString",
            "int",
            "int64",
            "float64",
            "indent",
            "nindent",
            "trim",
            "b64enc",
            "toJson",
            "mustToJson",
            "toPrettyJson",
            "mustToPrettyJson",
            "toRawJson",
            "mustToRawJson",
            "deepCopy",
            "mustDeepCopy",
        ],
        Transparent::LastArgument,
    ),
    (&["default"], Transparent::Default),
    (&["coalesce"], Transparent::FirstTrue),
    (&["get"], Transparent::Index),
    (&["dict"], Transparent::Dict),
];
