//! Which changes of a workload restart its pods.

use std::sync::OnceLock;

use slipway_model::{FieldPath, Segment};

use crate::tables;

/// What a change of a field does to the pods of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Its pods (for a Pod: its containers) start anew.
    Restarts,
    /// Its pods stay.
    Keeps,
    /// The table says nothing about it: another kind, or a field that is not listed.
    Unknown,
}

/// What a change at `path` does. Compare pod templates after defaulting: a textual difference alone
/// (`0.1` for `100m`, a default written out) restarts nothing.
#[must_use]
pub fn effect(api_version: &str, kind: &str, path: &FieldPath) -> Effect {
    let pattern = pattern(path);
    let heading = format!("{api_version}/{kind}");
    let Some((_, rows)) = table().iter().find(|(each, _)| *each == heading) else { return Effect::Unknown };
    let matched = rows.iter().find(|row| is_at_or_below(&pattern, &row[1..]));
    match matched.and_then(|row| row.chars().next()) {
        Some('+') => Effect::Restarts,
        Some(_) => Effect::Keeps,
        None => Effect::Unknown,
    }
}

type Table = Vec<(&'static str, Vec<&'static str>)>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| tables::blocks(tables::RESTARTS))
}

/// `/spec/containers/[name=a]/image` → `spec.containers[].image`.
pub(crate) fn pattern(path: &FieldPath) -> String {
    let mut out = String::new();
    for segment in path.segments() {
        match segment {
            Segment::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Segment::Index(_) | Segment::Keyed(_) => out.push_str("[]"),
        }
    }
    out
}

/// Whether a pattern is `root` or something inside it.
pub(crate) fn is_at_or_below(pattern: &str, root: &str) -> bool {
    pattern
        .strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_restarts_and_a_scale_does_not() {
        let check = |kind: &str, api: &str, path: &str, expected| {
            assert_eq!(effect(api, kind, &path.parse().unwrap()), expected, "{kind} {path}");
        };
        check("Deployment", "apps/v1", "/spec/template/spec/containers/[name=a]/image", Effect::Restarts);
        check("Deployment", "apps/v1", "/spec/replicas", Effect::Keeps);
        check("ReplicaSet", "apps/v1", "/spec/template/spec/nodeName", Effect::Keeps);
        check("Pod", "v1", "/spec/containers/0/image", Effect::Restarts);
        check("ConfigMap", "v1", "/data/x", Effect::Unknown);
    }
}
