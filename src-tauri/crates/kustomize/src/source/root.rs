//! A directory that a build reads from, and how it came there.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use slipway_model::{REMOTE_DIRECTORY, RemoteReference, RepoPath, Tree, TreeError, readable_path};

use super::log::Log;
use super::remote::{RepositoryUrl, is_web_url};
use crate::failure::Failure;

/// A directory with a kustomization, or one that is looked at for one; and the way to it. What kustomize calls a file
/// loader.
#[derive(Clone)]
pub(crate) struct Root<'a> {
    log: &'a Log<'a>,
    pub(crate) directory: RepoPath,
    /// Files outside the directory may be read.
    pub(crate) unrestricted: bool,
    referrer: Option<Arc<Root<'a>>>,
    /// The URL that it was fetched from; `None` for what lies below such a directory, and for what is not fetched.
    url: Option<Arc<RepositoryUrl>>,
    depth: usize,
}

/// How many kustomizations may lie inside one another. Kustomize has no limit but that of its stack.
const DEPTH_LIMIT: usize = 64;

impl<'a> Root<'a> {
    /// The directory that a build begins with.
    pub(crate) fn first(log: &'a Log<'a>, directory: &RepoPath, unrestricted: bool) -> Result<Self, Failure> {
        let directory = log.resolve(directory).map_err(|error| tree_failure(&error, directory))?;
        Ok(Self { log, directory, unrestricted, referrer: None, url: None, depth: 0 })
    }

    /// The tree that it reads.
    pub(crate) fn tree(&self) -> &dyn Tree {
        self.log
    }

    /// The URL that it was fetched from; `None` for what lies below such a directory, and for what is not fetched.
    pub(crate) fn url(&self) -> Option<&str> {
        self.url.as_ref().map(|url| url.raw.as_str())
    }

    /// The path that a kustomization gives. It leads neither out of the tree nor out of the repository that the
    /// directory was fetched with, nor from the tree into a fetched one.
    pub(crate) fn path_of(&self, path: &str) -> Result<RepoPath, String> {
        let joined = self.directory.join(path).map_err(|error| error.to_string())?;
        if territory(&joined) == territory(&self.directory) {
            Ok(joined)
        } else {
            Err(format!("`{path}` leads out of the repository"))
        }
    }

    /// Reads a file by the path that a kustomization gives.
    ///
    /// # Errors
    /// When it is not there, is a directory, lies outside the directory of the kustomization, or was not fetched.
    pub(crate) fn load(&self, path: &str) -> Result<(RepoPath, Bytes), Failure> {
        if is_web_url(path) {
            let reference = RemoteReference::File { url: path.to_owned() };
            let file = reference.path();
            let content = self.log.read(&file).map_err(|error| tree_failure(&error, &file))?;
            return match content {
                Some(content) => Ok((file, content)),
                None => Err(Failure::missing_remote(reference, path)),
            };
        }
        let root = &self.directory;
        let security = |path: &str| {
            let message = format!("security; file '{path}' is not in or below '{}'", readable_path(root));
            Failure::new("kustomize-security", message)
                .hint("a kustomization reads files of its own directory; make the other one a resource, or lift the restriction")
        };
        let file = match self.path_of(path) {
            Ok(file) => file,
            Err(error) if self.unrestricted => {
                return Err(Failure::new("outside-repository", error));
            }
            Err(_) => return Err(security(path)),
        };
        let shown = readable_path(&file);
        let resolved = match self.log.resolve(&file) {
            Ok(resolved) => resolved,
            Err(error @ TreeError::LinkOutside { .. }) => {
                return Err(security(&shown).hint(error.to_string()));
            }
            Err(error) => return Err(tree_failure(&error, &file)),
        };
        let content = self.log.read(&resolved).map_err(|error| tree_failure(&error, &file))?;
        let inside = resolved.parent().unwrap_or_default().is_inside(root);
        match content {
            Some(_) if !inside && !self.unrestricted => Err(security(&shown)),
            Some(content) => Ok((file, content)),
            None => {
                let directory = self.lists(&resolved)?;
                Err(match (directory, self.unrestricted) {
                    (true, false) => {
                        Failure::new("kustomize-not-a-file", format!("'{shown}' must resolve to a file"))
                    }
                    (true, true) => {
                        Failure::new("kustomize-not-a-file", format!("read {shown}: is a directory"))
                    }
                    (false, false) => missing(&file),
                    (false, true) => {
                        Failure::new("kustomize-missing", format!("open {shown}: no such file or directory"))
                    }
                })
            }
        }
    }

    /// Reads a file of the directory itself by its name; `None` where it is not there or is not allowed.
    pub(crate) fn own_file(&self, name: &str) -> Result<Option<(RepoPath, Bytes)>, Failure> {
        let file = self.directory.child(name);
        let Ok(resolved) = self.log.resolve(&file) else { return Ok(None) };
        if !self.unrestricted && !resolved.parent().unwrap_or_default().is_inside(&self.directory) {
            return Ok(None);
        }
        let content = self.log.read(&resolved).map_err(|error| tree_failure(&error, &file))?;
        Ok(content.map(|content| (file, content)))
    }

    /// The directory or repository that a path of a kustomization names.
    ///
    /// # Errors
    /// When it is no directory, would make a cycle, or was not fetched.
    pub(crate) fn open(&self, path: &str) -> Result<Self, Failure> {
        if path.is_empty() {
            return Err(Failure::new("kustomize-missing", "new root cannot be empty"));
        }
        if self.depth >= DEPTH_LIMIT {
            let message = format!("kustomizations lie more than {DEPTH_LIMIT} deep inside one another");
            return Err(Failure::new("kustomize-too-deep", message));
        }
        if let Some(url) = RepositoryUrl::parse(path) {
            return self.open_repository(url);
        }
        if path.starts_with('/') {
            return Err(Failure::new("kustomize-missing", format!("new root '{path}' cannot be absolute")));
        }
        if let Some(cleaned) = ambiguous(path) {
            let message = format!(
                "path {} is ambiguous: resolves to {} after normalization, which is likely not the intended target; \
                 check for YAML indentation errors in your kustomization file",
                crate::kustomization::go_quote(path),
                crate::kustomization::go_quote(&cleaned)
            );
            return Err(Failure::new("kustomize-missing", message));
        }
        let directory = self.path_of(path).map_err(|error| match RemoteReference::of_path(&self.directory) {
            Some((repository, _)) => Failure::new(
                "kustomize-security",
                format!(
                    "security; bases in kustomizations found in cloned git repos must be within the repo, but base '{path}' \
                     is outside '{repository}'"
                ),
            ),
            None => Failure::new("outside-repository", error).hint(
                "a base outside the repository cannot be read; copy it into the repository or name it by its URL",
            ),
        })?;
        let resolved = self.log.resolve(&directory).map_err(|error| tree_failure(&error, &directory))?;
        self.check_cycle(&resolved)?;
        Ok(Self {
            log: self.log,
            directory: resolved,
            unrestricted: self.unrestricted,
            referrer: Some(Arc::new(self.clone())),
            url: None,
            depth: self.depth + 1,
        })
    }

    /// The failure of a directory in which no kustomization was found, if it is because there is no such directory.
    pub(crate) fn check_exists(&self) -> Result<(), Failure> {
        let directory = &self.directory;
        let wrong = |error: TreeError| tree_failure(&error, directory);
        if self.log.read(directory).map_err(wrong)?.is_some() {
            let shown = readable_path(directory);
            let message = format!("must build at directory: '{shown}': file is not directory");
            return Err(Failure::new("kustomize-not-a-directory", message));
        }
        if !directory.is_root() && !self.lists(directory)? {
            return Err(missing(directory).context("must build at directory: not a valid directory"));
        }
        Ok(())
    }

    /// Whether a directory is there.
    pub(crate) fn lists(&self, directory: &RepoPath) -> Result<bool, Failure> {
        let listed = self.log.list(directory);
        Ok(listed.map_err(|error| tree_failure(&error, directory))?.is_some())
    }

    fn open_repository(&self, url: RepositoryUrl) -> Result<Self, Failure> {
        self.check_cycle_of_urls(&url.raw)?;
        let reference = url.remote();
        let root = reference.path();
        if !self.lists(&root)? {
            return Err(Failure::missing_remote(reference, &url.raw));
        }
        let directory = root
            .join(&url.directory)
            .map_err(|error| Failure::new("outside-repository", error.to_string()))?;
        let resolved = self.log.resolve(&directory).map_err(|error| tree_failure(&error, &directory))?;
        if !resolved.is_inside(&root) {
            let message =
                format!("\"{}\" refers to directory outside of repo \"{}\"", url.directory, url.clone_url());
            return Err(Failure::new("kustomize-security", message));
        }
        Ok(Self {
            log: self.log,
            directory: resolved,
            unrestricted: false,
            referrer: Some(Arc::new(self.clone())),
            url: Some(Arc::new(url)),
            depth: self.depth + 1,
        })
    }

    /// Fails where a URL would be fetched for what was fetched from it.
    pub(crate) fn check_cycle_of_urls(&self, url: &str) -> Result<(), Failure> {
        let mut at = Some(self);
        while let Some(root) = at {
            if let Some(previous) = root.url().filter(|previous| previous.starts_with(url)) {
                let message = format!("cycle detected: URI '{url}' referenced by previous URI '{previous}'");
                return Err(Failure::new("kustomize-cycle", message));
            }
            at = root.referrer.as_deref();
        }
        Ok(())
    }

    /// Fails where a directory uses itself, or one that it lies in.
    pub(crate) fn check_cycle(&self, candidate: &RepoPath) -> Result<(), Failure> {
        let mut at = Some(self);
        while let Some(root) = at {
            if root.directory.is_inside(candidate) {
                let message = format!(
                    "cycle detected: candidate root '{}' contains visited root '{}'",
                    readable_path(candidate),
                    readable_path(&root.directory)
                );
                return Err(Failure::new("kustomize-cycle", message)
                    .hint("a kustomization must not use a directory that it lies in or that uses it"));
            }
            // Kustomize clones a repository anew for each URL, so what leads to one lies elsewhere.
            at = root.referrer.as_deref().filter(|_| root.url.is_none());
        }
        Ok(())
    }
}

/// The fetched repository, chart or file that a path belongs to; `None` for the tree's own.
fn territory(path: &RepoPath) -> Option<RepoPath> {
    let is_remote = path.segments().next() == Some(REMOTE_DIRECTORY);
    is_remote.then(|| {
        RemoteReference::of_path(path).map_or_else(|| path.clone(), |(reference, _)| reference.path())
    })
}

/// The normal form of a path with a segment that holds `..` and is more than that.
fn ambiguous(path: &str) -> Option<Cow<'_, str>> {
    let doubtful = path.split('/').any(|part| part != ".." && part.contains(".."));
    doubtful.then(|| {
        let mut kept: Vec<&str> = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." if kept.last().is_some_and(|last| *last != "..") => {
                    kept.pop();
                }
                part => kept.push(part),
            }
        }
        Cow::Owned(kept.join("/"))
    })
}

fn missing(path: &RepoPath) -> Failure {
    let path = readable_path(path);
    let message = format!("evalsymlink failure on '{path}' : lstat {path}: no such file or directory");
    Failure::new("kustomize-missing", message)
}

fn tree_failure(error: &TreeError, path: &RepoPath) -> Failure {
    match error {
        TreeError::LfsPointer { .. } => Failure::new("lfs-pointer", error.to_string())
            .in_file(path)
            .hint("fetch the content with `git lfs pull`"),
        _ => Failure::new("tree", error.to_string()).in_file(path),
    }
}
