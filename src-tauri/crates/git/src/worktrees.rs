//! Other worktrees of the same repository (git-worktree(1)).

use std::path::{Path, PathBuf};

use crate::error::{Attempt, GitError};

/// The other worktree that has `branch` checked out, or is rebasing it.
pub(crate) fn elsewhere(repository: &git2::Repository, branch: &str) -> Result<Option<PathBuf>, GitError> {
    let here = repository.path().canonicalize().unwrap_or_else(|_| repository.path().to_owned());
    let common = repository.commondir().to_owned();
    let mut others: Vec<(PathBuf, PathBuf)> = Vec::new();
    // A bare repository has a `HEAD` of its own, which checks nothing out.
    let main_is_bare = repository.config().and_then(|config| config.get_bool("core.bare")).unwrap_or(false);
    if !main_is_bare {
        others.push((common.clone(), common.parent().unwrap_or(&common).to_owned()));
    }
    let names = repository.worktrees().attempt("list the worktrees")?;
    for name in names.iter().filter_map(|name| name.ok().flatten()) {
        let git_directory = common.join("worktrees").join(name);
        let path = repository
            .find_worktree(name)
            .map_or_else(|_| git_directory.clone(), |each| each.path().to_owned());
        others.push((git_directory, path));
    }
    let reference = format!("refs/heads/{branch}");
    Ok(others
        .into_iter()
        .filter(|(git_directory, _)| git_directory.canonicalize().is_ok_and(|path| path != here))
        .find(|(git_directory, _)| uses(git_directory, &reference))
        .map(|(_, path)| path))
}

fn uses(git_directory: &Path, reference: &str) -> bool {
    let names = |file: &str| {
        std::fs::read_to_string(git_directory.join(file))
            .is_ok_and(|text| text.trim().strip_prefix("ref: ").unwrap_or(text.trim()) == reference)
    };
    names("HEAD") || names("rebase-merge/head-name") || names("rebase-apply/head-name")
}
