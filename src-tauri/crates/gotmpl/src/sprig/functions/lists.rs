//! Lists of any element type.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{ANY, ANY_NUMBER, INT, ONE, TWO, nil_dereference};
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Args, Body, FunctionResult, Functions, Signature};
use crate::sprig::casts::to_int;
use crate::sprig::structure::contains;
use crate::value::{List, Number, Str, Value, types};

const ONE_AND_MORE: Signature = Signature::variadic(&[ANY, ANY]);

pub(super) fn register(functions: &mut Functions) {
    for name in ["list", "tuple"] {
        functions.add(name, ANY_NUMBER, |_, args| Ok(List::new(args.all().to_vec()).into()));
    }
    let both: [(&str, &str, Signature, Body); 13] = [
        ("append", "mustAppend", TWO, |call, args| push(call, args)),
        ("push", "mustPush", TWO, |call, args| push(call, args)),
        ("prepend", "mustPrepend", TWO, |call, args| {
            let items = elements(args.any(0), "Cannot prepend on type")?;
            call.charge(items.len() as u64)?;
            Ok(std::iter::once(args.any(1)).chain(&*items).cloned().collect::<List>().into())
        }),
        ("chunk", "mustChunk", Signature::fixed(&[INT, ANY]), chunk),
        ("first", "mustFirst", ONE, |_, args| {
            Ok(elements(args.any(0), "Cannot find first on type")?.first().cloned().unwrap_or_default())
        }),
        ("last", "mustLast", ONE, |_, args| {
            Ok(elements(args.any(0), "Cannot find last on type")?.last().cloned().unwrap_or_default())
        }),
        ("rest", "mustRest", ONE, |_, args| {
            Ok(some_of(elements(args.any(0), "Cannot find rest on type")?.get(1..)))
        }),
        ("initial", "mustInitial", ONE, |_, args| {
            let items = elements(args.any(0), "Cannot find initial on type")?;
            Ok(some_of(items.split_last().map(|(_, initial)| initial)))
        }),
        ("reverse", "mustReverse", ONE, |call, args| {
            let items = elements(args.any(0), "Cannot find reverse on type")?;
            call.charge(items.len() as u64)?;
            Ok(items.iter().rev().cloned().collect::<List>().into())
        }),
        ("compact", "mustCompact", ONE, |call, args| {
            let items = elements(args.any(0), "Cannot compact on type")?;
            call.charge(items.len() as u64)?;
            Ok(items.iter().filter(|item| item.is_true()).cloned().collect::<List>().into())
        }),
        ("uniq", "mustUniq", ONE, unique),
        ("without", "mustWithout", ONE_AND_MORE, |call, args| {
            let items = elements(args.any(0), "Cannot find without on type")?;
            let omitted = args.rest(1);
            call.charge(items.len() as u64 * (omitted.len() as u64 + 1))?;
            let mut kept = Vec::new();
            for item in &*items {
                if !contains(call, omitted, item)? {
                    kept.push(item.clone());
                }
            }
            Ok(List::new(kept).into())
        }),
        ("slice", "mustSlice", ONE_AND_MORE, slice),
    ];
    for (name, must, signature, body) in both {
        functions.add(name, signature, body);
        functions.add(must, signature, body);
    }
    for name in ["has", "mustHas"] {
        functions.add(name, TWO, |call, args| {
            if matches!(args.any(1), Value::Nil) {
                return Ok(Value::Bool(false));
            }
            let items = elements(args.any(1), "Cannot find has on type")?;
            call.charge(items.len() as u64)?;
            Ok(Value::Bool(contains(call, &items, args.any(0))?))
        });
    }
    functions.add("concat", ANY_NUMBER, concat);
}

/// The elements of a slice; an error with the kind of any other value, and Go's panic for nil.
fn elements<'a>(value: &'a Value, complaint: &str) -> Result<Cow<'a, [Value]>, FunctionError> {
    match value {
        Value::List(list) => Ok(Cow::Borrowed(list)),
        Value::Bytes(bytes) => {
            Ok(Cow::Owned(bytes.iter().map(|byte| Value::Number(Number::Uint8(*byte))).collect()))
        }
        Value::Nil => Err(nil_dereference()),
        other => Err(FunctionError::new(format!("{complaint} {}", other.kind()))),
    }
}

/// A list of these elements; a nil slice where there is no such part.
fn some_of(items: Option<&[Value]>) -> Value {
    items.map_or_else(|| List::nil(types::LIST), |items| List::new(items.to_vec())).into()
}

fn push(call: &mut Call<'_, '_>, args: Args<'_>) -> FunctionResult {
    let items = elements(args.any(0), "Cannot push on type")?;
    call.charge(items.len() as u64)?;
    let mut extended = Vec::with_capacity(items.len() + 1);
    extended.extend_from_slice(&items);
    extended.push(args.any(1).clone());
    // Go's append doubles what it copies.
    Ok(List::with_capacity(types::LIST, extended, items.len() * 2).into())
}

fn chunk(call: &mut Call<'_, '_>, args: Args<'_>) -> FunctionResult {
    let items = elements(args.any(1), "Cannot chunk type")?;
    call.charge(items.len() as u64)?;
    let size = args.int(0);
    // The number of chunks as upstream computes it, which for sizes below 1 is odd.
    let count = ((items.len() as f64 - 1.0) / size as f64).floor() + 1.0;
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        // A count of NaN becomes the least integer; one chunk or more would have a negative size.
        if (0.0..1.0).contains(&count) {
            return Ok(List::of(types::LISTS, Vec::new()).into());
        }
        return Err(FunctionError::panic("runtime error: makeslice: len out of range"));
    };
    let chunks = items.chunks(size).map(|chunk| Value::List(List::new(chunk.to_vec()))).collect();
    Ok(List::of(types::LISTS, chunks).into())
}

fn unique(call: &mut Call<'_, '_>, args: Args<'_>) -> FunctionResult {
    let items = elements(args.any(0), "Cannot find uniq on type")?;
    let mut texts: HashSet<&Str> = HashSet::new();
    let mut others: Vec<Value> = Vec::new();
    let mut kept = Vec::new();
    for item in &*items {
        let new = match item {
            Value::String(text) => texts.insert(text),
            item => {
                call.charge(others.len() as u64 + 1)?;
                let new = !contains(call, &others, item)?;
                if new {
                    others.push(item.clone());
                }
                new
            }
        };
        if new {
            kept.push(item.clone());
        }
    }
    Ok(List::new(kept).into())
}

fn slice(_: &mut Call<'_, '_>, args: Args<'_>) -> FunctionResult {
    let value = args.any(0);
    let length = elements(value, "list should be type of slice or array but")?.len();
    if length == 0 {
        return Ok(Value::Nil);
    }
    let capacity = value.as_list().map_or(length, List::capacity);
    let index = |position: usize, missing: usize| match args.rest(1).get(position) {
        Some(index) => usize::try_from(to_int(index)).ok(),
        None => Some(missing),
    };
    let (Some(start), Some(end)) = (index(0, 0), index(1, length)) else { return Err(out_of_bounds()) };
    if start > end || end > capacity {
        return Err(out_of_bounds());
    }
    Ok(match value {
        Value::List(list) => list.slice(start, end, capacity).into(),
        Value::Bytes(bytes) => Value::Bytes(Str::from_bytes(&bytes[start..end])),
        _ => Value::Nil,
    })
}

fn out_of_bounds() -> FunctionError {
    FunctionError::panic("reflect.Value.Slice: slice index out of bounds")
}

fn concat(call: &mut Call<'_, '_>, args: Args<'_>) -> FunctionResult {
    let mut all: Vec<Value> = Vec::new();
    for list in args.all() {
        let items = match list {
            Value::List(_) | Value::Bytes(_) | Value::Nil => elements(list, "")?,
            other => {
                return Err(FunctionError::panic(format!("Cannot concat type {} as list", other.kind())));
            }
        };
        call.charge(items.len() as u64)?;
        all.extend_from_slice(&items);
    }
    Ok(if all.is_empty() { List::nil(types::LIST) } else { List::new(all) }.into())
}
