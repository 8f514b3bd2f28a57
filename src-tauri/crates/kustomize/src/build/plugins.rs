//! Plugins: generators and transformers whose configuration is a resource of its own. The built-in ones run here; one
//! that is a program or a container cannot.

use serde_json::{Value, json};
use slipway_model::Location;

use super::accumulator::Accumulator;
use super::generators::{Generator, Work};
use super::origin::{ORIGIN, Origin};
use super::target::Target;
use super::transformers::Planned;
use crate::failure::Failure;
use crate::generate::Generated;
use crate::graph::Role;
use crate::kustomization::{GeneratorArgs, HelmChart, HelmGlobals, Place, schema};
use crate::load;
use crate::resource::{Resource, ResourceMap};
use crate::transform::Transformer;

impl Target<'_, '_> {
    /// The configurations that a field lists: texts first, then what files and directories hold.
    fn plugin_configs(&self, field: &str, entries: &[String]) -> Result<ResourceMap, Failure> {
        let mut gathered = Accumulator::default();
        let mut paths = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let parsed = load::resources(entry.as_bytes(), &self.file.path);
            let Ok(mut inline) = parsed else {
                paths.push((index, entry.clone()));
                continue;
            };
            for resource in &mut inline {
                if let Some(origin) = &self.origin {
                    resource.set_annotation(ORIGIN, origin.append(&self.file_name).text());
                }
            }
            let appended = gathered.resources.append_all(inline).map_err(|failure| {
                failure.at(self.file.entry(field, index)).context("configuring external plugin")
            });
            self.context.joined(appended)?;
        }
        for (index, path) in paths {
            self.accumulate_resources(&mut gathered, field, &[path], Role::Plugins)
                .map_err(|failure| failure.at(self.file.entry(field, index)))?;
        }
        Ok(gathered.resources)
    }

    /// The generators of `generators`.
    pub(crate) fn plugin_generators(&self) -> Result<Vec<Generator>, Failure> {
        let configs = self.plugin_configs("generators", &self.file.kustomization.generators)?;
        configs
            .iter()
            .map(|config| {
                let place = self.place_of(config, "generators");
                self.plugin_generator(config, Place::At(place.clone()))
                    .map_err(|failure| failure.at(place).context("failed to load generator"))
            })
            .collect()
    }

    fn plugin_generator(&self, config: &Resource, place: Place) -> Result<Generator, Failure> {
        check_builtin(config)?;
        let (kind, work) = match config.kind() {
            "ConfigMapGenerator" => ("ConfigMapGenerator", Work::Pairs(Generated::ConfigMap, pairs(config)?)),
            "SecretGenerator" => ("SecretGenerator", Work::Pairs(Generated::Secret, pairs(config)?)),
            "HelmChartInflationGenerator" => {
                let chart: HelmChart = read(config, &schema::HELM_CHART)?;
                let globals: HelmGlobals = read(config, &schema::HELM_GLOBALS)?;
                if self.context.helpers.charts.is_none() {
                    let failure = Failure::new("helm-disabled", "must specify --enable-helm");
                    return Err(fails(config, &failure));
                }
                ("HelmChartInflationGenerator", Work::Chart(Box::new(chart), globals))
            }
            "IAMPolicyGenerator" => {
                ("IAMPolicyGenerator", Work::Resource(Box::new(iam_policy(config.object())?)))
            }
            _ if Transformer::is_known(config.kind()) => {
                let message = format!("plugin {} not a generator", config.original_id());
                return Err(Failure::new("kustomize-plugin", message));
            }
            _ => return Err(unknown(config)),
        };
        Ok(Generator { kind, work, origin: Origin::of_plugin(config), place, config: Some(config.clone()) })
    }

    /// The transformers of `transformers` or `validators`.
    pub(crate) fn plugin_transformers(
        &self,
        field: &str,
        entries: &[String],
    ) -> Result<Vec<Planned>, Failure> {
        let configs = self.plugin_configs(field, entries)?;
        let mut planned = Vec::with_capacity(configs.len());
        for config in &configs {
            let place = self.place_of(config, field);
            let plugin = || -> Result<Planned, Failure> {
                check_builtin(config)?;
                if matches!(
                    config.kind(),
                    "ConfigMapGenerator"
                        | "SecretGenerator"
                        | "HelmChartInflationGenerator"
                        | "IAMPolicyGenerator"
                ) {
                    let message = format!("plugin {} not a transformer", config.original_id());
                    return Err(Failure::new("kustomize-plugin", message));
                }
                if !Transformer::is_known(config.kind()) {
                    return Err(unknown(config));
                }
                self.plan_plugin(config, Place::At(place.clone()), Origin::of_plugin(config))
                    .map_err(|failure| fails(config, &failure))
            };
            let plugin = self.context.unless_missing(plugin(), || place.clone());
            planned.extend(plugin.map_err(|failure| failure.at(place.clone()))?);
        }
        Ok(planned)
    }

    fn place_of(&self, config: &Resource, field: &str) -> Location {
        match config.source() {
            Some(source) if source.file != self.file.path => {
                Location::at(&source.file, source.line.unwrap_or(1), 1)
            }
            _ => self.file.field(field),
        }
    }
}

fn fails(config: &Resource, failure: &Failure) -> Failure {
    let message = format!("plugin {} fails configuration: {}", config.original_id(), failure.message());
    failure.clone().with_message(message)
}

fn unknown(config: &Resource) -> Failure {
    Failure::new("kustomize-plugin", format!("unable to load builtin {}", config.gvk()))
}

/// Whether a plugin is built in; one that is a program is not.
fn check_builtin(config: &Resource) -> Result<(), Failure> {
    if config.api_version() == "builtin" {
        return Ok(());
    }
    let function = config
        .annotation("config.kubernetes.io/function")
        .or_else(|| config.annotation("config.k8s.io/function"))
        .map(|text| if text.contains("exec") { "a program" } else { "a container" });
    let message = format!("external plugins disabled; unable to load external plugin '{}'", config.kind());
    Err(Failure::new("kustomize-plugin-external", message).opaque().hint(format!(
        "the plugin is {}, which is not run here; only the tool itself can build this kustomization",
        function.unwrap_or("a program")
    )))
}

fn read<T: serde::de::DeserializeOwned>(
    config: &Resource,
    of: &'static schema::Struct,
) -> Result<T, Failure> {
    let (value, mismatch) = schema::normalise(config.object().clone(), of, false);
    let failure = |message: String| {
        fails(
            config,
            &Failure::new(
                "kustomize-plugin",
                format!("error unmarshaling JSON: while decoding JSON: {message}"),
            ),
        )
    };
    if let Some(mismatch) = mismatch {
        return Err(failure(mismatch.message));
    }
    serde_json::from_value(value).map_err(|error| failure(error.to_string()))
}

/// The arguments of a generator, whose name may stand in the metadata of the configuration.
fn pairs(config: &Resource) -> Result<Box<GeneratorArgs>, Failure> {
    let mut args: GeneratorArgs = read(config, &schema::SECRET_ARGS)?;
    if args.name.is_empty() {
        config.name().clone_into(&mut args.name);
    }
    if args.namespace.is_empty() {
        config.namespace().clone_into(&mut args.namespace);
    }
    Ok(Box::new(args))
}

/// A service account that stands for one of Google Cloud.
fn iam_policy(config: &Value) -> Result<Resource, Failure> {
    let text = |path: &str| config.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let cloud = text("/cloud");
    if cloud != "gke" {
        return Err(Failure::new("kustomize-plugin", format!("cloud provider {cloud} not supported yet")));
    }
    let account = format!(
        "{}@{}.iam.gserviceaccount.com",
        text("/serviceAccount/name"),
        text("/serviceAccount/projectId")
    );
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "annotations": {"iam.gke.io/gcp-service-account": account},
            "name": text("/kubernetesService/name"),
        },
    });
    let namespace = text("/kubernetesService/namespace");
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    Ok(Resource::new(object))
}
