//! How results, problems and failures are printed.
//!
//! Names, values and messages come from a repository or a cluster, and may hold what steers a terminal or turns the
//! direction of writing. None of that is printed as it is: [`clean`] for one line, [`paragraph`] for a message of
//! several.

use std::io::{IsTerminal as _, Write as _};

use slipway_api::dto::ApiError;
use slipway_api::model::{Problem, Severity};

use crate::arguments::{Color, Output};

/// Standard output and standard error.
pub(crate) struct Terminal {
    colour_out: bool,
    colour_error: bool,
    /// Whether somebody looks at standard output. A program that reads it gets every byte as it is.
    watched: bool,
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
            watched: std::io::stdout().is_terminal(),
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

    /// YAML, which is read by a program or by a person.
    pub(crate) fn document(&self, yaml: &str) {
        if self.watched {
            yaml.lines().for_each(|line| self.line(&clean(line)));
        } else {
            self.text(yaml);
        }
    }

    /// A line of progress or advice, on standard error.
    pub(crate) fn note(&self, text: &str) {
        say(&paragraph(text));
    }

    /// A value as JSON or YAML.
    pub(crate) fn value(&self, output: Output, value: &serde_json::Value) {
        match output {
            Output::Yaml => self.document(&slipway_api::yaml_text(value)),
            Output::Jsonl => self.line(&escaped(&value.to_string())),
            Output::Json | Output::Text => self.line(&escaped(&format!("{value:#}"))),
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
            line.push_str(&format!(" {}", clean(&instance.to_string())));
        }
        if let Some(location) = &problem.location {
            line.push_str(&format!(" {}", clean(&location.to_string())));
        }
        say(&format!("{line}: {}", paragraph(&problem.message)));
        hints(&problem.hints);
    }

    /// Why a command as a whole failed.
    pub(crate) fn failure(&self, failure: &ApiError) {
        let word = paint(self.colour_error, Tint::Failed, &format!("error[{}]", failure.code));
        let place = failure.location.as_ref().map(|place| format!(" {}", clean(place))).unwrap_or_default();
        say(&format!("{word}{place}: {}", paragraph(&failure.message)));
        hints(&failure.hints);
    }
}

fn paint(colour: bool, tint: Tint, text: &str) -> String {
    if colour { format!("\u{1b}[{}m{text}\u{1b}[0m", tint.code()) } else { text.to_owned() }
}

/// A line on standard error. Where nobody reads it any more (`2>&1 | head`), the result still matters.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn hints(hints: &[String]) {
    hints.iter().for_each(|hint| say(&format!("  hint: {}", paragraph(hint))));
}

/// Whether a character paints nothing and steers what is around it: a control character, or one of those that turn the
/// direction of writing, by which a line reads otherwise than a cluster reads it (<https://trojansource.codes>).
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Text as one line of a terminal: what would steer it, or begin another line, is a sign that can be seen.
pub(crate) fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => line.push('\t'),
            '\0'..='\u{1f}' => line.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}')),
            '\u{7f}' => line.push('\u{2421}'),
            _ if steers(character) => line.push_str(&format!("‹U+{:04X}›", u32::from(character))),
            _ => line.push(character),
        }
    }
    line
}

/// A message of one or more lines. Those after the first are indented, so that none looks like a line of ours.
pub(crate) fn paragraph(text: &str) -> String {
    text.trim_end()
        .split('\n')
        .map(|line| clean(line.trim_end_matches('\r')))
        .collect::<Vec<_>>()
        .join("\n    ")
}

/// JSON with everything that could steer a terminal as an escape: such characters stand only inside its strings.
fn escaped(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut text, character| {
        match character {
            '\n' => text.push('\n'),
            _ if steers(character) => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => text.push(character),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_repository_steers_the_terminal() {
        for (text, expected) in [
            ("\u{1b}]0;owned\u{7}\u{1b}[31mred", "␛]0;owned␇␛[31mred"),
            ("\u{9b}31m", "‹U+009B›31m"),
            ("a\0b\u{8}\u{7f}", "a␀b␈␡"),
            ("two\nlines\r", "two␊lines␍"),
            ("user\u{202e}\u{2066}// admin\u{2069}", "user‹U+202E›‹U+2066›// admin‹U+2069›"),
            ("größe\t日本語 مرحبا", "größe\t日本語 مرحبا"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }

    #[test]
    fn a_message_of_several_lines_looks_like_no_line_of_ours() {
        assert_eq!(paragraph("helm failed\r\nerror[x]: \u{1b}[2Jno\n"), "helm failed\n    error[x]: ␛[2Jno");
    }

    #[test]
    fn json_keeps_what_it_escapes() {
        let value = serde_json::json!({"a\u{202e}": "x\u{9b}31m\u{7f}\u{1b}ö\n"});
        for text in [value.to_string(), format!("{value:#}")] {
            let safe = escaped(&text);
            assert!(safe.chars().all(|character| character == '\n' || !steers(character)), "{safe}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        }
    }
}
