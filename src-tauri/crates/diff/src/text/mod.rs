//! What differs between two texts, as rows for reading.
//!
//! Lines are compared by the histogram algorithm, which falls back to Myers' with its usual cut-offs where lines
//! repeat too often; long texts of frequent lines are cut before (see `lines`), so that the time stays near
//! linear in the number of lines. Words are compared only inside
//! lines that belong together and that are short enough to be read.

mod lines;
mod unified;
mod words;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::align::align;
use lines::{LineHunk, Lines, number};
pub use unified::unified;
pub use words::WordSegment;
use words::{likeness, segments};

/// What is shown of a comparison of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TextOptions {
    /// Unchanged lines shown before and after every hunk; `u32::MAX` shows all.
    pub context: u32,
    /// Longer lines are cut for display, in characters.
    pub longest_line: u32,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { context: 3, longest_line: 2_000 }
    }
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// The same line on both sides; its text is in `left` alone.
    Context,
    /// A line of the right side only.
    Added,
    /// A line of the left side only.
    Removed,
    /// A line of each side that belong together.
    Changed,
    /// Unchanged lines that are not shown; `folded` says how many, the line numbers are those of the first.
    Fold,
}

/// A row of two texts side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// The line on the left, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_line: Option<u32>,
    /// The line on the right, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right_line: Option<u32>,
    /// The text on the left, without its line feed; a carriage return is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// The text on the right; absent on context rows, where it is that of the left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    /// The left text of a changed row in parts; empty where words were not compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_segments: Vec<WordSegment>,
    /// The right text of a changed row in parts; empty where words were not compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub right_segments: Vec<WordSegment>,
    /// The hunk that an added, removed or changed row belongs to, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hunk: Option<u32>,
    /// How many lines a fold row stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<u32>,
    /// Whether a text of the row was cut because the line is too long to be shown.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cut: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What differs between two texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextDiff {
    /// The rows from top to bottom; empty where the texts are equal.
    pub rows: Vec<Row>,
    /// How many hunks there are.
    pub hunks: u32,
    /// Lines of the right side that the left has not.
    pub added: u32,
    /// Lines of the left side that the right has not.
    pub removed: u32,
    /// Whether exactly one of the texts ends without a line feed.
    pub final_newline_differs: bool,
}

/// Compares two texts line by line.
///
/// ```
/// use slipway_diff::text::{RowKind, TextOptions, diff};
/// let compared = diff("image: web:1\nreplicas: 2\n", "image: web:2\nreplicas: 2\n", &TextOptions::default());
/// assert_eq!(compared.rows[0].kind, RowKind::Changed);
/// assert_eq!(compared.rows[0].left_segments.iter().filter(|part| part.changed).count(), 1);
/// ```
#[must_use]
pub fn diff(old: &str, new: &str, options: &TextOptions) -> TextDiff {
    if old == new {
        return TextDiff::default();
    }
    let lines = Lines::of(old, new);
    let mut rows = Rows { lines: &lines, options, rows: Vec::new() };
    let hunks = lines.hunks();
    let (mut added, mut removed) = (0, 0);
    let mut shown_to = 0u32;
    for (number, hunk) in (0u32..).zip(&hunks) {
        let is_first = number == 0;
        rows.unchanged(shown_to, hunk.left.0, hunk.right.0, !is_first, true);
        rows.hunk(number, hunk);
        removed += hunk.left.1 - hunk.left.0;
        added += hunk.right.1 - hunk.right.0;
        shown_to = hunk.left.1;
    }
    let (left_end, right_end) = (length(&lines.left), length(&lines.right));
    rows.unchanged(shown_to, left_end, right_end, true, false);
    TextDiff {
        rows: rows.rows,
        hunks: number(hunks.len()),
        added,
        removed,
        final_newline_differs: old.ends_with('\n') != new.ends_with('\n')
            && !old.is_empty()
            && !new.is_empty(),
    }
}

/// The context rows that a fold row of [`diff`] stands for. `old` is the left text of the comparison; of a row that
/// is no fold there are none.
#[must_use]
pub fn unfold(old: &str, fold: &Row, options: &TextOptions) -> Vec<Row> {
    let (Some(left), Some(right), Some(folded)) = (fold.left_line, fold.right_line, fold.folded) else {
        return Vec::new();
    };
    let lines = Lines { left: old.split_inclusive('\n').collect(), right: Vec::new() };
    let mut rows = Rows { lines: &lines, options, rows: Vec::new() };
    let there = length(&lines.left).saturating_sub(left.saturating_sub(1));
    for line in 0..folded.min(there) {
        rows.context(left.saturating_sub(1) + line, right.saturating_sub(1).saturating_add(line));
    }
    rows.rows
}

fn length(lines: &[&str]) -> u32 {
    number(lines.len())
}

struct Rows<'a> {
    lines: &'a Lines<'a>,
    options: &'a TextOptions,
    rows: Vec<Row>,
}

/// Runs of removed and added lines whose product is greater are paired by position.
const MOST_CELLS: usize = 2_500;
/// Lines that are less alike, in hundredths, are shown as removed and added.
const LEAST_LIKENESS: u32 = 35;

impl Rows<'_> {
    /// Adds the unchanged lines from `from` to `to` of the left side, folded but for the context.
    fn unchanged(&mut self, from: u32, to: u32, right_to: u32, has_before: bool, has_after: bool) {
        let context = self.options.context;
        let count = to - from;
        let head = if has_before { context.min(count) } else { 0 };
        let tail = if has_after { context.min(count - head) } else { 0 };
        let hidden = count - head - tail;
        let right_from = right_to - count;
        for line in 0..head {
            self.context(from + line, right_from + line);
        }
        // A fold takes a row itself: a single line is shown instead.
        if hidden == 1 {
            self.context(from + head, right_from + head);
        } else if hidden > 1 {
            let mut row = blank(RowKind::Fold);
            row.left_line = Some(from + head + 1);
            row.right_line = Some(right_from + head + 1);
            row.folded = Some(hidden);
            self.rows.push(row);
        }
        for line in head + hidden..count {
            self.context(from + line, right_from + line);
        }
    }

    fn context(&mut self, left: u32, right: u32) {
        let mut row = blank(RowKind::Context);
        row.left_line = Some(left.saturating_add(1));
        row.right_line = Some(right.saturating_add(1));
        let (text, cut) = self.shown(&self.lines.left, left);
        row.left = Some(text);
        row.cut = cut;
        self.rows.push(row);
    }

    fn hunk(&mut self, id: u32, hunk: &LineHunk) {
        let left = &self.lines.left[hunk.left.0 as usize..hunk.left.1 as usize];
        let right = &self.lines.right[hunk.right.0 as usize..hunk.right.1 as usize];
        let at = |start: u32, index: usize| start + number(index);
        for (l, r) in pair_lines(left, right) {
            let mut row = blank(match (l, r) {
                (Some(_), Some(_)) => RowKind::Changed,
                (Some(_), None) => RowKind::Removed,
                _ => RowKind::Added,
            });
            row.hunk = Some(id);
            if let Some(l) = l {
                let line = at(hunk.left.0, l);
                let (text, cut) = self.shown(&self.lines.left, line);
                row.left_line = Some(line + 1);
                row.left = Some(text);
                row.cut |= cut;
            }
            if let Some(r) = r {
                let line = at(hunk.right.0, r);
                let (text, cut) = self.shown(&self.lines.right, line);
                row.right_line = Some(line + 1);
                row.right = Some(text);
                row.cut |= cut;
            }
            if let (Some(l), Some(r), false) = (&row.left, &row.right, row.cut) {
                (row.left_segments, row.right_segments) = segments(l, r);
            }
            self.rows.push(row);
        }
    }

    fn shown(&self, lines: &[&str], line: u32) -> (String, bool) {
        let text = lines.get(line as usize).copied().unwrap_or_default();
        let text = text.strip_suffix('\n').unwrap_or(text);
        let longest = self.options.longest_line as usize;
        match text.char_indices().nth(longest) {
            Some((end, _)) => (text[..end].to_owned(), true),
            None => (text.to_owned(), false),
        }
    }
}

fn blank(kind: RowKind) -> Row {
    Row {
        kind,
        left_line: None,
        right_line: None,
        left: None,
        right: None,
        left_segments: Vec::new(),
        right_segments: Vec::new(),
        hunk: None,
        folded: None,
        cut: false,
    }
}

fn pair_lines(left: &[&str], right: &[&str]) -> Vec<(Option<usize>, Option<usize>)> {
    let is_short = |lines: &[&str]| lines.iter().all(|line| line.len() <= 400);
    if left.len().saturating_mul(right.len()) <= MOST_CELLS && is_short(left) && is_short(right) {
        return align(left.len(), right.len(), |l, r| {
            let alike = likeness(left[l], right[r]);
            if alike >= LEAST_LIKENESS { alike } else { 0 }
        });
    }
    let longest = left.len().max(right.len());
    (0..longest)
        .map(|index| ((index < left.len()).then_some(index), (index < right.len()).then_some(index)))
        .collect()
}
