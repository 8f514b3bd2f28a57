//! Strategic merge as kustomize does it (`kyaml/yaml/merge2`), which is not that of the API server: of the directives
//! only `$patch` is known, lists that merge are walked in both objects even where the patch says nothing, and what the
//! patch adds to a list comes first.
//!
//! Both objects are trees of YAML nodes to kustomize, and it merges them in place: a value that is only in the patch
//! becomes part of the target and is then merged with itself, which drops its nulls and carries out its directives.
//! [`Origin::Same`] is that second pass.

mod list;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use slipway_model::{FieldPath, Segment};

use super::scalar::text;
use super::schema::{Node, Schema};
use super::wrong_kind;
use crate::failure::Failure;

const DIRECTIVE: &str = "$patch";

/// Merges a patch into an object; `false` where the patch deletes the object.
///
/// # Errors
/// When the patch has an unknown `$patch`, or a map where the object has a list or scalar.
pub(crate) fn merge(object: &mut Value, patch: &Value, schema: &Schema) -> Result<bool, Failure> {
    let outcome = Merge { schema }.walk(Some(object), Origin::Node(patch), None)?;
    match outcome {
        Outcome::Keep => Ok(true),
        Outcome::Set(value) => {
            *object = value;
            Ok(true)
        }
        Outcome::Clear => Ok(false),
    }
}

/// Drops nulls at some places: keys without a value, which do not survive a merge where a null that is written out does.
/// Those inside of lists that do not merge stay.
pub(crate) fn drop_nulls(object: &mut Value, places: &[FieldPath], schema: &Schema) {
    let merge = Merge { schema };
    for place in places {
        let Some((Segment::Key(last), steps)) = place.segments().split_last() else { continue };
        if let Some(Value::Object(map)) = merge.reach(object, steps)
            && map.get(last).is_some_and(Value::is_null)
        {
            map.remove(last);
        }
    }
}

/// The patch's side of a place.
#[derive(Clone, Copy)]
enum Origin<'p> {
    /// The patch says nothing here.
    Absent,
    /// The patch's node has become the target.
    Same,
    Node(&'p Value),
}

/// What becomes of the target's side.
enum Outcome {
    /// It stays, changed in place.
    Keep,
    Set(Value),
    Clear,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Map,
    List,
    Scalar,
}

impl Kind {
    fn of(value: &Value) -> Self {
        match value {
            Value::Object(_) => Self::Map,
            Value::Array(_) => Self::List,
            _ => Self::Scalar,
        }
    }

    fn node_name(self) -> &'static str {
        match self {
            Self::Map => "MappingNode",
            Self::List => "SequenceNode",
            Self::Scalar => "ScalarNode",
        }
    }
}

#[derive(Clone, Copy)]
struct Merge<'s> {
    schema: &'s Schema,
}

impl<'s> Merge<'s> {
    fn walk(
        self,
        dest: Option<&mut Value>,
        origin: Origin<'_>,
        schema: Option<Node<'s>>,
    ) -> Result<Outcome, Failure> {
        let patch = match origin {
            Origin::Node(value) if !value.is_null() => Some(value),
            _ => None,
        };
        let target = dest.as_deref().filter(|value| !value.is_null());
        let kind = target.or(patch).map(Kind::of);
        if let (Some(kind), Some(patch)) = (kind, patch)
            && Kind::of(patch) != kind
        {
            return Err(wrong_kind(kind.node_name(), patch));
        }
        let schema = schema.or_else(|| {
            let embedded = |value: &Value| self.schema_of(value);
            target.and_then(embedded).or_else(|| patch.and_then(embedded))
        });
        match kind {
            None | Some(Kind::Map) => self.walk_map(dest, origin, schema),
            Some(Kind::List) => self.walk_list(dest, origin, schema),
            Some(Kind::Scalar) => Ok(replaced(origin)),
        }
    }

    /// What is at a place that a merge walks to.
    fn reach<'v>(self, object: &'v mut Value, steps: &[Segment]) -> Option<&'v mut Value> {
        let mut schema = None;
        steps.iter().try_fold(object, |at, step| {
            let known: Option<Node<'s>> = schema.or_else(|| self.schema_of(at));
            match step {
                Segment::Key(key) => {
                    schema = known.and_then(|known| known.field(key));
                    at.get_mut(key)
                }
                Segment::Index(index) => {
                    known.and_then(Node::merge_keys)?;
                    schema = known.and_then(Node::items);
                    at.get_mut(*index)
                }
                Segment::Keyed(_) => None,
            }
        })
    }

    /// What is known about an object by its `apiVersion` and `kind`, wherever it is.
    fn schema_of(self, value: &Value) -> Option<Node<'s>> {
        let map = value.as_object()?;
        let (kind, api_version) = (map.get("kind")?.as_str()?, map.get("apiVersion")?.as_str()?);
        if kind.is_empty() || api_version.is_empty() {
            return None;
        }
        self.schema.of_kind(api_version, kind)
    }

    fn walk_map(
        self,
        dest: Option<&mut Value>,
        origin: Origin<'_>,
        schema: Option<Node<'s>>,
    ) -> Result<Outcome, Failure> {
        match (dest, origin) {
            (Some(Value::Object(target)), Origin::Absent) => {
                self.fields_without_patch(target, schema)?;
                Ok(Outcome::Keep)
            }
            (Some(Value::Object(target)), Origin::Same) => {
                let directive = Directive::of(target)?;
                // Taken out even of what is deleted: a list may keep it all the same.
                target.remove(DIRECTIVE);
                if directive == Directive::Delete {
                    return Ok(Outcome::Clear);
                }
                self.fields_with_themselves(target, schema)?;
                Ok(Outcome::Keep)
            }
            (Some(Value::Object(target)), Origin::Node(Value::Object(patch))) => {
                match Directive::of(patch)? {
                    Directive::Delete => Ok(Outcome::Clear),
                    Directive::Replace => self.added_map(patch, schema),
                    Directive::Merge => {
                        self.fields(target, patch, schema)?;
                        Ok(Outcome::Keep)
                    }
                }
            }
            // A null that is written out stays where the patch says nothing.
            (Some(_), Origin::Absent) => Ok(Outcome::Keep),
            (_, Origin::Node(Value::Object(patch))) => match Directive::of(patch) {
                Ok(Directive::Delete) => Ok(Outcome::Clear),
                _ => self.added_map(patch, schema),
            },
            (_, Origin::Node(_) | Origin::Same) | (None, Origin::Absent) => Ok(Outcome::Clear),
        }
    }

    /// A map of the patch that becomes part of the target.
    fn added_map(self, patch: &Map<String, Value>, schema: Option<Node<'s>>) -> Result<Outcome, Failure> {
        let mut added = patch.clone();
        if Directive::of(patch).is_ok() {
            added.remove(DIRECTIVE);
        }
        self.fields_with_themselves(&mut added, schema)?;
        Ok(Outcome::Set(Value::Object(added)))
    }

    fn fields(
        self,
        target: &mut Map<String, Value>,
        patch: &Map<String, Value>,
        schema: Option<Node<'s>>,
    ) -> Result<(), Failure> {
        for (key, value) in target.iter_mut().filter(|(key, _)| !patch.contains_key(*key)) {
            self.without_patch(value, schema.and_then(|schema| schema.field(key)))?;
        }
        let mut keys: Vec<&String> = patch.keys().filter(|key| *key != DIRECTIVE).collect();
        keys.sort_unstable();
        for key in keys {
            let (dest, schema) = (target.get_mut(key), schema.and_then(|schema| schema.field(key)));
            match self.walk(dest, Origin::Node(&patch[key]), schema)? {
                Outcome::Keep => {}
                Outcome::Set(value) => {
                    target.insert(key.clone(), value);
                }
                Outcome::Clear => {
                    target.remove(key);
                }
            }
        }
        Ok(())
    }

    fn fields_without_patch(
        self,
        target: &mut Map<String, Value>,
        schema: Option<Node<'s>>,
    ) -> Result<(), Failure> {
        target.iter_mut().try_for_each(|(key, value)| {
            self.without_patch(value, schema.and_then(|schema| schema.field(key)))
        })
    }

    /// Walks a part of the target that the patch does not mention. Only lists that merge change by it.
    fn without_patch(self, value: &mut Value, schema: Option<Node<'s>>) -> Result<(), Failure> {
        match value {
            Value::Array(_) if schema.is_some() => {}
            Value::Object(_) => {}
            _ => return Ok(()),
        }
        match self.walk(Some(value), Origin::Absent, schema)? {
            Outcome::Set(new) => *value = new,
            Outcome::Keep | Outcome::Clear => {}
        }
        Ok(())
    }

    fn fields_with_themselves(
        self,
        target: &mut Map<String, Value>,
        schema: Option<Node<'s>>,
    ) -> Result<(), Failure> {
        let mut cleared = Vec::new();
        for (key, value) in target.iter_mut() {
            let schema = schema.and_then(|schema| schema.field(key));
            match self.walk(Some(value), Origin::Same, schema)? {
                Outcome::Keep => {}
                Outcome::Set(new) => *value = new,
                Outcome::Clear => cleared.push(key.clone()),
            }
        }
        for key in cleared {
            target.remove(&key);
        }
        Ok(())
    }
}

/// A value that is not merged: the patch's, if it has one.
fn replaced(origin: Origin<'_>) -> Outcome {
    match origin {
        Origin::Absent | Origin::Same => Outcome::Keep,
        Origin::Node(Value::Null) => Outcome::Clear,
        Origin::Node(value) => Outcome::Set(value.clone()),
    }
}

/// What a patch says is to be done with a map or list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

impl Directive {
    fn of(patch: &Map<String, Value>) -> Result<Self, Failure> {
        patch.get(DIRECTIVE).map_or(Ok(Self::Merge), Self::parse)
    }

    fn parse(value: &Value) -> Result<Self, Failure> {
        let word = text(value).unwrap_or_default();
        match &*word {
            "merge" => Ok(Self::Merge),
            "replace" => Ok(Self::Replace),
            "delete" => Ok(Self::Delete),
            _ => {
                let failure = Failure::new("kustomize-patch", format!("unknown patch strategy '{word}'"));
                Err(failure.hint("`$patch` is `merge`, `replace` or `delete`"))
            }
        }
    }
}
