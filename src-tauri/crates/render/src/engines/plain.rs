//! Manifests as they are, read as Argo CD's directory source reads them.

use slipway_model::{Manifest, Problem, RepoPath, Tree};

use super::jsonnet::JsonnetEngine;
use crate::directory;
use crate::documents::{self, Purpose, SKIP_MARKER, Syntax};
use crate::engine::{Engine, RenderInputs, Rendered};
use crate::source::{EngineKind, Source};

/// What the name of a Jsonnet program ends with.
const PROGRAM_SUFFIX: &str = ".jsonnet";

/// Reads the manifests of a directory, or of one file.
///
/// Files are those whose name ends in `.yaml`, `.yml` or `.json`, in the order of their names; programs
/// (`.jsonnet`) among them are evaluated, and must yield an object or an array of objects. Directories below are read with `recurse`; `include` and `exclude` apply to the path below the directory.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainEngine;

impl Engine for PlainEngine {
    fn kind(&self) -> EngineKind {
        EngineKind::Plain
    }

    fn version(&self) -> String {
        format!("plain/1+{}", JsonnetEngine::default().version())
    }

    fn render(&self, tree: &dyn Tree, source: &Source, _inputs: &RenderInputs) -> Rendered {
        let mut problems = Vec::new();
        let mut manifests = Vec::new();
        let wanted = |name: &str| Syntax::of(name).is_some() || name.ends_with(PROGRAM_SUFFIX);
        for file in directory::files(tree, source, &wanted, &mut problems) {
            if file.as_str().ends_with(PROGRAM_SUFFIX) {
                let program = Source { path: file, ..source.clone() };
                JsonnetEngine::default().render_manifests(tree, &program, &mut manifests, &mut problems);
            } else {
                read_file(tree, &file, &mut manifests, &mut problems);
            }
        }
        Rendered { manifests, problems, ..Rendered::empty() }
    }
}

/// Reads one file. A file that is named by the source itself is YAML whatever its name.
pub(crate) fn read_file(
    tree: &dyn Tree,
    file: &RepoPath,
    manifests: &mut Vec<Manifest>,
    problems: &mut Vec<Problem>,
) {
    let bytes = match tree.read(file) {
        Ok(Some(bytes)) => bytes,
        // A link to a directory or a dead link: Argo CD's walk passes it by.
        Ok(None) => {
            problems.push(
                Problem::warning("not-a-manifest", "a link that leads to no file; it is left out")
                    .at(slipway_model::Location::file(file)),
            );
            return;
        }
        Err(error) => {
            problems.push(crate::problems::unreadable(file, &error));
            return;
        }
    };
    let text = match slipway_yaml::text(&bytes) {
        Ok(text) => text,
        Err(error) => {
            problems.push(error.problem(file));
            return;
        }
    };
    if text.contains(SKIP_MARKER) {
        return;
    }
    let syntax = file.file_name().and_then(Syntax::of).unwrap_or(Syntax::Yaml);
    manifests.extend(documents::read_manifests(file, &text, syntax, Purpose::File, problems));
}
