//! The evaluator of the crate `jrsonnet-evaluator`.

#![expect(clippy::mutable_key_type, reason = "the maps are types of the library; its texts are not changed")]

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jrsonnet_evaluator::error::ErrorKind;
use jrsonnet_evaluator::function::CallLocation;
use jrsonnet_evaluator::manifest::JsonFormat;
use jrsonnet_evaluator::stack::limit_stack_depth;
use jrsonnet_evaluator::tla::TlaArg;
use jrsonnet_evaluator::trace::PathResolver;
use jrsonnet_evaluator::{Error, IStr, Source as Program, Span, State, apply_tla};
use jrsonnet_gcmodule::Acyclic;
use jrsonnet_stdlib::{Settings, TracePrinter};
use slipway_model::{Location, Problem, RepoPath, Tree};

use super::library::{Library, evaluated};
use super::position::{Step, of_value};
use super::resolver::{TreeResolver, check_program, failed_import, refused_program, source_path, tree_path};
use super::token::tokens;
use super::{Evaluation, JsonnetEvaluator};
use crate::bridge::{self, RemoteTree};
use crate::problems::place_of;
use crate::source::Parameters;

/// How deep calls may nest. go-jsonnet allows 500 but does not count tail calls; this library counts them.
const MAX_STACK: usize = 25_000;
/// The native stack of the evaluator, which the parser needs for programs that nest deep. It is address space;
/// memory is taken as it is used.
const STACK: usize = 512 << 20;
/// How many calls of an error are shown, and how many `std.trace` messages are kept.
const MAX_FRAMES: usize = 12;
const MAX_TRACES: usize = 100;
/// The indentation of the JSON text, that of the command `jsonnet`.
const INDENT: usize = 3;

/// Evaluates with the Rust library jrsonnet. Each evaluation stands alone: its values cannot be shared between
/// threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jrsonnet;

impl JsonnetEvaluator for Jrsonnet {
    fn version(&self) -> String {
        "jrsonnet-0.5.0-pre98".to_owned()
    }

    fn evaluate(&self, tree: &dyn Tree, file: &RepoPath, parameters: &Parameters) -> Evaluation {
        let (main, parameters) = (file.clone(), parameters.clone());
        bridge::run_apart(tree, STACK, move |remote| evaluate(remote, &main, &parameters)).unwrap_or_else(
            |error| {
                let problem =
                    Problem::error("engine-crashed", format!("the Jsonnet evaluator failed: {error}"));
                Evaluation { json: Err(problem.at(Location::file(file))), traces: Vec::new() }
            },
        )
    }
}

fn evaluate(tree: RemoteTree, main: &RepoPath, parameters: &Parameters) -> Evaluation {
    let directory = main.parent().unwrap_or_default();
    let mut variables = HashMap::new();
    for (name, text) in &parameters.ext_str {
        variables.insert(name.as_str().into(), TlaArg::String(text.as_str().into()));
    }
    for (name, code) in &parameters.ext_code {
        variables.insert(name.as_str().into(), TlaArg::InlineCode(code.clone()));
    }
    let library = Library::new(Settings {
        ext_vars: variables,
        ext_natives: HashMap::new(),
        trace_printer: Rc::new(Traces),
        path_resolver: PathResolver::Absolute,
    });
    let mut builder = State::builder();
    builder
        .import_resolver(TreeResolver::new(tree, directory, &parameters.jpath))
        .context_initializer(library);
    let state = builder.build();
    let _entered = state.enter();
    let _limited = limit_stack_depth(MAX_STACK);
    let json = value(&state, main, parameters)
        .map_err(|error| problem(&error, main, state.import_resolved_str(source_path(main)).ok().as_deref()));
    Evaluation { json, traces: TRACES.take() }
}

fn value(state: &State, main: &RepoPath, parameters: &Parameters) -> Result<String, Error> {
    for code in parameters.ext_code.values().chain(parameters.tla_code.values()) {
        check_program("<argument>", &tokens(code), code)?;
    }
    let mut arguments: HashMap<IStr, TlaArg> = HashMap::new();
    for (name, text) in &parameters.tla_str {
        arguments.insert(name.as_str().into(), TlaArg::String(text.as_str().into()));
    }
    for (name, code) in &parameters.tla_code {
        arguments.insert(name.as_str().into(), TlaArg::InlineCode(code.clone()));
    }
    let program = state.import_resolved(source_path(main))?;
    let value = apply_tla(&arguments, program)?;
    evaluated(&value)?;
    value.manifest(JsonFormat::cli(INDENT))
}

thread_local! {
    /// What the program of this thread said with `std.trace`; see the resolver for why it is not in the printer.
    static TRACES: RefCell<Vec<Problem>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what `std.trace` says.
#[derive(Acyclic)]
struct Traces;

impl TracePrinter for Traces {
    fn print_trace(&self, place: CallLocation, value: IStr) {
        TRACES.with_borrow_mut(|messages| {
            if messages.len() < MAX_TRACES {
                let mut problem = Problem::info("jsonnet-trace", format!("TRACE: {value}"));
                problem.location = place.0.map(|span| Frame::of(span).location());
                messages.push(problem);
            }
        });
    }
}

/// A place of the trace of an error.
struct Frame {
    file: String,
    is_in_tree: bool,
    line: u32,
    column: u32,
}

impl Frame {
    fn of(span: &Span) -> Self {
        Self::at(&span.0, span.1)
    }

    fn at(program: &Program, offset: u32) -> Self {
        let (line, column) = place_of(program.code(), offset as usize);
        let path = tree_path(program.source_path());
        let is_in_tree = path.is_some();
        let file =
            path.map_or_else(|| inline_name(&program.source_path().to_string()), |path| path.to_string());
        Self { file, is_in_tree, line, column }
    }

    fn location(&self) -> Location {
        Location { file: self.file.clone(), line: Some(self.line), column: Some(self.column) }
    }
}

fn length(program: &Program) -> u32 {
    u32::try_from(program.code().len()).unwrap_or(u32::MAX)
}

/// How text that is in no file is called: the library's `fifo("<inline code>")` says little.
fn inline_name(name: &str) -> String {
    if name.contains("inline code") { "<argument>".to_owned() } else { name.to_owned() }
}

/// The place of the value that could not be computed, by the path through the result that the error names.
fn value_frame(error: &Error, main: &RepoPath, code: Option<&str>) -> Option<Frame> {
    let code = code?;
    let steps = error.trace().0.iter().rev().filter(|element| element.location.is_none());
    let steps: Vec<Step> = steps.filter_map(|element| Step::of_description(&element.desc)).collect();
    let (line, column) = place_of(code, of_value(code, &steps)?);
    Some(Frame { file: main.to_string(), is_in_tree: true, line, column })
}

fn problem(error: &Error, main: &RepoPath, code_of_main: Option<&str>) -> Problem {
    if let Some(refusal) = refused_program() {
        return Problem::error(refusal.code, refusal.message).at(refusal.place);
    }
    let mut frames: Vec<(Frame, &str)> = Vec::new();
    match error.error() {
        ErrorKind::ImportSyntaxError { error, .. } => {
            let program = &error.location.0;
            // What is missing at the end is missing behind the last line break.
            let at_end = error.to_string().contains("end of file");
            let frame = if at_end { Frame::at(program, length(program)) } else { Frame::of(&error.location) };
            frames.push((frame, ""));
        }
        ErrorKind::StaticAnalysisError(diagnostics) => {
            frames.extend(
                diagnostics.iter().filter_map(|diagnostic| Some((Frame::of(diagnostic.span.as_ref()?), ""))),
            );
        }
        _ => {}
    }
    frames.extend(
        error
            .trace()
            .0
            .iter()
            .filter_map(|element| Some((Frame::of(element.location.as_ref()?), element.desc.as_str()))),
    );
    let code = match error.error() {
        ErrorKind::ImportSyntaxError { .. } | ErrorKind::StaticAnalysisError(_) => "jsonnet-syntax",
        ErrorKind::ImportFileNotFound(..) | ErrorKind::ImportIo(_) => "import-not-found",
        ErrorKind::StackOverflow => "jsonnet-limit",
        _ => "jsonnet-error",
    };
    let text = match error.error() {
        ErrorKind::ImportFileNotFound(_, wanted) => {
            format!("there is no `{wanted}` beside the importing file or in a library directory")
        }
        ErrorKind::StackOverflow => format!("calls nest deeper than {MAX_STACK}"),
        ErrorKind::RuntimeError(text) => text.to_string(),
        other => other.to_string(),
    };
    let mut lines = text.lines();
    let mut problem = Problem::error(code, lines.next().unwrap_or_default());
    problem.hints.extend(lines.map(str::to_owned));
    if !frames.iter().any(|(frame, _)| frame.is_in_tree) {
        frames.extend(value_frame(error, main, code_of_main).map(|frame| (frame, "")));
    }
    let first = frames.iter().position(|(frame, _)| frame.is_in_tree).unwrap_or(0);
    problem.location =
        Some(frames.get(first).map_or_else(|| Location::file(main), |(frame, _)| frame.location()));
    if code == "import-not-found"
        && let Some((file, line, column)) = failed_import()
    {
        problem.location = Some(Location::at(&file, line, column));
    }
    for (index, (frame, description)) in frames.iter().enumerate().take(MAX_FRAMES) {
        if index != first {
            let place = frame.location();
            let description = description.trim();
            let separator = if description.is_empty() { "" } else { ": " };
            problem.hints.push(format!("at {place}{separator}{description}"));
        }
    }
    problem
}
