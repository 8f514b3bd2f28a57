//! Which files of a directory are manifests or templates.

use slipway_model::{EntryKind, Location, Problem, RepoPath, Tree};

use crate::glob::Glob;
use crate::source::{Parameters, Source};

/// How many files one source may have, and how deep directories may nest: a bound for hostile repositories.
const MAX_FILES: usize = 20_000;
const MAX_DEPTH: usize = 64;

/// The files of a source in Argo CD's order (directory by directory, by name), or the one file that it is.
/// `wanted` decides by the file's name. Links to files are followed by reading, links to directories are not
/// entered, as in Argo CD's walk.
pub(crate) fn files(
    tree: &dyn Tree,
    source: &Source,
    wanted: &dyn Fn(&str) -> bool,
    problems: &mut Vec<Problem>,
) -> Vec<RepoPath> {
    let filter = match Filter::new(&source.parameters) {
        Ok(filter) => filter,
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    let mut walk = Walk { tree, source, wanted, filter, files: Vec::new() };
    match walk.directory(&source.path, 0) {
        Ok(true) => walk.files,
        // No directory: a file, or nothing.
        Ok(false) => match tree.read(&source.path) {
            Ok(Some(_)) => vec![source.path.clone()],
            Ok(None) => {
                problems.push(
                    Problem::error("no-such-path", format!("`{}` is not in the repository", source.path))
                        .at(Location::file(&source.path)),
                );
                Vec::new()
            }
            Err(error) => {
                problems.push(crate::problems::unreadable(&source.path, &error));
                Vec::new()
            }
        },
        Err(problem) => {
            problems.push(problem);
            Vec::new()
        }
    }
}

struct Filter {
    include: Option<Glob>,
    exclude: Option<Glob>,
}

impl Filter {
    fn new(parameters: &Parameters) -> Result<Self, Problem> {
        let compile = |name: &str, pattern: &Option<String>| {
            let Some(pattern) = pattern.as_deref().filter(|pattern| !pattern.is_empty()) else {
                return Ok(None);
            };
            Glob::new(pattern).map(Some).map_err(|why| {
                Problem::error("invalid-glob", format!("{name} `{pattern}` is no pattern: {why}"))
            })
        };
        Ok(Self {
            include: compile("directory.include", &parameters.include)?,
            exclude: compile("directory.exclude", &parameters.exclude)?,
        })
    }

    fn takes(&self, relative: &str) -> bool {
        !self.exclude.as_ref().is_some_and(|glob| glob.matches(relative))
            && self.include.as_ref().is_none_or(|glob| glob.matches(relative))
    }
}

struct Walk<'a> {
    tree: &'a dyn Tree,
    source: &'a Source,
    wanted: &'a dyn Fn(&str) -> bool,
    filter: Filter,
    files: Vec<RepoPath>,
}

impl Walk<'_> {
    /// Whether a directory is there.
    fn directory(&mut self, path: &RepoPath, depth: usize) -> Result<bool, Problem> {
        if depth > MAX_DEPTH {
            return Err(Problem::error("too-deep", format!("directories nest deeper than {MAX_DEPTH}"))
                .at(Location::file(path)));
        }
        let entries = self.tree.list(path).map_err(|error| crate::problems::unreadable(path, &error))?;
        let Some(entries) = entries else { return Ok(false) };
        for entry in entries {
            let child = path.child(&entry.name);
            match entry.kind {
                EntryKind::Directory => {
                    if self.source.parameters.recurse {
                        self.directory(&child, depth + 1)?;
                    }
                }
                EntryKind::Submodule => {}
                EntryKind::File | EntryKind::Executable | EntryKind::Symlink => {
                    let relative = child.relative_to(&self.source.path);
                    if (self.wanted)(&entry.name) && self.filter.takes(&relative) {
                        if self.files.len() >= MAX_FILES {
                            return Err(Problem::error(
                                "too-many-files",
                                format!("the directory holds more than {MAX_FILES} manifests"),
                            )
                            .at(Location::file(&self.source.path)));
                        }
                        self.files.push(child);
                    }
                }
            }
        }
        Ok(true)
    }
}
