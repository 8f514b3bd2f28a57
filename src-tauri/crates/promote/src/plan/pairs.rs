//! Which instance is promoted to which.

use slipway_catalog::{Application, Catalog, Instance};
use slipway_diff::EnvironmentWords;
use slipway_model::{ApplicationName, EnvironmentName, Problem, Tree};

use super::newcomers::{Newcomer, newcomer, not_in_target};

/// An instance and the one that it is promoted to.
#[derive(Clone, Copy, Debug)]
pub struct InstancePair<'a> {
    /// Taken from.
    pub from: &'a Instance,
    /// Changed.
    pub to: &'a Instance,
}

/// What is promoted to what.
#[derive(Clone, Debug, Default)]
pub struct Pairing<'a> {
    /// Instances that are there on both sides, by application, then in the order of the environments.
    pub pairs: Vec<InstancePair<'a>>,
    /// Named applications that come to an environment.
    pub newcomers: Vec<Newcomer<'a>>,
    /// What cannot be promoted, and why.
    pub problems: Vec<Problem>,
}

/// Pairs the instances for promoting applications (all, where none is named) from an environment to others.
///
/// Where an application is several times in an environment, instances are paired whose paths are equal but for
/// the names of environments, else by position where both have equally many. A named application that an
/// environment does not have yet comes to it, where the layout makes certain where its files go.
///
/// A name also stands for the environments below it (`production` for `production/eu` and `production/us`), where
/// an application is not in an environment of that very name: all of them are changed, and the first one of the
/// source is taken from.
#[must_use]
pub fn pairs<'a>(
    catalog: &'a Catalog,
    tree: &dyn Tree,
    from: &EnvironmentName,
    to: &[EnvironmentName],
    applications: &[ApplicationName],
) -> Pairing<'a> {
    let mut pairing =
        Pairing { problems: unknown_names(catalog, from, to, applications), ..Pairing::default() };
    if !pairing.problems.is_empty() {
        return pairing;
    }
    let words = environment_words(catalog);
    for application in &catalog.applications {
        let is_named = applications.contains(&application.name);
        if !applications.is_empty() && !is_named {
            continue;
        }
        let sources = source_instances(catalog, application, from, &mut pairing.problems);
        let Some(first) = sources.first() else {
            if is_named {
                let message = format!("`{}` is not in `{from}`", application.name);
                pairing.problems.push(Problem::error("not-in-source", message));
            }
            continue;
        };
        for environment in to {
            let targets = instances_in(application, environment);
            let below = instances_below(application, environment);
            if targets.is_empty() && !below.is_empty() {
                pair_all(&sources, &below, &words, &mut pairing);
            } else if !targets.is_empty() {
                pair(&sources, &targets, &words, &mut pairing);
            } else if !is_named {
                let message = format!("`{}` is not in `{environment}` yet", application.name);
                pairing.problems.push(
                    Problem::info("not-in-target", message)
                        .of(first.id.clone())
                        .hint(format!("`--app {}` adds it", application.name)),
                );
            } else if sources.len() > 1 {
                let why = "it is several times in the source";
                pairing.problems.push(not_in_target(&application.name, first, environment, why));
            } else {
                match newcomer(catalog, tree, first, environment) {
                    Ok(found) => pairing.newcomers.push(found),
                    Err(why) => {
                        pairing.problems.push(not_in_target(&application.name, first, environment, &why));
                    }
                }
            }
        }
    }
    pairing
}

fn unknown_names(
    catalog: &Catalog,
    from: &EnvironmentName,
    to: &[EnvironmentName],
    applications: &[ApplicationName],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let known: Vec<&str> = catalog.environments.iter().map(|each| each.name.as_str()).collect();
    for name in std::iter::once(from).chain(to) {
        let is_group = catalog.environments.iter().any(|each| is_below(&each.name, name));
        if catalog.environment(name).is_none() && !is_group {
            let message = format!("there is no environment `{name}`");
            problems.push(
                Problem::error("unknown-environment", message)
                    .hint(format!("there are: {}", known.join(", "))),
            );
        }
    }
    if to.contains(from) {
        problems.push(Problem::error("same-environment", format!("`{from}` cannot be promoted to itself")));
    }
    for name in applications {
        if !catalog.applications.iter().any(|application| application.name == *name) {
            problems.push(Problem::error("unknown-application", format!("there is no application `{name}`")));
        }
    }
    problems
}

fn instances_in<'a>(application: &'a Application, environment: &EnvironmentName) -> Vec<&'a Instance> {
    application.instances.iter().filter(|instance| instance.id.environment == *environment).collect()
}

fn is_below(environment: &EnvironmentName, group: &EnvironmentName) -> bool {
    environment.as_str().strip_prefix(group.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

fn instances_below<'a>(application: &'a Application, group: &EnvironmentName) -> Vec<&'a Instance> {
    application.instances.iter().filter(|instance| is_below(&instance.id.environment, group)).collect()
}

/// The instances that are taken from: those of the environment, else those of the first environment below it.
fn source_instances<'a>(
    catalog: &Catalog,
    application: &'a Application,
    from: &EnvironmentName,
    problems: &mut Vec<Problem>,
) -> Vec<&'a Instance> {
    let own = instances_in(application, from);
    if !own.is_empty() {
        return own;
    }
    let below = instances_below(application, from);
    let mut members = catalog
        .environments
        .iter()
        .map(|environment| &environment.name)
        .filter(|name| below.iter().any(|instance| instance.id.environment == **name));
    let Some(first) = members.next() else { return Vec::new() };
    let others: Vec<&str> = members.map(EnvironmentName::as_str).collect();
    if !others.is_empty() {
        problems.push(
            Problem::info(
                "environment-group",
                format!("`{}` is taken from `{first}`, the first environment of `{from}`", application.name),
            )
            .hint(format!("`--from` with one of: {}", others.join(", "))),
        );
    }
    below.into_iter().filter(|instance| instance.id.environment == *first).collect()
}

/// Pairs each environment's instances of a group by itself.
fn pair_all<'a>(
    sources: &[&'a Instance],
    targets: &[&'a Instance],
    words: &EnvironmentWords,
    pairing: &mut Pairing<'a>,
) {
    let mut rest = targets;
    while let Some(first) = rest.first() {
        let (own, others) =
            rest.split_at(rest.iter().take_while(|each| each.id.environment == first.id.environment).count());
        pair(sources, own, words, pairing);
        rest = others;
    }
}

fn pair<'a>(
    sources: &[&'a Instance],
    targets: &[&'a Instance],
    words: &EnvironmentWords,
    pairing: &mut Pairing<'a>,
) {
    let place = |instance: &Instance| words.neutral_text(instance.place().as_str());
    for (index, to) in targets.iter().enumerate() {
        let mut like = sources.iter().filter(|from| place(from) == place(to));
        let by_path = like.next().filter(|_| like.next().is_none());
        let by_position = sources.get(index).filter(|_| sources.len() == targets.len());
        match by_path.or(by_position) {
            Some(from) => pairing.pairs.push(InstancePair { from, to }),
            None => pairing.problems.push(
                Problem::error("ambiguous-source", "several instances could be promoted here".to_owned())
                    .of(to.id.clone())
                    .hint("name environments and applications so that each instance is unique"),
            ),
        }
    }
}

/// The names of all environments of a catalog with their aliases, and the short forms that go with them
/// (`prod` for `production`).
#[must_use]
pub fn environment_words(catalog: &Catalog) -> EnvironmentWords {
    let mut names: Vec<&str> = Vec::new();
    for environment in &catalog.environments {
        names.push(environment.name.as_str());
        names.extend(environment.aliases.iter().map(String::as_str));
    }
    let short: Vec<&str> = names
        .iter()
        .flat_map(|name| name.split(['/', '-', '_']))
        .flat_map(|word| match word {
            "production" | "prod" | "prd" => ["production", "prod", "prd"].as_slice(),
            "staging" | "stage" | "stg" => ["staging", "stage", "stg"].as_slice(),
            "development" => ["development", "dev"].as_slice(),
            _ => [].as_slice(),
        })
        .copied()
        .collect();
    EnvironmentWords::new(names.into_iter().chain(short))
}
