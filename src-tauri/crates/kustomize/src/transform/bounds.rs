//! How large and how deep what a transformer copies may be: hostile input could double itself with every step.

use serde_json::Value;

use crate::failure::Failure;

/// How deep an object may nest, which is as deep as the YAML reader goes.
const MAX_DEPTH: usize = 1_000;
/// How long a path may be along which fields are made.
const MAX_STEPS: usize = 200;
/// How much one transformer may copy, in bytes of text and 16 more for each value.
const MAX_SIZE: usize = 64 << 20;

/// What a transformer may still copy.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_SIZE)
    }
}

impl Budget {
    /// Refuses to copy a value to a place so many steps deep.
    ///
    /// # Errors
    /// When more is copied than objects of Kubernetes can hold, or the place is deeper than any of them.
    pub(super) fn check_copy(&mut self, value: &Value, steps: usize) -> Result<(), Failure> {
        if steps <= MAX_DEPTH && fits(value, MAX_DEPTH - steps, &mut self.0) {
            return Ok(());
        }
        let message = format!(
            "more than {} MiB are copied, or a value ends up deeper than {MAX_DEPTH} levels",
            MAX_SIZE >> 20
        );
        Err(Failure::new("kustomize-too-large", message))
    }
}

/// Refuses to make fields along a path of so many steps.
///
/// # Errors
/// When it is longer than any path into an object of Kubernetes.
pub(super) fn check_path(steps: usize) -> Result<(), Failure> {
    if steps > MAX_STEPS {
        let message = format!("a path has {steps} steps, more than the limit of {MAX_STEPS}");
        return Err(Failure::new("kustomize-too-large", message));
    }
    Ok(())
}

fn fits(value: &Value, depth: usize, left: &mut usize) -> bool {
    let mut take = |size: usize| match left.checked_sub(size) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    };
    match value {
        Value::String(text) => take(text.len() + 16),
        Value::Array(items) => take(16) && depth > 0 && items.iter().all(|item| fits(item, depth - 1, left)),
        Value::Object(map) => {
            let keys: usize = map.keys().map(String::len).sum();
            take(keys + 16) && depth > 0 && map.values().all(|value| fits(value, depth - 1, left))
        }
        _ => take(16),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn copies_are_bounded_in_size_and_depth() {
        let fits = |value: &Value, steps: usize| Budget::default().check_copy(value, steps).is_ok();
        assert!(fits(&json!({"a": ["b", 1, null]}), 10));
        assert!(!fits(&json!({"a": 1}), 1_000));
        assert!(!fits(&json!(1), 1_001));
        let (mut budget, large) = (Budget::default(), json!("x".repeat(40 << 20)));
        assert!(budget.check_copy(&large, 1).is_ok() && budget.check_copy(&large, 1).is_err());
        assert!(check_path(200).is_ok() && check_path(201).is_err());
    }
}
