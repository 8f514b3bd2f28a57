//! Fetching for a fleet: what is fetched may name more, so it is rendered and fetched until nothing is missing.

use std::sync::Arc;

use slipway_model::{InstanceId, RemoteReference};
use slipway_workspace::{Fleet, Workspace};

use super::fetch::Conversation;
use super::{RemoteContent, info, missing};
use crate::dto::{ApiError, FetchedResult};
use crate::error::error;

/// Bases within bases are followed as far as this.
const ROUNDS: usize = 16;

/// What to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WhichRemotes {
    /// What the whole fleet lacks.
    All,
    /// What these instances lack.
    Of(Vec<InstanceId>),
    /// These, and nothing that they name.
    These(Vec<RemoteReference>),
}

/// How the fetch of one reference ended.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchOutcome {
    /// What was fetched.
    pub reference: RemoteReference,
    /// A commit, the version of a chart, the digest of a file; or why there is none.
    pub result: Result<String, ApiError>,
    /// What is not complete.
    pub notes: Vec<String>,
}

impl FetchOutcome {
    /// As it crosses the façade.
    #[must_use]
    pub fn info(&self) -> FetchedResult {
        FetchedResult {
            remote: info(&self.reference),
            resolved: self.result.as_ref().ok().cloned(),
            failure: self.result.as_ref().err().cloned(),
            notes: self.notes.clone(),
        }
    }
}

/// Fetches what is missing; `again` also what the instances use already. Each reference is fetched once. The workspace
/// sees what came; `fleet` gives its fleet with everything rendered.
///
/// # Errors
/// When the fleet cannot be read, or it was cancelled before anything was fetched.
pub(crate) fn fetch_for(
    content: &RemoteContent,
    workspace: &Workspace,
    which: &WhichRemotes,
    again: bool,
    with: &Conversation<'_>,
    fleet: &dyn Fn() -> Result<Arc<Fleet>, ApiError>,
) -> Result<Vec<FetchOutcome>, ApiError> {
    let mut outcomes: Vec<FetchOutcome> = Vec::new();
    for round in 0..ROUNDS {
        let mut wanted = match which {
            WhichRemotes::These(references) if round == 0 => references.clone(),
            WhichRemotes::These(_) => break,
            WhichRemotes::All | WhichRemotes::Of(_) => {
                let fleet = fleet()?;
                let takes = |id: &InstanceId| match which {
                    WhichRemotes::Of(instances) => instances.contains(id),
                    _ => true,
                };
                let mut wanted: Vec<RemoteReference> =
                    missing::of_fleet(&fleet, &takes).into_iter().map(|missing| missing.reference).collect();
                if again && round == 0 {
                    wanted.extend(missing::used(&fleet, &takes));
                }
                wanted
            }
        };
        wanted.retain(|reference| outcomes.iter().all(|outcome| outcome.reference != *reference));
        wanted.sort();
        wanted.dedup();
        if wanted.is_empty() {
            break;
        }
        let stopped = fetch_each(content, wanted, again, with, &mut outcomes);
        if outcomes.iter().any(|outcome| outcome.result.is_ok()) {
            workspace.use_remotes(content.remotes());
        }
        if stopped {
            break;
        }
    }
    Ok(outcomes)
}

/// Fetches again what was fetched before.
pub(crate) fn fetch_again(
    content: &RemoteContent,
    references: &[RemoteReference],
    with: &Conversation<'_>,
) -> Vec<FetchOutcome> {
    let (known, unknown): (Vec<_>, Vec<_>) =
        references.iter().cloned().partition(|reference| content.remotes().find(reference).is_some());
    let mut outcomes = Vec::new();
    for reference in unknown {
        // What is listed is named without the credentials that its address may hold.
        let why = "it is not here under this address, or its address holds a password, which is not kept";
        let failure = error("not-fetched", why).hint("fetch it for the instance that names it");
        outcomes.push(FetchOutcome { reference, result: Err(failure), notes: Vec::new() });
    }
    fetch_each(content, known, true, with, &mut outcomes);
    outcomes
}

/// Fetches one after the other; whether it was stopped.
fn fetch_each(
    content: &RemoteContent,
    references: Vec<RemoteReference>,
    again: bool,
    with: &Conversation<'_>,
    outcomes: &mut Vec<FetchOutcome>,
) -> bool {
    for reference in references {
        let brought = content.fetch(&reference, again, with);
        let stopped = brought.as_ref().is_err_and(|failure| failure.code == "cancelled");
        let (result, notes) = match brought {
            Ok(brought) => (Ok(brought.resolved), brought.notes),
            Err(failure) => (Err(failure), Vec::new()),
        };
        outcomes.push(FetchOutcome { reference, result, notes });
        if stopped {
            return true;
        }
    }
    false
}
