//! What is known of a remote: data from the repository's configuration, and nothing that starts a program.

use git2::Config;

use crate::error::{Attempt, GitError};
use crate::settings;
use crate::transport::url;

/// A remote as it is configured.
#[derive(Clone)]
pub(crate) struct RemoteData {
    pub(crate) name: String,
    /// As configured, before `insteadOf`.
    pub(crate) configured: Vec<(String, String)>,
    /// Where it is fetched from, after `insteadOf`; may hold credentials.
    pub(crate) fetch_url: String,
    /// Where it is pushed to; may hold credentials.
    pub(crate) push_url: String,
    /// Into `refs/remotes/` only.
    pub(crate) refspecs: Vec<String>,
    pub(crate) prune: bool,
    /// The repository is a partial clone of this remote.
    pub(crate) promisor: bool,
}

impl RemoteData {
    pub(crate) fn of(repository: &git2::Repository, name: &str) -> Result<Self, GitError> {
        let absent = || GitError::NoSuchRemote { remote: name.to_owned() };
        if !git2::Remote::is_valid_name(name) || name.starts_with('-') {
            return Err(absent());
        }
        let remote = repository.find_remote(name).map_err(|_| absent())?;
        let fetch_url = String::from_utf8_lossy(remote.url_bytes()).into_owned();
        let push_url = remote
            .pushurl_bytes()
            .map_or_else(|| fetch_url.clone(), |bytes| String::from_utf8_lossy(bytes).into_owned());
        url::scheme(&fetch_url)?;
        url::scheme(&push_url)?;
        let config = settings::of(repository)?;
        let own = format!("remote.{name}.");
        let mut configured = Vec::new();
        let mut promisor = false;
        let entries = config.entries(None).attempt("read the configuration")?;
        entries
            .for_each(|entry| {
                let (Ok(key), Ok(value)) = (entry.name(), entry.value()) else {
                    return;
                };
                let of_repository =
                    matches!(entry.level(), git2::ConfigLevel::Local | git2::ConfigLevel::Worktree);
                if !of_repository {
                    return;
                }
                let rewrites = key.starts_with("url.")
                    && (key.ends_with(".insteadof") || key.ends_with(".pushinsteadof"));
                let setting = key.strip_prefix(&own);
                promisor |= setting == Some("promisor") && value == "true";
                // Addresses and filters are data; `uploadpack`, `vcs` and `proxy` are left behind.
                let is_data =
                    matches!(setting, Some("url" | "pushurl" | "promisor" | "partialclonefilter" | "tagopt"));
                if rewrites || is_data {
                    configured.push((key.to_owned(), value.to_owned()));
                }
            })
            .attempt("read the configuration")?;
        let refspecs = refspecs(&remote, name)?;
        let prune = flag(&config, &format!("remote.{name}.prune")) || flag(&config, "fetch.prune");
        Ok(Self { name: name.to_owned(), configured, fetch_url, push_url, refspecs, prune, promisor })
    }
}

fn flag(config: &Config, name: &str) -> bool {
    config.get_bool(name).unwrap_or(false)
}

/// The refspecs that lead into `refs/remotes/`; a repository's own that would move local branches are not used.
fn refspecs(remote: &git2::Remote<'_>, name: &str) -> Result<Vec<String>, GitError> {
    let configured = remote.fetch_refspecs().attempt("read the refspecs")?;
    let mut specs: Vec<String> = configured
        .iter()
        .filter_map(|spec| spec.ok().flatten())
        .filter(|spec| {
            let plain = spec.strip_prefix('+').unwrap_or(spec);
            plain
                .split_once(':')
                .is_some_and(|(from, to)| from.starts_with("refs/heads/") && to.starts_with("refs/remotes/"))
        })
        .map(str::to_owned)
        .collect();
    if specs.is_empty() {
        specs.push(format!("+refs/heads/*:refs/remotes/{name}/*"));
    }
    Ok(specs)
}

/// The remote-tracking branch that mirrors a branch of the remote.
pub(crate) fn tracking_name(remote: &RemoteData, branch: &str) -> Option<String> {
    let reference = format!("refs/heads/{branch}");
    remote.refspecs.iter().find_map(|spec| {
        let (from, to) = spec.strip_prefix('+').unwrap_or(spec).split_once(':')?;
        match (from.strip_suffix('*'), to.strip_suffix('*')) {
            (Some(from), Some(to)) => reference.strip_prefix(from).map(|rest| format!("{to}{rest}")),
            (None, None) if from == reference => Some(to.to_owned()),
            _ => None,
        }
    })
}
