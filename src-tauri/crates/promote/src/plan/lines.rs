//! Lines of a text that can be carried over one by one.

use slipway_diff::EnvironmentWords;
use slipway_diff::text::{TextOptions, diff};

/// Longer texts are not looked into.
const MOST_BYTES: usize = 1_000_000;

/// A stretch of lines of the target's text and what stands there in the source's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LineChange {
    /// The first line, from 0.
    pub(super) start: usize,
    /// The line after the last.
    pub(super) end: usize,
    /// The lines that come instead, line feeds included.
    pub(super) with: Vec<String>,
}

/// What of a text may be carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carry {
    /// Any stretch: the text is data.
    Any,
    /// Only lines in which a literal is replaced by another: the text is a program or a template, of which
    /// anything else may depend on its place.
    Literals,
}

/// The stretches in which the texts differ, except those that differ in the name of the environment alone.
pub(super) fn line_changes(
    target: &str,
    source: &str,
    carry: Carry,
    words: &EnvironmentWords,
) -> Vec<LineChange> {
    if target.len().max(source.len()) > MOST_BYTES {
        return Vec::new();
    }
    let target_lines: Vec<&str> = target.split_inclusive('\n').collect();
    let source_lines: Vec<&str> = source.split_inclusive('\n').collect();
    let compared = diff(target, source, &TextOptions { context: 0, longest_line: u32::MAX });
    let mut stretches: Vec<LineChange> = Vec::new();
    let mut last_hunk = None;
    // The position on the left, for rows that the left side does not have.
    let mut next_left = 0;
    for row in &compared.rows {
        let left = row.left_line.map(|line| line as usize - 1);
        if let (None, Some(folded)) = (row.hunk, row.folded) {
            next_left = left.unwrap_or(next_left) + folded as usize;
            continue;
        }
        if row.hunk.is_none() {
            next_left = left.map_or(next_left, |line| line + 1);
            continue;
        }
        let right = row.right_line.and_then(|line| source_lines.get(line as usize - 1)).copied();
        let (start, end) = left.map_or((next_left, next_left), |line| (line, line + 1));
        next_left = end;
        let is_pair = left.is_some() && right.is_some();
        let with = right.map(str::to_owned).into_iter().collect();
        let continues = last_hunk == row.hunk && !is_pair;
        last_hunk = row.hunk.filter(|_| !is_pair);
        match stretches.last_mut().filter(|last| continues && last.end == start) {
            Some(last) => {
                last.end = end;
                last.with.extend(with);
            }
            None => stretches.push(LineChange { start, end, with }),
        }
    }
    stretches
        .into_iter()
        .filter(|stretch| {
            let old = target_lines.get(stretch.start..stretch.end).unwrap_or_default();
            let same_but_for_names =
                words.neutral_text(&old.concat()) == words.neutral_text(&stretch.with.concat());
            let fits = match carry {
                Carry::Any => true,
                Carry::Literals => replaces_literals(old, &stretch.with),
            };
            !same_but_for_names && fits
        })
        .collect()
}

fn replaces_literals(old: &[&str], new: &[String]) -> bool {
    old.len() == new.len()
        && !old.is_empty()
        && old.iter().zip(new).all(|(old, new)| replaces_literal(old, new))
}

/// Whether two lines differ in one literal: what stands between their common beginning and end, widened to whole
/// words, is a name, a number or a text without anything that a program computes with.
fn replaces_literal(old: &str, new: &str) -> bool {
    let is_inner = |character: char| character.is_alphanumeric() || "._-/:@+".contains(character);
    let head: usize = old
        .chars()
        .zip(new.chars())
        .take_while(|(left, right)| left == right)
        .map(|(left, _)| left.len_utf8())
        .sum();
    let head = old[..head].trim_end_matches(is_inner).len();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(|(left, right)| left == right)
        .map(|(left, _)| left.len_utf8())
        .sum();
    let tail_text = &old_rest[old_rest.len() - tail..];
    let tail = tail_text.trim_start_matches(is_inner).len();
    let middle = |rest: &str| rest[..rest.len() - tail].to_owned();
    let is_literal = |text: &str| !text.is_empty() && text.chars().all(is_inner);
    is_literal(&middle(old_rest)) && is_literal(&middle(new_rest))
}

/// The text with the changes made; they must not overlap.
pub(super) fn with_changes(text: &str, changes: &[&LineChange]) -> String {
    let mut changes = changes.to_vec();
    changes.sort_by_key(|change| (change.start, change.end));
    changes.dedup();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut result = String::with_capacity(text.len());
    let mut position = 0;
    for change in changes {
        if change.start < position || change.end > lines.len() {
            continue;
        }
        lines[position..change.start].iter().for_each(|line| result.push_str(line));
        change.with.iter().for_each(|line| result.push_str(line));
        position = change.end;
    }
    lines[position..].iter().for_each(|line| result.push_str(line));
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> EnvironmentWords {
        EnvironmentWords::new(["staging", "prod"])
    }

    #[test]
    fn each_line_is_a_change_of_its_own_and_names_of_environments_are_none() {
        let target = "tag = '1'\nhost = 'prod.example'\nlevel = 'info'\n";
        let source = "tag = '2'\nhost = 'staging.example'\nlevel = 'debug'\n";
        let changes = line_changes(target, source, Carry::Literals, &words());
        assert_eq!(changes.len(), 2);
        assert_eq!(
            with_changes(target, &[&changes[0]]),
            "tag = '2'\nhost = 'prod.example'\nlevel = 'info'\n"
        );
        let both: Vec<&LineChange> = changes.iter().rev().collect();
        assert_eq!(with_changes(target, &both), "tag = '2'\nhost = 'prod.example'\nlevel = 'debug'\n");
    }

    #[test]
    fn only_literals_of_programs_are_carried() {
        for (target, source, expected) in [
            ("local tag = '1.4.2',\n", "local tag = '1.5.0',\n", 1),
            ("replicas: 2,\n", "replicas: 3,\n", 1),
            ("replicas: base.replicas,\n", "replicas: max(1, base.replicas),\n", 0),
            ("a\n", "a\nb\n", 0),
            ("tag: {{ tag }}\n", "tag: {{ other.tag }}\n", 1),
        ] {
            assert_eq!(line_changes(target, source, Carry::Literals, &words()).len(), expected, "{target}");
        }
    }

    #[test]
    fn data_may_gain_and_lose_lines() {
        let target = "a\nb\nc\n";
        let source = "a\nnew\nmore\nb\n";
        let changes = line_changes(target, source, Carry::Any, &words());
        let all: Vec<&LineChange> = changes.iter().collect();
        assert_eq!(with_changes(target, &all), source);
    }
}
