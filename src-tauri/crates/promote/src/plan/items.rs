//! The differences of two instances as items of a plan.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_diff::{
    Change, Comparison, EnvironmentWords, FieldChange, MaskKey, Options, ResourceChange, compare_with,
    is_rename_of, mask, stable_id,
};
use slipway_model::{FieldPath, InstanceId, Manifest, ResourceId, Segment};

use super::Request;
use super::lines::{Carry, LineChange, line_changes, with_changes};
use super::structure::image_with_own_repository;
use crate::class::{
    Classified, Place, SettingClass, classify, classify_resource, is_static_by_value, line_of_environment,
};
use crate::version::Image;

/// A difference of the target from the source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) resource: ResourceId,
    pub(super) path: FieldPath,
    /// What the target has.
    pub(super) old: Option<Value>,
    /// What the target shall have.
    pub(super) new: Option<Value>,
    pub(super) class: SettingClass,
    pub(super) reason: String,
    pub(super) secret: bool,
    pub(super) chosen: bool,
    /// Whether it follows from other differences and so is never carried by itself: a reference to a renamed
    /// ConfigMap, a checksum of one.
    pub(super) follows: bool,
}

/// A difference as it is found, before it is judged.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) resource: ResourceId,
    pub(super) path: FieldPath,
    pub(super) target: Option<Value>,
    pub(super) source: Option<Value>,
    pub(super) secret: bool,
    pub(super) whole: Option<Whole>,
    pub(super) follows: bool,
}

/// A resource that only one side has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// The source has it.
    New,
    /// The target has it.
    Gone,
}

/// Everything by which the target differs from the source.
pub(super) fn found(source: &[Manifest], target: &[Manifest], request: &Request<'_>) -> Vec<Found> {
    let options =
        Options { key: request.key.clone(), lists: request.lists, environments: Some(request.words.clone()) };
    let comparison = compare_with(source, target, &options);
    let mut found = Vec::new();
    for resource in &comparison.resources {
        match resource.change {
            Change::Added => found.push(whole(resource, Whole::Gone, target, &request.key)),
            Change::Removed => found.push(whole(resource, Whole::New, source, &request.key)),
            Change::Changed | Change::Renamed => {
                found.extend(resource.fields.iter().map(|field| Found {
                    resource: resource.resource.clone(),
                    path: field.path.clone(),
                    target: field.new.clone(),
                    source: field.old.clone(),
                    secret: field.secret,
                    whole: None,
                    follows: follows(field, &comparison),
                }));
            }
        }
    }
    found
}

fn whole(change: &ResourceChange, whole: Whole, manifests: &[Manifest], key: &MaskKey) -> Found {
    let object = manifests
        .iter()
        .find(|manifest| manifest.id == change.resource)
        .map(|found| mask(&found.object, key));
    let (target, source) = match whole {
        Whole::New => (None, object),
        Whole::Gone => (object, None),
    };
    Found {
        resource: change.resource.clone(),
        path: FieldPath::root(),
        target,
        source,
        secret: change.resource.kind == "Secret",
        whole: Some(whole),
        follows: false,
    }
}

/// Whether a difference is only the consequence of another one.
fn follows(field: &FieldChange, comparison: &Comparison) -> bool {
    let is_checksum = field.path.segments().iter().any(|segment| match segment {
        Segment::Key(key) => {
            key.starts_with("checksum/") || key.ends_with("/checksum") || key.ends_with("-checksum")
        }
        _ => false,
    });
    is_checksum || is_rename_of(field, comparison).is_some()
}

/// The differences as items: classified, and ticked by the selection.
pub(super) fn items(found: &[Found], instance: &InstanceId, request: &Request<'_>) -> Vec<Item> {
    let place = Place {
        application: &instance.application,
        environment: &instance.environment,
        words: &request.words,
        pins: request.pins,
    };
    found
        .iter()
        .map(|each| {
            let field = FieldChange {
                path: each.path.clone(),
                old: each.target.clone(),
                new: each.source.clone(),
                secret: each.secret,
            };
            let Classified { class, reason } = match each.whole {
                Some(whole) => classify_resource(&each.resource, whole == Whole::New, &place),
                None => classify(&each.resource, &field, &place),
            };
            let (class, reason) = if each.follows {
                (SettingClass::B, "Follows from other differences.".to_owned())
            } else {
                (class, reason)
            };
            let by_lines = own_lines(&each.resource, &field, class, &place);
            let (class, reason) = match &by_lines {
                Some(_) => (SettingClass::D, LINES_MOVE.to_owned()),
                None => (class, reason),
            };
            let chosen =
                !each.follows && request.selection.ticks(class, instance, &each.resource, &each.path);
            let new = by_lines.or_else(|| wanted(each, &request.words)).or_else(|| each.source.clone());
            Item {
                resource: each.resource.clone(),
                path: each.path.clone(),
                old: each.target.clone(),
                new,
                class,
                reason,
                secret: each.secret,
                chosen,
                follows: each.follows,
            }
        })
        .collect()
}

const LINES_MOVE: &str = "Another setting of the application; the lines that belong to the environment stay.";

/// A text of several lines of which only some belong to the environment: the target's, with the others of the
/// source's. `None` where all of it moves, or none.
pub(crate) fn own_lines(
    resource: &ResourceId,
    field: &FieldChange,
    class: SettingClass,
    place: &Place<'_>,
) -> Option<Value> {
    if class != SettingClass::C || field.secret || !is_static_by_value(resource, field, place) {
        return None;
    }
    let words = place.words;
    let (source, target) = (field.new.as_ref()?.as_str()?, field.old.as_ref()?.as_str()?);
    if !source.contains('\n') || !target.contains('\n') {
        return None;
    }
    let lines: Vec<&str> = target.split_inclusive('\n').collect();
    let changes = line_changes(target, source, Carry::Any, words);
    let moving: Vec<&LineChange> = changes.iter().filter(|change| !stays(change, &lines, words)).collect();
    (!moving.is_empty()).then(|| Value::String(with_changes(target, &moving)))
}

/// Whether a stretch of lines belongs to the environment.
pub(super) fn stays(change: &LineChange, target: &[&str], words: &EnvironmentWords) -> bool {
    let old = target.get(change.start..change.end).unwrap_or_default().iter().copied();
    old.chain(change.with.iter().map(String::as_str)).any(|line| line_of_environment(line, words))
}

/// An image whose registry belongs to the environment keeps it, and gets the source's version.
fn wanted(found: &Found, words: &EnvironmentWords) -> Option<Value> {
    let is_image = matches!(found.path.segments().last(), Some(Segment::Key(key)) if key == "image");
    let (source, target) = (found.source.as_ref()?, found.target.as_ref()?);
    if !is_image {
        return None;
    }
    let (left, right) =
        (Image::parse(source.as_str()?).repository, Image::parse(target.as_str()?).repository);
    let registry = |repository: &str| {
        repository.split_once('/').map(|(head, _)| head.to_owned()).filter(|head| head.contains(['.', ':']))
    };
    let belongs = registry(left) != registry(right) || words.neutral_text(left) == words.neutral_text(right);
    if belongs { image_with_own_repository(source, target) } else { None }
}

/// How the differences have changed after edits.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    /// Items that are as they shall be.
    pub(super) carried: Vec<usize>,
    /// Items that are neither as they were nor as they shall be.
    pub(super) changed: Vec<usize>,
    /// Differences that were not there before.
    pub(super) beside: Vec<(ResourceId, FieldPath)>,
}

/// Compares the differences before edits (`items`) with those after them.
pub(super) fn outcome(items: &[Item], after: &[Found]) -> Outcome {
    let mut by_resource: BTreeMap<ResourceId, Vec<(usize, &Found)>> = BTreeMap::new();
    for (index, each) in after.iter().enumerate() {
        by_resource.entry(stable_id(&each.resource)).or_default().push((index, each));
    }
    let mut known = vec![false; after.len()];
    let mut outcome = Outcome::default();
    for (index, item) in items.iter().enumerate() {
        let rest = by_resource.get(&stable_id(&item.resource)).map(Vec::as_slice).unwrap_or_default();
        let is_whole = item.path.segments().is_empty();
        let same = rest.iter().find(|(_, each)| each.path == item.path).or_else(|| {
            rest.iter().find(|(_, each)| {
                same_but_for_positions(&each.path, &item.path)
                    && each.target == item.old
                    && each.source.is_some() == item.new.is_some()
            })
        });
        if let Some((place, each)) = same {
            known[*place] = true;
            if each.target == item.new {
                outcome.carried.push(index);
            } else if each.target != item.old {
                outcome.changed.push(index);
            }
            continue;
        }
        // What is left of the item below or above its place.
        let related: Vec<usize> = rest
            .iter()
            .filter(|(_, each)| each.path.starts_with(&item.path) || item.path.starts_with(&each.path))
            .map(|(place, _)| *place)
            .collect();
        for place in &related {
            known[*place] = true;
        }
        // A new resource has arrived even where some of its fields belong to the environment.
        if related.is_empty() || is_whole {
            outcome.carried.push(index);
        } else {
            outcome.changed.push(index);
        }
    }
    outcome.beside = after
        .iter()
        .zip(known)
        .filter(|(each, known)| !known && !each.follows)
        .map(|(each, _)| (each.resource.clone(), each.path.clone()))
        .collect();
    outcome
}

fn same_but_for_positions(left: &FieldPath, right: &FieldPath) -> bool {
    let (left, right) = (left.segments(), right.segments());
    left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| {
            left == right || matches!((left, right), (Segment::Index(_), Segment::Index(_)))
        })
}
