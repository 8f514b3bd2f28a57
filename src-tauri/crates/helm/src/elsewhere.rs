//! Dependencies that do not lie in `charts/`: beside the chart in the repository, or fetched from a chart repository or
//! registry. They take part as after `helm dependency build`.

use std::sync::Arc;

use slipway_model::{Location, Problem, RemoteReference, RepoPath, Tree};

use crate::chart::metadata::Dependency;
use crate::chart::{Chart, SharedFile};
use crate::charts::{Charts, Loaded};
use crate::failure::{Failure, code};
use crate::options::{LocalDependencies, Options};
use crate::version;

impl Charts {
    /// The chart with the dependencies that lie elsewhere in the tree, and what those were found by. All that have to be
    /// fetched are asked of the tree, so that whoever records the reads knows all of them.
    pub(crate) fn with_dependencies_elsewhere(
        &self,
        tree: &dyn Tree,
        path: &RepoPath,
        loaded: &Arc<Loaded>,
        options: &Options,
        log: &mut Vec<Problem>,
    ) -> Result<(Arc<Chart>, String), Failure> {
        let chart = &loaded.chart;
        let mut key = String::new();
        let declared = chart.metadata.declared();
        let (LocalDependencies::Read, Some(declared)) = (options.local_dependencies, declared) else {
            return Ok((Arc::clone(chart), key));
        };
        let mut added: Vec<Arc<Chart>> = Vec::new();
        let mut seen: Vec<RepoPath> = Vec::new();
        let mut missing: Vec<RemoteReference> = Vec::new();
        let mut locked = None;
        for (at, dependency) in declared.enumerate() {
            if chart.dependencies.iter().any(|inner| inner.name() == dependency.name) {
                continue;
            }
            let remote = match is_remote(&dependency.repository) {
                false => None,
                true => {
                    let locked = locked.get_or_insert_with(|| locked_versions(chart, log));
                    let version = locked.as_ref().map_or(&dependency.version, |locked| &locked[at]);
                    Some(reference(dependency, version))
                }
            };
            let place = match &remote {
                Some(reference) => reference.path(),
                None => match dependency.repository.strip_prefix("file://").map(|place| path.join(place)) {
                    // A path that leads out of the tree leaves the dependency missing, which is reported later.
                    None | Some(Err(_)) => continue,
                    Some(Ok(place)) => place,
                },
            };
            // The same chart under several aliases is one chart.
            if place == *path || seen.contains(&place) {
                continue;
            }
            seen.push(place.clone());
            let exists = tree.list(&place).map_err(|error| Failure::unreadable(&place, &error))?.is_some();
            if !exists {
                missing.extend(remote);
                continue;
            }
            let inner = self.load(tree, &place)?;
            if fits(&inner.chart, dependency) {
                key.push_str(&inner.key);
                key.push('\0');
                added.push(self.with_all_files(tree, &place, &inner)?);
            } else if let Some(reference) = remote {
                return Err(unlike(chart, &reference, &inner.chart));
            }
        }
        if !missing.is_empty() {
            let place = Location::file(&chart.path("Chart.yaml"));
            return Err(Failure::not_fetched(missing).at(place));
        }
        if added.is_empty() {
            return Ok((Arc::clone(chart), key));
        }
        let mut chart = Chart::clone(chart);
        chart.dependencies.extend(added);
        Ok((Arc::new(chart), key))
    }

    /// A chart of a directory with all of its files, as it is when it was packed.
    fn with_all_files(
        &self,
        tree: &dyn Tree,
        path: &RepoPath,
        loaded: &Arc<Loaded>,
    ) -> Result<Arc<Chart>, Failure> {
        if !loaded.directory || loaded.files_used.is_empty() {
            return Ok(Arc::clone(&loaded.chart));
        }
        let mut chart = Chart::clone(&loaded.chart);
        let files = loaded.files_used.files(tree, path)?;
        chart.shared_files.extend(files.iter().map(SharedFile::from));
        chart.files.extend(files);
        Ok(Arc::new(chart))
    }
}

fn is_remote(repository: &str) -> bool {
    ["http://", "https://", "oci://"].iter().any(|scheme| repository.starts_with(scheme))
}

fn reference(dependency: &Dependency, version: &str) -> RemoteReference {
    RemoteReference::Chart {
        repository: dependency.repository.clone(),
        name: dependency.name.clone(),
        version: version.to_owned(),
    }
}

fn fits(chart: &Chart, dependency: &Dependency) -> bool {
    chart.name() == dependency.name
        && (dependency.version.is_empty() || version::satisfies(&chart.metadata.version, &dependency.version))
}

/// The versions of the lock file for the dependencies in their order; `None` where there is no lock file, or where it
/// is out of step with what is declared. The latter is told, for Helm then builds nothing (`pkg/downloader/manager.go`;
/// it compares a digest of both lists).
fn locked_versions(chart: &Chart, log: &mut Vec<Problem>) -> Option<Vec<String>> {
    if chart.lock.is_empty() {
        return None;
    }
    let declared: Vec<&Dependency> = chart.metadata.declared()?.collect();
    let in_step = declared.len() == chart.lock.len()
        && declared.iter().zip(&chart.lock).all(|(declared, locked)| {
            declared.name == locked.name
                && declared.repository == locked.repository
                && (declared.version.is_empty() || version::satisfies(&locked.version, &declared.version))
        });
    if in_step {
        return Some(chart.lock.iter().map(|locked| locked.version.clone()).collect());
    }
    let (lock, file) = if chart.metadata.api_version == "v1" {
        ("requirements.lock", "requirements.yaml")
    } else {
        ("Chart.lock", "Chart.yaml")
    };
    log.push(
        Problem::warning(
            code::DEPENDENCY,
            format!("the lock file ({lock}) is out of sync with the dependencies file ({file})"),
        )
        .at(Location::file(&chart.path(lock)))
        .hint("run `helm dependency update`; until then the newest versions that fit are meant"),
    );
    None
}

/// What was fetched is another chart than the one that is declared.
fn unlike(chart: &Chart, reference: &RemoteReference, found: &Chart) -> Failure {
    let message = format!(
        "{reference} is declared as a dependency, but what was fetched is `{}` {}",
        found.name(),
        found.metadata.version
    );
    Failure::new(code::DEPENDENCY, message)
        .at(Location::file(&chart.path("Chart.yaml")))
        .hint("the name of a dependency is the one that the chart itself has")
}
