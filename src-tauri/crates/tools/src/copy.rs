//! Private copies of parts of a tree.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use slipway_model::{Entry, EntryKind, Location, Problem, RepoPath, Tree};
use slipway_render::unreadable;

use crate::session::{Limits, disk_problem};

/// How deep directories may nest; also ends links that lead to a directory above.
const MAX_DEPTH: usize = 64;

/// What a copy holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Files and whole directories, at the path that they have in the tree.
    pub(crate) roots: Vec<RepoPath>,
    /// Directories of the tree that appear at another path too: from, to.
    pub(crate) mounts: Vec<(RepoPath, RepoPath)>,
    /// Files with another content than in the tree.
    pub(crate) overrides: BTreeMap<RepoPath, Vec<u8>>,
}

impl Plan {
    /// The key of the copy: equal keys, equal files, unless links lead out of the roots.
    pub(crate) fn key(&self, tree: &dyn Tree) -> Result<String, Problem> {
        let mut text = String::new();
        let sources = self.roots.iter().map(|root| (root, root));
        for (from, to) in sources.chain(self.mounts.iter().map(|(from, to)| (from, to))) {
            let id = tree.content_id(from).map_err(|error| unreadable(from, &error))?;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{from:?} {to:?} {id:?}");
        }
        let mut digest = Sha256::new();
        digest.update(text.as_bytes());
        for (path, content) in &self.overrides {
            digest.update(format!("{path:?} {}\n", content.len()).as_bytes());
            digest.update(content);
        }
        let mut key = String::with_capacity(64);
        for byte in digest.finalize() {
            let _ = write!(key, "{byte:02x}");
        }
        Ok(key)
    }
}

/// A copy on disk; deleted when the last user is done.
#[derive(Debug)]
pub(crate) struct PrivateCopy {
    /// See [`Plan::key`].
    pub(crate) key: String,
    /// The directory that stands for the root of the tree, without links.
    pub(crate) path: PathBuf,
    /// Whether the key says everything about the content: not where a link was followed, whose target may lie
    /// outside the roots.
    pub(crate) is_complete_by_key: bool,
    /// What could not be copied.
    pub(crate) left_out: Vec<Problem>,
}

impl PrivateCopy {
    /// Where a path of the tree is in the copy.
    pub(crate) fn at(&self, path: &RepoPath) -> PathBuf {
        self.path.join(path.as_str())
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        // What is left is deleted with the session.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Writes the copy into the empty directory `path`.
pub(crate) fn make(
    tree: &dyn Tree,
    plan: &Plan,
    key: String,
    path: PathBuf,
    limits: &Limits,
) -> Result<PrivateCopy, Problem> {
    let copy = PrivateCopy { key, path, is_complete_by_key: true, left_out: Vec::new() };
    let mut writer = Writer { tree, limits, copy, files: 0, bytes: 0 };
    let sources = plan.roots.iter().map(|root| (root, root));
    for (from, to) in sources.chain(plan.mounts.iter().map(|(from, to)| (from, to))) {
        let target = writer.copy.at(to);
        writer.anything(from, &target, 0)?;
    }
    for (path, content) in &plan.overrides {
        let target = writer.copy.at(path);
        writer.file(path, &target, content)?;
    }
    Ok(writer.copy)
}

struct Writer<'a> {
    tree: &'a dyn Tree,
    limits: &'a Limits,
    copy: PrivateCopy,
    files: usize,
    bytes: u64,
}

impl Writer<'_> {
    /// A file or a directory, whichever is there; nothing where nothing is.
    fn anything(&mut self, path: &RepoPath, target: &Path, depth: usize) -> Result<(), Problem> {
        match self.tree.list(path) {
            Ok(Some(entries)) => return self.directory(path, target, entries, depth),
            Ok(None) => {}
            Err(error) => {
                self.copy.left_out.push(unreadable(path, &error));
                return Ok(());
            }
        }
        match self.tree.read(path) {
            Ok(Some(content)) => self.file(path, target, &content),
            Ok(None) => Ok(()),
            Err(error) => {
                self.copy.left_out.push(unreadable(path, &error));
                Ok(())
            }
        }
    }

    fn directory(
        &mut self,
        path: &RepoPath,
        target: &Path,
        entries: Vec<Entry>,
        depth: usize,
    ) -> Result<(), Problem> {
        if depth > MAX_DEPTH {
            return Err(Problem::error("too-deep", format!("directories nest deeper than {MAX_DEPTH}"))
                .at(Location::file(path)));
        }
        fs::create_dir_all(target).map_err(|error| disk_problem(&error))?;
        for entry in entries {
            // A tree object can hold any name; one that means a place elsewhere is no name.
            let is_name = !matches!(entry.name.as_str(), "" | "." | "..")
                && !entry.name.contains(['/', '\0', std::path::MAIN_SEPARATOR]);
            if !is_name {
                continue;
            }
            let child = path.child(&entry.name);
            let target = target.join(&entry.name);
            match entry.kind {
                EntryKind::Submodule => {}
                EntryKind::Symlink => {
                    self.copy.is_complete_by_key = false;
                    self.anything(&child, &target, depth + 1)?;
                }
                EntryKind::Directory => self.anything(&child, &target, depth + 1)?,
                EntryKind::File | EntryKind::Executable => match self.tree.read(&child) {
                    Ok(Some(content)) => self.file(&child, &target, &content)?,
                    Ok(None) => {}
                    Err(error) => self.copy.left_out.push(unreadable(&child, &error)),
                },
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &RepoPath, target: &Path, content: &[u8]) -> Result<(), Problem> {
        self.files += 1;
        self.bytes += u64::try_from(content.len()).unwrap_or(u64::MAX);
        if self.files > self.limits.max_files || self.bytes > self.limits.max_bytes {
            return Err(Problem::error(
                "too-large",
                format!(
                    "what the tool may read is more than {} files or {} bytes",
                    self.limits.max_files, self.limits.max_bytes
                ),
            )
            .at(Location::file(path)));
        }
        if let Some(directory) = target.parent() {
            fs::create_dir_all(directory).map_err(|error| disk_problem(&error))?;
        }
        fs::write(target, content).map_err(|error| disk_problem(&error))
    }
}
