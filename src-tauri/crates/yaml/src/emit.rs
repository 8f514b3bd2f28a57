//! From values to text.

use serde_json::Value;

/// Writes one document, keys sorted, with a final newline, so that YAML 1.1 and 1.2 readers read it back equal.
#[must_use]
pub fn emit(value: &Value) -> String {
    serde_saphyr::to_string(value).unwrap_or_default()
}

/// Writes several documents, each after a `---` line.
#[must_use]
pub fn emit_stream<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    values.into_iter().map(|value| format!("---\n{}", emit(value))).collect()
}
