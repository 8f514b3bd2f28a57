//! Which step set which field, for builds that ask for it.
//!
//! Transformers know nothing of it: the objects before and after a step are compared, and an object that was not touched
//! is the same in memory, so it is not even looked at.

use std::sync::Arc;

use serde_json::Value;
use slipway_model::{FieldPath, Location};

use crate::resource::ResourceMap;

/// A step of a build that changes resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The transformer or generator: `PatchTransformer`, `ConfigMapGenerator`, `name references`.
    pub name: String,
    /// Where it is asked for: an entry of a kustomization file, or a patch file.
    pub place: Location,
}

/// A field that a step set or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The field; items of lists by their position at that time.
    pub path: FieldPath,
    /// The step.
    pub step: Arc<Step>,
}

/// The objects before a step.
pub(crate) struct Snapshot(Vec<Arc<Value>>);

impl Snapshot {
    pub(crate) fn of(resources: &ResourceMap) -> Self {
        Self(resources.iter().map(|resource| Arc::clone(resource.shared_object())).collect())
    }

    /// Notes with each resource what the step changed in it.
    pub(crate) fn note(&self, resources: &mut ResourceMap, step: &Arc<Step>) {
        let mut position = 0;
        for resource in resources.iter_mut() {
            // A step may drop resources, so the one before is looked for from where the last one was.
            let same = |object: &Arc<Value>| {
                Arc::ptr_eq(object, resource.shared_object())
                    || ["kind", "apiVersion"]
                        .iter()
                        .all(|field| object.get(field) == resource.object().get(field))
                        && (name(object) == Some(resource.name())
                            || resource
                                .previous()
                                .last()
                                .is_some_and(|last| name(object) == Some(last.name.as_str())))
            };
            let found = if self.0.len() == position {
                None
            } else {
                self.0[position..].iter().position(same).map(|offset| position + offset)
            };
            let Some(found) = found else {
                resource.add_change(Change { path: FieldPath::root(), step: Arc::clone(step) });
                continue;
            };
            position = found + 1;
            let before = Arc::clone(&self.0[found]);
            if Arc::ptr_eq(&before, resource.shared_object()) {
                continue;
            }
            let mut paths = Vec::new();
            compare(&before, resource.object(), &FieldPath::root(), &mut paths);
            for path in paths {
                resource.add_change(Change { path, step: Arc::clone(step) });
            }
        }
    }
}

fn name(object: &Value) -> Option<&str> {
    object.get("metadata")?.get("name")?.as_str()
}

/// The fields in which two values differ, the deepest ones; a list of another length differs as a whole.
fn compare(before: &Value, after: &Value, path: &FieldPath, paths: &mut Vec<FieldPath>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                match (before.get(key), after.get(key)) {
                    (Some(before), Some(after)) => compare(before, after, &path.key(key.as_str()), paths),
                    _ => paths.push(path.key(key.as_str())),
                }
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                compare(before, after, &path.index(index), paths);
            }
        }
        (before, after) if before == after => {}
        _ => paths.push(path.clone()),
    }
}
