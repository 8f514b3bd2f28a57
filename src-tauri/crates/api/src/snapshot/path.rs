//! Rendering and syncing any folder: `--path`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use slipway_catalog::engine_detection;
use slipway_cluster::{Connection, ConnectionOptions};
use slipway_model::{EnvironmentName, NothingFetched, Problem, Reads, RepoPath, TreeError, WithRemotes};
use slipway_render::{ClusterSnapshot, EngineKind, Parameters, RenderInputs, Rendered, Source};
use slipway_store::Folders;
use slipway_workspace::Clusters;

use super::ClusterQuestion;
use crate::clusters::rendered_on;
use crate::disk_tree::DiskTree;
use crate::dto::ApiError;
use crate::error::{chain, error};
use crate::remotes::RemoteContent;

/// One source on disk, with what the command line adds to it. Paths may be relative to the working directory.
#[derive(Clone, Debug, Default)]
pub struct PathRequest {
    /// The folder, or the Jsonnet file.
    pub path: PathBuf,
    /// The root that nothing leads out of; by default the nearest parent that holds `.git`, else `/`.
    pub root: Option<PathBuf>,
    /// The engine; found out by default.
    pub engine: Option<EngineKind>,
    /// Values files in order.
    pub values: Vec<PathBuf>,
    /// `KEY=FILE` assignments.
    pub set_file: Vec<String>,
    /// Library folders of Jsonnet; the last is searched first.
    pub jpath: Vec<PathBuf>,
    /// Jsonnet: print one JSON value.
    pub raw: bool,
    /// Everything that names no file.
    pub parameters: Parameters,
}

/// What came of it.
pub struct PathRender {
    /// The render.
    pub rendered: Rendered,
    /// The JSON value, for `--raw`.
    pub raw: Option<String>,
    /// The engine that was used.
    pub engine: EngineKind,
}

impl PathRequest {
    /// Renders the source.
    ///
    /// # Errors
    /// When the path, the root or a named file is not there, or no engine fits. What is wrong inside the
    /// source is among the problems of the render.
    pub fn render(&self) -> Result<PathRender, ApiError> {
        self.render_with(None)
    }

    /// Renders the source with what a cluster says.
    ///
    /// # Errors
    /// As [`Self::render`], and where the cluster does not answer what templates ask.
    pub async fn render_on(&self, target: &ClusterQuestion) -> Result<PathRender, ApiError> {
        let whole = self.render()?;
        if whole.rendered.cluster.is_empty() {
            return Ok(whole);
        }
        let environment = EnvironmentName::new("path");
        let (source, context) = target.cluster_of(&environment, || None).await?;
        let options = ConnectionOptions::of_terminal();
        let connect = || Connection::from_kubeconfig(&source, context.as_deref(), options);
        let render = self.renderer();
        let without = Some(whole.rendered);
        let rendered = rendered_on(&environment, without, connect, move |clusters| render(clusters)).await?;
        Ok(PathRender { rendered, raw: whole.raw, engine: whole.engine })
    }

    /// Renders the source as often as clusters say more.
    pub(super) fn renderer(&self) -> Arc<dyn Fn(&Clusters) -> Rendered + Send + Sync> {
        let request = self.clone();
        Arc::new(move |clusters| {
            let cluster = clusters.of(&EnvironmentName::new("path")).cloned();
            match request.render_with(cluster) {
                Ok(answer) => answer.rendered,
                Err(failure) => {
                    let problem = Problem::error(&failure.code, failure.message);
                    Rendered::failed(vec![problem], Reads::default())
                }
            }
        })
    }

    fn render_with(&self, cluster: Option<Arc<ClusterSnapshot>>) -> Result<PathRender, ApiError> {
        let target = canonical(&self.path)?;
        let (tree, jpath) = self.tree(&target)?;
        let path = tree.inside(&target).ok_or_else(|| {
            error("outside-root", format!("{} lies outside the root", self.path.display()))
                .hint("give a `--root` that holds it")
        })?;
        let (engine, warning) = match self.engine {
            Some(engine) => (engine, None),
            None => detect(&tree, &path, &self.path)?,
        };
        let mut parameters = self.parameters.clone();
        parameters.jpath = jpath;
        parameters.set_file.clone_from(&self.set_file);
        parameters.named_files = named_files(&self.set_file);
        for file in &self.values {
            parameters.named_values.push((file.display().to_string(), read(file)?));
        }
        let source = Source { engine, path, values: Vec::new(), parameters };
        if self.raw && engine == EngineKind::Jsonnet {
            return Ok(raw(&tree, &source));
        }
        let engines = slipway_render::Engines::built_in();
        let inputs = RenderInputs { instance: None, namespace: self.parameters.namespace.clone(), cluster };
        let content = Folders::of_platform().map(|folders| RemoteContent::open(&folders).remotes());
        let tree = WithRemotes::new(tree, content.unwrap_or_else(|_| Arc::new(NothingFetched)));
        let mut rendered = slipway_render::render_source(&engines, &tree, &source, &inputs);
        rendered.problems.extend(warning);
        Ok(PathRender { rendered, raw: None, engine })
    }

    /// The tree, and the library folders as paths inside it. They may lie anywhere: where one lies outside the
    /// root, the root becomes `/`, which is read on demand and never listed.
    fn tree(&self, target: &Path) -> Result<(DiskTree, Vec<RepoPath>), ApiError> {
        let root = match &self.root {
            Some(root) => canonical(root)?,
            None => {
                let inside = |folder: &&Path| folder.join(".git").exists();
                target.ancestors().find(inside).unwrap_or_else(|| Path::new("/")).to_path_buf()
            }
        };
        let mut libraries = Vec::new();
        for folder in &self.jpath {
            libraries.push(canonical(folder)?);
        }
        let outside = libraries.iter().any(|path| !path.starts_with(&root));
        let root = if outside { PathBuf::from("/") } else { root };
        let tree = DiskTree::new(&root).map_err(|cause| {
            error("not-found", format!("the root {} cannot be read: {cause}", root.display()))
        })?;
        let inside = |path: &Path| {
            tree.inside(path)
                .ok_or_else(|| error("not-found", format!("{} has a name that is no text", path.display())))
        };
        let jpath = libraries.iter().map(|path| inside(path)).collect::<Result<_, _>>()?;
        Ok((tree, jpath))
    }
}

fn detect(tree: &DiskTree, path: &RepoPath, named: &Path) -> Result<(EngineKind, Option<Problem>), ApiError> {
    let detected = engine_detection::detect(tree, path)
        .map_err(|failure: TreeError| error("not-found", chain(&failure)))?
        .ok_or_else(|| {
            error("nothing-to-render", format!("{} holds nothing that can be rendered", named.display()))
                .hint(
                    "expected a chart, a kustomization, *.yaml.j2 templates, a Jsonnet program or manifests",
                )
        })?;
    Ok((detected.engine, detected.problem))
}

fn raw(tree: &DiskTree, source: &Source) -> PathRender {
    let evaluation = slipway_render::engines::JsonnetEngine::default().evaluate(tree, source);
    let mut problems = evaluation.traces;
    let raw = match evaluation.json {
        Ok(json) => Some(json),
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let rendered = Rendered { problems, ..Rendered::empty() };
    PathRender { rendered, raw, engine: EngineKind::Jsonnet }
}

fn canonical(path: &Path) -> Result<PathBuf, ApiError> {
    fs::canonicalize(path)
        .map_err(|cause| error("not-found", format!("{} cannot be read: {cause}", path.display())))
}

fn read(file: &Path) -> Result<String, ApiError> {
    fs::read_to_string(file).map_err(|cause| {
        let file = file.display();
        match cause.kind() {
            std::io::ErrorKind::NotFound => {
                error("not-found", format!("open {file}: no such file or directory"))
                    .hint("relative files are looked for in the working directory")
            }
            _ => error("not-found", format!("{file} cannot be read: {cause}")),
        }
    })
}

/// The files that `--set-file` names, relative to the working directory. One that cannot be read is left out: the
/// engine says then that it is missing.
fn named_files(assignments: &[String]) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for assignment in assignments {
        let mut take = |name: &str| {
            if let Ok(content) = fs::read_to_string(name) {
                files.push((name.to_owned(), content));
            }
            Ok(name.to_owned())
        };
        // An assignment that cannot be read is an error of the render.
        let _ = slipway_render::set::rename_files(assignment, &mut take);
    }
    files
}
