//! What a generator gives for one Application.

use serde_json::{Map, Value};

use super::fasttemplate;

/// The beginning and end of a value that only the cluster knows.
const UNKNOWN: (char, char) = ('\u{2}', '\u{3}');

/// The parameters of one Application.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parameters {
    /// By name; nested as `goTemplate` sees them, or with dots in the name.
    pub(super) values: Map<String, Value>,
    /// Whether they stand for clusters that the repository does not name.
    pub(super) is_for_unnamed_clusters: bool,
}

impl Parameters {
    /// The text of a parameter by its name with dots: `values.stage`, `path[0]`.
    pub(super) fn flat(&self, name: &str) -> Option<String> {
        if let Some(value) = self.values.get(name) {
            return fasttemplate::scalar(value);
        }
        let (head, rest) = name.split_once('.')?;
        let value = rest.split('.').try_fold(self.values.get(head)?, |value, key| value.get(key))?;
        fasttemplate::scalar(value)
    }

    /// All texts by their names with dots, sorted.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        flatten("", &Value::Object(self.values.clone()), &mut found);
        found.sort();
        found
    }

    /// Lays the parameters of another generator over these, maps key by key.
    pub(super) fn merged(&self, over: &Self) -> Self {
        let mut values = self.values.clone();
        slipway_render::values::merge(&mut values, over.values.clone());
        Self { values, is_for_unnamed_clusters: self.is_for_unnamed_clusters || over.is_for_unnamed_clusters }
    }
}

fn flatten(prefix: &str, value: &Value, found: &mut Vec<(String, String)>) {
    if let Value::Object(map) = value {
        for (key, value) in map {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            flatten(&name, value, found);
        }
    } else if let Some(text) = fasttemplate::scalar(value) {
        found.push((prefix.to_owned(), text));
    }
}

/// A value that only the cluster knows.
pub(super) fn unknown(name: &str) -> Value {
    Value::from(format!("{}{name}{}", UNKNOWN.0, UNKNOWN.1))
}

/// Whether a text holds something that only the cluster knows, or a tag that nothing replaced.
pub(crate) fn is_unknown(text: &str) -> bool {
    text.contains(UNKNOWN.0) || text.contains("{{")
}

/// The text without what only the cluster knows, and without the separators around it.
pub(crate) fn without_unknown(text: &str) -> String {
    let mut result = String::new();
    let mut depth = 0_usize;
    for character in text.replace("{{", "\u{2}").replace("}}", "\u{3}").chars() {
        match character {
            each if each == UNKNOWN.0 => depth += 1,
            each if each == UNKNOWN.1 => depth = depth.saturating_sub(1),
            each if depth == 0 => result.push(each),
            _ => {}
        }
    }
    result.replace("--", "-").trim_matches(['-', '_', '.', '/']).to_owned()
}
