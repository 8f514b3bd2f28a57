//! Name references: where a resource was renamed, the fields that hold its old name get the new one.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::resource::{Gvk, ResId, Resource, ResourceMap, scalar_text};
use crate::transform::{At, FieldSpec, Leaf, NameReference};

/// A table of name references, made ready: which field, by whom, and what it names.
#[derive(Debug, Default)]
pub(crate) struct References {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Who has the field.
    referrer: Gvk,
    /// The field, of whatever kind: who has it was decided by the id that the referrer had first.
    field: FieldSpec,
    target: Gvk,
}

impl References {
    pub(crate) fn new(table: &[NameReference]) -> Self {
        let mut entries = Vec::new();
        for reference in table {
            for field in &reference.referrers {
                entries.push(Entry {
                    referrer: field.gvk.clone(),
                    field: FieldSpec::everywhere(&field.path, false),
                    target: reference.gvk.clone(),
                });
            }
        }
        Self { entries }
    }

    /// Updates the references of all resources.
    ///
    /// # Errors
    /// When a reference could mean several resources, or a field that should hold a reference has another shape.
    pub(crate) fn update(&self, resources: &mut ResourceMap) -> Result<(), Failure> {
        let all: Vec<Candidate> = resources.iter().map(Candidate::of).collect();
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, candidate) in all.iter().enumerate() {
            for previous in &candidate.previous {
                let places = by_name.entry(previous.0.as_str()).or_default();
                if places.last() != Some(&index) {
                    places.push(index);
                }
            }
        }
        let mut by_kind: HashMap<Gvk, Vec<usize>> = HashMap::new();
        for (position, referrer) in all.iter().enumerate() {
            let Some(resource) = resources.get_mut(position) else { continue };
            let original = Gvk {
                kind: resource
                    .previous()
                    .first()
                    .map_or_else(|| resource.kind().to_owned(), |first| first.kind.clone()),
                ..resource.gvk()
            };
            let entries = by_kind.entry(original).or_insert_with_key(|gvk| {
                let selected =
                    self.entries.iter().enumerate().filter(|(_, entry)| gvk.is_selected_by(&entry.referrer));
                selected.map(|(index, _)| index).collect()
            });
            if entries.is_empty() {
                continue;
            }
            let bindings = role_binding_namespaces(resource)?;
            let mut update = Update {
                all: &all,
                by_name: &by_name,
                referrer,
                bindings: &bindings,
                role: role_of(resource.object()),
                is_role: false,
                target: &self.entries[entries[0]].target,
            };
            for entry in entries.iter().map(|index| &self.entries[*index]) {
                update.target = &entry.target;
                update.is_role = entry.field.path.ends_with("roleRef/name");
                let update = std::cell::RefCell::new(&mut update);
                let touches =
                    |value: Option<&Value>| value.is_some_and(|value| update.borrow().touches(value));
                let mut set = |value: &mut Value, _: &[At<'_>]| update.borrow_mut().set(value);
                let applied = entry.field.apply(resource, Leaf::Nothing, &touches, &mut set);
                if let Err(failure) = applied {
                    let message = with_objects(failure.message(), position, resources);
                    return Err(Failure::new(failure.code(), message).context(format_args!(
                        "updating name reference in '{}' field of '{}'",
                        entry.field.path, referrer.id
                    )));
                }
            }
        }
        Ok(())
    }
}

/// Stand in a message around the position of a resource whose YAML belongs there. The text is only made once a build
/// fails, so that no object is held, and copied when it is changed, for the sake of a message.
const YAML: char = '\u{0}';

/// The message with the YAML of the referrer and of what it might refer to.
fn with_objects(message: &str, referrer: usize, resources: &ResourceMap) -> String {
    let yaml = |position: usize| {
        resources
            .get(position)
            .map(|resource| slipway_yaml::emit_as_go(resource.object()))
            .unwrap_or_default()
    };
    let mut result = String::with_capacity(message.len());
    for (index, part) in message.split(YAML).enumerate() {
        match (index % 2, part) {
            (0, text) => result.push_str(text),
            (_, "") => result.push_str(&yaml(referrer)),
            (_, position) => result.push_str(&position.parse().map(yaml).unwrap_or_default()),
        }
    }
    result
}

/// What is known of a resource before references are updated.
struct Candidate {
    id: ResId,
    namespace: String,
    original_namespace: String,
    previous: Vec<(String, Gvk)>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

impl Candidate {
    fn of(resource: &Resource) -> Self {
        let id = resource.current_id();
        let previous: Vec<ResId> = resource.previous_ids().collect();
        let namespace = id.effective_namespace().to_owned();
        let original_namespace = previous
            .first()
            .map_or_else(|| namespace.clone(), |first| first.effective_namespace().to_owned());
        Self {
            namespace,
            original_namespace,
            previous: previous.into_iter().map(|previous| (previous.name, previous.gvk)).collect(),
            prefixes: resource.name_prefixes().to_vec(),
            suffixes: resource.name_suffixes().to_vec(),
            id,
        }
    }

    fn was(&self, selector: &Gvk) -> bool {
        self.previous.iter().any(|(_, gvk)| gvk.is_selected_by(selector))
    }
}

/// The namespaces of the service accounts that a role binding names.
fn role_binding_namespaces(resource: &Resource) -> Result<HashSet<String>, Failure> {
    let mut namespaces = HashSet::new();
    if resource.kind() != "RoleBinding" {
        return Ok(namespaces);
    }
    let Some(Value::Array(subjects)) = resource.object().get("subjects") else { return Ok(namespaces) };
    for subject in subjects {
        if subject.get("kind").and_then(Value::as_str) != Some("ServiceAccount") {
            continue;
        }
        match subject.get("namespace") {
            None => {}
            Some(Value::String(namespace)) => {
                namespaces.insert(namespace.clone());
            }
            Some(_) => {
                let message =
                    format!("Invalid Input: namespace is blank for resource \"{}\"", resource.current_id());
                return Err(Failure::new("kustomize-resource", message));
            }
        }
    }
    Ok(namespaces)
}

/// The kind that a role binding names.
fn role_of(object: &Value) -> Option<Gvk> {
    let role = object.get("roleRef")?;
    Some(Gvk {
        group: scalar_text(role.get("apiGroup")?),
        version: String::new(),
        kind: scalar_text(role.get("kind")?),
    })
}

/// One field of one referrer.
struct Update<'a> {
    all: &'a [Candidate],
    by_name: &'a HashMap<&'a str, Vec<usize>>,
    referrer: &'a Candidate,
    bindings: &'a HashSet<String>,
    role: Option<Gvk>,
    is_role: bool,
    target: &'a Gvk,
}

impl Update<'_> {
    /// Whether [`Update::set`] might do something.
    fn touches(&self, value: &Value) -> bool {
        let named = |name: &Value| self.by_name.contains_key(scalar_text(name).as_str());
        match value {
            Value::Null => false,
            Value::Object(map) => map.get("name").is_none_or(named),
            Value::Array(items) => items.iter().any(|item| self.touches(item) || item.is_array()),
            Value::String(name) => self.by_name.contains_key(name.as_str()),
            scalar => named(scalar),
        }
    }

    fn set(&mut self, value: &mut Value) -> Result<(), Failure> {
        match value {
            Value::Null => Ok(()),
            Value::Object(map) => self.set_map(map),
            Value::Array(items) => items.iter_mut().try_for_each(|item| match item {
                Value::Array(_) => {
                    let message = format!("{item} is expected to be either a string or a map of string");
                    Err(Failure::new("kustomize-reference", message))
                }
                item => self.set(item),
            }),
            scalar => {
                let old = scalar_text(scalar);
                let Some(found) = self.select(&old, |candidate| self.is_near(candidate), same_name)? else {
                    return Ok(());
                };
                let name = &self.all[found].id.name;
                if *name != old {
                    *scalar = Value::from(name.as_str());
                }
                Ok(())
            }
        }
    }

    fn set_map(&mut self, map: &mut Map<String, Value>) -> Result<(), Failure> {
        let Some(name) = map.get("name") else {
            return Err(Failure::new("kustomize-reference", "path config error; no 'name' field in node"));
        };
        let old = scalar_text(name);
        let found = match map.get("namespace") {
            None => self.select(&old, |candidate| self.is_near(candidate), same_name_and_namespace)?,
            Some(namespace) => {
                let namespace = scalar_text(namespace);
                let was_there = |candidate: &Candidate| {
                    candidate.original_namespace == namespace && !is_cluster(&candidate.original_namespace)
                };
                let any = self.all.iter().any(|candidate| self.is_near(candidate) && was_there(candidate));
                self.select(
                    &old,
                    |candidate| {
                        self.is_near(candidate)
                            && if any {
                                was_there(candidate)
                            } else {
                                candidate.namespace == namespace && !is_cluster(&candidate.namespace)
                            }
                    },
                    same_name_and_namespace,
                )?
            }
        };
        let Some(found) = found else { return Ok(()) };
        let id = &self.all[found].id;
        if id.name != old {
            map.insert("name".to_owned(), Value::from(id.name.as_str()));
        }
        if !id.namespace.is_empty() {
            map.insert("namespace".to_owned(), Value::from(id.namespace.as_str()));
        }
        Ok(())
    }

    /// Whether the referrer could refer to it at all.
    fn is_near(&self, candidate: &Candidate) -> bool {
        self.referrer.id.cluster_scoped
            || candidate.id.cluster_scoped
            || candidate.namespace == self.referrer.namespace
            || self.bindings.contains(&candidate.id.namespace)
    }

    /// The one that a name means.
    fn select(
        &self,
        old: &str,
        allowed: impl Fn(&Candidate) -> bool,
        identical: fn(&Candidate, &Candidate) -> bool,
    ) -> Result<Option<usize>, Failure> {
        let Some(named) = self.by_name.get(old) else { return Ok(None) };
        let mut found: Vec<usize> = named
            .iter()
            .copied()
            .filter(|index| {
                let candidate = &self.all[*index];
                let role = if self.is_role { self.role.as_ref() } else { None };
                allowed(candidate)
                    && candidate.was(self.target)
                    && role.is_none_or(|role| candidate.was(role))
                    && (self.referrer.id.cluster_scoped
                        || candidate.id.cluster_scoped
                        || candidate.id.gvk.kind == "ServiceAccount"
                        || candidate.namespace == self.referrer.namespace)
            })
            .collect();
        if let [only] = found[..] {
            return Ok(Some(only));
        }
        found.retain(|index| self.has_same_affixes(&self.all[*index], true));
        if found.len() > 1 {
            found.retain(|index| self.has_same_affixes(&self.all[*index], false));
        }
        match found[..] {
            [] => Ok(None),
            [first] => Ok(Some(first)),
            [first, ref others @ ..] => {
                let first_candidate = &self.all[first];
                if others.iter().all(|other| identical(first_candidate, &self.all[*other])) {
                    return Ok(Some(first));
                }
                Err(self.ambiguous(&found))
            }
        }
    }

    fn has_same_affixes(&self, candidate: &Candidate, allow_empty: bool) -> bool {
        let same = |left: &[String], right: &[String]| {
            allow_empty && (left.is_empty() || right.is_empty()) || same_ending(left, right)
        };
        same(&candidate.prefixes, &self.referrer.prefixes)
            && same(&candidate.suffixes, &self.referrer.suffixes)
    }

    fn ambiguous(&self, found: &[usize]) -> Failure {
        let ids: Vec<String> = found.iter().map(|index| self.all[*index].id.to_string()).collect();
        let mut message = format!(
            "found multiple possible referrals: {}\n\n**** Too many possible referral targets to referrer:\n{YAML}{YAML}\n",
            ids.join(", ")
        );
        for (position, index) in found.iter().enumerate().take(10) {
            // Writing to a string cannot fail.
            let _ = write!(message, "--- possible referral {position}:\n{YAML}{index}{YAML}\n");
        }
        Failure::new("kustomize-ambiguous", message)
    }
}

fn is_cluster(namespace: &str) -> bool {
    namespace == "_non_namespaceable_"
}

fn same_name(left: &Candidate, right: &Candidate) -> bool {
    left.id.name == right.id.name
}

fn same_name_and_namespace(left: &Candidate, right: &Candidate) -> bool {
    same_name(left, right) && left.id.namespace == right.id.namespace
}

/// Whether the shorter list is the end of the longer one; nothing is the end of nothing only.
fn same_ending(left: &[String], right: &[String]) -> bool {
    let (short, long) = if left.len() > right.len() { (right, left) } else { (left, right) };
    if short.is_empty() { long.is_empty() } else { long.ends_with(short) }
}
