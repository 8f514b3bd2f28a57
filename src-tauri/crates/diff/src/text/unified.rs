//! A patch that Git applies.

use std::fmt::Write as _;

use super::length;
use super::lines::{LineHunk, Lines};

/// The change of a file as Git writes it: `None` is a file that is not there. Empty where nothing changes.
///
/// The patch applies with `git apply`; names that need it are quoted, and a last line without line feed is
/// marked.
///
/// ```
/// use slipway_diff::text::unified;
/// let patch = unified("web.yaml", Some("replicas: 2\n"), Some("replicas: 3\n"), 3);
/// assert!(patch.ends_with("@@ -1 +1 @@\n-replicas: 2\n+replicas: 3\n"));
/// ```
#[must_use]
pub fn unified(path: &str, old: Option<&str>, new: Option<&str>, context: u32) -> String {
    if old == new {
        return String::new();
    }
    let (left, right) = (quoted("a/", path), quoted("b/", path));
    let mut patch = format!("diff --git {left} {right}\n");
    let mode = match (old, new) {
        (None, _) => "new file mode 100644\n",
        (_, None) => "deleted file mode 100644\n",
        _ => "",
    };
    patch.push_str(mode);
    let lines = Lines::of(old.unwrap_or_default(), new.unwrap_or_default());
    let hunks = lines.hunks();
    if hunks.is_empty() {
        return patch;
    }
    // A tab ends a name that holds blanks, as Git writes it, so that nothing behind it is taken for a date.
    let ended = |name: &str| if name.contains(' ') { format!("{name}\t") } else { name.to_owned() };
    let left = if old.is_some() { ended(&left) } else { "/dev/null".to_owned() };
    let right = if new.is_some() { ended(&right) } else { "/dev/null".to_owned() };
    push(&mut patch, format_args!("--- {left}\n+++ {right}\n"));
    let mut start = 0;
    while start < hunks.len() {
        let mut end = start + 1;
        while end < hunks.len() && hunks[end].left.0 - hunks[end - 1].left.1 <= context.saturating_mul(2) {
            end += 1;
        }
        write_group(&mut patch, &lines, &hunks[start..end], context);
        start = end;
    }
    patch
}

fn push(patch: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = patch.write_fmt(text);
}

fn write_group(patch: &mut String, lines: &Lines<'_>, hunks: &[LineHunk], context: u32) {
    let (Some(first), Some(last)) = (hunks.first(), hunks.last()) else { return };
    let before = context.min(first.left.0);
    let after = context.min(length(&lines.left) - last.left.1);
    let left = (first.left.0 - before, last.left.1 + after);
    let right = (first.right.0 - before, last.right.1 + after);
    push(patch, format_args!("@@ -{} +{} @@\n", range(left), range(right)));
    let mut position = left.0;
    for hunk in hunks {
        write_lines(patch, ' ', &lines.left, position, hunk.left.0);
        write_lines(patch, '-', &lines.left, hunk.left.0, hunk.left.1);
        write_lines(patch, '+', &lines.right, hunk.right.0, hunk.right.1);
        position = hunk.left.1;
    }
    write_lines(patch, ' ', &lines.left, position, left.1);
}

fn write_lines(patch: &mut String, sign: char, lines: &[&str], from: u32, to: u32) {
    for line in &lines[from as usize..to as usize] {
        patch.push(sign);
        patch.push_str(line);
        if !line.ends_with('\n') {
            patch.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// `START,COUNT`; a count of one is left out, and an empty range names the line before it.
fn range((from, to): (u32, u32)) -> String {
    match to - from {
        0 => format!("{from},0"),
        1 => format!("{}", from + 1),
        count => format!("{},{count}", from + 1),
    }
}

/// A name as Git writes it: in quotes where it holds what a patch cannot, bytes as octal numbers
/// (`core.quotePath`).
fn quoted(prefix: &str, path: &str) -> String {
    let is_plain = path.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\');
    if is_plain {
        return format!("{prefix}{path}");
    }
    let mut name = format!("\"{prefix}");
    for byte in path.bytes() {
        match byte {
            b'"' => name.push_str("\\\""),
            b'\\' => name.push_str("\\\\"),
            b'\n' => name.push_str("\\n"),
            b'\t' => name.push_str("\\t"),
            0x20..0x7f => name.push(char::from(byte)),
            other => push(&mut name, format_args!("\\{other:03o}")),
        }
    }
    name.push('"');
    name
}
