//! Texts that kustomize keeps once for several fields.
//!
//! A label that a transformer adds to `metadata`, selector and pod template of an object is one YAML node in three maps to
//! kustomize. Whatever later changes the text of one of them changes all: an overlay that sets the label in `metadata`
//! only sets it in the selector too. This remembers which fields hang together, and lets a change of one be followed by
//! the others.

use serde_json::Value;
use slipway_model::{FieldPath, Segment};

/// The fields of an object that hang together, a list per text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SharedTexts(Vec<Vec<FieldPath>>);

impl SharedTexts {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Remembers that these fields are one text from now on.
    pub(crate) fn add(&mut self, mut fields: Vec<FieldPath>) {
        if fields.len() > 1 {
            fields.sort();
            self.0.push(fields);
        }
    }

    /// Forgets the fields at or below a place, because something else is there now.
    pub(crate) fn forget(&mut self, place: &FieldPath) {
        self.retain(|field| !field.starts_with(place));
    }

    fn retain(&mut self, keep: impl Fn(&FieldPath) -> bool) {
        for fields in &mut self.0 {
            fields.retain(&keep);
        }
        self.0.retain(|fields| fields.len() > 1);
    }

    /// What is at the fields now.
    pub(crate) fn texts(&self, object: &Value) -> Vec<Vec<Option<Value>>> {
        let text = |field: &FieldPath| field.get(object).filter(|value| is_scalar(value)).cloned();
        self.0.iter().map(|fields| fields.iter().map(text).collect()).collect()
    }

    /// After a change: where one of the fields has another text than `before`, the others get it. Fields that are gone
    /// are forgotten. `true` where something was written.
    pub(crate) fn follow(&mut self, object: &mut Value, before: &[Vec<Option<Value>>]) -> bool {
        let mut written = false;
        for (fields, before) in self.0.iter().zip(before) {
            let changed = fields.iter().zip(before).rev().find_map(|(field, before)| {
                let now = field.get(object).filter(|value| is_scalar(value))?;
                (Some(now) != before.as_ref()).then_some(now)
            });
            if let Some(text) = changed.cloned() {
                written |= write(object, fields, &text);
            }
        }
        self.drop_gone(object);
        written
    }

    /// After a strategic merge: the last of the fields that the patch writes, in the order of a walk, gives all of them
    /// their text. What is in a list that the patch replaces hangs together with nothing any more.
    pub(crate) fn follow_patch(&mut self, object: &mut Value, patch: &Value) {
        self.retain(|field| !passes_patched_list(field, patch));
        for fields in &self.0 {
            let text = fields.iter().rev().find_map(|field| {
                let text = field.get(patch).filter(|value| is_scalar(value) && !value.is_null())?;
                field.get(object).is_some().then_some(text)
            });
            if let Some(text) = text {
                write(object, fields, text);
            }
        }
        self.drop_gone(object);
    }

    fn drop_gone(&mut self, object: &Value) {
        self.retain(|field| field.get(object).is_some_and(is_scalar));
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn write(object: &mut Value, fields: &[FieldPath], text: &Value) -> bool {
    let mut written = false;
    for field in fields {
        if let Some(value) = field.get_mut(object)
            && is_scalar(value)
            && value != text
        {
            value.clone_from(text);
            written = true;
        }
    }
    written
}

/// Whether a field lies in a list that a patch has something to say about.
fn passes_patched_list(field: &FieldPath, patch: &Value) -> bool {
    let mut at = patch;
    for segment in field.segments() {
        match segment {
            Segment::Key(key) => match at.get(key) {
                Some(next) => at = next,
                None => return false,
            },
            Segment::Index(_) | Segment::Keyed(_) => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shared(fields: &[&str]) -> SharedTexts {
        let mut shared = SharedTexts::default();
        shared.add(fields.iter().map(|field| field.parse().unwrap()).collect());
        shared
    }

    #[test]
    fn a_change_of_one_is_a_change_of_all() {
        let mut shared = shared(&["/a/x", "/b/x", "/c/0/x"]);
        let mut object = json!({"a": {"x": "1"}, "b": {"x": "1"}, "c": [{"x": "1"}]});
        let before = shared.texts(&object);
        object["b"]["x"] = json!("2");
        assert!(shared.follow(&mut object, &before));
        assert_eq!(object, json!({"a": {"x": "2"}, "b": {"x": "2"}, "c": [{"x": "2"}]}));
        let before = shared.texts(&object);
        object.as_object_mut().unwrap().remove("b");
        assert!(!shared.follow(&mut object, &before));
        shared.forget(&"/c".parse().unwrap());
        assert!(shared.is_empty());
    }

    #[test]
    fn of_several_texts_of_a_patch_the_last_counts() {
        let mut shared = shared(&["/a/x", "/b/x", "/c/0/x"]);
        let mut object = json!({"a": {"x": "2"}, "b": {"x": "3"}, "c": [{"x": "1"}]});
        shared.follow_patch(&mut object, &json!({"a": {"x": "2"}, "b": {"x": "3"}}));
        assert_eq!(object, json!({"a": {"x": "3"}, "b": {"x": "3"}, "c": [{"x": "3"}]}));
        let mut object = json!({"a": {"x": "3"}, "b": {"x": "3"}, "c": [{"x": "9"}]});
        shared.follow_patch(&mut object, &json!({"c": [{"x": "9"}]}));
        assert_eq!(object, json!({"a": {"x": "3"}, "b": {"x": "3"}, "c": [{"x": "9"}]}));
        assert_eq!(shared, self::shared(&["/a/x", "/b/x"]));
    }
}
