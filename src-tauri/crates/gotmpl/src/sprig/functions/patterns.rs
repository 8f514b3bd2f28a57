//! Regular expressions. Those without `must` panic on a bad pattern, which a template shows as an error too;
//! `regexMatch` alone takes it for one that matches nothing.

use std::rc::Rc;

use super::{INT, ONE_STRING, STRING, THREE_STRINGS, TWO_STRINGS, written};
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Args, FunctionResult, Functions, Signature};
use crate::go;
use crate::sprig::regexp::{PatternError, Regexp, quote_meta};
use crate::value::{List, Str, Value, types};

/// What calls with any pattern, and those with a very large one, are charged with. A pattern that is known is charged
/// like a new one: what an execution is charged must follow from its input alone.
const COMPILE_WORK: u64 = 200;
const LARGE_COMPILE_WORK: u64 = 500_000;

type Compile = fn(&mut Call<'_, '_>, &[u8]) -> Result<Rc<Regexp>, FunctionError>;

fn charged(
    call: &mut Call<'_, '_>,
    pattern: &[u8],
) -> Result<Result<Rc<Regexp>, PatternError>, FunctionError> {
    call.charge(COMPILE_WORK + 4 * pattern.len() as u64)?;
    let compiled = Regexp::compile(pattern);
    let costly = match &compiled {
        Ok(regexp) => regexp.is_costly(),
        Err(error) => error.costly,
    };
    if costly {
        call.charge(LARGE_COMPILE_WORK)?;
    }
    Ok(compiled)
}

/// Go's `regexp.Compile`.
fn compile(call: &mut Call<'_, '_>, pattern: &[u8]) -> Result<Rc<Regexp>, FunctionError> {
    charged(call, pattern)?.map_err(|error| FunctionError::new(error.text))
}

/// Go's `regexp.MustCompile`.
fn must_compile(call: &mut Call<'_, '_>, pattern: &[u8]) -> Result<Rc<Regexp>, FunctionError> {
    charged(call, pattern)?.map_err(|error| {
        let shown = if go::can_backquote(pattern) {
            format!("`{}`", String::from_utf8_lossy(pattern))
        } else {
            go::quote(pattern)
        };
        FunctionError::panic(format!("regexp: Compile({shown}): {}", error.text))
    })
}

pub(super) fn register(functions: &mut Functions) {
    const WITH_COUNT: Signature = Signature::fixed(&[STRING, STRING, INT]);
    functions.add("regexMatch", TWO_STRINGS, |call, args| {
        call.charge(args.string(1).len() as u64 / 4)?;
        Ok(Value::Bool(charged(call, args.string(0))?.is_ok_and(|regexp| regexp.is_match(args.string(1)))))
    });
    functions.add("mustRegexMatch", TWO_STRINGS, |call, args| {
        call.charge(args.string(1).len() as u64 / 4)?;
        Ok(Value::Bool(compile(call, args.string(0))?.is_match(args.string(1))))
    });
    functions.add("regexFind", TWO_STRINGS, |call, args| find(call, args, must_compile));
    functions.add("mustRegexFind", TWO_STRINGS, |call, args| find(call, args, compile));
    functions.add("regexFindAll", WITH_COUNT, |call, args| find_all(call, args, must_compile));
    functions.add("mustRegexFindAll", WITH_COUNT, |call, args| find_all(call, args, compile));
    functions.add("regexReplaceAll", THREE_STRINGS, |call, args| replace(call, args, must_compile, false));
    functions.add("mustRegexReplaceAll", THREE_STRINGS, |call, args| replace(call, args, compile, false));
    functions
        .add("regexReplaceAllLiteral", THREE_STRINGS, |call, args| replace(call, args, must_compile, true));
    functions
        .add("mustRegexReplaceAllLiteral", THREE_STRINGS, |call, args| replace(call, args, compile, true));
    functions.add("regexSplit", WITH_COUNT, |call, args| split(call, args, must_compile));
    functions.add("mustRegexSplit", WITH_COUNT, |call, args| split(call, args, compile));
    functions.add("regexQuoteMeta", ONE_STRING, |_, args| Ok(quote_meta(args.string(0)).into()));
}

fn find(call: &mut Call<'_, '_>, args: Args<'_>, compile: Compile) -> FunctionResult {
    call.charge(args.string(1).len() as u64 / 4)?;
    let regexp = compile(call, args.string(0))?;
    Ok(Str::from_bytes(regexp.find(args.string(1)).unwrap_or_default()).into())
}

fn find_all(call: &mut Call<'_, '_>, args: Args<'_>, compile: Compile) -> FunctionResult {
    let text = args.string(1);
    call.charge(text.len() as u64)?;
    let found = compile(call, args.string(0))?.find_all(text, args.int(2));
    if found.is_empty() {
        return Ok(List::nil(types::STRINGS).into());
    }
    call.allocate(found.len().saturating_mul(size_of::<Value>()))?;
    Ok(List::strings(found.into_iter().map(|(start, end)| &text[start..end])).into())
}

fn replace(call: &mut Call<'_, '_>, args: Args<'_>, compile: Compile, literal: bool) -> FunctionResult {
    let (text, replacement) = (args.string(1), args.string(2));
    let regexp = compile(call, args.string(0))?;
    call.charge(text.len() as u64)?;
    // At most one match per byte and at the end; only a bound that could be exceeded is counted out.
    let bound = (text.len() + 1).saturating_mul(replacement.len());
    if literal || !replacement.contains(&b'$') {
        if bound > 1 << 20 {
            let matches = regexp.find_all(text, -1).len();
            call.allocate(matches.saturating_mul(replacement.len()).saturating_add(text.len()))?;
        }
    } else {
        call.allocate(bound.saturating_add(text.len()))?;
    }
    let output = written(call, |output| regexp.replace_all(text, replacement, literal, output));
    call.charge(output.as_string().map_or(0, |output| output.len() as u64 / 16))?;
    Ok(output)
}

fn split(call: &mut Call<'_, '_>, args: Args<'_>, compile: Compile) -> FunctionResult {
    call.charge(args.string(1).len() as u64)?;
    let regexp = compile(call, args.string(0))?;
    Ok(match regexp.split(args.string(1), args.int(2)) {
        None => List::nil(types::STRINGS),
        Some(pieces) => {
            call.allocate(pieces.len().saturating_mul(size_of::<Value>()))?;
            List::strings(pieces)
        }
    }
    .into())
}
