//! The transformers of a kustomization, in the order in which kustomize runs them.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::accumulator::{Accumulator, Config};
use super::origin::Origin;
use super::target::Target;
use crate::failure::Failure;
use crate::generate;
use crate::kustomization::{Label as LabelField, Place};
use crate::load;
use crate::resource::{Resource, ResourceMap};
use crate::trace::Written;
use crate::transform::{
    Affix, Image, ImageTransformer, Label, Means, NamespaceTransformer, Pairs, Rename, Replicas,
    Surroundings, Transformer, TransformerConfig, Unknown, Watch, parse_specs,
};

/// A transformer, ready to run.
pub(crate) struct Planned {
    pub(crate) kind: String,
    pub(crate) transformer: Transformer,
    pub(crate) origin: Option<Origin>,
    pub(crate) place: Place,
    /// The configuration, of a plugin.
    pub(crate) config: Option<Resource>,
}

impl Target<'_, '_> {
    /// Runs all transformers on what was gathered.
    pub(crate) fn transform(&self, gathered: &mut Accumulator) -> Result<(), Failure> {
        let config = gathered.config.clone().unwrap_or_else(Config::defaults);
        let mut planned = self.own_transformers(&config)?;
        planned.extend(self.plugin_transformers("transformers", &self.file.kustomization.transformers)?);
        if self.context.lacks() {
            return Ok(());
        }
        for transformer in &planned {
            self.run_transformer(transformer, &mut gathered.resources)?;
            gathered.resources.drop_empty();
        }
        Ok(())
    }

    fn run_transformer(&self, transformer: &Planned, resources: &mut ResourceMap) -> Result<(), Failure> {
        let place = || self.file.locate(&transformer.place);
        let wording = self.context.options.trace.then(|| self.wording(transformer));
        let written = |part| wording.as_ref().map_or(Written::Place, |wording| wording.of(part));
        self.context.step(resources, &transformer.kind, place, written, |resources, watch| {
            self.apply(transformer, resources, watch)
        })?;
        if let Some(origin) = &transformer.origin {
            for resource in resources {
                if !resource.is_empty() {
                    origin.note_change(resource);
                }
            }
        }
        Ok(())
    }

    /// Runs the validators, which must not change anything but the label `validated-by`.
    pub(crate) fn validate(&self, gathered: &mut Accumulator) -> Result<(), Failure> {
        let validators = self.plugin_transformers("validators", &self.file.kustomization.validators)?;
        if self.context.lacks() {
            return Ok(());
        }
        for validator in &validators {
            let before = gathered.resources.clone();
            self.apply(validator, &mut gathered.resources, None)
                .map_err(|failure| failure.at(self.file.locate(&validator.place)))?;
            let mut after = gathered.resources.clone();
            for resource in &mut after {
                let mut labels = resource.labels();
                if labels.remove("validated-by").is_some() {
                    resource.set_labels(labels);
                }
            }
            let same = |(left, right): (&Resource, &Resource)| left.object() == right.object();
            if before.len() != after.len() || !before.iter().zip(after.iter()).all(same) {
                let message = "validator shouldn't modify the resource map";
                return Err(
                    Failure::new("kustomize-validator", message).at(self.file.locate(&validator.place))
                );
            }
        }
        Ok(())
    }
}

impl Target<'_, '_> {
    fn apply(
        &self,
        planned: &Planned,
        resources: &mut ResourceMap,
        watch: Option<&dyn Watch>,
    ) -> Result<(), Failure> {
        let schema = self.context.schema();
        let means = Means { schema: &schema, hash: &generate::content_hash, watch };
        planned.transformer.apply(resources, &means)
    }

    /// The transformers that fields of the kustomization ask for.
    fn own_transformers(&self, config: &Config) -> Result<Vec<Planned>, Failure> {
        let kustomization = &self.file.kustomization;
        let specs = &config.specs;
        let mut planned = Vec::new();
        let mut plan = |kind: &str, transformer: Transformer, place: Place| {
            let origin = self.origin.as_ref().map(|origin| origin.of_field(&self.file_name, kind));
            planned.push(Planned { kind: kind.to_owned(), transformer, origin, place, config: None });
        };
        let field = Place::Field;
        if !kustomization.patches_strategic_merge.is_empty() {
            let config = json!({"paths": kustomization.patches_strategic_merge});
            let place = field("patchesStrategicMerge");
            if let Some(transformer) = self.configure("PatchStrategicMergeTransformer", &config, &place)? {
                plan("PatchStrategicMergeTransformer", transformer, place);
            }
        }
        for (index, patch) in kustomization.patches.iter().enumerate() {
            let place = Place::Entry("patches", index);
            if let Some(transformer) = self.configure("PatchTransformer", patch, &place)? {
                plan("PatchTransformer", transformer, place);
            }
        }
        if !kustomization.namespace.is_empty() {
            let transformer =
                NamespaceTransformer::new(&kustomization.namespace, Arc::clone(&specs.namespace));
            plan("NamespaceTransformer", Transformer::Namespace(transformer), field("namespace"));
        }
        for (kind, name, affix, text, specs) in [
            (
                "PrefixTransformer",
                "namePrefix",
                Affix::Prefix,
                &kustomization.name_prefix,
                &specs.name_prefix,
            ),
            (
                "SuffixTransformer",
                "nameSuffix",
                Affix::Suffix,
                &kustomization.name_suffix,
                &specs.name_suffix,
            ),
        ] {
            if !text.is_empty() {
                let rename = Rename { affix, text: text.clone(), specs: Arc::clone(specs) };
                plan(kind, Transformer::Rename(vec![rename]), field(name));
            }
        }
        if !kustomization.labels.is_empty() || !kustomization.common_labels.is_empty() {
            for (index, entry) in kustomization.labels.iter().enumerate() {
                let place = Place::Entry("labels", index);
                let pairs = label(entry, specs).map_err(|failure| failure.at(self.file.locate(&place)))?;
                plan("LabelTransformer", Transformer::Pairs(pairs), place);
            }
            let pairs = Pairs {
                pairs: kustomization.common_labels.clone().into_iter().collect(),
                specs: Arc::clone(&specs.common_labels),
            };
            plan("LabelTransformer", Transformer::Pairs(pairs), field("commonLabels"));
        }
        if !kustomization.common_annotations.is_empty() {
            let pairs = Pairs {
                pairs: kustomization.common_annotations.clone().into_iter().collect(),
                specs: Arc::clone(&specs.common_annotations),
            };
            plan("AnnotationsTransformer", Transformer::Pairs(pairs), field("commonAnnotations"));
        }
        for (index, patch) in kustomization.patches_json6902.iter().enumerate() {
            let place = Place::Entry("patchesJson6902", index);
            let mut config = Map::new();
            for (from, to) in [("target", "target"), ("path", "path"), ("patch", "jsonOp")] {
                if let Some(value) = patch.get(from) {
                    config.insert(to.to_owned(), value.clone());
                }
            }
            let config = Value::Object(config);
            if let Some(transformer) = self.configure("PatchJson6902Transformer", &config, &place)? {
                plan("PatchJson6902Transformer", transformer, place);
            }
        }
        for (index, replica) in kustomization.replicas.iter().enumerate() {
            let replicas = Replicas {
                name: replica.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                count: replica.get("count").and_then(Value::as_i64).unwrap_or_default(),
                specs: Arc::clone(&specs.replicas),
            };
            plan("ReplicaCountTransformer", Transformer::Replicas(replicas), Place::Entry("replicas", index));
        }
        for (index, image) in kustomization.images.iter().enumerate() {
            let place = Place::Entry("images", index);
            let image = Image::parse(image).map_err(|failure| failure.at(self.file.locate(&place)))?;
            let transformer = ImageTransformer::new(image, Arc::clone(&specs.images));
            plan("ImageTagTransformer", Transformer::Image(Box::new(transformer)), place);
        }
        if !kustomization.replacements.is_empty() {
            let config = json!({"replacements": kustomization.replacements});
            let place = field("replacements");
            if let Some(transformer) = self.configure("ReplacementTransformer", &config, &place)? {
                plan("ReplacementTransformer", transformer, place);
            }
        }
        Ok(planned)
    }

    /// A transformer that a field asks for; `None` where a file of it is not here.
    fn configure(&self, kind: &str, config: &Value, place: &Place) -> Result<Option<Transformer>, Failure> {
        let parsed = self.context.unless_missing(self.parse(kind, config), || self.file.locate(place));
        parsed.map_err(|failure| {
            let config = slipway_yaml::emit(config);
            let config = crate::resource::shorten(&config, 2_000);
            failure
                .at(self.file.locate(place))
                .context(format_args!("trouble configuring builtin {kind} with config: `\n{config}`"))
        })
    }

    /// A transformer whose configuration is a resource.
    pub(crate) fn plan_plugin(
        &self,
        config: &Resource,
        place: Place,
        origin: Option<Origin>,
    ) -> Result<Planned, Failure> {
        let kind = config.kind().to_owned();
        let transformer = self.parse(&kind, config.object())?;
        Ok(Planned { kind, transformer, origin, place, config: Some(config.clone()) })
    }

    fn parse(&self, kind: &str, config: &Value) -> Result<Transformer, Failure> {
        // What was read last, so that a document of a file knows where it is written.
        let last = std::cell::RefCell::new(None);
        let read_file = |path: &str| -> Result<String, Failure> {
            let (file, content) = self.root.load(path)?;
            let text = match slipway_yaml::text(&content) {
                Ok(text) => text.into_owned(),
                Err(error) => return Err(Failure::new("yaml-syntax", error.message).in_file(&file)),
            };
            *last.borrow_mut() = Some((file, content));
            Ok(text)
        };
        let read_resources = |text: &str| -> Result<Vec<Resource>, Failure> {
            match &*last.borrow() {
                Some((file, content)) if content.as_ref() == text.as_bytes() => {
                    Ok(self.read_resources(file, content)?.as_ref().clone())
                }
                _ => load::resources(text.as_bytes(), &self.file.path),
            }
        };
        let around = Surroundings {
            read_file: &read_file,
            read_resources: &read_resources,
            root_name: self.root.directory.file_name().unwrap_or_default(),
        };
        Transformer::parse(kind, config, &around)
    }
}

fn label(entry: &LabelField, config: &TransformerConfig) -> Result<Pairs, Failure> {
    let label = Label {
        pairs: entry.pairs.clone().into_iter().collect(),
        include_selectors: entry.include_selectors,
        include_templates: entry.include_templates,
        include_volume_claim_templates: entry.include_volume_claim_templates,
        fields: parse_specs(&Value::from(entry.fields.clone()), Unknown::Ignored)?,
    };
    label.transformer(config)
}
