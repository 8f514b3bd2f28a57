//! Words that differ inside two lines.

use imara_diff::{Algorithm, Diff};
use serde::{Deserialize, Serialize};

use super::lines::interned;

/// Lines with more words are not compared by words.
const MOST_WORDS: usize = 1_000;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordSegment {
    /// Its text.
    pub text: String,
    /// Whether the other side has something else here.
    pub changed: bool,
}

/// Splits a line into runs of letters and digits, runs of blanks, and single other characters.
fn words(line: &str) -> Vec<&str> {
    #[derive(PartialEq, Clone, Copy)]
    enum Class {
        Word,
        Blank,
        Other,
    }
    let class = |character: char| {
        if character.is_alphanumeric() || character == '_' {
            Class::Word
        } else if character.is_whitespace() {
            Class::Blank
        } else {
            Class::Other
        }
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut current = None;
    for (index, character) in line.char_indices() {
        let next = class(character);
        if current.is_some_and(|current| current != next || next == Class::Other) {
            words.push(&line[start..index]);
            start = index;
        }
        current = Some(next);
    }
    if start < line.len() {
        words.push(&line[start..]);
    }
    words
}

/// Both lines in parts; empty where they have too many words, or none in common.
pub(super) fn segments(left: &str, right: &str) -> (Vec<WordSegment>, Vec<WordSegment>) {
    let (left_words, right_words) = (words(left), words(right));
    if left_words.len().max(right_words.len()) > MOST_WORDS {
        return (Vec::new(), Vec::new());
    }
    let input = interned(&left_words, &right_words);
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_no_heuristic(&input);
    let marks = |words: &[&str], is_changed: &dyn Fn(u32) -> bool| -> Vec<bool> {
        (0u32..).zip(words).map(|(index, _)| is_changed(index)).collect()
    };
    let left_marks = marks(&left_words, &|index| diff.is_removed(index));
    let right_marks = marks(&right_words, &|index| diff.is_added(index));
    (joined(&left_words, left_marks), joined(&right_words, right_marks))
}

/// Joins neighbours, and takes a lone separator between two changed words into the change: `1.2.3` → `2.0.0`
/// reads as one change, not as three.
fn joined(words: &[&str], mut marks: Vec<bool>) -> Vec<WordSegment> {
    for index in 1..marks.len().saturating_sub(1) {
        let is_separator = !words[index].contains(|character: char| character.is_alphanumeric());
        if is_separator && marks[index - 1] && marks[index + 1] {
            marks[index] = true;
        }
    }
    let mut segments: Vec<WordSegment> = Vec::new();
    for (word, changed) in words.iter().zip(marks) {
        match segments.last_mut() {
            Some(last) if last.changed == changed => last.text.push_str(word),
            _ => segments.push(WordSegment { text: (*word).to_owned(), changed }),
        }
    }
    segments
}

/// How alike two lines are, from 0 to 100: the share of the words that both have, with blanks left out.
pub(super) fn likeness(left: &str, right: &str) -> u32 {
    let sorted = |line: &str| -> Vec<String> {
        let mut list: Vec<String> = words(line.trim_end_matches('\n'))
            .into_iter()
            .filter(|word| !word.trim().is_empty())
            .map(str::to_owned)
            .collect();
        list.sort();
        list
    };
    let (left_words, right_words) = (sorted(left), sorted(right));
    let total = left_words.len() + right_words.len();
    if total == 0 {
        return 100;
    }
    let (mut l, mut r, mut common) = (0, 0, 0);
    while l < left_words.len() && r < right_words.len() {
        match left_words[l].cmp(&right_words[r]) {
            std::cmp::Ordering::Less => l += 1,
            std::cmp::Ordering::Greater => r += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                l += 1;
                r += 1;
            }
        }
    }
    u32::try_from(common * 200 / total).unwrap_or(100)
}
