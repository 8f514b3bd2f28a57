//! Hooks: programs that Git starts around a commit or a push (githooks(5)).
//!
//! Hooks in the repository's own `.git/hooks`, in its own `core.hooksPath`, or in a hooks path that leads into
//! the working directory run only with consent. A `core.hooksPath` of the user's own settings is the user's.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::GitError;
use crate::settings::{self, Consent, RepositoryProgram};

/// The hooks around a commit.
pub(crate) const COMMIT_HOOKS: [&str; 4] = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"];
/// The hook before a push.
pub(crate) const PUSH_HOOK: &str = "pre-push";
/// Hooks that Git would run around these operations and that are not run here, with consent or without.
pub(crate) const NEVER_RUN: [&str; 4] =
    ["post-checkout", "post-index-change", "post-merge", "reference-transaction"];
/// As much of what a hook prints as is shown.
const SHOWN_OUTPUT: usize = 4000;

/// Where the hooks are and whether they may run.
pub(crate) struct Hooks {
    directory: PathBuf,
    /// Whether the user's own settings name the directory.
    of_user: bool,
    git_directory: PathBuf,
    work_directory: PathBuf,
}

impl Hooks {
    pub(crate) fn of(repository: &git2::Repository) -> Result<Self, GitError> {
        let config = settings::of(repository)?;
        let git_directory = repository.path().to_owned();
        let work_directory = repository.workdir().unwrap_or(&git_directory).to_owned();
        let (directory, of_user) = match settings::get(&config, "core.hookspath") {
            Some(setting) => {
                let path = settings::expand_home(&setting.value);
                // A relative path leads into the working directory, which is the repository's content.
                let of_user =
                    !setting.of_repository && path.is_absolute() && !path.starts_with(&work_directory);
                (work_directory.join(path), of_user)
            }
            None => (repository.commondir().join("hooks"), false),
        };
        Ok(Self { directory, of_user, git_directory, work_directory })
    }

    /// The hooks of `names` that are there and would run for Git.
    pub(crate) fn present<'a>(&self, names: &[&'a str]) -> Vec<&'a str> {
        names.iter().copied().filter(|name| is_program(&self.directory.join(name))).collect()
    }

    pub(crate) fn may_run(&self, consent: &Consent) -> bool {
        self.of_user || consent.allows(RepositoryProgram::Hooks)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs a hook if it is there. `index` stands in for the index of the repository.
    ///
    /// # Errors
    /// When it cannot be started or does not exit with 0.
    pub(crate) fn run(
        &self,
        name: &str,
        arguments: &[&std::ffi::OsStr],
        index: Option<&Path>,
        input: &str,
    ) -> Result<(), GitError> {
        let program = self.directory.join(name);
        if !is_program(&program) {
            return Ok(());
        }
        let shown = program.display().to_string();
        let mut command = Command::new(&program);
        command
            .args(arguments)
            .current_dir(&self.work_directory)
            .env("GIT_DIR", &self.git_directory)
            .env("GIT_EDITOR", ":")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let start = |command: &mut Command| {
            let mut child = command.spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                // A hook that does not read its input closes it; that is no failure.
                let _ = stdin.write_all(input.as_bytes());
            }
            child.wait_with_output()
        };
        let output = start(&mut command).map_err(|source| GitError::Program { program: shown, source })?;
        if output.status.success() {
            return Ok(());
        }
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        let text: String = text.trim().chars().take(SHOWN_OUTPUT).collect();
        let text = if text.is_empty() { format!("it ended with {}", output.status) } else { text };
        Err(GitError::Hook { hook: name.to_owned(), output: text })
    }
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
