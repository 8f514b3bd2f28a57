//! One template: rendering it, and saying where in it something is wrong.

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{AutoEscape, Environment, Error, ErrorKind, OutputSpan, OutputSpanKind, UndefinedBehavior};
use slipway_model::{Location, Manifest, Problem, RepoPath};

use crate::bridge::RemoteTree;
use crate::documents::{Purpose, Syntax, read_manifests};
use crate::problems::place_of;

/// How many steps one template may take: loops, expressions, includes.
const FUEL: u64 = 2_000_000;
/// How deep includes, macros and blocks may nest.
const RECURSION: usize = 100;
/// How many bytes one tag may have.
const MAX_TAG: usize = 64 << 10;
/// How many bytes one template may produce.
const MAX_OUTPUT: usize = 16 << 20;
/// Stands before a name that leads out of the tree; no path of a tree begins with it.
const OUTSIDE: &str = "\u{1}";

/// A template of the directory.
pub(super) struct Template {
    /// The file.
    pub(super) file: RepoPath,
    /// What its text is.
    pub(super) syntax: Syntax,
}

/// Renders all templates of a directory with one environment, so that what they share is parsed once.
pub(super) fn render_all(
    tree: &RemoteTree,
    templates: &[Template],
    values: &serde_json::Value,
) -> Vec<(Vec<Manifest>, Vec<Problem>)> {
    let files = Files { tree: tree.clone(), texts: Arc::default() };
    let environment = environment(&files);
    let context = minijinja::Value::from(minijinja::value::Serde(values));
    templates.iter().map(|template| render(&environment, &files, template, &context)).collect()
}

fn environment(files: &Files) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    let loader = files.clone();
    environment.set_loader(move |name| loader.load(name));
    let resolver = files.clone();
    environment.set_path_join_callback(move |name, parent| Cow::Owned(resolver.resolve(name, parent)));
    environment
}

fn render(
    environment: &Environment<'_>,
    files: &Files,
    template: &Template,
    context: &minijinja::Value,
) -> (Vec<Manifest>, Vec<Problem>) {
    let name = template.file.as_str();
    let mut output = Limited { bytes: Vec::new(), is_full: false };
    let result = environment
        .get_template(name)
        .and_then(|compiled| compiled.render_captured_to(context.clone(), &mut output).map(|_| ()));
    if output.is_full {
        let problem =
            Problem::error("template-limit", format!("the template produces more than {MAX_OUTPUT} bytes"))
                .at(Location::file(&template.file));
        return (Vec::new(), vec![problem]);
    }
    if let Err(error) = result {
        return (Vec::new(), vec![template_problem(&error, files, template)]);
    }
    let text = String::from_utf8_lossy(&output.bytes);
    let mut problems = Vec::new();
    let mut manifests =
        read_manifests(&template.file, &text, template.syntax, Purpose::Template, &mut problems);
    for manifest in &mut manifests {
        // The line is one of the rendered text, not of the template.
        manifest.origin.line = None;
    }
    if !problems.is_empty() {
        // Rendering again with positions costs twice, so it is done only where a position is needed.
        let spans = environment
            .get_template(name)
            .and_then(|compiled| compiled.render_with_spans(context.clone()))
            .map_or_else(|_| Vec::new(), |(_, spans)| spans);
        for problem in &mut problems {
            move_into_template(problem, &text, &spans, files);
        }
    }
    (manifests, problems)
}

/// Turns a place in the rendered text into the place in the template that produced it.
fn move_into_template(problem: &mut Problem, text: &str, spans: &[OutputSpan], files: &Files) {
    let Some(location) = &mut problem.location else { return };
    let Some(line) = location.line.take() else { return };
    let column = location.column.take().unwrap_or(1);
    problem.message = format!("{} (line {line} of the rendered text)", problem.message);
    let offset = offset_of(text, line, column);
    let Some(span) = spans.iter().find(|span| span.output_range().contains(&offset)).or(spans.last()) else {
        return;
    };
    let (source_line, source_column) = match (span.kind(), files.text(span.name())) {
        (OutputSpanKind::Raw, Some(source)) => {
            let within = offset.saturating_sub(span.output_range().start);
            place_of(&source, (span.source_range().start + within).min(span.source_range().end))
        }
        (_, Some(source)) => place_of(&source, span.source_range().start),
        _ => (u32::try_from(span.line()).unwrap_or(u32::MAX), 1),
    };
    *location =
        Location { file: span.name().to_owned(), line: Some(source_line), column: Some(source_column) };
}

fn offset_of(text: &str, line: u32, column: u32) -> usize {
    let mut start = 0;
    for (number, content) in (1u32..).zip(text.split_inclusive('\n')) {
        if number == line {
            let within = content
                .trim_end_matches('\n')
                .char_indices()
                .nth(column.saturating_sub(1) as usize)
                .map_or_else(|| content.trim_end_matches('\n').len().saturating_sub(1), |(index, _)| index);
            return start + within;
        }
        start += content.len();
    }
    text.len().saturating_sub(1)
}

fn template_problem(error: &Error, files: &Files, template: &Template) -> Problem {
    // The innermost error that knows a template: an include wraps the error of what it includes.
    let mut innermost = error;
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(inner) = source.downcast_ref::<Error>().filter(|inner| inner.name().is_some()) {
            innermost = inner;
        }
        next = source.source();
    }
    let code = match innermost.kind() {
        ErrorKind::SyntaxError => "template-syntax",
        ErrorKind::UndefinedError => "undefined-variable",
        ErrorKind::OutOfFuel => "template-limit",
        ErrorKind::TemplateNotFound => "template-not-found",
        _ => "template-error",
    };
    let kind = innermost.kind();
    let mut message = match (kind, innermost.detail()) {
        (ErrorKind::OutOfFuel, _) => format!("the template takes more than {FUEL} steps"),
        (ErrorKind::SyntaxError | ErrorKind::UndefinedError, Some(detail)) => format!("{kind}: {detail}"),
        (_, Some(detail)) => detail.replace(OUTSIDE, ""),
        (_, None) => kind.to_string(),
    };
    let name = innermost.name().unwrap_or(template.file.as_str());
    // What is undefined: the library names it where it can, else the source text of the expression does.
    if kind == ErrorKind::UndefinedError
        && innermost.detail().is_none()
        && let (Some(range), Some(source)) = (innermost.range(), files.text(name))
        && let Some(expression) = source.get(range)
    {
        message = format!("{message}: `{expression}`");
    }
    if name != template.file.as_str() {
        message = format!("{message} (used by {})", template.file);
    }
    let location = match (innermost.line(), innermost.range(), files.text(name)) {
        (_, Some(range), Some(source)) => {
            let (line, column) = place_of(&source, range.start);
            Location { file: name.to_owned(), line: Some(line), column: Some(column) }
        }
        (line, _, _) => Location {
            file: name.to_owned(),
            line: line.and_then(|line| u32::try_from(line).ok()),
            column: None,
        },
    };
    let problem = Problem::error(code, message).at(location);
    match kind {
        ErrorKind::UndefinedError => problem.hint(
            "set it in a `common.yaml` between the root of the repository and this directory, or use \
             `| default(…)`",
        ),
        ErrorKind::TemplateNotFound => problem
            .hint("names are relative to the directory of the template, then to the root of the repository"),
        _ => problem,
    }
}

/// The files that templates name.
#[derive(Clone)]
struct Files {
    tree: RemoteTree,
    /// Protects the map only; never held while the tree is asked.
    texts: Arc<Mutex<HashMap<String, Option<Arc<str>>>>>,
}

impl Files {
    fn text(&self, name: &str) -> Option<Arc<str>> {
        self.read(name).ok().flatten()
    }

    fn read(&self, name: &str) -> Result<Option<Arc<str>>, Error> {
        if let Some(known) = self.texts.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(known.clone());
        }
        let Ok(path) = RepoPath::new(name) else { return Ok(None) };
        let text = self
            .tree
            .read(&path)
            .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))?
            .map(|bytes| Arc::from(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}')));
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), text.clone());
        Ok(text)
    }

    /// The text of a template for the library, which calls itself for every operator in a row.
    fn load(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(outside) = name.strip_prefix(OUTSIDE) {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("`{outside}` leads out of the repository"),
            ));
        }
        let text = self.read(name)?.map(|text| text.to_string());
        if let Some(line) = text.as_deref().and_then(line_of_long_tag) {
            return Err(Error::new(
                ErrorKind::SyntaxError,
                format!("{name}:{line}: a tag is longer than {MAX_TAG} bytes"),
            ));
        }
        Ok(text)
    }

    /// The path of a name in a template: beside the template if something is there, else from the root.
    fn resolve(&self, name: &str, parent: &str) -> String {
        let directory = RepoPath::new(parent).ok().and_then(|path| path.parent()).unwrap_or_default();
        let candidates = [directory.join(name), RepoPath::root().join(name)];
        let found = candidates.iter().flatten().find(|path| self.text(path.as_str()).is_some());
        match found.or(candidates.iter().flatten().next()) {
            Some(path) => path.as_str().to_owned(),
            None => format!("{OUTSIDE}{name}"),
        }
    }
}

/// The line of the first `{{ … }}` or `{% … %}` that is too long.
fn line_of_long_tag(text: &str) -> Option<u32> {
    let mut offset = 0;
    while let Some(found) = text[offset..].find(['{']) {
        let begin = offset + found;
        let end = match text[begin..].get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            _ => {
                offset = begin + 1;
                continue;
            }
        };
        let length = text[begin..].find(end).unwrap_or(text.len() - begin);
        if length > MAX_TAG {
            return Some(place_of(text, begin).0);
        }
        offset = begin + length.max(2);
    }
    None
}

/// Collects output up to a limit.
struct Limited {
    bytes: Vec<u8>,
    is_full: bool,
}

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_OUTPUT {
            self.is_full = true;
            return Err(io::Error::other("too much output"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
