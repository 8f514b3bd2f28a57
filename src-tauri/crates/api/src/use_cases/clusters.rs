//! Clusters: which context fits an environment, and whether one answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use slipway_cluster::{Connection, ConnectionOptions, ErrorKind, KubeconfigSource};

use crate::Api;
use crate::app::blocking;
use crate::clock;
use crate::convert::count;
use crate::dto::*;

/// How long a cluster may take to say that it is there, and before that a program to get the credentials.
const PATIENCE: Duration = Duration::from_secs(5);

impl Api {
    pub(crate) async fn context_proposals(
        &self,
        request: RepositoryRef,
    ) -> Result<ContextProposals, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = opened.fleet(self).await?;
        let chosen = self.contexts_of(&opened);
        let source = self.kubeconfig();
        blocking(move || {
            // Without a kubeconfig there is nothing to propose; `contexts` says why.
            let contexts = slipway_cluster::contexts(&source).unwrap_or_default();
            let names: Vec<&str> = contexts.iter().map(|context| context.name.as_str()).collect();
            let environments: Vec<&str> =
                fleet.catalog.environments.iter().map(|environment| environment.name.as_str()).collect();
            let proposals = propose(&environments, &names)
                .into_iter()
                .filter(|proposal| !chosen.contains_key(&proposal.environment))
                .collect();
            Ok(ContextProposals { proposals })
        })
        .await
    }

    pub(crate) async fn cluster_check(&self, request: ClusterCheck) -> Result<ClusterAnswer, ApiError> {
        let source = self.kubeconfig();
        let began = Instant::now();
        let asked_at = clock::milliseconds();
        let options = ConnectionOptions {
            connect_timeout: PATIENCE,
            request_timeout: PATIENCE,
            login_timeout: PATIENCE,
            ..ConnectionOptions::default()
        };
        let context = request.context.clone();
        let ask = async {
            let connection = Connection::from_kubeconfig(&source, Some(&context), options).await?;
            let version = connection.version().await?;
            Ok::<_, slipway_cluster::ClusterError>((connection, version))
        };
        // The program that gets the credentials and the cluster are each waited for so long, and say so themselves.
        let answer = ask.await;
        if answer.is_err() {
            self.cluster_is_silent(&request.context);
        }
        let base = ClusterAnswer {
            context: request.context,
            state: ClusterState::Connected,
            version: None,
            milliseconds: None,
            message: None,
            hints: Vec::new(),
            asked_at,
        };
        Ok(match answer {
            Ok((connection, version)) => {
                let milliseconds = usize::try_from(began.elapsed().as_millis()).unwrap_or(usize::MAX);
                self.cluster_answers(&Arc::new(connection));
                ClusterAnswer { version: Some(version), milliseconds: Some(count(milliseconds)), ..base }
            }
            Err(failure) => ClusterAnswer {
                state: match failure.kind {
                    ErrorKind::Unauthorised | ErrorKind::Forbidden => ClusterState::SignInNeeded,
                    ErrorKind::TimedOut => ClusterState::TimedOut,
                    ErrorKind::Kubeconfig => ClusterState::Misconfigured,
                    _ => ClusterState::Unreachable,
                },
                message: Some(failure.to_string()),
                hints: failure.hints,
                ..base
            },
        })
    }

    pub(crate) fn kubeconfig(&self) -> KubeconfigSource {
        self.settings_now().kubeconfig.into()
    }
}

/// Words of a name, lower case, with the usual short forms written out.
fn words(name: &str) -> Vec<String> {
    name.split(|each: char| !each.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let word = word.to_lowercase();
            match word.as_str() {
                "prod" | "prd" | "live" => "production".to_owned(),
                "stg" | "stage" | "preprod" => "staging".to_owned(),
                "dev" | "develop" => "development".to_owned(),
                _ => word,
            }
        })
        .collect()
}

/// For each environment the one context whose name has all its words; where several fit, the one with the fewest
/// other words; where that is not one, none. No context is proposed twice.
fn propose(environments: &[&str], contexts: &[&str]) -> Vec<ContextProposal> {
    let mut found: Vec<ContextProposal> = Vec::new();
    for environment in environments {
        let wanted = words(environment);
        if wanted.is_empty() {
            continue;
        }
        let mut fitting: Vec<(usize, &str)> = contexts
            .iter()
            .filter_map(|context| {
                let has = words(context);
                wanted.iter().all(|word| has.contains(word)).then_some((has.len(), *context))
            })
            .collect();
        fitting.sort_unstable();
        let best = match fitting.as_slice() {
            [only] => Some(only.1),
            [first, second, ..] if first.0 < second.0 => Some(first.1),
            _ => None,
        };
        if let Some(context) = best {
            found.push(ContextProposal {
                environment: (*environment).to_owned(),
                context: context.to_owned(),
                reason: format!(
                    "its name holds {}",
                    wanted.iter().map(|word| format!("“{word}”")).collect::<Vec<_>>().join(" and ")
                ),
            });
        }
    }
    let twice: Vec<String> = found
        .iter()
        .filter(|one| found.iter().filter(|other| other.context == one.context).count() > 1)
        .map(|one| one.context.clone())
        .collect();
    found.retain(|proposal| !twice.contains(&proposal.context));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(environments: &[&str], contexts: &[&str]) -> Vec<(String, String)> {
        propose(environments, contexts).into_iter().map(|each| (each.environment, each.context)).collect()
    }

    fn pair(environment: &str, context: &str) -> (String, String) {
        (environment.to_owned(), context.to_owned())
    }

    #[test]
    fn contexts_are_proposed_by_the_words_of_their_names() {
        assert_eq!(
            pairs(&["staging", "production"], &["acme-prod", "acme-stg", "kind-kind"]),
            [pair("staging", "acme-stg"), pair("production", "acme-prod")]
        );
        assert_eq!(
            pairs(&["production/eu", "production/us"], &["prod_eu_1", "prod-us", "prod"]),
            [pair("production/eu", "prod_eu_1"), pair("production/us", "prod-us")]
        );
    }

    #[test]
    fn what_is_not_clear_is_not_proposed() {
        assert!(pairs(&["production"], &["prod-eu", "prod-us"]).is_empty(), "two fit as well");
        assert!(pairs(&["prod", "production"], &["prod"]).is_empty(), "one cluster for two environments");
        assert!(
            pairs(&["production"], &["reproduction", "nonprod"]).is_empty(),
            "parts of words do not count"
        );
        assert!(pairs(&["---"], &["x"]).is_empty());
    }
}
