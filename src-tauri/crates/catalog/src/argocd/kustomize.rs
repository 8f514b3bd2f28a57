//! The Kustomize options of an Argo CD source, as a partial kustomization.

use serde_json::{Map, Value, json};

/// The partial kustomization that `kustomize:` of a source means; `None` where it says nothing.
pub(super) fn kustomization(options: &Value) -> Option<String> {
    let mut result = Map::new();
    for field in ["namePrefix", "nameSuffix", "namespace", "components", "patches", "commonAnnotations"] {
        if let Some(value) = options.get(field).filter(|value| !value.is_null() && **value != json!("")) {
            result.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(labels) = options.get("commonLabels").filter(|labels| labels.is_object()) {
        if options.get("labelWithoutSelector") == Some(&Value::Bool(true)) {
            let includes = options.get("labelIncludeTemplates").cloned().unwrap_or(Value::Bool(false));
            result.insert("labels".to_owned(), json!([{"pairs": labels, "includeTemplates": includes}]));
        } else {
            result.insert("commonLabels".to_owned(), labels.clone());
        }
    }
    if let Some(images) = options.get("images").and_then(Value::as_array) {
        let images: Vec<Value> = images.iter().filter_map(Value::as_str).map(image).collect();
        result.insert("images".to_owned(), Value::from(images));
    }
    if let Some(replicas) = options.get("replicas").and_then(Value::as_array) {
        let replicas: Vec<Value> = replicas
            .iter()
            .map(|entry| {
                let count = entry.get("count").cloned().unwrap_or_default();
                let count =
                    count.as_str().and_then(|text| text.parse::<u32>().ok()).map_or(count, Value::from);
                json!({"name": entry.get("name"), "count": count})
            })
            .collect();
        result.insert("replicas".to_owned(), Value::from(replicas));
    }
    (!result.is_empty()).then(|| slipway_yaml::emit(&Value::Object(result)))
}

/// `[old=]name[:tag][@digest]`, as `kustomize edit set image` reads it.
fn image(text: &str) -> Value {
    let (old, new) = text.split_once('=').map_or((None, text), |(old, new)| (Some(old), new));
    let (new, digest) = new.split_once('@').map_or((new, None), |(new, digest)| (new, Some(digest)));
    // A colon before a slash belongs to the port of a registry.
    let (name, tag) = match new.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (new, None),
    };
    let mut image = Map::new();
    image.insert("name".to_owned(), json!(old.unwrap_or(name)));
    if old.is_some_and(|old| old != name) {
        image.insert("newName".to_owned(), json!(name));
    }
    if let Some(tag) = tag {
        image.insert("newTag".to_owned(), json!(tag));
    }
    if let Some(digest) = digest {
        image.insert("digest".to_owned(), json!(digest));
    }
    Value::Object(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_read_as_kustomize_edits_them() {
        for (text, expected) in [
            ("web:1.2", json!({"name": "web", "newTag": "1.2"})),
            (
                "web=registry:5000/web:1.2",
                json!({"name": "web", "newName": "registry:5000/web", "newTag": "1.2"}),
            ),
            ("registry:5000/web", json!({"name": "registry:5000/web"})),
            ("web@sha256:ab", json!({"name": "web", "digest": "sha256:ab"})),
        ] {
            assert_eq!(image(text), expected, "{text}");
        }
    }
}
