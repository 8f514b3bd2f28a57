//! Names of environments: which words mean a stage, in which order stages follow, which are protected.
//!
//! The words only *order* and *protect*; that a name is an environment at all is decided by repetition.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Where a stage stands on the way to production. Equal numbers are stages that no convention orders.
type Rank = u8;

const PRODUCTION: Rank = 90;
/// `shop` beside `shop-dev`: what has no stage word where its sibling has one is meant for use.
const UNMARKED: Rank = 88;

const STAGES: &[(Rank, &[&str])] = &[
    (10, &["local", "minikube", "kind", "ephemeral", "preview"]),
    (20, &["dev", "devel", "develop", "development"]),
    (25, &["sandbox", "playground", "poc", "proto", "prototype", "prototypes", "experimental", "lab"]),
    (30, &["int", "integ", "integration", "ci"]),
    (35, &["load", "perf", "performance", "stress"]),
    (40, &["test", "testing", "tst", "systest", "sit", "e2e", "qa", "qat", "qe", "quality"]),
    (50, &["uat", "acc", "acceptance", "training", "train", "demo", "beta"]),
    (60, &["staging", "stage", "stag", "stg"]),
    (70, &["preprod", "preprd", "preproduction", "pre", "pp", "ppe", "canary", "hotfix"]),
    (PRODUCTION, &["prod", "prd", "production", "live"]),
];

/// The words that mean a stage wherever they stand alone. The others (`test`, `live`, `int`, `demo` …) are
/// ordinary parts of names too, and need repetition beside them.
const CERTAIN: &[&str] = &[
    "dev",
    "development",
    "qa",
    "uat",
    "staging",
    "stage",
    "stg",
    "preprod",
    "preproduction",
    "prod",
    "prd",
    "production",
];

/// The words that make an environment ask before it is changed (`contracts.md` §5).
const PROTECTED: &[&str] = &["prod", "prd", "production", "live"];

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['/', '-', '_', '.', ' ']).filter(|word| !word.is_empty())
}

/// `dev2` is a `dev`.
fn without_number(word: &str) -> &str {
    word.trim_end_matches(|last: char| last.is_ascii_digit())
}

fn word_rank(word: &str) -> Option<Rank> {
    let word = without_number(word);
    STAGES
        .iter()
        .find(|(_, words)| words.iter().any(|stage| stage.eq_ignore_ascii_case(word)))
        .map(|(rank, _)| *rank)
}

/// Whether the word means a stage.
pub(crate) fn is_stage_word(word: &str) -> bool {
    word_rank(word).is_some()
}

/// Whether the word means a stage and hardly anything else.
pub(crate) fn is_certain_stage_word(word: &str) -> bool {
    CERTAIN.iter().any(|stage| stage.eq_ignore_ascii_case(without_number(word)))
}

/// Whether a word of the name means a stage.
pub(crate) fn has_stage_word(name: &str) -> bool {
    words(name).any(is_stage_word)
}

/// Whether two names mean the same stage in other letters: `prod` and `production`, but not `prod` and `live`.
pub(crate) fn are_spellings_of_one_stage(left: &str, right: &str) -> bool {
    const SPELLINGS: &[&[&str]] = &[
        &["dev", "devel", "develop", "development"],
        &["int", "integ", "integration"],
        &["test", "testing", "tst"],
        &["staging", "stage", "stag", "stg"],
        &["preprod", "preprd", "preproduction"],
        &["prod", "prd", "production"],
        &["acc", "acceptance"],
        &["perf", "performance"],
    ];
    let (left, right) = (left.to_ascii_lowercase(), right.to_ascii_lowercase());
    SPELLINGS.iter().any(|words| words.contains(&left.as_str()) && words.contains(&right.as_str()))
}

/// Whether an environment asks before it is changed, where `.slipway.yaml` does not say.
pub(crate) fn is_protected(name: &str) -> bool {
    words(name).any(|word| PROTECTED.iter().any(|protected| protected.eq_ignore_ascii_case(word)))
}

/// Sorts names in promotion order: by stage (development first, production last), what no word orders after
/// all that is ordered, numbers as numbers. `declared` are orders that the repository itself states (the list
/// of a PromotionStrategy); they win for the names in them.
pub(crate) fn promotion_order(names: &BTreeSet<String>, declared: &[Vec<String>]) -> Vec<String> {
    let siblings = Siblings::new(names);
    let mut ranked: Vec<((Rank, Rank), &String)> = names
        .iter()
        .map(|name| ((siblings.rank(name).unwrap_or(Rank::MAX), rank_of_rest(name)), name))
        .collect();
    ranked.sort_by(|left, right| left.0.cmp(&right.0).then_with(|| natural_order(left.1, right.1)));
    let mut sorted: Vec<String> = ranked.into_iter().map(|(_, name)| name.clone()).collect();
    for order in declared {
        let places: Vec<usize> = (0..sorted.len()).filter(|place| order.contains(&sorted[*place])).collect();
        let in_order: Vec<String> = order.iter().filter(|name| names.contains(*name)).cloned().collect();
        if places.len() == in_order.len() {
            places.into_iter().zip(in_order).for_each(|(place, name)| sorted[place] = name);
        }
    }
    sorted
}

/// What a name means beside the others.
struct Siblings<'n> {
    /// `idf` of `idfdev` and `idfprod`: beginnings that occur with several stage words behind them.
    glued: BTreeSet<&'n str>,
    /// `usdf-cm` of `usdf-cm-dev`: names that occur with a stage word behind them.
    marked: BTreeSet<&'n str>,
}

impl<'n> Siblings<'n> {
    fn new(names: &'n BTreeSet<String>) -> Self {
        let mut stages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut marked = BTreeSet::new();
        for name in names {
            if let Some((head, stage)) = words(name).next().and_then(split_glued) {
                stages.entry(head).or_default().insert(stage);
            }
            if let Some((stem, word)) = name.rsplit_once(['-', '_'])
                && is_stage_word(word)
            {
                marked.insert(stem);
            }
        }
        let glued =
            stages.into_iter().filter(|(_, stages)| stages.len() >= 2).map(|(head, _)| head).collect();
        Self { glued, marked }
    }

    fn rank(&self, name: &str) -> Option<Rank> {
        let group = name.split('/').next().unwrap_or(name);
        if let Some(rank) = words(group).find_map(word_rank) {
            return Some(rank);
        }
        if let Some((head, stage)) = words(group).next().and_then(split_glued)
            && self.glued.contains(head)
        {
            return word_rank(stage);
        }
        if self.marked.contains(group) {
            return Some(UNMARKED);
        }
        // `ring-1/lightwell-dev`: the ring orders, not what is inside it. `eu/dev`: the region does not.
        if name.contains('/') && !group.ends_with(|last: char| last.is_ascii_digit()) {
            return name.split('/').skip(1).find_map(|part| words(part).find_map(word_rank));
        }
        None
    }
}

fn split_glued(word: &str) -> Option<(&str, &str)> {
    STAGES
        .iter()
        .flat_map(|(_, stages)| *stages)
        .filter(|stage| stage.len() >= 3)
        .filter_map(|stage| Some((word.strip_suffix(stage)?, *stage)))
        .filter(|(head, _)| !head.is_empty() && head.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .max_by_key(|(_, stage)| stage.len())
}

/// Inside one stage, what has a stage word after the group comes by it: `eu-dev` stays beside `eu-prod` only
/// by its first word, `production/a` beside `production/b` by name.
fn rank_of_rest(name: &str) -> Rank {
    match name.split_once('/') {
        Some((group, rest))
            if !has_stage_word(group) && !group.ends_with(|last: char| last.is_ascii_digit()) =>
        {
            words(rest).find_map(word_rank).unwrap_or(0)
        }
        _ => 0,
    }
}

/// Compares text with runs of digits as numbers: `ring-2` before `ring-10`.
fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut left_rest, mut right_rest) = (left, right);
    loop {
        let (left_text, left_number) = next_piece(&mut left_rest);
        let (right_text, right_number) = next_piece(&mut right_rest);
        let ordering = left_text
            .cmp(right_text)
            .then_with(|| left_number.len().cmp(&right_number.len()))
            .then_with(|| left_number.cmp(right_number));
        if ordering != Ordering::Equal {
            return ordering;
        }
        if left_rest.is_empty() && right_rest.is_empty() {
            return left.cmp(right);
        }
    }
}

/// Takes a run of text and the number after it, without its leading zeros.
fn next_piece<'t>(rest: &mut &'t str) -> (&'t str, &'t str) {
    let digits = rest.find(|each: char| each.is_ascii_digit()).unwrap_or(rest.len());
    let (text, after) = rest.split_at(digits);
    let end = after.find(|each: char| !each.is_ascii_digit()).unwrap_or(after.len());
    let (number, after) = after.split_at(end);
    *rest = after;
    (text, number.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(names: &[&str]) -> Vec<String> {
        promotion_order(&names.iter().map(|name| (*name).to_owned()).collect(), &[])
    }

    #[test]
    fn stages_come_in_promotion_order() {
        let cases: &[&[&str]] = &[
            &["dev", "test", "uat", "staging", "preprod", "prod"],
            &["integration-gpu", "load-gpu", "qa", "staging-eu", "prod-asia", "prod-eu"],
            &["development", "playground", "c2-production", "production", "c3", "monitoring"],
            &["dev", "e2e", "prd"],
            &["dev1", "dev2", "uat1", "prod2"],
            &["idfdev", "idfint", "idfprod", "summit"],
            &["roundtable-dev", "usdf-cm-dev", "usdf-cm", "roundtable-prod"],
            &["ring-0", "ring-1/a", "ring-1/lightwell-dev", "ring-2/a", "ring-10/a"],
            &["eu/dev", "us/dev", "eu/prod", "us/prod"],
        ];
        for names in cases {
            let mut shuffled = names.to_vec();
            shuffled.sort_unstable();
            assert_eq!(ordered(&shuffled), *names);
        }
    }

    #[test]
    fn a_declared_order_wins() {
        let names: BTreeSet<String> = ["blue", "green", "prod"].map(str::to_owned).into();
        let declared = vec![vec!["green".to_owned(), "prod".to_owned(), "blue".to_owned()]];
        assert_eq!(promotion_order(&names, &declared), ["green", "prod", "blue"]);
    }

    #[test]
    fn protection_needs_a_whole_word() {
        for (name, expected) in [
            ("production/eu", true),
            ("prod-eu", true),
            ("live", true),
            ("preprod", false),
            ("products", false),
            ("idfprod", false),
            ("staging", false),
        ] {
            assert_eq!(is_protected(name), expected, "{name}");
        }
    }
}
