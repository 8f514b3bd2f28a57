//! Which version is meant: an exact one, else the newest in a range (`helm.sh/helm/v3/pkg/repo`, `IndexFile.Get`).

use std::cmp::Ordering;

use slipway_gotmpl::sprig::semver::{Constraints, Version};

use crate::error::ChartError;

/// How many versions or names an error lists.
const LISTED: usize = 8;

/// Orders versions as Helm sorts them, the newest first; what is no version comes last.
pub(crate) fn newest_first(left: &str, right: &str) -> Ordering {
    match (Version::parse(left), Version::parse(right)) {
        (Ok(left), Ok(right)) => right.compare(&left),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => Ordering::Equal,
    }
}

/// The position of the version that is meant, among versions of which the newest is first. An empty text means the
/// newest that is no pre-release; a pre-release is only chosen by its name, or by a range that names one.
pub(crate) fn choose<'v>(
    versions: impl Iterator<Item = &'v str> + Clone,
    wanted: &str,
) -> Result<Option<usize>, ChartError> {
    if !wanted.is_empty()
        && let Some(exact) = versions.clone().position(|version| version == wanted)
    {
        return Ok(Some(exact));
    }
    let range = Constraints::parse(if wanted.is_empty() { "*" } else { wanted })
        .map_err(|why| ChartError::Range { version: wanted.to_owned(), why })?;
    let mut versions = versions;
    Ok(versions.position(|version| Version::parse(version).is_ok_and(|version| range.check(&version))))
}

/// The versions that an error shows to somebody who wanted another: those nearest to it, the newest first.
pub(crate) fn nearest(versions: &[&str], wanted: &str) -> Vec<String> {
    // The first version that a range names stands for it.
    let begin = wanted.find(|each: char| each.is_ascii_digit());
    let named = begin.map(|begin| {
        let rest = &wanted[begin..];
        let end = rest.find([' ', ',', '|']).unwrap_or(rest.len());
        rest[..end].trim_end_matches(['.', 'x', 'X', '*'])
    });
    let center = named
        .and_then(|named| Version::parse(named).ok())
        .map_or(0, |named| versions.iter().take_while(|each| is_newer(each, &named)).count());
    let first = center.saturating_sub(LISTED / 2).min(versions.len().saturating_sub(LISTED));
    versions.iter().skip(first).take(LISTED).map(|&version| version.to_owned()).collect()
}

fn is_newer(version: &str, than: &Version) -> bool {
    Version::parse(version).is_ok_and(|version| version.compare(than).is_gt())
}

/// The names that an error shows to somebody who wrote another: those that differ least.
pub(crate) fn similar(names: impl Iterator<Item = String>, wanted: &str) -> Vec<String> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().take(100).collect();
    let mut found: Vec<(usize, String)> = names
        .filter_map(|name| {
            let other: Vec<char> = name.to_lowercase().chars().take(100).collect();
            let inside = contains(&other, &wanted) || contains(&wanted, &other);
            let distance = distance(&wanted, &other);
            let near = inside || distance <= 1 + wanted.len() / 4;
            near.then_some((distance, name))
        })
        .collect();
    found.sort();
    found.into_iter().take(LISTED).map(|(_, name)| name).collect()
}

fn contains(long: &[char], short: &[char]) -> bool {
    short.len() >= 3 && long.windows(short.len()).any(|part| part == short)
}

/// How many letters have to be put, taken away, changed, or swapped with the next one.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for at in 1..=left.len() {
        let mut row = vec![at];
        for to in 1..=right.len() {
            let changed = above[to - 1] + usize::from(left[at - 1] != right[to - 1]);
            let mut least = changed.min(above[to] + 1).min(row[to - 1] + 1);
            if at > 1 && to > 1 && left[at - 1] == right[to - 2] && left[at - 2] == right[to - 1] {
                least = least.min(before[to - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_in_the_range_is_chosen() {
        let mut versions = vec!["1.2.3", "2.0.0-rc.1", "1.10.0", "bad", "v1.9.0", "1.2.3+build"];
        versions.sort_by(|left, right| newest_first(left, right));
        assert_eq!(versions, ["2.0.0-rc.1", "1.10.0", "v1.9.0", "1.2.3", "1.2.3+build", "bad"]);
        for (wanted, expected) in [
            ("", Some("1.10.0")),
            ("*", Some("1.10.0")),
            ("~1.9", Some("v1.9.0")),
            ("1.2.3", Some("1.2.3")),
            ("1.2.3+build", Some("1.2.3+build")),
            ("^1.2", Some("1.10.0")),
            (">0.0.0-0", Some("2.0.0-rc.1")),
            ("2.0.0-rc.1", Some("2.0.0-rc.1")),
            (">=3", None),
        ] {
            let found = choose(versions.iter().copied(), wanted).unwrap().map(|at| versions[at]);
            assert_eq!(found, expected, "{wanted}");
        }
        let error = choose(versions.iter().copied(), "latest").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`latest` is neither a version nor a range of versions: improper constraint: \"latest\""
        );
    }

    #[test]
    fn errors_list_what_is_near() {
        let versions: Vec<String> = (0..40).rev().map(|minor| format!("1.{minor}.0")).collect();
        let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
        let near = nearest(&versions, "~1.20.5");
        assert_eq!(near, ["1.24.0", "1.23.0", "1.22.0", "1.21.0", "1.20.0", "1.19.0", "1.18.0", "1.17.0"]);
        assert_eq!(nearest(&versions, "")[0], "1.39.0");
        assert_eq!(nearest(&versions, ">=0.1.x").last().unwrap(), "1.0.0");
        let names = ["redis", "redis-cluster", "postgresql", "nginx"].map(str::to_owned);
        assert_eq!(similar(names.into_iter(), "redi"), ["redis", "redis-cluster"]);
    }
}
