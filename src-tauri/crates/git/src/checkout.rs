//! Index and files follow a branch that moves, for the files that change and no others.
//!
//! The order makes an interruption harmless: everything new is written into a folder of the Git directory, the
//! index is locked as Git locks it, the branch moves (compare and swap), the files are renamed into place, the
//! index is replaced. [`crate::pending`] completes or drops what a crash interrupts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git2::{IndexEntry, IndexTime};
use slipway_model::{EntryKind, RepoPath};

use crate::change::{Change, Side};
use crate::commit_tree::{kind_of, missing};
use crate::error::{Attempt, GitError};
use crate::index_view::{self, is_skipped, tree_mode};
use crate::line_endings;
use crate::sparse::Sparse;
use crate::stat::{Remembered, Stat, remember};
use crate::work_tree::WorkTree;

/// Refuses when a file that is to change has changes of its own, in the index or on disk.
pub(crate) fn refuse_touched(
    repository: &git2::Repository,
    work_tree: &WorkTree,
    changes: &[Change],
) -> Result<(), GitError> {
    let index = index_view::read(repository)?;
    let file_mode = work_tree.knows_executables();
    let deleted: BTreeSet<&RepoPath> =
        changes.iter().filter(|change| change.new.is_none()).map(|change| &change.path).collect();
    let mut touched = Vec::new();
    for change in changes {
        let path = Path::new(change.path.as_str());
        let conflicting = (1..=3).any(|stage| index.get_path(path, stage).is_some());
        let staged = index.get_path(path, 0);
        let staged_side = staged.as_ref().map(|entry| Side { id: entry.id, mode: tree_mode(entry.mode) });
        let in_index = match (staged_side, change.old) {
            (None, None) => true,
            (Some(left), Some(right)) => left.id == right.id && left.kind() == right.kind(),
            _ => false,
        };
        let on_disk = match change.old {
            _ if conflicting || !in_index => false,
            Some(old) => {
                let skipped = staged.as_ref().is_some_and(is_skipped);
                lies_unchanged(work_tree, &change.path, old, skipped, file_mode)?
            }
            None => is_free(work_tree, &change.path, &deleted)?,
        };
        if !on_disk {
            touched.push(change.path.clone());
        }
    }
    if touched.is_empty() { Ok(()) } else { Err(GitError::UncommittedChanges { paths: touched }) }
}

fn lies_unchanged(
    work_tree: &WorkTree,
    path: &RepoPath,
    old: Side,
    skipped: bool,
    file_mode: bool,
) -> Result<bool, GitError> {
    if old.kind() == EntryKind::Submodule {
        return Ok(true);
    }
    let Some((kind, id)) = work_tree.file_on_disk(path)? else {
        return Ok(skipped);
    };
    let same_kind = if file_mode {
        kind == old.kind()
    } else {
        (kind == EntryKind::Symlink) == (old.kind() == EntryKind::Symlink)
    };
    Ok(same_kind && id == old.id)
}

/// Whether a new file can be put at `path`: nothing of the user's is there or in the way.
fn is_free(work_tree: &WorkTree, path: &RepoPath, deleted: &BTreeSet<&RepoPath>) -> Result<bool, GitError> {
    let root = work_tree.root();
    for above in path.ancestors().skip(1).filter(|above| !above.is_root()) {
        match std::fs::symlink_metadata(root.join(above.as_str())) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) if deleted.contains(&above) => {}
            Ok(_) => return Ok(false),
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(GitError::io("look at", &root.join(above.as_str()), error)),
        }
    }
    let full = root.join(path.as_str());
    match std::fs::symlink_metadata(&full) {
        Ok(metadata) if metadata.is_dir() => only_deleted_below(root, path, deleted, 0),
        Ok(_) => Ok(false),
        Err(error) if is_absent(&error) => Ok(true),
        Err(error) => Err(GitError::io("look at", &full, error)),
    }
}

/// Whether everything below a directory is deleted anyway.
fn only_deleted_below(
    root: &Path,
    directory: &RepoPath,
    deleted: &BTreeSet<&RepoPath>,
    depth: usize,
) -> Result<bool, GitError> {
    let full = root.join(directory.as_str());
    if depth > 200 {
        return Ok(false);
    }
    for entry in std::fs::read_dir(&full).map_err(|error| GitError::io("list", &full, error))? {
        let entry = entry.map_err(|error| GitError::io("list", &full, error))?;
        let path = directory.child(&entry.file_name().to_string_lossy());
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let goes = if is_directory {
            only_deleted_below(root, &path, deleted, depth + 1)?
        } else {
            deleted.contains(&path)
        };
        if !goes {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(crate) fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

/// Refuses files whose form on disk only a program can make.
pub(crate) fn refuse_filtered(repository: &git2::Repository, changes: &[Change]) -> Result<(), GitError> {
    for change in changes {
        let is_file =
            change.new.is_some_and(|side| matches!(side.kind(), EntryKind::File | EntryKind::Executable));
        if !is_file {
            continue;
        }
        let conversion = line_endings::conversion(repository, change.path.as_str())?;
        let filter =
            conversion.filter.or(conversion.encoding.map(|name| format!("working-tree-encoding={name}")));
        if let Some(filter) = filter {
            return Err(GitError::Filtered { path: change.path.clone(), filter });
        }
    }
    Ok(())
}

/// The files that are to be put in place, written beforehand into `folder`, one per change by its number.
pub(crate) fn stage(
    repository: &git2::Repository,
    folder: &Path,
    changes: &[Change],
) -> Result<(), GitError> {
    for (number, change) in changes.iter().enumerate() {
        let Some(new) = change.new else {
            continue;
        };
        if new.kind() == EntryKind::Submodule {
            continue;
        }
        let staged = staged_file(folder, number);
        let blob = repository.find_blob(new.id).map_err(|error| missing(repository, new.id, error))?;
        if new.kind() == EntryKind::Symlink {
            write_link(&staged, blob.content())?;
            continue;
        }
        let conversion = line_endings::conversion(repository, change.path.as_str())?;
        let content = line_endings::to_disk(&conversion, blob.content(), new.id);
        write_file(&staged, &content, new.kind() == EntryKind::Executable)?;
    }
    Ok(())
}

pub(crate) fn staged_file(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("file-{number}"))
}

fn write_file(path: &Path, content: &[u8], executable: bool) -> Result<(), GitError> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if executable { 0o777 } else { 0o666 });
    }
    #[cfg(not(unix))]
    let _ = executable;
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|error| GitError::io("write", path, error))
}

#[cfg(unix)]
fn write_link(path: &Path, target: &[u8]) -> Result<(), GitError> {
    use std::os::unix::ffi::OsStrExt;
    let target = std::ffi::OsStr::from_bytes(target);
    std::os::unix::fs::symlink(target, path).map_err(|error| GitError::io("write", path, error))
}

#[cfg(not(unix))]
fn write_link(path: &Path, target: &[u8]) -> Result<(), GitError> {
    write_file(path, target, false)
}

/// Puts the staged files in place. A file that is no longer the old one is the user's and stays; so does one
/// that is the new one already, which makes this safe to repeat.
pub(crate) fn put_in_place(
    work_tree: &WorkTree,
    folder: &Path,
    changes: &[Change],
    sparse: &Sparse,
) -> Result<(), GitError> {
    let root = work_tree.root();
    let file_mode = work_tree.knows_executables();
    // Deletions first, deepest last in sorted order: a file may take the place of a directory.
    for change in changes.iter().rev().filter(|change| change.new.is_none()) {
        let Some(old) = change.old else {
            continue;
        };
        let exists = work_tree.file_on_disk(&change.path)?.is_some();
        if old.kind() == EntryKind::Submodule {
            let full = root.join(change.path.as_str());
            // As Git does, a submodule's directory goes only when nothing is in it.
            let _ = std::fs::remove_dir(full);
        } else if exists && lies_unchanged(work_tree, &change.path, old, false, file_mode)? {
            let full = root.join(change.path.as_str());
            std::fs::remove_file(&full).map_err(|error| GitError::io("delete", &full, error))?;
            remove_empty_directories(root, &change.path);
        }
    }
    for (number, change) in changes.iter().enumerate() {
        let Some(new) = change.new else {
            continue;
        };
        let full = root.join(change.path.as_str());
        if new.kind() == EntryKind::Submodule {
            create_directories(root, &change.path.child("x"))?;
            continue;
        }
        let staged = staged_file(folder, number);
        let unchanged = match change.old {
            Some(old) if old.kind() != EntryKind::Submodule => {
                match work_tree.file_on_disk(&change.path)? {
                    Some(_) => lies_unchanged(work_tree, &change.path, old, false, file_mode)?,
                    // Outside the sparse checkout, or deleted by the user meanwhile.
                    None => false,
                }
            }
            _ => !sparse.leaves_out(&change.path) && is_free(work_tree, &change.path, &BTreeSet::new())?,
        };
        if unchanged && std::fs::symlink_metadata(&staged).is_ok() {
            create_directories(root, &change.path)?;
            if full.is_dir() && !full.is_symlink() {
                // Only empty directories are left where `refuse_touched` agreed.
                remove_empty_tree(&full)?;
            }
            move_file(&staged, &full)?;
        }
    }
    Ok(())
}

/// Renames, or copies where the Git directory is on another file system.
fn move_file(from: &Path, to: &Path) -> Result<(), GitError> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            let directory = to.parent().unwrap_or(to);
            let copy = || {
                let beside = tempfile::Builder::new().prefix(".slipway-").tempdir_in(directory)?;
                let inner = beside.path().join("file");
                if from.is_symlink() {
                    #[cfg(unix)]
                    std::os::unix::fs::symlink(std::fs::read_link(from)?, &inner)?;
                } else {
                    std::fs::copy(from, &inner)?;
                }
                std::fs::rename(&inner, to)?;
                std::fs::remove_file(from)
            };
            copy().map_err(|error| GitError::io("write", to, error))
        }
        other => other.map_err(|error| GitError::io("write", to, error)),
    }
}

/// Creates the directories above `path`; none of them may be a link.
fn create_directories(root: &Path, path: &RepoPath) -> Result<(), GitError> {
    let mut full = root.to_owned();
    let mut names: Vec<&str> = path.segments().collect();
    names.pop();
    for name in names {
        full.push(name);
        match std::fs::create_dir(&full) {
            Ok(()) => {}
            Err(_) if std::fs::symlink_metadata(&full).is_ok_and(|metadata| metadata.is_dir()) => {}
            Err(error) => return Err(GitError::io("create", &full, error)),
        }
    }
    Ok(())
}

fn remove_empty_directories(root: &Path, path: &RepoPath) {
    for above in path.ancestors().skip(1).filter(|above| !above.is_root()) {
        // Fails for a directory that is not empty, which is where this ends.
        if std::fs::remove_dir(root.join(above.as_str())).is_err() {
            break;
        }
    }
}

fn remove_empty_tree(directory: &Path) -> Result<(), GitError> {
    for entry in std::fs::read_dir(directory).map_err(|error| GitError::io("list", directory, error))? {
        let entry = entry.map_err(|error| GitError::io("list", directory, error))?;
        remove_empty_tree(&entry.path())?;
    }
    std::fs::remove_dir(directory).map_err(|error| GitError::io("delete", directory, error))
}

/// Brings the entries of the changed files up to date in the index file at `copy`, a copy of the real one, which
/// was written at `written`. An entry that is not the old one any more is the user's and stays.
pub(crate) fn update_index(
    work_tree: &WorkTree,
    copy: &Path,
    written: (i64, u32),
    changes: &[Change],
    sparse: &Sparse,
) -> Result<(), GitError> {
    let mut index = index_view::open_file(copy)?;
    let root = work_tree.root();
    let staged_is_old = |index: &git2::Index, change: &Change| {
        let entry = index.get_path(Path::new(change.path.as_str()), 0);
        match (entry, change.old) {
            (None, None) => true,
            (Some(entry), Some(old)) => entry.id == old.id && kind_of(tree_mode(entry.mode)) == old.kind(),
            _ => false,
        }
    };
    for change in changes.iter().filter(|change| change.new.is_none()) {
        if staged_is_old(&index, change) {
            index.remove(Path::new(change.path.as_str()), 0).attempt("update the index")?;
        }
    }
    for change in changes {
        let Some(new) = change.new else {
            continue;
        };
        if !staged_is_old(&index, change) {
            continue;
        }
        let path = Path::new(change.path.as_str());
        let before = index.get_path(path, 0);
        let mut entry = fresh_entry(change.path.as_str(), new);
        let full = root.join(change.path.as_str());
        let on_disk = work_tree.file_on_disk(&change.path)?;
        match on_disk {
            Some((_, id)) if id == new.id => {
                let metadata = std::fs::symlink_metadata(&full)
                    .map_err(|error| GitError::io("look at", &full, error))?;
                remember(&mut entry, &metadata);
            }
            // The user's own file is there: without the facts, Git compares the content.
            Some(_) => {}
            None => {
                let skipped = before.as_ref().is_some_and(is_skipped);
                if skipped || sparse.leaves_out(&change.path) {
                    entry.flags_extended |= SKIP_WORKTREE;
                }
            }
        }
        index.add(&entry).attempt("update the index")?;
    }
    keep_racy_entries_visible(work_tree, &mut index, written)?;
    index.write().attempt("write the index")
}

/// Bit 14 of the extended flags, "skip-worktree" in gitformat-index(5).
const SKIP_WORKTREE: u16 = 1 << 14;

fn fresh_entry(path: &str, side: Side) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: u32::try_from(side.mode).unwrap_or(0o100_644),
        uid: 0,
        gid: 0,
        file_size: 0,
        id: side.id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

/// An entry as young as the old index may hide a change, which readers find by comparing with the time of the
/// index. The new index is younger, so such entries lose their size, as Git does
/// (<https://git-scm.com/docs/racy-git>).
fn keep_racy_entries_visible(
    work_tree: &WorkTree,
    index: &mut git2::Index,
    written: (i64, u32),
) -> Result<(), GitError> {
    let racy: Vec<IndexEntry> =
        index.iter().filter(|entry| entry.file_size != 0 && Remembered::of(entry).is_racy(written)).collect();
    for mut entry in racy {
        let Ok(path) = std::str::from_utf8(&entry.path).map(RepoPath::new) else {
            continue;
        };
        let Ok(path) = path else {
            continue;
        };
        let full = work_tree.root().join(path.as_str());
        let Ok(metadata) = std::fs::symlink_metadata(&full) else {
            continue;
        };
        let same_facts = {
            let mut fresh = fresh_entry(path.as_str(), Side { id: entry.id, mode: tree_mode(entry.mode) });
            remember(&mut fresh, &metadata);
            Remembered::of(&fresh) == Remembered::of(&entry)
        };
        if same_facts && work_tree.file_on_disk(&path)?.is_none_or(|(_, id)| id != entry.id) {
            entry.file_size = 0;
            index.add(&entry).attempt("update the index")?;
        }
    }
    Ok(())
}

/// When the index was written.
pub(crate) fn time_of(path: &Path) -> (i64, u32) {
    std::fs::symlink_metadata(path).map(|metadata| Stat::of(&metadata).modified).unwrap_or_default()
}
