//! Transformers as objects of their own: `apiVersion: builtin`, `kind: LabelTransformer` and so on, as they are listed in
//! `transformers`.

use serde_json::Value;

use super::decode;
use super::images::ImageTransformer;
use super::labels::Pairs;
use super::names::{Affix, Rename};
use super::namespace::NamespaceTransformer;
use super::patch::{Json6902, Patch, PatchOptions, PatchSource, ReadResources, StrategicMergePatches};
use super::replacement::{Replacement, Replacements};
use super::replicas::Replicas;
use super::schema::Schema;
use super::selector::{Selector, parse_selector};
use super::value_add::ValueAdd;
use super::watch::Watch;
use crate::failure::Failure;
use crate::resource::{Resource, ResourceMap};

/// A built-in transformer, configured.
#[derive(Clone, Debug)]
pub enum Transformer {
    /// `LabelTransformer`, `AnnotationsTransformer`.
    Pairs(Pairs),
    /// `PrefixTransformer`, `SuffixTransformer`, or both of `PrefixSuffixTransformer`.
    Rename(Vec<Rename>),
    /// `NamespaceTransformer`.
    Namespace(NamespaceTransformer),
    /// `ImageTagTransformer`.
    Image(Box<ImageTransformer>),
    /// `ReplicaCountTransformer`.
    Replicas(Replicas),
    /// `ReplacementTransformer`.
    Replacements(Replacements),
    /// `PatchTransformer`.
    Patch(Box<Patch>),
    /// `PatchJson6902Transformer`.
    Json6902(Box<Json6902>),
    /// `PatchStrategicMergeTransformer`.
    StrategicMerge(StrategicMergePatches),
    /// `ValueAddTransformer`.
    ValueAdd(ValueAdd),
    /// `HashTransformer`.
    Hash,
}

/// What reading a configuration needs from the kustomization that lists it.
pub struct Surroundings<'a> {
    /// Reads a file, by its path in the configuration.
    pub read_file: &'a dyn Fn(&str) -> Result<String, Failure>,
    /// Reads the documents of a text as resources.
    pub read_resources: &'a ReadResources<'a>,
    /// The name of the kustomization's directory.
    pub root_name: &'a str,
}

/// What applying a transformer needs.
pub struct Means<'a> {
    /// The schema that strategic merge goes by.
    pub schema: &'a Schema,
    /// The hash of a resource's content, for its name.
    pub hash: &'a dyn Fn(&Resource) -> Result<String, Failure>,
    /// Who wants to know which part of it changed what.
    pub watch: Option<&'a dyn Watch>,
}

impl Transformer {
    /// Whether there is a built-in transformer of this kind.
    #[must_use]
    pub fn is_known(kind: &str) -> bool {
        matches!(
            kind,
            "AnnotationsTransformer"
                | "HashTransformer"
                | "ImageTagTransformer"
                | "LabelTransformer"
                | "NamespaceTransformer"
                | "PatchJson6902Transformer"
                | "PatchStrategicMergeTransformer"
                | "PatchTransformer"
                | "PrefixSuffixTransformer"
                | "PrefixTransformer"
                | "ReplacementTransformer"
                | "ReplicaCountTransformer"
                | "SuffixTransformer"
                | "ValueAddTransformer"
        )
    }

    /// Reads a configuration object.
    ///
    /// # Errors
    /// When the kind is unknown, a field has the wrong type, or a file is not there.
    pub fn parse(kind: &str, config: &Value, around: &Surroundings<'_>) -> Result<Self, Failure> {
        Ok(match kind {
            "AnnotationsTransformer" => Self::Pairs(Pairs::parse(config, "annotations")?),
            "HashTransformer" => Self::Hash,
            "ImageTagTransformer" => Self::Image(Box::new(ImageTransformer::parse(config)?)),
            "LabelTransformer" => Self::Pairs(Pairs::parse(config, "labels")?),
            "NamespaceTransformer" => Self::Namespace(NamespaceTransformer::parse(config)?),
            "PatchJson6902Transformer" => Self::Json6902(Box::new(json6902(config, around)?)),
            "PatchStrategicMergeTransformer" => Self::StrategicMerge(strategic_merge(config, around)?),
            "PatchTransformer" => Self::Patch(Box::new(patch(config, around)?)),
            "PrefixSuffixTransformer" => Self::Rename(vec![
                Rename::parse(config, Affix::Prefix)?,
                Rename::parse(config, Affix::Suffix)?,
            ]),
            "PrefixTransformer" => Self::Rename(vec![Rename::parse(config, Affix::Prefix)?]),
            "ReplacementTransformer" => Self::Replacements(replacements(config, around)?),
            "ReplicaCountTransformer" => Self::Replicas(Replicas::parse(config)?),
            "SuffixTransformer" => Self::Rename(vec![Rename::parse(config, Affix::Suffix)?]),
            "ValueAddTransformer" => {
                let path = decode::text_field(config, "targetFilePath")?;
                let more = if path.is_empty() { None } else { Some(decoded_file(&path, around)?) };
                Self::ValueAdd(ValueAdd::parse(config, more.as_ref(), around.root_name)?)
            }
            other => {
                let message = format!("unable to load builtin {other}");
                return Err(Failure::new("kustomize-plugin", message));
            }
        })
    }

    /// Changes the resources. Those that were deleted are dropped by the caller
    /// ([`ResourceMap::drop_empty`]).
    ///
    /// # Errors
    /// In kustomize's words, when it cannot be done.
    pub fn apply(&self, map: &mut ResourceMap, means: &Means<'_>) -> Result<(), Failure> {
        match self {
            Self::Pairs(pairs) => pairs.apply(map),
            Self::Rename(renames) => renames.iter().try_for_each(|rename| rename.apply(map)),
            Self::Namespace(namespace) => namespace.apply(map),
            Self::Image(image) => image.apply(map),
            Self::Replicas(replicas) => replicas.apply(map),
            Self::Replacements(replacements) => replacements.apply(map, means.watch),
            Self::Patch(patch) => patch.apply(map, means.schema, means.watch),
            Self::Json6902(patch) => patch.apply(map, means.watch),
            Self::StrategicMerge(patches) => patches.apply(map, means.schema, means.watch),
            Self::ValueAdd(value) => value.apply(map),
            Self::Hash => add_hashes(map, means.hash),
        }
    }
}

/// Adds a hash of the content to the names of resources that ask for one.
///
/// # Errors
/// When `hash` fails.
pub fn add_hashes(
    map: &mut ResourceMap,
    hash: &dyn Fn(&Resource) -> Result<String, Failure>,
) -> Result<(), Failure> {
    for resource in map.iter_mut().filter(|resource| resource.needs_hash()) {
        let hash = hash(resource)?;
        resource.store_previous_id();
        let name = format!("{}-{hash}", resource.name());
        resource.set_name(&name);
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("kustomize-configuration", message)
}

fn decoded_file(path: &str, around: &Surroundings<'_>) -> Result<Value, Failure> {
    let text = (around.read_file)(path)?;
    slipway_yaml::decode(&text)
        .map_err(|error| invalid(format!("{path}:{}:{}: {error}", error.line, error.column)))
}

fn target(config: &Value) -> Result<Option<Selector>, Failure> {
    decode::field(config, "target").map(parse_selector).transpose()
}

fn patch(config: &Value, around: &Surroundings<'_>) -> Result<Patch, Failure> {
    let (path, inline) = (decode::text_field(config, "path")?, decode::text_field(config, "patch")?);
    let options = match decode::field(config, "options") {
        None => PatchOptions::default(),
        Some(options) => PatchOptions {
            allow_name_change: decode::bool_field(options, "allowNameChange")?,
            allow_kind_change: decode::bool_field(options, "allowKindChange")?,
        },
    };
    let target = target(config)?;
    match (path.is_empty(), inline.trim().is_empty()) {
        (true, true) => Err(invalid(format!("must specify one of patch and path in\n{}", shown(config)))),
        (false, false) => {
            Err(invalid(format!("patch and path can't be set at the same time\n{}", shown(config))))
        }
        (true, false) => Patch::new(&inline, PatchSource::Inline, target, options, around.read_resources),
        (false, true) => {
            let text = (around.read_file)(&path).map_err(|failure| {
                failure.context(format_args!("failed to get the patch file from path({path})"))
            })?;
            Patch::new(&text, PatchSource::Path(&path), target, options, around.read_resources)
        }
    }
}

fn shown(config: &Value) -> String {
    slipway_yaml::emit(config)
}

fn json6902(config: &Value, around: &Surroundings<'_>) -> Result<Json6902, Failure> {
    let (path, inline) = (decode::text_field(config, "path")?, decode::text_field(config, "jsonOp")?);
    let Some(target) = target(config)?.filter(|target| !target.name.is_empty()) else {
        return Err(invalid("must specify the target name"));
    };
    match (path.is_empty(), inline.is_empty()) {
        (true, true) => Err(invalid("empty file path and empty jsonOp")),
        (false, false) => Err(invalid("must specify a file path or jsonOp, not both")),
        (true, false) => Json6902::new(&inline, "", &target),
        (false, true) => Json6902::new(&(around.read_file)(&path)?, &path, &target),
    }
}

fn strategic_merge(config: &Value, around: &Surroundings<'_>) -> Result<StrategicMergePatches, Failure> {
    let paths = decode::list_field(config, "paths")?;
    let inline = decode::text_field(config, "patches")?;
    if paths.is_empty() && inline.is_empty() {
        return Err(invalid("empty file path and empty patch content"));
    }
    let mut patches = Vec::new();
    let mut names = Vec::new();
    let mut missing = Vec::new();
    for path in paths {
        let path = decode::text("paths", path)?;
        // For reasons of history a path may be the patch itself.
        match (around.read_resources)(&path) {
            Ok(resources) => patches.extend(resources),
            Err(_) => {
                if let Some(text) = Failure::kept((around.read_file)(&path), &mut missing)? {
                    patches.extend((around.read_resources)(&text)?);
                }
            }
        }
        names.push(path);
    }
    if !inline.is_empty() {
        patches.extend((around.read_resources)(&inline)?);
    }
    if let Some(failure) = Failure::first(missing) {
        return Err(failure);
    }
    if patches.is_empty() {
        let message = format!("patch appears to be empty; files=[{}], Patch={inline}", names.join(" "));
        return Err(invalid(message));
    }
    Ok(StrategicMergePatches { patches })
}

fn replacements(config: &Value, around: &Surroundings<'_>) -> Result<Replacements, Failure> {
    let mut all = Vec::new();
    let mut missing = Vec::new();
    for entry in decode::list_field(config, "replacements")? {
        let path = decode::text_field(entry, "path")?;
        let replacement = Replacement::parse(entry)?;
        if path.is_empty() {
            all.push(replacement);
            continue;
        }
        if replacement.source.is_some() || replacement.targets.is_some_and(|targets| !targets.is_empty()) {
            return Err(invalid("cannot specify both path and inline replacement"));
        }
        if let Some(file) = Failure::kept(decoded_file(&path, around), &mut missing)? {
            all.extend(Replacement::parse_file(&file)?);
        }
    }
    Failure::first(missing).map_or(Ok(Replacements { replacements: all }), Err)
}
