//! In which fields two objects differ, with items of lists that only moved told apart from changed ones.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;
use slipway_model::FieldPath;

/// A difference.
#[derive(Debug, PartialEq)]
pub(super) enum Difference {
    /// A field is set or removed.
    Set(FieldPath),
    /// The items of a list stand elsewhere; `from` is where they were. Comes before the differences in them.
    Moved { list: FieldPath, from: Vec<Option<usize>> },
}

/// Fields that tell items of a list apart, the first of them that all items have.
pub(super) const NAMES: [&str; 11] = [
    "name",
    "mountPath",
    "devicePath",
    "containerPort",
    "port",
    "topologyKey",
    "key",
    "ip",
    "host",
    "path",
    "type",
];

/// The fields in which two values differ, the deepest ones.
pub(super) fn compare(before: &Value, after: &Value, path: &FieldPath, found: &mut Vec<Difference>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                match (before.get(key), after.get(key)) {
                    (Some(before), Some(after)) => compare(before, after, &path.key(key.as_str()), found),
                    _ => found.push(Difference::Set(path.key(key.as_str()))),
                }
            }
        }
        (before, after) if before == after => {}
        (Value::Array(before), Value::Array(after)) if !before.is_empty() && !after.is_empty() => {
            compare_lists(before, after, path, found);
        }
        _ => found.push(Difference::Set(path.clone())),
    }
}

fn compare_lists(before: &[Value], after: &[Value], path: &FieldPath, found: &mut Vec<Difference>) {
    let from = origins(before, after);
    let stays = before.len() == after.len()
        && from.iter().enumerate().all(|(index, from)| from.is_none_or(|from| from == index));
    if !stays {
        found.push(Difference::Moved { list: path.clone(), from: from.clone() });
    }
    for (index, (item, from)) in after.iter().zip(&from).enumerate() {
        match from.and_then(|from| before.get(from)) {
            Some(earlier) => compare(earlier, item, &path.index(index), found),
            None => found.push(Difference::Set(path.index(index))),
        }
    }
}

/// Where each item of a list was before: by its name where all have one, else by its content; of lists of one length
/// what is left stands where it stood.
fn origins(before: &[Value], after: &[Value]) -> Vec<Option<usize>> {
    let names = NAMES.iter().find_map(|field| Some((names(before, field)?, names(after, field)?)));
    let (before_keys, after_keys) = match names {
        Some(names) => names,
        None => {
            let texts = |items: &[Value]| items.iter().map(ToString::to_string).collect::<Vec<_>>();
            let (before_texts, after_texts) = (texts(before), texts(after));
            let mut from = matched(&before_texts, &after_texts);
            if before.len() == after.len() {
                let free = |position: usize, from: &[Option<usize>]| !from.contains(&Some(position));
                for index in 0..from.len() {
                    if from[index].is_none() && free(index, &from) {
                        from[index] = Some(index);
                    }
                }
            }
            return from;
        }
    };
    matched(&before_keys, &after_keys)
}

/// The names of all items; `None` where one has none, or two have the same.
fn names(items: &[Value], field: &str) -> Option<Vec<String>> {
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        match item.get(field)? {
            Value::Object(_) | Value::Array(_) | Value::Null => return None,
            scalar => names.push(crate::resource::scalar_text(scalar)),
        }
    }
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort();
    sorted.windows(2).all(|pair| pair[0] != pair[1]).then_some(names)
}

/// For each key of `after` the first position in `before` with the same that is not used yet.
fn matched(before: &[String], after: &[String]) -> Vec<Option<usize>> {
    let mut positions: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (index, key) in before.iter().enumerate() {
        positions.entry(key).or_default().push_back(index);
    }
    after.iter().map(|key| positions.get_mut(key.as_str())?.pop_front()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_that_moved_are_told_apart_from_changed_ones() {
        for (before, after, expected) in [
            (json!({"a": 1, "b": 2}), json!({"a": 3, "c": 4}), vec!["/a", "/b", "/c"]),
            (json!({"l": [{"name": "x", "v": 1}]}), json!({"l": [{"name": "x", "v": 2}]}), vec!["/l/0/v"]),
            (
                json!({"l": [{"name": "x", "v": 1}]}),
                json!({"l": [{"name": "new"}, {"name": "x", "v": 2}]}),
                vec!["/l [-,0]", "/l/0", "/l/1/v"],
            ),
            (json!({"l": ["a", "b", "c"]}), json!({"l": ["a", "c"]}), vec!["/l [0,2]"]),
            (json!({"l": ["a", "b"]}), json!({"l": ["a", "x"]}), vec!["/l/1"]),
            (json!({"l": ["a", "b"]}), json!({"l": ["b", "a"]}), vec!["/l [1,0]"]),
            (json!({"l": ["a"]}), json!({"l": []}), vec!["/l"]),
            (json!({"l": ["a", "a"]}), json!({"l": ["a", "a", "a"]}), vec!["/l [0,1,-]", "/l/2"]),
            // Without names that tell them apart the content does.
            (
                json!({"l": [{"name": "x"}, {"name": "x", "p": 1}]}),
                json!({"l": [{"name": "x", "p": 1}]}),
                vec!["/l [1]"],
            ),
        ] {
            let mut found = Vec::new();
            compare(&before, &after, &FieldPath::root(), &mut found);
            let shown: Vec<String> = found
                .iter()
                .map(|difference| match difference {
                    Difference::Set(path) => path.to_string(),
                    Difference::Moved { list, from } => {
                        let from: Vec<String> = from
                            .iter()
                            .map(|from| from.map_or("-".to_owned(), |from| from.to_string()))
                            .collect();
                        format!("{list} [{}]", from.join(","))
                    }
                })
                .collect();
            assert_eq!(shown, expected, "{before} to {after}");
        }
    }
}
