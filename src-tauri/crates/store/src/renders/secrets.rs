//! Which renders must not be written to disk.

use serde_json::Value;
use slipway_render::Rendered;

/// Whether a render may hold the content of a Secret. It errs on the side of yes: such a render is made again
/// instead of being kept.
///
/// Yes are a Secret or SecretList at any depth (in a List, in a template of another object), a text that holds
/// one (the last applied configuration, a manifest in a ConfigMap), and anything that says `stringData`. A mere
/// reference, `kind: Secret` with a name, is no.
pub(super) fn may_hold_secret(rendered: &Rendered) -> bool {
    rendered.manifests.iter().any(|manifest| {
        is_secret_kind(&manifest.id.kind)
            || manifest.object.get("kind").and_then(Value::as_str).is_some_and(is_secret_kind)
            || value_may_hold_secret(&manifest.object)
    }) || rendered.problems.iter().any(|problem| {
        // Messages of warnings may quote a line.
        serde_json::to_value(problem).map_or(true, |value| value_may_hold_secret(&value))
    })
}

fn is_secret_kind(kind: &str) -> bool {
    matches!(kind, "Secret" | "SecretList")
}

fn value_may_hold_secret(root: &Value) -> bool {
    // Without recursion: the depth of an object is not ours to choose.
    let mut waiting = vec![root];
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(text) if text_may_hold_secret(text) => return true,
            Value::Array(items) => waiting.extend(items),
            Value::Object(fields) => {
                let secret = fields.get("kind").and_then(Value::as_str).is_some_and(is_secret_kind);
                if secret && ["metadata", "data", "items"].iter().any(|key| fields.contains_key(*key)) {
                    return true;
                }
                if fields.keys().any(|key| text_may_hold_secret(key)) {
                    return true;
                }
                waiting.extend(fields.values());
            }
            _ => {}
        }
    }
    false
}

/// Whether a text says `stringData`, or `kind: Secret` in YAML or JSON, however quoted.
fn text_may_hold_secret(text: &str) -> bool {
    if text.contains("stringData") {
        return true;
    }
    if !text.contains("Secret") {
        return false;
    }
    let bare: String =
        text.chars().filter(|char| !char.is_whitespace() && !matches!(char, '"' | '\'' | '\\')).collect();
    bare.contains("kind:Secret")
}
