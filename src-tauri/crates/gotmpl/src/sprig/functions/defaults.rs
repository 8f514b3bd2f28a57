//! Defaults, emptiness, choices, failing.

use super::{ANY, ANY_NUMBER, ONE, ONE_STRING};
use crate::error::FunctionError;
use crate::function::{Functions, Signature};
use crate::value::{Value, types};

/// Whether sprig counts a value as not set. A pointer counts by whether it is nil, a struct never does.
fn is_empty(value: &Value) -> bool {
    !value.is_true()
}

pub(super) fn register(functions: &mut Functions) {
    functions.add("default", Signature::variadic(&[ANY, ANY]), |_, args| {
        let given = args.rest(1).first().filter(|given| !is_empty(given));
        Ok(given.unwrap_or(args.any(0)).clone())
    });
    functions.add("empty", ONE, |_, args| Ok(Value::Bool(is_empty(args.any(0)))));
    functions.add("coalesce", ANY_NUMBER, |_, args| {
        Ok(args.all().iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
    });
    functions.add("all", ANY_NUMBER, |_, args| Ok(Value::Bool(!args.all().iter().any(is_empty))));
    functions.add("any", ANY_NUMBER, |_, args| Ok(Value::Bool(!args.all().iter().all(is_empty))));
    functions.add("ternary", Signature::fixed(&[ANY, ANY, types::BOOL]), |_, args| {
        Ok(args.any(usize::from(!args.bool(2))).clone())
    });
    functions.add("fail", ONE_STRING, |_, args| Err(FunctionError::new(args.string(0).to_lossy())));
}
