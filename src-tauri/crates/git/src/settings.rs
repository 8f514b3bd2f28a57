//! Git's settings and who may be trusted with them.
//!
//! A repository's own settings are data to Slipway: they choose branches, remotes and names. Settings that start
//! programs are taken from the user's and the system's files only, unless the user agreed for this repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel};
use serde::{Deserialize, Serialize};

use crate::error::{Attempt, GitError};

/// Something a repository brings along that would start a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepositoryProgram {
    /// The hooks in `.git/hooks` or in the `core.hooksPath` of the repository.
    Hooks,
    /// The `gpg.program` and its relatives of the repository's own configuration.
    SigningProgram,
}

/// What the user agreed to for one repository. Empty: nothing a repository brings along is started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Consent(BTreeSet<RepositoryProgram>);

impl Consent {
    /// Consent to these programs.
    #[must_use]
    pub fn to(programs: impl IntoIterator<Item = RepositoryProgram>) -> Self {
        Self(programs.into_iter().collect())
    }

    /// Whether the user agreed.
    #[must_use]
    pub fn allows(&self, program: RepositoryProgram) -> bool {
        self.0.contains(&program)
    }
}

/// The settings of the user and of the system, without those of any repository. `GIT_CONFIG_GLOBAL`,
/// `GIT_CONFIG_SYSTEM` and `GIT_CONFIG_NOSYSTEM` mean what they mean to Git.
pub(crate) fn trusted() -> Result<Config, GitError> {
    crate::handles::prepare_library();
    let mut config = Config::new().attempt("read the configuration")?;
    for (file, level) in user_files() {
        if file.exists() {
            config.add_file(&file, level, false).attempt("read the configuration")?;
        }
    }
    config.snapshot().attempt("read the configuration")
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

fn user_files() -> Vec<(PathBuf, ConfigLevel)> {
    let mut files = Vec::new();
    let no_system = std::env::var("GIT_CONFIG_NOSYSTEM")
        .is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false" | "no" | "off"));
    match variable("GIT_CONFIG_SYSTEM") {
        _ if no_system => {}
        Some(path) => files.push((path, ConfigLevel::System)),
        None => {
            if let Ok(path) = Config::find_system() {
                files.push((path, ConfigLevel::System));
            }
        }
    }
    match variable("GIT_CONFIG_GLOBAL") {
        Some(path) => files.push((path, ConfigLevel::Global)),
        None => {
            if let Ok(path) = Config::find_xdg() {
                files.push((path, ConfigLevel::XDG));
            }
            if let Ok(path) = Config::find_global() {
                files.push((path, ConfigLevel::Global));
            }
        }
    }
    files
}

/// Lets `GIT_CONFIG_GLOBAL` and its relatives apply to a repository, which libgit2 does not do by itself.
pub(crate) fn follow_environment(repository: &git2::Repository) -> Result<(), GitError> {
    let is_set = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    if !is_set {
        return Ok(());
    }
    let mut config = Config::new().attempt("read the configuration")?;
    let mut files = user_files();
    files.push((repository.commondir().join("config"), ConfigLevel::Local));
    let per_worktree = repository.path().join("config.worktree");
    let uses_worktree_config =
        repository.config().and_then(|config| config.get_bool("extensions.worktreeconfig")).unwrap_or(false);
    if uses_worktree_config {
        files.push((per_worktree, ConfigLevel::Worktree));
    }
    for (file, level) in files {
        if file.exists() {
            config.add_file(&file, level, false).attempt("read the configuration")?;
        }
    }
    repository.set_config(&config).attempt("read the configuration")
}

/// All settings of a repository, as they are at this moment.
pub(crate) fn of(repository: &git2::Repository) -> Result<Config, GitError> {
    repository.config().and_then(|mut config| config.snapshot()).attempt("read the configuration")
}

/// A setting and whether the repository itself makes it.
pub(crate) struct Setting {
    pub(crate) value: String,
    pub(crate) of_repository: bool,
}

/// Reads a setting. `name` is written in lower case.
pub(crate) fn get(config: &Config, name: &str) -> Option<Setting> {
    let entry = config.get_entry(name).ok()?;
    let of_repository = matches!(entry.level(), ConfigLevel::Local | ConfigLevel::Worktree);
    Some(Setting { value: entry.value().ok()?.to_owned(), of_repository })
}

/// The value of a setting that starts a program: the repository's own only with consent, else the user's.
pub(crate) fn program(
    config: &Config,
    name: &str,
    repository_is_trusted: bool,
) -> Result<Option<String>, GitError> {
    match get(config, name) {
        Some(setting) if setting.of_repository && !repository_is_trusted => {
            Ok(trusted()?.get_string(name).ok())
        }
        other => Ok(other.map(|setting| setting.value)),
    }
}

/// Expands `~/` as Git does for settings that are paths.
pub(crate) fn expand_home(path: &str) -> PathBuf {
    match path.strip_prefix("~/") {
        Some(rest) => std::env::home_dir().map_or_else(|| PathBuf::from(path), |home| home.join(rest)),
        None => Path::new(path).to_owned(),
    }
}
