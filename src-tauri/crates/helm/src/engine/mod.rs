//! Renders the templates of a chart and of the charts in it: package `helm.sh/helm/v3/pkg/engine`.

mod api_versions;
mod encode;
pub(crate) mod files;
pub(crate) mod functions;
pub(crate) mod glob;
pub(crate) mod objects;
mod toml;
mod yaml;

pub(crate) use encode::json_value;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use slipway_gotmpl::trace::Tracer;
use slipway_gotmpl::{ExecError, LimitReached, Map, MissingKey, Str, TemplateSet, Value, execute, types};
use slipway_model::RepoPath;

use crate::failure::{Failure, code};
use crate::node::Node;
use crate::options::{Limits, Mode, Options};
use crate::values::{VALUES, put, table_at};
use functions::Host;

/// A template of a render.
pub(crate) struct Renderable {
    pub(crate) text: Bytes,
    /// Where it lies in the tree.
    pub(crate) path: RepoPath,
    data: Map,
    base_path: String,
}

/// The templates of a render by name: `parent/charts/child/templates/service.yaml`.
pub(crate) type Renderables = BTreeMap<String, Renderable>;

/// What templates print: by name, in the order of execution.
pub(crate) type Printed = Vec<(String, Vec<u8>)>;

/// What every chart of a render sees.
pub(crate) struct Scope {
    pub(crate) values: Map,
    pub(crate) release: Value,
    pub(crate) capabilities: Value,
    /// The files of the root chart, where they are read apart from the chart.
    pub(crate) root_files: Option<Value>,
}

/// Gathers the templates of a chart and of all charts in it, each with its data.
pub(crate) fn gather(root: &Rc<Node>, scope: &Scope) -> Renderables {
    let mut templates = Renderables::new();
    gather_level(root, scope, None, &mut templates);
    templates
}

fn gather_level(node: &Rc<Node>, scope: &Scope, parent: Option<&Map>, templates: &mut Renderables) -> Map {
    let values = match parent {
        None => Value::Map(scope.values.clone()),
        Some(parent) => match table_at(parent, &format!("Values.{}", node.name())) {
            Ok(values) => Value::Map(values.retyped(VALUES)),
            Err(_) => Value::Map(Map::of(VALUES)),
        },
    };
    let files = match (&scope.root_files, parent) {
        (Some(files), None) => files.clone(),
        _ => files::value(node.chart.shared_files.iter()),
    };
    let subcharts = Map::of(types::MAP);
    let data = Map::of(VALUES);
    put(&data, "Chart", objects::chart(node));
    put(&data, "Files", files);
    put(&data, "Release", scope.release.clone());
    put(&data, "Capabilities", scope.capabilities.clone());
    put(&data, "Values", values);
    put(&data, "Subcharts", subcharts.clone());
    for child in node.children().iter() {
        let inner = gather_level(child, scope, Some(&data), templates);
        put(&subcharts, child.name().as_str(), inner.retyped(types::MAP));
    }
    let full_path = node.full_path();
    let base_path = format!("{full_path}/templates");
    let library = node.chart.metadata.is_library();
    for file in &node.chart.templates {
        if library && !is_partial(&file.name) {
            continue;
        }
        let renderable = Renderable {
            text: file.data.clone(),
            path: node.chart.path(&file.name),
            data: data.clone(),
            base_path: base_path.clone(),
        };
        templates.insert(format!("{full_path}/{}", file.name), renderable);
    }
    data
}

/// Whether a template only defines what others include.
pub(crate) fn is_partial(name: &str) -> bool {
    name.rsplit('/').next().unwrap_or(name).starts_with('_')
}

/// The order in which templates are parsed and executed: the deepest first, then the last by name.
pub(crate) fn order(templates: &Renderables) -> Vec<&String> {
    let mut names: Vec<&String> = templates.keys().collect();
    let depth = |name: &str| name.bytes().filter(|byte| *byte == b'/').count();
    names.sort_by(|left, right| depth(right).cmp(&depth(left)).then_with(|| right.cmp(left)));
    names
}

/// Parses all templates into one set.
pub(crate) fn parse(templates: &Renderables) -> Result<TemplateSet, Failure> {
    let mut set = TemplateSet::new("gotpl", functions::functions());
    for name in order(templates) {
        let renderable = &templates[name];
        if let Err(error) = set.parse(name, &renderable.text) {
            let whole = error.to_string();
            let mut parts = whole.split(": ");
            let location = parts.nth(1).unwrap_or(name).to_owned();
            let message = whole.rsplit(": ").next().unwrap_or("").to_owned();
            let line = u32::try_from(error.line).unwrap_or(u32::MAX);
            let text = String::from_utf8_lossy(&renderable.text);
            return Err(Failure::new(code::TEMPLATE, format!("parse error at ({location}): {message}"))
                .at_text(renderable.path.as_str(), &text, line, 1));
        }
    }
    Ok(set)
}

/// Executes all templates that are no partials.
pub(crate) fn run(
    set: &TemplateSet,
    templates: &Renderables,
    host: &Host,
    options: &Options,
) -> Result<Printed, Failure> {
    run_traced(set, templates, host, options, None)
}

/// As [`run`], up to the template of a name, whose pieces a tracer is told of.
pub(crate) fn run_traced<'a>(
    set: &'a TemplateSet,
    templates: &Renderables,
    host: &'a Host,
    options: &'a Options,
    traced: Option<(&str, &'a dyn Tracer)>,
) -> Result<Printed, Failure> {
    let fuel = Cell::new(options.limits.steps);
    let execution = slipway_gotmpl::Options {
        missing_key: match options.mode {
            Mode::Strict => MissingKey::Error,
            Mode::Normal | Mode::Lint => MissingKey::Zero,
        },
        limits: slipway_gotmpl::Limits { size: options.limits.output, ..slipway_gotmpl::Limits::default() },
        cancelled: options.cancelled.as_deref(),
        host: Some(host),
        fuel: Some(&fuel),
        ..slipway_gotmpl::Options::default()
    };
    let mut printed = Printed::new();
    let mut size = 0;
    for name in order(templates) {
        if is_partial(name) {
            continue;
        }
        let renderable = &templates[name];
        let about = Map::of(VALUES);
        put(&about, "Name", name.as_str());
        put(&about, "BasePath", renderable.base_path.as_str());
        put(&renderable.data, "Template", about);
        let data = Value::Map(renderable.data.clone());
        let last = traced.is_some_and(|(wanted, _)| wanted == name);
        let tracer = traced.filter(|_| last).map(|(_, tracer)| tracer);
        match execute(set, name, &data, &slipway_gotmpl::Options { tracer, ..execution }) {
            // The places of pieces are those of what was printed, missing values included.
            Ok(text) if last => return Ok(vec![(name.clone(), text)]),
            Ok(text) => {
                let text = match memchr::memmem::find(&text, b"<no value>") {
                    None => text,
                    Some(_) => functions::without_no_value(Str::from(text)).to_vec(),
                };
                size += text.len();
                if size > options.limits.output {
                    return Err(too_large(&options.limits, renderable));
                }
                printed.push((name.clone(), text));
            }
            Err(failure) => return Err(execution_failure(name, &failure.error, templates)),
        }
    }
    Ok(printed)
}

fn too_large(limits: &Limits, renderable: &Renderable) -> Failure {
    let message = format!("the templates print more than the limit of {} bytes", limits.output);
    Failure::new(code::LIMIT, message).at(slipway_model::Location::file(&renderable.path))
}

/// What Helm makes of the error of an execution.
fn execution_failure(name: &str, error: &ExecError, templates: &Renderables) -> Failure {
    let code = match error.root().limit.or(error.limit) {
        Some(_) => code::LIMIT,
        None => code::TEMPLATE,
    };
    let mut failure = Failure::new(code, message(name, error));
    if error.root().limit == Some(LimitReached::Fuel) {
        failure =
            failure.hint("look for a `range` over a huge list, or for templates that include each other");
    }
    // The innermost place in a file: what `tpl` executes is in none.
    let mut place = error;
    let mut next = Some(error);
    while let Some(inner) = next {
        if inner.line > 0 && templates.contains_key(&*inner.file) {
            place = inner;
        }
        next = inner.inner.as_deref();
    }
    match templates.get(&*place.file) {
        None => failure,
        Some(renderable) => {
            let text = String::from_utf8_lossy(&renderable.text);
            let line = u32::try_from(place.line).unwrap_or(u32::MAX);
            let column = column(&text, place.line, place.column);
            failure.at_text(renderable.path.as_str(), &text, line, column)
        }
    }
}

/// A column in characters from 1, of one in bytes from 0.
pub(crate) fn column(text: &str, line: usize, bytes: usize) -> u32 {
    let content = text.split('\n').nth(line.saturating_sub(1)).unwrap_or("");
    let characters = content.char_indices().take_while(|(at, _)| *at < bytes).count();
    u32::try_from(characters + 1).unwrap_or(u32::MAX)
}

fn message(name: &str, error: &ExecError) -> String {
    if !error.located {
        return error.text.clone();
    }
    let mut parts = error.text.splitn(3, ": ");
    let (Some(_), Some(location), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return format!("execution error in ({name}): {}", error.text);
    };
    let marked = rest.find(functions::MARK_START).zip(rest.rfind(functions::MARK_END));
    match marked {
        Some((start, end)) if start + functions::MARK_START.len() <= end => {
            format!("execution error at ({location}): {}", &rest[start + functions::MARK_START.len()..end])
        }
        _ => error.text.clone(),
    }
}

/// The value of `.Release`.
pub(crate) fn release(options: &Options) -> Value {
    let release = Map::of(types::MAP);
    put(&release, "Name", options.release.as_str());
    put(&release, "Namespace", options.namespace.as_str());
    put(&release, "IsUpgrade", options.is_upgrade);
    put(&release, "IsInstall", !options.is_upgrade);
    put(&release, "Revision", Value::Int(options.revision.max(1)));
    put(&release, "Service", "Helm");
    Value::Map(release)
}

/// A set of templates that renders share.
pub(crate) type SharedSet = Arc<TemplateSet>;
