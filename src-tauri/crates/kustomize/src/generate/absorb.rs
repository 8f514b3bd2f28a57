//! Adding what a generator made to the resources that are there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::encode;
use crate::failure::Failure;
use crate::kustomization::go_quote;
use crate::resource::{Behavior, ResId, Resource, ResourceMap, scalar_text};

const ORIGIN: &str = "config.kubernetes.io/origin";

/// Adds a generated resource, or merges it into the one of the same id, as its behavior says.
///
/// # Errors
/// When there is one and it creates, or there is none and it merges or replaces, or there are several.
pub(crate) fn absorb(resources: &mut ResourceMap, mut made: Resource) -> Result<(), Failure> {
    let id = made.current_id();
    let found = resources.find_any(&id);
    let position = match found[..] {
        [] if matches!(made.behavior(), Behavior::Merge | Behavior::Replace) => {
            let message = format!("id {} does not exist; cannot merge or replace", go_id(&id));
            return Err(Failure::new("kustomize-not-found", message));
        }
        [] => return resources.append(made),
        [position] => position,
        _ => {
            let message = format!("found multiple objects that could accept merge of {id}");
            return Err(Failure::new("kustomize-ambiguous", message));
        }
    };
    let Some(old) = resources.get(position) else { return Ok(()) };
    match made.behavior() {
        Behavior::Replace => take_over(&mut made, old),
        Behavior::Merge => {
            let origin = old.annotation(ORIGIN).map(str::to_owned);
            let mut data = text_map(old.object().get("data"));
            let binary = text_map(old.object().get("binaryData"));
            if made.api_version() == "v1" && made.kind() == "Secret" {
                add_string_data(&mut data, old, &id)?;
            }
            take_over(&mut made, old);
            merge_map(&mut made, "data", data);
            merge_map(&mut made, "binaryData", binary);
            if let Some(origin) = origin {
                made.set_annotation(ORIGIN, origin);
            }
        }
        behavior => {
            let message = format!(
                "id {} exists; can not use behavior: '{}', behavior must be merge or replace",
                go_id(&id),
                behavior.name()
            );
            return Err(Failure::new("kustomize-duplicate", message));
        }
    }
    if resources.replace(made)? != position {
        return Err(Failure::new("kustomize-ambiguous", "unexpected target index in replacement"));
    }
    Ok(())
}

/// Labels and annotations of the old one below those of the new one; name, namespace and what is remembered are the
/// old one's.
pub(crate) fn take_over(made: &mut Resource, old: &Resource) {
    let mut labels = old.labels();
    labels.extend(made.labels());
    made.set_labels(labels);
    let mut annotations = old.annotations();
    annotations.extend(made.annotations());
    made.set_annotations(annotations);
    made.set_name(old.name());
    made.set_namespace(old.namespace());
    made.copy_notes_from(old);
}

fn merge_map(made: &mut Resource, field: &str, mut values: BTreeMap<String, String>) {
    values.extend(text_map(made.object().get(field)));
    let Some(object) = made.object_mut().as_object_mut() else { return };
    if values.is_empty() {
        object.remove(field);
    } else {
        let map: Map<String, Value> =
            values.into_iter().map(|(key, value)| (key, Value::String(value))).collect();
        object.insert(field.to_owned(), Value::Object(map));
    }
}

fn text_map(value: Option<&Value>) -> BTreeMap<String, String> {
    let Some(Value::Object(map)) = value else { return BTreeMap::new() };
    map.iter().map(|(key, value)| (key.clone(), scalar_text(value))).collect()
}

/// `stringData` wins over `data`, as in the API server.
fn add_string_data(data: &mut BTreeMap<String, String>, old: &Resource, id: &ResId) -> Result<(), Failure> {
    let Some(Value::Object(map)) = old.object().get("stringData") else { return Ok(()) };
    for (key, value) in map {
        if value.is_object() || value.is_array() {
            let message = format!(
                "failed to normalize stringData for {id}: read stringData: stringData value for key {} must be a scalar",
                go_quote(key)
            );
            return Err(Failure::new("kustomize-resource", message));
        }
        data.insert(key.clone(), encode(scalar_text(value).as_bytes()));
    }
    Ok(())
}

/// An id as Go prints the struct.
fn go_id(id: &ResId) -> String {
    format!(
        "resid.ResId{{Gvk:resid.Gvk{{Group:{}, Version:{}, Kind:{}, isClusterScoped:{}}}, Name:{}, Namespace:{}}}",
        go_quote(&id.gvk.group),
        go_quote(&id.gvk.version),
        go_quote(&id.gvk.kind),
        id.cluster_scoped,
        go_quote(&id.name),
        go_quote(&id.namespace)
    )
}
