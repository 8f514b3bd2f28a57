//! Where what a step does is written, field by field.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use slipway_model::{FieldPath, Location, Segment};

use super::compare::NAMES;
use super::text::Text;
use crate::helm::InflatedChart;

/// Where a step has its values from.
#[derive(Clone, Debug)]
pub(crate) enum Written {
    /// Only its place is known.
    Place,
    /// A strategic merge patch.
    Merge { text: Text, patch: Arc<Value> },
    /// An operation of a JSON patch at a position, whose path has that many segments.
    Operation { text: Text, index: usize, depth: usize },
    /// Keys of maps: labels, annotations, data.
    Keys(Arc<Keys>),
    /// The first of some places that is written.
    Fields { text: Text, fields: Vec<FieldPath> },
    /// A target of a replacement: where it is, its field paths, and where its source is.
    Target { text: Text, target: FieldPath, field_paths: Vec<String>, source: FieldPath },
    /// What another change decides: the place where a name was set.
    Elsewhere { place: Location, source: Option<Location> },
    /// Variables in texts, with where each is.
    Variables { begin: &'static str, end: char, places: Arc<BTreeMap<String, Location>> },
    /// A chart.
    Chart(Arc<InflatedChart>),
}

/// Where keys of maps are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// Labels, annotations or data by their key.
    pub(crate) keys: BTreeMap<String, Location>,
    /// Fields of what is generated, by their path.
    pub(crate) fields: BTreeMap<String, Location>,
}

/// What was looked up.
pub(super) struct LookedUp {
    pub(super) place: Location,
    pub(super) source: Option<Location>,
    pub(super) variables: Vec<String>,
}

impl Written {
    /// Where a field (`at`) that is or is in one that the step set (`set`) is written.
    pub(super) fn look_up(
        &self,
        whole: &Location,
        (set, at): (&FieldPath, &FieldPath),
        before: &Value,
        after: &Value,
    ) -> LookedUp {
        let root = FieldPath::root();
        let mut looked_up = LookedUp { place: whole.clone(), source: None, variables: Vec::new() };
        let found = match self {
            Self::Place | Self::Chart(_) => None,
            Self::Merge { text, patch } => text.nearest(&in_patch(at, after, patch), &root),
            Self::Operation { text, index, depth } => {
                let operation = root.index(*index);
                let mut value = operation.key("value");
                value.0.extend(at.segments().iter().skip(*depth).cloned());
                let is_inside = at.segments().len() > *depth;
                let inside = is_inside.then(|| text.nearest(&value, &operation.key("value"))).flatten();
                inside.or_else(|| text.find(&operation))
            }
            Self::Keys(keys) => {
                let is_key = |segment: &Segment| match segment {
                    Segment::Key(key) => keys.keys.get(key),
                    _ => None,
                };
                let field = keys.fields.get(&at.to_string());
                field.or_else(|| at.segments().iter().rev().find_map(is_key)).cloned()
            }
            Self::Fields { text, fields } => fields.iter().find_map(|field| text.find(field)),
            Self::Target { text, target, field_paths, source } => {
                looked_up.source = text.nearest(source, &source.parent().unwrap_or_default());
                let written = |path: &String| path_fits(path, at) || path_fits(path, set);
                let field = match field_paths.iter().position(written) {
                    Some(position) => target.key("fieldPaths").index(position),
                    None => target.clone(),
                };
                text.nearest(&field, target)
            }
            Self::Elsewhere { place, source } => {
                looked_up.source.clone_from(source);
                Some(place.clone())
            }
            Self::Variables { begin, end, places } => {
                let written = at.get(before).and_then(Value::as_str).unwrap_or_default();
                looked_up.variables = variables(written, begin, *end);
                looked_up.variables.iter().find_map(|name| places.get(name)).cloned()
            }
        };
        if let Some(place) = found {
            looked_up.place = place;
        }
        looked_up
    }
}

/// The field of a patch that has set a field, as far as the patch has it. Items of lists that merge stand elsewhere in
/// the patch.
fn in_patch(field: &FieldPath, mut after: &Value, mut patch: &Value) -> FieldPath {
    let mut path = FieldPath::root();
    for segment in field.segments() {
        let (next, inside, segment) = match (segment, after, patch) {
            (Segment::Key(key), Value::Object(after), Value::Object(patch)) => {
                let (Some(next), Some(inside)) = (after.get(key), patch.get(key)) else { break };
                (next, inside, segment.clone())
            }
            (Segment::Index(index), Value::Array(after), Value::Array(patch)) => {
                let Some(next) = after.get(*index) else { break };
                let Some(position) = item_of(next, *index, after.len(), patch) else { break };
                (next, &patch[position], Segment::Index(position))
            }
            _ => break,
        };
        path = path.with(segment);
        (after, patch) = (next, inside);
    }
    path
}

/// The item of a patch that an item of the result comes from: the same one, else the one that has most fields in common
/// and contradicts it in no name.
fn item_of(item: &Value, index: usize, length: usize, patch: &[Value]) -> Option<usize> {
    if let Some(same) = patch.iter().position(|each| each == item) {
        return Some(same);
    }
    let scalar = |value: &Value| !value.is_object() && !value.is_array() && !value.is_null();
    let common = |each: &Value| -> usize {
        let (Some(each), Some(item)) = (each.as_object(), item.as_object()) else { return 0 };
        let contradicts = NAMES[..6].iter().any(|name| {
            matches!((each.get(*name), item.get(*name)), (Some(left), Some(right)) if scalar(left) && left != right)
        });
        if contradicts {
            return 0;
        }
        each.iter().filter(|(key, value)| scalar(value) && item.get(*key) == Some(*value)).count()
    };
    let best = patch.iter().enumerate().map(|(position, each)| (common(each), position));
    let best = best
        .filter(|(common, _)| *common > 0)
        .max_by_key(|(common, position)| (*common, usize::MAX - position));
    best.map(|(_, position)| position).or((length == patch.len()).then_some(index))
}

/// Whether a field path of a replacement (`spec.template.spec.containers.[name=web].image`) may mean a field.
fn path_fits(written: &str, field: &FieldPath) -> bool {
    let steps = crate::transform::split_field_path(written);
    let segments = field.segments();
    let fits = |(step, segment): (&String, &Segment)| match segment {
        Segment::Key(key) => step == key || step == "*",
        _ => {
            step == "*"
                || step == "-"
                || step.starts_with('[')
                || step.bytes().all(|byte| byte.is_ascii_digit())
        }
    };
    steps.len() <= segments.len() && steps.iter().zip(segments).all(fits)
}

/// The names between `begin` and `end` in a text, in order; what follows a name (`:-default`) is none of it.
fn variables(text: &str, begin: &str, end: char) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for rest in text.split(begin).skip(1) {
        let Some(length) = rest.find(end) else { continue };
        let name: String = rest[..length]
            .chars()
            .skip_while(|character| *character == '#')
            .take_while(|character| character.is_ascii_alphanumeric() || "_-.".contains(*character))
            .collect();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
