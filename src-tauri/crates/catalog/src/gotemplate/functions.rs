//! The functions of text/template, and the usual ones of sprig and Helm.

use serde_json::{Map, Value};

use super::evaluate::Evaluator;
use super::{TemplateError, print};

type Result = std::result::Result<Value, TemplateError>;

/// Calls a function by name.
pub(super) fn call(evaluator: &mut Evaluator<'_>, name: &str, arguments: &[Value]) -> Result {
    let at = |place: usize| arguments.get(place).cloned().unwrap_or_default();
    match name {
        "include" => return evaluator.call(&print::text(&at(0)), &at(1)).map(Value::from),
        "tpl" => return evaluator.text(&print::text(&at(0)), &at(1)).map(Value::from),
        _ => {}
    }
    builtin(name, arguments)
        .or_else(|| texts(name, arguments))
        .or_else(|| collections(name, arguments))
        .or_else(|| data(name, arguments))
        .unwrap_or_else(|| Err(TemplateError::new(format!("the function `{name}` is not known here"))))
}

/// Methods of `.Capabilities.APIVersions` and `.Files`: nothing is known of a cluster, and files are not read.
pub(super) fn method(fields: &[String], arguments: &[Value]) -> Result {
    match fields.last().map(String::as_str) {
        Some("Has") => Ok(Value::Bool(false)),
        Some("Get") if fields.iter().any(|field| field == "Files") => Ok(Value::from("")),
        _ => Err(TemplateError::new(format!(
            "`.{}` cannot be called with {} arguments here",
            fields.join("."),
            arguments.len()
        ))),
    }
}

fn text(arguments: &[Value], place: usize) -> String {
    arguments.get(place).map(print::text).unwrap_or_default()
}

fn number(arguments: &[Value], place: usize) -> i64 {
    arguments.get(place).map_or(0, integer)
}

fn integer(value: &Value) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "as Go converts a float to an int")]
    let from_float = |number: f64| number as i64;
    value
        .as_i64()
        .or_else(|| value.as_f64().map(from_float))
        .or_else(|| value.as_str()?.trim().parse().ok())
        .unwrap_or_else(|| i64::from(value == &Value::Bool(true)))
}

fn builtin(name: &str, arguments: &[Value]) -> Option<Result> {
    let at = |place: usize| arguments.get(place).cloned().unwrap_or_default();
    let value = match name {
        "not" => Value::Bool(!print::is_true(&at(0))),
        "eq" => Value::Bool(arguments.iter().skip(1).any(|other| equal(&at(0), other))),
        "ne" => Value::Bool(!equal(&at(0), &at(1))),
        "lt" | "le" | "gt" | "ge" => {
            let ordering = compare(&at(0), &at(1));
            Value::Bool(match name {
                "lt" => ordering.is_lt(),
                "le" => ordering.is_le(),
                "gt" => ordering.is_gt(),
                _ => ordering.is_ge(),
            })
        }
        "len" => match at(0) {
            Value::String(text) => Value::from(text.len()),
            Value::Array(items) => Value::from(items.len()),
            Value::Object(map) => Value::from(map.len()),
            _ => return Some(Err(TemplateError::new("`len` of something that has no length"))),
        },
        "index" => return Some(index(arguments)),
        "print" => Value::from(arguments.iter().map(print::text).collect::<String>()),
        "println" => Value::from(arguments.iter().map(print::text).collect::<Vec<_>>().join(" ") + "\n"),
        "printf" => Value::from(print::format(&text(arguments, 0), arguments.get(1..).unwrap_or_default())),
        "slice" => {
            let items = match at(0) {
                Value::Array(items) => items,
                Value::String(text) => {
                    let (from, to) = bounds(arguments, text.len());
                    return Some(Ok(Value::from(text.get(from..to).unwrap_or_default())));
                }
                _ => Vec::new(),
            };
            let (from, to) = bounds(arguments, items.len());
            Value::from(items.get(from..to).unwrap_or_default().to_vec())
        }
        "html" | "js" | "urlquery" => at(0),
        _ => return None,
    };
    Some(Ok(value))
}

fn bounds(arguments: &[Value], length: usize) -> (usize, usize) {
    let place = |at: usize, default: usize| {
        arguments.get(at).map_or(default, |value| usize::try_from(integer(value)).unwrap_or(0)).min(length)
    };
    let from = place(1, 0);
    (from, place(2, length).max(from))
}

fn index(arguments: &[Value]) -> Result {
    let mut value = arguments.first().cloned().unwrap_or_default();
    for key in arguments.get(1..).unwrap_or_default() {
        value = match (&value, key) {
            (Value::Array(items), key) => {
                usize::try_from(integer(key)).ok().and_then(|place| items.get(place)).cloned().ok_or_else(
                    || TemplateError::new(format!("index {} is out of range", print::text(key))),
                )?
            }
            (Value::Object(map), key) => map.get(&print::text(key)).cloned().unwrap_or_default(),
            (Value::Null, _) => Value::Null,
            (other, _) => return Err(TemplateError::new(format!("cannot index `{}`", print::text(other)))),
        };
    }
    Ok(value)
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => (left - right).abs() < f64::EPSILON,
        _ => left == right,
    }
}

fn compare(left: &Value, right: &Value) -> std::cmp::Ordering {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => print::text(left).cmp(&print::text(right)),
    }
}

fn texts(name: &str, arguments: &[Value]) -> Option<Result> {
    let last = || text(arguments, arguments.len().saturating_sub(1));
    let first = || text(arguments, 0);
    let value = match name {
        "quote" => {
            let quoted: Vec<String> = arguments
                .iter()
                .filter(|each| !each.is_null())
                .map(|each| Value::from(print::text(each)).to_string())
                .collect();
            quoted.join(" ")
        }
        "squote" => arguments
            .iter()
            .filter(|each| !each.is_null())
            .map(|each| format!("'{}'", print::text(each)))
            .collect::<Vec<_>>()
            .join(" "),
        "toString" | "cat" => arguments.iter().map(print::text).collect::<Vec<_>>().join(" "),
        "upper" => first().to_uppercase(),
        "lower" => first().to_lowercase(),
        "title" => title(&first()),
        "untitle" => {
            let text = first();
            let mut characters = text.chars();
            characters
                .next()
                .map(|character| character.to_lowercase().collect::<String>() + characters.as_str())
                .unwrap_or_default()
        }
        "trim" => first().trim().to_owned(),
        "trimAll" => last().trim_matches(|each| first().contains(each)).to_owned(),
        "trimPrefix" => last().strip_prefix(&first()).map_or_else(last, str::to_owned),
        "trimSuffix" => last().strip_suffix(&first()).map_or_else(last, str::to_owned),
        "replace" => last().replace(&first(), &text(arguments, 1)),
        "nindent" | "indent" => {
            let padding = " ".repeat(usize::try_from(number(arguments, 0)).unwrap_or(0).min(200));
            let indented = padding.clone() + &last().replace('\n', &format!("\n{padding}"));
            if name == "nindent" { format!("\n{indented}") } else { indented }
        }
        "trunc" => {
            let text = last();
            let length = number(arguments, 0);
            let count = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
            let characters: Vec<char> = text.chars().collect();
            if characters.len() <= count {
                text
            } else if length >= 0 {
                characters[..count].iter().collect()
            } else {
                characters[characters.len() - count..].iter().collect()
            }
        }
        "substr" => {
            let text = last();
            let from = usize::try_from(number(arguments, 0)).unwrap_or(0);
            let to = usize::try_from(number(arguments, 1)).unwrap_or(text.len()).min(text.len());
            text.get(from.min(to)..to).unwrap_or_default().to_owned()
        }
        "nospace" => first().split_whitespace().collect(),
        "normalize" | "slugify" => normalise(&last()),
        "kebabcase" => normalise(&first()),
        "snakecase" => normalise(&first()).replace('-', "_"),
        "repeat" => last().repeat(usize::try_from(number(arguments, 0)).unwrap_or(0).min(1000)),
        "sha256sum" | "sha1sum" | "adler32sum" => "0".repeat(64),
        "b64enc" | "b64dec" => last(),
        "base" => first().rsplit('/').next().unwrap_or_default().to_owned(),
        "dir" => first().rsplit_once('/').map_or_else(|| ".".to_owned(), |(head, _)| head.to_owned()),
        "clean" => first(),
        "join" => {
            let items = arguments.get(1).and_then(Value::as_array).cloned().unwrap_or_default();
            items.iter().map(print::text).collect::<Vec<_>>().join(&first())
        }
        _ => return truths(name, arguments),
    };
    Some(Ok(Value::from(value)))
}

/// Functions on texts that answer yes or no, or with a list.
fn truths(name: &str, arguments: &[Value]) -> Option<Result> {
    let (first, second) = (text(arguments, 0), text(arguments, 1));
    let value = match name {
        "contains" => Value::Bool(second.contains(&first)),
        "hasPrefix" => Value::Bool(second.starts_with(&first)),
        "hasSuffix" => Value::Bool(second.ends_with(&first)),
        "splitList" => second.split(&first).map(Value::from).collect(),
        "split" => {
            let parts = second
                .split(&first)
                .enumerate()
                .map(|(place, part)| (format!("_{place}"), Value::from(part)));
            Value::Object(parts.collect())
        }
        _ => return None,
    };
    Some(Ok(value))
}

fn title(text: &str) -> String {
    let mut start = true;
    text.chars()
        .map(|character| {
            let result = if start { character.to_ascii_uppercase() } else { character };
            start = character.is_whitespace();
            result
        })
        .collect()
}

/// Names as Kubernetes takes them: lower case, `-` for everything that is no letter, digit, `-` or `.`.
fn normalise(text: &str) -> String {
    let replaced: String = text
        .to_lowercase()
        .chars()
        .map(|each| if each.is_ascii_alphanumeric() || matches!(each, '-' | '.') { each } else { '-' })
        .collect();
    replaced.trim_matches(['-', '.']).to_owned()
}

fn collections(name: &str, arguments: &[Value]) -> Option<Result> {
    let at = |place: usize| arguments.get(place).cloned().unwrap_or_default();
    let list = |place: usize| at(place).as_array().cloned().unwrap_or_default();
    let map = |place: usize| at(place).as_object().cloned().unwrap_or_default();
    let value = match name {
        "list" | "tuple" => Value::from(arguments.to_vec()),
        "dict" => {
            let entries = arguments
                .chunks(2)
                .map(|pair| (print::text(&pair[0]), pair.get(1).cloned().unwrap_or_default()));
            Value::Object(entries.collect())
        }
        "get" => at(0).get(text(arguments, 1)).cloned().unwrap_or_else(|| Value::from("")),
        "hasKey" => Value::Bool(at(0).get(text(arguments, 1)).is_some()),
        "keys" => {
            let mut keys: Vec<String> = map(0).into_iter().map(|(key, _)| key).collect();
            keys.sort_unstable();
            Value::from(keys)
        }
        "values" => {
            let mut entries: Vec<(String, Value)> = map(0).into_iter().collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            entries.into_iter().map(|(_, value)| value).collect()
        }
        "set" => {
            let mut result = map(0);
            result.insert(text(arguments, 1), at(2));
            Value::Object(result)
        }
        "pick" | "omit" => {
            let names: Vec<String> = arguments.iter().skip(1).map(print::text).collect();
            Value::Object(
                map(0).into_iter().filter(|(key, _)| names.contains(key) == (name == "pick")).collect(),
            )
        }
        "merge" | "mustMerge" => {
            arguments.iter().skip(1).fold(at(0), |result, other| merged(other.clone(), &result))
        }
        "mergeOverwrite" | "mustMergeOverwrite" => arguments.iter().skip(1).fold(at(0), merged),
        "deepCopy" | "mustDeepCopy" => at(0),
        "first" => list(0).first().cloned().unwrap_or_default(),
        "last" => list(0).last().cloned().unwrap_or_default(),
        "rest" => Value::from(list(0).get(1..).unwrap_or_default().to_vec()),
        "initial" => {
            let items = list(0);
            Value::from(items.get(..items.len().saturating_sub(1)).unwrap_or_default().to_vec())
        }
        "append" | "mustAppend" => {
            let mut items = list(0);
            items.push(at(1));
            Value::from(items)
        }
        "prepend" => std::iter::once(at(1)).chain(list(0)).collect(),
        "concat" => arguments.iter().flat_map(|each| each.as_array().cloned().unwrap_or_default()).collect(),
        "has" => Value::Bool(list(1).iter().any(|each| equal(each, &at(0)))),
        "without" => list(0)
            .into_iter()
            .filter(|each| !arguments.get(1..).unwrap_or_default().contains(each))
            .collect(),
        "uniq" => {
            let mut items: Vec<Value> = Vec::new();
            for item in list(0) {
                if !items.contains(&item) {
                    items.push(item);
                }
            }
            Value::from(items)
        }
        "compact" => list(0).into_iter().filter(print::is_true).collect(),
        "reverse" => list(0).into_iter().rev().collect(),
        "sortAlpha" => {
            let mut items: Vec<String> = list(0).iter().map(print::text).collect();
            items.sort_unstable();
            Value::from(items)
        }
        "until" => (0..number(arguments, 0).clamp(0, 10_000)).map(Value::from).collect(),
        "dig" => {
            let (data, keys) = arguments.split_last()?;
            let (default, keys) = keys.split_last()?;
            let found = keys.iter().try_fold(data, |value, key| value.get(print::text(key)));
            found.cloned().unwrap_or_else(|| default.clone())
        }
        _ => return None,
    };
    Some(Ok(value))
}

/// Lays `over` over `base`: maps key by key, everything else whole.
pub(crate) fn merged(base: Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Object(mut base), Value::Object(over)) => {
            for (key, value) in over {
                let own = base.remove(key).unwrap_or_default();
                base.insert(key.clone(), merged(own, value));
            }
            Value::Object(base)
        }
        (_, over) => over.clone(),
    }
}

fn data(name: &str, arguments: &[Value]) -> Option<Result> {
    let at = |place: usize| arguments.get(place).cloned().unwrap_or_default();
    let value = match name {
        "default" => {
            let given = at(1);
            if print::is_true(&given) { given } else { at(0) }
        }
        "coalesce" => arguments.iter().find(|each| print::is_true(each)).cloned().unwrap_or_default(),
        "ternary" => at(usize::from(!print::is_true(&at(2)))),
        "empty" => Value::Bool(!print::is_true(&at(0))),
        "required" => {
            let given = at(1);
            if given.is_null() || given.as_str() == Some("") {
                return Some(Err(TemplateError::new(text(arguments, 0))));
            }
            given
        }
        "fail" => return Some(Err(TemplateError::new(text(arguments, 0)))),
        "toYaml" | "toYamlPretty" => Value::from(slipway_yaml::emit(&at(0)).trim_end().to_owned()),
        "fromYaml" | "fromYamlArray" => slipway_yaml::decode(&text(arguments, 0)).unwrap_or_default(),
        "toJson" | "mustToJson" | "toRawJson" | "toPrettyJson" => Value::from(at(0).to_string()),
        "fromJson" | "mustFromJson" => serde_json::from_str(&text(arguments, 0)).unwrap_or_default(),
        "lookup" => Value::Object(Map::new()),
        "int" | "int64" | "toInt" | "atoi" => Value::from(number(arguments, 0)),
        "float64" => Value::from(text(arguments, 0).parse::<f64>().unwrap_or_default()),
        "add" => Value::from(arguments.iter().map(integer).fold(0, i64::wrapping_add)),
        "add1" => Value::from(number(arguments, 0).wrapping_add(1)),
        "sub" => Value::from(number(arguments, 0).wrapping_sub(number(arguments, 1))),
        "mul" => Value::from(arguments.iter().map(integer).fold(1, i64::wrapping_mul)),
        "div" => Value::from(number(arguments, 0).checked_div(number(arguments, 1)).unwrap_or_default()),
        "mod" => Value::from(number(arguments, 0).checked_rem(number(arguments, 1)).unwrap_or_default()),
        "max" => Value::from(arguments.iter().map(integer).max().unwrap_or_default()),
        "min" => Value::from(arguments.iter().map(integer).min().unwrap_or_default()),
        "kindIs" => Value::Bool(kind(&at(1)) == text(arguments, 0)),
        "kindOf" | "typeOf" => Value::from(kind(&at(0))),
        "typeIs" => Value::Bool(kind(&at(1)) == text(arguments, 0)),
        "semverCompare" => Value::Bool(true),
        "regexReplaceAll" | "regexMatch" | "mustRegexMatch" => return None,
        _ => return None,
    };
    Some(Ok(value))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "invalid",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
    }
}
