//! The resources, bases and components of a kustomization.

use std::sync::Arc;

use slipway_model::{Problem, RepoPath, readable_path};

use super::accumulator::Accumulator;
use super::origin::ORIGIN;
use super::target::Target;
use crate::cache::{Base, BaseKey};
use crate::failure::Failure;
use crate::graph::{Node, Role};
use crate::kustomization::{COMPONENT_KIND, go_quote};
use crate::load;
use crate::resource::Resource;
use crate::source::{Answer, RepositoryUrl, Root};

impl<'a> Target<'_, 'a> {
    /// Adds what a list of paths names: files of resources, directories with kustomizations, URLs.
    pub(crate) fn accumulate_resources(
        &self,
        gathered: &mut Accumulator,
        field: &str,
        paths: &[String],
        role: Role,
    ) -> Result<(), Failure> {
        for (index, path) in paths.iter().enumerate() {
            let place = || self.file.entry(field, index);
            self.context
                .unless_missing(self.accumulate_resource(gathered, path, role), place)
                .map_err(|failure| failure.at(place()))?;
        }
        Ok(())
    }

    fn accumulate_resource(&self, gathered: &mut Accumulator, path: &str, role: Role) -> Result<(), Failure> {
        let loading = format!("accumulating resources from '{path}'");
        let as_file = match self.root.load(path) {
            Ok((file, content)) => {
                let resources = match self.read_resources(&file, &content) {
                    Ok(resources) => resources,
                    Err(failure) => {
                        let failure = failure.context(loading);
                        let is_yaml = matches!(failure.code(), "yaml-syntax" | "yaml-duplicate-key");
                        return Err(if is_yaml { failure } else { not_a_directory(failure, &file) });
                    }
                };
                let count = resources.len();
                let mut resources = resources.as_ref().clone();
                self.note_origin(&mut resources, path);
                let appended = gathered.resources.append_all(resources);
                if let Err(failure) = self.context.joined(appended) {
                    let failure = failure.context(format_args!("merging resources from '{path}'"));
                    return Err(not_a_directory(failure, &file));
                }
                if let Some(node) = self.context.nodes.borrow_mut().get_mut(self.node) {
                    node.resources += count;
                }
                return Ok(());
            }
            Err(failure) if failure.missing().is_some() && RepositoryUrl::parse(path).is_none() => {
                return Err(failure);
            }
            Err(failure) => failure,
        };
        let root = self.root.open(path);
        let is_missing = |failure: &Failure| failure.missing().is_some();
        let as_file = match (is_missing(&as_file), root.as_ref().is_err_and(is_missing)) {
            // Only the server can tell which of the two it is.
            (true, true) => return Err(as_file),
            (true, false) => Failure::new("kustomize-not-a-file", "URL is a git repository").context(loading),
            (false, _) => as_file.context(loading),
        };
        let wrap = |failure: Failure| {
            let hints = as_file.hints().iter().cloned();
            let failure = failure.context(format_args!("accumulation err='{}'", as_file.message()));
            if failure.hints().is_empty() { hints.fold(failure, Failure::hint) } else { failure }
        };
        let root = root.map_err(|failure| keep_security(wrap(failure), &as_file))?;
        let base = self
            .accumulate_directory(root, path, role)
            .map_err(|failure| keep_security(wrap(failure), &as_file))?;
        self.context.joined(gathered.merge(base.accumulated)).map_err(|failure| {
            wrap(
                failure
                    .context(format_args!("recursed merging from path '{}'", readable_path(&base.directory))),
            )
        })
    }

    /// Lets the components change what was gathered.
    pub(crate) fn accumulate_components(
        &self,
        mut gathered: Accumulator,
        paths: &[String],
    ) -> Result<Accumulator, Failure> {
        for (index, path) in paths.iter().enumerate() {
            let place = |failure: Failure| failure.at(self.file.entry("components", index));
            let quoted = |failure: Failure, what: &str| {
                let message = format!("{what} {}", go_quote(failure.message()));
                place(failure.with_message(message))
            };
            let root = self
                .context
                .unless_missing(self.root.open(path), || self.file.entry("components", index))
                .map_err(|failure| quoted(failure, "loader.New"))?;
            let Some(root) = root else { continue };
            gathered = self.accumulate_component(root, path, gathered).map_err(|failure| {
                let what = if failure.code() == "kustomize-not-a-directory"
                    || failure.code() == "kustomize-missing"
                        && failure.message().starts_with("must build at directory")
                {
                    "loader.New"
                } else {
                    "accumulateDirectory:"
                };
                quoted(failure, what)
            })?;
        }
        Ok(gathered)
    }

    fn accumulate_component(
        &self,
        root: Root<'a>,
        path: &str,
        gathered: Accumulator,
    ) -> Result<Accumulator, Failure> {
        let directory = readable_path(&root.directory);
        let target = self.open_target(root, path, Role::Component)?;
        let kind = &target.file.kustomization.kind;
        if kind != COMPONENT_KIND {
            let message = format!("expected kind '{COMPONENT_KIND}' for path '{directory}' but got '{kind}'");
            return Err(Failure::new("kustomize-kind", message).in_file(&target.file.path));
        }
        let recursed =
            |failure: Failure| failure.context(format_args!("recursed accumulation of path '{directory}'"));
        let gathered = target.accumulate(gathered).map_err(recursed)?;
        self.context
            .joined(gathered.resources.check_unique())
            .map_err(|failure| failure.context(format_args!("recursed merging from path '{directory}'")))?;
        Ok(gathered)
    }

    fn open_target(&self, root: Root<'a>, path: &str, role: Role) -> Result<Target<'_, 'a>, Failure> {
        let directory = root.directory.clone();
        let origin = self.origin.as_ref().map(|origin| origin.append(path));
        let target = Target::load(self.context, root, Some((self, origin)), role).map_err(|failure| {
            let is_place = failure.message().starts_with("must build at directory");
            if is_place {
                failure
            } else {
                failure.context(format_args!("couldn't make target for path '{}'", readable_path(&directory)))
            }
        })?;
        self.context.set_schema(&target, false)?;
        Ok(target)
    }

    /// What the kustomization of a directory gathers, from the cache where that is possible.
    fn accumulate_directory(&self, root: Root<'a>, path: &str, role: Role) -> Result<Gathered, Failure> {
        let context = self.context;
        let directory = root.directory.clone();
        let may_share = context.is_shareable.get() && role == Role::Base;
        let cache = context.helpers.cache.filter(|_| may_share);
        let key = BaseKey {
            directory: directory.clone(),
            unrestricted: root.unrestricted,
            charts: context.helpers.charts.is_some(),
        };
        let chart_namespace = self.namespace_for_charts();
        if let Some(cache) = cache {
            let known = cache
                .base(&key, chart_namespace, context.log.tree())
                .map_err(|error| Failure::unreadable(&directory, &error))?;
            if let Some(base) = known {
                return self.share(&root, &base);
            }
        }
        let (first_answer, first_node, first_warning) =
            (context.log.position(), context.nodes.borrow().len(), context.warnings.borrow().len());
        let outside = context.inherits_chart_namespace.replace(false);
        let target = self.open_target(root, path, role)?;
        if target.file.kustomization.kind == COMPONENT_KIND {
            let shown = readable_path(&directory);
            let message = format!("expected kind != '{COMPONENT_KIND}' for path '{shown}'");
            return Err(Failure::new("kustomize-kind", message)
                .in_file(&target.file.path)
                .hint("list it in `components` instead"));
        }
        let accumulated = target.accumulate(Accumulator::default()).map_err(|failure| {
            failure.context(format_args!("recursed accumulation of path '{}'", readable_path(&directory)))
        })?;
        if let Some(cache) = cache
            && context.is_shareable.get()
            && !context.lacks()
            && let Some(answers) = context.log.since(first_answer)
        {
            let nodes: Vec<Node> = context.nodes.borrow()[first_node..].to_vec();
            let inherits = context.inherits_chart_namespace.get();
            let base = Base {
                chart_namespace: inherits.then(|| chart_namespace.to_owned()),
                answers: without_repeats(answers),
                accumulated: accumulated.clone(),
                nodes: nodes
                    .into_iter()
                    .map(|node| moved(node, |index| index.checked_sub(first_node)))
                    .collect(),
                warnings: context.warnings.borrow()[first_warning..].to_vec(),
            };
            cache.keep_base(key, base);
        }
        if outside {
            context.inherits_chart_namespace.set(true);
        }
        Ok(Gathered { directory, accumulated })
    }

    /// Takes over what another build gathered.
    fn share(&self, root: &Root<'a>, base: &Arc<Base>) -> Result<Gathered, Failure> {
        for node in base.nodes.iter().skip(1) {
            // It was no cycle for the build that it comes from; it may be one here.
            let checked = match &node.remote {
                Some(url) => root.check_cycle_of_urls(url),
                None => root.check_cycle(&node.directory),
            };
            checked.map_err(|failure| {
                let directory = readable_path(&root.directory);
                failure.context(format_args!("recursed accumulation of path '{directory}'"))
            })?;
        }
        let context = self.context;
        if base.chart_namespace.is_some() {
            context.inherits_chart_namespace.set(true);
        }
        context.log.extend(&base.answers);
        context.note_kinds(&base.accumulated.resources);
        let mut nodes = context.nodes.borrow_mut();
        let first = nodes.len();
        for node in &base.nodes {
            let mut node = moved(node.clone(), |index| Some(index + first));
            if node.used_by.is_none() {
                node.used_by = Some(self.node);
                node.remote = root.url().map(str::to_owned);
            }
            nodes.push(node);
        }
        let mut warnings: std::cell::RefMut<'_, Vec<Problem>> = context.warnings.borrow_mut();
        warnings.extend(base.warnings.iter().cloned());
        Ok(Gathered { directory: root.directory.clone(), accumulated: base.accumulated.clone() })
    }

    /// The resources of a file, parsed once for all builds that share a cache.
    pub(crate) fn read_resources(
        &self,
        file: &RepoPath,
        content: &bytes::Bytes,
    ) -> Result<Arc<Vec<Resource>>, Failure> {
        let cache = self.context.helpers.cache;
        if let Some(resources) = cache.and_then(|cache| cache.file(file, content)) {
            self.context.note_kinds(&*resources);
            return Ok(resources);
        }
        let resources = Arc::new(load::resources(content, file)?);
        self.context.note_kinds(&*resources);
        if let Some(cache) = cache {
            cache.keep_file(file, content.clone(), Arc::clone(&resources));
        }
        Ok(resources)
    }

    fn note_origin(&self, resources: &mut [Resource], path: &str) {
        if let Some(origin) = &self.origin {
            let text = origin.append(path).text();
            for resource in resources {
                resource.set_annotation(ORIGIN, text.clone());
            }
        }
    }
}

struct Gathered {
    directory: RepoPath,
    accumulated: Accumulator,
}

/// A node whose user is found by other numbers.
fn moved(mut node: Node, number: impl Fn(usize) -> Option<usize>) -> Node {
    node.used_by = node.used_by.and_then(number);
    node
}

/// Answers without those that were given before.
fn without_repeats(answers: Vec<Answer>) -> Vec<Answer> {
    let mut kept: Vec<Answer> = Vec::with_capacity(answers.len());
    let mut seen = std::collections::HashSet::new();
    for answer in answers {
        if seen.insert(answer.question()) {
            kept.push(answer);
        }
    }
    kept
}

/// Kustomize tries a file that it cannot use as a directory, and says so, too.
fn not_a_directory(failure: Failure, file: &RepoPath) -> Failure {
    let message = format!(
        "accumulation err='{}': must build at directory: '{file}': file is not directory",
        failure.message()
    );
    failure.with_message(message)
}

/// A file that may not be read is the reason, not that it is no directory.
fn keep_security(failure: Failure, as_file: &Failure) -> Failure {
    if as_file.code() != "kustomize-security" {
        return failure;
    }
    let security = as_file.clone().with_message(failure.message());
    match failure.location() {
        Some(location) => security.at(location.clone()),
        None => security,
    }
}
