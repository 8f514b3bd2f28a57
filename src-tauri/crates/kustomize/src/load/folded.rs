//! Folded texts (`>`), which kustomize prints and reads once more before they are printed for good.
//!
//! go-yaml's printer looks at the begin of the text where it should look at the next line, and so puts a line break too
//! many before lines that begin with white space. The result of `kustomize build` has it, so this has it too.

use serde_json::Value;
use slipway_model::FieldPath;
use slipway_yaml::Parsed;

/// Changes the folded texts of a document as printing and reading them does.
pub(super) fn print_and_read(text: &str, value: &mut Value) {
    let is_header = |line: &str| {
        let line = line.split(" #").next().unwrap_or_default().trim_end();
        let word = line.rsplit(' ').next().unwrap_or_default();
        word.starts_with('>') && word.len() <= 3
    };
    if !text.contains('>') || !text.lines().any(is_header) {
        return;
    }
    let mut doubtful = Vec::new();
    collect(value, &FieldPath::root(), &mut doubtful);
    if doubtful.is_empty() {
        return;
    }
    let Ok(parsed) = Parsed::new(text) else { return };
    let root = |document: &usize| parsed.find(*document, &FieldPath::root()).is_some();
    let document = (0..parsed.documents()).find(root).unwrap_or(0);
    // Annotations are written anew at the end, with a bar.
    let annotations = FieldPath::root().key("metadata").key("annotations");
    for path in doubtful.into_iter().filter(|path| !path.starts_with(&annotations)) {
        let Some(place) = parsed.find(document, &path) else { continue };
        if parsed.text()[place.value.range()].starts_with('>')
            && let Some(Value::String(text)) = path.get_mut(value)
        {
            *text = again(text);
        }
    }
}

/// The texts that do not survive.
fn collect(value: &Value, path: &FieldPath, found: &mut Vec<FieldPath>) {
    match value {
        Value::String(text) if text.contains('\n') && again(text) != *text => found.push(path.clone()),
        Value::Object(map) => {
            map.iter().for_each(|(key, child)| collect(child, &path.key(key.as_str()), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, child)| collect(child, &path.index(index), found));
        }
        _ => {}
    }
}

/// A text after it was printed folded and read again.
fn again(text: &str) -> String {
    // Such a text is printed in quotes.
    if text.contains(" \n") || text.ends_with(' ') {
        return text.to_owned();
    }
    let is_indented = |line: &str| line.starts_with([' ', '\t']);
    let first = text.trim_start_matches('\n');
    let adds_breaks = !first.is_empty() && !is_indented(first);
    let mut result = String::with_capacity(text.len() + 8);
    let mut rest = text;
    loop {
        let end = rest.find('\n').unwrap_or(rest.len());
        let (line, tail) = rest.split_at(end);
        result.push_str(line);
        let next = tail.trim_start_matches('\n');
        let breaks = tail.len() - next.len();
        if breaks == 0 {
            return result;
        }
        let is_plain = !line.is_empty() && !is_indented(line);
        let kept = match (is_plain, next.is_empty()) {
            (false, _) => breaks,
            (true, true) => breaks + usize::from(adds_breaks && breaks > 1),
            (true, false) if is_indented(next) => breaks + usize::from(adds_breaks),
            (true, false) if adds_breaks => breaks,
            (true, false) => breaks - 1,
        };
        if kept == 0 {
            result.push(' ');
        }
        result.extend(std::iter::repeat_n('\n', kept));
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_is_added_before_indented_lines() {
        for (text, expected) in [
            ("a b\nc\n", "a b\nc\n"),
            ("a\n  b\nc", "a\n\n  b\nc"),
            ("a\n  b\n  c\nd\n  e\n", "a\n\n  b\n  c\nd\n\n  e\n"),
            ("a\n\n  b", "a\n\n\n  b"),
            ("a\n\n", "a\n\n\n"),
            (" a\nb\nc", " a\nb c"),
            ("a \n  b", "a \n  b"),
            ("one line", "one line"),
        ] {
            assert_eq!(again(text), expected, "{text:?}");
        }
    }

    #[test]
    fn only_folded_texts_are_changed() {
        let text = "metadata:\n  annotations:\n    a: >-\n      x\n        y\na: >-\n  x\n    y\nb: |-\n  x\n    y\nc: \"x\\n  y\"\n";
        let mut value = slipway_yaml::decode(text).unwrap();
        print_and_read(text, &mut value);
        assert_eq!(
            value,
            serde_json::json!({"metadata": {"annotations": {"a": "x\n  y"}}, "a": "x\n\n  y", "b": "x\n  y", "c": "x\n  y"})
        );
    }
}
