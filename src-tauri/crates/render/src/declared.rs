//! Where the object that declares a source is written: an Argo CD Application, a Flux Kustomization, a HelmRelease.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_kustomize::OverlayPlace;
use slipway_kustomize::trace::Text;
use slipway_model::{FieldPath, Location, RepoPath, Tree};

use crate::source::Source;

/// An object in a file, whose fields know where they are.
#[derive(Clone, Debug)]
pub struct Declaration {
    file: RepoPath,
    content: String,
    text: Text,
    line: u32,
    value: Value,
}

impl Declaration {
    /// The first object of a file that is meant.
    #[must_use]
    pub fn find(tree: &dyn Tree, file: &RepoPath, is_meant: impl Fn(&Value) -> bool) -> Option<Self> {
        let content = slipway_model::read_text(tree, file).ok().flatten()?;
        let documents = slipway_yaml::decode_stream(&content).ok()?;
        let found = documents.into_iter().find(|document| is_meant(&document.value))?;
        let text = Text::of_file(file, content.as_bytes(), Some(found.line))?;
        Some(Self { file: file.clone(), content, text, line: found.line, value: found.value })
    }

    /// The Flux Kustomization of a file that delivers a directory.
    #[must_use]
    pub fn flux(tree: &dyn Tree, file: &RepoPath, directory: &RepoPath) -> Option<Self> {
        Self::find(tree, file, |value| {
            let written = value.pointer("/spec/path").and_then(Value::as_str).unwrap_or(".");
            is_of(value, "Kustomization", "kustomize.toolkit.fluxcd.io")
                && RepoPath::root().join(written.trim_start_matches('/')).is_ok_and(|path| path == *directory)
        })
    }

    /// The object.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where a field is written, or what holds it.
    #[must_use]
    pub fn nearest(&self, field: &FieldPath) -> Location {
        let found = self.text.nearest(field, &FieldPath::root());
        found.unwrap_or_else(|| Location::at(&self.file, self.line, 1))
    }

    /// Where a field is written.
    #[must_use]
    pub fn at(&self, field: &FieldPath) -> Option<Location> {
        self.text.find(field)
    }

    /// The options of kustomize in it, below a field, under the names of a kustomization.
    #[must_use]
    pub fn options(&self, below: &FieldPath, renamed: &[(&str, &str)]) -> OverlayPlace {
        let mut fields: BTreeMap<String, FieldPath> = BTreeMap::new();
        if let Some(Value::Object(options)) = below.get(&self.value) {
            for field in options.keys() {
                let own = renamed.iter().find(|(written, _)| written == field);
                fields
                    .insert(own.map_or(field.as_str(), |(_, own)| own).to_owned(), below.key(field.as_str()));
            }
        }
        OverlayPlace { file: self.file.clone(), content: self.content.clone(), line: self.line, fields }
    }
}

/// Whether an object is of a kind, in any version.
pub(crate) fn is_of(value: &Value, kind: &str, group: &str) -> bool {
    let api_version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    value.get("kind").and_then(Value::as_str) == Some(kind)
        && api_version.split_once('/').is_some_and(|(of, _)| of == group)
}

/// Where the kustomize options of a source are written, in the file that declares its instance: below `kustomize` of a
/// source of an Application, or of the template of an ApplicationSet.
#[must_use]
pub fn kustomize_options(tree: &dyn Tree, file: &RepoPath, source: &Source) -> Option<OverlayPlace> {
    source.parameters.kustomization.as_ref()?;
    let is_argo = |value: &Value| {
        ["Application", "ApplicationSet"].iter().any(|kind| is_of(value, kind, "argoproj.io"))
            && !argo_options(value, source).is_empty()
    };
    let declaration = Declaration::find(tree, file, is_argo)?;
    let options = argo_options(declaration.value(), source);
    // Of several that cannot be told apart none is named.
    let [options] = &options[..] else { return None };
    Some(declaration.options(options, &[]))
}

/// The options of the sources of an Application that may be a source: those of its path, else those of a path that is
/// made of parameters.
fn argo_options(value: &Value, source: &Source) -> Vec<FieldPath> {
    let spec = FieldPath::root().key("spec");
    let mut sources = Vec::new();
    for spec in [spec.clone(), spec.key("template").key("spec")] {
        sources.push(spec.key("source"));
        let several = spec.key("sources").get(value).and_then(Value::as_array).map_or(0, Vec::len);
        sources.extend((0..several).map(|index| spec.key("sources").index(index)));
    }
    let written = |path: &FieldPath| path.key("path").get(value).and_then(Value::as_str).unwrap_or(".");
    let has_options = |path: &FieldPath| path.key("kustomize").get(value).is_some();
    let same =
        |path: &&FieldPath| RepoPath::root().join(written(path)).is_ok_and(|written| written == source.path);
    let sources: Vec<FieldPath> = sources.into_iter().filter(has_options).collect();
    let mut meant: Vec<&FieldPath> = sources.iter().filter(same).collect();
    if meant.is_empty() {
        meant = sources.iter().filter(|path| written(path).contains("{{")).collect();
    }
    meant.into_iter().map(|path| path.key("kustomize")).collect()
}
