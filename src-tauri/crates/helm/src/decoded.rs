//! Large texts that were decoded: custom resource definitions and dashboards, which come out of every render of a chart
//! alike, or are read by its templates. Objects that are equal are one in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// Shorter manifests are decoded about as fast as looked up, and mostly bear the name of a release.
const SHORTEST: usize = 8 << 10;
/// How many bytes of text are kept; the objects take several times as much. Emptied when full.
const KEPT: usize = 16 << 20;

/// How a text is decoded, which is not the same for a block of text at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As it stands in `crds/`.
    Definition,
    /// As the manifest of a template of Helm 3.
    Version3,
    /// As that of Helm 4.
    Version4,
    /// As a template reads it with `fromYaml`.
    Template,
}

/// Decoded manifests by their text. Cheap to share; protects its map only.
#[derive(Default)]
pub(crate) struct Decoded(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    objects: [HashMap<Arc<str>, Arc<Value>>; 4],
    bytes: usize,
}

impl Decoded {
    /// The text and the object of a manifest, which `decode` makes where they are not known.
    pub(crate) fn get<E>(
        &self,
        way: Way,
        text: &str,
        decode: impl FnOnce(&str) -> Result<Value, E>,
    ) -> Result<(Arc<str>, Arc<Value>), E> {
        if text.len() < SHORTEST {
            return Ok((Arc::from(text), Arc::new(decode(text)?)));
        }
        if let Some((text, object)) = self.kept().objects[way as usize].get_key_value(text) {
            return Ok((Arc::clone(text), Arc::clone(object)));
        }
        let (text, object) = (Arc::<str>::from(text), Arc::new(decode(text)?));
        let mut kept = self.kept();
        if kept.bytes + text.len() > KEPT {
            *kept = Kept::default();
        }
        if kept.objects[way as usize].insert(Arc::clone(&text), Arc::clone(&object)).is_none() {
            kept.bytes += text.len();
        }
        Ok((text, object))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_texts_are_decoded_once_and_failures_each_time() {
        let decoded = Decoded::default();
        let count = std::cell::Cell::new(0);
        let get = |text: &str| {
            let decode = |text: &str| {
                count.set(count.get() + 1);
                serde_json::from_str::<Value>(text)
            };
            decoded.get(Way::Version3, text, decode).map(|(_, object)| object).ok()
        };
        let large = format!("\"{}\"", "x".repeat(SHORTEST));
        let (first, second) = (get(&large).unwrap(), get(&large).unwrap());
        assert!(Arc::ptr_eq(&first, &second) && count.get() == 1);
        assert!(get("1").is_some() && get("1").is_some() && count.get() == 3);
        assert!(get(&large[1..]).is_none() && get(&large[1..]).is_none() && count.get() == 5);
    }
}
