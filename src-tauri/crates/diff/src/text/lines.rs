//! Which lines of two texts differ.

use std::collections::HashMap;

use imara_diff::{Algorithm, Diff, InternedInput, Interner};

/// Lines that differ: half-open ranges of line numbers from 0 on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineHunk {
    pub(super) left: (u32, u32),
    pub(super) right: (u32, u32),
}

/// Both texts in lines, line feeds included.
pub(super) struct Lines<'a> {
    pub(super) left: Vec<&'a str>,
    pub(super) right: Vec<&'a str>,
}

/// From so many occurrences on, a line is of no use to the histogram algorithm.
const TOO_FREQUENT: u32 = 64;
/// Longer texts are first cut at the lines that stand once in both: the time of the histogram algorithm grows with
/// the length times the number of hunks.
const MOST_LINES: usize = 2_000;
/// A stretch with more frequent lines than this that cannot be cut is compared position by position: the time of
/// the algorithm grows with 256 steps for each of them.
const MOST_FREQUENT_LINES: usize = 50_000;

impl<'a> Lines<'a> {
    pub(super) fn of(old: &'a str, new: &'a str) -> Self {
        Self { left: old.split_inclusive('\n').collect(), right: new.split_inclusive('\n').collect() }
    }

    pub(super) fn hunks(&self) -> Vec<LineHunk> {
        if self.left.len() + self.right.len() <= MOST_LINES {
            return histogram(&self.left, &self.right, (0, 0));
        }
        let mut hunks: Vec<LineHunk> = Vec::new();
        let (mut l, mut r) = (0, 0);
        let end = (self.left.len(), self.right.len());
        for (next_l, next_r) in anchors(&self.left, &self.right).into_iter().chain([end]) {
            let (left, right) = (&self.left[l..next_l], &self.right[r..next_r]);
            let part = if left == right {
                Vec::new()
            } else if frequent_lines(left, right) <= MOST_FREQUENT_LINES {
                histogram(left, right, (number(l), number(r)))
            } else {
                by_position(left, right, (number(l), number(r)))
            };
            for hunk in part {
                match hunks.last_mut() {
                    Some(last) if last.left.1 == hunk.left.0 && last.right.1 == hunk.right.0 => {
                        (last.left.1, last.right.1) = (hunk.left.1, hunk.right.1);
                    }
                    _ => hunks.push(hunk),
                }
            }
            (l, r) = (next_l, next_r);
        }
        hunks
    }
}

pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

pub(super) fn interned<'a>(left: &[&'a str], right: &[&'a str]) -> InternedInput<&'a str> {
    let mut input = InternedInput {
        before: Vec::with_capacity(left.len()),
        after: Vec::with_capacity(right.len()),
        interner: Interner::new(left.len() + right.len()),
    };
    input.update_before(left.iter().copied());
    input.update_after(right.iter().copied());
    input
}

fn frequent_lines(left: &[&str], right: &[&str]) -> usize {
    if left.len() + right.len() <= MOST_FREQUENT_LINES {
        return 0;
    }
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for line in left.iter().chain(right) {
        *counts.entry(line).or_default() += 1;
    }
    counts.values().filter(|count| **count >= TOO_FREQUENT).map(|count| *count as usize).sum()
}

fn histogram(left: &[&str], right: &[&str], offset: (u32, u32)) -> Vec<LineHunk> {
    let input = interned(left, right);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    diff.hunks()
        .map(|hunk| LineHunk {
            left: (hunk.before.start + offset.0, hunk.before.end + offset.0),
            right: (hunk.after.start + offset.1, hunk.after.end + offset.1),
        })
        .collect()
}

/// Lines that stand once in each text and in the same order in both (the first step of patience diff).
fn anchors(left: &[&str], right: &[&str]) -> Vec<(usize, usize)> {
    let right_places = places_of_single(right);
    let mut pairs: Vec<(usize, usize)> = places_of_single(left)
        .into_iter()
        .filter_map(|(line, place)| Some((place?, (*right_places.get(line)?)?)))
        .collect();
    pairs.sort_unstable();
    longest_rising(&pairs)
}

/// Where each line stands; `None` where it stands several times.
fn places_of_single<'a>(lines: &[&'a str]) -> HashMap<&'a str, Option<usize>> {
    let mut places: HashMap<&str, Option<usize>> = HashMap::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        places.entry(line).and_modify(|place| *place = None).or_insert(Some(index));
    }
    places
}

/// The longest part of the pairs, which are sorted by their first number, whose second numbers rise as well.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let place = ends.partition_point(|end| pairs[*end].1 < pair.1);
        before.push(place.checked_sub(1).map(|place| ends[place]));
        if place == ends.len() {
            ends.push(index);
        } else {
            ends[place] = index;
        }
    }
    let mut rising = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        rising.push(pairs[index]);
        next = before[index];
    }
    rising.reverse();
    rising
}

fn by_position(left: &[&str], right: &[&str], offset: (u32, u32)) -> Vec<LineHunk> {
    let mut hunks: Vec<LineHunk> = Vec::new();
    let shortest = left.len().min(right.len());
    let longest = left.len().max(right.len());
    for index in 0..longest {
        if index < shortest && left[index] == right[index] {
            continue;
        }
        let range = |length: usize, offset: u32| {
            (number(index.min(length)) + offset, number((index + 1).min(length)) + offset)
        };
        let (l, r) = (range(left.len(), offset.0), range(right.len(), offset.1));
        match hunks.last_mut() {
            Some(last) if last.left.1 == l.0 && last.right.1 == r.0 => {
                (last.left.1, last.right.1) = (l.1, r.1);
            }
            _ => hunks.push(LineHunk { left: l, right: r }),
        }
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_frequent_lines_are_cut_at_lines_that_stand_once() {
        let same: String = "a\nb\n".repeat(20_000);
        let old = format!("{same}once\n{same}");
        let new = format!("{same}new\nonce\n{same}");
        let lines = Lines::of(&old, &new);
        assert!(frequent_lines(&lines.left, &lines.right) > MOST_FREQUENT_LINES);
        assert_eq!(lines.hunks(), [LineHunk { left: (40_000, 40_000), right: (40_000, 40_001) }]);
    }

    #[test]
    fn long_texts_with_many_hunks_are_compared_in_time() {
        let text = |odd: usize| -> String {
            (0..50_000)
                .map(|line| format!("key{}: {}\n", line % 977, if line % 5 == 0 { line + odd } else { line }))
                .collect()
        };
        let (old, new) = (text(0), text(1));
        let hunks = Lines::of(&old, &new).hunks();
        assert_eq!(hunks.len(), 10_000);
        assert!(hunks.iter().all(|hunk| hunk.left.1 - hunk.left.0 == 1 && hunk.left == hunk.right));
    }

    #[test]
    fn what_cannot_be_cut_is_compared_by_position() {
        let old = "a\nb\n".repeat(40_000);
        let new = format!("{}b\nb\na\n", "a\nb\n".repeat(39_999));
        assert_eq!(
            Lines::of(&old, &new).hunks(),
            [
                LineHunk { left: (79_998, 79_999), right: (79_998, 79_999) },
                LineHunk { left: (80_000, 80_000), right: (80_000, 80_001) }
            ]
        );
    }

    #[test]
    fn the_longest_rising_part_is_found() {
        assert_eq!(longest_rising(&[(0, 3), (1, 0), (2, 1), (3, 4), (4, 2)]).len(), 3);
        assert_eq!(longest_rising(&[]), []);
    }
}
