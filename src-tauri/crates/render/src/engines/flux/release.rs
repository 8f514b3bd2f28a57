//! A HelmRelease: its chart, rendered with its values and changed by its post-renderers.

use serde_json::Value;
use sha2::{Digest, Sha256};
use slipway_model::{
    Location, Manifest, Problem, Reads, RemoteReference, RepoPath, Severity, Tree, read_text,
};

use super::objects::Objects;
use super::{FluxEngine, Noted, add_metadata, chart, values};
use crate::engine::{Fidelity, RenderInputs, Rendered};
use crate::engines::post_render::post_render;
use crate::flux_parameters::FluxParameters;
use crate::problems::{not_fetched, unreadable};
use crate::source::{EngineKind, Parameters, Source};
use crate::values::{merge, read_values};
use crate::with_files::WithFiles;

/// The longest name of a release that Helm takes.
const LONGEST_NAME: usize = 53;

/// Renders the release that the parameters of a source name, among what its Kustomization delivers. Objects that
/// are delivered beside it belong to it. Where its chart is not here, the HelmRelease stands for it.
pub(super) fn render(
    engine: &FluxEngine,
    tree: &dyn Tree,
    source: &Source,
    flux: &FluxParameters,
    inputs: &RenderInputs,
    delivered: Rendered,
) -> Rendered {
    let Some(name) = &flux.release else { return delivered };
    let Some(position) = delivered
        .manifests
        .iter()
        .position(|each| is_release(each) && name.is(&each.id.namespace, &each.id.name))
    else {
        let message = format!("`{}` does not deliver the HelmRelease `{}`", source.path, name.name);
        let problem = Problem::error("missing-release", message).at(Location::file(&source.path));
        return Rendered::failed(vec![problem], Reads::default());
    };
    let Rendered { manifests: all, mut problems, mut fidelity, .. } = delivered;
    let own = &all[position];
    let mut rendered = one(engine, tree, flux, inputs, &all, own);
    let companions = all.iter().filter(|each| !is_flux(each) && belongs_to(each, &all, own)).cloned();
    rendered.manifests = companions.chain(rendered.manifests).collect();
    problems.append(&mut rendered.problems);
    fidelity = fidelity.and(rendered.fidelity);
    if problems.iter().any(Problem::is_error) {
        rendered.manifests.clear();
    }
    Rendered { problems, fidelity, ..rendered }
}

/// Whether an object is a HelmRelease.
pub(super) fn is_release(manifest: &Manifest) -> bool {
    manifest.id.kind == "HelmRelease" && manifest.id.group == "helm.toolkit.fluxcd.io"
}

/// Objects of Flux steer it and are no part of an application.
fn is_flux(manifest: &Manifest) -> bool {
    manifest.id.group.ends_with(".fluxcd.io")
}

/// Whether an object belongs to a release: to the one whose directory is the nearest above it, else to the first.
fn belongs_to(manifest: &Manifest, all: &[Manifest], own: &Manifest) -> bool {
    let directory = |each: &Manifest| each.origin.file.parent().unwrap_or_default();
    let releases = || all.iter().filter(|each| is_release(each));
    let nearest = releases()
        .map(directory)
        .filter(|directory| manifest.origin.file.is_inside(directory))
        .max_by_key(|directory| directory.segments().count());
    let owner = match nearest {
        Some(nearest) => releases().find(|each| directory(each) == nearest),
        None => releases().next(),
    };
    owner.is_some_and(|owner| owner.id == own.id)
}

/// A release, ready to be rendered.
pub(super) struct Prepared {
    /// Its chart with its values, for the Helm engine.
    pub(super) source: Source,
    /// What stands for the `values.yaml` of the chart.
    defaults: Option<String>,
    noted: Noted,
}

impl Prepared {
    /// The tree that the chart is read from.
    pub(super) fn tree<'a>(&self, tree: &'a dyn Tree) -> WithFiles<'a> {
        match &self.defaults {
            Some(text) => WithFiles::new(tree).with(self.source.path.child("values.yaml"), text.clone()),
            None => WithFiles::new(tree),
        }
    }
}

/// Finds the chart of a release among what Kustomizations deliver, and its values.
///
/// # Errors
/// What stands for the release where it cannot be rendered.
pub(super) fn prepare(
    engine: &FluxEngine,
    tree: &dyn Tree,
    flux: &FluxParameters,
    inputs: &RenderInputs,
    (all, own): (&[Manifest], &Manifest),
) -> Result<Prepared, Rendered> {
    let at = Location::file(&own.origin.file);
    let release = &*own.object;
    let namespace = if own.id.namespace.is_empty() { &flux.namespace } else { &own.id.namespace };
    let objects = Objects::new(engine, tree, inputs, &flux.beside, 0).with_own(all);
    let chart = match chart::chart(release, namespace, &objects, &flux.repositories) {
        Ok(chart) => chart,
        Err(why) => {
            let problem = Problem::info("opaque-source", format!("not rendered here: {why}")).at(at);
            return Err(stands_for_itself(own, problem));
        }
    };
    if let Some(reference) = &chart.reference {
        match tree.content_id(&chart.path.child("Chart.yaml")) {
            Ok(None) if is_absent(tree, reference) => {
                return Err(stands_for_itself(own, not_fetched(reference).at(at)));
            }
            _ => {}
        }
    }
    let failed = |problem: Box<Problem>| Rendered::failed(vec![*problem], Reads::default());
    let defaults = defaults(tree, &chart).map_err(failed)?;
    let mut noted = Noted::default();
    let values =
        values::values(release, namespace, &own.origin.file, &objects, &mut noted).map_err(failed)?;
    let source = Source {
        engine: EngineKind::Helm,
        path: chart.path,
        values: Vec::new(),
        parameters: parameters(release, &own.id.name, namespace, &Value::Object(values)),
    };
    Ok(Prepared { source, defaults, noted })
}

/// The objects of one release.
fn one(
    engine: &FluxEngine,
    tree: &dyn Tree,
    flux: &FluxParameters,
    inputs: &RenderInputs,
    all: &[Manifest],
    own: &Manifest,
) -> Rendered {
    let prepared = match prepare(engine, tree, flux, inputs, (all, own)) {
        Ok(prepared) => prepared,
        Err(rendered) => return rendered,
    };
    let mut rendered = engine.render_chart(&prepared.tree(tree), &prepared.source, inputs);
    let noted = prepared.noted;
    if rendered.is_failed() {
        if noted.is_empty() {
            return rendered;
        }
        // It may well be what is missing that makes it fail.
        for problem in rendered.problems.iter_mut().filter(|problem| problem.is_error()) {
            problem.severity = Severity::Info;
        }
        rendered.manifests = vec![own.clone()];
        rendered.fidelity = Fidelity::opaque("values that only the cluster has are missing");
    } else if let Err(problem) = change(&own.object, &mut rendered) {
        return Rendered::failed(vec![problem.at(Location::file(&own.origin.file))], Reads::default());
    }
    noted.add_to(&mut rendered);
    rendered
}

/// The HelmRelease in place of what its chart would make.
fn stands_for_itself(own: &Manifest, problem: Problem) -> Rendered {
    let fidelity = Fidelity::opaque(problem.message.clone());
    Rendered { manifests: vec![own.clone()], problems: vec![problem], fidelity, ..Rendered::empty() }
}

/// Whether nothing of a reference is here.
fn is_absent(tree: &dyn Tree, reference: &RemoteReference) -> bool {
    matches!(tree.content_id(&reference.path()), Ok(None))
}

/// What stands for the `values.yaml` of the chart, where the release names files for it
/// (`mergeFileValues` of source-controller).
fn defaults(tree: &dyn Tree, chart: &chart::Chart) -> Result<Option<String>, Box<Problem>> {
    let mut merged = serde_json::Map::new();
    for file in &chart.values_files {
        let text = read_text(tree, file).map_err(|error| Box::new(unreadable(file, &error)))?;
        match text {
            Some(text) => merge(&mut merged, read_values(file.as_str(), &text).map_err(Box::new)?),
            None if chart.ignores_missing => {}
            None => {
                let message = format!("there is no values file `{}`", slipway_model::readable_path(file));
                return Err(Box::new(
                    Problem::error("helm-values", message)
                        .hint("correct `valuesFiles`, or set `ignoreMissingValuesFiles`")
                        .at(Location::file(file)),
                ));
            }
        }
    }
    Ok((!merged.is_empty()).then(|| slipway_yaml::emit(&Value::Object(merged))))
}

/// How helm-controller installs a release. Custom resource definitions are created unless told otherwise; tests run
/// only where they are switched on.
fn parameters(release: &Value, name: &str, namespace: &str, values: &Value) -> Parameters {
    let text =
        |pointer: &str| release.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let flag = |pointer: &str| release.pointer(pointer) == Some(&Value::Bool(true));
    let target = text("/spec/targetNamespace");
    let release_name = match (text("/spec/releaseName"), target) {
        (Some(name), _) => name.to_owned(),
        (None, Some(target)) => format!("{target}-{name}"),
        (None, None) => name.to_owned(),
    };
    let skips_crds = text("/spec/install/crds") == Some("Skip") || flag("/spec/install/skipCRDs");
    Parameters {
        release: Some(shortened(release_name)),
        namespace: target.or(Some(namespace)).filter(|text| !text.is_empty()).map(str::to_owned),
        inline_values: Some(slipway_yaml::emit(values)),
        include_crds: !skips_crds,
        skip_tests: !flag("/spec/test/enable"),
        skip_schema_validation: flag("/spec/install/disableSchemaValidation"),
        ..Parameters::default()
    }
}

/// A name that Helm takes: of a longer one the beginning and a hash (`ShortenName` of helm-controller).
fn shortened(name: String) -> String {
    const HASH: usize = 12;
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let mut end = LONGEST_NAME - HASH - 1;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let digest: String = Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}", &name[..end], &digest[..HASH])
}

/// Post-renderers and common metadata, over what is no hook and no custom resource definition of `crds/`: those go to the
/// cluster by other ways.
fn change(release: &Value, rendered: &mut Rendered) -> Result<(), Problem> {
    let manifests = std::mem::take(&mut rendered.manifests);
    let (mut others, mut own): (Vec<Manifest>, Vec<Manifest>) =
        manifests.into_iter().partition(is_post_rendered_never);
    for renderer in post_renderers(release) {
        if let Some(options) = renderer.get("kustomize") {
            own = post_render(own, options).map_err(|failure| {
                let mut problem = failure.to_problem();
                problem.message = format!("`postRenderers`: {}", problem.message);
                problem
            })?;
        }
    }
    let texts = |pointer: &str| {
        let map = release.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
        map.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
    };
    let (labels, annotations) =
        (texts("/spec/commonMetadata/labels"), texts("/spec/commonMetadata/annotations"));
    for manifest in &mut own {
        add_metadata(manifest, &labels, &annotations);
    }
    if release.pointer("/spec/install/disableHooks") == Some(&Value::Bool(true)) {
        others.retain(|each| each.annotation("helm.sh/hook").is_none());
    }
    rendered.manifests = others.into_iter().chain(own).collect();
    Ok(())
}

/// The post-renderers of a release.
pub(super) fn post_renderers(release: &Value) -> &[Value] {
    release.pointer("/spec/postRenderers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Whether an object goes to the cluster without post-renderers and common metadata.
pub(super) fn is_post_rendered_never(manifest: &Manifest) -> bool {
    manifest.annotation("helm.sh/hook").is_some() || is_of_crds(&manifest.origin.file)
}

fn is_of_crds(file: &RepoPath) -> bool {
    let mut segments = file.segments();
    segments.any(|segment| segment == "crds") && !file.segments().any(|segment| segment == "templates")
}
