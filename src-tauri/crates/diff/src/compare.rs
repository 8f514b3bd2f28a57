//! Compares two renders.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::Value;
use slipway_model::{FieldPath, Manifest, ResourceId};

use crate::comparison::{Change, Comparison, FieldChange, ResourceChange};
use crate::fields::differing_fields;
use crate::lists::{BuiltInLists, ListKeys};
use crate::mask::{HiddenPair, MaskKey};
use crate::rename::{EnvironmentWords, stem};

/// How two renders are compared.
#[derive(Clone)]
pub struct Options<'a> {
    /// The key by which masked secret values are told apart.
    pub key: MaskKey,
    /// How items of lists are told apart.
    pub lists: &'a dyn ListKeys,
    /// Set where the sides are two environments: resources that differ in nothing but the environment's name,
    /// or in their namespace, are then the same resource.
    pub environments: Option<EnvironmentWords>,
}

/// Compares two renders of one instance. Secret values become the same marker everywhere; see [`Options::key`]
/// for telling them apart.
///
/// ```
/// use slipway_diff::compare;
/// use slipway_model::{Manifest, Origin, RepoPath};
/// let manifest = |replicas: u32| {
///     let object = serde_json::json!({
///         "apiVersion": "apps/v1", "kind": "Deployment",
///         "metadata": {"name": "web"}, "spec": {"replicas": replicas},
///     });
///     Manifest::new(object, Origin { file: RepoPath::new("web.yaml").unwrap(), document: 0, line: None })
/// };
/// let comparison = compare(&[manifest(2)], &[manifest(3)]);
/// assert_eq!(comparison.resources[0].fields[0].path.to_string(), "/spec/replicas");
/// ```
#[must_use]
pub fn compare(from: &[Manifest], to: &[Manifest]) -> Comparison {
    compare_with(from, to, &Options::default())
}

/// Compares two renders.
///
/// Resources are the same where group, kind, namespace and name are; the version may differ and is then a
/// field that differs. Objects in a `List` count as if they stood alone. Where one side has an id twice, or
/// objects have a `generateName`, they are paired in the order in which they stand.
#[must_use]
pub fn compare_with(from: &[Manifest], to: &[Manifest], options: &Options<'_>) -> Comparison {
    let (from, to) = (resources(from), resources(to));
    let pairs = pair(&from, &to, options.environments.as_ref());
    let mut is_paired = vec![false; from.len()];
    let mut changes = Vec::new();
    for (right, left) in to.iter().zip(pairs) {
        match left {
            None => changes.push(ResourceChange {
                resource: right.id.clone(),
                change: Change::Added,
                renamed_from: None,
                fields: Vec::new(),
            }),
            Some(index) => {
                is_paired[index] = true;
                changes.extend(changed(&from[index], right, options));
            }
        }
    }
    for (left, _) in from.iter().zip(is_paired).filter(|(_, is_paired)| !is_paired) {
        changes.push(ResourceChange {
            resource: left.id.clone(),
            change: Change::Removed,
            renamed_from: None,
            fields: Vec::new(),
        });
    }
    Comparison { resources: changes }
}

struct Resource<'a> {
    id: ResourceId,
    object: Cow<'a, Value>,
}

impl Resource<'_> {
    /// What tells it from all others, for pairing: an object without a name has that which its name begins
    /// with.
    fn identity(&self) -> (ResourceId, String) {
        let prefix = self.object.pointer("/metadata/generateName").and_then(Value::as_str);
        let prefix = if self.id.name.is_empty() { prefix.unwrap_or_default() } else { "" };
        (self.id.clone(), prefix.to_owned())
    }
}

fn resources(manifests: &[Manifest]) -> Vec<Resource<'_>> {
    let mut all = Vec::with_capacity(manifests.len());
    for manifest in manifests {
        match list_items(&manifest.object) {
            Some(items) => all.extend(
                items
                    .into_iter()
                    .map(|item| Resource { id: ResourceId::of(&item), object: Cow::Owned(item) }),
            ),
            None => all.push(Resource { id: manifest.id.clone(), object: Cow::Borrowed(&*manifest.object) }),
        }
    }
    all
}

/// The items of a `List` or of a typed list (`ConfigMapList`), whose items may leave out what they are.
fn list_items(object: &Value) -> Option<Vec<Value>> {
    let kind = object.get("kind")?.as_str()?;
    let item_kind = kind.strip_suffix("List")?;
    let items = object.get("items")?.as_array()?;
    if object.get("spec").is_some() || !items.iter().all(Value::is_object) || !is_core_list(object, kind) {
        return None;
    }
    let version = object.get("apiVersion").cloned();
    let complete = |item: &Value| {
        let mut item = item.clone();
        if let Some(map) = item.as_object_mut().filter(|_| !item_kind.is_empty()) {
            map.entry("kind").or_insert_with(|| item_kind.into());
            if let Some(version) = &version {
                map.entry("apiVersion").or_insert_with(|| version.clone());
            }
        }
        item
    };
    Some(items.iter().map(complete).collect())
}

/// A list has no name of its own; an object that has one is a resource whose kind happens to end in `List`.
fn is_core_list(object: &Value, kind: &str) -> bool {
    kind == "List" || object.pointer("/metadata/name").is_none()
}

/// For each resource of `to` the one of `from` that it is.
fn pair(
    from: &[Resource<'_>],
    to: &[Resource<'_>],
    environments: Option<&EnvironmentWords>,
) -> Vec<Option<usize>> {
    let mut pairs = vec![None; to.len()];
    let mut waiting: HashMap<(ResourceId, String), VecDeque<usize>> = HashMap::new();
    for (index, resource) in from.iter().enumerate() {
        waiting.entry(resource.identity()).or_default().push_back(index);
    }
    for (index, resource) in to.iter().enumerate() {
        pairs[index] = waiting.get_mut(&resource.identity()).and_then(VecDeque::pop_front);
    }
    let id = |resource: &Resource<'_>| resource.id.clone();
    pair_rest(from, to, &mut pairs, Ambiguous::InOrder, |resource| stem(&id(resource)));
    if let Some(words) = environments {
        let neutral = |resource: &Resource<'_>| words.neutral(&resource.id);
        let anywhere = |id: ResourceId| ResourceId { namespace: String::new(), ..id };
        let rename = |id: ResourceId| stem(&id).unwrap_or(id);
        pair_rest(from, to, &mut pairs, Ambiguous::Leave, |resource| Some(neutral(resource)));
        pair_rest(from, to, &mut pairs, Ambiguous::Leave, |resource| Some(anywhere(id(resource))));
        pair_rest(from, to, &mut pairs, Ambiguous::Leave, |resource| Some(anywhere(neutral(resource))));
        pair_rest(from, to, &mut pairs, Ambiguous::Leave, |resource| {
            Some(rename(anywhere(neutral(resource))))
        });
    }
    pairs
}

/// What happens where several resources have the same key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ambiguous {
    InOrder,
    Leave,
}

fn pair_rest(
    from: &[Resource<'_>],
    to: &[Resource<'_>],
    pairs: &mut [Option<usize>],
    ambiguous: Ambiguous,
    key: impl Fn(&Resource<'_>) -> Option<ResourceId>,
) {
    let taken: std::collections::HashSet<usize> = pairs.iter().flatten().copied().collect();
    let mut groups: BTreeMap<ResourceId, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (index, resource) in from.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
        if let Some(key) = key(resource).filter(|_| !resource.id.name.is_empty()) {
            groups.entry(key).or_default().0.push(index);
        }
    }
    for (index, resource) in to.iter().enumerate().filter(|(index, _)| pairs[*index].is_none()) {
        if let Some(key) = key(resource).filter(|_| !resource.id.name.is_empty()) {
            groups.entry(key).or_default().1.push(index);
        }
    }
    for (left, right) in groups.into_values() {
        if ambiguous == Ambiguous::Leave && (left.len() > 1 || right.len() > 1) {
            continue;
        }
        for (left, right) in left.into_iter().zip(right) {
            pairs[right] = Some(left);
        }
    }
}

fn changed(left: &Resource<'_>, right: &Resource<'_>, options: &Options<'_>) -> Option<ResourceChange> {
    let is_renamed = left.id.name != right.id.name;
    if let (Cow::Borrowed(left), Cow::Borrowed(right)) = (&left.object, &right.object)
        && std::ptr::eq(*left, *right)
    {
        return None;
    }
    let mut fields = compare_objects(&left.object, &right.object, options);
    if is_renamed {
        let name = FieldPath::root().key("metadata").key("name");
        fields.retain(|field| field.path != name);
    }
    if fields.is_empty() && !is_renamed {
        return None;
    }
    Some(ResourceChange {
        resource: right.id.clone(),
        change: if is_renamed { Change::Renamed } else { Change::Changed },
        renamed_from: is_renamed.then(|| left.id.clone()),
        fields,
    })
}

/// The fields by which two objects differ, in order of their paths, with secret values masked. For objects
/// that are known to belong together: a resource as it is rendered and as it is live.
#[must_use]
pub fn compare_objects(old: &Value, new: &Value, options: &Options<'_>) -> Vec<FieldChange> {
    if old == new {
        return Vec::new();
    }
    match HiddenPair::of(old, new) {
        None => differing_fields(old, new, options.lists)
            .into_iter()
            .map(|change| FieldChange { path: change.path, old: change.old, new: change.new, secret: false })
            .collect(),
        Some(pair) => differing_fields(&pair.old, &pair.new, options.lists)
            .into_iter()
            .map(|mut change| {
                let secret = pair.reveal_markers(&mut change, &options.key);
                FieldChange { path: change.path, old: change.old, new: change.new, secret }
            })
            .collect(),
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { key: MaskKey::without_fingerprints(), lists: &BuiltInLists, environments: None }
    }
}
