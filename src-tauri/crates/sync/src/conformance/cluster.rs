//! A small simulated cluster: it keeps objects, answers requests as scripted and moves on by one tick between
//! two steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use slipway_model::ResourceId;

use crate::annotations::{self, HOOK_FINALIZER};
use crate::health::{self, Health, HealthStatus};
use crate::kinds::{KindTable, Kinds, Scope};
use crate::run::{Answer, Request, RequestAction};
use crate::tasks::{Live, NamespaceState, Observation, object_value};

use super::key_of;
use super::script::{Case, Script};

pub(super) struct Cluster<'a> {
    script: &'a Script,
    kinds: &'a KindTable,
    namespace: &'a str,
    objects: BTreeMap<ResourceId, Object>,
    /// Objects that count as managed once they are there.
    wanted: BTreeSet<ResourceId>,
}

struct Object {
    value: Arc<Value>,
    managed: bool,
    /// Ticks since it was applied.
    age: u32,
    applied: bool,
    /// Ticks until it is gone; set while it is being deleted.
    remaining: Option<u32>,
}

impl<'a> Cluster<'a> {
    pub(super) fn new(case: &'a Case) -> Self {
        let mut cluster = Self {
            script: &case.script,
            kinds: &case.kinds,
            namespace: &case.options.namespace,
            objects: BTreeMap::new(),
            wanted: BTreeSet::new(),
        };
        for (objects, managed) in [(&case.live, true), (&case.unmanaged, false)] {
            for value in objects {
                let id = ResourceId::of(value);
                let delay = cluster.script.delete_delay.get(&key_of(&id)).copied().unwrap_or_default();
                let remaining = annotations::is_terminating(value).then_some(delay);
                let object = Object { value: Arc::clone(value), managed, age: 0, applied: false, remaining };
                cluster.objects.insert(id, object);
            }
        }
        let kinds = cluster.served();
        for target in &case.targets {
            let mut id = ResourceId::of(target);
            let scope = kinds.scope_of(&id.group, &id.kind);
            if id.namespace.is_empty() {
                case.options.namespace.clone_into(&mut id.namespace);
            }
            if scope == Some(Scope::Cluster) {
                id.namespace.clear();
            }
            cluster.wanted.insert(id);
        }
        cluster
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &ResourceId> {
        self.objects.keys()
    }

    /// The kinds that are served now: the given ones and those that objects define.
    fn served(&self) -> KindTable {
        let mut kinds = self.kinds.clone();
        for object in self.objects.values() {
            kinds.add_definition(&object.value);
        }
        kinds
    }

    /// What is there now.
    pub(super) fn observe(&self) -> Observation {
        let live = |(id, object): (&ResourceId, &Object)| {
            let health = self.health_of(id, object);
            (id.clone(), Live { object: Arc::clone(&object.value), health })
        };
        let namespace = ResourceId {
            group: String::new(),
            kind: "Namespace".to_owned(),
            namespace: String::new(),
            name: self.namespace.to_owned(),
        };
        Observation {
            live: self.objects.iter().filter(|(_, object)| object.managed).map(live).collect(),
            unreadable: BTreeMap::new(),
            namespace: match self.objects.get_key_value(&namespace).map(live) {
                Some((_, live)) => NamespaceState::Present(live),
                None => NamespaceState::Missing,
            },
            kinds: Arc::new(self.served()),
        }
    }

    /// The scripted health; without one, what has a built-in rule is healthy.
    fn health_of(&self, id: &ResourceId, object: &Object) -> Result<Option<Health>, String> {
        let judged = match self.script.health.get(&key_of(id)) {
            Some(list) => {
                let index = usize::try_from(object.age.saturating_sub(1)).unwrap_or(usize::MAX);
                match list.get(index).or(list.last()) {
                    Some(scripted) if scripted.status == "Error" => {
                        let (namespace, name) = (&id.namespace, &id.name);
                        return Err(format!(
                            "failed to get resource health for {namespace}/{name}: {}",
                            scripted.message
                        ));
                    }
                    Some(scripted) if !scripted.status.is_empty() => HealthStatus::of(&scripted.status)
                        .map(|status| Health { status, message: scripted.message.clone() }),
                    // The script gives no health, so the built-in rule sees an object without a status.
                    _ => health::assess(&object.value),
                }
            }
            None if health::has_rule(&id.group, &id.kind) => {
                Some(Health { status: HealthStatus::Healthy, message: String::new() })
            }
            None => None,
        };
        let protected = annotations::finalizers(&object.value).contains(&HOOK_FINALIZER);
        if annotations::is_terminating(&object.value) && !protected {
            return Ok(Some(Health {
                status: HealthStatus::Progressing,
                message: "Pending deletion".to_owned(),
            }));
        }
        Ok(judged)
    }

    /// Answers a request that only checks.
    pub(super) fn check(&self, request: &Request) -> Answer {
        match self.script.dry_run_errors.get(&key_of(&request.resource)) {
            Some(reason) => Answer::Failed(reason.clone()),
            None => Answer::Done(done(request)),
        }
    }

    /// Carries out a request.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let key = key_of(&request.resource);
        let errors = match request.action {
            RequestAction::Prune(_) | RequestAction::DeleteHook(_) => &self.script.delete_errors,
            RequestAction::RemoveHookFinalizer => &self.script.update_errors,
            _ => &self.script.apply_errors,
        };
        if let Some(reason) = errors.get(&key) {
            return Answer::Failed(reason.clone());
        }
        match request.action {
            RequestAction::Prune(_) | RequestAction::DeleteHook(_) => self.delete(&request.resource),
            RequestAction::RemoveHookFinalizer => self.remove_finalizer(&request.resource),
            _ => self.write(request),
        }
    }

    fn write(&mut self, request: &Request) -> Answer {
        let id = request.resource.clone();
        let mut value = Value::clone(&request.object);
        if let Some(metadata) = value.get_mut("metadata").and_then(object_value) {
            if id.namespace.is_empty() {
                metadata.remove("namespace");
            }
            if let Some(deleted) =
                self.objects.get(&id).and_then(|object| object.value.pointer("/metadata/deletionTimestamp"))
            {
                metadata.insert("deletionTimestamp".to_owned(), deleted.clone());
            }
        }
        let before = self.objects.get(&id);
        let remaining = before.and_then(|object| object.remaining);
        // Hooks are named by the run, so their keys are not among those of the targets.
        let is_wanted = self.wanted.contains(&id) || crate::hook::is_hook(&value);
        let managed = is_wanted || before.is_some_and(|object| object.managed);
        self.objects.insert(id, Object { value: Arc::new(value), managed, age: 0, applied: true, remaining });
        Answer::Done(done(request))
    }

    fn delete(&mut self, id: &ResourceId) -> Answer {
        let delay = self.script.delete_delay.get(&key_of(id)).copied().unwrap_or_default();
        let Some(object) = self.objects.get_mut(id) else { return Answer::NotFound };
        if object.remaining.is_none() {
            object.remaining = Some(delay);
        }
        if delay == 0 && annotations::finalizers(&object.value).is_empty() {
            self.objects.remove(id);
            return Answer::Done(String::new());
        }
        if !annotations::is_terminating(&object.value) {
            let mut value = Value::clone(&object.value);
            if let Some(metadata) = value.get_mut("metadata").and_then(object_value) {
                metadata.insert("deletionTimestamp".to_owned(), json!("2026-01-01T00:00:00Z"));
            }
            object.value = Arc::new(value);
        }
        Answer::Done(String::new())
    }

    fn remove_finalizer(&mut self, id: &ResourceId) -> Answer {
        let Some(object) = self.objects.get_mut(id) else { return Answer::NotFound };
        let mut value = Value::clone(&object.value);
        let left: Vec<String> = annotations::finalizers(&value)
            .into_iter()
            .filter(|finalizer| *finalizer != HOOK_FINALIZER)
            .map(str::to_owned)
            .collect();
        let is_gone = left.is_empty() && object.remaining == Some(0);
        if let Some(metadata) = value.get_mut("metadata").and_then(object_value) {
            metadata.insert("finalizers".to_owned(), json!(left));
        }
        object.value = Arc::new(value);
        if is_gone {
            self.objects.remove(id);
        }
        Answer::Done(String::new())
    }

    /// Lets time pass between two steps.
    pub(super) fn tick(&mut self) {
        let script = self.script;
        self.objects.retain(|id, object| {
            if annotations::finalizers(&object.value).is_empty() && object.remaining == Some(0) {
                return false;
            }
            object.remaining = object.remaining.map(|left| left.saturating_sub(1));
            object.age += 1;
            let limit = script.vanish_after.get(&key_of(id)).filter(|_| object.applied);
            limit.is_none_or(|limit| object.age <= *limit)
        });
    }
}

/// The answer to a write, reduced to a word as in the recorded data.
fn done(request: &Request) -> String {
    match request.action {
        RequestAction::Create { .. } => "created".to_owned(),
        RequestAction::Replace { .. } => "replaced".to_owned(),
        RequestAction::Update => format!("{}/{} updated", request.resource.kind, request.resource.name),
        _ => "applied".to_owned(),
    }
}
