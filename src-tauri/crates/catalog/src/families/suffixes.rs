//! Environments in the names of sibling directories: `shop`, `shop-dev`, `shop-staging`.

use std::collections::{BTreeMap, BTreeSet};

use crate::environments::{is_certain_stage_word, is_stage_word};

/// A name without its environment, and the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    /// What is deployed.
    pub(crate) application: String,
    /// Where; `None` for the sibling that has no stage word.
    pub(crate) environment: Option<String>,
}

/// Splits the names of one set of siblings. Names that carry no environment, and are not the unmarked sibling
/// of one that does, are absent. A prefix that two names share proves nothing: `shop` and `shop-api` are two
/// applications.
pub(crate) fn split_all<'n>(names: &BTreeSet<&'n str>) -> BTreeMap<&'n str, Split> {
    let usual = usual_words(names);
    let mut found: BTreeMap<&str, Split> = BTreeMap::new();
    for name in names {
        if let Some((application, environment)) = split(name, names, &usual) {
            found.insert(name, Split { application, environment: Some(environment) });
        }
    }
    let applications: BTreeSet<String> = found.values().map(|split| split.application.clone()).collect();
    for name in names {
        if applications.contains(*name) && !found.contains_key(name) {
            found.insert(name, Split { application: (*name).to_owned(), environment: None });
        }
    }
    found
}

/// The last words that stand behind several stems of which another variant exists: in this set of siblings
/// they mean a stage.
fn usual_words<'n>(names: &BTreeSet<&'n str>) -> BTreeSet<&'n str> {
    let mut variants: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in names {
        if let Some((stem, word)) = last_word(name)
            && is_stage_word(word)
        {
            variants.entry(stem).or_default().insert(word);
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (stem, words) in &variants {
        if words.len() + usize::from(names.contains(stem)) >= 2 {
            words.iter().for_each(|word| *counts.entry(word).or_default() += 1);
        }
    }
    counts.into_iter().filter(|(_, count)| *count >= 2).map(|(word, _)| word).collect()
}

fn split(name: &str, names: &BTreeSet<&str>, usual: &BTreeSet<&str>) -> Option<(String, String)> {
    let (stem, word) = last_word(name)?;
    if is_certain_stage_word(word) || usual.contains(word) {
        return Some((stem.to_owned(), word.to_owned()));
    }
    if is_stage_word(word) && has_variant(stem, word, names) {
        return Some((stem.to_owned(), word.to_owned()));
    }
    if let Some(split) = without_inner_word(name, names).filter(|(rest, _)| names.contains(rest.as_str())) {
        return Some(split);
    }
    // `shop-prod-eu` beside `shop-prod-us` or `shop-dev-eu`.
    if let Some((head, stage)) = last_word(stem) {
        let marked = is_certain_stage_word(stage)
            && names_after(head, names) <= MAXIMUM_REGIONS
            && names.iter().filter(|other| **other != name).any(|other| {
                last_word(other).is_some_and(|(other_stem, other_word)| {
                    other_stem == stem
                        || (other_word == word
                            && last_word(other_stem).is_some_and(|(other_head, other_stage)| {
                                other_head == head && is_stage_word(other_stage)
                            }))
                })
            });
        if marked {
            return Some((head.to_owned(), format!("{stage}-{word}")));
        }
    }
    without_inner_word(name, names)
}

/// `ns-dev-apps` beside `ns-apps`, `dev-shop` beside `prod-shop` or `shop`.
fn without_inner_word(name: &str, names: &BTreeSet<&str>) -> Option<(String, String)> {
    let words: Vec<&str> = name.split(['-', '_']).collect();
    for (place, word) in words.iter().enumerate().take(words.len().saturating_sub(1)) {
        if !is_certain_stage_word(word) {
            continue;
        }
        let without = |other: &str| {
            let other: Vec<&str> = other.split(['-', '_']).collect();
            other.len() == words.len()
                && other[place] != *word
                && is_stage_word(other[place])
                && other
                    .iter()
                    .zip(&words)
                    .enumerate()
                    .all(|(at, (left, right))| at == place || left == right)
        };
        let mut rest = words.clone();
        rest.remove(place);
        let rest = rest.join("-");
        if names.contains(rest.as_str()) || names.iter().any(|other| without(other)) {
            return Some((rest, (*word).to_owned()));
        }
    }
    None
}

/// More last words than this behind the stages of one name are applications, not regions.
const MAXIMUM_REGIONS: usize = 4;

/// How many different last words stand behind the stages of a name.
fn names_after(head: &str, names: &BTreeSet<&str>) -> usize {
    names
        .iter()
        .filter_map(|other| {
            let (stem, word) = last_word(other)?;
            let (other_head, stage) = last_word(stem)?;
            (other_head == head && is_stage_word(stage)).then_some(word)
        })
        .collect::<BTreeSet<_>>()
        .len()
}

fn has_variant(stem: &str, word: &str, names: &BTreeSet<&str>) -> bool {
    names.contains(stem)
        || names.iter().any(|other| {
            last_word(other).is_some_and(|(other_stem, other_word)| {
                other_stem == stem && other_word != word && is_stage_word(other_word)
            })
        })
}

fn last_word(name: &str) -> Option<(&str, &str)> {
    let place = name.rfind(['-', '_', '.'])?;
    let (stem, word) = (&name[..place], &name[place + 1..]);
    (!stem.is_empty() && !word.is_empty()).then_some((stem, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splits(names: &[&str]) -> Vec<String> {
        let set: BTreeSet<&str> = names.iter().copied().collect();
        let found = split_all(&set);
        names
            .iter()
            .map(|name| match found.get(name) {
                Some(split) => {
                    format!("{}@{}", split.application, split.environment.as_deref().unwrap_or("-"))
                }
                None => "none".to_owned(),
            })
            .collect()
    }

    #[test]
    fn suffixes_are_split_and_names_are_kept() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["shop", "shop-dev", "shop-staging"], &["shop@-", "shop@dev", "shop@staging"]),
            (&["shop", "shop-api"], &["none", "none"]),
            (&["portal-v2-dev"], &["portal-v2@dev"]),
            (&["ns-apps", "ns-dev-apps"], &["ns-apps@-", "ns-apps@dev"]),
            (&["dev-ops-bot", "web"], &["none", "none"]),
            (&["dev-shop", "prod-shop"], &["shop@dev", "shop@prod"]),
            (&["load-test", "web"], &["none", "none"]),
            (&["web-test", "web-prod"], &["web@test", "web@prod"]),
            (&["web-prod-eu", "web-prod-us"], &["web@prod-eu", "web@prod-us"]),
            (
                &["a-dev", "a-demo", "b-dev", "b-demo", "c-demo"],
                &["a@dev", "a@demo", "b@dev", "b@demo", "c@demo"],
            ),
        ];
        for (names, expected) in cases {
            assert_eq!(splits(names), *expected, "{names:?}");
        }
    }
}
