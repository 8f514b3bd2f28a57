//! Content from elsewhere, from the command line.

use std::sync::Arc;

use slipway_git::{Cancel, Network, Transport};
use slipway_store::Credentials;

use super::Snapshot;
use crate::dto::{ApiError, FetchedRemotes};
use crate::remotes::{self, Conversation, FetchOutcome, MissingRemote, WhichRemotes};

impl Snapshot {
    /// What the instances with these names lack; the whole fleet without names.
    ///
    /// # Errors
    /// When a name is no instance, or the files cannot be read.
    pub fn missing_remotes(&self, names: &[String]) -> Result<Vec<MissingRemote>, ApiError> {
        let wanted = self.which(names)?;
        Ok(remotes::of_fleet(&*self.fleet()?, &|id| match &wanted {
            WhichRemotes::Of(instances) => instances.contains(id),
            _ => true,
        }))
    }

    /// Fetches what the instances with these names lack, and what that names in turn; for the whole fleet without names.
    /// With `again` also what they use already. `report` is told what is done, how far it is, and of how much.
    ///
    /// # Errors
    /// When a name is no instance, or the files cannot be read. What cannot be fetched is among the outcomes.
    pub fn fetch_remotes(
        &self,
        names: &[String],
        again: bool,
        report: &dyn Fn(&str, u64, u64),
    ) -> Result<Vec<FetchOutcome>, ApiError> {
        let mut network = Network::new(Transport::choose());
        network.credentials = Some(Arc::new(Credentials::new()));
        let with = Conversation { network: &network, cancel: &Cancel::new(), report };
        let which = self.which(names)?;
        remotes::fetch_for(&self.content, &self.workspace, &which, again, &with, &|| self.fleet())
    }

    /// Everything that was fetched, for any repository.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn fetched_remotes(&self) -> Result<FetchedRemotes, ApiError> {
        self.content.list()
    }

    fn which(&self, names: &[String]) -> Result<WhichRemotes, ApiError> {
        if names.is_empty() {
            return Ok(WhichRemotes::All);
        }
        Ok(WhichRemotes::Of(self.instances(names)?.into_iter().map(|instance| instance.id.clone()).collect()))
    }
}
