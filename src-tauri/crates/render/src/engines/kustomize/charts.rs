//! Charts of kustomizations, inflated by our Helm engine.

use std::sync::Arc;

use slipway_gotmpl::sprig::{self, Environment};
use slipway_gotmpl::{Functions, TemplateSet, Value, execute};
use slipway_helm::{FieldOrigin, LocalDependencies, Options, ValuesSource};
use slipway_kustomize::{ChartDocument, ChartInflator, ChartRequest, Failure, Inflated, InflatedChart};
use slipway_model::{FieldPath, RemoteReference, RepoPath, Tree};

use crate::engines::HelmEngine;
use crate::engines::helm::{NAMESPACE, NOW, RELEASE, SEED};

/// Renders charts that lie in the tree, or were fetched.
pub(super) struct Inflator<'a> {
    pub(super) helm: &'a HelmEngine,
}

impl ChartInflator for Inflator<'_> {
    fn inflate(&self, request: &ChartRequest<'_>) -> Result<Inflated, Failure> {
        let Some(directory) = &request.directory else {
            let reference = RemoteReference::Chart {
                repository: request.repository.to_owned(),
                name: request.name.to_owned(),
                version: request.version.to_owned(),
            };
            return Err(Failure::new("remote-chart", format!("{reference} was not fetched"))
                .hint("fetch it (`slipway fetch`), or pull it into the chart directory of the kustomization: `helm pull --untar`"));
        };
        let options = options(request)?;
        let output = self
            .helm
            .charts()
            .render(request.tree, directory, &options)
            .map_err(|failure| of_chart(&failure))?;
        let mut inflated = Inflated::default();
        for document in output.documents.into_iter().filter(|each| !request.skip_hooks || each.hook.is_none())
        {
            inflated.text.push_str("---\n");
            inflated.text.push_str(&document.text);
            inflated.text.push('\n');
            let (template, file, index) = (document.template, document.file, document.index);
            inflated.documents.push(ChartDocument { template, file, index });
        }
        Ok(inflated)
    }
}

impl Inflator<'_> {
    /// Says where a field of what a chart rendered comes from.
    pub(super) fn field_origin(
        &self,
        tree: &dyn Tree,
        chart: &InflatedChart,
        field: &FieldPath,
    ) -> Result<Option<FieldOrigin>, Failure> {
        let request = chart.request(tree);
        let Some(directory): Option<&RepoPath> = request.directory.as_ref() else { return Ok(None) };
        let options = options(&request)?;
        let place = (chart.document.template.as_str(), chart.document.index);
        let found = self.helm.charts().origin(tree, directory, &options, place, field);
        found.map_err(|failure| of_chart(&failure))
    }
}

/// How a chart of a kustomization is rendered.
fn options(request: &ChartRequest<'_>) -> Result<Options, Failure> {
    let named = named_by_template(request.name_template)?;
    let release = named.as_deref().or(request.release).unwrap_or(RELEASE);
    let text = |text: &String| ValuesSource::Text { name: "values".to_owned(), text: text.clone() };
    let namespace = if request.namespace.is_empty() { NAMESPACE } else { request.namespace };
    Ok(Options {
        values: request.values.iter().map(text).collect(),
        kube_version: Some(request.kube_version.to_owned()).filter(|version| !version.is_empty()),
        api_versions: request.api_versions.to_vec(),
        include_crds: request.include_crds,
        skip_tests: request.skip_tests,
        // kustomize runs `helm template`, which builds no dependencies and asks no cluster.
        local_dependencies: LocalDependencies::Refuse,
        seed: SEED.to_vec(),
        now: NOW,
        ..Options::new(release, namespace)
    })
}

fn of_chart(failure: &slipway_helm::Failure) -> Failure {
    let converted = Failure::new(failure.code(), failure.message());
    let converted = match failure.location() {
        Some(location) => converted.at(location.clone()),
        None => converted,
    };
    failure.hints().iter().fold(converted, |failure, hint| failure.hint(hint.clone()))
}

/// The name of the release that a template gives, as `helm template --name-template` evaluates it: with the functions of
/// sprig and without data (`pkg/action/install.go`, `TemplateName`).
fn named_by_template(text: &str) -> Result<Option<String>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let failed = |why: String| Failure::new("helm-name-template", why).hint("set `releaseName` instead");
    let mut functions = Functions::builtin();
    sprig::register(&mut functions);
    let mut set = TemplateSet::new("name-template", Arc::new(functions));
    set.parse("name-template", text.as_bytes()).map_err(|error| failed(error.to_string()))?;
    let environment = Environment::new(NOW, 0, SEED);
    let options = slipway_gotmpl::Options { host: Some(&environment), ..slipway_gotmpl::Options::default() };
    let printed = execute(&set, "name-template", &Value::Nil, &options)
        .map_err(|failure| failed(failure.error.to_string()))?;
    Ok(Some(String::from_utf8_lossy(&printed).into_owned()))
}
