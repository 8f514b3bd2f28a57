//! Comparing two sides, on the command line.

use std::sync::Arc;

use slipway_diff::{Comparison, Report};
use slipway_model::{EnvironmentName, InstanceId, Manifest, Problem};
use slipway_workspace::{Clusters, Fleet, RenderStatus};

use super::Snapshot;
use crate::dto::ApiError;
use crate::error::error;
use crate::secrets::mask_key;

/// A side of `slipway diff`: `app@env`, `env`, or `revision:R`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DiffQuestion {
    /// One instance.
    Instance(InstanceId),
    /// All instances of an environment.
    Environment(EnvironmentName),
    /// The whole repository at a revision.
    Revision(String),
}

impl DiffQuestion {
    /// Reads a side. What has an `@` is an instance.
    ///
    /// # Errors
    /// When it is none of the three, or needs a cluster, which this command does not ask.
    fn read(text: &str) -> Result<Self, ApiError> {
        if let Some(revision) = text.strip_prefix("revision:") {
            return Ok(Self::Revision(revision.to_owned()));
        }
        if text.starts_with("live:") {
            return Err(error("not-supported", "a comparison with a live cluster is not there yet")
                .hint("`slipway sync --dry-run` shows what a sync would change"));
        }
        if text.contains('@') {
            let id = text.parse().map_err(|failure: slipway_model::InstanceIdError| {
                error("unknown-instance", failure.to_string())
            })?;
            return Ok(Self::Instance(id));
        }
        Ok(Self::Environment(EnvironmentName::new(text)))
    }
}

/// A side: a fleet, and the instances of it that are meant, by what they are matched by.
struct Side {
    fleet: Arc<Fleet>,
    instances: Vec<InstanceId>,
}

impl Snapshot {
    /// The environments whose clusters a comparison with this second side may ask.
    ///
    /// # Errors
    /// When it is none.
    pub fn environments_of_side(&self, to: &str) -> Result<Vec<EnvironmentName>, ApiError> {
        Ok(match DiffQuestion::read(to)? {
            DiffQuestion::Instance(id) => vec![id.environment],
            DiffQuestion::Environment(name) => vec![name],
            DiffQuestion::Revision(_) => {
                self.catalog.environments.iter().map(|environment| environment.name.clone()).collect()
            }
        })
    }

    /// Compares two sides: their instances are matched by application, those of two revisions by application
    /// and environment.
    ///
    /// # Errors
    /// When a side is not there.
    pub fn diff(&self, from: &str, to: &str) -> Result<Report, ApiError> {
        let (question, answer) = (DiffQuestion::read(from)?, DiffQuestion::read(to)?);
        let by_environment =
            matches!((&question, &answer), (DiffQuestion::Revision(_), _) | (_, DiffQuestion::Revision(_)));
        let before = self.side(&question, None)?;
        let after = self.side(&answer, None)?;
        // A revision against an environment means that environment at that revision.
        let before = match (&question, &answer) {
            (DiffQuestion::Revision(_), DiffQuestion::Environment(_) | DiffQuestion::Instance(_)) => {
                self.side(&answer, Some(&before.fleet))?
            }
            _ => before,
        };
        let after = match (&question, &answer) {
            (DiffQuestion::Environment(_) | DiffQuestion::Instance(_), DiffQuestion::Revision(_)) => {
                self.side(&question, Some(&after.fleet))?
            }
            _ => after,
        };
        let pair = matches!((&question, &answer), (DiffQuestion::Instance(_), DiffQuestion::Instance(_)));
        let same = |left: &InstanceId, right: &InstanceId| {
            pair || (left.application == right.application
                && (!by_environment || left.environment == right.environment))
        };
        let mut problems = Vec::new();
        let mut changes = Vec::new();
        let mut met = Vec::new();
        for id in &after.instances {
            let counterpart = before.instances.iter().find(|other| same(other, id));
            met.extend(counterpart);
            let clusters = counterpart
                .map(|other| after.fleet.clusters.for_comparison(&other.environment, &id.environment));
            let manifests = |fleet, id| self.compared(fleet, id, clusters.as_ref());
            let old = counterpart.map_or(Ok(Vec::new()), |other| manifests(&before.fleet, other));
            compare(&after.fleet, id, old, manifests(&after.fleet, id), &mut changes, &mut problems);
        }
        for id in before.instances.iter().filter(|id| !met.contains(id)) {
            compare(
                &before.fleet,
                id,
                self.compared(&before.fleet, id, None),
                Ok(Vec::new()),
                &mut changes,
                &mut problems,
            );
        }
        problems.extend(self.silent_clusters());
        Ok(Report::new(from, to, changes, problems))
    }

    /// The objects of an instance as they are compared, where something stands against them with these clusters.
    fn compared(
        &self,
        fleet: &Fleet,
        id: &InstanceId,
        clusters: Option<&Clusters>,
    ) -> Result<Vec<Manifest>, Box<Problem>> {
        match fleet.facts.get(id) {
            Some(facts) if facts.status != RenderStatus::Failed => {
                Ok(match clusters.zip(fleet.catalog.instance(id)) {
                    Some((clusters, instance)) => {
                        self.workspace.manifests_beside(&fleet.tree, instance, facts, clusters)
                    }
                    None => facts.manifests(),
                })
            }
            Some(facts) => {
                let problem = facts.problems.iter().find(|problem| problem.is_error()).cloned();
                let problem = problem.unwrap_or_else(|| Problem::error("render-failed", "the render failed"));
                Err(Box::new(problem.of(id.clone())))
            }
            None => {
                let problem = Problem::error("render-failed", "the instance was not rendered");
                Err(Box::new(problem.of(id.clone())))
            }
        }
    }

    fn side(&self, question: &DiffQuestion, fleet: Option<&Arc<Fleet>>) -> Result<Side, ApiError> {
        let fleet = match (fleet, question) {
            (Some(fleet), _) => fleet.clone(),
            (None, DiffQuestion::Revision(revision)) => {
                self.fleet_at(&self.workspace.repository().resolve(revision)?)?
            }
            (None, _) => self.fleet()?,
        };
        let instances = match question {
            DiffQuestion::Revision(_) => fleet.catalog.instances().map(|each| each.id.clone()).collect(),
            DiffQuestion::Instance(id) => {
                let instance = fleet.instance(id).map_err(|failure| self.with_suggestion(failure, id))?;
                vec![instance.id.clone()]
            }
            DiffQuestion::Environment(name) => {
                if fleet.catalog.environment(name).is_none() {
                    let known: Vec<&str> =
                        fleet.catalog.environments.iter().map(|each| each.name.as_str()).collect();
                    return Err(ApiError::from(slipway_workspace::WorkspaceError::UnknownEnvironment(
                        name.clone(),
                    ))
                    .hint(if known.is_empty() {
                        "no environment was found; `slipway scan` says why".to_owned()
                    } else {
                        format!("there is {}", known.join(", "))
                    }));
                }
                fleet
                    .catalog
                    .instances()
                    .filter(|each| each.id.environment == *name)
                    .map(|each| each.id.clone())
                    .collect()
            }
        };
        Ok(Side { fleet, instances })
    }
}

fn compare(
    fleet: &Fleet,
    id: &InstanceId,
    before: Result<Vec<Manifest>, Box<Problem>>,
    after: Result<Vec<Manifest>, Box<Problem>>,
    changes: &mut Vec<(InstanceId, Comparison)>,
    problems: &mut Vec<Problem>,
) {
    match (before, after) {
        (Ok(before), Ok(after)) => {
            changes.push((id.clone(), fleet.compare(&before, &after, mask_key())));
        }
        (before, after) => {
            problems.extend(before.err().map(|problem| *problem));
            problems.extend(after.err().map(|problem| *problem));
        }
    }
}
