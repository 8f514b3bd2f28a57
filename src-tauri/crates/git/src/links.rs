//! Symbolic links, followed inside a tree and never out of it.
//!
//! The walk is by components, like a kernel's, but its root is the root of the tree: a link that is absolute
//! or climbs above the root is refused, also where it is a directory on the way. Commit trees and the working
//! directory share it, so that both give the same answers.

use slipway_model::{EntryKind, RepoPath, TreeError};

use crate::error::GitError;

/// As many as Linux follows.
const MAXIMUM_LINKS: usize = 40;
/// Longer targets are no path on any system.
const MAXIMUM_TARGET: usize = 4096;
/// More components than any real path has; bounds what nested links can expand to.
const MAXIMUM_COMPONENTS: usize = 4096;

/// What the walk asks of a tree.
pub(crate) trait Nodes {
    /// A file, directory or link.
    type Node: Clone;
    fn root(&self) -> Self::Node;
    fn kind(&self, node: &Self::Node) -> EntryKind;
    /// The entry `name` of the directory `node`, which lies at `path`.
    fn child(&self, node: &Self::Node, path: &RepoPath, name: &str) -> Result<Option<Self::Node>, TreeError>;
    /// What the link `node`, which lies at `path`, points at.
    fn target(&self, node: &Self::Node, path: &RepoPath) -> Result<Vec<u8>, TreeError>;
}

/// Where a path leads.
pub(crate) enum Resolved<N> {
    /// To something that is no link, which lies at `path`.
    Found {
        node: N,
        path: RepoPath,
    },
    Missing,
}

/// Follows `path` to the end, links included.
pub(crate) fn resolve<T: Nodes>(tree: &T, path: &RepoPath) -> Result<Resolved<T::Node>, TreeError> {
    // The directories from the root to where the walk stands.
    let mut stack: Vec<(RepoPath, T::Node)> = vec![(RepoPath::root(), tree.root())];
    let mut pending: Vec<String> = path.segments().rev().map(str::to_owned).collect();
    let mut links = 0;
    // The link that is being followed and its target, for the message when it leads out.
    let mut link: Option<(RepoPath, String)> = None;
    while let Some(name) = pending.pop() {
        if name.is_empty() || name == "." {
            continue;
        }
        if name == ".." {
            stack.pop();
            if stack.is_empty() {
                let (path, target) = link.unwrap_or_else(|| (path.clone(), path.to_string()));
                return Err(TreeError::LinkOutside { path, target });
            }
            continue;
        }
        let Some((directory, parent)) = stack.last() else {
            return Ok(Resolved::Missing);
        };
        match tree.kind(parent) {
            EntryKind::Directory => {}
            EntryKind::Submodule => {
                return Err(TreeError::InSubmodule { path: path.clone(), submodule: directory.clone() });
            }
            _ => return Ok(Resolved::Missing),
        }
        let child_path = directory.child(&name);
        let Some(child) = tree.child(parent, directory, &name)? else {
            return Ok(Resolved::Missing);
        };
        if tree.kind(&child) != EntryKind::Symlink {
            stack.push((child_path, child));
            continue;
        }
        links += 1;
        let target = tree.target(&child, &child_path)?;
        let text = String::from_utf8_lossy(&target).into_owned();
        if links > MAXIMUM_LINKS || target.len() > MAXIMUM_TARGET || pending.len() > MAXIMUM_COMPONENTS {
            return Err(TreeError::LinkLoop { path: child_path });
        }
        // A drive letter or a backslash makes a path absolute on Windows only; refused everywhere, so that
        // a repository reads the same on every system.
        if text.starts_with(['/', '\\']) || text.as_bytes().get(1) == Some(&b':') {
            return Err(TreeError::LinkOutside { path: child_path, target: text });
        }
        pending.extend(text.split('/').rev().map(str::to_owned));
        link = Some((child_path, text));
    }
    match stack.pop() {
        Some((path, node)) => Ok(Resolved::Found { node, path }),
        None => Ok(Resolved::Missing),
    }
}

/// Wraps why a tree could not be read.
pub(crate) fn unreadable(path: &RepoPath, error: GitError) -> TreeError {
    TreeError::Io { path: path.clone(), source: std::sync::Arc::new(error) }
}
