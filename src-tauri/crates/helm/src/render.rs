//! `helm template`: from a chart in a tree and options to manifests.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use slipway_gotmpl::sprig::{Environment, Use};
use slipway_gotmpl::{Map, Value};
use slipway_model::{Location, Problem, RepoPath, Tree};

use crate::charts::{Charts, Loaded};
use crate::cluster::ClusterReads;
use crate::engine::functions::Host;
use crate::engine::objects::{ApiVersions, Capabilities, CapabilitiesUse};
use crate::engine::{self, Renderables, Scope, SharedSet};
use crate::failure::{Failure, code};
use crate::files_used::FilesUsed;
use crate::manifests::{self, Document};
use crate::node::Node;
use crate::options::{HelmVersion, Options};
use crate::values::coalesce::{Nulls, coalesce};
use crate::values::user::{self, UserValues};
use crate::values::{Data, VALUES, table};
use crate::version::{self, KubeVersion};
use crate::{checks, dependencies};

/// What a chart rendered to.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The manifests in the order in which Helm prints them.
    pub documents: Vec<Document>,
    /// What Helm logs while it renders, each once.
    pub warnings: Vec<Problem>,
    /// Functions that were used and that another render would answer differently.
    pub nondeterministic: Vec<Use>,
    /// What was asked of the cluster.
    pub cluster: ClusterReads,
    /// What the chart says to whoever installs it.
    pub notes: Option<String>,
}

impl Charts {
    /// Renders the chart at a path of the tree: a directory or an archive. All reads go through the tree.
    ///
    /// ```
    /// use slipway_helm::{Charts, Options};
    /// use slipway_model::{MemoryTree, RepoPath};
    /// let tree = MemoryTree::new([
    ///     ("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n"),
    ///     ("web/values.yaml", "replicas: 2\n"),
    ///     ("web/templates/d.yaml", "kind: Deployment\nspec: {replicas: {{ .Values.replicas }}}\n"),
    /// ]);
    /// let path = RepoPath::new("web").unwrap();
    /// let output = Charts::new().render(&tree, &path, &Options::new("web", "default")).unwrap();
    /// assert_eq!(output.documents[0].template, "web/templates/d.yaml");
    /// assert_eq!(output.documents[0].object["spec"]["replicas"], 2);
    /// ```
    ///
    /// # Errors
    /// Where Helm fails, with what it prints; and where a bound of the options is reached.
    pub fn render(&self, tree: &dyn Tree, path: &RepoPath, options: &Options) -> Result<Output, Failure> {
        // Values may be nested a thousand levels deep.
        stacker::maybe_grow(1 << 20, 16 << 20, || self.render_here(tree, path, options))
    }

    fn render_here(&self, tree: &dyn Tree, path: &RepoPath, options: &Options) -> Result<Output, Failure> {
        let mut ready = self.ready(tree, path, options)?;
        let Prepared { templates, host } = &ready.prepared;
        let asking = |failure: Failure| failure.asking(host.cluster_reads());
        let printed = engine::run(&ready.set, templates, host, options).map_err(asking)?;
        let notes_name = format!("{}/templates/NOTES.txt", ready.root.name());
        let notes = printed.iter().find(|(name, _)| *name == notes_name);
        let notes = notes.map(|(_, text)| String::from_utf8_lossy(text).into_owned());
        ready.log.append(&mut host.log.borrow_mut());
        let documents =
            manifests::arrange(&ready.root, &printed, templates, options, &self.decoded, &mut ready.log)
                .map_err(asking)?;
        Ok(Output {
            documents,
            warnings: each_once(ready.log),
            nondeterministic: host.environment.uses(),
            cluster: host.cluster_reads(),
            notes,
        })
    }

    /// Everything that comes before the first template runs.
    pub(crate) fn ready(
        &self,
        tree: &dyn Tree,
        path: &RepoPath,
        options: &Options,
    ) -> Result<Ready, Failure> {
        // A version that is none is told before anything is read.
        let kube_version = kube_version(options)?;
        let user = user::read(tree, options)?;
        let loaded = self.load(tree, path)?;
        let mut log = loaded.log.clone();
        let (chart, local_key) = self.with_dependencies_elsewhere(tree, path, &loaded, options, &mut log)?;
        checks::installable(&chart)?;
        if chart.metadata.deprecated {
            let warning = Problem::warning(code::LOG, "This chart is deprecated");
            log.push(warning.at(Location::file(&chart.path("Chart.yaml"))));
        }
        let root = Node::of(&chart, options.helm);
        dependencies::check(&root)?;
        checks::release_name(&options.release)?;
        let root_files = root_files(tree, path, &loaded, &user)?;
        let capabilities = capabilities(options)?;
        let mut prepared =
            prepare(&root, &user.data, &capabilities, options, root_files, &mut log, Some(tree))?;
        prepared.host.decoded = Arc::clone(&self.decoded);
        if !chart.metadata.kube_version.is_empty() {
            prepared.host.capabilities.note();
        }
        if !chart.metadata.kube_version.is_empty()
            && !version::satisfies(&kube_version.version, &chart.metadata.kube_version)
        {
            let message = format!(
                "chart requires kubeVersion: {} which is incompatible with Kubernetes {}",
                chart.metadata.kube_version, kube_version.version
            );
            return Err(Failure::new(code::OPTIONS, message)
                .at(Location::file(&chart.path("Chart.yaml")))
                .hint("set the Kubernetes version of the cluster with `--kube-version`")
                .asking(prepared.host.cluster_reads()));
        }
        let signature = signature(&prepared.templates, &local_key);
        let set = loaded.set(&signature, || engine::parse(&prepared.templates).map(Arc::new))?;
        Ok(Ready { root, prepared, set, log })
    }
}

const GO_VERSION: &str = "go1.26.8";

fn helm_version(helm: HelmVersion) -> &'static str {
    match helm {
        HelmVersion::V3 => "v3.22.0",
        HelmVersion::V4 => "v4.3.1",
    }
}

/// What `.Capabilities` says: what is asked for, else what the cluster says, else what Helm is built with.
pub(crate) fn capabilities(options: &Options) -> Result<Capabilities, Failure> {
    let served = options.cluster.as_ref().filter(|_| options.api_versions.is_empty());
    let of_cluster = options.kube_version.is_none() || options.api_versions.is_empty();
    Ok(Capabilities {
        kube_version: kube_version(options)?,
        api_versions: match served {
            Some(cluster) => ApiVersions::Served(Arc::clone(cluster)),
            None => ApiVersions::Known(options.api_versions.clone()),
        },
        helm_version: helm_version(options.helm),
        go_version: GO_VERSION,
        usage: CapabilitiesUse::new(of_cluster),
    })
}

pub(crate) fn kube_version(options: &Options) -> Result<KubeVersion, Failure> {
    match &options.kube_version {
        None => Ok(options.cluster.as_ref().map_or_else(KubeVersion::default, |cluster| {
            let told = cluster.capabilities();
            KubeVersion {
                version: told.version.clone(),
                major: told.major.clone(),
                minor: told.minor.clone(),
            }
        })),
        Some(text) => KubeVersion::parse(text, options.helm).map_err(|why| {
            Failure::new(code::OPTIONS, format!("invalid kube version '{text}': {why}"))
                .hint("a Kubernetes version is written like `1.31` or `v1.31.2`")
        }),
    }
}

/// The files of the root chart, where its templates may use some that were not loaded with it.
fn root_files(
    tree: &dyn Tree,
    path: &RepoPath,
    loaded: &Loaded,
    user: &UserValues,
) -> Result<Option<Value>, Failure> {
    if !loaded.directory {
        return Ok(None);
    }
    let used = if user.mention_files { FilesUsed::all() } else { loaded.files_used.clone() };
    if used.is_empty() {
        return Ok(None);
    }
    used.read(tree, path, &loaded.chart).map(Some)
}

/// A chart whose templates are about to run.
pub(crate) struct Ready {
    pub(crate) root: Rc<Node>,
    pub(crate) prepared: Prepared,
    pub(crate) set: SharedSet,
    pub(crate) log: Vec<Problem>,
}

/// What templates are executed with.
pub(crate) struct Prepared {
    pub(crate) templates: Renderables,
    pub(crate) host: Host,
}

/// Processes dependencies, lays values over defaults, checks them, and gathers the templates.
pub(crate) fn prepare(
    root: &Rc<Node>,
    user: &Data,
    capabilities: &Capabilities,
    options: &Options,
    root_files: Option<Value>,
    log: &mut Vec<Problem>,
    tree: Option<&dyn Tree>,
) -> Result<Prepared, Failure> {
    dependencies::process(root, &user.to_map(slipway_gotmpl::types::MAP), log)?;
    let values = user.to_map(VALUES);
    coalesce(root, &values, Nulls::Remove, log).map_err(|message| {
        Failure::new(code::VALUES, message)
            .at(Location::file(&root.chart.path("values.yaml")))
            .hint("the values of a chart inside this one are a map under its name")
    })?;
    if !options.skip_schema_validation {
        checks::schemas(root, &values, tree, options, log)?;
    }
    Ok(scoped(root, values, capabilities, options, root_files))
}

/// Gathers the templates with the values they see.
pub(crate) fn scoped(
    root: &Rc<Node>,
    values: Map,
    capabilities: &Capabilities,
    options: &Options,
    root_files: Option<Value>,
) -> Prepared {
    let scope =
        Scope { values, release: engine::release(options), capabilities: capabilities.value(), root_files };
    let host = Host {
        environment: Environment::new(options.now, 0, &options.seed),
        mode: options.mode,
        cluster: options.cluster.clone(),
        looked_up: RefCell::default(),
        capabilities: capabilities.usage.clone(),
        log: RefCell::default(),
        included: RefCell::default(),
        depth: Cell::default(),
        decoded: Arc::default(),
    };
    Prepared { templates: engine::gather(root, &scope), host }
}

/// What a set of templates depends on beside the chart: which charts take part, under which names.
fn signature(templates: &Renderables, local_key: &str) -> String {
    let directories: BTreeSet<&str> = templates
        .keys()
        .map(|name| name.split_once("/templates/").map_or(name.as_str(), |(chart, _)| chart))
        .collect();
    let mut signature = String::new();
    for directory in directories {
        signature.push_str(directory);
        signature.push('\n');
    }
    signature.push_str(local_key);
    signature
}

fn each_once(log: Vec<Problem>) -> Vec<Problem> {
    let mut seen = Vec::with_capacity(log.len());
    for problem in log {
        if !seen.contains(&problem) {
            seen.push(problem);
        }
    }
    seen
}

/// The table of a chart among values.
pub(crate) fn table_of(values: &Map, name: &str) -> Option<Result<Map, Value>> {
    match values.get(name) {
        None | Some(Value::Nil) => None,
        Some(value) => Some(match table(&value) {
            Some(map) => Ok(map.clone()),
            None => Err(value),
        }),
    }
}
