//! `postBuild.substitute`: variables of the form `${name}`, `${name:=default}`, `${name:-default}`.

use std::collections::BTreeMap;

use serde_json::Value;

/// Replaces variables that are known, or that have a default. An unknown one stays.
pub(super) fn substitute(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(open) = rest.find("${") {
        // `$${name}` is how a variable is written that is meant for someone else.
        let is_escaped = rest[..open].ends_with('$');
        let Some(length) = rest[open..].find('}') else { break };
        let end = open + length + 1;
        let inside = &rest[open + 2..end - 1];
        let (name, default) = match inside.find([':', '-', '=']) {
            Some(place) => (&inside[..place], Some(inside[place..].trim_start_matches([':', '-', '=']))),
            None => (inside, None),
        };
        if is_escaped {
            result.push_str(&rest[..open - 1]);
            result.push_str(&rest[open..end]);
        } else {
            result.push_str(&rest[..open]);
            match variables.get(name).map(String::as_str).or(default) {
                Some(value) => result.push_str(value),
                None => result.push_str(&rest[open..end]),
            }
        }
        rest = &rest[end..];
    }
    result.push_str(rest);
    result
}

/// Replaces variables in every text of a value.
pub(super) fn substitute_all(value: &mut Value, variables: &BTreeMap<String, String>) {
    match value {
        Value::String(text) if text.contains("${") => *text = substitute(text, variables),
        Value::Array(items) => items.iter_mut().for_each(|item| substitute_all(item, variables)),
        Value::Object(map) => map.values_mut().for_each(|value| substitute_all(value, variables)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_variables_and_defaults_are_replaced() {
        let variables = BTreeMap::from([("cluster".to_owned(), "eu".to_owned())]);
        for (text, expected) in [
            ("./clusters/${cluster}/apps", "./clusters/eu/apps"),
            ("${zone:=a}-${zone:-b}", "a-b"),
            ("${cluster:=x}", "eu"),
            ("${unknown}", "${unknown}"),
            ("$${cluster}", "${cluster}"),
            ("${open", "${open"),
        ] {
            assert_eq!(substitute(text, &variables), expected, "{text}");
        }
    }
}
