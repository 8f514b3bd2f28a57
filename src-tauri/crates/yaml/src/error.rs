//! What is wrong with a text, and how to show it.

use slipway_model::{Location, Problem, RepoPath};

/// Why a text is no YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What is wrong, without the place.
    pub message: String,
}

impl YamlError {
    /// The error as a problem of a file.
    #[must_use]
    pub fn problem(&self, file: &RepoPath) -> Problem {
        Problem::error("yaml-syntax", self.message.clone()).at(Location::at(file, self.line, self.column))
    }
}

/// Characters of a line that [`excerpt`] shows on either side of the column.
const EXCERPT_HALF_WIDTH: usize = 60;

/// Shows a place of a text: the line before, the line with a caret under the column, the line after. Lines
/// and columns count from 1; columns count characters. Control characters, terminal escapes and characters
/// that reorder text are made visible (`\x1b`, `\u{202e}`), tabs become one space, long lines are cut around
/// the column.
///
/// ```
/// let shown = slipway_yaml::excerpt("a: 1\nb: [\nc: 3\n", 2, 4);
/// assert_eq!(shown, "1 | a: 1\n2 | b: [\n  |    ^\n3 | c: 3\n");
/// ```
#[must_use]
pub fn excerpt(text: &str, line: u32, column: u32) -> String {
    let line = line.max(1) as usize;
    let first = line.saturating_sub(1).max(1);
    let width = (line + 1).to_string().len();
    let skipped = (column as usize).saturating_sub(EXCERPT_HALF_WIDTH + 1);
    let mut shown = String::new();
    let lines = text.split('\n').enumerate().skip(first - 1).take(line + 2 - first);
    for (index, content) in lines {
        let number = index + 1;
        // What follows the last line break of a text is no line of it.
        if number != line && content.is_empty() && text.split('\n').nth(index + 1).is_none() {
            continue;
        }
        let content = content.strip_suffix('\r').unwrap_or(content);
        let mut visible = String::new();
        let mut caret = 0;
        let mut before = 0;
        for (position, character) in content.chars().enumerate().skip(skipped) {
            if position >= skipped + 2 * EXCERPT_HALF_WIDTH {
                visible.push('…');
                break;
            }
            let start = visible.chars().count();
            push_visible(&mut visible, character);
            before = visible.chars().count();
            if position + 1 == column as usize {
                caret = start;
            }
        }
        if column as usize > content.chars().count() {
            caret = before;
        }
        let cut = if skipped > 0 { "…" } else { "" };
        shown.push_str(format!("{number:>width$} | {cut}{visible}").trim_end());
        shown.push('\n');
        if number == line {
            shown.push_str(&format!(
                "{:>width$} | {}{}^\n",
                "",
                " ".repeat(cut.chars().count()),
                " ".repeat(caret)
            ));
        }
    }
    shown
}

/// Appends a character so that a terminal shows it and does nothing else.
fn push_visible(shown: &mut String, character: char) {
    let reorders = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    match character {
        '\t' => shown.push(' '),
        _ if character.is_ascii_control() => shown.push_str(&format!("\\x{:02x}", character as u32)),
        _ if character.is_control() || reorders => shown.extend(character.escape_unicode()),
        _ => shown.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        let shown = excerpt("a\n\u{1b}]0;title\u{7}\tx\u{202e}y\u{9b}\r\nb\n", 2, 10);
        let expected = "1 | a\n2 | \\x1b]0;title\\x07 x\\u{202e}y\\u{9b}\n  |             ^\n3 | b\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn long_lines_are_cut_around_the_column() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let shown = excerpt(&text, 1, 501);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0].chars().nth(lines[1].chars().count() - 1), Some('X'));
        assert!(lines[0].chars().count() < 140 && lines[0].ends_with('…'));
    }

    #[test]
    fn places_beyond_the_text_do_no_harm() {
        assert_eq!(excerpt("", 1, 1), "1 |\n  | ^\n");
        assert_eq!(excerpt("a: é\n", 1, 9), "1 | a: é\n  |     ^\n");
        assert_eq!(excerpt("a\n", 7, 1), "");
        assert_eq!(excerpt("a\n", u32::MAX, u32::MAX), "");
        assert_eq!(excerpt("a: [\n", 2, 1), "1 | a: [\n2 |\n  | ^\n");
    }
}
