//! The files of a chart's directory, read through the tree in Helm's order and by the rules of `.helmignore`.

use slipway_model::{EntryKind, Location, RepoPath, Tree};

use super::File;
use super::archive::FILE_LIMIT;
use super::ignore::Rules;
use crate::failure::{Failure, code};

/// How deep directories may be nested: a link that leads upwards has no end.
const DEPTH_LIMIT: usize = 64;
/// How many files a chart may have.
const FILES_LIMIT: usize = 50_000;

/// A walk over a chart's directory.
pub(crate) struct Walk<'a> {
    tree: &'a dyn Tree,
    root: &'a RepoPath,
    rules: Rules,
    files: Vec<String>,
    links: bool,
}

/// The names of a chart's files, relative to it.
pub(crate) struct Listed {
    /// Sorted as Helm walks: directory by directory, names by their bytes.
    pub(crate) names: Vec<String>,
    /// Whether a symbolic link is among what was walked: then the content id of a directory does not say what is in it.
    pub(crate) links: bool,
}

impl<'a> Walk<'a> {
    /// Begins a walk: reads the `.helmignore`.
    pub(crate) fn new(tree: &'a dyn Tree, root: &'a RepoPath) -> Result<Self, Failure> {
        let path = root.child(".helmignore");
        let text = read(tree, &path)?;
        let text = text.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let rules = Rules::parse(&text).map_err(|bad| {
            let failure = Failure::new(code::CHART, bad.message);
            if bad.line == 0 {
                failure.at(Location::file(&path))
            } else {
                failure.at_text(path.as_str(), &text, bad.line, 1)
            }
        })?;
        Ok(Self { tree, root, rules, files: Vec::new(), links: false })
    }

    /// Whether a file at a path below the chart is part of it, for what the rules say of its directories too.
    pub(crate) fn keeps(&self, name: &str) -> bool {
        let directories = name.match_indices('/').map(|(at, _)| &name[..at]);
        !directories.into_iter().any(|directory| self.rules.ignores(directory, true))
            && !self.rules.ignores(name, false)
    }

    /// Lists all files, or those below the entries of the chart's own directory that `wanted` names.
    pub(crate) fn list(mut self, wanted: &dyn Fn(&str) -> bool) -> Result<Listed, Failure> {
        let root = self.root;
        self.directory(root, "", 0, wanted)?;
        Ok(Listed { names: self.files, links: self.links })
    }

    fn directory(
        &mut self,
        directory: &RepoPath,
        prefix: &str,
        depth: usize,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        if depth > DEPTH_LIMIT {
            let message = format!("directories are nested deeper than {DEPTH_LIMIT} levels");
            return Err(Failure::new(code::LIMIT, message)
                .at(Location::file(directory))
                .hint("look for a symbolic link that leads to a directory above it"));
        }
        let entries = self.tree.list(directory).map_err(|error| Failure::unreadable(directory, &error))?;
        let Some(entries) = entries else { return Ok(()) };
        for entry in entries {
            if prefix.is_empty() && !wanted(&entry.name) {
                continue;
            }
            let name =
                if prefix.is_empty() { entry.name.clone() } else { format!("{prefix}/{}", entry.name) };
            let path = directory.child(&entry.name);
            let is_directory = match entry.kind {
                EntryKind::Directory => true,
                EntryKind::File | EntryKind::Executable => false,
                // What a submodule holds is not part of the tree, and neither of the chart.
                EntryKind::Submodule => continue,
                EntryKind::Symlink => {
                    self.links = true;
                    let listed = self.tree.list(&path).map_err(|error| Failure::unreadable(&path, &error))?;
                    listed.is_some()
                }
            };
            if self.rules.ignores(&name, is_directory) {
                continue;
            }
            if is_directory {
                self.directory(&path, &name, depth + 1, wanted)?;
            } else {
                self.files.push(name);
                if self.files.len() > FILES_LIMIT {
                    let message = format!("the chart has more than {FILES_LIMIT} files");
                    return Err(Failure::new(code::LIMIT, message)
                        .at(Location::file(self.root))
                        .hint("leave out what is no part of it in `.helmignore`"));
                }
            }
        }
        Ok(())
    }
}

/// Reads a file of a chart.
pub(crate) fn read_file(tree: &dyn Tree, root: &RepoPath, name: &str) -> Result<Option<File>, Failure> {
    let path = root.join(name).map_err(|error| Failure::new(code::CHART, error.to_string()))?;
    let Some(data) = read(tree, &path)? else { return Ok(None) };
    if data.len() as u64 > FILE_LIMIT {
        let base = path.file_name().unwrap_or_default();
        let message = format!("chart file {base:?} is larger than the maximum file size {FILE_LIMIT}");
        return Err(Failure::new(code::CHART, message)
            .at(Location::file(&path))
            .hint("leave it out in `.helmignore`, or make it smaller"));
    }
    Ok(Some(File::new(name, data)))
}

fn read(tree: &dyn Tree, path: &RepoPath) -> Result<Option<bytes::Bytes>, Failure> {
    tree.read(path).map_err(|error| Failure::unreadable(path, &error))
}
