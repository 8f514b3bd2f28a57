//! The kustomization file: its fields, its deprecated spellings, and how it is found and read.

mod places;
pub(crate) mod schema;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use slipway_model::{FieldPath, Location, Problem, RepoPath};
use slipway_yaml::Parsed;

use crate::failure::Failure;
pub(crate) use places::{Laid, OverlayText, Place};
pub(crate) use schema::{go_quote, go_type};

/// The names of a kustomization file, in the order in which they are looked for.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

const VERSION: &str = "kustomize.config.k8s.io/v1beta1";
const COMPONENT_VERSION: &str = "kustomize.config.k8s.io/v1alpha1";
pub(crate) const KIND: &str = "Kustomization";
pub(crate) const COMPONENT_KIND: &str = "Component";

/// A kustomization. Of fields that have a deprecated spelling only the present one is here.
///
/// What configures a transformer is kept as the value that the transformer's own configuration holds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Kustomization {
    /// `Kustomization` or `Component`.
    pub kind: String,
    /// Its version.
    pub api_version: String,
    /// The name and labels of the file itself; without effect.
    pub metadata: Option<Value>,
    /// The schema: `path` of a file, or `version` of a built-in one.
    pub openapi: BTreeMap<String, String>,
    /// Put before the names of all resources.
    pub name_prefix: String,
    /// Put behind the names of all resources.
    pub name_suffix: String,
    /// The namespace of all resources.
    pub namespace: String,
    /// Labels of all resources and selectors.
    pub common_labels: BTreeMap<String, String>,
    /// Labels with where they go.
    pub labels: Vec<Label>,
    /// Annotations of all resources.
    pub common_annotations: BTreeMap<String, String>,
    /// Strategic merge patches: files or texts.
    pub patches_strategic_merge: Vec<String>,
    /// JSON patches with targets.
    pub patches_json6902: Vec<Value>,
    /// Patches of either form.
    pub patches: Vec<Value>,
    /// Changes of images.
    pub images: Vec<Value>,
    image_tags: Vec<Value>,
    /// Copies of values from field to field.
    pub replacements: Vec<Value>,
    /// Numbers of replicas.
    pub replicas: Vec<Value>,
    /// Variables.
    pub vars: Vec<Variable>,
    /// The order of the output.
    pub sort_options: Option<SortOptions>,
    /// Files, directories and URLs of resources.
    pub resources: Vec<String>,
    /// Directories of components.
    pub components: Vec<String>,
    /// Files that describe custom resources.
    pub crds: Vec<String>,
    bases: Vec<String>,
    /// Generated ConfigMaps.
    pub config_map_generator: Vec<GeneratorArgs>,
    /// Generated Secrets.
    pub secret_generator: Vec<GeneratorArgs>,
    /// What all charts share.
    pub helm_globals: Option<HelmGlobals>,
    /// Charts.
    pub helm_charts: Vec<HelmChart>,
    helm_chart_inflation_generator: Vec<HelmChartArgs>,
    /// What all generators share.
    pub generator_options: Option<GeneratorOptions>,
    /// Files of transformer configuration.
    pub configurations: Vec<String>,
    /// Plugins: files, directories or texts.
    pub generators: Vec<String>,
    /// Plugins: files, directories or texts.
    pub transformers: Vec<String>,
    /// Plugins: files, directories or texts.
    pub validators: Vec<String>,
    /// What the build notes in annotations and labels.
    pub build_metadata: Vec<String>,
}

/// Labels with where they go.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Label {
    /// The labels.
    pub pairs: BTreeMap<String, String>,
    /// Into selectors too.
    pub include_selectors: bool,
    /// Into pod templates too.
    pub include_templates: bool,
    /// Into templates of volume claims too.
    pub include_volume_claim_templates: bool,
    /// More fields.
    pub fields: Vec<Value>,
}

/// A variable: a name for a field of a resource.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Variable {
    /// Its name, written `$(NAME)` where it is used.
    pub name: String,
    /// The resource.
    pub objref: VariableTarget,
    /// The field.
    pub fieldref: FieldReference,
}

/// The resource that a variable reads.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VariableTarget {
    /// Group and version in one; wins over the two.
    pub api_version: String,
    /// The group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The namespace; any where it is empty.
    pub namespace: String,
}

/// The field that a variable reads.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FieldReference {
    /// Its path with dots; `metadata.name` where it is empty.
    pub field_path: String,
}

/// The order of the output.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SortOptions {
    /// `fifo` or `legacy`.
    pub order: String,
    /// Kinds that come first and last.
    pub legacy_sort_options: Option<LegacySortOptions>,
}

/// Kinds that come first and last.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LegacySortOptions {
    /// Kinds that come first.
    pub order_first: Vec<String>,
    /// Kinds that come last.
    pub order_last: Vec<String>,
}

/// A generated ConfigMap or Secret.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct GeneratorArgs {
    /// Its namespace.
    pub namespace: String,
    /// Its name before the hash.
    pub name: String,
    /// What it does to one of the same name: `create`, `merge`, `replace`.
    pub behavior: String,
    /// `KEY=VALUE`.
    pub literals: Vec<String>,
    /// `FILE` or `KEY=FILE`.
    pub files: Vec<String>,
    /// Files of lines `KEY=VALUE`.
    pub envs: Vec<String>,
    env: String,
    /// Labels, annotations and the like.
    pub options: Option<GeneratorOptions>,
    /// The type of a Secret; `Opaque` where it is empty.
    #[serde(rename = "type")]
    pub secret_type: String,
}

/// Labels, annotations and the like of what is generated.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GeneratorOptions {
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// No hash of the content in the name.
    pub disable_name_suffix_hash: bool,
    /// It cannot be changed.
    pub immutable: bool,
}

impl GeneratorOptions {
    /// The options of one generator with those that all share: what is set there wins for labels and annotations, and
    /// either can switch the rest on.
    #[must_use]
    pub(crate) fn merged(local: Option<&Self>, global: Option<&Self>) -> Option<Self> {
        let Some(global) = global else { return local.cloned() };
        let mut merged = local.cloned().unwrap_or_default();
        for (key, value) in &global.labels {
            merged.labels.entry(key.clone()).or_insert_with(|| value.clone());
        }
        for (key, value) in &global.annotations {
            merged.annotations.entry(key.clone()).or_insert_with(|| value.clone());
        }
        merged.disable_name_suffix_hash |= global.disable_name_suffix_hash;
        merged.immutable |= global.immutable;
        Some(merged)
    }
}

/// What all charts of a kustomization share.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HelmGlobals {
    /// The directory of charts; `charts` where it is empty.
    pub chart_home: String,
    /// Helm's home; without effect here.
    pub config_home: String,
}

/// A chart.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HelmChart {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is fetched from.
    pub repo: String,
    /// The release; one that Helm makes up where it is empty.
    pub release_name: String,
    /// The namespace.
    pub namespace: String,
    /// More values files.
    pub additional_values_files: Vec<String>,
    /// The values file; the chart's own where it is empty.
    pub values_file: String,
    /// Values.
    pub values_inline: Option<Value>,
    /// How values and file are merged: `override`, `replace`, `merge`.
    pub values_merge: String,
    /// With the chart's custom resource definitions.
    #[serde(rename = "includeCRDs")]
    pub include_crds: bool,
    /// Without hooks.
    pub skip_hooks: bool,
    /// API versions that the chart sees.
    pub api_versions: Vec<String>,
    /// The Kubernetes version that the chart sees.
    pub kube_version: String,
    /// A template for the name of the release.
    pub name_template: String,
    /// Without test hooks.
    pub skip_tests: bool,
    /// Helm's `--debug`.
    pub debug: bool,
    /// Helm's `--devel`.
    pub devel: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct HelmChartArgs {
    chart_name: String,
    chart_version: String,
    chart_repo_url: String,
    chart_home: String,
    helm_home: String,
    values: String,
    values_local: Option<Value>,
    values_merge: String,
    release_name: String,
}

/// A kustomization with where it is written.
#[derive(Debug)]
pub(crate) struct KustomizationFile {
    pub(crate) kustomization: Kustomization,
    /// The file.
    pub(crate) path: RepoPath,
    pub(crate) text: String,
    /// Deprecated spellings that it uses.
    pub(crate) warnings: Vec<Problem>,
    /// What was laid over it, in order.
    pub(crate) laid: Vec<Laid>,
    /// Where that is written, in builds that are traced.
    pub(crate) overlays: Vec<OverlayText>,
    parsed: std::sync::OnceLock<Option<Arc<Parsed>>>,
}

impl KustomizationFile {
    /// Reads a kustomization file.
    ///
    /// # Errors
    /// When it is no YAML, has unknown fields or wrong types, is empty, or has another kind or version.
    pub(crate) fn read(text: String, path: &RepoPath) -> Result<Self, Failure> {
        let decoded = slipway_yaml::decode(&text).map_err(|error| {
            let message = format!("invalid Kustomization: yaml: line {}: {}", error.line, error.message);
            Failure::new("kustomization-invalid", message).at(Location::at(path, error.line, error.column))
        })?;
        let mut file = Self {
            kustomization: Kustomization::default(),
            path: path.clone(),
            text,
            warnings: Vec::new(),
            laid: Vec::new(),
            overlays: Vec::new(),
            parsed: std::sync::OnceLock::new(),
        };
        let empty = || Failure::new("kustomization-empty", "kustomization.yaml is empty").in_file(path);
        if !decoded.is_object() {
            if decoded.is_null() {
                return Err(empty());
            }
            let message = format!(
                "invalid Kustomization: json: cannot unmarshal {} into Go value of type types.Kustomization",
                match decoded {
                    Value::Array(_) => "array",
                    Value::String(_) => "string",
                    Value::Bool(_) => "bool",
                    _ => "number",
                }
            );
            return Err(Failure::new("kustomization-invalid", message).at(Location::at(path, 1, 1)));
        }
        let (value, mismatch) = schema::normalise(decoded, &schema::KUSTOMIZATION, true);
        if let Some(mismatch) = mismatch {
            let message = format!("invalid Kustomization: {}", mismatch.message);
            let mut failure = Failure::new("kustomization-invalid", message)
                .at(file.place(&mismatch.path, mismatch.key).unwrap_or_else(|| Location::file(path)));
            if mismatch.key {
                let name = mismatch.path.to_string();
                let name = name.rsplit('/').next().unwrap_or_default();
                if let Some(known) = nearest(name) {
                    failure = failure.hint(format!("a field of a kustomization is `{known}`"));
                }
            }
            return Err(failure);
        }
        let fields = value.as_object().cloned().unwrap_or_default();
        file.kustomization = serde_json::from_value(value).map_err(|error| {
            Failure::new("kustomization-invalid", format!("invalid Kustomization: {error}")).in_file(path)
        })?;
        file.warnings = warnings(&fields, path, |field| file.place(&FieldPath::root().key(field), true));
        let kustomization = &mut file.kustomization;
        kustomization.fix();
        if is_empty(&fields) {
            return Err(empty());
        }
        let wrong = kustomization.wrong_type();
        if !wrong.is_empty() {
            let directory = path.parent().unwrap_or_default();
            let message =
                format!("Failed to read kustomization file under {directory}:\n{}", wrong.join("\n"));
            return Err(Failure::new("kustomization-invalid", message).in_file(path));
        }
        Ok(file)
    }
}

impl Kustomization {
    /// Moves what deprecated spellings say to the present ones.
    fn fix(&mut self) {
        if self.kind.is_empty() {
            KIND.clone_into(&mut self.kind);
        }
        if self.api_version.is_empty() {
            let version = if self.kind == COMPONENT_KIND { COMPONENT_VERSION } else { VERSION };
            version.clone_into(&mut self.api_version);
        }
        let bases = std::mem::take(&mut self.bases);
        self.resources.extend(bases);
        let tags = std::mem::take(&mut self.image_tags);
        self.images.extend(tags);
        for generator in self.config_map_generator.iter_mut().chain(&mut self.secret_generator) {
            generator.fix();
        }
        let mut globals = HelmGlobals::default();
        for old in std::mem::take(&mut self.helm_chart_inflation_generator) {
            if !old.helm_home.is_empty() {
                globals.config_home = old.helm_home;
            }
            if !old.chart_home.is_empty() {
                globals.chart_home = old.chart_home;
            }
            self.helm_charts.push(HelmChart {
                name: old.chart_name,
                version: old.chart_version,
                repo: old.chart_repo_url,
                values_file: old.values,
                values_inline: old.values_local,
                values_merge: old.values_merge,
                release_name: old.release_name,
                ..HelmChart::default()
            });
        }
        if self.helm_globals.is_none() && globals != HelmGlobals::default() {
            self.helm_globals = Some(globals);
        }
    }

    fn wrong_type(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.kind != KIND && self.kind != COMPONENT_KIND {
            wrong.push(format!("kind should be {KIND} or {COMPONENT_KIND}"));
        }
        let version = if self.kind == COMPONENT_KIND { COMPONENT_VERSION } else { VERSION };
        if self.api_version != version {
            wrong.push(format!("apiVersion for {} should be {version}", self.kind));
        }
        wrong
    }
}

impl GeneratorArgs {
    pub(crate) fn fix(&mut self) {
        if !self.env.is_empty() {
            self.envs.push(std::mem::take(&mut self.env));
        }
    }
}

/// Whether nothing is said: no field but kind and version, as Go compares it with an empty struct.
fn is_empty(fields: &serde_json::Map<String, Value>) -> bool {
    fields.iter().all(|(name, value)| match name.as_str() {
        "kind" | "apiVersion" => true,
        // These are moved elsewhere, and moving nothing leaves nothing.
        "bases" | "imageTags" | "helmChartInflationGenerator" => value.as_array().is_some_and(Vec::is_empty),
        _ => value.as_str().is_some_and(str::is_empty),
    })
}

fn warnings(
    fields: &serde_json::Map<String, Value>,
    file: &RepoPath,
    place: impl Fn(&str) -> Option<Location>,
) -> Vec<Problem> {
    const DEPRECATED: [(&str, &str, &str); 6] = [
        ("bases", "resources", ""),
        ("commonLabels", "labels", ""),
        ("imageTags", "images", ""),
        ("patchesJson6902", "patches", ""),
        ("patchesStrategicMerge", "patches", ""),
        ("vars", "replacements", "[EXPERIMENTAL] "),
    ];
    let used = DEPRECATED.iter().filter(|(old, _, _)| fields.contains_key(*old));
    used.map(|(old, new, note)| {
        Problem::warning(
            "kustomize-deprecated",
            format!("'{old}' is deprecated. Please use '{new}' instead."),
        )
        .hint(format!("{note}Run 'kustomize edit fix' to update your Kustomization automatically."))
        .at(place(old).unwrap_or_else(|| Location::file(file)))
    })
    .collect()
}

/// A field of a kustomization that is written almost like `name`.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.trim_start_matches('/').to_ascii_lowercase();
    schema::KUSTOMIZATION.fields.iter().map(|field| field.0).find(|known| {
        let known = known.to_ascii_lowercase();
        known.starts_with(&name) && name.len() > 3
            || name.starts_with(&known)
            || known.len().abs_diff(name.len()) <= 1
                && known.bytes().zip(name.bytes()).filter(|(left, right)| left != right).count() <= 2
    })
}
