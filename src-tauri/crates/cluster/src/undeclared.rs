//! Leaving out fields that no schema knows, where somebody asked for that with `Validate=false`.
//!
//! Server-side apply refuses such fields whatever validation it is asked for; any other write drops them. With
//! `Validate=false` they are dropped here as well, by the paths that the API names.

use serde_json::Value;

const MARK: &str = ": field not declared in schema";

/// Removes the fields that a message of the API calls undeclared; whether there were any.
pub(crate) fn remove(body: &mut Value, message: &str) -> bool {
    let mut removed = false;
    let mut rest = message;
    while let Some(end) = rest.find(MARK) {
        let before = &rest[..end];
        let start = before.rfind(" .").map_or(0, |space| space + 1);
        removed |= remove_path(body, &before[start..]);
        rest = &rest[end + MARK.len()..];
    }
    removed
}

/// Removes the field at `.spec.containers[name="web"].field`.
fn remove_path(body: &mut Value, path: &str) -> bool {
    let Some(split) = path.rfind('.') else { return false };
    let (parent, field) = (&path[..split], &path[split + 1..]);
    find(body, parent).and_then(Value::as_object_mut).is_some_and(|fields| fields.remove(field).is_some())
}

fn find<'a>(mut value: &'a mut Value, mut path: &str) -> Option<&'a mut Value> {
    while !path.is_empty() {
        if let Some(rest) = path.strip_prefix('.') {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            value = value.get_mut(&rest[..end])?;
            path = &rest[end..];
        } else {
            let rest = path.strip_prefix('[')?;
            let end = rest.find(']')?;
            value = item(value, &rest[..end])?;
            path = &rest[end + 1..];
        }
    }
    Some(value)
}

/// An item by its position, or by its keys: `name="web"`, `containerPort=80,protocol="TCP"`.
fn item<'a>(list: &'a mut Value, selector: &str) -> Option<&'a mut Value> {
    let list = list.as_array_mut()?;
    if let Ok(index) = selector.parse::<usize>() {
        return list.get_mut(index);
    }
    list.iter_mut().find(|item| {
        selector.split(',').all(|pair| {
            let wanted = pair
                .split_once('=')
                .and_then(|(key, value)| Some((key, serde_json::from_str::<Value>(value).ok()?)));
            wanted.is_some_and(|(key, value)| item.get(key) == Some(&value))
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_removed_by_the_paths_of_the_message() {
        let mut body = json!({"kind": "Deployment", "wrong": 1, "spec": {"containers": [
            {"name": "a"}, {"name": "web", "imagee": "x", "ports": [{"containerPort": 80, "protocol": "TCP", "x": 1}]}]}});
        let message = "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): errors:\n  \
            .wrong: field not declared in schema\n  .spec.containers[name=\"web\"].imagee: field not declared in schema\n  \
            .spec.containers[name=\"web\"].ports[containerPort=80,protocol=\"TCP\"].x: field not declared in schema";
        assert!(remove(&mut body, message));
        assert_eq!(
            body,
            json!({"kind": "Deployment", "spec": {"containers": [
                {"name": "a"}, {"name": "web", "ports": [{"containerPort": 80, "protocol": "TCP"}]}]}})
        );
        assert!(!remove(&mut body, message), "nothing is left to remove");
        assert!(!remove(&mut body, "the object is invalid"));
    }
}
