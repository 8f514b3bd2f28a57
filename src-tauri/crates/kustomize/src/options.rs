//! What a build is asked for beside the directory.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_model::{FieldPath, RepoPath};

use crate::cache::BuildCache;
use crate::failure::Failure;
use crate::helm::ChartInflator;
use crate::kustomization::{Kustomization, Laid, OverlayText, schema};
use crate::substitute::Substitution;
use crate::trace::Text;

/// What a build is asked for: the flags of the command line, and what Argo CD and Flux lay over the kustomization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Files outside the directory of a kustomization may be read (`--load-restrictor LoadRestrictionsNone`), but never
    /// outside the tree.
    pub unrestricted: bool,
    /// Kustomizations laid over that of the directory, in order, as text: what an Argo CD source (`kustomize:`) or a
    /// Flux Kustomization says. See [`lay_over`] for how fields are merged.
    pub overlays: Vec<String>,
    /// Where each of them is written, for builds that are traced; empty where nobody knows.
    pub written: Vec<OverlayPlace>,
    /// Flux's `postBuild`.
    pub substitution: Substitution,
    /// Whether to note which step set which field. Slower; bases are not shared.
    pub trace: bool,
}

/// Where a kustomization that is laid over is written: a Flux Kustomization, an Argo CD Application.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverlayPlace {
    /// The file.
    pub file: RepoPath,
    /// What it holds.
    pub content: String,
    /// A line of the document that counts, from 1.
    pub line: u32,
    /// Fields of the kustomization with where they are in the document: `namespace` is `spec.targetNamespace`.
    pub fields: BTreeMap<String, FieldPath>,
}

impl OverlayPlace {
    pub(crate) fn text(&self) -> OverlayText {
        let text = Text::of_file(&self.file, self.content.as_bytes(), Some(self.line));
        OverlayText { text, fields: self.fields.clone() }
    }
}

/// Whom a build asks for what is not its own.
#[derive(Clone, Copy, Default)]
pub struct Helpers<'a> {
    /// Renders charts; `None` as without `--enable-helm`.
    pub charts: Option<&'a dyn ChartInflator>,
    /// Bases that were built before.
    pub cache: Option<&'a BuildCache>,
}

/// Lays a kustomization over another as Argo CD does by `kustomize edit` and Flux by writing the file anew: texts
/// replace, labels and annotations are added and win, images and replicas replace those of the same name, lists are
/// appended. Says what it has laid where.
///
/// # Errors
/// When the text is no kustomization.
pub(crate) fn lay_over(kustomization: &mut Kustomization, text: &str) -> Result<Laid, Failure> {
    let mut laid = Laid::default();
    let invalid =
        |message: String| Failure::new("kustomization-invalid", format!("invalid options: {message}"));
    let value = slipway_yaml::decode(text)
        .map_err(|error| invalid(format!("line {}: {}", error.line, error.message)))?;
    if value.is_null() {
        return Ok(laid);
    }
    let (value, mismatch) = schema::normalise(value, &schema::KUSTOMIZATION, true);
    if let Some(mismatch) = mismatch {
        return Err(invalid(mismatch.message));
    }
    let over: Kustomization = serde_json::from_value(value).map_err(|error| invalid(error.to_string()))?;
    for (name, own, over) in [
        ("namePrefix", &mut kustomization.name_prefix, over.name_prefix),
        ("nameSuffix", &mut kustomization.name_suffix, over.name_suffix),
        ("namespace", &mut kustomization.namespace, over.namespace),
    ] {
        if !over.is_empty() {
            *own = over;
            laid.field(name);
        }
    }
    for (name, own, over) in [
        ("commonLabels", &mut kustomization.common_labels, over.common_labels),
        ("commonAnnotations", &mut kustomization.common_annotations, over.common_annotations),
    ] {
        over.keys().for_each(|key| laid.key(name, key));
        own.extend(over);
    }
    for (name, own, over) in [
        ("images", &mut kustomization.images, over.images),
        ("replicas", &mut kustomization.replicas, over.replicas),
    ] {
        replace_by_name(own, over, |at, from| laid.entry(name, at, from));
    }
    let mut append = Append { laid: &mut laid };
    append.list("labels", &mut kustomization.labels, over.labels);
    append.list("patches", &mut kustomization.patches, over.patches);
    append.list("patchesJson6902", &mut kustomization.patches_json6902, over.patches_json6902);
    append.list(
        "patchesStrategicMerge",
        &mut kustomization.patches_strategic_merge,
        over.patches_strategic_merge,
    );
    append.list("replacements", &mut kustomization.replacements, over.replacements);
    append.list("resources", &mut kustomization.resources, over.resources);
    append.list("configMapGenerator", &mut kustomization.config_map_generator, over.config_map_generator);
    append.list("secretGenerator", &mut kustomization.secret_generator, over.secret_generator);
    append.list("transformers", &mut kustomization.transformers, over.transformers);
    append.list("generators", &mut kustomization.generators, over.generators);
    for (from, component) in over.components.into_iter().enumerate() {
        if !kustomization.components.contains(&component) {
            laid.entry("components", kustomization.components.len(), from);
            kustomization.components.push(component);
        }
    }
    Ok(laid)
}

/// Appends lists and notes it.
struct Append<'a> {
    laid: &'a mut Laid,
}

impl Append<'_> {
    fn list<T>(&mut self, name: &'static str, own: &mut Vec<T>, over: Vec<T>) {
        for (from, entry) in over.into_iter().enumerate() {
            self.laid.entry(name, own.len(), from);
            own.push(entry);
        }
    }
}

/// Adds entries to a list; one of the same name is replaced field by field, as `kustomize edit set` does. `laid` is told
/// where each goes.
fn replace_by_name(entries: &mut Vec<Value>, over: Vec<Value>, mut laid: impl FnMut(usize, usize)) {
    for (from, new) in over.into_iter().enumerate() {
        match entries.iter().position(|entry| entry.get("name") == new.get("name")) {
            Some(at) => {
                laid(at, from);
                // A tag and a digest exclude each other; what is not said stays.
                if let (Value::Object(entry), Value::Object(new)) = (&mut entries[at], new) {
                    if new.contains_key("newTag") {
                        entry.remove("digest");
                    }
                    if new.contains_key("digest") {
                        entry.remove("newTag");
                    }
                    entry.extend(new);
                }
            }
            None => {
                laid(entries.len(), from);
                entries.push(new);
            }
        }
    }
}
