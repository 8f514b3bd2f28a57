//! The functions by family: signatures, and how arguments reach the code that does the work.

mod crypto;
pub(super) mod dates;
mod defaults;
mod dicts;
mod encodings;
mod lists;
mod math;
mod paths;
mod patterns;
mod random;
mod reflection;
mod strings;
mod urls;
pub(super) mod versions;

use super::environment::Lookup;
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Functions, Signature};
use crate::value::{Str, Type, Value, types};

pub(super) fn register(functions: &mut Functions, lookup: Lookup) {
    strings::register(functions);
    lists::register(functions);
    dicts::register(functions);
    math::register(functions);
    defaults::register(functions);
    reflection::register(functions);
    paths::register(functions);
    patterns::register(functions);
    encodings::register(functions);
    versions::register(functions);
    urls::register(functions);
    dates::register(functions, lookup);
    random::register(functions, lookup);
    crypto::register(functions, lookup);
}

/// Parameter types, by one letter each in the tables of the families.
const ANY: &Type = types::INTERFACE;
const STRING: &Type = types::STRING;
const INT: &Type = types::INT;
const MAP: &Type = types::MAP;
const LIST: &Type = types::LIST;

const NO_ARGUMENTS: Signature = Signature::fixed(&[]);
const ONE: Signature = Signature::fixed(&[ANY]);
const TWO: Signature = Signature::fixed(&[ANY, ANY]);
const ANY_NUMBER: Signature = Signature::variadic(&[ANY]);
const ONE_STRING: Signature = Signature::fixed(&[STRING]);
const TWO_STRINGS: Signature = Signature::fixed(&[STRING, STRING]);
const THREE_STRINGS: Signature = Signature::fixed(&[STRING, STRING, STRING]);

/// A text that is written into a buffer which the calls of an execution share, and copied out once.
fn written(call: &mut Call<'_, '_>, write: impl FnOnce(&mut Vec<u8>)) -> Value {
    let mut buffer = call.take_scratch();
    write(&mut buffer);
    let text = Str::from_bytes(&buffer);
    call.give_scratch(buffer);
    Value::String(text)
}

/// What sprig's `strval` gives: a string as it is, bytes as text, everything else as it prints.
fn text_of(value: &Value) -> Str {
    match value {
        Value::String(text) | Value::Bytes(text) => text.clone(),
        other => other.to_text(),
    }
}

/// Go's panic on the type of an untyped nil.
fn nil_dereference() -> FunctionError {
    FunctionError::panic("runtime error: invalid memory address or nil pointer dereference")
}
