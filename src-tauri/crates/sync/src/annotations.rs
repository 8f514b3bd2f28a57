//! The annotations that steer a sync, and how their values are read.
//!
//! Keys and reading rules are Argo CD's (`gitops-engine/pkg/sync/common`, `…/sync/resource/annotations.go`).

use serde_json::Value;

/// Hook types, comma-separated.
pub const HOOK: &str = "argocd.argoproj.io/hook";
/// When a hook is deleted, comma-separated.
pub const HOOK_DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";
/// The wave, an integer.
pub const SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";
/// Options of one resource, comma-separated `Key=value`.
pub const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
/// Treats a Pod that restarts only on failure like a long-lived one.
pub const IGNORE_RESTART_POLICY: &str = "argocd.argoproj.io/ignore-restart-policy";
/// Helm's hook types.
pub const HELM_HOOK: &str = "helm.sh/hook";
/// Helm's order of hooks.
pub const HELM_HOOK_WEIGHT: &str = "helm.sh/hook-weight";
/// Helm's deletion policies.
pub const HELM_HOOK_DELETE_POLICY: &str = "helm.sh/hook-delete-policy";
/// The finalizer that keeps a hook readable until its outcome has been seen.
pub const HOOK_FINALIZER: &str = "argocd.argoproj.io/hook-finalizer";

/// The text of an annotation; `None` where it is absent or no text.
#[must_use]
pub fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("annotations")?.get(key)?.as_str()
}

/// The values of a comma-separated annotation: trimmed, without empty ones, each once.
#[must_use]
pub fn list<'a>(object: &'a Value, key: &str) -> Vec<&'a str> {
    let mut values: Vec<&str> = Vec::new();
    for value in annotation(object, key).unwrap_or_default().split(',').map(str::trim) {
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// Whether an object's sync options hold exactly this text. `Replace=True` is not `Replace=true`.
#[must_use]
pub fn has_option(object: &Value, option: &str) -> bool {
    list(object, SYNC_OPTIONS).contains(&option)
}

/// The value of the first sync option with this name.
#[must_use]
pub fn option_value<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    list(object, SYNC_OPTIONS).into_iter().find_map(|item| item.strip_prefix(name)?.strip_prefix('='))
}

/// Reads an integer as Go's `strconv.Atoi` does: an optional sign and digits, nothing else.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The wave an object asks for: Argo CD's annotation where it is an integer, else Helm's hook weight (on
/// any object, hook or not), else 0.
#[must_use]
pub fn wave(object: &Value) -> i64 {
    [SYNC_WAVE, HELM_HOOK_WEIGHT]
        .into_iter()
        .find_map(|key| integer(annotation(object, key)?))
        .unwrap_or_default()
}

/// The finalizers of an object.
#[must_use]
pub fn finalizers(object: &Value) -> Vec<&str> {
    object
        .pointer("/metadata/finalizers")
        .and_then(Value::as_array)
        .map(|items| items.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

/// Whether an object is being deleted.
#[must_use]
pub fn is_terminating(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some_and(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn annotated(key: &str, value: &str) -> Value {
        json!({"metadata": {"annotations": {key: value}}})
    }

    #[test]
    fn waves_are_read_as_go_reads_integers() {
        for (text, expected) in
            [("5", 5), ("+1", 1), ("-5", -5), ("1.0", 0), (" 1", 0), ("", 0), ("99999999999999999999", 0)]
        {
            assert_eq!(wave(&annotated(SYNC_WAVE, text)), expected, "{text:?}");
        }
    }

    #[test]
    fn an_unreadable_wave_falls_back_to_the_weight_of_helm() {
        let object = json!({"metadata": {"annotations": {SYNC_WAVE: "x", HELM_HOOK_WEIGHT: "3"}}});
        assert_eq!(wave(&object), 3);
        let object = json!({"metadata": {"annotations": {SYNC_WAVE: "0", HELM_HOOK_WEIGHT: "3"}}});
        assert_eq!(wave(&object), 0);
    }

    #[test]
    fn options_are_exact_texts() {
        let object = annotated(SYNC_OPTIONS, "Prune=confirm, Replace=true,,Replace=true");
        assert_eq!(list(&object, SYNC_OPTIONS), ["Prune=confirm", "Replace=true"]);
        assert!(has_option(&object, "Replace=true"));
        assert!(!has_option(&object, "Replace=True"));
        assert_eq!(option_value(&object, "Prune"), Some("confirm"));
        assert_eq!(option_value(&object, "Pru"), None);
    }
}
