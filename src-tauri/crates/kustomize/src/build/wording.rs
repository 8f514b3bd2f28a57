//! Where what the steps of a kustomization do is written. Only builds that are traced ask.

use std::sync::Arc;

use serde_json::Value;
use slipway_model::{FieldPath, Location};

use super::generators::{Generator, Work};
use super::target::Target;
use super::transformers::Planned;
use crate::generate::pairs;
use crate::kustomization::{GeneratorArgs, Place};
use crate::load;
use crate::resource::{Resource, ResourceMap};
use crate::trace::{Change, Keys, Step, Text, Written, find};
use crate::transform::{JsonPatch, Part, Transformer};

/// Where a transformer is configured, and where what it reads is written.
pub(crate) struct Wording<'a> {
    planned: &'a Planned,
    /// The text of the configuration, and where it is in it.
    config: Option<(Text, FieldPath)>,
    /// The texts of its patches, one for each document; of a JSON patch one.
    patches: Vec<Text>,
    /// Where each of its replacements is.
    replacements: Vec<(Text, FieldPath)>,
    keys: Arc<Keys>,
}

impl Target<'_, '_> {
    pub(crate) fn wording<'p>(&self, planned: &'p Planned) -> Wording<'p> {
        let config = match (&planned.config, &planned.place) {
            (Some(config), _) => self.plugin_text(config).map(|text| (text, FieldPath::root())),
            (None, Place::Entry(field, index)) => self.file.entry_text(field, *index),
            (None, Place::Field(field)) => self.file.field_text(field),
            (None, Place::At(_)) => None,
        };
        let mut wording =
            Wording { planned, config, patches: Vec::new(), replacements: Vec::new(), keys: Arc::default() };
        match &planned.transformer {
            Transformer::Patch(patch) => {
                wording.patches = self.patch_texts(&wording, patch.documents());
            }
            Transformer::Json6902(_) => wording.patches = self.patch_texts(&wording, &[]),
            Transformer::StrategicMerge(_) => wording.patches = self.merge_texts(&wording),
            Transformer::Replacements(_) => wording.replacements = self.replacement_texts(&wording),
            Transformer::Pairs(pairs) => {
                let names = pairs.pairs.iter().map(|(name, _)| name.as_str());
                wording.keys = Arc::new(self.keys(&wording, names));
            }
            _ => {}
        }
        wording
    }

    /// The text of the configuration of a plugin: a document of a file, or a text in the kustomization.
    fn plugin_text(&self, config: &Resource) -> Option<Text> {
        let source = config.source()?;
        if source.file != self.file.path {
            let content = self.root.tree().read(&source.file).ok().flatten()?;
            return Text::of_file(&source.file, &content, source.line);
        }
        let kustomization = &self.file.kustomization;
        let fields = [
            ("generators", &kustomization.generators),
            ("transformers", &kustomization.transformers),
            ("validators", &kustomization.validators),
        ];
        let id = config.original_id();
        fields.iter().find_map(|(field, entries)| {
            entries.iter().enumerate().find_map(|(index, entry)| {
                let inline = load::resources(entry.as_bytes(), &self.file.path).ok()?;
                inline.iter().find(|each| each.original_id() == id)?;
                let (text, path) = self.file.entry_text(field, index)?;
                text.inside(&path, entry, source.line)
            })
        })
    }

    /// A file that the kustomization names.
    fn read_text(&self, path: &str) -> Option<Text> {
        let (file, content) = self.root.load(path).ok()?;
        Text::of_file(&file, &content, None)
    }

    /// The value of the configuration of a transformer.
    fn config_value<'v>(&'v self, wording: &Wording<'v>) -> Option<&'v Value> {
        let kustomization = &self.file.kustomization;
        match (&wording.planned.config, &wording.planned.place) {
            (Some(config), _) => Some(config.object()),
            (None, Place::Entry("patches", index)) => kustomization.patches.get(*index),
            (None, Place::Entry("patchesJson6902", index)) => kustomization.patches_json6902.get(*index),
            _ => None,
        }
    }

    /// The texts of the documents of a patch, or that of a JSON patch.
    fn patch_texts(&self, wording: &Wording<'_>, documents: &[Resource]) -> Vec<Text> {
        let Some(config) = self.config_value(wording) else { return Vec::new() };
        let field = |name: &str| config.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let mut before = 0;
        let text = match field("path") {
            Some(path) => self.read_text(path),
            None => ["patch", "jsonOp"].iter().find_map(|name| {
                let content = field(name)?;
                // Lines of the patch are counted without the empty ones before it.
                let begin = content.len() - content.trim_start().len();
                before = u32::try_from(content[..begin].matches('\n').count()).unwrap_or(u32::MAX);
                let (text, at) = wording.config.as_ref()?;
                text.inside(&at.key(*name), content, None)
                    .or_else(|| text.inside(&at.key("patch"), content, None))
            }),
        };
        let Some(text) = text else { return Vec::new() };
        if documents.is_empty() {
            return vec![text];
        }
        let line = |document: &Resource| document.source().and_then(|source| source.line);
        documents
            .iter()
            .map(|document| line(document).map_or_else(|| text.clone(), |line| text.at_line(line + before)))
            .collect()
    }

    /// The texts of the patches of `patchesStrategicMerge`, in their order.
    fn merge_texts(&self, wording: &Wording<'_>) -> Vec<Text> {
        let kustomization = &self.file.kustomization;
        let plugin = wording.planned.config.as_ref().map(Resource::object);
        let paths: Vec<String> = match plugin {
            Some(config) => {
                let paths = config.get("paths").and_then(Value::as_array).into_iter().flatten();
                paths.filter_map(|path| path.as_str().map(str::to_owned)).collect()
            }
            None => kustomization.patches_strategic_merge.clone(),
        };
        let mut texts = Vec::new();
        let mut add = |content: &[u8], text: Option<Text>| {
            let (Ok(documents), Some(text)) = (load::resources(content, &self.file.path), text) else {
                return;
            };
            let lines = documents.iter().filter_map(|document| document.source().and_then(|it| it.line));
            texts.extend(lines.map(|line| text.at_line(line)));
        };
        for (index, path) in paths.iter().enumerate() {
            if load::resources(path.as_bytes(), &self.file.path).is_ok() {
                let entry = match (plugin, &wording.config) {
                    (Some(_), Some((text, at))) => Some((text.clone(), at.key("paths").index(index))),
                    (Some(_), None) => None,
                    (None, _) => self.file.entry_text("patchesStrategicMerge", index),
                };
                add(path.as_bytes(), entry.and_then(|(text, at)| text.inside(&at, path, None)));
            } else if let Ok((file, content)) = self.root.load(path) {
                add(&content, Text::of_file(&file, &content, None));
            }
        }
        let inline = plugin.and_then(|config| config.get("patches")).and_then(Value::as_str);
        if let (Some(inline), Some((text, at))) = (inline, &wording.config) {
            add(inline.as_bytes(), text.inside(&at.key("patches"), inline, None));
        }
        texts
    }

    /// Where replacements are, in their order.
    fn replacement_texts(&self, wording: &Wording<'_>) -> Vec<(Text, FieldPath)> {
        let plugin = wording.planned.config.as_ref().map(Resource::object);
        let entries: &[Value] = match plugin {
            Some(config) => {
                config.get("replacements").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
            }
            None => &self.file.kustomization.replacements,
        };
        let mut texts = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let own = match (plugin, &wording.config) {
                (Some(_), Some((text, at))) => Some((text.clone(), at.key("replacements").index(index))),
                (Some(_), None) => None,
                (None, _) => self.file.entry_text("replacements", index),
            };
            let path = entry.get("path").and_then(Value::as_str).filter(|path| !path.is_empty());
            let Some(path) = path else {
                let Some(own) = own else { return Vec::new() };
                texts.push(own);
                continue;
            };
            let Ok((file, content)) = self.root.load(path) else { return Vec::new() };
            let value = slipway_yaml::decode(&String::from_utf8_lossy(&content)).unwrap_or_default();
            let Some(text) = Text::of_file(&file, &content, None) else { return Vec::new() };
            match value {
                Value::Array(items) => {
                    texts.extend((0..items.len()).map(|item| (text.clone(), FieldPath::root().index(item))));
                }
                _ => texts.push((text, FieldPath::root())),
            }
        }
        texts
    }

    /// Where labels or annotations are written, each by its name.
    fn keys<'n>(&self, wording: &Wording<'_>, names: impl Iterator<Item = &'n str>) -> Keys {
        let planned = wording.planned;
        let at = |name: &str| -> Option<Location> {
            match (&planned.config, &planned.place) {
                (Some(_), _) => {
                    let (text, at) = wording.config.as_ref()?;
                    ["labels", "annotations"].iter().find_map(|field| text.find(&at.key(*field).key(name)))
                }
                (None, Place::Field(field)) => {
                    let (text, at) = self.file.key_text(field, name)?;
                    text.find(&at)
                }
                (None, _) => {
                    let (text, at) = wording.config.as_ref()?;
                    text.find(&at.key("pairs").key(name))
                }
            }
        };
        let keys = names.filter_map(|name| Some((name.to_owned(), at(name)?))).collect();
        Keys { keys, ..Keys::default() }
    }

    /// Where what a generator makes is written.
    pub(crate) fn generated_keys(&self, generator: &Generator) -> Keys {
        let mut keys = Keys::default();
        let config = match (&generator.config, &generator.place) {
            (Some(config), _) => self.plugin_text(config).map(|text| (text, FieldPath::root())),
            (None, Place::Entry(field, index)) => self.file.entry_text(field, *index),
            _ => None,
        };
        let (Work::Pairs(_, args), Some((text, at))) = (&generator.work, config) else { return keys };
        for (path, source) in pairs::sources(args) {
            let Some(place) = text
                .find(&path.segments().iter().fold(at.clone(), |at, each| at.with(each.clone())))
                .or_else(|| text.find(&at.key("env")))
            else {
                continue;
            };
            match source {
                pairs::Source::Literal(key) => {
                    keys.keys.insert(key, place);
                }
                pairs::Source::File(key, path) => {
                    let file = self.root.path_of(&path).ok().filter(|_| self.root.load(&path).is_ok());
                    let begin = file.map(|file| Location::at(&file, 1, 1));
                    keys.keys.insert(key, begin.unwrap_or(place));
                }
                pairs::Source::Lines(path) => {
                    let Ok((file, content)) = self.root.load(&path) else { continue };
                    for (key, line) in pairs::keys_with_lines(&content) {
                        keys.keys.insert(key, Location::at(&file, line, 1));
                    }
                }
            }
        }
        self.generated_fields(args, &text, &at, &mut keys);
        keys
    }

    /// Fields of what is generated beside its data.
    fn generated_fields(&self, args: &GeneratorArgs, text: &Text, at: &FieldPath, keys: &mut Keys) {
        let options = at.key("options");
        let shared = self.file.field_text("generatorOptions");
        let find = |path: &[&str]| {
            let below = |top: &FieldPath| path.iter().fold(top.clone(), |at, key| at.key(*key));
            let own = text.find(&below(&options));
            own.or_else(|| shared.as_ref().and_then(|(text, top)| text.find(&below(top))))
        };
        let mut add = |field: FieldPath, place: Option<Location>| {
            if let Some(place) = place {
                keys.fields.insert(field.to_string(), place);
            }
        };
        let metadata = FieldPath::root().key("metadata");
        add(metadata.key("name"), text.find(&at.key("name")));
        add(metadata.key("namespace"), text.find(&at.key("namespace")));
        add(FieldPath::root().key("type"), text.find(&at.key("type")));
        add(FieldPath::root().key("immutable"), find(&["immutable"]));
        if let Some(options) = &args.options {
            for (field, pairs) in [("labels", &options.labels), ("annotations", &options.annotations)] {
                for key in pairs.keys() {
                    add(metadata.key(field).key(key.as_str()), find(&[field, key]));
                }
            }
        }
    }
}

impl Wording<'_> {
    /// Where a part of the transformer is written.
    pub(crate) fn of(&self, part: Part) -> Written {
        match (&self.planned.transformer, part) {
            (Transformer::Patch(patch), Part::Operation(index)) => self.operation(patch.json(), index),
            (Transformer::Json6902(patch), Part::Operation(index)) => {
                self.operation(Some(patch.json()), index)
            }
            (Transformer::Patch(patch), part) => self.document(patch.documents(), part),
            (Transformer::StrategicMerge(patches), part) => self.document(&patches.patches, part),
            (Transformer::Replacements(all), Part::Target { replacement, target }) => {
                let Some((text, at)) = self.replacements.get(replacement) else { return Written::Place };
                let targets = all.replacements.get(replacement).and_then(|each| each.targets.as_ref());
                let field_paths =
                    targets.and_then(|targets| targets.get(target)).map(|it| it.field_paths.clone());
                Written::Target {
                    text: text.clone(),
                    target: at.key("targets").index(target),
                    field_paths: field_paths.unwrap_or_default(),
                    source: at.key("source"),
                }
            }
            (Transformer::Pairs(_), _) => Written::Keys(Arc::clone(&self.keys)),
            (transformer, _) => self.fields(transformer),
        }
    }

    fn document(&self, documents: &[Resource], part: Part) -> Written {
        let document = match part {
            Part::Document(document) => document,
            _ => 0,
        };
        match (self.patches.get(document), documents.get(document)) {
            (Some(text), Some(patch)) => {
                Written::Merge { text: text.clone(), patch: Arc::clone(patch.shared_object()) }
            }
            _ => Written::Place,
        }
    }

    fn operation(&self, patch: Option<&JsonPatch>, index: usize) -> Written {
        match (self.patches.first(), patch) {
            (Some(text), Some(patch)) => {
                Written::Operation { text: text.clone(), index, depth: patch.depth_of(index) }
            }
            _ => Written::Place,
        }
    }

    /// The field of the configuration that says what is set.
    fn fields(&self, transformer: &Transformer) -> Written {
        let Some((text, at)) = &self.config else { return Written::Place };
        let is_plugin = self.planned.config.is_some();
        let names: &[&[&str]] = match (transformer, is_plugin) {
            (Transformer::Image(_), false) => &[&["newTag"], &["digest"], &["newName"]],
            (Transformer::Image(_), true) => {
                &[&["imageTag", "newTag"], &["imageTag", "digest"], &["imageTag", "newName"]]
            }
            (Transformer::Replicas(_), false) => &[&["count"]],
            (Transformer::Replicas(_), true) => &[&["replica", "count"]],
            (Transformer::Namespace(_), true) => &[&["metadata", "namespace"]],
            (Transformer::Rename(_), true) => &[&["prefix"], &["suffix"]],
            (Transformer::ValueAdd(_), true) => &[&["value"]],
            _ => &[],
        };
        let path = |names: &&[&str]| names.iter().fold(at.clone(), |at, name| at.key(*name));
        let fields = names.iter().map(path).chain([at.clone()]).collect();
        Written::Fields { text: text.clone(), fields }
    }
}

/// Says of references that follow a renamed resource, and of hashed names, where that name comes from.
pub(super) fn tell_names(resources: &mut ResourceMap) {
    let name = FieldPath::root().key("metadata").key("name");
    let mut named = std::collections::HashMap::new();
    for resource in resources.iter() {
        let history = find(resource.changes_before_names(), &name).change;
        let source = resource.source().map(|source| match source.line {
            Some(line) => Location::at(&source.file, line, 1),
            None => Location::file(&source.file),
        });
        let place = history.map(|change| change.place).or(source);
        let key = (resource.kind().to_owned(), resource.name().to_owned());
        named.entry(key).or_insert(place);
    }
    for resource in resources.iter_mut() {
        let (kind, own) = (resource.kind().to_owned(), resource.name().to_owned());
        if !resource.changes().iter().any(is_of_names) {
            continue;
        }
        for change in resource.changes_mut() {
            if !is_of_names(change) {
                continue;
            }
            let Change::Set { path, step, after, .. } = change else { continue };
            let Some(text) = path.get(after).and_then(Value::as_str) else { continue };
            let is_own = *path == name;
            let found = named
                .iter()
                .filter(|((of, named), _)| if is_own { *of == kind && *named == own } else { named == text });
            let mut places: Vec<&Location> = found.filter_map(|(_, place)| place.as_ref()).collect();
            places.sort_by_key(|place| place.to_string());
            let Some(place) = places.first() else { continue };
            let written = Written::Elsewhere { place: (*place).clone(), source: None };
            *step = Arc::new(Step::new(step.name.clone(), step.place.clone(), written));
        }
    }
}

/// Whether a change only follows a name.
pub(crate) fn is_of_names(change: &Change) -> bool {
    matches!(change, Change::Set { step, .. } if step.name == super::NAME_REFERENCES || step.name == super::HASHES)
}
