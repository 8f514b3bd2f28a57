//! Fetching one revision into a bare repository of ours.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use git2::{ObjectType, Oid};
use slipway_model::CommitId;

use super::address::Address;
use super::record::{self, FetchedRevision};
use super::{RepositoryCache, id_of};
use crate::error::{Attempt, GitError};
use crate::repository::Repository;
use crate::transport::{Cancel, Network, ProgressSink, Transport, builtin, installed, url};

/// Where the references of one fetch arrive.
const INCOMING: &str = "refs/slipway/incoming";

impl RepositoryCache {
    /// As [`RepositoryCache::fetch`], for what `within` leads to: the addresses of the repositories whose submodule it
    /// is, outermost first.
    pub(super) fn fetch_within(
        &self,
        address: &str,
        revision: &str,
        within: &[&str],
        network: &Network,
        report: ProgressSink<'_>,
        cancel: &Cancel,
    ) -> Result<FetchedRevision, GitError> {
        let whole = Address::parse(address);
        let (name, address) = (whole.name(), whole.url);
        url::scheme(address)?;
        check_revision(revision)?;
        let bounded = match whole.timeout {
            Some(timeout) => cancel.within(timeout),
            None => cancel.clone(),
        };
        // Who stopped it tells why.
        let timely = |failure: GitError| match (failure, whole.timeout) {
            (GitError::Cancelled, Some(timeout)) if !cancel.is_cancelled() => GitError::Network {
                url: url::without_credentials(address),
                message: format!(
                    "it took longer than the {} s that its address allows",
                    timeout.as_secs_f64()
                ),
            },
            (failure, _) => failure,
        };
        let id = id_of(&name);
        let git = self.folder.join(&id).join("git");
        if !git.join("HEAD").is_file() {
            make(&git)?;
        }
        let repository = self.open(&id)?;
        let commit = fetch_commit(&repository, &git, (address, revision), network, report, &bounded)
            .map_err(timely)?;
        let submodules = if whole.submodules {
            self.fetch_submodules(&repository, &commit, address, within, network, report, &bounded)
                .map_err(timely)?
        } else {
            Vec::new()
        };
        let fetched = FetchedRevision {
            id,
            url: url::without_credentials(&name),
            revision: revision.to_owned(),
            commit: commit.to_string(),
            fetched_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs()),
            submodules,
        };
        record::write(&self.record(&name, revision), &fetched)?;
        Ok(fetched)
    }
}

/// A name that cannot be taken for anything but a branch, a tag or a commit.
fn check_revision(revision: &str) -> Result<(), GitError> {
    let is_plain = !revision.starts_with(['-', '+', '/', '^'])
        && !revision.contains("..")
        && !revision.contains("@{")
        && !revision.chars().any(|c| c.is_control() || " ~^:?*[\\".contains(c));
    if is_plain { Ok(()) } else { Err(GitError::UnknownRevision { revision: revision.to_owned() }) }
}

/// Makes an empty bare repository beside its place and moves it there.
fn make(git: &Path) -> Result<(), GitError> {
    let (folder, inner) = installed::sibling(git)?;
    crate::handles::prepare_library();
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).external_template(false).initial_head("none");
    git2::Repository::init_opts(&inner, &options).attempt("create a repository")?;
    match std::fs::rename(&inner, git) {
        Ok(()) => {}
        // Somebody else made it meanwhile.
        Err(_) if git.join("HEAD").is_file() => {}
        Err(error) => return Err(GitError::io("write", git, error)),
    }
    drop(folder);
    Ok(())
}

/// Brings the commit of a revision: that commit alone where the server can do that, else everything.
fn fetch_commit(
    repository: &Repository,
    git: &Path,
    (address, revision): (&str, &str),
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<CommitId, GitError> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let incoming = format!("{INCOMING}/{}-{number}", std::process::id());
    let wanted = if revision.is_empty() { "HEAD" } else { revision };
    let fetch = |specs: &[String], shallow: bool, report: ProgressSink<'_>| match &network.transport {
        Transport::InstalledGit { path, .. } => {
            installed::fetch_specs(path, git, address, specs, shallow, network, report, cancel)
        }
        Transport::BuiltIn => builtin::fetch_specs(git, address, specs, shallow, network, report, cancel),
    };
    let one = format!("{incoming}/one");
    let alone = fetch(&[format!("+{wanted}:{one}")], true, report)
        .and_then(|()| found(repository, std::slice::from_ref(&one)));
    let outcome = match alone {
        // An abbreviated id is looked up where everything is.
        Err(failure) if is_absent(&failure) && !revision.is_empty() && !is_hexadecimal(revision) => {
            Err(GitError::UnknownRevision { revision: String::new() })
        }
        Err(failure) if is_absent(&failure) || is_not_offered(&failure) => {
            let mut specs =
                vec![format!("+refs/heads/*:{incoming}/heads/*"), format!("+refs/tags/*:{incoming}/tags/*")];
            if revision.is_empty() {
                specs.push(format!("+HEAD:{one}"));
            }
            fetch(&specs, false, report).and_then(|()| {
                let names = [format!("{incoming}/tags/{wanted}"), format!("{incoming}/heads/{wanted}"), one];
                match found(repository, &names) {
                    Err(GitError::UnknownRevision { .. }) if is_hexadecimal(wanted) => {
                        repository.resolve(wanted)
                    }
                    other => other,
                }
            })
        }
        other => other,
    };
    let outcome = match outcome {
        Err(GitError::UnknownRevision { .. } | GitError::MissingObject { .. }) => {
            Err(GitError::UnknownRevision { revision: wanted.to_owned() })
        }
        other => other,
    };
    repository.handles.with(|repository| {
        if let Ok(commit) = &outcome {
            let id = Oid::from_str(commit.as_str()).attempt("read the fetched commit")?;
            // It says to a later fetch what is here already.
            let kept = format!("refs/slipway/commits/{commit}");
            repository.reference(&kept, id, true, "fetch").attempt("keep the fetched commit")?;
        }
        let names = repository.references_glob(&format!("{incoming}/*")).attempt("list the references")?;
        for reference in names {
            reference.and_then(|mut reference| reference.delete()).attempt("remove a reference")?;
        }
        Ok(())
    })?;
    outcome
}

/// The commit that the first of these references leads to.
fn found(repository: &Repository, names: &[String]) -> Result<CommitId, GitError> {
    repository.handles.with(|repository| {
        for name in names {
            if let Ok(reference) = repository.find_reference(name) {
                let commit = reference.peel(ObjectType::Commit).attempt("read the fetched commit")?;
                return Ok(CommitId::new(commit.id().to_string()));
            }
        }
        Err(GitError::UnknownRevision { revision: String::new() })
    })
}

fn is_hexadecimal(text: &str) -> bool {
    (4..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a server was reached and has nothing of this name.
fn is_absent(failure: &GitError) -> bool {
    match failure {
        GitError::UnknownRevision { .. } => true,
        GitError::Network { message, .. } => message.contains("find remote ref"),
        _ => false,
    }
}

/// Whether a server was reached and does not give a commit by itself: it gives branches and tags only, or cannot leave
/// history out.
fn is_not_offered(failure: &GitError) -> bool {
    let GitError::Network { message, .. } = failure else { return false };
    let message = message.to_lowercase();
    ["not our ref", "unadvertised object", "shallow", "invalid refspec", "bad object"]
        .iter()
        .any(|words| message.contains(words))
}
