//! Which chart a HelmRelease means.

use serde_json::Value;
use slipway_model::{RemoteReference, RepoPath};

use super::Lookup;
use crate::flux_parameters::ObjectName;

/// The chart of a HelmRelease.
#[derive(Debug, PartialEq)]
pub(super) struct Chart {
    /// The directory that holds it.
    pub(super) path: RepoPath,
    /// Files that stand for its `values.yaml`, in order.
    pub(super) values_files: Vec<RepoPath>,
    /// Whether such files may be absent.
    pub(super) ignores_missing: bool,
    /// What it is fetched from, where it is not in this repository.
    pub(super) reference: Option<RemoteReference>,
}

/// Finds the chart that the spec of a HelmRelease names: `chart` is the template of a HelmChart, `chartRef` names an
/// object that is one.
///
/// # Errors
/// Why it is not known here.
pub(super) fn chart(
    release: &Value,
    namespace: &str,
    objects: &dyn Lookup,
    own: &[ObjectName],
) -> Result<Chart, String> {
    let spec = release.get("spec").unwrap_or(&Value::Null);
    if let Some(chart) = spec.pointer("/chart/spec") {
        return of_chart(chart, namespace, objects, own);
    }
    let Some(reference) = spec.get("chartRef") else { return Err("it names no chart".to_owned()) };
    let (kind, name) = (text(reference, "kind"), text(reference, "name"));
    let namespace = some(text(reference, "namespace")).unwrap_or(namespace);
    let found = objects.find(kind, namespace, name);
    let found = found.ok_or_else(|| format!("nothing in this repository delivers its {kind} `{name}`"))?;
    let spec = found.object.get("spec").unwrap_or(&Value::Null);
    match kind {
        "HelmChart" => of_chart(spec, namespace, objects, own),
        "OCIRepository" => of_registry(spec),
        _ => Err(format!("the chart of a {kind} is known only in the cluster")),
    }
}

/// The spec of a HelmChart.
fn of_chart(
    spec: &Value,
    namespace: &str,
    objects: &dyn Lookup,
    own: &[ObjectName],
) -> Result<Chart, String> {
    let source = spec.get("sourceRef").unwrap_or(&Value::Null);
    let (kind, name) = (text(source, "kind"), text(source, "name"));
    let namespace = some(text(source, "namespace")).unwrap_or(namespace);
    let found = objects.find(kind, namespace, name);
    let missing = || format!("nothing in this repository delivers its {kind} `{name}`");
    let chart = text(spec, "chart");
    let ignores_missing = spec.get("ignoreMissingValuesFiles") == Some(&Value::Bool(true));
    let at = |base: &RepoPath, written: &str| {
        let inside = RepoPath::new(written.trim_start_matches('/'))
            .map_err(|error| format!("`{written}` is no path in its source: {error}"))?;
        Ok::<_, String>(inside.segments().fold(base.clone(), |path, segment| path.child(segment)))
    };
    // `valuesFile` is the older field and comes first.
    let files: Vec<&str> = spec
        .get("valuesFile")
        .and_then(Value::as_str)
        .into_iter()
        .filter(|file| !file.is_empty())
        .chain(
            spec.get("valuesFiles").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str),
        )
        .collect();
    let (path, base, reference) = match kind {
        "GitRepository" if own.iter().any(|each| each.is(namespace, name)) => {
            (at(&RepoPath::root(), chart)?, RepoPath::root(), None)
        }
        "GitRepository" => {
            let found = found.ok_or_else(missing)?;
            let reference = git(found.object.get("spec").unwrap_or(&Value::Null));
            let root = reference.path();
            (at(&root, chart)?, root, Some(reference))
        }
        "HelmRepository" => {
            let found = found.ok_or_else(missing)?;
            let url = found.object.pointer("/spec/url").and_then(Value::as_str).unwrap_or_default();
            let reference = RemoteReference::Chart {
                repository: url.trim_end_matches('/').to_owned(),
                name: chart.to_owned(),
                version: version(text(spec, "version")),
            };
            (reference.path(), reference.path(), Some(reference))
        }
        _ => return Err(format!("the chart of a {kind} is known only in the cluster")),
    };
    let values_files = files.into_iter().map(|file| at(&base, file)).collect::<Result<_, _>>()?;
    Ok(Chart { path, values_files, ignores_missing, reference })
}

/// The spec of an OCIRepository whose artifact is a chart: a digest is stronger than a range, a range than a tag.
fn of_registry(spec: &Value) -> Result<Chart, String> {
    let url = text(spec, "url").trim_end_matches('/');
    let (repository, name) =
        url.rsplit_once('/').ok_or_else(|| format!("`{url}` is no address of a chart in a registry"))?;
    let reference = spec.get("ref").unwrap_or(&Value::Null);
    let written = ["digest", "semver", "tag"].iter().find_map(|field| some(text(reference, field)));
    let reference = RemoteReference::Chart {
        repository: repository.to_owned(),
        name: name.to_owned(),
        version: version(written.unwrap_or_default()),
    };
    Ok(Chart {
        path: reference.path(),
        values_files: Vec::new(),
        ignores_missing: false,
        reference: Some(reference),
    })
}

/// The revision of a GitRepository, by the order of source-controller.
fn git(spec: &Value) -> RemoteReference {
    let reference = spec.get("ref").unwrap_or(&Value::Null);
    let revision = ["commit", "name", "semver", "tag", "branch"]
        .iter()
        .find_map(|field| some(text(reference, field)))
        .unwrap_or_default();
    RemoteReference::Repository { url: text(spec, "url").to_owned(), revision: revision.to_owned() }
}

/// The version of a chart; `*` and `latest` are the newest one.
fn version(written: &str) -> String {
    if matches!(written, "*" | "latest") { String::new() } else { written.to_owned() }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
