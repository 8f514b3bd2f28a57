//! Jsonnet programs.
//!
//! The evaluator is behind a trait, because its library is a pre-release and may be replaced. What a program
//! yields becomes manifests here: without an instance (one path on the command line) a top-level array gives
//! a document for each item and anything else one document; for an instance also nested arrays, `List`
//! objects and objects whose values are keyed by file name are opened.
//!
//! Differences from go-jsonnet v0.22 that remain, because operators belong to the library: fractions that become
//! text by `+` or `%` have the shortest digits (`'' + 1.42` is `1.42`, not `1.4199999999999999`); numbers that
//! differ by rounding only compare equal (`0.1 + 0.2 == 0.3`); a text times a number is a text; an unused argument of
//! a `tailstrict` call is not evaluated. Calls through `tailstrict` count as nested, so calls may nest deeper than in
//! go-jsonnet; `std.thisFile` is the path from the root of the tree.
//!
//! Bounds: the depth of calls and the native stack are limited, the number of steps is not, because the
//! library offers no hook for it; who evaluates untrusted programs does so in a process that can be stopped.

mod comprehension;
mod escapes;
mod jrsonnet;
mod library;
mod nesting;
mod position;
mod resolver;
mod token;

use std::sync::Arc;

use serde_json::Value;
use slipway_model::{Location, Manifest, Origin, Problem, RepoPath, Tree};

use super::plain::PlainEngine;
use crate::documents;
use crate::engine::{Engine, Fidelity, RenderInputs, Rendered};
use crate::source::{EngineKind, Parameters, Source};
use crate::values::kind_name;

pub use self::jrsonnet::Jrsonnet;

/// The program of a directory.
const MAIN: &str = "main.jsonnet";
/// How deep objects may nest before a manifest is found in them.
const MAX_DEPTH: usize = 32;

/// Evaluates Jsonnet programs.
pub trait JsonnetEvaluator: Send + Sync {
    /// Name and version.
    fn version(&self) -> String;

    /// Evaluates the program `file` with the external variables, top-level arguments and library directories
    /// of `parameters`. Imports name files of the tree: relative to the importing file, then in the library
    /// directories, the last one first.
    fn evaluate(&self, tree: &dyn Tree, file: &RepoPath, parameters: &Parameters) -> Evaluation;
}

/// What a program yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The value as JSON text, or why there is none.
    pub json: Result<String, Problem>,
    /// What the program said with `std.trace`.
    pub traces: Vec<Problem>,
}

/// Renders Jsonnet programs: a file, `main.jsonnet` or the only program of a directory; a directory of several
/// programs is read as the plain engine reads it.
#[derive(Clone)]
pub struct JsonnetEngine {
    evaluator: Arc<dyn JsonnetEvaluator>,
}

impl Default for JsonnetEngine {
    fn default() -> Self {
        Self::new(Arc::new(Jrsonnet))
    }
}

impl JsonnetEngine {
    /// An engine on another evaluator.
    #[must_use]
    pub fn new(evaluator: Arc<dyn JsonnetEvaluator>) -> Self {
        Self { evaluator }
    }

    /// The value of a program as JSON text: what `--raw` prints.
    #[must_use]
    pub fn evaluate(&self, tree: &dyn Tree, source: &Source) -> Evaluation {
        match program(tree, &source.path) {
            Ok(file) => self.evaluator.evaluate(tree, &file, &source.parameters),
            Err(problem) => Evaluation { json: Err(problem), traces: Vec::new() },
        }
    }

    /// The file of the program and its value; a problem where there is none.
    fn value(
        &self,
        tree: &dyn Tree,
        source: &Source,
        problems: &mut Vec<Problem>,
    ) -> Option<(RepoPath, Value)> {
        let value = program(tree, &source.path).and_then(|file| {
            let evaluation = self.evaluator.evaluate(tree, &file, &source.parameters);
            problems.extend(evaluation.traces);
            let value = parse(&evaluation.json?, &file)?;
            Ok((file, value))
        });
        value.map_err(|problem| problems.push(problem)).ok()
    }

    /// Adds the manifests in the value of a program.
    pub(super) fn render_manifests(
        &self,
        tree: &dyn Tree,
        source: &Source,
        manifests: &mut Vec<Manifest>,
        problems: &mut Vec<Problem>,
    ) {
        let Some((file, value)) = self.value(tree, source, problems) else { return };
        Opening { file: &file, before: manifests.len(), manifests, problems }.open(value, "", 0);
    }
}

impl Engine for JsonnetEngine {
    fn kind(&self) -> EngineKind {
        EngineKind::Jsonnet
    }

    fn version(&self) -> String {
        format!("jsonnet/1+{}", self.evaluator.version())
    }

    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        if is_plain_directory(tree, &source.path) {
            return PlainEngine.render(tree, source, inputs);
        }
        let (mut manifests, mut problems) = (Vec::new(), Vec::new());
        if inputs.instance.is_some() {
            self.render_manifests(tree, source, &mut manifests, &mut problems);
        } else if let Some((file, value)) = self.value(tree, source, &mut problems) {
            manifests = documents_of(value, &file);
        }
        Rendered { manifests, problems, fidelity: Fidelity::exact(), ..Rendered::empty() }
    }
}

fn parse(json: &str, file: &RepoPath) -> Result<Value, Problem> {
    serde_json::from_str(json).map_err(|error| {
        Problem::error("jsonnet-output", format!("the result cannot be read: {error}"))
            .at(Location::file(file))
    })
}

/// The file of a program: the path itself, or `main.jsonnet` of the directory, or its only program.
fn program(tree: &dyn Tree, path: &RepoPath) -> Result<RepoPath, Problem> {
    let main = path.child(MAIN);
    for candidate in [path, &main] {
        match tree.read(candidate) {
            Ok(Some(_)) => return Ok(candidate.clone()),
            Ok(None) => {}
            Err(error) => return Err(crate::problems::unreadable(candidate, &error)),
        }
    }
    if let [only] = programs(tree, path)?.as_slice() {
        return Ok(only.clone());
    }
    Err(Problem::error("no-such-path", format!("`{path}` is no Jsonnet program and holds no `{MAIN}`"))
        .at(Location::file(path)))
}

/// The programs of a directory, in the order of their names.
fn programs(tree: &dyn Tree, directory: &RepoPath) -> Result<Vec<RepoPath>, Problem> {
    let entries = tree.list(directory).map_err(|error| crate::problems::unreadable(directory, &error))?;
    let names = entries.into_iter().flatten().map(|entry| entry.name);
    Ok(names.filter(|name| name.ends_with(".jsonnet")).map(|name| directory.child(&name)).collect())
}

/// Whether a path is a directory that Argo CD would render as such: programs, none of which is the main one.
fn is_plain_directory(tree: &dyn Tree, path: &RepoPath) -> bool {
    matches!(tree.read(&path.child(MAIN)), Ok(None))
        && programs(tree, path).is_ok_and(|found| found.len() > 1)
}

fn documents_of(value: Value, file: &RepoPath) -> Vec<Manifest> {
    let items = match value {
        Value::Array(items) => items,
        other => vec![other],
    };
    items
        .into_iter()
        .enumerate()
        .map(|(document, item)| Manifest::new(item, Origin { file: file.clone(), document, line: None }))
        .collect()
}

/// Looks for manifests in the result of a program.
struct Opening<'a> {
    file: &'a RepoPath,
    /// How many manifests other files gave.
    before: usize,
    manifests: &'a mut Vec<Manifest>,
    problems: &'a mut Vec<Problem>,
}

impl Opening<'_> {
    fn open(&mut self, value: Value, path: &str, depth: usize) {
        if depth > MAX_DEPTH {
            self.refuse(path, &format!("values nest deeper than {MAX_DEPTH} without a manifest"));
            return;
        }
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for (index, item) in items.into_iter().enumerate() {
                    self.open(item, &format!("{path}/{index}"), depth + 1);
                }
            }
            Value::Object(object) if object.contains_key("apiVersion") || object.contains_key("kind") => {
                let origin = Origin {
                    file: self.file.clone(),
                    document: self.manifests.len() - self.before,
                    line: None,
                };
                if let Err(missing) = documents::add_object(Value::Object(object), &origin, self.manifests) {
                    self.refuse(path, &missing);
                }
            }
            Value::Object(object) => {
                let mut entries: Vec<(String, Value)> = object.into_iter().collect();
                entries.sort_by(|left, right| left.0.cmp(&right.0));
                for (key, item) in entries {
                    self.open(item, &format!("{path}/{key}"), depth + 1);
                }
            }
            other => self.refuse(path, &format!("expected a map or a list, found {}", kind_name(&other))),
        }
    }

    fn refuse(&mut self, path: &str, why: &str) {
        let path = if path.is_empty() { "the result" } else { path };
        self.problems.push(
            Problem::error("not-a-manifest", format!("{path} is no manifest: {why}"))
                .hint("yield an object with `apiVersion` and `kind`, or lists and maps of such objects")
                .at(Location::file(self.file)),
        );
    }
}
