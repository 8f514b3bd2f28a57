//! What will not be done, said before it is done.

use slipway_model::{Location, Problem, RepoPath};

use crate::change;
use crate::commit::{BranchTarget, find_target};
use crate::commit_tree::{is_partial, tree_of};
use crate::error::GitError;
use crate::hooks::{COMMIT_HOOKS, Hooks, NEVER_RUN, PUSH_HOOK};
use crate::index_view;
use crate::lfs;
use crate::line_endings;
use crate::repository::Repository;
use crate::settings::{Consent, RepositoryProgram};
use crate::signing::{self, Signer};
use crate::sparse::Sparse;

impl Repository {
    /// What a commit of `paths` to `branch` and a push of it would not do or could not do. Errors keep the
    /// commit from being written; warnings and notes do not.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn preflight(
        &self,
        branch: &BranchTarget,
        paths: &[RepoPath],
        consent: &Consent,
    ) -> Result<Vec<Problem>, GitError> {
        self.handles.with(|repository| {
            let mut problems = Vec::new();
            hooks(repository, consent, &mut problems)?;
            signatures(repository, consent, &mut problems)?;
            if repository.committer_from_env().is_err() {
                problems.push(as_problem("no-author", &GitError::NoIdentity));
            }
            files(repository, branch, paths, &mut problems)?;
            incomplete(repository, &mut problems)?;
            Ok(problems)
        })
    }
}

fn as_problem(code: &str, error: &GitError) -> Problem {
    error.hints().into_iter().fold(Problem::error(code, error.to_string()), Problem::hint)
}

fn hooks(
    repository: &git2::Repository,
    consent: &Consent,
    problems: &mut Vec<Problem>,
) -> Result<(), GitError> {
    let hooks = Hooks::of(repository)?;
    let mut names: Vec<&str> = COMMIT_HOOKS.to_vec();
    names.push(PUSH_HOOK);
    let never = hooks.present(&NEVER_RUN);
    if !never.is_empty() {
        problems.push(Problem::warning(
            "hooks-not-supported",
            format!("the hooks {} in `{}` are never run", never.join(", "), hooks.directory().display()),
        ));
    }
    let present = hooks.present(&names);
    if present.is_empty() {
        return Ok(());
    }
    let (list, place) = (present.join(", "), hooks.directory().display());
    if hooks.may_run(consent) {
        if present.contains(&"pre-commit") {
            problems.push(Problem::info(
                "hook-sees-index",
                "the hook pre-commit sees the change in the index; the files on disk follow after it",
            ));
        }
    } else {
        problems.push(
            Problem::warning("hooks-not-run", format!("the hooks {list} in `{place}` will not run"))
                .hint("agree to run this repository's hooks, or commit with `git`"),
        );
    }
    Ok(())
}

fn signatures(
    repository: &git2::Repository,
    consent: &Consent,
    problems: &mut Vec<Problem>,
) -> Result<(), GitError> {
    let signer = match Signer::of(repository, consent) {
        Ok(Some(signer)) => signer,
        Ok(None) => return Ok(()),
        Err(error) => {
            problems.push(as_problem("signing-not-possible", &error));
            return Ok(());
        }
    };
    if !consent.allows(RepositoryProgram::SigningProgram)
        && let Some(setting) = Signer::untrusted_program(repository)?
    {
        problems.push(
            Problem::warning(
                "signing-program-not-run",
                format!("the repository's own setting `{setting}` is not used; `{}` signs", signer.program()),
            )
            .hint("agree to run this repository's signing program, or set it in your own Git settings"),
        );
    }
    if !signing::is_installed(signer.program()) {
        let message = "it is not installed".to_owned();
        let error = GitError::Signing { program: signer.program().to_owned(), message };
        problems.push(as_problem("signing-not-possible", &error));
    }
    Ok(())
}

fn files(
    repository: &git2::Repository,
    branch: &BranchTarget,
    paths: &[RepoPath],
    problems: &mut Vec<Problem>,
) -> Result<(), GitError> {
    let target = match find_target(repository, branch) {
        Ok(target) => target,
        Err(error) => {
            problems.push(as_problem("branch-not-writable", &error));
            return Ok(());
        }
    };
    if target.checked_out
        && let Err(error) = index_view::read(repository)
    {
        problems.push(as_problem("index-not-readable", &error));
    }
    let tree = target.tip.map(|tip| tree_of(repository, tip)).transpose()?;
    let sparse = Sparse::of(repository)?;
    let mut left_out = 0_usize;
    for path in paths {
        let conversion = line_endings::conversion(repository, path.as_str())?;
        if let Some(filter) = conversion.filter.or(conversion.encoding) {
            let error = GitError::Filtered { path: path.clone(), filter };
            problems.push(as_problem("filter-not-run", &error).at(Location::file(path)));
        } else if let Some(side) = change::side_at(repository, tree, path)?
            && repository.find_blob(side.id).is_ok_and(|blob| lfs::is_pointer(blob.content()))
        {
            let message = format!("`{path}` is a Git LFS pointer; its content is not in the repository");
            problems.push(Problem::warning("lfs-pointer", message).at(Location::file(path)));
        }
        left_out += usize::from(target.checked_out && sparse.leaves_out(path));
    }
    if left_out > 0 {
        problems.push(Problem::info(
            "sparse-checkout",
            format!(
                "{left_out} of the files are outside the sparse checkout and will not be written to disk"
            ),
        ));
    }
    Ok(())
}

fn incomplete(repository: &git2::Repository, problems: &mut Vec<Problem>) -> Result<(), GitError> {
    if repository.is_shallow() {
        problems.push(
            Problem::info("shallow-history", "this is a shallow clone: history ends where it was cut")
                .hint("`git fetch --unshallow` brings the rest"),
        );
    }
    if is_partial(repository) {
        problems.push(
            Problem::info(
                "partial-clone",
                "this is a partial clone: objects that are not here are not fetched",
            )
            .hint("`git fetch --refetch --no-filter` brings all objects"),
        );
    }
    if Sparse::of(repository)?.is_active() {
        problems.push(Problem::info(
            "sparse-checkout",
            "this is a sparse checkout: files outside it are read from the index",
        ));
    }
    let modules = repository.workdir().is_some_and(|root| root.join(".gitmodules").is_file());
    if modules {
        problems.push(Problem::info("submodules", "submodules are shown, but their files are not read"));
    }
    Ok(())
}
