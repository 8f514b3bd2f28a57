//! Names, tags and digests of container images.

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use super::field_spec::{FieldSpec, Leaf};
use super::specs::{Unknown, parse_specs};
use super::{decode, expression, scalar, wrong_kind};
use crate::failure::Failure;
use crate::resource::ResourceMap;

/// An entry of `images`. What is empty is not changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The name without tag and digest; a regular expression, as it happens.
    pub name: String,
    /// The name it gets.
    pub new_name: String,
    /// What is added to the tag, where it gets neither tag nor digest.
    pub tag_suffix: String,
    /// The tag it gets.
    pub new_tag: String,
    /// The digest it gets.
    pub digest: String,
}

/// `ImageTagTransformer`.
#[derive(Clone, Debug)]
pub struct ImageTransformer {
    image: Image,
    specs: Arc<Vec<FieldSpec>>,
    name: NamePattern,
}

impl Image {
    /// Reads an image.
    pub(crate) fn parse(value: &Value) -> Result<Self, Failure> {
        Ok(Self {
            name: decode::text_field(value, "name")?,
            new_name: decode::text_field(value, "newName")?,
            tag_suffix: decode::text_field(value, "tagSuffix")?,
            new_tag: decode::text_field(value, "newTag")?,
            digest: decode::text_field(value, "digest")?,
        })
    }

    /// The text that a matching image becomes.
    fn rewritten(&self, text: &str) -> String {
        let (name, mut tag, mut digest) = split(text);
        let name = if self.new_name.is_empty() { name } else { &self.new_name };
        let suffixed;
        if !self.new_tag.is_empty() {
            (tag, digest) = (&self.new_tag, &self.digest);
        } else if !self.digest.is_empty() {
            (tag, digest) = ("", &self.digest);
        } else if !self.tag_suffix.is_empty() {
            suffixed = format!("{tag}{}", self.tag_suffix);
            (tag, digest) = (&suffixed, "");
        }
        let mut image = name.to_owned();
        for (separator, part) in [(':', tag), ('@', digest)] {
            if !part.is_empty() {
                image.push(separator);
                image.push_str(part);
            }
        }
        image
    }
}

impl ImageTransformer {
    /// A transformer for one image.
    #[must_use]
    pub fn new(image: Image, specs: Arc<Vec<FieldSpec>>) -> Self {
        let name = NamePattern::new(&image.name);
        Self { image, specs, name }
    }

    /// Reads `kind: ImageTagTransformer`.
    pub(crate) fn parse(config: &Value) -> Result<Self, Failure> {
        let image = decode::field(config, "imageTag").map_or_else(|| Ok(Image::default()), Image::parse)?;
        let specs = decode::field(config, "fieldSpecs").unwrap_or(&Value::Null);
        Ok(Self::new(image, Arc::new(parse_specs(specs, Unknown::Ignored)?)))
    }

    /// Rewrites the image wherever it is in `containers` or `initContainers`, at any depth, and then at the field specs.
    /// Custom resource definitions are left alone.
    ///
    /// # Errors
    /// When there is a map or list where an image should be.
    pub fn apply(&self, map: &mut ResourceMap) -> Result<(), Failure> {
        for resource in map.iter_mut().filter(|resource| resource.kind() != "CustomResourceDefinition") {
            if self.in_containers(resource.object())? {
                self.set_containers(resource.object_mut());
            }
        }
        let changes = |value: Option<&Value>| value.is_some_and(|value| self.changes(value));
        for resource in map.iter_mut().filter(|resource| resource.kind() != "CustomResourceDefinition") {
            for spec in &*self.specs {
                spec.apply(resource, Leaf::Nothing, &changes, &mut |value, _| match scalar::text(value) {
                    None => Err(wrong_kind("ScalarNode", value)),
                    Some(_) => {
                        self.set(value);
                        Ok(())
                    }
                })?;
            }
        }
        Ok(())
    }

    /// Whether a field would change or is no image at all.
    fn changes(&self, value: &Value) -> bool {
        match scalar::text(value) {
            None => true,
            Some(text) => {
                !value.is_null() && self.name.matches(&text) && self.image.rewritten(&text) != *text
            }
        }
    }

    fn set(&self, value: &mut Value) {
        let new = match scalar::text(value) {
            Some(text) if !value.is_null() && self.name.matches(&text) => self.image.rewritten(&text),
            _ => return,
        };
        *value = Value::String(new);
    }

    /// Whether an object has containers that change.
    fn in_containers(&self, value: &Value) -> Result<bool, Failure> {
        match value {
            Value::Array(items) => {
                let mut found = false;
                for item in items {
                    found |= self.in_containers(item)?;
                }
                Ok(found)
            }
            Value::Object(map) => {
                let mut found = false;
                for (key, value) in map {
                    found |= self.in_containers(value)?;
                    if let ("containers" | "initContainers", Value::Array(items)) = (key.as_str(), value) {
                        for item in items {
                            found |= self.in_container(item)?;
                        }
                    }
                }
                Ok(found)
            }
            _ => Ok(false),
        }
    }

    fn in_container(&self, container: &Value) -> Result<bool, Failure> {
        match container {
            Value::Null => Ok(false),
            Value::Object(map) => match map.get("image") {
                None => Ok(false),
                Some(image @ (Value::Array(_) | Value::Object(_))) => Err(wrong_kind("ScalarNode", image)),
                Some(image) => Ok(self.changes(image)),
            },
            other => Err(wrong_kind("MappingNode", other)),
        }
    }

    fn set_containers(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.set_containers(item)),
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    self.set_containers(value);
                    if let ("containers" | "initContainers", Value::Array(items)) = (key.as_str(), value) {
                        items
                            .iter_mut()
                            .filter_map(|item| item.get_mut("image"))
                            .for_each(|image| self.set(image));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The name of an image, which kustomize puts into a regular expression as it is.
#[derive(Clone, Debug)]
enum NamePattern {
    /// A name in which `.` stands for any character.
    Name(String),
    Expression(Regex),
    /// No regular expression: matches nothing.
    Nothing,
}

impl NamePattern {
    fn new(name: &str) -> Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/:@-".contains(&byte);
        if name.bytes().all(plain) {
            return Self::Name(name.to_owned());
        }
        let tag = "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$";
        expression::compile("^", name, tag).map_or(Self::Nothing, Self::Expression)
    }

    /// Whether an image is this name with any tag and digest.
    fn matches(&self, image: &str) -> bool {
        match self {
            Self::Name(name) => {
                let mut characters = image.chars();
                let same = name.chars().all(|wanted| match characters.next() {
                    Some(is) => is == wanted || wanted == '.' && is != '\n',
                    None => false,
                });
                same && is_tag_and_digest(characters.as_str())
            }
            Self::Expression(expression) => expression.is_match(image),
            Self::Nothing => false,
        }
    }
}

/// `(:TAG)?(@ALGORITHM:DIGEST)?`.
fn is_tag_and_digest(text: &str) -> bool {
    let allowed =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.{}-".contains(&byte));
    let (tag, digest) = match text.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (text, None),
    };
    let tag_fits = tag.is_empty() || tag.strip_prefix(':').is_some_and(allowed);
    let digest_fits = digest.is_none_or(|digest| {
        digest.split_once(':').is_some_and(|(algorithm, value)| {
            let parts = algorithm.split(['.', '+', '_', '-']);
            let named =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            parts.into_iter().all(named) && allowed(value)
        })
    });
    tag_fits && digest_fits
}

/// Name, tag and digest of an image; a port of its registry is part of the name.
fn split(image: &str) -> (&str, &str, &str) {
    let start = image.find('/').filter(|at| *at > 0).unwrap_or(0);
    let at = image[start..].find('@').map(|at| start + at);
    let colon = image[start..].find(':').map(|colon| start + colon);
    match (colon, at) {
        (None, None) => (image, "", ""),
        (Some(colon), Some(at)) if colon < at => (&image[..colon], &image[colon + 1..at], &image[at + 1..]),
        (_, Some(at)) => (&image[..at], "", &image[at + 1..]),
        (Some(colon), None) => (&image[..colon], &image[colon + 1..], ""),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::Resource;
    use crate::transform::TransformerConfig;

    fn image(fields: &Value) -> Image {
        Image::parse(fields).unwrap()
    }

    #[test]
    fn images_are_rewritten() {
        for (fields, before, after) in [
            (json!({"name": "nginx", "newTag": "2"}), "nginx:1", "nginx:2"),
            (json!({"name": "nginx", "newTag": "2"}), "nginx", "nginx:2"),
            (json!({"name": "nginx", "newTag": "2"}), "nginx@sha256:abc", "nginx:2"),
            (json!({"name": "nginx", "newTag": "2"}), "other/nginx:1", "other/nginx:1"),
            (json!({"name": "nginx", "digest": "sha256:ff"}), "nginx:1", "nginx@sha256:ff"),
            (json!({"name": "nginx", "newTag": "2", "digest": "sha256:ff"}), "nginx:1", "nginx:2@sha256:ff"),
            (json!({"name": "nginx", "newName": "r.io/n"}), "nginx:1@sha256:aa", "r.io/n:1@sha256:aa"),
            (json!({"name": "nginx", "tagSuffix": "-x"}), "nginx:1@sha256:aa", "nginx:1-x"),
            (json!({"name": "nginx", "tagSuffix": "-x"}), "nginx", "nginx:-x"),
            (json!({"name": "localhost:5000/a", "newTag": "2"}), "localhost:5000/a:1", "localhost:5000/a:2"),
            (json!({"name": "localhost:5000/a", "newTag": "2"}), "localhost:5000/a", "localhost:5000/a:2"),
            (json!({"name": "gcr.io/a", "newTag": "2"}), "gcr-io/a:1", "gcr-io/a:2"),
            (json!({"name": "ng.*x", "newTag": "2"}), "nginx:1", "nginx:2"),
            (json!({"name": "[", "newTag": "2"}), "[", "["),
            (json!({"name": "nginx", "newTag": "2"}), "nginx:{build}", "nginx:2"),
            (json!({"name": "nginx", "newTag": "2"}), "nginx:a b", "nginx:a b"),
            (json!({"name": "nginx", "newTag": "2"}), "nginx@x:y:z", "nginx@x:y:z"),
        ] {
            let transformer = ImageTransformer::new(image(&fields), Arc::default());
            let mut value = Value::from(before);
            transformer.set(&mut value);
            assert_eq!(value, after, "{fields}");
        }
    }

    #[test]
    fn containers_are_found_at_any_depth_and_at_field_specs() {
        let object = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"},
            "spec": {"deep": [{"initContainers": [{"image": "a:1"}, {}]}],
                "volumes": [{"image": {"reference": "a:1"}}], "image": "a:1"}});
        let transformer = ImageTransformer::new(
            image(&json!({"name": "a", "newTag": "2"})),
            TransformerConfig::defaults().images,
        );
        let mut map = ResourceMap::from_resources(vec![Resource::new(object.clone())]).unwrap();
        transformer.apply(&mut map).unwrap();
        let mut expected = object.clone();
        expected["spec"]["deep"][0]["initContainers"][0]["image"] = json!("a:2");
        expected["spec"]["volumes"][0]["image"]["reference"] = json!("a:2");
        assert_eq!(*map.as_slice()[0].object(), expected);

        let mut definition = object;
        definition["kind"] = json!("CustomResourceDefinition");
        let mut map = ResourceMap::from_resources(vec![Resource::new(definition.clone())]).unwrap();
        transformer.apply(&mut map).unwrap();
        assert_eq!(*map.as_slice()[0].object(), definition);
    }

    #[test]
    fn what_is_no_image_is_an_error() {
        let object = json!({"kind": "Pod", "spec": {"containers": [{"image": {"a": 1}}]}});
        let mut map = ResourceMap::from_resources(vec![Resource::new(object)]).unwrap();
        let transformer = ImageTransformer::new(image(&json!({"name": "a"})), Arc::default());
        assert!(
            transformer
                .apply(&mut map)
                .unwrap_err()
                .message()
                .starts_with("wrong node kind: expected ScalarNode")
        );
    }
}
