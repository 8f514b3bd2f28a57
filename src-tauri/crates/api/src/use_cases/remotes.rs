//! Content from elsewhere: what is missing, fetching it, what was fetched.

use std::sync::Arc;

use slipway_git::Cancel;
use slipway_model::{InstanceId, REMOTE_DIRECTORY, RemoteReference};

use crate::app::{Api, blocking};
use crate::dto::*;
use crate::error::error;
use crate::remotes::{self, Conversation, MissingRemote, RemoteContent, WhichRemotes};

impl Api {
    pub(crate) async fn remotes_missing(&self, request: RemotesMissing) -> Result<MissingRemotes, ApiError> {
        let opened = self.opened(&request.repository)?;
        let only = request.instance.as_deref().map(instance_id).transpose()?;
        // What was forgotten a moment ago is missed only by what was rendered since.
        let fleet = match (&only, opened.seen_fleet()) {
            (Some(only), Some(fleet)) if fleet.facts.contains_key(only) => fleet,
            _ => opened.whole_fleet(self).await?,
        };
        let missing = remotes::of_fleet(&fleet, &|id| only.as_ref().is_none_or(|only| only == id));
        Ok(MissingRemotes { items: missing.iter().map(missing_info).collect() })
    }

    pub(crate) async fn remotes_fetch(&self, request: RemotesFetch) -> Result<RemotesFetched, ApiError> {
        let RemotesFetch { repository, operation, keys, instances } = request;
        let opened = self.opened(&repository)?;
        let mut which = match (keys.is_empty(), instances.is_empty()) {
            (false, _) => WhichRemotes::These(
                keys.iter().map(|key| remotes::reference_of(key)).collect::<Result<_, _>>()?,
            ),
            (true, false) => {
                WhichRemotes::Of(instances.iter().map(|id| instance_id(id)).collect::<Result<_, _>>()?)
            }
            (true, true) => WhichRemotes::All,
        };
        // Nothing is fetched for what nobody saw yet.
        let whole = opened.whole_fleet(self).await?;
        if let WhichRemotes::These(references) = &mut which {
            *references = references.drain(..).map(|shown| remotes::named(&whole, shown)).collect();
        }
        let (api, name) = (self.clone(), operation.clone());
        let cancel = self.begin(&operation);
        let fetched = opened.clone();
        let outcome = blocking(move || {
            let (opened, unwatched) = (fetched, |_: &Arc<slipway_workspace::Fleet>| ());
            let fleet = || Ok(opened.workspace.update(&opened.cancel, &unwatched)?);
            let content = api.inner.remotes.clone();
            api.conversing(&name, &cancel, &|with| {
                remotes::fetch_for(&content, &opened.workspace, &which, false, with, &fleet)
            })
        })
        .await;
        self.end(&operation);
        let outcomes = outcome?;
        self.see_fetched();
        Ok(RemotesFetched { results: outcomes.iter().map(remotes::FetchOutcome::info).collect() })
    }

    pub(crate) async fn remotes_update(&self, request: RemotesUpdate) -> Result<RemotesFetched, ApiError> {
        let RemotesUpdate { operation, keys } = request;
        let (api, name) = (self.clone(), operation.clone());
        let cancel = self.begin(&operation);
        let outcome = blocking(move || {
            let content = api.inner.remotes.clone();
            let references = api.as_named(&content, listed(&content, &keys)?);
            api.conversing(&name, &cancel, &|with| Ok(remotes::fetch_again(&content, &references, with)))
        })
        .await;
        self.end(&operation);
        let outcomes = outcome?;
        self.see_fetched();
        Ok(RemotesFetched { results: outcomes.iter().map(remotes::FetchOutcome::info).collect() })
    }

    pub(crate) async fn remotes_list(&self, request: RemotesList) -> Result<FetchedRemotes, ApiError> {
        let content = self.inner.remotes.clone();
        let mut listed = blocking(move || content.list()).await?;
        if let Some(repository) = request.repository {
            let fleet = self.opened(&repository)?.fleet(self).await?;
            let mut users = remotes::users_of(&fleet);
            for item in &mut listed.items {
                item.used_by = users.remove(&item.remote.key).unwrap_or_default();
            }
        }
        Ok(listed)
    }

    pub(crate) async fn remotes_forget(&self, request: RemotesForget) -> Result<FetchedRemotes, ApiError> {
        let content = self.inner.remotes.clone();
        let left = blocking(move || {
            for reference in listed(&content, &request.keys)? {
                content.forget(&reference)?;
            }
            content.list()
        })
        .await;
        self.see_fetched();
        left
    }

    /// References as they were fetched. They are shown without the user and password that their addresses hold; the
    /// repositories that are open name them whole.
    fn as_named(&self, content: &RemoteContent, shown: Vec<RemoteReference>) -> Vec<RemoteReference> {
        let remotes = content.remotes();
        let fleets: Vec<_> = self.all_opened().iter().filter_map(|opened| opened.workspace.fleet()).collect();
        let mut all = Vec::new();
        for reference in shown {
            let mut named: Vec<RemoteReference> =
                fleets.iter().flat_map(|fleet| remotes::used_as(fleet, &reference)).collect();
            if named.is_empty() || remotes.find(&reference).is_some() {
                named.push(reference);
            }
            named.sort();
            named.dedup();
            all.extend(named);
        }
        all
    }

    /// Gives a conversation with servers to some work.
    fn conversing<T>(
        &self,
        operation: &str,
        cancel: &Cancel,
        work: &dyn Fn(&Conversation<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let report = |step: &str, done: u64, total: u64| {
            self.tell(ApiEvent::OperationProgress {
                operation: operation.to_owned(),
                step: step.to_owned(),
                done: number(done),
                total: number(total),
            });
        };
        work(&Conversation { network: &self.network(), cancel, report: &report })
    }

    /// Lets all opened repositories see what is fetched now, and render what depends on it.
    fn see_fetched(&self) {
        for opened in self.all_opened() {
            opened.workspace.use_remotes(self.inner.remotes.remotes());
            opened.look_again();
        }
    }
}

/// The references of keys; of all that is listed without keys.
fn listed(content: &RemoteContent, keys: &[String]) -> Result<Vec<RemoteReference>, ApiError> {
    if !keys.is_empty() {
        return keys.iter().map(|key| remotes::reference_of(key)).collect();
    }
    content.list()?.items.iter().map(|item| remotes::reference_of(&item.remote.key)).collect()
}

fn instance_id(text: &str) -> Result<InstanceId, ApiError> {
    text.parse()
        .map_err(|failure: slipway_model::InstanceIdError| error("unknown-instance", failure.to_string()))
}

pub(crate) fn missing_info(missing: &MissingRemote) -> MissingRemoteInfo {
    let place = |location: &slipway_model::Location| RemotePlace {
        file: location.readable_file().into_owned(),
        line: location.line,
        column: location.column,
        own: !location.file.starts_with(REMOTE_DIRECTORY),
    };
    MissingRemoteInfo {
        remote: remotes::info(&missing.reference),
        instances: missing.instances.iter().map(ToString::to_string).collect(),
        places: missing.places.iter().map(place).collect(),
    }
}
