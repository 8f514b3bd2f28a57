//! Which files differ between two trees.

use std::collections::BTreeMap;

use super::{Entry, EntryKind, Tree, TreeError};
use crate::path::RepoPath;

/// What differs between two trees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are on both sides with other content, sorted.
    pub modified: Vec<RepoPath>,
    /// Files, links and submodules that one side lacks, or that are something else there, sorted.
    pub others: Vec<RepoPath>,
}

impl Changes {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &RepoPath> {
        self.modified.iter().chain(&self.others)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.modified.len() + self.others.len()
    }

    /// Whether the trees are equal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Finds what differs, looking only into directories whose ids differ; `None` where more than `limit` files do.
/// The two must be trees of the same kind, so that their content ids can be compared.
///
/// # Errors
/// When one of the trees cannot be read.
pub fn changes(before: &dyn Tree, after: &dyn Tree, limit: usize) -> Result<Option<Changes>, TreeError> {
    let mut walk = Walk { before, after, limit, found: Changes::default() };
    if !walk.directory(&RepoPath::root())? {
        return Ok(None);
    }
    walk.found.modified.sort();
    walk.found.others.sort();
    Ok(Some(walk.found))
}

struct Walk<'a> {
    before: &'a dyn Tree,
    after: &'a dyn Tree,
    limit: usize,
    found: Changes,
}

impl Walk<'_> {
    /// Answers whether the limit still holds.
    fn directory(&mut self, path: &RepoPath) -> Result<bool, TreeError> {
        if self.before.content_id(path)? == self.after.content_id(path)? {
            return Ok(true);
        }
        let mut sides: BTreeMap<String, [Option<EntryKind>; 2]> = BTreeMap::new();
        for (side, tree) in [self.before, self.after].into_iter().enumerate() {
            for Entry { name, kind } in tree.list(path)?.unwrap_or_default() {
                sides.entry(name).or_default()[side] = Some(kind);
            }
        }
        for (name, kinds) in sides {
            let child = path.child(&name);
            let is_file = |kind: EntryKind| matches!(kind, EntryKind::File | EntryKind::Executable);
            match kinds {
                [Some(EntryKind::Directory), Some(EntryKind::Directory)] => {
                    if !self.directory(&child)? {
                        return Ok(false);
                    }
                }
                [Some(before), Some(after)] if is_file(before) && is_file(after) => {
                    if before != after || self.before.content_id(&child)? != self.after.content_id(&child)? {
                        self.found.modified.push(child);
                    }
                }
                [Some(EntryKind::Symlink), Some(EntryKind::Symlink)] => {
                    // A link that cannot be followed on one side has changed as well.
                    let same = match (self.before.content_id(&child), self.after.content_id(&child)) {
                        (Ok(before), Ok(after)) => before == after,
                        _ => false,
                    };
                    if !same {
                        self.found.others.push(child);
                    }
                }
                [before, after] => {
                    for (kind, tree) in [(before, self.before), (after, self.after)] {
                        if let Some(kind) = kind {
                            self.all_below(tree, &child, kind)?;
                        }
                    }
                }
            }
            if self.found.len() > self.limit {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn all_below(&mut self, tree: &dyn Tree, path: &RepoPath, kind: EntryKind) -> Result<(), TreeError> {
        if kind != EntryKind::Directory {
            if !self.found.others.contains(path) {
                self.found.others.push(path.clone());
            }
            return Ok(());
        }
        for entry in tree.list(path)?.unwrap_or_default() {
            if self.found.len() > self.limit {
                return Ok(());
            }
            self.all_below(tree, &path.child(&entry.name), entry.kind)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MemoryTree;

    fn texts(paths: &[RepoPath]) -> Vec<&str> {
        paths.iter().map(RepoPath::as_str).collect()
    }

    #[test]
    fn only_what_differs_is_named() {
        let before =
            MemoryTree::new([("a/same", "1"), ("a/x", "1"), ("b/gone/deep", "1"), ("c", "1"), ("d/e", "1")]);
        let after = MemoryTree::new([
            ("a/same", "1"),
            ("a/x", "2"),
            ("b/new", "1"),
            ("c/now-a-folder", "1"),
            ("d/e", "1"),
        ]);
        let found = changes(&before, &after, 100).unwrap().unwrap();
        assert_eq!(texts(&found.modified), ["a/x"]);
        assert_eq!(texts(&found.others), ["b/gone/deep", "b/new", "c", "c/now-a-folder"]);
        assert!(changes(&before, &before, 100).unwrap().unwrap().is_empty());
    }

    #[test]
    fn more_than_the_limit_is_not_listed() {
        let before = MemoryTree::new([("a", "1"), ("b", "1"), ("c", "1")]);
        let after = MemoryTree::new([("a", "2"), ("b", "2"), ("c", "2")]);
        assert_eq!(changes(&before, &after, 2).unwrap(), None);
    }
}
