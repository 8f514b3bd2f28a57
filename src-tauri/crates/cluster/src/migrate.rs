//! Taking over the fields of objects that were applied client-side before.
//!
//! What `kubectl apply` wrote belongs to the manager `kubectl-client-side-apply`. Unless those fields
//! become our own, a field that is taken out of the manifests stays in the object for ever. Argo CD does the
//! same when it turns to server-side apply.

use http::Method;
use serde_json::{Map, Value, json};
use slipway_sync::ownership::FIELD_MANAGER;

use crate::connection::Connection;
use crate::error::{ClusterError, ErrorKind};

const CLIENT_SIDE: &str = "kubectl-client-side-apply";
const TRIES: usize = 5;

/// Moves the fields of client-side apply to our manager, where there are any.
pub(crate) async fn take_over(connection: &Connection, path: &str, live: &Value) -> Result<(), ClusterError> {
    if moved(live).is_none() {
        return Ok(());
    }
    for _ in 0..TRIES {
        let fresh = match connection.get(path).await {
            Ok(fresh) => fresh,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(managed) = moved(&fresh) else { return Ok(()) };
        let patch = json!([
            {"op": "replace", "path": "/metadata/managedFields", "value": managed},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": fresh["metadata"]["resourceVersion"]},
        ]);
        match connection.write(Method::PATCH, path, "application/json-patch+json", &patch).await {
            Err(error) if error.kind == ErrorKind::Conflict => {}
            Err(error) => return Err(error.while_doing("taking over the fields of client-side apply")),
            Ok(_) => return Ok(()),
        }
    }
    Err(ClusterError::new(
        ErrorKind::Conflict,
        "the fields of client-side apply could not be taken over: the object keeps changing",
    ))
}

/// The managed fields with those of client-side apply moved to our manager; `None` where there are none.
fn moved(object: &Value) -> Option<Vec<Value>> {
    let entries = object.pointer("/metadata/managedFields")?.as_array()?;
    let is_client_side = |entry: &Value| {
        entry["manager"] == CLIENT_SIDE
            && entry["operation"] == "Update"
            && entry.get("subresource").is_none()
    };
    let is_ours = |entry: &Value| {
        entry["manager"] == FIELD_MANAGER
            && entry["operation"] == "Apply"
            && entry.get("subresource").is_none()
    };
    let taken: Vec<&Value> = entries.iter().filter(|entry| is_client_side(entry)).collect();
    let first = taken.first()?;
    let mut ours = entries.iter().find(|entry| is_ours(entry)).cloned().unwrap_or_else(|| {
        let mut entry = Value::clone(first);
        entry["manager"] = json!(FIELD_MANAGER);
        entry["operation"] = json!("Apply");
        entry
    });
    for entry in taken {
        // Entries of two versions of a kind cannot be joined; the API drops what it cannot place.
        union(&mut ours["fieldsV1"], &entry["fieldsV1"], 0);
    }
    let mut left: Vec<Value> =
        entries.iter().filter(|entry| !is_client_side(entry) && !is_ours(entry)).cloned().collect();
    left.push(ours);
    Some(left)
}

/// Joins two sets of fields. Sets are as deep as the object; deeper ones than any object are left alone.
fn union(into: &mut Value, from: &Value, depth: usize) {
    let Some(from) = from.as_object().filter(|_| depth < 128) else { return };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Some(into) = into.as_object_mut() else { return };
    for (key, fields) in from {
        union(into.entry(key.clone()).or_insert_with(|| json!({})), fields, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, operation: &str, fields: &Value) -> Value {
        json!({"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields})
    }

    #[test]
    fn fields_of_client_side_apply_become_our_own() {
        let object = json!({"metadata": {"managedFields": [
            entry(CLIENT_SIDE, "Update", &json!({"f:data": {"f:a": {}}})),
            entry("controller", "Update", &json!({"f:status": {}})),
            entry(FIELD_MANAGER, "Apply", &json!({"f:data": {"f:b": {}}})),
        ]}});
        assert_eq!(
            moved(&object).unwrap(),
            [
                entry("controller", "Update", &json!({"f:status": {}})),
                entry(FIELD_MANAGER, "Apply", &json!({"f:data": {"f:a": {}, "f:b": {}}})),
            ]
        );
    }

    #[test]
    fn without_client_side_apply_nothing_moves() {
        let object = json!({"metadata": {"managedFields": [entry(FIELD_MANAGER, "Apply", &json!({}))]}});
        assert_eq!(moved(&object), None);
        assert_eq!(moved(&json!({})), None);
    }
}
