//! Building: from a directory to its resources.

mod accumulator;
mod generators;
mod origin;
mod plugins;
mod resources;
mod target;
mod transformers;
mod wording;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use slipway_model::{Location, Manifest, Origin, Problem, RepoPath, Tree};

use crate::failure::Failure;
use crate::generate;
use crate::graph::{Node, Role};
use crate::options::{Helpers, Options, OverlayPlace, lay_over};
use crate::order;
use crate::resource::{Resource, ResourceMap, Source};
use crate::source::{Log, Root};
use crate::trace::{Change, Step, Watcher, Written};
use crate::transform::{Part, Schema, Watch};

pub(crate) use accumulator::Accumulator;
use origin::{ORIGIN, TRANSFORMATIONS};
use target::Target;
pub(crate) use wording::is_of_names;

/// The version of kustomize that a build behaves like; the label of `managedByLabel` carries it.
pub const KUSTOMIZE_VERSION: &str = "v5.8.2";

/// The step that replaces variables of Flux.
pub const SUBSTITUTION: &str = "substitution";

/// The step that follows renamed resources.
const NAME_REFERENCES: &str = "name references";

/// The step that adds hashes to names.
const HASHES: &str = "HashTransformer";

/// What a build made.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The objects in the order of the output.
    pub objects: Vec<Object>,
    /// What is deprecated or without effect in the kustomizations.
    pub warnings: Vec<Problem>,
    /// The directories that took part; the first is the one that the build began with.
    pub graph: Vec<Node>,
}

/// An object that a build made.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The object.
    pub object: Arc<Value>,
    /// Where it is written, or what generated it.
    pub source: Source,
    /// Which steps set which fields, oldest first; empty unless [`Options::trace`] is set.
    pub changes: Vec<Change>,
}

impl Output {
    /// The objects as manifests.
    #[must_use]
    pub fn manifests(&self) -> Vec<Manifest> {
        let manifest = |each: &Object| Manifest {
            id: slipway_model::ResourceId::of(&each.object),
            object: Arc::clone(&each.object),
            origin: Origin {
                file: each.source.file.clone(),
                document: each.source.document,
                line: each.source.line,
            },
        };
        self.objects.iter().map(manifest).collect()
    }
}

/// Builds the kustomization of a directory, as `kustomize build` does.
///
/// All reads go through `tree`; whoever wraps it in a recorder sees every one, also where a base is shared with other
/// builds.
///
/// # Errors
/// For the reasons that kustomize gives, with the place; [`Failure::is_opaque`] where only a program that the
/// kustomization names could build it.
pub fn build(
    tree: &dyn Tree,
    directory: &RepoPath,
    options: &Options,
    helpers: &Helpers<'_>,
) -> Result<Output, Failure> {
    let keep = helpers.cache.is_some() && !options.trace;
    let log = Log::new(tree, keep);
    let context = Context {
        options,
        helpers: *helpers,
        log: &log,
        warnings: RefCell::default(),
        nodes: RefCell::default(),
        schema: RefCell::default(),
        schema_is_set: Cell::new(false),
        needs_builtin_schema: Cell::new(false),
        is_shareable: Cell::new(keep),
        inherits_chart_namespace: Cell::new(false),
        missing: RefCell::default(),
        variables: RefCell::default(),
    };
    let objects = run(&context, directory);
    // What is not here comes after another reason: that one will not go away by fetching.
    let missing = Failure::first(context.missing.into_inner());
    match (objects, missing) {
        (Ok(objects), None) => {
            Ok(Output { objects, warnings: context.warnings.into_inner(), graph: context.nodes.into_inner() })
        }
        (Ok(_), Some(missing)) => Err(missing),
        (Err(failure), missing) => Err(failure.and(missing)),
    }
}

/// Builds; of no use where it turns out that something is missing.
fn run(context: &Context<'_>, directory: &RepoPath) -> Result<Vec<Object>, Failure> {
    let options = context.options;
    let root = Root::first(context.log, directory, options.unrestricted)?;
    let mut target = Target::load(context, root, None, Role::Target)?;
    target.file.overlays = options.written.iter().filter(|_| options.trace).map(OverlayPlace::text).collect();
    for overlay in &options.overlays {
        let laid = lay_over(&mut target.file.kustomization, overlay)
            .map_err(|failure| failure.in_file(&target.file.path))?;
        target.file.laid.push(laid);
    }
    context.set_schema(&target, true)?;
    let accumulated = target.accumulate(Accumulator::default())?;
    if context.lacks() {
        return Ok(Vec::new());
    }
    let kustomization = &target.file.kustomization;
    let mut resources = finish(context, &target, accumulated)?;
    order::sort(&mut resources, kustomization.sort_options.as_ref())
        .map_err(|failure| failure.at(target.file.field("sortOptions")))?;
    let metadata = &kustomization.build_metadata;
    let asked = |option: &str| metadata.iter().any(|each| each == option);
    let nowhere = |_| Written::Place;
    let build_metadata = || target.file.field("buildMetadata");
    context.step(&mut resources, "buildMetadata", build_metadata, nowhere, |resources, _| {
        for resource in resources {
            if asked("managedByLabel") {
                let mut labels = resource.labels();
                let version = format!("kustomize-{KUSTOMIZE_VERSION}");
                labels.insert("app.kubernetes.io/managed-by".to_owned(), version);
                resource.set_labels(labels);
            }
            clean(resource, asked("originAnnotations"), asked("transformerAnnotations"));
        }
        Ok(())
    })?;
    let variables = |_| Written::Variables { begin: "${", end: '}', places: Arc::default() };
    context.step(
        &mut resources,
        SUBSTITUTION,
        || Location::file(directory),
        variables,
        |resources, _| options.substitution.apply(resources),
    )?;
    let file = target.file.path.clone();
    let object = |resource: Resource| Object {
        object: Arc::clone(resource.shared_object()),
        source: resource.source().map_or_else(
            || Source { file: file.clone(), document: 0, line: None },
            |source| Source::clone(source),
        ),
        changes: resource.changes().to_vec(),
    };
    Ok(resources.into_resources().into_iter().map(object).collect())
}

/// What is done once, when everything is gathered: hashes, references, variables, and without what is only local.
fn finish(
    context: &Context<'_>,
    target: &Target<'_, '_>,
    accumulated: Accumulator,
) -> Result<ResourceMap, Failure> {
    let Accumulator { mut resources, config, variables } = accumulated;
    let file = &target.file;
    let own = || Location::file(&file.path);
    let nowhere = |_| Written::Place;
    context.step(&mut resources, HASHES, own, nowhere, |resources, _| generate::add_hashes(resources))?;
    if let Some(config) = &config {
        context.step(&mut resources, NAME_REFERENCES, own, nowhere, |resources, _| {
            config.references().update(resources)
        })?;
        let places = Arc::new(context.variables.borrow().clone());
        let variable = |_| Written::Variables { begin: "$(", end: ')', places: Arc::clone(&places) };
        context.step(
            &mut resources,
            "variables",
            || file.field("vars"),
            variable,
            |resources, _| {
                let unused = variables.resolve(resources, &config.specs.var_reference)?;
                if !unused.is_empty() {
                    let message = format!("well-defined vars that were never replaced: {}", unused.join(","));
                    let problem =
                        Problem::warning("kustomize-unused-variable", message).at(file.field("vars"));
                    context.warnings.borrow_mut().push(problem);
                }
                Ok(())
            },
        )?;
    }
    if context.options.trace {
        wording::tell_names(&mut resources);
    }
    resources.drop_empty();
    for resource in &resources {
        crate::load::check_identity(resource.object()).map_err(|message| {
            let failure = Failure::new("kustomize-resource", message);
            match resource.source() {
                Some(source) => failure.in_file(&source.file),
                None => failure,
            }
        })?;
    }
    resources.resources_mut().retain(|resource| !is_local(resource));
    Ok(resources)
}

/// Whether an object is only there for tools on the way.
fn is_local(resource: &Resource) -> bool {
    let annotation =
        resource.metadata("annotations").and_then(|map| map.get("config.kubernetes.io/local-config"));
    annotation.is_some_and(|value| crate::resource::scalar_text(value) != "false")
}

/// Annotations that no output has.
const REMOVED: &[&str] = &[
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "internal.config.kubernetes.io/helm-generated",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
];

/// Takes the annotations away that are kustomize's own. What is left is text, and nothing is left if there is nothing.
fn clean(resource: &mut Resource, keep_origin: bool, keep_transformations: bool) {
    resource.take_internal_annotations();
    let Some(annotations) = resource.metadata("annotations") else { return };
    let removed = |key: &str| {
        REMOVED.contains(&key)
            || key == ORIGIN && !keep_origin
            || key == TRANSFORMATIONS && !keep_transformations
    };
    let is_clean = annotations.as_object().is_some_and(|map| {
        !map.is_empty() && map.iter().all(|(key, value)| value.is_string() && !removed(key))
    });
    if is_clean {
        return;
    }
    let kept: BTreeMap<String, String> =
        resource.annotations().into_iter().filter(|(key, _)| !removed(key)).collect();
    resource.set_annotations(kept);
}

/// What all targets of a build share.
pub(crate) struct Context<'a> {
    pub(crate) options: &'a Options,
    pub(crate) helpers: Helpers<'a>,
    pub(crate) log: &'a Log<'a>,
    pub(crate) warnings: RefCell<Vec<Problem>>,
    pub(crate) nodes: RefCell<Vec<Node>>,
    schema: RefCell<Schema>,
    schema_is_set: Cell<bool>,
    /// Whether kustomize would read its built-in schema even where a kustomization brings another: it has looked up the
    /// scope of a kind before, and did not know it.
    needs_builtin_schema: Cell<bool>,
    /// Whether what is built depends on nothing but the tree, so that it can be shared with other builds.
    pub(crate) is_shareable: Cell<bool>,
    /// Whether a chart got its namespace from a kustomization above.
    pub(crate) inherits_chart_namespace: Cell<bool>,
    /// What is not here. From the first such failure on the build only reads, so that all that is missing is named and
    /// everything that it depends on is read; it changes nothing more, because what it would change is not complete.
    missing: RefCell<Vec<Failure>>,
    /// Where variables (`vars`) are written, in builds that are traced.
    pub(crate) variables: RefCell<BTreeMap<String, Location>>,
}

impl Context<'_> {
    /// Whether something is not here.
    pub(crate) fn lacks(&self) -> bool {
        !self.missing.borrow().is_empty()
    }

    /// Goes on past something that is not here, which `place` names: `None` then.
    pub(crate) fn unless_missing<T>(
        &self,
        result: Result<T, Failure>,
        place: impl FnOnce() -> Location,
    ) -> Result<Option<T>, Failure> {
        let mut found = Vec::new();
        let value = Failure::kept(result, &mut found)?;
        if let Some(mut failure) = found.pop() {
            failure = failure.at(place());
            let others = failure.take_others();
            let mut missing = self.missing.borrow_mut();
            missing.push(failure);
            missing.extend(others);
        }
        Ok(value)
    }

    /// The result of bringing things together; what cannot be brought together where something is not here is no
    /// failure.
    pub(crate) fn joined(&self, result: Result<(), Failure>) -> Result<(), Failure> {
        if self.lacks() { Ok(()) } else { result }
    }

    /// The schema that merges go by.
    pub(crate) fn schema(&self) -> Schema {
        self.schema.borrow().clone()
    }

    /// Notes the kinds of resources that were read.
    pub(crate) fn note_kinds<'r>(&self, resources: impl IntoIterator<Item = &'r Resource>) {
        if !self.needs_builtin_schema.get() && !self.schema_is_set.get() {
            let unknown = |resource: &Resource| !Schema::knows_scope(resource.api_version(), resource.kind());
            self.needs_builtin_schema.set(resources.into_iter().any(unknown));
        }
    }

    /// Takes over the schema that a kustomization asks for. The first one counts for the whole build, but for that of
    /// the directory that the build began with.
    fn set_schema(&self, target: &Target<'_, '_>, first: bool) -> Result<(), Failure> {
        let openapi = &target.file.kustomization.openapi;
        let place = || target.file.field("openapi");
        let loaded = match openapi.get("path") {
            Some(path) => {
                self.unless_missing(target.root.load(path), place).map_err(|failure| failure.at(place()))?
            }
            None => None,
        };
        if self.schema_is_set.get() && !first {
            return Ok(());
        }
        let bad = |message: &str| Err(Failure::new("kustomize-openapi", message).at(place()));
        if let Some((file, content)) = loaded {
            if openapi.contains_key("version") {
                return bad("builtin version and custom schema provided, cannot use both");
            }
            let text = String::from_utf8_lossy(&content);
            let document = slipway_yaml::decode(&text).map_err(|error| {
                Failure::new("kustomize-openapi", format!("invalid schema file: {}", error.message))
                    .at(Location::at(&file, error.line, error.column))
            })?;
            let mut schema = Schema::parse(document).map_err(|failure| failure.in_file(&file))?;
            if self.needs_builtin_schema.get() && !first {
                schema = schema.with_builtin();
            }
            *self.schema.borrow_mut() = schema;
            self.schema_is_set.set(true);
            self.is_shareable.set(false);
            return Ok(());
        }
        match openapi.get("version").map(String::as_str) {
            None | Some("") => Ok(()),
            Some("v1.21.2") => {
                *self.schema.borrow_mut() = Schema::builtin();
                self.schema_is_set.set(true);
                Ok(())
            }
            Some(_) => bad("the specified OpenAPI version is not built in"),
        }
    }

    /// Runs a step, and notes what it changed where the build asks for it. `written` says where its parts are written.
    pub(crate) fn step(
        &self,
        resources: &mut ResourceMap,
        name: &str,
        place: impl Fn() -> Location,
        written: impl Fn(Part) -> Written,
        run: impl FnOnce(&mut ResourceMap, Option<&dyn Watch>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if !self.options.trace {
            return run(resources, None).map_err(|failure| failure.at(place()));
        }
        let step = |part| Step::new(name, place(), written(part));
        let watcher = Watcher::new(resources, &step);
        run(resources, Some(&watcher)).map_err(|failure| failure.at(place()))?;
        watcher.done(resources, Part::Whole);
        Ok(())
    }
}
