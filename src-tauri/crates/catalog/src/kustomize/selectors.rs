//! Which objects a patch or a replacement is for.

use globset::{GlobBuilder, GlobMatcher};
use serde_json::Value;

use super::Object;

/// A `target` or `select`. Empty fields match everything.
pub(super) struct Selector {
    group: String,
    version: String,
    kind: Names,
    name: Names,
    namespace: Names,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

impl Selector {
    /// Reads a selector.
    pub(super) fn new(value: &Value) -> Self {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            group: text("group"),
            version: text("version"),
            kind: Names::new(&text("kind")),
            name: Names::new(&text("name")),
            namespace: Names::new(&text("namespace")),
            labels: requirements(&text("labelSelector")),
            annotations: requirements(&text("annotationSelector")),
        }
    }

    /// Whether it selects a declaration.
    pub(super) fn selects(&self, object: &Object) -> bool {
        let Some(value) = &object.value else { return false };
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let version = text("/apiVersion").rsplit('/').next().unwrap_or_default();
        (self.group.is_empty() || self.group == *object.kind.group)
            && (self.version.is_empty() || self.version == version)
            && self.kind.matches(&object.kind.kind)
            && self.name.matches(text("/metadata/name"))
            && self.namespace.matches(text("/metadata/namespace"))
            && self.labels.iter().all(|each| each.holds(value.pointer("/metadata/labels")))
            && self.annotations.iter().all(|each| each.holds(value.pointer("/metadata/annotations")))
    }
}

/// Kustomize takes names as anchored regular expressions. Of those, alternatives and wildcards are read here.
enum Names {
    Any,
    Alternatives(Vec<GlobMatcher>),
    Exactly(String),
}

impl Names {
    fn new(pattern: &str) -> Self {
        if pattern.is_empty() || pattern == ".*" {
            return Self::Any;
        }
        if !pattern.contains(['*', '|', '(', '^', '$', '+', '[', '?']) {
            return Self::Exactly(pattern.to_owned());
        }
        let bare = pattern.trim_start_matches('^').trim_end_matches('$');
        let globs = bare
            .replace("(?:", "{")
            .replace('(', "{")
            .replace(')', "}")
            .replace('|', ",")
            .replace(".*", "*")
            .replace(".+", "?*")
            .replace("\\.", ".");
        let globs = if globs.contains(',') && !globs.contains('{') { format!("{{{globs}}}") } else { globs };
        match GlobBuilder::new(&globs).build() {
            Ok(glob) => Self::Alternatives(vec![glob.compile_matcher()]),
            Err(_) => Self::Exactly(pattern.to_owned()),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(expected) => expected == name,
            Self::Alternatives(globs) => globs.iter().any(|glob| glob.is_match(name)),
        }
    }
}

/// One part of a label selector.
#[derive(Debug, PartialEq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Requirement {
    fn holds(&self, labels: Option<&Value>) -> bool {
        let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Value::as_str);
        let among = |key: &str, values: &[String]| {
            label(key).is_some_and(|value| values.iter().any(|each| each == value))
        };
        match self {
            Self::In(key, values) => among(key, values),
            Self::NotIn(key, values) => !among(key, values),
            Self::Exists(key) => label(key).is_some(),
            Self::Absent(key) => label(key).is_none(),
        }
    }
}

/// Reads `a=b, !c, d in (e, f), g`.
fn requirements(text: &str) -> Vec<Requirement> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut part = String::new();
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(character);
    }
    parts.push(part);
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).map(requirement).collect()
}

fn requirement(part: &str) -> Requirement {
    let values = |text: &str| {
        text.trim()
            .trim_start_matches('(')
            .trim_end_matches(')')
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect()
    };
    if let Some(key) = part.strip_prefix('!') {
        return Requirement::Absent(key.trim().to_owned());
    }
    if let Some((key, value)) = part.split_once("!=") {
        return Requirement::NotIn(key.trim().to_owned(), vec![value.trim().to_owned()]);
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return Requirement::In(key.trim().to_owned(), vec![value.trim().to_owned()]);
    }
    if let Some((key, list)) = part.split_once(" notin ") {
        return Requirement::NotIn(key.trim().to_owned(), values(list));
    }
    if let Some((key, list)) = part.split_once(" in ") {
        return Requirement::In(key.trim().to_owned(), values(list));
    }
    Requirement::Exists(part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_selectors_are_read() {
        let text = |text: &str| text.to_owned();
        assert_eq!(
            requirements("a=b, !c, d in (e, f), g, h!=i"),
            [
                Requirement::In(text("a"), vec![text("b")]),
                Requirement::Absent(text("c")),
                Requirement::In(text("d"), vec![text("e"), text("f")]),
                Requirement::Exists(text("g")),
                Requirement::NotIn(text("h"), vec![text("i")]),
            ]
        );
    }

    #[test]
    fn names_are_anchored_patterns() {
        for (pattern, name, expected) in [
            ("web", "web", true),
            ("web", "web-api", false),
            ("web.*", "web-api", true),
            ("(web|api)-controller", "api-controller", true),
            ("web|api", "api", true),
            ("web|api", "api2", false),
            ("", "x", true),
        ] {
            assert_eq!(Names::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }
}
