//! Field specs: which field of which kinds a transformer writes.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use slipway_model::{FieldPath, Segment};

use super::bounds::check_path;
use super::path::split_path;
use super::wrong_kind;
use crate::failure::Failure;
use crate::resource::{Gvk, Resource};

/// A field of some kinds, and whether it is made where it is absent.
///
/// The path has a `/` between fields (`\/` stands for one inside a field); lists on the way are walked item by item,
/// and `[]` behind a field says that it is a list, which is never made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// Which kinds; what is empty matches all.
    pub gvk: Gvk,
    /// The path as it is written.
    pub path: String,
    /// Whether the field is made where it is absent.
    pub create: bool,
    steps: Arc<[Step]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    field: String,
    /// Written with `[]`: a null becomes an empty list, an absent one is not made.
    list: bool,
    /// Never a field of a map, because kustomize reads it as something else.
    refused: bool,
}

/// What is made at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// Nothing, whatever the spec says.
    Nothing,
    /// An empty text.
    Scalar,
    /// An empty map.
    Map,
}

/// What a transformer does to the field at the end of the path.
pub(crate) type Setter<'a> = dyn FnMut(&mut Value, &[At<'_>]) -> Result<(), Failure> + 'a;

/// A step of the way to a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    Key(&'a str),
    Item(usize),
}

impl At<'_> {
    /// The way as a path, with one more key.
    pub(crate) fn path(way: &[At<'_>], key: &str) -> FieldPath {
        let steps = way.iter().map(|step| match step {
            At::Key(key) => Segment::Key((*key).to_owned()),
            At::Item(index) => Segment::Index(*index),
        });
        FieldPath(steps.chain([Segment::Key(key.to_owned())]).collect())
    }
}

impl FieldSpec {
    /// A field spec.
    #[must_use]
    pub fn new(gvk: Gvk, path: &str, create: bool) -> Self {
        let steps = split_path(path, '/').into_iter().map(|field| match field.strip_suffix("[]") {
            Some(shorter) => Step::new(shorter.to_owned(), true),
            None => Step::new(field, false),
        });
        Self { gvk, path: path.to_owned(), create, steps: steps.collect() }
    }

    /// A field of all kinds.
    #[must_use]
    pub fn everywhere(path: &str, create: bool) -> Self {
        Self::new(Gvk::default(), path, create)
    }

    /// Whether it speaks of resources of this kind.
    #[must_use]
    pub fn selects(&self, resource: &Resource) -> bool {
        if !self.gvk.kind.is_empty() && self.gvk.kind != resource.kind() {
            return false;
        }
        if self.gvk.group.is_empty() && self.gvk.version.is_empty() {
            return true;
        }
        let (group, version) = crate::resource::parse_group_version(resource.api_version());
        (self.gvk.group.is_empty() || self.gvk.group == group)
            && (self.gvk.version.is_empty() || self.gvk.version == version)
    }

    /// Whether `other`, which comes later, says nothing new: it selects this one and has the same path.
    fn covers(&self, other: &Self) -> bool {
        self.gvk.is_selected_by(&other.gvk) && self.path == other.path
    }

    /// Calls `set` with every field that the spec means, if the kind is right. `changes` is asked first, without copying
    /// the object, whether a field (`None`: one to be made) would change.
    ///
    /// # Errors
    /// When a scalar is in the way or `set` fails: `considering field '…' of object …: …`.
    pub(crate) fn apply(
        &self,
        resource: &mut Resource,
        leaf: Leaf,
        changes: &dyn Fn(Option<&Value>) -> bool,
        set: &mut Setter<'_>,
    ) -> Result<(), Failure> {
        if !self.selects(resource) {
            return Ok(());
        }
        let walk = Walk { steps: &self.steps, leaf: if self.create { leaf } else { Leaf::Nothing } };
        if !walk.touches(resource.object(), changes) {
            return Ok(());
        }
        check_path(self.steps.len())?;
        // The id of the object as it is now, for the message, is only made when it is needed.
        let result = walk.descend(resource.object_mut(), &mut Vec::with_capacity(self.steps.len() + 2), set);
        result.map_err(|failure| {
            let id = resource.current_id();
            failure.context(format_args!("considering field '{}' of object {id}", self.path))
        })
    }
}

impl fmt::Display for FieldSpec {
    /// `KIND.VERSION.GROUP:CREATE:PATH`, as in kustomize's messages.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.gvk, self.create, self.path)
    }
}

/// Adds field specs to others: what is covered already is left out.
///
/// # Errors
/// `conflicting fieldspecs` when both differ in whether the field is made.
pub(crate) fn merge_specs(specs: &mut Vec<FieldSpec>, incoming: &[FieldSpec]) -> Result<(), Failure> {
    for spec in incoming {
        match specs.iter().find(|each| each.covers(spec)) {
            Some(found) if found.create != spec.create => {
                let hint = format!("`{}` and `{}` differ in `create`", found.path, spec.path);
                return Err(Failure::new("kustomize-field-spec", "conflicting fieldspecs").hint(hint));
            }
            Some(_) => {}
            None => specs.push(spec.clone()),
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    steps: &'a [Step],
    leaf: Leaf,
}

impl<'a> Walk<'a> {
    fn next(self) -> Option<(&'a Step, Self)> {
        let (step, steps) = self.steps.split_first()?;
        Some((step, Walk { steps, ..self }))
    }

    /// Whether a walk would change something, or fail.
    fn touches(self, value: &Value, changes: &dyn Fn(Option<&Value>) -> bool) -> bool {
        let Some((step, rest)) = self.next() else { return changes(Some(value)) };
        match value {
            Value::Null => false,
            Value::Array(items) => items.iter().any(|item| self.touches(item, changes)),
            Value::Object(map) => {
                if step.refused {
                    return true;
                }
                let makes = self.leaf != Leaf::Nothing && !step.list;
                match map.get(&step.field) {
                    None => makes && changes(None),
                    Some(Value::Null) => step.list || makes || rest.touches(&Value::Null, changes),
                    Some(child) => rest.touches(child, changes),
                }
            }
            _ => true,
        }
    }

    fn descend(self, value: &mut Value, way: &mut Vec<At<'a>>, set: &mut Setter<'_>) -> Result<(), Failure> {
        let Some((step, rest)) = self.next() else { return set(value, way) };
        match value {
            Value::Null => Ok(()),
            Value::Array(items) => {
                let walked = items.iter_mut().enumerate().try_for_each(|(index, item)| {
                    way.push(At::Item(index));
                    let walked = self.descend(item, way, set);
                    way.pop();
                    walked
                });
                walked.map_err(|failure| {
                    let path = self.steps.iter().map(Step::written).collect::<Vec<_>>().join(" ");
                    failure.context(format_args!("visit traversal on path: [{path}]"))
                })
            }
            Value::Object(map) => self.descend_map(map, (step, rest), way, set),
            _ => Err(Failure::new("kustomize-field-kind", "expected sequence or mapping node")),
        }
    }

    fn descend_map(
        self,
        map: &mut Map<String, Value>,
        (step, rest): (&'a Step, Self),
        way: &mut Vec<At<'a>>,
        set: &mut Setter<'_>,
    ) -> Result<(), Failure> {
        if step.refused {
            return Err(step.refusal());
        }
        let made = match (self.leaf, step.list) {
            (_, true) => Some(Value::Array(Vec::new())),
            (Leaf::Nothing, false) => None,
            (Leaf::Scalar, false) if rest.steps.is_empty() => Some(Value::String(String::new())),
            _ => Some(Value::Object(Map::new())),
        };
        let child = match (map.contains_key(&step.field), made) {
            (false, None) => return Ok(()),
            (false, Some(_)) if step.list => return Ok(()),
            (false, Some(made)) => map.entry(step.field.clone()).or_insert(made),
            (true, made) => match (map.get_mut(&step.field), made) {
                (Some(child), Some(made)) if child.is_null() => {
                    *child = made;
                    child
                }
                (Some(child), _) => child,
                (None, _) => return Ok(()),
            },
        };
        way.push(At::Key(&step.field));
        let walked = rest.descend(child, way, set);
        way.pop();
        walked
    }
}

impl Step {
    fn new(field: String, list: bool) -> Self {
        let name = field.trim();
        let refused = field.is_empty()
            || matches!(name, "*" | "-")
            || name.parse::<i64>().is_ok()
            || name.starts_with('[') && name.ends_with(']');
        Self { field, list, refused }
    }

    fn written(&self) -> String {
        if self.list { format!("{}[]", self.field) } else { self.field.clone() }
    }

    /// kustomize looks fields up as paths, in which some words mean list items; a map has none.
    fn refusal(&self) -> Failure {
        if self.field.is_empty() {
            return Failure::new("kustomize-field-spec", "cannot set or create an empty field name");
        }
        let failure = if self.field.trim() == "*" {
            Failure::new("kustomize-field-spec", "wildcard is not supported in PathGetter")
        } else {
            wrong_kind("SequenceNode", &Value::Object(Map::new()))
        };
        failure.context(format_args!("fieldName: {}", self.field))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set_to(object: Value, path: &str, create: bool, leaf: Leaf) -> Result<Value, Failure> {
        let mut resource = Resource::new(object);
        let spec = FieldSpec::everywhere(path, create);
        spec.apply(&mut resource, leaf, &|_| true, &mut |value, _| {
            *value = json!("set");
            Ok(())
        })?;
        Ok(resource.object().clone())
    }

    #[test]
    fn lists_on_the_way_are_walked_and_not_made() {
        let object = json!({"spec": {"a": [{"b": 1}, {"b": {"c": 2}}, {"d": 3}]}});
        let changed = json!({"spec": {"a": [{"b": "set"}, {"b": "set"}, {"d": 3, "b": "set"}]}});
        assert_eq!(set_to(object.clone(), "spec/a/b", true, Leaf::Scalar).unwrap(), changed);
        assert_eq!(set_to(object, "/spec/a[]/b", true, Leaf::Scalar).unwrap(), changed);
        assert_eq!(
            set_to(json!({"spec": {}}), "spec/a[]/b", true, Leaf::Scalar).unwrap(),
            json!({"spec": {}})
        );
        assert_eq!(
            set_to(json!({"spec": {"a": null}}), "spec/a[]/b", false, Leaf::Nothing).unwrap(),
            json!({"spec": {"a": []}}),
            "kustomize turns a null that the path calls a list into a list"
        );
    }

    #[test]
    fn maps_on_the_way_are_made_when_asked() {
        assert_eq!(
            set_to(json!({}), r"metadata/annotations/a.b\/c", true, Leaf::Scalar).unwrap(),
            json!({"metadata": {"annotations": {"a.b/c": "set"}}})
        );
        assert_eq!(set_to(json!({}), "metadata/name", false, Leaf::Scalar).unwrap(), json!({}));
        assert_eq!(
            set_to(json!({"metadata": null}), "metadata/name", true, Leaf::Scalar).unwrap(),
            json!({"metadata": {"name": "set"}})
        );
        assert_eq!(
            set_to(json!({"metadata": null}), "metadata/name", false, Leaf::Scalar).unwrap(),
            json!({"metadata": null})
        );
    }

    #[test]
    fn a_scalar_in_the_way_is_an_error() {
        let object =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"a": "text"}});
        assert_eq!(
            set_to(object, "spec/a/b", true, Leaf::Scalar).unwrap_err().message(),
            "considering field 'spec/a/b' of object Pod.v1.[noGrp]/p.[noNs]: expected sequence or mapping node"
        );
        let list = json!({"kind": "Pod", "spec": {"a": ["text"]}});
        assert!(
            set_to(list, "spec/a/b", true, Leaf::Scalar)
                .unwrap_err()
                .message()
                .contains("visit traversal on path: [b]: expected sequence or mapping node")
        );
    }

    #[test]
    fn what_is_covered_is_not_added() {
        let mut specs = vec![FieldSpec::new(Gvk::kind_only("Deployment"), "a", true)];
        merge_specs(&mut specs, &[FieldSpec::everywhere("a", true), FieldSpec::everywhere("b", true)])
            .unwrap();
        assert_eq!(specs.len(), 2, "a spec of one kind hides a later one of all kinds, as in kustomize");
        let failure = merge_specs(&mut specs, &[FieldSpec::everywhere("b", false)]).unwrap_err();
        assert_eq!(failure.message(), "conflicting fieldspecs");
    }
}
