//! A chart archive as a tree in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

/// The files of one archive, with all content ids computed when it is made: it is asked for them on each render.
pub(crate) struct ArchiveTree {
    files: BTreeMap<RepoPath, (Bytes, ContentId)>,
    directories: BTreeMap<RepoPath, (Vec<Entry>, ContentId)>,
}

impl ArchiveTree {
    /// Unpacks an archive. The error is what is wrong with it.
    pub(crate) fn unpack(packed: &[u8]) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for (name, content) in slipway_helm::read_archive(packed)? {
            let path = RepoPath::new(&name).map_err(|error| error.to_string())?;
            let id = ContentId::of_bytes(&content);
            // Of two files with one name the last one counts, as when it is unpacked on a disk.
            files.insert(path, (content, id));
        }
        // A file below a path that is a file itself is on no disk.
        let hidden: Vec<RepoPath> = files
            .keys()
            .filter(|path| path.ancestors().skip(1).any(|above| files.contains_key(&above)))
            .cloned()
            .collect();
        for path in hidden {
            files.remove(&path);
        }
        let chart = RepoPath::root().child("Chart.yaml");
        if !files.contains_key(&chart) {
            return Err("it has no Chart.yaml".to_owned());
        }
        let directories = directories(&files);
        Ok(Self { files, directories })
    }
}

/// Every directory with what it lists and the id of everything in it, which follows from names, kinds and content.
fn directories(
    files: &BTreeMap<RepoPath, (Bytes, ContentId)>,
) -> BTreeMap<RepoPath, (Vec<Entry>, ContentId)> {
    let mut listed: BTreeMap<RepoPath, BTreeMap<String, EntryKind>> = BTreeMap::new();
    listed.entry(RepoPath::root()).or_default();
    for file in files.keys() {
        let mut kind = EntryKind::File;
        for path in file.ancestors() {
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { break };
            listed.entry(parent).or_default().insert(name.to_owned(), kind);
            kind = EntryKind::Directory;
        }
    }
    let mut directories: BTreeMap<RepoPath, (Vec<Entry>, ContentId)> = BTreeMap::new();
    // Paths sort before what lies below them, so that from the end every directory comes after those in it.
    for (path, entries) in listed.into_iter().rev() {
        let entries: Vec<Entry> = entries.into_iter().map(|(name, kind)| Entry { name, kind }).collect();
        let mut summary = String::new();
        for entry in &entries {
            let inner = path.child(&entry.name);
            let id = match entry.kind {
                EntryKind::Directory => directories.get(&inner).map(|(_, id)| id),
                _ => files.get(&inner).map(|(_, id)| id),
            };
            summary.push_str(&entry.name);
            summary.push(if entry.kind == EntryKind::Directory { '/' } else { '\0' });
            summary.push_str(id.map_or("", |id| id.as_str()));
            summary.push('\n');
        }
        let id = ContentId::of_bytes(summary.as_bytes());
        directories.insert(path, (entries, id));
    }
    directories
}

impl Tree for ArchiveTree {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        Ok(self.files.get(path).map(|(content, _)| content.clone()))
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        Ok(self.directories.get(directory).map(|(entries, _)| entries.clone()))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        let file = self.files.get(path).map(|(_, id)| id);
        Ok(file.or_else(|| self.directories.get(path).map(|(_, id)| id)).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::archive::pack;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn an_archive_is_a_tree_whose_ids_follow_from_its_content() {
        let packed = pack(&[("web/Chart.yaml", "name: web"), ("web/templates/a/b.yaml", "b: 1")]);
        let tree = ArchiveTree::unpack(&packed).unwrap();
        let names = |directory: &str| -> Vec<String> {
            let entries = tree.list(&path(directory)).unwrap().unwrap();
            entries.into_iter().map(|entry| entry.name).collect()
        };
        assert_eq!(names(""), ["Chart.yaml", "templates"]);
        assert_eq!(names("templates"), ["a"]);
        assert_eq!(&tree.read(&path("templates/a/b.yaml")).unwrap().unwrap()[..], b"b: 1");
        assert!(tree.list(&path("Chart.yaml")).unwrap().is_none());
        assert!(tree.content_id(&path("templates/c")).unwrap().is_none());
        let same =
            ArchiveTree::unpack(&pack(&[("x/templates/a/b.yaml", "b: 1"), ("x/Chart.yaml", "name: web")]));
        let other = ArchiveTree::unpack(&pack(&[
            ("web/templates/a/b.yaml", "b: 2"),
            ("web/Chart.yaml", "name: web"),
        ]));
        let id = |tree: &ArchiveTree| tree.content_id(&RepoPath::root()).unwrap().unwrap();
        assert_eq!(id(&tree), id(&same.unwrap()));
        assert_ne!(id(&tree), id(&other.unwrap()));
    }

    #[test]
    fn what_is_no_chart_is_refused() {
        let refused = |packed: &[u8]| ArchiveTree::unpack(packed).err().unwrap();
        assert_eq!(refused(&pack(&[("web/values.yaml", "")])), "it has no Chart.yaml");
        assert_eq!(refused(&pack(&[("web/../../x", "")])), "chart illegally references parent directory");
        assert_eq!(refused(b"<html>"), "gzip: invalid header");
        let tree =
            ArchiveTree::unpack(&pack(&[("w/Chart.yaml", "a"), ("w/a", "1"), ("w/a/b", "2")])).unwrap();
        assert!(tree.read(&path("a/b")).unwrap().is_none() && tree.read(&path("a")).unwrap().is_some());
    }
}
