//! Noticing that files changed.

use std::path::{Component, Path};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::error::WorkspaceError;

/// Watches a repository until it is dropped.
pub struct Watcher {
    _watcher: RecommendedWatcher,
}

impl Watcher {
    /// Calls `changed` when a file of the working directory, the index, or a reference changed. It is called
    /// often; callers collapse bursts.
    ///
    /// # Errors
    /// When the platform cannot watch the folder, for instance because its limit of watches is reached.
    pub fn start(
        work_directory: &Path,
        git_directory: &Path,
        changed: impl Fn() + Send + 'static,
    ) -> Result<Self, WorkspaceError> {
        let failed = |source| WorkspaceError::Watch { path: work_directory.to_path_buf(), source };
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // An overflow of the platform's queue comes as an event without paths, or as an error.
            let matters = event.map_or(true, |event| {
                !event.kind.is_access()
                    && (event.paths.is_empty() || event.paths.iter().any(|path| matters(path)))
            });
            if matters {
                changed();
            }
        })
        .map_err(failed)?;
        watcher.watch(work_directory, RecursiveMode::Recursive).map_err(failed)?;
        if !git_directory.starts_with(work_directory) {
            watcher.watch(git_directory, RecursiveMode::Recursive).map_err(failed)?;
        }
        Ok(Self { _watcher: watcher })
    }
}

/// Inside `.git` only head, index and references say something; objects, logs and lock files come and go.
fn matters(path: &Path) -> bool {
    let mut inside_git = path.components().skip_while(|part| *part != Component::Normal(".git".as_ref()));
    if inside_git.next().is_none() {
        return true;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.ends_with(".lock") {
        return false;
    }
    let mut first = inside_git.next();
    if first == Some(Component::Normal("worktrees".as_ref())) {
        // A linked worktree has a head and an index of its own.
        first = inside_git.nth(1);
    }
    match first {
        Some(Component::Normal(first)) => {
            ["HEAD", "index", "refs", "packed-refs", "MERGE_HEAD", "FETCH_HEAD", "rebase-merge"]
                .iter()
                .any(|known| first == *known)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_locks_do_not_matter() {
        for (path, expected) in [
            ("/r/apps/a.yaml", true),
            ("/r/.git/HEAD", true),
            ("/r/.git/refs/heads/main", true),
            ("/r/.git/index.lock", false),
            ("/r/.git/worktrees/two/HEAD", true),
            ("/r/.git/worktrees/two/logs/HEAD", false),
            ("/r/.git/objects/ab/cd", false),
            ("/r/.gitignore", true),
        ] {
            assert_eq!(matters(Path::new(path)), expected, "{path}");
        }
    }
}
