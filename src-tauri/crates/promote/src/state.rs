//! How an instance stands to the environment before its own.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::class::ClassCounts;

/// How an instance stands to the same application in the previous environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// No difference of class A or D.
    Equal,
    /// It runs what the previous environment ran before.
    Behind(Distance),
    /// The previous environment runs what it ran before.
    Ahead(Distance),
    /// It differs, and no history says which way.
    Drifted {
        /// Whether every difference is meant (`.slipway.yaml`, `drift`).
        intended: bool,
    },
    /// The application is not in this environment.
    NotThere,
    /// It, or what it is compared with, cannot be rendered.
    Failed,
}

/// How far behind or ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Distance {
    /// Version changes; by number the steps of the first part that differs (`1.4.0` to `1.6.1`: 2).
    pub versions: u64,
    /// Whether this was read off the version numbers, because no history is known.
    pub by_number: bool,
}

/// What is compared to find the state.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'a> {
    /// The version here.
    pub here: &'a str,
    /// The version in the previous environment.
    pub previous: &'a str,
    /// The versions that were here, newest first; may begin with the present one.
    pub history_here: &'a [String],
    /// The versions that were in the previous environment, newest first.
    pub history_previous: &'a [String],
}

/// The state of an instance that renders and whose predecessor does.
///
/// `intended` counts the differences of class A and D that are meant.
#[must_use]
pub fn state(differences: &ClassCounts, intended: usize, versions: &Versions<'_>) -> State {
    let weighty = differences.a + differences.d;
    if weighty == 0 {
        return State::Equal;
    }
    if intended >= weighty {
        return State::Drifted { intended: true };
    }
    if versions.here == versions.previous {
        return State::Drifted { intended: false };
    }
    let by_history = |versions| Distance { versions, by_number: false };
    if let Some(changes) = changes_since(versions.history_previous, versions.previous, versions.here) {
        return State::Behind(by_history(changes));
    }
    if let Some(changes) = changes_since(versions.history_here, versions.here, versions.previous) {
        return State::Ahead(by_history(changes));
    }
    let has_history = !versions.history_here.is_empty() || !versions.history_previous.is_empty();
    if let Some((order, steps)) = compare_numbers(versions.here, versions.previous).filter(|_| !has_history) {
        let distance = Distance { versions: steps, by_number: true };
        match order {
            Ordering::Less => return State::Behind(distance),
            Ordering::Greater => return State::Ahead(distance),
            Ordering::Equal => {}
        }
    }
    State::Drifted { intended: false }
}

/// How many version changes ago `version` was current; `None` where the history does not hold it.
fn changes_since(history: &[String], current: &str, version: &str) -> Option<u64> {
    let mut changes = 0;
    let mut last = current;
    for each in history {
        if each != last {
            changes += 1;
            last = each;
        }
        if each == version {
            return Some(changes);
        }
    }
    None
}

/// Compares versions by number (semantic versions, with or without `v`, with one or two parts too few), and
/// says by how many steps the first differing part differs.
fn compare_numbers(left: &str, right: &str) -> Option<(Ordering, u64)> {
    let (left, right) = (lenient(left)?, lenient(right)?);
    let parts = |version: &semver::Version| [version.major, version.minor, version.patch];
    let steps = parts(&left)
        .into_iter()
        .zip(parts(&right))
        .map(|(left, right)| left.abs_diff(right))
        .find(|steps| *steps > 0)
        .unwrap_or(1);
    Some((left.cmp(&right), steps))
}

fn lenient(text: &str) -> Option<semver::Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let missing = 2usize.checked_sub(numbers.matches('.').count())?;
    semver::Version::parse(&format!("{numbers}{}{rest}", ".0".repeat(missing))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(here: &str, previous: &str, history_here: &[&str], history_previous: &[&str]) -> State {
        let owned = |all: &[&str]| all.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>();
        let (history_here, history_previous) = (owned(history_here), owned(history_previous));
        let versions =
            Versions { here, previous, history_here: &history_here, history_previous: &history_previous };
        state(&ClassCounts { a: 1, ..ClassCounts::default() }, 0, &versions)
    }

    fn distance(versions: u64, by_number: bool) -> Distance {
        Distance { versions, by_number }
    }

    #[test]
    fn behind_counts_the_version_changes_of_the_source() {
        assert_eq!(check("1", "3", &[], &["3", "3", "2", "1"]), State::Behind(distance(2, false)));
        assert_eq!(
            check("1", "3", &[], &["2", "1"]),
            State::Behind(distance(2, false)),
            "without the present one"
        );
    }

    #[test]
    fn ahead_counts_the_version_changes_of_the_target() {
        assert_eq!(check("4", "2", &["4", "3", "2"], &["2", "1"]), State::Ahead(distance(2, false)));
    }

    #[test]
    fn without_history_the_numbers_decide_and_it_is_said() {
        assert_eq!(check("v1.4.0", "1.6.1", &[], &[]), State::Behind(distance(2, true)));
        assert_eq!(check("2.0", "1.9", &[], &[]), State::Ahead(distance(1, true)));
        assert_eq!(check("1.0.0-rc.1", "1.0.0", &[], &[]), State::Behind(distance(1, true)));
        assert_eq!(check("abc", "1.0.0", &[], &[]), State::Drifted { intended: false });
    }

    #[test]
    fn a_version_that_no_history_holds_has_drifted() {
        assert_eq!(check("1.0.0", "2.0.0", &["1.0.0"], &["2.0.0"]), State::Drifted { intended: false });
    }

    #[test]
    fn only_classes_a_and_d_count() {
        let versions = Versions { here: "1", previous: "2", history_here: &[], history_previous: &[] };
        let counts = ClassCounts { a: 0, b: 3, c: 2, d: 0 };
        assert_eq!(state(&counts, 0, &versions), State::Equal);
        let meant = ClassCounts { a: 1, b: 0, c: 0, d: 1 };
        assert_eq!(state(&meant, 2, &versions), State::Drifted { intended: true });
    }

    #[test]
    fn equal_versions_with_other_differences_have_drifted() {
        assert_eq!(check("1.0.0", "1.0.0", &[], &[]), State::Drifted { intended: false });
    }
}
