//! What a build is asked for beside the directory.

use serde_json::Value;

use crate::cache::BuildCache;
use crate::failure::Failure;
use crate::helm::ChartInflator;
use crate::kustomization::{Kustomization, schema};
use crate::substitute::Substitution;

/// What a build is asked for: the flags of the command line, and what Argo CD and Flux lay over the kustomization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Files outside the directory of a kustomization may be read (`--load-restrictor LoadRestrictionsNone`), but never
    /// outside the tree.
    pub unrestricted: bool,
    /// Kustomizations laid over that of the directory, in order, as text: what an Argo CD source (`kustomize:`) or a
    /// Flux Kustomization says. See [`lay_over`] for how fields are merged.
    pub overlays: Vec<String>,
    /// Flux's `postBuild`.
    pub substitution: Substitution,
    /// Whether to note which step set which field. Slower; bases are not shared.
    pub trace: bool,
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
/// appended.
///
/// # Errors
/// When the text is no kustomization.
pub(crate) fn lay_over(kustomization: &mut Kustomization, text: &str) -> Result<(), Failure> {
    let invalid =
        |message: String| Failure::new("kustomization-invalid", format!("invalid options: {message}"));
    let value = slipway_yaml::decode(text)
        .map_err(|error| invalid(format!("line {}: {}", error.line, error.message)))?;
    if value.is_null() {
        return Ok(());
    }
    let (value, mismatch) = schema::normalise(value, &schema::KUSTOMIZATION, true);
    if let Some(mismatch) = mismatch {
        return Err(invalid(mismatch.message));
    }
    let over: Kustomization = serde_json::from_value(value).map_err(|error| invalid(error.to_string()))?;
    for (own, over) in [
        (&mut kustomization.name_prefix, over.name_prefix),
        (&mut kustomization.name_suffix, over.name_suffix),
        (&mut kustomization.namespace, over.namespace),
    ] {
        if !over.is_empty() {
            *own = over;
        }
    }
    kustomization.common_labels.extend(over.common_labels);
    kustomization.common_annotations.extend(over.common_annotations);
    kustomization.labels.extend(over.labels);
    replace_by_name(&mut kustomization.images, over.images);
    replace_by_name(&mut kustomization.replicas, over.replicas);
    kustomization.patches.extend(over.patches);
    kustomization.patches_json6902.extend(over.patches_json6902);
    kustomization.patches_strategic_merge.extend(over.patches_strategic_merge);
    kustomization.replacements.extend(over.replacements);
    kustomization.resources.extend(over.resources);
    for component in over.components {
        if !kustomization.components.contains(&component) {
            kustomization.components.push(component);
        }
    }
    kustomization.config_map_generator.extend(over.config_map_generator);
    kustomization.secret_generator.extend(over.secret_generator);
    kustomization.transformers.extend(over.transformers);
    kustomization.generators.extend(over.generators);
    Ok(())
}

/// Adds entries to a list; one of the same name is replaced field by field, as `kustomize edit set` does.
fn replace_by_name(entries: &mut Vec<Value>, over: Vec<Value>) {
    for new in over {
        match entries.iter_mut().find(|entry| entry.get("name") == new.get("name")) {
            Some(entry) => {
                // A tag and a digest exclude each other; what is not said stays.
                if let (Value::Object(entry), Value::Object(new)) = (entry, new) {
                    if new.contains_key("newTag") {
                        entry.remove("digest");
                    }
                    if new.contains_key("digest") {
                        entry.remove("newTag");
                    }
                    entry.extend(new);
                }
            }
            None => entries.push(new),
        }
    }
}
