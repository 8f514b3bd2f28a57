//! How results, problems and failures are printed.
#![expect(clippy::print_stderr, reason = "this is the one place that prints")]

use std::io::{IsTerminal as _, Write as _};

use slipway_api::dto::ApiError;
use slipway_api::model::{Problem, Severity};

use crate::arguments::{Color, Output};

/// Standard output and standard error.
pub(crate) struct Terminal {
    colour_out: bool,
    colour_error: bool,
}

/// A colour by its meaning.
#[derive(Clone, Copy)]
pub(crate) enum Tint {
    Added,
    Removed,
    Warning,
    Failed,
    Quiet,
    Strong,
}

impl Tint {
    fn code(self) -> &'static str {
        match self {
            Self::Added => "34",
            Self::Removed => "33",
            Self::Warning => "33",
            Self::Failed => "31",
            Self::Quiet => "2",
            Self::Strong => "1",
        }
    }
}

impl Terminal {
    pub(crate) fn new(color: Color) -> Self {
        // https://no-color.org: set and not empty.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let decide = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !refused,
        };
        Self {
            colour_out: decide(std::io::stdout().is_terminal()),
            colour_error: decide(std::io::stderr().is_terminal()),
        }
    }

    /// Text in a colour, where colour is used on standard output.
    pub(crate) fn tint(&self, tint: Tint, text: &str) -> String {
        paint(self.colour_out, tint, text)
    }

    /// A line of the result.
    pub(crate) fn line(&self, text: &str) {
        self.text(&format!("{text}\n"));
    }

    /// A part of the result. A reader that went away (`| head`) ends the program quietly.
    pub(crate) fn text(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            std::process::exit(0);
        }
    }

    /// A line of progress or advice, on standard error.
    pub(crate) fn note(&self, text: &str) {
        eprintln!("{}", clean(text));
    }

    /// A value as JSON or YAML.
    pub(crate) fn value(&self, output: Output, value: &serde_json::Value) {
        match output {
            Output::Yaml => self.text(&slipway_api::yaml_text(value)),
            Output::Jsonl => self.line(&value.to_string()),
            Output::Json | Output::Text => self.line(&format!("{value:#}")),
        }
    }

    /// A problem: `error[CODE] APP@ENV FILE:LINE:COLUMN: MESSAGE`, hints below it.
    pub(crate) fn problem(&self, problem: &Problem) {
        let (word, tint) = match problem.severity {
            Severity::Error => ("error", Tint::Failed),
            Severity::Warning => ("warning", Tint::Warning),
            Severity::Info => ("info", Tint::Quiet),
        };
        let mut line = paint(self.colour_error, tint, &format!("{word}[{}]", problem.code));
        if let Some(instance) = &problem.instance {
            line.push_str(&format!(" {instance}"));
        }
        if let Some(location) = &problem.location {
            line.push_str(&format!(" {}", clean(&location.to_string())));
        }
        line.push_str(&format!(": {}", clean(&problem.message)));
        eprintln!("{line}");
        for hint in &problem.hints {
            eprintln!("  hint: {}", clean(hint));
        }
    }

    /// Why a command as a whole failed.
    pub(crate) fn failure(&self, failure: &ApiError) {
        let word = paint(self.colour_error, Tint::Failed, &format!("error[{}]", failure.code));
        let place = failure.location.as_ref().map(|place| format!(" {}", clean(place))).unwrap_or_default();
        eprintln!("{word}{place}: {}", clean(&failure.message));
        for hint in &failure.hints {
            eprintln!("  hint: {}", clean(hint));
        }
    }
}

fn paint(colour: bool, tint: Tint, text: &str) -> String {
    if colour { format!("\u{1b}[{}m{text}\u{1b}[0m", tint.code()) } else { text.to_owned() }
}

/// Text of a repository or a cluster may hold sequences that steer a terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() && character != '\n' && character != '\t' {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}
