//! What changes between two trees, file by file.

use std::collections::BTreeMap;

use git2::Oid;
use serde::{Deserialize, Serialize};
use slipway_model::{EntryKind, RepoPath};

use crate::commit_tree::{kind_of, missing};
use crate::error::{Attempt, GitError};

/// A file as a tree holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) id: Oid,
    pub(crate) mode: i32,
}

impl Side {
    pub(crate) fn kind(&self) -> EntryKind {
        kind_of(self.mode)
    }
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) path: RepoPath,
    pub(crate) old: Option<Side>,
    pub(crate) new: Option<Side>,
}

/// How a change is kept on disk while it is made.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredChange {
    path: String,
    old: Option<(String, i32)>,
    new: Option<(String, i32)>,
}

impl From<&Change> for StoredChange {
    fn from(change: &Change) -> Self {
        let store = |side: Side| (side.id.to_string(), side.mode);
        Self { path: change.path.as_str().to_owned(), old: change.old.map(store), new: change.new.map(store) }
    }
}

impl StoredChange {
    /// `None` where the text is damaged.
    pub(crate) fn restore(&self) -> Option<Change> {
        let side = |stored: &Option<(String, i32)>| match stored {
            None => Some(None),
            Some((id, mode)) => Oid::from_str(id).ok().map(|id| Some(Side { id, mode: *mode })),
        };
        let path = RepoPath::new(&self.path).ok()?;
        if names_git_directory(&path) {
            return None;
        }
        Some(Change { path, old: side(&self.old)?, new: side(&self.new)? })
    }
}

/// Whether a path lies in, or is, a directory that Git keeps for itself.
pub(crate) fn names_git_directory(path: &RepoPath) -> bool {
    path.segments().any(|name| {
        let name = name.trim_end_matches(['.', ' ']);
        // `git~1` is what Windows calls `.git` in short.
        name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1") || name.starts_with(".git:")
    })
}

/// The files that differ between two trees, sorted by path. Equal directories are not looked into.
pub(crate) fn between(
    repository: &git2::Repository,
    old: Option<Oid>,
    new: Option<Oid>,
) -> Result<Vec<Change>, GitError> {
    let mut changes = Vec::new();
    compare(repository, &RepoPath::root(), old, new, &mut changes)?;
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(changes)
}

/// Trees nested more deeply are damaged or made to hurt.
const MAXIMUM_DEPTH: usize = 500;

fn compare(
    repository: &git2::Repository,
    directory: &RepoPath,
    old: Option<Oid>,
    new: Option<Oid>,
    changes: &mut Vec<Change>,
) -> Result<(), GitError> {
    if old == new {
        return Ok(());
    }
    if directory.segments().count() > MAXIMUM_DEPTH {
        let source = git2::Error::from_str("the directories are nested too deeply");
        return Err(GitError::Git { action: "compare two trees", source });
    }
    let mut pairs: BTreeMap<String, (Option<Side>, Option<Side>)> = BTreeMap::new();
    for (name, side) in entries(repository, old)? {
        pairs.entry(name).or_default().0 = Some(side);
    }
    for (name, side) in entries(repository, new)? {
        pairs.entry(name).or_default().1 = Some(side);
    }
    for (name, (old, new)) in pairs {
        if old == new {
            continue;
        }
        let path = directory.child(&name);
        let is_directory = |side: &Option<Side>| side.is_some_and(|side| side.kind() == EntryKind::Directory);
        let below =
            |side: Option<Side>| side.filter(|each| each.kind() == EntryKind::Directory).map(|each| each.id);
        if is_directory(&old) || is_directory(&new) {
            compare(repository, &path, below(old), below(new), changes)?;
        }
        let file = |side: Option<Side>| side.filter(|each| each.kind() != EntryKind::Directory);
        let (old, new) = (file(old), file(new));
        if old != new {
            changes.push(Change { path, old, new });
        }
    }
    Ok(())
}

fn entries(repository: &git2::Repository, tree: Option<Oid>) -> Result<Vec<(String, Side)>, GitError> {
    let Some(id) = tree else {
        return Ok(Vec::new());
    };
    let tree = repository.find_tree(id).map_err(|error| missing(repository, id, error))?;
    Ok(tree
        .iter()
        .map(|entry| {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            (name, Side { id: entry.id(), mode: entry.filemode() })
        })
        .collect())
}

/// What a tree has at a path: a file, link, submodule or directory.
pub(crate) fn side_at(
    repository: &git2::Repository,
    tree: Option<Oid>,
    path: &RepoPath,
) -> Result<Option<Side>, GitError> {
    let Some(mut id) = tree else {
        return Ok(None);
    };
    let mut names = path.segments().peekable();
    while let Some(name) = names.next() {
        let tree = repository.find_tree(id).map_err(|error| missing(repository, id, error))?;
        let Some(entry) = tree.get_name(name) else {
            return Ok(None);
        };
        let side = Side { id: entry.id(), mode: entry.filemode() };
        if names.peek().is_none() {
            return Ok(Some(side));
        }
        if side.kind() != EntryKind::Directory {
            return Ok(None);
        }
        id = side.id;
    }
    Ok(Some(Side { id, mode: 0o040_000 }))
}

/// Writes the tree that comes about when `changes` are made to `base`. Directories that become empty go.
pub(crate) fn apply(
    repository: &git2::Repository,
    base: Option<Oid>,
    changes: &[Change],
) -> Result<Oid, GitError> {
    let rows: Vec<Row<'_>> =
        changes.iter().map(|change| (change.path.segments().collect(), change.new)).collect();
    match write_level(repository, base, &rows, 0)? {
        Some(id) => Ok(id),
        None => {
            let empty = repository.treebuilder(None).attempt("write a tree")?;
            empty.write().attempt("write a tree")
        }
    }
}

/// The names of a path, and what is to be there.
type Row<'a> = (Vec<&'a str>, Option<Side>);

fn write_level(
    repository: &git2::Repository,
    base: Option<Oid>,
    rows: &[Row<'_>],
    depth: usize,
) -> Result<Option<Oid>, GitError> {
    let base = match base {
        Some(id) => Some(repository.find_tree(id).map_err(|error| missing(repository, id, error))?),
        None => None,
    };
    let mut builder = repository.treebuilder(base.as_ref()).attempt("write a tree")?;
    let mut groups: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows {
        if let Some(name) = row.0.get(depth) {
            groups.entry(name).or_default().push(row.clone());
        }
    }
    for (name, group) in groups {
        let (here, below): (Vec<_>, Vec<_>) = group.into_iter().partition(|row| row.0.len() == depth + 1);
        let mut directory = base
            .as_ref()
            .and_then(|tree| tree.get_name(name).map(|entry| (entry.id(), entry.filemode())))
            .filter(|(_, mode)| kind_of(*mode) == EntryKind::Directory)
            .map(|(id, _)| id);
        for (_, side) in here {
            match side {
                Some(side) => {
                    builder.insert(name, side.id, side.mode).attempt("write a tree")?;
                    directory = None;
                }
                None if directory.is_none() => remove(&mut builder, name)?,
                None => {}
            }
        }
        if below.is_empty() {
            continue;
        }
        let anything_new = below.iter().any(|row| row.1.is_some());
        if directory.is_none() && !anything_new {
            continue;
        }
        match write_level(repository, directory, &below, depth + 1)? {
            Some(id) => {
                builder.insert(name, id, 0o040_000).attempt("write a tree")?;
            }
            None => remove(&mut builder, name)?,
        }
    }
    if builder.is_empty() {
        return Ok(None);
    }
    builder.write().attempt("write a tree").map(Some)
}

fn remove(builder: &mut git2::TreeBuilder<'_>, name: &str) -> Result<(), GitError> {
    if builder.get(name).attempt("write a tree")?.is_some() {
        builder.remove(name).attempt("write a tree")?;
    }
    Ok(())
}
