//! From targets and a cluster to tasks.
//!
//! Rules: `gitops-engine/pkg/sync/reconcile.go` and `getSyncTasks` of `sync_context.go`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use slipway_model::ResourceId;

use super::{Live, NamespaceState, Observation, OperationPhase, ResultCode, Task, TaskState, order};
use crate::annotations::{self, HOOK_FINALIZER, SYNC_OPTIONS};
use crate::hook::{self, SyncPhase};
use crate::kinds::{Definition, GroupVersionKind, KindError, Kinds, Scope};
use crate::options::SyncOptions;

/// What a sync wants: its targets, prepared once.
#[derive(Clone, Debug)]
pub struct Desired {
    pub(crate) options: SyncOptions,
    plain: Vec<Target>,
    hooks: Vec<(SyncPhase, Target)>,
    /// Scope of the kinds that the targets themselves define, by group and kind.
    defined: BTreeMap<(String, String), Scope>,
    /// Whether a target is the destination namespace itself.
    holds_namespace: bool,
}

/// A target as it is written and as it is applied.
#[derive(Clone, Debug)]
struct Target {
    /// The id as it is written.
    written: ResourceId,
    /// The object with its namespace and, for hooks, its name and finalizer filled in.
    object: Arc<Value>,
    kind: GroupVersionKind,
}

/// Tasks in order, and whether all of them can run.
#[derive(Clone, Debug, Default)]
pub struct TaskList {
    /// The tasks, in the order in which they run.
    pub tasks: Vec<Task>,
    /// False where a task cannot run at all; the tasks say why.
    pub valid: bool,
}

impl Desired {
    /// Prepares targets. Ignored hooks and skipped objects are left out here.
    pub fn new<'a>(targets: impl IntoIterator<Item = &'a Arc<Value>>, options: SyncOptions) -> Self {
        let mut desired = Self {
            plain: Vec::new(),
            hooks: Vec::new(),
            defined: BTreeMap::new(),
            holds_namespace: false,
            options,
        };
        for object in targets {
            if hook::is_ignored(object) {
                continue;
            }
            if let Some(definition) = Definition::of(object) {
                let key = (definition.group.to_owned(), definition.kind.to_owned());
                desired.defined.insert(key, definition.scope);
            }
            if hook::is_hook(object) {
                for phase in hook::phases(object) {
                    let prepared = desired.prepare_hook(object, phase);
                    desired.hooks.push((phase, prepared));
                }
            } else {
                // A target that is skipped keeps its live object from being pruned; it makes no task.
                let prepared = Target::new(object, desired.with_namespace(object));
                desired.holds_namespace |= is_namespace(&prepared.written, &desired.options.namespace);
                desired.plain.push(prepared);
            }
        }
        desired
    }

    /// The options of this sync.
    #[must_use]
    pub fn options(&self) -> &SyncOptions {
        &self.options
    }

    /// The objects that this sync will apply, hooks included, with the version to read them in: what an
    /// observation has to look for.
    pub fn objects(&self) -> impl Iterator<Item = (&GroupVersionKind, &Arc<Value>)> {
        let hooks = self.hooks.iter().filter(|_| self.options.runs_hooks()).map(|(_, target)| target);
        self.plain.iter().chain(hooks).map(|target| (&target.kind, &target.object))
    }

    fn with_namespace(&self, object: &Arc<Value>) -> Arc<Value> {
        if !ResourceId::of(object).namespace.is_empty() || self.options.namespace.is_empty() {
            return Arc::clone(object);
        }
        let mut changed = Value::clone(object);
        set_metadata(&mut changed, "namespace", json!(self.options.namespace));
        Arc::new(changed)
    }

    /// A hook without a name gets one that stays the same for the whole operation.
    fn prepare_hook(&self, object: &Arc<Value>, phase: SyncPhase) -> Target {
        let mut changed = Value::clone(&self.with_namespace(object));
        if ResourceId::of(object).name.is_empty() {
            let prefix = object.pointer("/metadata/generateName").and_then(Value::as_str).unwrap_or_default();
            let revision = &self.options.revision;
            let short = if revision.len() >= 8 { revision.get(..7).unwrap_or(revision) } else { revision };
            let seconds = self.options.started_at.seconds();
            let suffix = format!("{short}-{phase}-{seconds}").to_lowercase();
            set_metadata(&mut changed, "name", json!(format!("{prefix}{suffix}")));
        }
        let mut finalizers: Vec<String> =
            annotations::finalizers(&changed).into_iter().map(str::to_owned).collect();
        if !finalizers.iter().any(|finalizer| finalizer == HOOK_FINALIZER) {
            finalizers.push(HOOK_FINALIZER.to_owned());
            set_metadata(&mut changed, "finalizers", json!(finalizers));
        }
        Target::new(object, Arc::new(changed))
    }

    /// Pairs the targets with what a cluster holds. `states` are the results of earlier steps; a task that
    /// cannot run gets its result here.
    pub fn tasks(
        &self,
        observation: &Observation,
        states: &BTreeMap<(ResourceId, SyncPhase), TaskState>,
    ) -> TaskList {
        let pairs = self.reconcile(observation);
        let mut tasks: Vec<Task> = Vec::new();
        for (key, pair) in &pairs {
            if !self.is_selected(key, pair.target.map(|target| &target.object)) {
                continue;
            }
            let target = pair.target.map(|target| Arc::clone(&target.object));
            let Some(object) = target.as_ref().or_else(|| pair.live.map(|live| &live.object)) else {
                continue;
            };
            if hook::is_hook(object) || hook::is_skipped(object) {
                continue;
            }
            tasks.extend(Task::new(SyncPhase::Sync, target, pair.live.cloned()));
        }
        if self.options.runs_hooks() {
            for (phase, target) in &self.hooks {
                tasks.extend(Task::new(*phase, Some(Arc::clone(&target.object)), None));
            }
        }
        if self.options.create_namespace && !self.options.namespace.is_empty() && !self.holds_namespace {
            tasks.extend(self.namespace_task(&observation.namespace));
        }
        attach_live(&mut tasks, &pairs);
        let mut valid = tasks.iter().all(|task| task.state.status.is_none());
        for task in &mut tasks {
            if let Err(reason) = self.check_kind(task, observation.kinds.as_ref()) {
                valid = false;
                task.state = failed(None, reason);
            }
        }
        order::assign_prune_waves(&mut tasks, &self.options);
        order::sort(&mut tasks);
        for task in tasks.iter_mut().filter(|task| task.state.status.is_none()) {
            if let Some(state) = states.get(&(task.id.clone(), task.phase)) {
                task.state = state.clone();
            }
        }
        TaskList { tasks, valid }
    }

    /// Targets beside their live objects, and live objects without a target, by key. Where two targets have
    /// the same key, the last wins.
    fn reconcile<'a>(&'a self, observation: &'a Observation) -> BTreeMap<ResourceId, Pair<'a>> {
        let mut left: BTreeMap<&ResourceId, &Live> = observation.live.iter().collect();
        let mut found: HashMap<ResourceId, &Live> = HashMap::new();
        let mut pairs = BTreeMap::new();
        for target in &self.plain {
            let mut keys: Vec<ResourceId> = Vec::new();
            let scope = self.scope_of(&target.written, observation.kinds.as_ref());
            if scope != Some(Scope::Cluster) {
                keys.push(ResourceId::of(&target.object));
            }
            if scope != Some(Scope::Namespaced) {
                keys.push(ResourceId { namespace: String::new(), ..target.written.clone() });
            }
            let live = keys.into_iter().find_map(|key| {
                let live = left.remove(&key).or_else(|| found.get(&key).copied())?;
                found.insert(key.clone(), live);
                Some((key, live))
            });
            let (key, live) = match live {
                Some((key, live)) => (key, Some(live)),
                None => (target.written.clone(), None),
            };
            pairs.insert(key, Pair { target: Some(target), live });
        }
        for (key, live) in left {
            pairs.entry(key.clone()).or_insert(Pair { target: None, live: Some(live) });
        }
        pairs
    }

    fn scope_of(&self, id: &ResourceId, kinds: &dyn Kinds) -> Option<Scope> {
        kinds
            .scope_of(&id.group, &id.kind)
            .or_else(|| self.defined.get(&(id.group.clone(), id.kind.clone())).copied())
    }

    fn is_selected(&self, key: &ResourceId, target: Option<&Arc<Value>>) -> bool {
        let filled = target.map(|target| ResourceId::of(target).namespace);
        self.options.resources.is_empty()
            || self.options.resources.iter().any(|wanted| {
                wanted.group == key.group
                    && wanted.kind == key.kind
                    && wanted.name == key.name
                    && (wanted.namespace.is_empty()
                        || wanted.namespace == key.namespace
                        || filled.as_ref() == Some(&wanted.namespace))
            })
    }

    /// The task that creates the destination namespace or keeps its metadata; `None` where it is there and
    /// its metadata are nobody's business.
    fn namespace_task(&self, state: &NamespaceState) -> Option<Task> {
        let mut object = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.options.namespace}
        });
        let managed = self.options.managed_namespace_metadata.as_ref();
        if let Some(metadata) = managed {
            set_metadata(&mut object, "labels", json!(metadata.labels));
            // Server-side apply leaves the labels and annotations of others alone.
            let mut annotations = metadata.annotations.clone();
            annotations.insert(SYNC_OPTIONS.to_owned(), "ServerSideApply=true".to_owned());
            set_metadata(&mut object, "annotations", json!(annotations));
        }
        let task = |live| Task::new(SyncPhase::PreSync, Some(Arc::new(object)), live);
        match state {
            NamespaceState::Missing => task(None),
            NamespaceState::Present(live) if managed.is_some() => task(Some(live.clone())),
            NamespaceState::Present(_) => None,
            NamespaceState::Unreadable(reason) => {
                let mut task = task(None)?;
                let reason = format!("namespace auto creation failed: {reason}");
                task.state = failed(Some(OperationPhase::Error), reason);
                Some(task)
            }
        }
    }

    /// Whether a task's kind can be used; sets its address, and that it cannot be checked before its kind is there.
    fn check_kind(&self, task: &mut Task, kinds: &dyn Kinds) -> Result<(), String> {
        let kind = GroupVersionKind {
            group: task.id.group.clone(),
            version: task.version.clone(),
            kind: task.id.kind.clone(),
        };
        let scope = match kinds.scope(&kind) {
            Ok(scope) => Some(scope),
            Err(KindError::Missing(reason)) => {
                let key = (kind.group.clone(), kind.kind.clone());
                let tolerated = self.options.skip_dry_run_on_missing_resource
                    || self.defined.contains_key(&key)
                    || task.target.as_ref().is_some_and(|target| {
                        annotations::has_option(target, "SkipDryRunOnMissingResource=true")
                    });
                if !tolerated {
                    return Err(reason);
                }
                task.skip_dry_run = true;
                self.defined.get(&key).copied().or_else(|| kinds.scope_of(&kind.group, &kind.kind))
            }
            Err(KindError::Refused(reason) | KindError::Unavailable(reason)) => return Err(reason),
        };
        if scope == Some(Scope::Cluster) {
            task.address.namespace.clear();
        }
        Ok(())
    }
}

fn failed(phase: Option<OperationPhase>, message: String) -> TaskState {
    TaskState { status: Some(ResultCode::SyncFailed), phase, message }
}

/// A target and its live object; at least one of them is there.
struct Pair<'a> {
    target: Option<&'a Target>,
    live: Option<&'a Live>,
}

impl Target {
    fn new(written: &Arc<Value>, object: Arc<Value>) -> Self {
        let kind = GroupVersionKind::of(&object);
        Self { written: ResourceId::of(written), object, kind }
    }
}

/// Gives tasks without a live object the one that is there under their key. An object of the cluster has no
/// namespace, even where its target was given one.
fn attach_live(tasks: &mut [Task], pairs: &BTreeMap<ResourceId, Pair<'_>>) {
    type Candidates<'a> = Vec<(&'a str, Option<&'a Live>)>;
    let mut by_name: HashMap<(&str, &str, &str), Candidates<'_>> = HashMap::new();
    for (key, pair) in pairs {
        by_name.entry((&key.group, &key.kind, &key.name)).or_default().push((&key.namespace, pair.live));
    }
    for task in tasks.iter_mut().filter(|task| task.live.is_none() && task.target.is_some()) {
        let key = (task.id.group.as_str(), task.id.kind.as_str(), task.id.name.as_str());
        let candidates = by_name.get(&key).map(Vec::as_slice).unwrap_or_default();
        task.live = candidates
            .iter()
            .find(|(namespace, _)| namespace.is_empty() || *namespace == task.id.namespace)
            .and_then(|(_, live)| live.cloned());
    }
}

fn is_namespace(id: &ResourceId, name: &str) -> bool {
    id.group.is_empty() && id.kind == "Namespace" && id.name == name
}

/// Sets a field under `metadata`, which is created where it is missing. An object that is no map is left
/// as it is: it has no kind and never becomes a task.
fn set_metadata(object: &mut Value, key: &str, value: Value) {
    if let Some(metadata) = object_value(object)
        .map(|fields| fields.entry("metadata").or_insert_with(|| json!({})))
        .and_then(object_value)
    {
        metadata.insert(key.to_owned(), value);
    }
}

/// The fields of a map, for changing them; `null` becomes an empty map.
pub(crate) fn object_value(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if value.is_null() {
        *value = json!({});
    }
    value.as_object_mut()
}
