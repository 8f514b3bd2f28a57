//! Text: trimming, casing, quoting, indenting, splitting, joining.

use std::collections::BTreeMap;

use memchr::memmem::{self, Finder};

use super::{
    ANY, ANY_NUMBER, INT, NO_ARGUMENTS, ONE, ONE_STRING, STRING, THREE_STRINGS, TWO_STRINGS, text_of, written,
};
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Args, FunctionResult, Functions, Signature};
use crate::go;
use crate::sprig::strconv::{NumberFault, parse_int};
use crate::sprig::{cases, words};
use crate::value::{List, Map, Str, Value, types};

const INT_STRING: Signature = Signature::fixed(&[INT, STRING]);
const TWO_INTS_STRING: Signature = Signature::fixed(&[INT, INT, STRING]);

pub(super) fn register(functions: &mut Functions) {
    let add = &mut |name: &str, signature, body| functions.add(name, signature, body);
    add("hello", NO_ARGUMENTS, |_, _| Ok(Value::String(Str::from_static("Hello!"))));
    add("getHostByName", ONE_STRING, |_, _| Ok(Value::String(Str::empty())));

    add("trim", ONE_STRING, |_, args| Ok(part(args.string(0), go::trim_space(args.string(0)))));
    for name in ["trimAll", "trimall"] {
        add(name, TWO_STRINGS, |_, args| Ok(part(args.string(1), trim_set(args.string(1), args.string(0)))));
    }
    add("trimSuffix", TWO_STRINGS, |_, args| {
        let text = args.string(1);
        Ok(part(text, text.strip_suffix(args.string(0).as_bytes()).unwrap_or(text)))
    });
    add("trimPrefix", TWO_STRINGS, |_, args| {
        let text = args.string(1);
        Ok(part(text, text.strip_prefix(args.string(0).as_bytes()).unwrap_or(text)))
    });
    add("nospace", ONE_STRING, |_, args| Ok(changed(args.string(0), words::without_space(args.string(0)))));

    add("upper", ONE_STRING, |_, args| {
        let text = args.string(0);
        Ok(changed(text, words::map_case(text, u8::to_ascii_uppercase, words::to_upper)))
    });
    add("lower", ONE_STRING, |_, args| {
        let text = args.string(0);
        Ok(changed(text, words::map_case(text, u8::to_ascii_lowercase, words::to_lower)))
    });
    add("title", ONE_STRING, |_, args| Ok(words::title(args.string(0)).into()));
    add("untitle", ONE_STRING, |_, args| Ok(words::uncapitalize(args.string(0)).into()));
    add("swapcase", ONE_STRING, |_, args| Ok(words::swap_case(args.string(0)).into()));
    add("snakecase", ONE_STRING, |_, args| Ok(cases::lower_case_joined(args.string(0), '_').into()));
    add("kebabcase", ONE_STRING, |_, args| Ok(cases::lower_case_joined(args.string(0), '-').into()));
    add("camelcase", ONE_STRING, |_, args| Ok(cases::pascal_case(args.string(0)).into()));
    add("initials", ONE_STRING, |_, args| Ok(words::initials(args.string(0)).into()));

    add("trunc", INT_STRING, |_, args| Ok(part(args.string(1), truncated(args.string(1), args.int(0)))));
    add("substr", TWO_INTS_STRING, substring);
    add("abbrev", INT_STRING, |_, args| Ok(abbreviated(0, args.int(0), args.string(1))));
    add("abbrevboth", TWO_INTS_STRING, |_, args| Ok(abbreviated(args.int(0), args.int(1), args.string(2))));
    add("wrap", INT_STRING, |call, args| wrapped(call, args.int(0), b"", args.string(1), false));
    add("wrapWith", Signature::fixed(&[INT, STRING, STRING]), |call, args| {
        wrapped(call, args.int(0), args.string(1), args.string(2), true)
    });
    add("repeat", INT_STRING, |call, args| repeated(call, args.int(0), args.string(1)));
    add("plural", Signature::fixed(&[STRING, STRING, INT]), |_, args| {
        Ok(args.string(usize::from(args.int(2) != 1)).clone().into())
    });

    add("contains", TWO_STRINGS, |_, args| Ok(memmem::find(args.string(1), args.string(0)).is_some().into()));
    add("hasPrefix", TWO_STRINGS, |_, args| Ok(args.string(1).starts_with(args.string(0)).into()));
    add("hasSuffix", TWO_STRINGS, |_, args| Ok(args.string(1).ends_with(args.string(0)).into()));
    add("replace", THREE_STRINGS, |call, args| {
        replaced(call, args.string(0), args.string(1), args.string(2))
    });

    add("quote", ANY_NUMBER, |call, args| Ok(written(call, |output| quote(args.all(), output))));
    add("squote", ANY_NUMBER, |call, args| {
        Ok(written(call, |output| join_values(args.all(), b" ", b"'", output)))
    });
    add("cat", ANY_NUMBER, |call, args| {
        Ok(written(call, |output| join_values(args.all(), b" ", b"", output)))
    });
    add("indent", INT_STRING, |call, args| indented(call, args.int(0), args.string(1), false));
    add("nindent", INT_STRING, |call, args| indented(call, args.int(0), args.string(1), true));

    add("toString", ONE, |_, args| Ok(text_of(args.any(0)).into()));
    add("toStrings", ONE, |_, args| {
        Ok(match args.any(0) {
            Value::List(list) if list.type_of() == types::STRINGS => list.clone().into(),
            value => List::strings(strings_of(value)).into(),
        })
    });
    add("join", Signature::fixed(&[STRING, ANY]), |call, args| {
        call.charge(args.any(1).as_list().map_or(1, |list| list.len() as u64))?;
        Ok(written(call, |output| join(args.any(1), args.string(0), output)))
    });
    add("sortAlpha", ONE, |call, args| {
        let mut texts = match args.any(0) {
            Value::List(list) if list.type_of() == types::STRINGS && list.is_nil() => {
                return Ok(list.clone().into());
            }
            value @ (Value::List(_) | Value::Bytes(_)) => strings_of(value),
            value => vec![text_of(value)],
        };
        call.charge(texts.len() as u64 * 4)?;
        texts.sort_unstable();
        Ok(List::strings(texts).into())
    });
    add("split", TWO_STRINGS, |call, args| split_map(call, args.string(1), args.string(0), -1));
    add("splitn", Signature::fixed(&[STRING, INT, STRING]), |call, args| {
        split_map(call, args.string(2), args.string(0), args.int(1))
    });
    add("splitList", TWO_STRINGS, |call, args| {
        let pieces = split(args.string(1), args.string(0), -1);
        call.allocate(pieces.len().saturating_mul(size_of::<Value>()))?;
        Ok(List::strings(pieces).into())
    });
    add("atoi", ONE_STRING, |_, args| {
        Ok(Value::Int(match parse_int(args.string(0), 10) {
            Ok(number) | Err(NumberFault::Range(number)) => number,
            Err(NumberFault::Syntax) => 0,
        }))
    });
}

/// A part of a text; the text itself where that is all of it.
fn part(whole: &Str, part: &[u8]) -> Value {
    Value::String(if part.len() == whole.len() { whole.clone() } else { Str::from_bytes(part) })
}

/// A changed text, or the text where nothing changed.
fn changed(text: &Str, changed: Option<Vec<u8>>) -> Value {
    changed.map_or_else(|| Value::String(text.clone()), Value::from)
}

/// Go's `strings.Trim`.
fn trim_set<'t>(text: &'t [u8], set: &[u8]) -> &'t [u8] {
    if set.is_ascii() {
        let outside = |byte: &u8| !set.contains(byte);
        let start = text.iter().position(outside).unwrap_or(text.len());
        let end = text.iter().rposition(outside).map_or(start, |last| last + 1);
        return &text[start..end];
    }
    let in_set = |rune: u32| go::runes(set).any(|(_, member, _)| member == rune);
    let (mut start, mut end) = (None, 0);
    for (at, rune, width) in go::runes(text) {
        if !in_set(rune) {
            start = start.or(Some(at));
            end = at + width;
        }
    }
    &text[start.unwrap_or(end)..end]
}

fn truncated(text: &[u8], count: i64) -> &[u8] {
    let length = text.len() as i64;
    if count < 0 && length.saturating_add(count) > 0 {
        return &text[(length + count) as usize..];
    }
    if count >= 0 && length > count { &text[..count as usize] } else { text }
}

fn substring(_: &mut Call<'_, '_>, args: Args<'_>) -> FunctionResult {
    let (start, end, text) = (args.int(0), args.int(1), args.string(2));
    let length = text.len() as i64;
    let out_of_range = |bounds: String| {
        Err(FunctionError::panic(format!("runtime error: slice bounds out of range {bounds}")))
    };
    let (start, end) = if start < 0 {
        match end {
            ..0 => return out_of_range(format!("[:{end}]")),
            _ if end > length => return out_of_range(format!("[:{end}] with length {length}")),
            _ => (0, end),
        }
    } else if end < 0 || end > length {
        (start, length)
    } else {
        (start, end)
    };
    if start > end {
        return out_of_range(format!("[{start}:{end}]"));
    }
    Ok(part(text, &text[start as usize..end as usize]))
}

fn abbreviated(offset: i64, width: i64, text: &Str) -> Value {
    if width < 4 || offset > 0 && width < 7 {
        return Value::String(text.clone());
    }
    words::abbreviate(text, offset, width).unwrap_or_default().into()
}

fn wrapped(
    call: &mut Call<'_, '_>,
    width: i64,
    line_end: &[u8],
    text: &Str,
    break_words: bool,
) -> FunctionResult {
    let lines = text.len() / usize::try_from(width).unwrap_or(1).max(1) + 1;
    call.allocate(lines.saturating_mul(line_end.len().max(1)).saturating_add(text.len()))?;
    Ok(words::wrap(text, width, line_end, break_words).into())
}

fn repeated(call: &mut Call<'_, '_>, count: i64, text: &Str) -> FunctionResult {
    let count = usize::try_from(count).map_err(|_| FunctionError::panic("strings: negative Repeat count"))?;
    let Some(length) = count.checked_mul(text.len()) else {
        return Err(FunctionError::panic("strings: Repeat output length overflow"));
    };
    call.allocate(length)?;
    Ok(text.repeat(count).into())
}

fn replaced(call: &mut Call<'_, '_>, old: &[u8], new: &[u8], text: &Str) -> FunctionResult {
    if old.is_empty() {
        call.allocate(
            go::rune_count(text).saturating_add(1).saturating_mul(new.len()).saturating_add(text.len()),
        )?;
        let mut output = Vec::new();
        for (at, _, width) in go::runes(text) {
            output.extend_from_slice(new);
            output.extend_from_slice(&text[at..at + width]);
        }
        output.extend_from_slice(new);
        return Ok(output.into());
    }
    let finder = Finder::new(old);
    let Some(first) = finder.find(text) else { return Ok(Value::String(text.clone())) };
    if new.len() > old.len() {
        let count = finder.find_iter(text).count();
        call.allocate(count.saturating_mul(new.len() - old.len()).saturating_add(text.len()))?;
    } else {
        call.allocate(text.len())?;
    }
    Ok(written(call, |output| {
        output.reserve(text.len() + new.len().saturating_sub(old.len()));
        let (mut copied, mut next) = (0, Some(first));
        while let Some(found) = next {
            output.extend_from_slice(&text[copied..found]);
            output.extend_from_slice(new);
            copied = found + old.len();
            next = finder.find(&text[copied..]).map(|found| copied + found);
        }
        output.extend_from_slice(&text[copied..]);
    }))
}

fn quote(values: &[Value], output: &mut Vec<u8>) {
    for value in values.iter().filter(|value| !matches!(value, Value::Nil)) {
        if !output.is_empty() {
            output.push(b' ');
        }
        match value {
            Value::String(text) => {
                output.reserve(text.len() + 2);
                go::quote_bytes_into(output, text, false);
            }
            other => go::quote_bytes_into(output, &text_of(other), false),
        }
    }
}

/// The values that are not nil as they print, each between `around`.
fn join_values(values: &[Value], separator: &[u8], around: &[u8], output: &mut Vec<u8>) {
    for (index, value) in values.iter().filter(|value| !matches!(value, Value::Nil)).enumerate() {
        if index > 0 {
            output.extend_from_slice(separator);
        }
        output.extend_from_slice(around);
        output.extend_from_slice(&value.to_text());
        output.extend_from_slice(around);
    }
}

/// The elements of a list that are not nil as sprig's `strval` has them; of another value that alone.
fn join(value: &Value, separator: &[u8], output: &mut Vec<u8>) {
    let mut first = true;
    let mut push = |text: &[u8]| {
        if !std::mem::take(&mut first) {
            output.extend_from_slice(separator);
        }
        output.extend_from_slice(text);
    };
    match value {
        Value::List(list) => {
            for item in list.iter() {
                match item {
                    Value::Nil => {}
                    Value::String(text) => push(text),
                    other => push(&text_of(other)),
                }
            }
        }
        other => strings_of(other).iter().for_each(|text| push(text)),
    }
}

fn indented(call: &mut Call<'_, '_>, spaces: i64, text: &Str, new_line: bool) -> FunctionResult {
    let spaces =
        usize::try_from(spaces).map_err(|_| FunctionError::panic("strings: negative Repeat count"))?;
    let lines = memchr::memchr_iter(b'\n', text).count() + 1;
    let length = lines.saturating_mul(spaces).saturating_add(text.len() + usize::from(new_line));
    call.allocate(length)?;
    if spaces == 0 && !new_line {
        return Ok(Value::String(text.clone()));
    }
    Ok(written(call, |output| {
        output.reserve(length);
        if new_line {
            output.push(b'\n');
        }
        let mut copied = 0;
        for line_end in memchr::memchr_iter(b'\n', text) {
            output.resize(output.len() + spaces, b' ');
            output.extend_from_slice(&text[copied..=line_end]);
            copied = line_end + 1;
        }
        output.resize(output.len() + spaces, b' ');
        output.extend_from_slice(&text[copied..]);
    }))
}

/// What sprig's `strslice` gives: the elements that are not nil, as text; of one value a list of it.
pub(super) fn strings_of(value: &Value) -> Vec<Str> {
    match value {
        Value::Nil => Vec::new(),
        Value::List(list) => list.iter().filter(|item| !matches!(item, Value::Nil)).map(text_of).collect(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| Str::from(byte.to_string())).collect(),
        other => vec![text_of(other)],
    }
}

/// Go's `strings.SplitN`; a negative number means all pieces.
fn split(text: &[u8], separator: &[u8], most: i64) -> Vec<Str> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if most == 0 {
        return Vec::new();
    }
    let mut pieces = Vec::new();
    if separator.is_empty() {
        for (at, _, width) in go::runes(text) {
            if pieces.len() + 1 == most {
                pieces.push(Str::from_bytes(&text[at..]));
                break;
            }
            pieces.push(Str::from_bytes(&text[at..at + width]));
        }
        return pieces;
    }
    let finder = Finder::new(separator);
    let mut start = 0;
    while pieces.len() + 1 < most {
        let Some(found) = finder.find(&text[start..]) else { break };
        pieces.push(Str::from_bytes(&text[start..start + found]));
        start += found + separator.len();
    }
    pieces.push(Str::from_bytes(&text[start..]));
    pieces
}

fn split_map(call: &mut Call<'_, '_>, text: &[u8], separator: &[u8], most: i64) -> FunctionResult {
    let pieces = split(text, separator, most);
    call.allocate(pieces.len().saturating_mul(3 * size_of::<Value>()))?;
    let entries: BTreeMap<Str, Value> = pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| (Str::from(format!("_{index}")), Value::String(piece)))
        .collect();
    Ok(Map::with_entries(types::STRING_MAP, entries).into())
}
