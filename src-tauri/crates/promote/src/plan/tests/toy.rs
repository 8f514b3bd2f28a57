//! A small renderer, enough to prove plans on trees in memory.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use slipway_catalog::{Application, Catalog, Environment, Instance, Layout};
use slipway_diff::{BuiltInLists, MaskKey};
use slipway_model::{
    ApplicationName, CommitId, Edit, EnvironmentName, InstanceId, Manifest, MemoryTree, Origin, Problem,
    Recorder, RepoPath, Tree, read_text,
};
use slipway_render::{EngineKind, Rendered, Source};

use super::super::*;
use crate::selection::Selector;

pub(super) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Plain: the directory's YAML files. Helm: `templates/` with `${a.b}` for values. Kustomize: resources,
/// patches by kind and name, images, and generated ConfigMaps of one file. Minijinja: `${…}` in text files.
pub(super) fn render(tree: &dyn Tree, instance: &Instance) -> Rendered {
    let recorder = Recorder::new(tree);
    let mut objects = Vec::new();
    let mut problems = Vec::new();
    for source in &instance.sources {
        let result = match source.engine {
            EngineKind::Helm => chart(&recorder, source),
            EngineKind::Kustomize | EngineKind::Flux => kustomize(&recorder, &source.path, 0),
            _ => directory(&recorder, &source.path),
        };
        match result {
            Ok(found) => objects.extend(found),
            Err(message) => {
                let code = if message.contains("not fetched") { "remote-base" } else { "toy" };
                problems.push(Problem::error(code, message));
            }
        }
    }
    let origin = Origin { file: RepoPath::root(), document: 0, line: None };
    let manifests = objects.into_iter().map(|object| Manifest::new(object, origin.clone())).collect();
    Rendered { manifests, problems, reads: recorder.into_reads(), ..Rendered::empty() }
}

fn documents(text: &str) -> Result<Vec<Value>, String> {
    let documents = slipway_yaml::decode_stream(text).map_err(|error| error.to_string())?;
    Ok(documents.into_iter().map(|document| document.value).filter(|value| !value.is_null()).collect())
}

fn file(tree: &dyn Tree, path: &RepoPath) -> Result<String, String> {
    read_text(tree, path).unwrap().ok_or_else(|| format!("{path} is not there"))
}

fn directory(tree: &dyn Tree, directory: &RepoPath) -> Result<Vec<Value>, String> {
    let mut objects = Vec::new();
    for entry in tree.list(directory).unwrap().ok_or_else(|| format!("{directory} is not there"))? {
        let at = directory.child(&entry.name);
        if entry.name.ends_with(".yaml") || entry.name.ends_with(".yml") {
            objects.extend(documents(&file(tree, &at)?)?);
        } else if entry.name.ends_with(".yaml.tpl") {
            let variables = file(tree, &directory.child("vars.libsonnet"))?;
            let mut text = file(tree, &at)?;
            for line in variables.lines() {
                if let Some((key, value)) = line.split_once(" = ") {
                    text = text.replace(&format!("${{{key}}}"), value.trim_matches('\''));
                }
            }
            objects.extend(documents(&text)?);
        }
    }
    Ok(objects)
}

fn chart(tree: &dyn Tree, source: &Source) -> Result<Vec<Value>, String> {
    let mut values = json!({});
    for name in std::iter::once(source.path.child("values.yaml")).chain(source.values.iter().cloned()) {
        if let Some(text) = read_text(tree, &name).unwrap() {
            documents(&text)?.iter().take(1).for_each(|over| merge(&mut values, over));
        }
    }
    let mut objects = Vec::new();
    let templates = source.path.child("templates");
    for entry in tree.list(&templates).unwrap().unwrap_or_default() {
        let mut text = file(tree, &templates.child(&entry.name))?;
        // The innermost first, so that a value can name another one.
        while let Some(start) = text.rfind("${") {
            let end = text[start..].find('}').map(|end| start + end).ok_or("`${` is not closed")?;
            let pointer = format!("/{}", text[start + 2..end].replace('.', "/"));
            let value = values.pointer(&pointer).ok_or_else(|| format!("no value {pointer}"))?;
            let shown = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            text.replace_range(start..=end, &shown);
        }
        objects.extend(documents(&text)?);
    }
    Ok(objects)
}

/// Maps are merged, lists of named items by name, all else is replaced.
fn merge(base: &mut Value, over: &Value) {
    let are_named = |items: &[Value]| items.iter().all(|item| item.get("name").is_some());
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(base), Value::Array(over)) if are_named(base) && are_named(over) => {
            for item in over {
                match base.iter_mut().find(|other| other["name"] == item["name"]) {
                    Some(other) => merge(other, item),
                    None => base.push(item.clone()),
                }
            }
        }
        (base, over) => *base = over.clone(),
    }
}

fn kustomize(tree: &dyn Tree, directory: &RepoPath, depth: usize) -> Result<Vec<Value>, String> {
    build(tree, directory, Vec::new(), depth)
}

/// What a kustomization makes of the objects that come in: none for a base, those of the caller for a component.
fn build(
    tree: &dyn Tree,
    directory: &RepoPath,
    objects: Vec<Value>,
    depth: usize,
) -> Result<Vec<Value>, String> {
    let names = ["kustomization.yaml", "kustomization.yml"].map(|name| directory.child(name));
    let text = names
        .iter()
        .find_map(|name| read_text(tree, name).unwrap())
        .ok_or(format!("{directory}: no kustomization"))?;
    let kustomization = documents(&text)?.into_iter().next().unwrap_or_default();
    let list = |key: &str| kustomization.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut objects = objects;
    for name in list("resources") {
        let name = name.as_str().ok_or("a resource is no text")?;
        if name.starts_with("https://offline.example/") {
            return Err(format!("{name} is not fetched"));
        }
        if name.contains("://") {
            objects.push(remote(name));
            continue;
        }
        let at = directory.join(name).map_err(|error| error.to_string())?;
        if tree.list(&at).unwrap().is_some() && depth < 10 {
            objects.extend(kustomize(tree, &at, depth + 1)?);
        } else {
            objects.extend(documents(&file(tree, &at)?)?);
        }
    }
    for name in list("components") {
        let at = directory.join(name.as_str().unwrap_or_default()).map_err(|error| error.to_string())?;
        objects = build(tree, &at, objects, depth + 1)?;
    }
    generate(tree, directory, &list("configMapGenerator"), &mut objects)?;
    let patches = list("patches").into_iter().map(|patch| (patch["path"].clone(), patch["patch"].clone()));
    let strategic = list("patchesStrategicMerge").into_iter().map(|name| (name, Value::Null));
    for (at, text) in strategic.chain(patches) {
        let text = match (at.as_str(), text.as_str()) {
            (Some(at), _) => file(tree, &directory.join(at).map_err(|error| error.to_string())?)?,
            (None, Some(text)) => text.to_owned(),
            _ => return Err("a patch without text".to_owned()),
        };
        for patch in documents(&text)? {
            // What is patched may come from a remote base, which is not there.
            let target = objects.iter_mut().find(|object| {
                object["kind"] == patch["kind"] && object["metadata"]["name"] == patch["metadata"]["name"]
            });
            if let Some(target) = target {
                merge(target, &patch);
            }
        }
    }
    for image in list("images") {
        objects.iter_mut().for_each(|object| set_image(object, &image));
    }
    let names: Vec<String> =
        objects.iter().filter_map(|object| Some(object["metadata"]["name"].as_str()?.to_owned())).collect();
    objects.iter_mut().for_each(|object| resolve(object, &names));
    for object in &mut objects {
        if let Some(namespace) = kustomization.get("namespace") {
            object["metadata"]["namespace"] = namespace.clone();
        }
        if let (Some(prefix), Some(name)) =
            (kustomization["namePrefix"].as_str(), object["metadata"]["name"].as_str())
        {
            object["metadata"]["name"] = json!(format!("{prefix}{name}"));
        }
    }
    Ok(objects)
}

/// Stands for a remote base: a Deployment of the image that is named like the repository, which says where it is
/// from.
fn remote(address: &str) -> Value {
    let stem = address.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = stem.split('/').collect();
    let image =
        parts.get(3..5).map(|parts| format!("quay.io/{}:remote", parts.join("/"))).unwrap_or_default();
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": stem.replace([':', '/', '.'], "-")},
        "spec": {"from": address, "template": {"spec": {"containers": [{"name": "a", "image": image}]}}}})
}

fn generate(
    tree: &dyn Tree,
    directory: &RepoPath,
    generators: &[Value],
    objects: &mut Vec<Value>,
) -> Result<(), String> {
    for generator in generators {
        let mut data = Map::new();
        for each in generator["files"].as_array().cloned().unwrap_or_default() {
            let each = each.as_str().unwrap_or_default();
            data.insert(
                each.to_owned(),
                json!(file(tree, &directory.join(each).map_err(|error| error.to_string())?)?),
            );
        }
        let mut name = generator["name"].as_str().unwrap_or_default().to_owned();
        if generator["hashed"] == json!(true) {
            let sum = Value::Object(data.clone())
                .to_string()
                .bytes()
                .fold(7u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
            let digits = "2456789bcdfghkmt".as_bytes();
            name.push('-');
            name.extend(
                (0..10).map(|place| char::from(digits[usize::try_from(sum >> (4 * place) & 15).unwrap()])),
            );
        }
        objects
            .push(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}));
    }
    Ok(())
}

/// Replaces `$hash(NAME)` by the name of the ConfigMap that was generated from it.
fn resolve(value: &mut Value, names: &[String]) {
    match value {
        Value::String(text) => {
            if let Some(stem) = text.strip_prefix("$hash(").and_then(|rest| rest.strip_suffix(')')) {
                let name =
                    names.iter().find(|name| name.rsplit_once('-').is_some_and(|(head, _)| head == stem));
                *text = name.cloned().unwrap_or_default();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, names)),
        Value::Object(map) => map.values_mut().for_each(|item| resolve(item, names)),
        _ => {}
    }
}

fn set_image(object: &mut Value, image: &Value) {
    let Some(containers) = object.pointer_mut("/spec/template/spec/containers") else { return };
    for container in containers.as_array_mut().into_iter().flatten() {
        let current = container["image"].as_str().unwrap_or_default().to_owned();
        let name = current.split(':').next().unwrap_or_default();
        if image["name"] == name {
            let new = image["newName"].as_str().unwrap_or(name);
            container["image"] = json!(format!("{new}:{}", image["newTag"].as_str().unwrap_or("latest")));
        }
    }
}

/// Reads `spec.path` of a declaration.
pub(super) fn redeclare(tree: &dyn Tree, instance: &Instance) -> Option<Instance> {
    let text = read_text(tree, instance.declared_in.as_ref()?).unwrap()?;
    let object = documents(&text).unwrap().into_iter().next()?;
    let mut instance = instance.clone();
    instance.sources[0].path = path(object.pointer("/spec/path")?.as_str()?);
    Some(instance)
}

/// A repository of applications in environments.
pub(super) struct Repository {
    pub(super) tree: MemoryTree,
    pub(super) catalog: Catalog,
    pub(super) version_groups: Vec<Vec<String>>,
}

/// An instance `app@env`: engine, directory, values files.
pub(super) fn instance(id: &str, engine: EngineKind, directory: &str, values: &[&str]) -> Instance {
    serde_json::from_value(json!({
        "id": id,
        "sources": [{"engine": engine, "path": directory, "values": values}],
        "destination": {},
        "reason": "",
    }))
    .unwrap()
}

impl Repository {
    pub(super) fn new(files: &[(&str, &str)], instances: Vec<Instance>) -> Self {
        let mut environments: Vec<EnvironmentName> = Vec::new();
        let mut applications: Vec<Application> = Vec::new();
        for instance in instances {
            if !environments.contains(&instance.id.environment) {
                environments.push(instance.id.environment.clone());
            }
            let name = instance.id.application.clone();
            match applications.iter_mut().find(|application| application.name == name) {
                Some(application) => application.instances.push(instance),
                None => applications.push(Application { name, instances: vec![instance] }),
            }
        }
        let environments = environments
            .into_iter()
            .map(|name| Environment { name, aliases: Vec::new(), protected: false, namespace: None })
            .collect();
        let layout = Layout { family: "plain".into(), confidence: 1.0, reason: String::new() };
        let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, text.to_string())));
        let catalog =
            Catalog { layout, environments, applications, skipped: Vec::new(), problems: Vec::new() };
        Self { tree, catalog, version_groups: Vec::new() }
    }

    pub(super) fn plan(
        &self,
        from: &str,
        to: &[&str],
        applications: &[&str],
        options: &[(&str, &str)],
    ) -> PromotionPlan {
        let names: Vec<ApplicationName> =
            applications.iter().map(|name| ApplicationName::new(*name)).collect();
        let to: Vec<EnvironmentName> = to.iter().map(|name| EnvironmentName::new(*name)).collect();
        let from = EnvironmentName::new(from);
        let pairing = pairs(&self.catalog, &self.tree, &from, &to, &names);
        let problems = &pairing.problems;
        assert_eq!(problems.iter().filter(|problem| problem.is_error()).count(), 0, "{problems:?}");
        let tree: Arc<dyn Tree> = Arc::new(self.tree.clone());
        let mut selection = Selection::default();
        for (option, text) in options {
            let selector: Selector = text.parse().unwrap();
            if *option == "include" {
                selection.include.push(selector);
            } else {
                selection.exclude.push(selector);
            }
        }
        let affected = |files: &[RepoPath]| -> Vec<Instance> {
            let touches = |instance: &&Instance| {
                let reads = render(&self.tree, instance).reads;
                files.iter().any(|file| reads.touch(file))
            };
            self.catalog.instances().filter(touches).cloned().collect()
        };
        plan(&Request {
            tree,
            base: CommitId::new("0123456"),
            from,
            to,
            pairs: pairing.pairs,
            newcomers: pairing.newcomers,
            words: environment_words(&self.catalog),
            pins: &[],
            version_groups: &self.version_groups,
            selection,
            key: MaskKey::new([5; 32]),
            lists: &BuiltInLists,
            render: &render,
            redeclare: &redeclare,
            affected: &affected,
        })
    }
}

/// An edit in one line.
pub(super) fn shown(edit: &Edit) -> String {
    match edit {
        Edit::Set { file, path, old, new, .. } => {
            format!("set {file} {path} {} → {new}", old.as_ref().map(ToString::to_string).unwrap_or_default())
        }
        Edit::Insert { file, path, new, .. } => format!("insert {file} {path} {new}"),
        Edit::Remove { file, path, .. } => format!("remove {file} {path}"),
        Edit::Write { file, content } => format!("write {file} {content:?}"),
        Edit::Copy { file, from } => format!("copy {from} {file}"),
        Edit::Delete { file } => format!("delete {file}"),
    }
}

pub(super) fn edits(plan: &PromotionPlan) -> Vec<String> {
    plan.edits.iter().map(shown).collect()
}

pub(super) fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}
