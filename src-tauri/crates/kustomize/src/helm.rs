//! Helm charts of a kustomization: what is asked of whoever renders them.

use std::sync::Arc;

use serde_json::{Map, Value};
use slipway_model::{Location, RemoteReference, RepoPath, Tree};

use crate::failure::Failure;
use crate::kustomization::{HelmChart, HelmGlobals, go_quote};
use crate::load;
use crate::resource::{Resource, Source};
use crate::source::Root;

/// Marks what a chart made until the build is done: its namespace is Helm's business.
pub(crate) const HELM_GENERATED: &str = "internal.config.kubernetes.io/helm-generated";

/// Renders Helm charts. The crate `render` brings one; without one charts fail as kustomize fails without
/// `--enable-helm`.
pub trait ChartInflator: Sync {
    /// The output of `helm template` for a chart.
    ///
    /// # Errors
    /// When the chart is not there, or does not render.
    fn inflate(&self, request: &ChartRequest<'_>) -> Result<Inflated, Failure>;
}

/// What a chart was rendered to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inflated {
    /// The output of `helm template`.
    pub text: String,
    /// Where each document of it comes from, in order; empty where nobody knows.
    pub documents: Vec<ChartDocument>,
}

impl From<String> for Inflated {
    fn from(text: String) -> Self {
        Self { text, documents: Vec::new() }
    }
}

/// Where a document that a chart renders comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartDocument {
    /// The template as Helm names it.
    pub template: String,
    /// The same file in the tree.
    pub file: RepoPath,
    /// The position among the documents of that template, from 0.
    pub index: usize,
}

/// A chart of a kustomization that was rendered, and which document of it is meant.
#[derive(Clone, Debug)]
pub struct InflatedChart {
    chart: HelmChart,
    directory: Option<RepoPath>,
    values: Vec<String>,
    /// The document.
    pub document: ChartDocument,
}

impl InflatedChart {
    /// What was asked for, to be asked again of the same tree.
    #[must_use]
    pub fn request<'a>(&'a self, tree: &'a dyn Tree) -> ChartRequest<'a> {
        request(&self.chart, tree, self.directory.clone(), self.values.clone())
    }
}

/// A chart to be rendered, with the flags that kustomize gives to `helm template`.
#[derive(Clone)]
pub struct ChartRequest<'a> {
    /// Where the chart is read from; reads are recorded.
    pub tree: &'a dyn Tree,
    /// The directory of the chart, in the kustomization or where it was fetched; `None` where it has to be fetched.
    pub directory: Option<RepoPath>,
    /// The name of the chart.
    pub name: &'a str,
    /// Where a chart that is not in the tree is fetched from; empty where nothing is said.
    pub repository: &'a str,
    /// The version that is fetched; empty for the newest.
    pub version: &'a str,
    /// The release; `None` where Helm makes up a name.
    pub release: Option<&'a str>,
    /// The namespace; empty where nothing is said.
    pub namespace: &'a str,
    /// A template for the name of the release; empty where there is none.
    pub name_template: &'a str,
    /// Values files in order, as their text; later ones win. The chart's own values lie below them.
    pub values: Vec<String>,
    /// API versions that the chart sees.
    pub api_versions: &'a [String],
    /// The Kubernetes version that the chart sees; empty for Helm's own.
    pub kube_version: &'a str,
    /// With custom resource definitions.
    pub include_crds: bool,
    /// Without tests.
    pub skip_tests: bool,
    /// Without hooks.
    pub skip_hooks: bool,
    /// Versions that are no releases count, too.
    pub devel: bool,
}

/// Resources that were made; in builds that are traced with the chart that each comes from.
pub(crate) type Made = Vec<(Resource, Option<Arc<InflatedChart>>)>;

/// Renders a chart of a kustomization into resources; with `trace` each with what it takes to look into its template.
pub(crate) fn inflate(
    chart: &HelmChart,
    globals: &HelmGlobals,
    root: &Root<'_>,
    inflator: Option<&dyn ChartInflator>,
    trace: bool,
) -> Result<Made, Failure> {
    let Some(inflator) = inflator else {
        return Err(Failure::new("helm-disabled", "must specify --enable-helm")
            .hint("allow Helm charts for this render to have them inflated"));
    };
    check(chart)?;
    let home = if globals.chart_home.is_empty() { "charts" } else { &globals.chart_home };
    let home = if !chart.version.is_empty() && !chart.repo.is_empty() {
        format!("{home}/{}-{}", chart.name, chart.version)
    } else {
        home.to_owned()
    };
    let path = format!("{home}/{}", chart.name);
    let directory = root.path_of(&path).ok();
    let directory = match directory {
        Some(directory) if root.lists(&directory)? => Some(directory),
        _ => None,
    };
    if directory.is_none() && chart.repo.is_empty() {
        let message = format!("no repo specified for pull, no chart found at '{path}'");
        return Err(Failure::new("helm-chart-missing", message));
    }
    let reference = reference(chart);
    // What was fetched stands where kustomize would have it pulled to.
    let fetched = match directory {
        None if root.lists(&reference.path())? => Some(reference.path()),
        _ => None,
    };
    let mut missing = Vec::new();
    let mut values = Vec::new();
    let own = match &fetched {
        Some(fetched) => Own::Fetched(fetched),
        None if directory.is_some() => Own::Local(&path),
        None => Own::Nowhere,
    };
    values.extend(Failure::kept(own_values(chart, &own, root), &mut missing)?);
    let directory = directory.or(fetched);
    for file in &chart.additional_values_files {
        let loaded = Failure::kept(root.load(file), &mut missing)
            .map_err(|failure| failure.context("could not load additionalValuesFile"))?;
        values.extend(loaded.map(|(_, content)| String::from_utf8_lossy(&content).into_owned()));
    }
    let request = request(chart, root.tree(), directory.clone(), values);
    let inflated = inflator.inflate(&request).map_err(|failure| match failure.code() {
        "remote-chart" if failure.missing().is_none() => failure.lacks(reference),
        _ => failure,
    });
    let inflated = Failure::kept(inflated, &mut missing)?;
    if let Some(failure) = Failure::first(missing) {
        return Err(failure);
    }
    let Inflated { text, documents } = inflated.unwrap_or_default();
    let file = directory.clone().unwrap_or_else(|| root.directory.child("kustomization.yaml"));
    let resources = load::resources(text.as_bytes(), &file)?;
    let mut made = Vec::with_capacity(resources.len());
    for mut resource in resources {
        resource.set_annotation(HELM_GENERATED, "true");
        let document = resource.source().and_then(|source| documents.get(source.document));
        let Some(document) = document else {
            made.push((resource, None));
            continue;
        };
        let source = Source { file: document.file.clone(), document: document.index, line: None };
        let inflated = trace.then(|| {
            let (chart, values) = (chart.clone(), request.values.clone());
            Arc::new(InflatedChart {
                chart,
                directory: directory.clone(),
                values,
                document: document.clone(),
            })
        });
        made.push((resource.with_source(Arc::new(source)), inflated));
    }
    Ok(made)
}

/// What is asked for a chart.
fn request<'a>(
    chart: &'a HelmChart,
    tree: &'a dyn Tree,
    directory: Option<RepoPath>,
    values: Vec<String>,
) -> ChartRequest<'a> {
    ChartRequest {
        tree,
        directory,
        name: &chart.name,
        repository: &chart.repo,
        version: &chart.version,
        release: Some(chart.release_name.as_str()).filter(|name| !name.is_empty()),
        namespace: &chart.namespace,
        name_template: &chart.name_template,
        values,
        api_versions: &chart.api_versions,
        kube_version: &chart.kube_version,
        include_crds: chart.include_crds,
        skip_tests: chart.skip_tests,
        skip_hooks: chart.skip_hooks,
        devel: chart.devel,
    }
}

fn check(chart: &HelmChart) -> Result<(), Failure> {
    let bad = |message: String| Err(Failure::new("helm-chart-invalid", message));
    if chart.name.is_empty() {
        return bad("chart name cannot be empty".to_owned());
    }
    if chart.release_name.starts_with('-') {
        return bad(format!("releaseName must not start with '-', got {}", go_quote(&chart.release_name)));
    }
    if chart.name.starts_with('-') {
        return bad(format!("chart name must not start with '-', got {}", go_quote(&chart.name)));
    }
    if !matches!(chart.values_merge.as_str(), "" | "merge" | "override" | "replace") {
        return bad("valuesMerge must be one of [merge override replace]".to_owned());
    }
    Ok(())
}

/// What is fetched where the chart is not in the tree: without a version the newest, with `devel` also a pre-release.
fn reference(chart: &HelmChart) -> RemoteReference {
    let version = if chart.version.is_empty() && chart.devel { ">0.0.0-0" } else { &chart.version };
    RemoteReference::Chart {
        repository: chart.repo.clone(),
        name: chart.name.clone(),
        version: version.to_owned(),
    }
}

/// Where the chart's own values are.
enum Own<'a> {
    /// In the chart directory of the kustomization, below its root.
    Local(&'a str),
    /// In a chart that was fetched.
    Fetched(&'a RepoPath),
    /// The chart is not here.
    Nowhere,
}

/// The values file merged with the inline values.
fn own_values(chart: &HelmChart, place: &Own<'_>, root: &Root<'_>) -> Result<String, Failure> {
    let inline =
        chart.values_inline.as_ref().filter(|values| values.as_object().is_some_and(|map| !map.is_empty()));
    let own = chart.values_file.is_empty();
    let load = || -> Result<String, Failure> {
        let file = match place {
            _ if !own => chart.values_file.clone(),
            Own::Local(path) => format!("{path}/values.yaml"),
            Own::Fetched(directory) => {
                let file = directory.child("values.yaml");
                let text = slipway_model::read_text(root.tree(), &file).map_err(|error| {
                    Failure::new("unreadable", error.to_string()).at(Location::file(&file))
                })?;
                return Ok(text.unwrap_or_default());
            }
            Own::Nowhere => return Ok(String::new()),
        };
        let (_, content) = root.load(&file)?;
        Ok(String::from_utf8_lossy(&content).into_owned())
    };
    let Some(inline) = inline else { return load() };
    if chart.values_merge == "replace" {
        return Ok(slipway_yaml::emit(inline));
    }
    let text = load()?;
    let file = load::decode_value(&text).map_err(|error| {
        let message =
            format!("could not parse values file into rnode: yaml: line {}: {}", error.line, error.message);
        Failure::new("helm-chart-invalid", message)
    })?;
    let mut merged = if chart.values_merge == "merge" { inline.clone() } else { file.clone() };
    if !merged.is_object() {
        merged = Value::Object(Map::new());
    }
    merge(&mut merged, if chart.values_merge == "merge" { &file } else { inline });
    Ok(slipway_yaml::emit(&merged))
}

/// Maps are merged deep, null removes, everything else is replaced.
fn merge(base: &mut Value, over: &Value) {
    let (Value::Object(base), Value::Object(over)) = (&mut *base, over) else {
        if !over.is_null() {
            over.clone_into(base);
        }
        return;
    };
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (_, Value::Null) => {
                base.remove(key);
            }
            (Some(existing), value) => merge(existing, value),
            (None, value) => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}
