//! From found instances to a catalog: settings, order, protection, ids.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::{ApplicationName, EnvironmentName, InstanceId, Order, Problem, RepoPath};
use slipway_render::{EngineKind, Parameters, Source};

use crate::catalog::{Application, Catalog, Destination, Environment, Instance, Layout, Skipped};
use crate::environments::{is_protected, promotion_order};
use crate::found::Found;
use crate::index::Index;
use crate::kustomize::Graph;
use crate::options::ScanOptions;
use crate::settings::{InstanceSettings, Settings};

/// The environment of an instance where the repository has none.
const ONLY_ENVIRONMENT: &str = "default";
/// The application that nothing names, where the repository has no name either.
const ONLY_APPLICATION: &str = "application";

/// What a scan found, before it is put in order.
#[derive(Default)]
pub(crate) struct Findings {
    /// The instances.
    pub(crate) found: Vec<Found>,
    /// What is none, and why.
    pub(crate) skipped: Vec<Skipped>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
    /// Promotion orders that the repository states.
    pub(crate) orders: Vec<Vec<String>>,
    /// Other spellings: environment, spelling.
    pub(crate) aliases: BTreeMap<String, BTreeSet<String>>,
    /// Directories that could be deployed and that no reading explains.
    pub(crate) unexplained: usize,
}

/// Builds the catalog.
pub(crate) fn assemble(
    index: &Index<'_>,
    graph: &Graph,
    settings: &Settings,
    options: &ScanOptions<'_>,
    findings: Findings,
) -> Catalog {
    let Findings { found, mut skipped, mut problems, orders, aliases, unexplained } = findings;
    let layout = layout(index, &found, unexplained);
    let names = Names::new(settings);
    let mut found: Vec<Found> = found
        .into_iter()
        .map(|mut each| {
            each.environment =
                Some(names.environment(each.environment.as_deref().unwrap_or(ONLY_ENVIRONMENT)));
            each.application
                .get_or_insert_with(|| options.repository_name.unwrap_or(ONLY_APPLICATION).to_owned());
            each
        })
        .collect();
    replace_by_settings(index, settings, &names, &mut found);
    for each in &mut found {
        complete(each, graph, settings);
    }
    let environments = environments(&found, settings, &names, &orders, aliases);
    let rank: BTreeMap<&str, usize> = environments
        .iter()
        .enumerate()
        .map(|(place, environment)| (environment.name.as_str(), place))
        .collect();
    found.sort_by_cached_key(|each| {
        let environment = each.environment.clone().unwrap_or_default();
        let place = rank.get(environment.as_str()).copied().unwrap_or(usize::MAX);
        (
            each.application.clone(),
            place,
            each.sources.first().map(|source| source.path.clone()),
            each.reason.clone(),
        )
    });
    let applications = applications(found, &mut problems);
    skipped.sort_by(|left, right| (&left.path, &left.reason).cmp(&(&right.path, &right.reason)));
    skipped.dedup();
    let mut told = Vec::new();
    for problem in problems {
        if !told.contains(&problem) {
            told.push(problem);
        }
    }
    Catalog { layout, environments, applications, skipped, problems: told }
}

/// Names of environments with their other spellings by `.slipway.yaml`.
struct Names(BTreeMap<String, String>);

impl Names {
    fn new(settings: &Settings) -> Self {
        let mut names = BTreeMap::new();
        for environment in &settings.environments {
            for spelling in environment.aliases.iter().chain([&environment.name]) {
                names.insert(fold(spelling), environment.name.clone());
            }
        }
        Self(names)
    }

    fn environment(&self, name: &str) -> String {
        self.0.get(&fold(name)).cloned().unwrap_or_else(|| name.to_owned())
    }
}

/// Case and separators make no difference between environments.
fn fold(name: &str) -> String {
    name.to_lowercase()
        .split(['/', '-', '_', ' '])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

fn replace_by_settings(index: &Index<'_>, settings: &Settings, names: &Names, found: &mut Vec<Found>) {
    for application in &settings.applications {
        for instance in &application.environments {
            let environment = names.environment(&instance.name);
            found.retain(|each| {
                let is_replaced = each.application.as_deref() == Some(application.name.as_str())
                    && each.environment.as_deref() == Some(environment.as_str());
                // A directory that the settings name is not also what its path alone would tell.
                let is_named = each.declared_in.is_none()
                    && each
                        .sources
                        .iter()
                        .all(|source| source.path == instance.path && source.values.is_empty());
                !is_replaced && !is_named
            });
            found.push(by_settings(index, &application.name, environment, instance));
        }
    }
}

fn by_settings(
    index: &Index<'_>,
    application: &str,
    environment: String,
    instance: &InstanceSettings,
) -> Found {
    let mut problems = Vec::new();
    let file = crate::settings::file();
    let engine = instance.engine.unwrap_or_else(|| {
        match crate::engine_detection::detect(index.tree, &instance.path) {
            Ok(Some(detected)) => {
                problems.extend(detected.problem);
                detected.engine
            }
            _ => EngineKind::Plain,
        }
    });
    if index.directory(&instance.path).is_none() && !index.has_file(&instance.path) {
        problems.push(
            Problem::error("missing-path", format!("`{}` is not in the repository", instance.path))
                .hint("correct `path` in `.slipway.yaml`")
                .at(slipway_model::Location::file(&file)),
        );
    }
    let values = instance.values.iter().filter_map(|written| instance.path.join(written).ok()).collect();
    let parameters = Parameters { release: instance.release.clone(), ..Parameters::default() };
    Found {
        application: Some(application.to_owned()),
        environment: Some(environment),
        sources: vec![Source { engine, path: instance.path.clone(), values, parameters }],
        remote: Vec::new(),
        destination: Destination { namespace: instance.namespace.clone(), cluster: None },
        argocd_application: None,
        reason: "`.slipway.yaml` says so".to_owned(),
        declared_in: Some(file),
        family: "settings",
        revision: None,
        order: Order::default(),
        problems,
    }
}

/// Fills in the namespace by the order of `contracts.md` §3 and tells it to the sources.
fn complete(found: &mut Found, graph: &Graph, settings: &Settings) {
    if found.destination.namespace.is_none() {
        found.destination.namespace = settings
            .environments
            .iter()
            .find(|environment| Some(environment.name.as_str()) == found.environment.as_deref())
            .and_then(|environment| environment.namespace.clone());
    }
    if found.destination.namespace.is_none() {
        found.destination.namespace = found
            .sources
            .iter()
            .filter(|source| source.engine == EngineKind::Kustomize)
            .find_map(|source| graph.get(&source.path)?.value.get("namespace")?.as_str())
            .map(str::to_owned);
    }
    for source in found.sources.iter_mut().chain(&mut found.remote) {
        if source.engine == EngineKind::Kustomize && graph.inflates_charts(&source.path) {
            source.parameters.enable_helm = true;
        }
        if source.parameters.namespace.is_none() {
            source.parameters.namespace.clone_from(&found.destination.namespace);
        }
    }
}

fn environments(
    found: &[Found],
    settings: &Settings,
    names: &Names,
    orders: &[Vec<String>],
    mut aliases: BTreeMap<String, BTreeSet<String>>,
) -> Vec<Environment> {
    let mut used: BTreeSet<String> = found.iter().filter_map(|each| each.environment.clone()).collect();
    let declared: Vec<String> = settings.environments.iter().map(|each| each.name.clone()).collect();
    used.retain(|name| !declared.contains(name));
    let orders: Vec<Vec<String>> =
        orders.iter().map(|order| order.iter().map(|name| names.environment(name)).collect()).collect();
    let inferred = promotion_order(&used, &orders);
    declared
        .into_iter()
        .chain(inferred)
        .map(|name| {
            let setting = settings.environments.iter().find(|each| each.name == name);
            let mut spellings: BTreeSet<String> = aliases.remove(&name).unwrap_or_default();
            spellings.extend(setting.into_iter().flat_map(|each| each.aliases.iter().cloned()));
            spellings.remove(&name);
            Environment {
                protected: setting.and_then(|each| each.protected).unwrap_or_else(|| is_protected(&name)),
                namespace: setting.and_then(|each| each.namespace.clone()),
                aliases: spellings.into_iter().collect(),
                name: EnvironmentName::new(name),
            }
        })
        .collect()
}

fn applications(found: Vec<Found>, problems: &mut Vec<Problem>) -> Vec<Application> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let key = |each: &Found| {
        (each.application.clone().unwrap_or_default(), each.environment.clone().unwrap_or_default())
    };
    found.iter().for_each(|each| *counts.entry(key(each)).or_default() += 1);
    let mut applications: Vec<Application> = Vec::new();
    let mut taken: BTreeSet<InstanceId> = BTreeSet::new();
    for each in found {
        let (application, environment) = key(&each);
        let has_twin =
            counts.get(&(application.clone(), environment.clone())).is_some_and(|count| *count > 1);
        let mut id = InstanceId::new(ApplicationName::new(application), EnvironmentName::new(environment));
        if has_twin {
            id.path = each.sources.first().map(|source| source.path.clone());
            if taken.contains(&id) {
                // The same directory twice: the declaration tells them apart.
                id.path = each.declared_in.clone().map(|file| distinct(&taken, &id, &file));
            }
        }
        if !taken.insert(id.clone()) {
            continue;
        }
        problems.extend(each.problems.into_iter().map(|problem| problem.of(id.clone())));
        let instance = Instance {
            id: id.clone(),
            sources: all_sources(each.sources, each.remote),
            destination: each.destination,
            argocd_application: each.argocd_application,
            reason: each.reason,
            declared_in: each.declared_in,
            branch: each.revision,
            order: each.order,
        };
        match applications.last_mut() {
            Some(last) if last.name == id.application => last.instances.push(instance),
            _ => applications.push(Application { name: id.application, instances: vec![instance] }),
        }
    }
    applications
}

/// The sources of an instance: a declaration stands for those outside only where nothing is known of them.
fn all_sources(mut sources: Vec<Source>, remote: Vec<Source>) -> Vec<Source> {
    if !remote.is_empty() {
        sources.retain(|source| source.engine != EngineKind::ArgocdApplication);
    }
    sources.extend(remote);
    sources
}

/// The path of the declaration, with a number where several instances come from one file.
fn distinct(taken: &BTreeSet<InstanceId>, id: &InstanceId, file: &RepoPath) -> RepoPath {
    let mut path = file.clone();
    for number in 2.. {
        let with_path = InstanceId { path: Some(path.clone()), ..id.clone() };
        if !taken.contains(&with_path) {
            break;
        }
        path = file.child(&number.to_string());
    }
    path
}

/// What a family of instances was found by, for reading, with the shape of their paths and how many there are:
/// `folders named after environments: apps/NAME/ENV (36 instances)`.
fn told_of_family(family: &str, count: usize, found: &[Found]) -> String {
    let by = match family {
        "app-env-dirs" => "folders named after environments",
        "env-app-dirs" => "folders of environments that hold applications",
        "base-overlays" => "overlays over one base",
        "values-per-env" => "values files named after environments",
        "env-suffix-dirs" => "folder names that end with an environment",
        "env-branches" => "branches named after environments",
        "jsonnet-environments" => "Jsonnet environments",
        "flux-clusters" => "what Flux delivers to each cluster",
        "argocd-applications" => "Argo CD Applications",
        "applicationsets" => "Argo CD ApplicationSets",
        "settings" => "`.slipway.yaml`",
        "plain" => "folders that can be deployed but name no environment",
        other => other,
    };
    let number = if count == 1 { "1 instance".to_owned() } else { format!("{count} instances") };
    match shape_of_paths(family, found) {
        Some(shape) => format!("{by}: {shape} ({number})"),
        None => format!("{by} ({number})"),
    }
}

/// The path that most instances of a family have, with NAME for the application and ENV for the environment;
/// `None` where their paths have no shape in common.
fn shape_of_paths(family: &str, found: &[Found]) -> Option<String> {
    if matches!(family, "settings" | "plain" | "env-branches") {
        return None;
    }
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    let mut total = 0;
    for each in found.iter().filter(|each| each.family == family) {
        total += 1;
        let Some(source) = each.sources.first() else { continue };
        let segments: Vec<&str> = source
            .path
            .segments()
            .map(|segment| {
                if each.environment.as_deref() == Some(segment) {
                    "ENV"
                } else if each.application.as_deref() == Some(segment) {
                    "NAME"
                } else {
                    segment
                }
            })
            .collect();
        let has_name = segments.iter().any(|segment| matches!(*segment, "ENV" | "NAME"));
        if has_name {
            *shapes.entry(segments.join("/")).or_default() += 1;
        }
    }
    // Of several that are as frequent, the first by name.
    let (shape, count) =
        shapes.into_iter().fold(None::<(String, usize)>, |best, (shape, count)| match best {
            Some(best) if best.1 >= count => Some(best),
            _ => Some((shape, count)),
        })?;
    (count * 2 > total).then_some(shape)
}

/// Why there is nothing to show.
fn nothing_found(index: &Index<'_>) -> String {
    let files: usize = index.directories().values().map(|directory| directory.files.len()).sum();
    let among = match files {
        0 => return "There is no file in it.".to_owned(),
        1 => "Its one file is no".to_owned(),
        _ => format!("None of its {files} files is a"),
    };
    format!("{among} Helm chart, kustomization, Kubernetes manifest or declaration of Argo CD or Flux.")
}

fn layout(index: &Index<'_>, found: &[Found], unexplained: usize) -> Layout {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    found.iter().for_each(|each| *counts.entry(each.family).or_default() += 1);
    let total = found.len();
    if total == 0 {
        return Layout {
            family: "empty".to_owned(),
            confidence: if unexplained == 0 { 1.0 } else { 0.0 },
            reason: nothing_found(index),
        };
    }
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    ranked.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
    // Directories without an environment beside a reading that tells some are part of that reading.
    let (first, most) = ranked.iter().find(|(family, _)| *family != "plain").copied().unwrap_or(ranked[0]);
    let family = if most * 10 >= total * 7
        || (ranked.len() <= 2 && ranked.iter().any(|(family, _)| *family == "plain") && most * 3 >= total)
    {
        first
    } else if ranked[0].1 * 10 >= total * 7 {
        ranked[0].0
    } else {
        "mixed"
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of directories are far below 2^52")]
    let confidence = (total as f64 / (total + unexplained) as f64 * 100.0).round() / 100.0;
    let told: Vec<String> =
        ranked.iter().map(|(family, count)| told_of_family(family, *count, found)).collect();
    let mut reason = format!("Found by {}", told.join("; "));
    match unexplained {
        0 => {}
        1 => reason.push_str(". 1 more directory could be deployed, and nothing tells where"),
        more => {
            reason.push_str(&format!(". {more} more directories could be deployed, and nothing tells where"));
        }
    }
    Layout { family: family.to_owned(), confidence, reason }
}
