//! Fetching one reference.

use slipway_charts::{
    Access, ChartError, ChartRequest, Credential, Progress as ChartProgress, WebFile, fetch_file,
};
use slipway_git::{Cancel, Network};
use slipway_kustomize::RepositoryUrl;
use slipway_model::RemoteReference;

use super::RemoteContent;
use crate::dto::ApiError;
use crate::error::{chain, error};

/// With whose help it is fetched.
pub(crate) struct Conversation<'a> {
    /// How servers of Git are spoken to, and where passwords are kept.
    pub(crate) network: &'a Network,
    /// Stops it.
    pub(crate) cancel: &'a Cancel,
    /// What is done at the moment, how far it is, and of how much; 0 where that is not known.
    pub(crate) report: &'a dyn Fn(&str, u64, u64),
}

/// What a fetch brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Brought {
    /// A commit, the version of a chart, the digest of a file.
    pub(super) resolved: String,
    /// What is not complete.
    pub(super) notes: Vec<String>,
}

impl Conversation<'_> {
    fn credential(&self, server: &str) -> Option<Credential> {
        let found = self.network.credentials.as_ref()?.get(server, None)?;
        Some(Credential { username: found.username, password: found.password })
    }
}

impl RemoteContent {
    /// Fetches a reference; `again` also what is here.
    pub(super) fn fetch(
        &self,
        reference: &RemoteReference,
        again: bool,
        with: &Conversation<'_>,
    ) -> Result<Brought, ApiError> {
        match reference {
            RemoteReference::Chart { repository, name, version } => {
                let charts = self.charts.as_ref().map_err(|why| error("store", why.clone()))?;
                let request = ChartRequest {
                    repository: repository.clone(),
                    name: name.clone(),
                    version: version.clone(),
                    pass_credentials: false,
                };
                let fetched = with_access(reference, with, |access| charts.fetch(&request, access))
                    .map_err(|failure| refused(&failure))?;
                Ok(Brought { resolved: fetched.version, notes: Vec::new() })
            }
            RemoteReference::Repository { url, revision } => {
                self.fetch_repository(reference, url, revision, again, with)
            }
            RemoteReference::File { url } => self.fetch_file(reference, url, again, with),
        }
    }

    fn fetch_repository(
        &self,
        reference: &RemoteReference,
        url: &str,
        revision: &str,
        again: bool,
        with: &Conversation<'_>,
    ) -> Result<Brought, ApiError> {
        let known = if again { None } else { self.repositories.find(url, revision)? };
        let text = reference.to_string();
        let fetched = match known {
            Some(fetched) => fetched,
            None => {
                let mut report = |progress: slipway_git::Progress| {
                    (with.report)(
                        &format!("{text}: {}", progress.phase),
                        progress.done,
                        progress.total.unwrap_or(0),
                    );
                };
                self.repositories.fetch(url, revision, with.network, &mut report, with.cancel)?
            }
        };
        let notes = fetched.submodules.iter().filter_map(|submodule| {
            let failure = submodule.failure.as_ref()?;
            Some(format!("the submodule `{}` was not fetched: {failure}", submodule.path))
        });
        Ok(Brought { notes: notes.collect(), resolved: fetched.commit })
    }

    /// A file; where the server has none there and the address may be a repository's, that. So does kustomize.
    fn fetch_file(
        &self,
        reference: &RemoteReference,
        url: &str,
        again: bool,
        with: &Conversation<'_>,
    ) -> Result<Brought, ApiError> {
        let repository = RepositoryUrl::parse(url);
        let inner = repository.as_ref().map(RepositoryUrl::remote);
        let fetch_repository = |again: bool, inner: &RemoteReference| self.fetch(inner, again, with);
        if let Some(inner @ RemoteReference::Repository { url, revision }) = &inner
            && self.repositories.find(url, revision)?.is_some()
        {
            return fetch_repository(again, inner);
        }
        let file = with_access(reference, with, |access| fetch_file(url, access));
        let as_file = match file {
            Ok(WebFile::File(content)) => {
                let kept = self.files.keep(
                    url,
                    &reference.to_string(),
                    &content,
                    u64::try_from(crate::clock::seconds()).unwrap_or(0),
                )?;
                return Ok(Brought { resolved: kept.digest, notes: Vec::new() });
            }
            Ok(WebFile::Page) => {
                error("not-a-file", format!("{reference} is a page for people to read, and no file"))
                    .hint("name the raw file: forges have an address of its own for it")
            }
            Err(failure @ (ChartError::Cancelled | ChartError::TooLarge { .. })) => {
                return Err(refused(&failure));
            }
            Err(failure) => refused(&failure),
        };
        let Some(inner) = &inner else { return Err(as_file) };
        fetch_repository(again, inner).map_err(|mut failure| {
            if failure.code != "cancelled" {
                failure.hints.push(format!("as a file: {}", as_file.message));
            }
            failure
        })
    }
}

/// Runs what the crate of charts does with our credentials, progress and cancellation.
fn with_access<T>(
    reference: &RemoteReference,
    with: &Conversation<'_>,
    run: impl FnOnce(&Access<'_>) -> Result<T, ChartError>,
) -> Result<T, ChartError> {
    let text = reference.to_string();
    let credentials = |server: &str| with.credential(server);
    let progress = |fact: ChartProgress| match fact {
        ChartProgress::Receiving { received, total, .. } => {
            (with.report)(&text, received, total.unwrap_or(0));
        }
        _ => (with.report)(&text, 0, 0),
    };
    let cancelled = || with.cancel.is_cancelled();
    run(&Access { credentials: &credentials, progress: &progress, cancelled: &cancelled })
}

fn refused(failure: &ChartError) -> ApiError {
    let code = match failure {
        ChartError::Cancelled => "cancelled",
        ChartError::Unauthorized { .. } => "authentication",
        ChartError::Network { .. } => "network",
        ChartError::Store { .. } => "store",
        _ => "fetch",
    };
    let mut converted = error(code, chain(failure));
    converted.hints = failure.hints();
    converted
}
