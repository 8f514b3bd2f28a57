//! Templates with common values: `*.yaml.j2`, `*.yml.j2` and `*.json.j2` of a directory.
//!
//! Values come from `common.yaml` of the repository root and of each folder down to the directory, then from
//! the source's values and assignments. A template sees them at the top level, with `application`,
//! `environment` and `namespace` besides, which win over values of the same name where they are known.
//!
//! `include`, `import` and `extends` name files inside the tree: first relative to the directory of the
//! template that names them, then relative to the root of the repository.

mod template;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};
use slipway_model::{ContentId, Location, Manifest, Problem, RepoPath, Tree};

use self::template::Template;
use super::plain;
use crate::bridge;
use crate::directory;
use crate::documents::Syntax;
use crate::engine::{Engine, RenderInputs, Rendered};
use crate::set::Null;
use crate::source::{EngineKind, Source};
use crate::values::{Layers, add_parameters, read_values_file};

/// The name of the files with common values.
const COMMON_VALUES: &str = "common.yaml";
/// What the name of a template ends with.
const TEMPLATE_SUFFIX: &str = ".j2";
/// Stack of the thread that evaluates: values and expressions that nest as deep as the other bounds allow are
/// taken apart on it. It is address space; memory is taken as it is used.
const STACK: usize = 512 << 20;

/// How many values files are kept decoded.
const MAX_KEPT_VALUES: usize = 1_024;

/// Renders a directory of templates; other manifests there are read as they are.
#[derive(Debug, Default)]
pub struct MinijinjaEngine {
    /// Decoded common values by the content of their file: a fleet shares most of them. Protects the map only;
    /// never held while the tree is asked.
    common: Mutex<HashMap<ContentId, Arc<Map<String, Value>>>>,
}

impl MinijinjaEngine {
    /// The values of a file with common values; `None` where there is none.
    fn common_values(&self, tree: &dyn Tree, file: &RepoPath) -> Result<Option<Map<String, Value>>, Problem> {
        let id = tree.content_id(file).map_err(|error| crate::problems::unreadable(file, &error))?;
        let Some(id) = id else { return Ok(None) };
        if let Some(known) = self.common.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Some(known.as_ref().clone()));
        }
        let values = read_values_file(tree, file)?;
        if let Some(values) = &values {
            let mut common = self.common.lock().unwrap_or_else(PoisonError::into_inner);
            if common.len() >= MAX_KEPT_VALUES {
                common.clear();
            }
            common.insert(id, Arc::new(values.clone()));
        }
        Ok(values)
    }

    /// The variables that a template sees.
    fn variables(
        &self,
        tree: &dyn Tree,
        directory: &RepoPath,
        source: &Source,
        inputs: &RenderInputs,
        problems: &mut Vec<Problem>,
    ) -> Value {
        let mut layers = Layers::default();
        let mut folders: Vec<RepoPath> = directory.ancestors().collect();
        folders.reverse();
        for folder in folders {
            let file = folder.child(COMMON_VALUES);
            match self.common_values(tree, &file) {
                Ok(Some(values)) => layers.push(file.as_str(), values),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        add_parameters(tree, source, Null::Delete, &mut layers, problems);
        let mut values = layers.merged();
        if let Some(instance) = &inputs.instance {
            values.insert("application".to_owned(), instance.application.as_str().into());
            values.insert("environment".to_owned(), instance.environment.as_str().into());
        }
        if let Some(namespace) = inputs.namespace.as_ref().or(source.parameters.namespace.as_ref()) {
            values.insert("namespace".to_owned(), namespace.as_str().into());
        }
        Value::Object(values)
    }
}

impl Engine for MinijinjaEngine {
    fn kind(&self) -> EngineKind {
        EngineKind::Minijinja
    }

    fn version(&self) -> String {
        // The version of the template language is part of the result.
        "minijinja/1+3".to_owned()
    }

    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        let mut problems = Vec::new();
        let wanted = |name: &str| {
            template_syntax(name).is_some() || (Syntax::of(name).is_some() && name != COMMON_VALUES)
        };
        let mut files = directory::files(tree, source, &wanted, &mut problems);
        files.retain(|file| !source.values.contains(file));
        let directory = match files.as_slice() {
            [only] if *only == source.path => source.path.parent().unwrap_or_default(),
            _ => source.path.clone(),
        };
        let values = self.variables(tree, &directory, source, inputs, &mut problems);
        if problems.iter().any(Problem::is_error) {
            return Rendered { manifests: Vec::new(), problems, ..Rendered::empty() };
        }
        let templates: Vec<Template> = files
            .iter()
            .filter_map(|file| {
                template_syntax(file.file_name()?).map(|syntax| Template { file: file.clone(), syntax })
            })
            .collect();
        let mut rendered = match render_templates(tree, templates, values, &directory) {
            Ok(rendered) => rendered.into_iter(),
            Err(problem) => {
                problems.push(problem);
                return Rendered { problems, ..Rendered::empty() };
            }
        };
        let mut manifests: Vec<Manifest> = Vec::new();
        for file in &files {
            if file.file_name().and_then(template_syntax).is_some() {
                if let Some((found, wrong)) = rendered.next() {
                    manifests.extend(found);
                    problems.extend(wrong);
                }
            } else {
                plain::read_file(tree, file, &mut manifests, &mut problems);
            }
        }
        Rendered { manifests, problems, ..Rendered::empty() }
    }
}

/// The syntax that a template produces, by its name; `None` for what is no template.
fn template_syntax(name: &str) -> Option<Syntax> {
    name.strip_suffix(TEMPLATE_SUFFIX).and_then(Syntax::of)
}

type FileResult = (Vec<Manifest>, Vec<Problem>);

fn render_templates(
    tree: &dyn Tree,
    templates: Vec<Template>,
    values: Value,
    directory: &RepoPath,
) -> Result<Vec<FileResult>, Problem> {
    if templates.is_empty() {
        return Ok(Vec::new());
    }
    let at = Location::file(directory);
    bridge::run(tree, STACK, move |remote| template::render_all(&remote, &templates, &values)).map_err(
        |error| Problem::error("engine-crashed", format!("the template engine failed: {error}")).at(at),
    )
}
