//! Label and field selectors in the grammar of the API server.

use serde_json::Value;

/// What the label selector and the field selector of a request let through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<FieldRequirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operator {
    Exists,
    DoesNotExist,
    In(Vec<String>),
    NotIn(Vec<String>),
    GreaterThan(i64),
    LessThan(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldRequirement {
    path: String,
    value: String,
    equal: bool,
}

impl Selector {
    /// Parses both selectors of a request.
    ///
    /// # Errors
    /// With what cannot be read, in the words of the server.
    pub(crate) fn parse(labels: &str, fields: &str) -> Result<Self, String> {
        Ok(Self { labels: parse_labels(labels)?, fields: parse_fields(fields)? })
    }

    /// A selector by labels as objects write it: `matchLabels` and `matchExpressions`.
    pub(crate) fn of_object(selector: &Value) -> Self {
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let mut labels = Vec::new();
        for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default().to_owned();
            labels.push(Requirement { key: key.clone(), operator: Operator::In(vec![value]) });
        }
        for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
            let operator = match expression["operator"].as_str().unwrap_or_default() {
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                "NotIn" => Operator::NotIn(texts(&expression["values"])),
                _ => Operator::In(texts(&expression["values"])),
            };
            labels.push(Requirement {
                key: expression["key"].as_str().unwrap_or_default().to_owned(),
                operator,
            });
        }
        Self { labels, fields: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether an object passes.
    pub(crate) fn matches(&self, object: &Value) -> bool {
        self.labels.iter().all(|each| each.matches(&object["metadata"]["labels"]))
            && self.fields.iter().all(|each| each.matches(object))
    }
}

impl Requirement {
    fn matches(&self, labels: &Value) -> bool {
        let value = labels.get(&self.key).and_then(Value::as_str);
        match &self.operator {
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::In(values) => value.is_some_and(|value| values.iter().any(|each| each == value)),
            Operator::NotIn(values) => value.is_none_or(|value| values.iter().all(|each| each != value)),
            Operator::GreaterThan(limit) => {
                value.and_then(|value| value.parse::<i64>().ok()).is_some_and(|value| value > *limit)
            }
            Operator::LessThan(limit) => {
                value.and_then(|value| value.parse::<i64>().ok()).is_some_and(|value| value < *limit)
            }
        }
    }
}

impl FieldRequirement {
    fn matches(&self, object: &Value) -> bool {
        let found = self.path.split('.').try_fold(object, |value, step| value.get(step));
        let text = match found {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        (text == self.value) == self.equal
    }
}

/// Splits at commas that are not inside parentheses.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (index, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn parse_labels(text: &str) -> Result<Vec<Requirement>, String> {
    split(text).into_iter().map(parse_label).collect()
}

fn parse_label(part: &str) -> Result<Requirement, String> {
    let error = |why: &str| format!("unable to parse requirement: {why} in `{part}`");
    let requirement = |key: &str, operator| {
        let key = key.trim();
        if is_label_key(key) {
            Ok(Requirement { key: key.to_owned(), operator })
        } else {
            Err(error(&format!("`{key}` is no label key")))
        }
    };
    if let Some(list) = part.strip_suffix(')') {
        let (head, list) = list.split_once('(').ok_or_else(|| error("found ')' without '('"))?;
        let mut words = head.split_whitespace();
        let (Some(key), Some(word), None) = (words.next(), words.next(), words.next()) else {
            return Err(error("expected `key in (…)` or `key notin (…)`"));
        };
        let values = list.split(',').map(|value| value.trim().to_owned()).collect();
        return match word {
            "in" => requirement(key, Operator::In(values)),
            "notin" => requirement(key, Operator::NotIn(values)),
            _ => Err(error("expected `in` or `notin`")),
        };
    }
    for (sign, equal) in [("!=", false), ("==", true), ("=", true)] {
        if let Some((key, value)) = part.split_once(sign) {
            let values = vec![value.trim().to_owned()];
            return requirement(key, if equal { Operator::In(values) } else { Operator::NotIn(values) });
        }
    }
    for sign in ['>', '<'] {
        if let Some((key, value)) = part.split_once(sign) {
            let limit = value.trim().parse().map_err(|_| error("expected a whole number"))?;
            let operator = if sign == '>' { Operator::GreaterThan(limit) } else { Operator::LessThan(limit) };
            return requirement(key, operator);
        }
    }
    match part.strip_prefix('!') {
        Some(key) => requirement(key, Operator::DoesNotExist),
        None => requirement(part, Operator::Exists),
    }
}

fn is_label_key(key: &str) -> bool {
    !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
}

fn parse_fields(text: &str) -> Result<Vec<FieldRequirement>, String> {
    split(text)
        .into_iter()
        .map(|part| {
            let (path, value, equal) = if let Some((path, value)) = part.split_once("!=") {
                (path, value, false)
            } else {
                let (path, value) = part
                    .split_once("==")
                    .or_else(|| part.split_once('='))
                    .ok_or_else(|| format!("invalid field selector: `{part}`; can't understand it"))?;
                (path, value, true)
            };
            Ok(FieldRequirement { path: path.trim().to_owned(), value: value.trim().to_owned(), equal })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_whole_grammar_of_label_selectors() {
        let object = json!({"metadata": {"labels": {"app": "web", "tier": "front", "size": "5"}}});
        for (selector, expected) in [
            ("", true),
            ("app=web", true),
            ("app==web,tier=front", true),
            ("app!=web", false),
            ("other!=web", true),
            ("app in (api, web)", true),
            ("app notin (api,web)", false),
            ("other notin (a)", true),
            ("app", true),
            ("!app", false),
            ("!other,app in (web)", true),
            ("size>4", true),
            ("size<4", false),
        ] {
            let parsed = Selector::parse(selector, "").unwrap();
            assert_eq!(parsed.matches(&object), expected, "{selector}");
        }
        for wrong in ["app in web)", "a b c", "app is (x)", "=x", "size>x"] {
            assert!(Selector::parse(wrong, "").is_err(), "{wrong}");
        }
    }

    #[test]
    fn fields_are_compared_as_text() {
        let object = json!({"metadata": {"name": "a"}, "status": {"phase": "Running"}});
        assert!(Selector::parse("", "metadata.name=a,status.phase!=Failed").unwrap().matches(&object));
        assert!(!Selector::parse("", "metadata.name=b").unwrap().matches(&object));
        assert!(Selector::parse("", "metadata.namespace=").unwrap().matches(&object));
        assert!(Selector::parse("", "x").is_err());
    }

    #[test]
    fn selectors_of_objects() {
        let selector = json!({"matchLabels": {"app": "web"},
            "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["back"]}]});
        let pod = |tier: &str| json!({"metadata": {"labels": {"app": "web", "tier": tier}}});
        assert!(Selector::of_object(&selector).matches(&pod("front")));
        assert!(!Selector::of_object(&selector).matches(&pod("back")));
    }
}
