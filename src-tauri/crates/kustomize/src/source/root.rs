//! A directory that a build reads from, and how it came there.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use slipway_model::{RepoPath, RepoPathError, Tree, TreeError};

use super::log::Log;
use super::remote::{RemoteSource, RepositoryUrl, is_web_url};
use crate::failure::Failure;

/// The tree of a root: that of the caller, or a fetched one.
#[derive(Clone)]
pub(crate) enum Reader<'a> {
    /// The caller's.
    Local(&'a Log<'a>),
    /// A fetched one.
    Remote(Arc<dyn Tree>),
}

impl Reader<'_> {
    /// The tree; what is asked of the caller's is kept.
    pub(crate) fn tree(&self) -> &dyn Tree {
        match self {
            Self::Local(log) => *log,
            Self::Remote(tree) => &**tree,
        }
    }
}

/// A directory with a kustomization, or one that is looked at for one; and the way to it. What kustomize calls a file
/// loader.
#[derive(Clone)]
pub(crate) struct Root<'a> {
    pub(crate) reader: Reader<'a>,
    pub(crate) directory: RepoPath,
    /// Files outside the directory may be read.
    unrestricted: bool,
    referrer: Option<Arc<Root<'a>>>,
    repository: Option<Arc<Repository>>,
    remotes: &'a dyn RemoteSource,
    depth: usize,
}

struct Repository {
    url: RepositoryUrl,
    root: RepoPath,
}

/// How many kustomizations may lie inside one another. Kustomize has no limit but that of its stack.
const DEPTH_LIMIT: usize = 64;

impl<'a> Root<'a> {
    /// The directory that a build begins with.
    pub(crate) fn first(
        log: &'a Log<'a>,
        directory: &RepoPath,
        unrestricted: bool,
        remotes: &'a dyn RemoteSource,
    ) -> Result<Self, Failure> {
        let reader = Reader::Local(log);
        let directory = reader.tree().resolve(directory).map_err(|error| tree_failure(&error, directory))?;
        Ok(Self { reader, directory, unrestricted, referrer: None, repository: None, remotes, depth: 0 })
    }

    /// Whether it lies in a fetched repository.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self.reader, Reader::Remote(_))
    }

    /// The URL that it was fetched from; `None` for what lies below such a directory, and for the caller's tree.
    pub(crate) fn url(&self) -> Option<&str> {
        self.repository.as_ref().map(|repository| repository.url.raw.as_str())
    }

    /// The path of a file as messages name it.
    fn path_of(&self, path: &str) -> Result<RepoPath, RepoPathError> {
        self.directory.join(path)
    }

    /// Reads a file by the path that a kustomization gives.
    ///
    /// # Errors
    /// When it is not there, is a directory, lies outside the directory of the kustomization, or is remote and cannot
    /// be had.
    pub(crate) fn load(&self, path: &str) -> Result<(RepoPath, Bytes), Failure> {
        if is_web_url(path) {
            return match self.remotes.file(path).map_err(super::RemoteProblem::failure)? {
                Some(content) => Ok((RepoPath::root().child(path), content)),
                None => Err(Failure::new("kustomize-not-a-file", "URL is a git repository")),
            };
        }
        let root = &self.directory;
        let security = |path: &dyn std::fmt::Display| {
            let message = format!("security; file '{path}' is not in or below '{root}'");
            Failure::new("kustomize-security", message)
                .hint("a kustomization reads files of its own directory; make the other one a resource, or lift the restriction")
        };
        let file = match self.path_of(path) {
            Ok(file) => file,
            Err(error) if self.unrestricted => {
                return Err(Failure::new("outside-repository", error.to_string()));
            }
            Err(_) => return Err(security(&path)),
        };
        let resolved = match self.reader.tree().resolve(&file) {
            Ok(resolved) => resolved,
            Err(error @ TreeError::LinkOutside { .. }) => {
                return Err(security(&file).hint(error.to_string()));
            }
            Err(error) => return Err(tree_failure(&error, &file)),
        };
        let content = self.reader.tree().read(&resolved).map_err(|error| tree_failure(&error, &file))?;
        let inside = resolved.parent().unwrap_or_default().is_inside(root);
        match content {
            Some(_) if !inside && !self.unrestricted => Err(security(&file)),
            Some(content) => Ok((file, content)),
            None => {
                let directory = self.lists(&resolved)?;
                Err(match (directory, self.unrestricted) {
                    (true, false) => {
                        Failure::new("kustomize-not-a-file", format!("'{file}' must resolve to a file"))
                    }
                    (true, true) => {
                        Failure::new("kustomize-not-a-file", format!("read {file}: is a directory"))
                    }
                    (false, false) => missing(&file),
                    (false, true) => {
                        Failure::new("kustomize-missing", format!("open {file}: no such file or directory"))
                    }
                })
            }
        }
    }

    /// Reads a file of the directory itself by its name; `None` where it is not there or is not allowed.
    pub(crate) fn own_file(&self, name: &str) -> Result<Option<(RepoPath, Bytes)>, Failure> {
        let file = self.directory.child(name);
        let Ok(resolved) = self.reader.tree().resolve(&file) else { return Ok(None) };
        if !self.unrestricted && !resolved.parent().unwrap_or_default().is_inside(&self.directory) {
            return Ok(None);
        }
        let content = self.reader.tree().read(&resolved).map_err(|error| tree_failure(&error, &file))?;
        Ok(content.map(|content| (file, content)))
    }

    /// The directory or repository that a path of a kustomization names.
    ///
    /// # Errors
    /// When it is no directory, would make a cycle, or is remote and cannot be had.
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
        let directory = self.path_of(path).map_err(|error| {
            Failure::new("outside-repository", error.to_string())
                .hint("a base outside the repository cannot be read; copy it into the repository or name it by its URL")
        })?;
        let resolved = match self.reader.tree().resolve(&directory) {
            Ok(resolved) => resolved,
            Err(error) => return Err(tree_failure(&error, &directory)),
        };
        if let Some(repository) = self.containing_repository()
            && !resolved.is_inside(&repository.root)
        {
            let message = format!(
                "security; bases in kustomizations found in cloned git repos must be within the repo, but base '{resolved}' \
                 is outside '{}'",
                repository.url
            );
            return Err(Failure::new("kustomize-security", message));
        }
        self.check_cycle(&resolved)?;
        Ok(Self {
            reader: self.reader.clone(),
            directory: resolved,
            unrestricted: self.unrestricted,
            referrer: Some(Arc::new(self.clone())),
            repository: None,
            remotes: self.remotes,
            depth: self.depth + 1,
        })
    }

    /// The failure of a directory in which no kustomization was found, if it is because there is no such directory.
    pub(crate) fn check_exists(&self) -> Result<(), Failure> {
        let directory = &self.directory;
        let wrong = |error: TreeError| tree_failure(&error, directory);
        if self.reader.tree().read(directory).map_err(wrong)?.is_some() {
            let message = format!("must build at directory: '{directory}': file is not directory");
            return Err(Failure::new("kustomize-not-a-directory", message));
        }
        if !directory.is_root() && !self.lists(directory)? {
            return Err(missing(directory).context("must build at directory: not a valid directory"));
        }
        Ok(())
    }

    /// Whether a directory is there.
    pub(crate) fn lists(&self, directory: &RepoPath) -> Result<bool, Failure> {
        let listed = self.reader.tree().list(directory);
        Ok(listed.map_err(|error| tree_failure(&error, directory))?.is_some())
    }

    fn open_repository(&self, url: RepositoryUrl) -> Result<Self, Failure> {
        let mut at = Some(self);
        while let Some(root) = at {
            if let Some(repository) = &root.repository
                && repository.url.raw.starts_with(&url.raw)
            {
                let message = format!(
                    "cycle detected: URI '{}' referenced by previous URI '{}'",
                    url.raw, repository.url.raw
                );
                return Err(Failure::new("kustomize-cycle", message));
            }
            at = root.referrer.as_deref();
        }
        let fetched = self.remotes.repository(&url).map_err(super::RemoteProblem::failure)?;
        let directory = fetched
            .root
            .join(&url.directory)
            .map_err(|error| Failure::new("outside-repository", error.to_string()))?;
        let reader = Reader::Remote(fetched.tree);
        let resolved = reader.tree().resolve(&directory).map_err(|error| tree_failure(&error, &directory))?;
        if !resolved.is_inside(&fetched.root) {
            let message =
                format!("\"{directory}\" refers to directory outside of repo \"{}\"", url.clone_url());
            return Err(Failure::new("kustomize-security", message));
        }
        Ok(Self {
            reader,
            directory: resolved,
            unrestricted: false,
            referrer: Some(Arc::new(self.clone())),
            repository: Some(Arc::new(Repository { url, root: fetched.root })),
            remotes: self.remotes,
            depth: self.depth + 1,
        })
    }

    fn containing_repository(&self) -> Option<&Repository> {
        match &self.repository {
            Some(repository) => Some(repository),
            None => self.referrer.as_deref()?.containing_repository(),
        }
    }

    pub(crate) fn check_cycle(&self, candidate: &RepoPath) -> Result<(), Failure> {
        let mut at = Some(self);
        while let Some(root) = at {
            // A fetched tree is another file system.
            if root.is_remote() == self.is_remote() && root.directory.is_inside(candidate) {
                let message = format!(
                    "cycle detected: candidate root '{candidate}' contains visited root '{}'",
                    root.directory
                );
                return Err(Failure::new("kustomize-cycle", message)
                    .hint("a kustomization must not use a directory that it lies in or that uses it"));
            }
            at = root.referrer.as_deref();
        }
        Ok(())
    }
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
    let message = format!("evalsymlink failure on '{path}' : lstat {path}: no such file or directory");
    Failure::new("kustomize-missing", message)
}

fn tree_failure(error: &TreeError, path: &RepoPath) -> Failure {
    Failure::new("tree", error.to_string()).in_file(path)
}
