//! What kustomize's YAML nodes know and values do not: how a scalar is written, and which fields are one node.

use serde_json::Value;
use slipway_model::{FieldPath, Segment};

use super::Resource;

impl Resource {
    /// The same with the fields that are written as a key without a value.
    #[must_use]
    pub(crate) fn with_bare_nulls(mut self, paths: Vec<FieldPath>) -> Self {
        if !paths.is_empty() {
            self.notes_mut().bare_nulls = paths;
        }
        self
    }

    /// The same with the numbers that are written in another way than they are printed.
    #[must_use]
    pub(crate) fn with_numbers(mut self, numbers: Vec<(FieldPath, Value, String)>) -> Self {
        if !numbers.is_empty() {
            self.notes_mut().numbers = numbers;
        }
        self
    }

    /// How a number is written, where that is not how it is printed and nothing has changed it.
    pub(crate) fn written_number(&self, path: &FieldPath) -> Option<&str> {
        let (_, number, text) = self.notes.numbers.iter().find(|(each, ..)| each == path)?;
        (path.get(&self.object) == Some(number)).then_some(text)
    }

    /// Whether a replacement has made the scalars at this path.
    pub(crate) fn is_untyped(&self, path: &[String]) -> bool {
        self.notes.untyped.iter().any(|each| each == path)
    }

    /// Remembers that a replacement has made scalars at this path.
    pub(crate) fn add_untyped(&mut self, path: &[String]) {
        if !self.is_untyped(path) {
            self.notes_mut().untyped.push(path.to_vec());
        }
    }

    /// Gives what replacements made the type that it looks like.
    pub(crate) fn forget_untyped(&mut self) {
        if !self.notes.untyped.is_empty() {
            self.notes_mut().untyped.clear();
        }
    }

    /// Whether a path of keys goes on behind a field that is written without a value.
    pub(crate) fn leads_through_bare_null(&self, keys: &[String]) -> bool {
        self.notes.bare_nulls.iter().any(|path| {
            let segments = path.segments();
            let same =
                |(segment, key): (&Segment, &String)| matches!(segment, Segment::Key(name) if name == key);
            segments.len() < keys.len()
                && segments.iter().zip(keys).all(same)
                && path.get(&self.object).is_some_and(Value::is_null)
        })
    }

    /// The fields that are written as a key without a value, forgotten here: for what treats them for good.
    pub(crate) fn take_bare_nulls(&mut self) -> Vec<FieldPath> {
        if self.notes.bare_nulls.is_empty() {
            Vec::new()
        } else {
            std::mem::take(&mut self.notes_mut().bare_nulls)
        }
    }

    /// Changes the object in a way that writes texts where they are: what shares one with them follows.
    ///
    /// # Errors
    /// That of `change`.
    pub(crate) fn change_texts<T, E>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.notes.shared.is_empty() {
            return change(self);
        }
        let before = self.notes.shared.texts(&self.object);
        let result = change(self)?;
        if self.notes.shared.texts(&self.object) != before {
            let mut shared = std::mem::take(&mut self.notes_mut().shared);
            shared.follow(self.object_mut(), &before);
            self.notes_mut().shared = shared;
        }
        Ok(result)
    }

    /// After a strategic merge of `patch`: what shares a text with a field that it wrote follows.
    pub(crate) fn follow_patch(&mut self, patch: &Value) {
        if !self.notes.shared.is_empty() {
            let mut shared = std::mem::take(&mut self.notes_mut().shared);
            shared.follow_patch(self.object_mut(), patch);
            self.notes_mut().shared = shared;
        }
    }

    /// Remembers that these fields are one text.
    pub(crate) fn share_text(&mut self, fields: Vec<FieldPath>) {
        self.notes_mut().shared.add(fields);
    }

    /// Forgets which fields at or below a place share a text.
    pub(crate) fn forget_shared(&mut self, place: &FieldPath) {
        if !self.notes.shared.is_empty() {
            self.notes_mut().shared.forget(place);
        }
    }
}
