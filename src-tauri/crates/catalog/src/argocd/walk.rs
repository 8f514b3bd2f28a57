//! Follows declarations from their roots: an Application whose source holds Applications is a parent, and its
//! children stand for it.

use std::collections::{BTreeSet, HashSet};

use globset::GlobBuilder;
use serde_json::Value;
use slipway_helm::Charts;
use slipway_model::{Location, Order, Problem, Rank, RepoPath};
use slipway_render::{EngineKind, Parameters as SourceParameters, Source};

use super::Repository;
use super::application::{Parsed, outside, parse};
use super::applicationset::expand;
use super::entries::{Entry, EntryKind, Target, deploys, entries, unlisted};
use super::order::{self, Parent};
use super::parameters::{Parameters, is_unknown, without_unknown};
use crate::catalog::{Destination, Skipped};
use crate::chart;
use crate::families::values_files::{ValuesByChart, environment_of_file, values_by_chart};
use crate::index::ObjectKind;
use crate::kustomize::{Builder, Built, Graph, Object};
use crate::options::ScanOptions;

/// Parents inside parents deeper than this are not followed.
const MAXIMUM_DEPTH: usize = 16;

/// An Application with everything that can tell its environment.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// Its name without what only the cluster knows.
    pub(crate) name: String,
    /// The ApplicationSet that generates it.
    pub(crate) set: Option<String>,
    /// Its sources by which it is named; at least one. Where all lie outside, the declaration stands for them.
    pub(crate) sources: Vec<Source>,
    /// Its sources outside this repository.
    pub(crate) remote: Vec<Source>,
    /// Where it goes.
    pub(crate) destination: Destination,
    /// The file that declares it.
    pub(crate) declared_in: RepoPath,
    /// The environment for which its parent was evaluated.
    pub(crate) parent_environment: Option<String>,
    /// The directory whose declarations were followed.
    pub(crate) root: Option<RepoPath>,
    /// What its set generates it with.
    pub(crate) parameters: Vec<(String, String)>,
    /// The branch of its environment.
    pub(crate) branch: Option<String>,
    /// The revision that is deployed.
    pub(crate) revision: Option<String>,
    /// Whether its name is the one in the cluster.
    pub(crate) has_known_name: bool,
    /// Which declaration it is, for reading.
    pub(crate) reason: String,
    /// What orders it among others.
    pub(crate) order: Order,
    /// What is wrong with it.
    pub(crate) problems: Vec<Problem>,
}

/// What following the declarations gave.
#[derive(Default)]
pub(crate) struct Walk {
    /// The Applications that are no parents.
    pub(crate) declared: Vec<Declared>,
    /// Declarations that lead nowhere, and why.
    pub(crate) skipped: Vec<Skipped>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
    /// Directories that hold declarations or that parents read.
    pub(crate) directories: BTreeSet<RepoPath>,
}

/// Follows all declarations of a repository.
pub(crate) fn walk(
    repository: &Repository<'_>,
    graph: &Graph,
    builder: &Builder<'_>,
    options: &ScanOptions<'_>,
) -> Walk {
    let entries = entries(repository, graph);
    if entries.is_empty() {
        return Walk::default();
    }
    let mut walker = Walker::new(repository, graph, builder, options);
    let built: Vec<Vec<(Built, Option<String>)>> =
        entries.iter().map(|entry| walker.objects(entry)).collect();
    let targets = walker.targets(&entries, &built);
    let mut walked = BTreeSet::new();
    for (entry, built) in entries.iter().zip(&built) {
        if let Some(owner) = entry.parked_below(&targets) {
            walker.walk.skipped.extend(entry.files.iter().map(|file| Skipped {
                path: file.clone(),
                reason: format!("a declaration below `{owner}`, which is read without its directories"),
            }));
            continue;
        }
        if !entry.is_target(&targets) {
            walker.entry(entry, built);
            walked.insert(entry.directory.clone());
        }
    }
    // What only points at each other has no root.
    for (entry, built) in entries.iter().zip(&built) {
        let is_left = entry.is_target(&targets)
            && entry.parked_below(&targets).is_none()
            && !entry.is_read_from_above(&targets)
            && !walked.contains(&entry.directory);
        if is_left && !walker.reached.contains(&entry.directory) {
            walker.entry(entry, built);
        }
    }
    let shown = std::mem::take(&mut walker.shown);
    let unlisted = unlisted(repository, graph);
    walker.walk.skipped.extend(unlisted.into_iter().filter(|each| !shown.contains(&each.path)));
    walker.walk.directories.extend(entries.into_iter().map(|entry| entry.directory));
    walker.walk.directories.extend(walker.reached);
    order::settle(repository.index, &mut walker.walk.declared);
    walker.walk
}

/// Whether an object is usual in a list of Applications.
fn accompanies(kind: &ObjectKind) -> bool {
    kind.is_declaration()
        || matches!(
            &*kind.kind,
            "Namespace" | "ConfigMap" | "Secret" | "SealedSecret" | "ExternalSecret" | "Repository"
        )
}

/// Whether an Application has a source, or a set a template; a patch has neither.
fn is_whole(value: &Value) -> bool {
    let spec = value.get("spec").unwrap_or(&Value::Null);
    ["source", "sources", "sourceHydrator", "template"].iter().any(|field| spec.get(field).is_some())
}

struct Walker<'a> {
    repository: &'a Repository<'a>,
    graph: &'a Graph,
    builder: &'a Builder<'a>,
    options: &'a ScanOptions<'a>,
    charts: Charts,
    values: ValuesByChart,
    /// Parents that were followed, with what they were evaluated for.
    followed: HashSet<(RepoPath, String)>,
    reached: BTreeSet<RepoPath>,
    /// Files that no kustomization lists and that are shown all the same.
    shown: BTreeSet<RepoPath>,
    walk: Walk,
}

/// For what the objects at hand were evaluated.
#[derive(Clone, Default)]
struct Context {
    environment: Option<String>,
    /// The directory that holds them.
    root: Option<RepoPath>,
    /// What applies them together.
    parent: Parent,
    /// Where that stands among others.
    ranks: Vec<Rank>,
    depth: usize,
}

impl Context {
    /// The same, one rank further in.
    fn ranked(&self, rank: Rank) -> Self {
        let mut ranks = self.ranks.clone();
        ranks.push(rank);
        Self { ranks, ..self.clone() }
    }
}

impl<'a> Walker<'a> {
    fn new(
        repository: &'a Repository<'a>,
        graph: &'a Graph,
        builder: &'a Builder<'a>,
        options: &'a ScanOptions<'a>,
    ) -> Self {
        let charts: Vec<&RepoPath> = repository
            .index
            .directories()
            .iter()
            .filter(|(_, directory)| directory.has("Chart.yaml"))
            .map(|(path, _)| path)
            .collect();
        let values = values_by_chart(repository.index, &charts);
        Self {
            repository,
            graph,
            builder,
            options,
            charts: Charts::default(),
            values,
            followed: HashSet::new(),
            reached: BTreeSet::new(),
            shown: BTreeSet::new(),
            walk: Walk::default(),
        }
    }

    /// Every directory that an Application of an entry reads.
    fn targets(&self, entries: &[Entry], built: &[Vec<(Built, Option<String>)>]) -> Vec<Target> {
        let mut targets = Vec::new();
        for (entry, built) in entries.iter().zip(built) {
            for (built, _) in built {
                for (value, _, file) in self.applications(built) {
                    let parsed = parse(self.repository, &value, &file);
                    targets.extend(parsed.sources.into_iter().filter(|source| self.may_hold(source)).map(
                        |source| Target {
                            recurse: source.parameters.recurse,
                            path: source.path,
                            from: entry.directory.clone(),
                        },
                    ));
                }
            }
        }
        targets
    }

    fn entry(&mut self, entry: &Entry, built: &[(Built, Option<String>)]) {
        self.reached.insert(entry.directory.clone());
        for (built, environment) in built {
            self.walk.problems.extend(built.problems.iter().cloned());
            let environment = environment.clone();
            let root = Some(entry.directory.clone());
            let parent = Parent::Unknown(entry.directory.clone());
            self.follow(built, &Context { environment, root, parent, ..Context::default() });
        }
    }

    /// The objects of an entry; those of a chart once for each of its environments.
    fn objects(&self, entry: &Entry) -> Vec<(Built, Option<String>)> {
        match entry.kind {
            EntryKind::Kustomization => vec![((*self.builder.build(&entry.directory)).clone(), None)],
            EntryKind::Files => {
                let wanted = |name: &str| entry.files.iter().any(|file| file.file_name() == Some(name));
                vec![(self.builder.manifests(&entry.directory, false, wanted), None)]
            }
            EntryKind::Chart => self.chart_as_root(&entry.directory),
        }
    }

    fn chart_as_root(&self, chart: &RepoPath) -> Vec<(Built, Option<String>)> {
        let source = |values: Vec<RepoPath>| Source {
            engine: EngineKind::Helm,
            path: chart.clone(),
            values,
            parameters: SourceParameters::default(),
        };
        match self.values.get(chart) {
            Some(environments) => environments
                .iter()
                .map(|(name, files)| (self.chart(&source(files.clone())), Some(name.clone())))
                .collect(),
            None => vec![(self.chart(&source(Vec::new())), None)],
        }
    }

    /// The declarations of a chart: rendered where the caller can, else as far as it goes.
    fn chart(&self, source: &Source) -> Built {
        let rendered = self.options.render.map(|render| render(self.repository.index.tree, source));
        let why = match rendered {
            Some(rendered) if !rendered.is_failed() => return built_of(rendered),
            Some(rendered) => Some(first_error(&rendered)),
            None => None,
        };
        let mut built = chart::render(&self.charts, self.repository.index, source);
        let why = why.or_else(|| built.problems.first().map(ToString::to_string));
        if let Some(why) = why
            && built.objects.iter().any(|object| deploys(&object.kind))
        {
            built.problems.push(
                Problem::info(
                    "parent-approximated",
                    format!("the Applications of `{}` are evaluated from its templates: {why}", source.path),
                )
                .hint("what cannot be rendered is left out")
                .at(Location::file(&source.path)),
            );
        }
        built
    }

    /// Whether a source can hold declarations, by a look at its files.
    fn may_hold(&self, source: &Source) -> bool {
        let index = self.repository.index;
        match source.engine {
            EngineKind::Helm => chart::declares(index, &source.path),
            EngineKind::Kustomize => {
                self.graph.leads_to(index, &source.path, &|facts| facts.objects.iter().any(deploys))
            }
            EngineKind::Plain => index
                .below(&source.path)
                .take_while(|(path, _)| source.parameters.recurse || **path == source.path)
                .any(|(path, _)| {
                    index.manifests_in(path).any(|(_, facts)| facts.objects.iter().any(deploys))
                }),
            _ => false,
        }
    }

    /// What a source gives, where it may hold declarations.
    fn children(&self, source: &Source) -> Option<Built> {
        if !self.may_hold(source) {
            return None;
        }
        let built = match source.engine {
            EngineKind::Helm => self.chart(source),
            EngineKind::Kustomize => {
                match self.options.render.map(|render| render(self.repository.index.tree, source)) {
                    Some(rendered) if !rendered.is_failed() => built_of(rendered),
                    rendered => {
                        let mut built = (*self.builder.build(&source.path)).clone();
                        if let Some(rendered) = rendered {
                            let message = format!(
                                "the Applications of `{}` are read from its files: {}",
                                source.path,
                                first_error(&rendered)
                            );
                            built.problems.push(
                                Problem::info("parent-approximated", message)
                                    .at(Location::file(&source.path)),
                            );
                        }
                        built
                    }
                }
            }
            _ => {
                let glob = |pattern: &Option<String>| {
                    let pattern = pattern.as_deref()?;
                    GlobBuilder::new(pattern).build().ok().map(|glob| glob.compile_matcher())
                };
                let (include, exclude) = (glob(&source.parameters.include), glob(&source.parameters.exclude));
                self.builder.manifests(&source.path, source.parameters.recurse, |name| {
                    include.as_ref().is_none_or(|glob| glob.is_match(name))
                        && !exclude.as_ref().is_some_and(|glob| glob.is_match(name))
                })
            }
        };
        Some(built)
    }

    /// The Applications among objects, those of sets included, with their parameters.
    fn applications(&self, built: &Built) -> Vec<(Value, Option<Parameters>, RepoPath)> {
        let mut found = Vec::new();
        for object in &built.objects {
            let Some(value) = &object.value else { continue };
            if object.kind.is("argoproj.io", "Application") {
                found.push((value.clone(), None, object.file.clone()));
            } else if object.kind.is("argoproj.io", "ApplicationSet") {
                let expansion = expand(self.repository, value);
                found.extend(
                    expansion
                        .applications
                        .into_iter()
                        .map(|each| (each.value, Some(each.parameters), object.file.clone())),
                );
            }
        }
        found
    }

    fn follow(&mut self, built: &Built, context: &Context) {
        for object in &built.objects {
            let Some(value) = &object.value else { continue };
            if deploys(&object.kind) && !is_whole(value) {
                self.walk.skipped.push(Skipped {
                    path: object.file.clone(),
                    reason: format!("`{}` says not what it deploys: a patch, or incomplete", object.name()),
                });
            } else if object.kind.is("argoproj.io", "Application") {
                let parsed = parse(self.repository, value, &object.file);
                let context = context.ranked(context.parent.rank(value, &object.file));
                self.application(value, parsed, None, object, &context);
            } else if object.kind.is("argoproj.io", "ApplicationSet") {
                self.set(value, object, context);
            }
        }
    }

    fn set(&mut self, set: &Value, object: &Object, context: &Context) {
        let context = &context.ranked(context.parent.rank(set, &object.file));
        let expansion = expand(self.repository, set);
        let parsed: Vec<(Value, Parameters, Parsed)> = expansion
            .applications
            .into_iter()
            .map(|each| {
                let parsed = parse(self.repository, &each.value, &object.file);
                (each.value, each.parameters, parsed)
            })
            .collect();
        let values = parsed.iter().map(|(value, _, _)| value);
        let ranks = order::of_set(set, object, &context.ranks, values);
        let resolves =
            |parsed: &Parsed| !parsed.sources.is_empty() || (parsed.is_external && !parsed.is_unknown);
        let has_named = parsed
            .iter()
            .any(|(_, parameters, parsed)| !parameters.is_for_unnamed_clusters && resolves(parsed));
        let mut taken = 0;
        let mut is_for_no_one = false;
        let mut missing = BTreeSet::new();
        for ((value, parameters, parsed), ranks) in parsed.into_iter().zip(ranks) {
            if parameters.is_for_unnamed_clusters && !self.is_for_someone(&parsed, has_named) {
                is_for_no_one = true;
                continue;
            }
            if !resolves(&parsed) {
                missing.extend(parsed.missing.clone());
                continue;
            }
            taken += 1;
            let context = Context { ranks, ..context.clone() };
            self.application(&value, parsed, Some(&parameters), object, &context);
        }
        // Lists of clusters serve several sets, each of which has directories for some of them.
        let asks_for_clusters = set.to_string().contains("\"clusters\"");
        if let Some(path) = missing.iter().next().filter(|_| !asks_for_clusters) {
            let more =
                if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
            let message = format!("`{}` generates Applications of `{path}`{more}: not there", object.name());
            self.walk.problems.push(
                Problem::warning("missing-path", message)
                    .hint("the Application would fail; correct the generator or add the directory")
                    .at(Location::file(&object.file)),
            );
        }
        if taken == 0 && is_for_no_one {
            self.walk.skipped.push(Skipped {
                path: object.file.clone(),
                reason: format!(
                    "the ApplicationSet `{}` renders nothing for the clusters that are named",
                    object.name()
                ),
            });
        } else if taken == 0 {
            self.unexpanded(object, &expansion.opaque, !missing.is_empty(), context);
        }
    }

    /// Whether what a set gives for clusters that the repository does not name is worth an instance: not where
    /// it renders nothing on purpose, nor where it is only the base of those that are named.
    fn is_for_someone(&self, parsed: &Parsed, has_named: bool) -> bool {
        let is_idle = |source: &Source| {
            self.graph.is_empty_on_purpose(&source.path) || (has_named && self.graph.is_used(&source.path))
        };
        let is_without_source = has_named && parsed.sources.is_empty();
        !is_without_source && !parsed.sources.iter().any(is_idle)
    }

    /// A set of which nothing can be known stays visible.
    fn unexpanded(&mut self, object: &Object, opaque: &[String], has_missing: bool, context: &Context) {
        if has_missing && opaque.is_empty() {
            self.walk.skipped.push(Skipped {
                path: object.file.clone(),
                reason: format!(
                    "the ApplicationSet `{}` generates only paths that are not there",
                    object.name()
                ),
            });
            return;
        }
        let template = object
            .value
            .as_ref()
            .and_then(|value| value.pointer("/spec/template"))
            .cloned()
            .unwrap_or_default();
        let mut parsed = parse(self.repository, &template, &object.file);
        if parsed.sources.is_empty() {
            parsed.is_external = true;
        }
        parsed.sources.truncate(1);
        let why =
            if opaque.is_empty() { "its generators give nothing".to_owned() } else { opaque.join("; ") };
        parsed.problems.push(
            Problem::info(
                "applicationset-not-expanded",
                format!("`{}` is not expanded: {why}", object.name()),
            )
            .hint("name its Applications in `.slipway.yaml`")
            .at(Location::file(&object.file)),
        );
        let mut named = template;
        json_patch::merge(&mut named, &serde_json::json!({"metadata": {"name": object.name()}}));
        self.push(&named, parsed, Some(&Parameters::default()), object, context, false);
    }

    fn application(
        &mut self,
        value: &Value,
        parsed: Parsed,
        parameters: Option<&Parameters>,
        object: &Object,
        context: &Context,
    ) {
        if context.depth < MAXIMUM_DEPTH && self.is_parent(value, &parsed, object, context) {
            return;
        }
        if parsed.sources.is_empty() && !parsed.is_external {
            let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            let path = parsed.missing.first().cloned().unwrap_or_default();
            self.walk.skipped.push(Skipped {
                path: object.file.clone(),
                reason: format!("the Application `{name}` reads `{path}`, which is not there"),
            });
            return;
        }
        let has_known_name =
            value.pointer("/metadata/name").and_then(Value::as_str).is_some_and(|name| !is_unknown(name));
        self.push(value, parsed, parameters, object, context, has_known_name);
    }

    /// Follows the children of an Application, if it has any.
    fn is_parent(&mut self, value: &Value, parsed: &Parsed, object: &Object, context: &Context) -> bool {
        let mut is_parent = false;
        for source in &parsed.sources {
            let Some(mut children) = self.children(source) else { continue };
            if parsed.reads_directory && source.engine == EngineKind::Kustomize {
                self.add_unlisted(&mut children, source);
            }
            if !self.is_list_of_applications(&children) {
                self.reached.insert(source.path.clone());
                let own = children.objects.iter().filter(|object| deploys(&object.kind));
                self.walk.skipped.extend(own.map(|object| Skipped {
                    path: object.file.clone(),
                    reason: format!(
                        "`{}` belongs to `{}`, which delivers it among other objects",
                        object.name(),
                        source.path
                    ),
                }));
                continue;
            }
            is_parent = true;
            self.reached.insert(source.path.clone());
            let environment = context.environment.clone().or_else(|| {
                source
                    .values
                    .iter()
                    .rev()
                    .find_map(|file| environment_of_file(file.file_name()?))
                    .map(str::to_owned)
            });
            let key = format!("{environment:?} {:?} {:?}", source.values, source.parameters);
            if self.followed.insert((source.path.clone(), key)) {
                self.walk.problems.extend(children.problems.iter().cloned());
                let root = Some(source.path.clone());
                let parent = Parent::application(value, &object.file);
                let (ranks, depth) = (context.ranks.clone(), context.depth + 1);
                self.follow(&children, &Context { environment, root, parent, ranks, depth });
            }
        }
        is_parent
    }

    /// Declarations beside a kustomization that does not list them, in a source that is said to be a directory.
    /// Argo CD takes `directory: {recurse: false}` for nothing said and builds the kustomization alone; whoever
    /// wrote it expects the files to be read, so they are shown.
    fn add_unlisted(&mut self, children: &mut Built, source: &Source) {
        let graph = self.graph;
        let more = self.builder.manifests(&source.path, false, |name| {
            let file = source.path.child(name);
            !graph.reads_file(&file)
        });
        let more = more.objects.into_iter().filter(|object| deploys(&object.kind));
        for object in more {
            self.walk.problems.push(
                Problem::warning(
                    "unlisted-application",
                    format!("`{}` is not listed by the kustomization beside it", object.name()),
                )
                .hint("Argo CD builds the kustomization and leaves it out; list it or remove the file")
                .at(Location::file(&object.file)),
            );
            self.shown.insert(object.file.clone());
            children.objects.push(object);
        }
    }

    /// Whether what a source gives stands for its children: where it holds more objects of its own, the
    /// Applications among them belong to it.
    fn is_list_of_applications(&self, children: &Built) -> bool {
        let followed = children.objects.iter().filter(|object| self.is_followed(object)).count();
        let others = children.objects.iter().filter(|object| !accompanies(&object.kind)).count();
        followed > 0 && followed >= others
    }

    /// Whether a child makes its parent one: an Application, or a set that gives something. Sets for pull
    /// requests give nothing that is in the repository; what deploys them is an application like any other.
    fn is_followed(&self, object: &Object) -> bool {
        if object.kind.is("argoproj.io", "Application") {
            return true;
        }
        let Some(value) = object.value.as_ref().filter(|_| object.kind.is("argoproj.io", "ApplicationSet"))
        else {
            return false;
        };
        let expansion = expand(self.repository, value);
        !expansion.applications.is_empty() || expansion.opaque.is_empty()
    }

    fn push(
        &mut self,
        value: &Value,
        parsed: Parsed,
        parameters: Option<&Parameters>,
        object: &Object,
        context: &Context,
        has_known_name: bool,
    ) {
        let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let mut sources = parsed.sources;
        let remote = outside(self.repository, value, &parsed.destination);
        if sources.is_empty() {
            sources.push(Source {
                engine: EngineKind::ArgocdApplication,
                path: object.file.clone(),
                values: remote.iter().flat_map(|source| source.values.iter().cloned()).collect(),
                parameters: SourceParameters {
                    release: Some(without_unknown(name)),
                    namespace: parsed.destination.namespace.clone(),
                    ..SourceParameters::default()
                },
            });
        }
        let set = parameters.map(|_| object.name().to_owned());
        let reason = match &set {
            Some(set) => format!("the ApplicationSet `{set}` in `{}` generates it", object.file),
            None => format!("the Application `{name}` in `{}` declares it", object.file),
        };
        self.walk.declared.push(Declared {
            name: without_unknown(name),
            set,
            sources,
            remote,
            destination: parsed.destination,
            declared_in: object.file.clone(),
            parent_environment: context.environment.clone(),
            root: context.root.clone(),
            parameters: parameters.map(Parameters::texts).unwrap_or_default(),
            branch: parsed.branch,
            revision: parsed.revision,
            has_known_name,
            reason,
            order: Order { ranks: context.ranks.clone(), ..Order::default() },
            problems: parsed.problems,
        });
    }
}

fn first_error(rendered: &slipway_render::Rendered) -> String {
    let error = rendered.problems.iter().find(|problem| problem.is_error());
    error.map_or_else(|| "it cannot be rendered".to_owned(), ToString::to_string)
}

fn built_of(rendered: slipway_render::Rendered) -> Built {
    let objects = rendered
        .manifests
        .into_iter()
        .filter_map(|manifest| {
            let kind = ObjectKind::of(&manifest.object)?;
            let value = kind.is_declaration().then(|| (*manifest.object).clone());
            Some(Object { file: manifest.origin.file, kind, value })
        })
        .collect();
    Built { objects, has_more: false, problems: rendered.problems }
}
