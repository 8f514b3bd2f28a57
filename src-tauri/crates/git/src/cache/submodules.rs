//! The submodules of a fetched commit.

use slipway_model::{CommitId, RepoPath, Tree as _};

use super::record::FetchedSubmodule;
use super::{RepositoryCache, SUBMODULE_DEPTH, id_of};
use crate::error::{Attempt, GitError};
use crate::repository::Repository;
use crate::transport::url::{self, Scheme};
use crate::transport::{Cancel, Network, ProgressSink};

/// More submodules than this are not fetched.
const MOST: usize = 64;

impl RepositoryCache {
    /// Fetches what `.gitmodules` names at a commit. A submodule that cannot be had is noted, and keeps nothing else
    /// from being used.
    #[expect(clippy::too_many_arguments, reason = "what a conversation with a server takes, and whose it is")]
    pub(super) fn fetch_submodules(
        &self,
        repository: &Repository,
        commit: &CommitId,
        address: &str,
        within: &[&str],
        network: &Network,
        report: ProgressSink<'_>,
        cancel: &Cancel,
    ) -> Result<Vec<FetchedSubmodule>, GitError> {
        let mut within = within.to_vec();
        within.push(address);
        let mut submodules = Vec::new();
        for (path, url, commit) in written(repository, commit)? {
            cancel.check()?;
            let mut submodule = FetchedSubmodule {
                path,
                id: String::new(),
                url: url::without_credentials(&url),
                commit,
                failure: None,
            };
            match resolved(address, &url).and_then(|url| allowed(address, &url, &within).map(|()| url)) {
                Ok(url) => {
                    submodule.id = id_of(&url);
                    submodule.url = url::without_credentials(&url);
                    // A commit is the same for ever, so one that is here is not asked for again.
                    if self.find(&url, &submodule.commit)?.is_none() {
                        match self.fetch_within(&url, &submodule.commit, &within, network, report, cancel) {
                            Ok(_) => {}
                            Err(GitError::Cancelled) => return Err(GitError::Cancelled),
                            Err(failure) => submodule.failure = Some(failure.to_string()),
                        }
                    }
                }
                Err(reason) => submodule.failure = Some(reason),
            }
            submodules.push(submodule);
        }
        Ok(submodules)
    }
}

/// Path, address and commit of the submodules of a commit, in the order of `.gitmodules`.
fn written(repository: &Repository, commit: &CommitId) -> Result<Vec<(RepoPath, String, String)>, GitError> {
    let tree = repository.tree(commit)?;
    let text = match tree.read(&RepoPath::root().child(".gitmodules")) {
        Ok(Some(text)) => text,
        // A link or a file that is too large names no submodules.
        Ok(None) | Err(_) => return Ok(Vec::new()),
    };
    // libgit2 reads configurations from files only; the temporary one holds no includes that are followed.
    let folder = tempfile::tempdir()
        .map_err(|error| GitError::io("create a folder in", &std::env::temp_dir(), error))?;
    let file = folder.path().join("gitmodules");
    let plain: String = String::from_utf8_lossy(&text)
        .lines()
        .filter(|line| !line.trim_start().to_ascii_lowercase().starts_with("[include"))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&file, plain).map_err(|error| GitError::io("write", &file, error))?;
    let Ok(config) = git2::Config::open(&file) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut entries = config.entries(Some("^submodule\\..*\\.path$")).attempt("read `.gitmodules`")?;
    while let Some(entry) = entries.next() {
        let Ok(entry) = entry else { continue };
        let (Ok(key), Ok(path)) = (entry.name(), entry.value()) else { continue };
        let Some(name) = key.strip_suffix(".path") else { continue };
        let (Ok(url), Ok(path)) = (config.get_string(&format!("{name}.url")), RepoPath::new(path)) else {
            continue;
        };
        if found.len() < MOST
            && let Some(id) = commit_at(repository, commit, &path)?
        {
            found.push((path, url, id));
        }
    }
    Ok(found)
}

/// The commit that a tree names at a path, if there is a submodule.
fn commit_at(
    repository: &Repository,
    commit: &CommitId,
    path: &RepoPath,
) -> Result<Option<String>, GitError> {
    repository.handles.with(|repository| {
        let id = git2::Oid::from_str(commit.as_str()).attempt("read a commit")?;
        let tree = repository.find_commit(id).and_then(|commit| commit.tree()).attempt("read a commit")?;
        let entry = tree.get_path(std::path::Path::new(path.as_str())).ok();
        Ok(entry
            .filter(|entry| entry.kind() == Some(git2::ObjectType::Commit))
            .map(|entry| entry.id().to_string()))
    })
}

/// The address of a submodule: one that begins with `./` or `../` is relative to its repository's
/// (gitsubmodules(7)).
fn resolved(address: &str, url: &str) -> Result<String, String> {
    if !url.starts_with("./") && !url.starts_with("../") {
        return Ok(url.to_owned());
    }
    let mut base = address.trim_end_matches('/');
    let mut rest = url;
    loop {
        if let Some(after) = rest.strip_prefix("./") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("../") {
            let least = base.find("://").map_or(0, |at| at + 3);
            let cut = base[least..].rfind(['/', ':']).map(|at| at + least);
            let Some(cut) = cut else {
                return Err(format!("`{url}` leads above its server"));
            };
            // The colon of `host:path` stays.
            base = if base.as_bytes().get(cut) == Some(&b':') { &base[..=cut] } else { &base[..cut] };
            rest = after;
        } else {
            break;
        }
    }
    let separator = if base.ends_with(':') { "" } else { "/" };
    Ok(format!("{base}{separator}{rest}"))
}

/// A repository from a server cannot have files of this machine fetched, nor fetch itself, nor without end.
fn allowed(address: &str, url: &str, within: &[&str]) -> Result<(), String> {
    let scheme = |url: &str| url::scheme(url).map_err(|failure| failure.to_string());
    if scheme(url)? == Scheme::File && scheme(address)? != Scheme::File {
        return Err("a folder of this machine is not fetched for a repository from a server".to_owned());
    }
    if within.contains(&url) {
        return Err("the repository has itself as a submodule".to_owned());
    }
    if within.len() > SUBMODULE_DEPTH {
        return Err(format!("submodules lie more than {SUBMODULE_DEPTH} deep inside one another"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_addresses_begin_at_the_repository() {
        for (address, url, expected) in [
            ("https://example.com/o/r.git", "../s.git", Some("https://example.com/o/s.git")),
            ("https://example.com/o/r/", "../../p/s", Some("https://example.com/p/s")),
            ("git@example.com:o/r", "../s", Some("git@example.com:o/s")),
            ("git@example.com:r", "../s", Some("git@example.com:s")),
            ("https://example.com/o/r", "./s", Some("https://example.com/o/r/s")),
            ("https://example.com/o/r", "https://other.example/s", Some("https://other.example/s")),
            ("https://example.com/o/r", "../../../../s", None),
        ] {
            assert_eq!(resolved(address, url).ok().as_deref(), expected, "{address} {url}");
        }
    }

    #[test]
    fn a_server_cannot_have_local_folders_fetched() {
        assert!(allowed("https://example.com/r", "file:///etc", &[]).is_err());
        assert!(allowed("https://example.com/r", "/etc", &[]).is_err());
        assert!(allowed("https://example.com/r", "ext::sh -c x", &[]).is_err());
        assert!(allowed("file:///srv/r", "file:///srv/s", &[]).is_ok());
        assert!(allowed("file:///srv/r", "file:///srv/r", &["file:///srv/r"]).is_err());
    }
}
