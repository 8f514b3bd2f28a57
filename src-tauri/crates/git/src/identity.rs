//! Who makes commits: where Git knows it from, and setting it.

use std::path::{Path, PathBuf};

use git2::{Config, Signature};
use serde::{Deserialize, Serialize};

use crate::commit::Person;
use crate::error::{Attempt, GitError};
use crate::repository::Repository;
use crate::settings;

/// Where Git knows a person from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentitySource {
    /// The configuration of the repository.
    Repository,
    /// The user's own configuration, or the system's.
    User,
    /// `GIT_COMMITTER_NAME` and its relatives.
    Environment,
}

/// Where a person is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityScope {
    /// For this repository only.
    Repository,
    /// For all repositories of the user.
    User,
}

impl Repository {
    /// The person that Git's settings and environment name for commits, and where from.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn identity(&self) -> Result<Option<(Person, IdentitySource)>, GitError> {
        self.handles.with(|repository| {
            let Ok(signature) = repository.committer_from_env() else { return Ok(None) };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let person = Person { name: text(signature.name_bytes()), email: text(signature.email_bytes()) };
            let from_environment = ["GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]
                .iter()
                .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
            let config = settings::of(repository)?;
            let of_repository = ["user.email", "user.name"]
                .iter()
                .any(|name| settings::get(&config, name).is_some_and(|setting| setting.of_repository));
            let source = match (from_environment, of_repository) {
                (true, _) => IdentitySource::Environment,
                (false, true) => IdentitySource::Repository,
                (false, false) => IdentitySource::User,
            };
            Ok(Some((person, source)))
        })
    }

    /// Writes `user.name` and `user.email`; returns the file they are in now. Everything else in the file stays.
    ///
    /// # Errors
    /// [`GitError::InvalidIdentity`] where Git would not accept them, or when the file cannot be written.
    pub fn set_identity(&self, person: &Person, scope: IdentityScope) -> Result<PathBuf, GitError> {
        check(person)?;
        let file = match scope {
            IdentityScope::Repository => self.common_directory().join("config"),
            IdentityScope::User => user_file()?,
        };
        write(&file, person)?;
        // A handle that was opened before the file was there does not know of it.
        self.handles.forget();
        Ok(file)
    }
}

fn check(person: &Person) -> Result<(), GitError> {
    let invalid = |reason: &str| Err(GitError::InvalidIdentity { reason: reason.to_owned() });
    if person.name.trim().is_empty() {
        return invalid("the name is empty");
    }
    if person.email.trim().is_empty() {
        return invalid("the mail address is empty");
    }
    let bad = |text: &str| text.chars().any(|each| matches!(each, '<' | '>') || each.is_control());
    if bad(&person.name) || bad(&person.email) || person.email.trim().contains(char::is_whitespace) {
        return invalid("a name holds no `<`, `>` or line break, and a mail address no blank");
    }
    if Signature::now(&person.name, &person.email).is_err() {
        return invalid("Git does not accept it; a name needs more than punctuation");
    }
    Ok(())
}

fn write(file: &Path, person: &Person) -> Result<(), GitError> {
    // The file is replaced by another one: a device such as `/dev/null` would be gone.
    if std::fs::metadata(file).is_ok_and(|metadata| !metadata.is_file()) {
        let reason =
            format!("`{}` is no ordinary file; set GIT_CONFIG_GLOBAL to one, or unset it", file.display());
        return Err(GitError::InvalidIdentity { reason });
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| GitError::io("create", folder, error))?;
    }
    let mut config = Config::open(file).attempt("open the configuration")?;
    config.set_str("user.name", person.name.trim()).attempt("write the configuration")?;
    config.set_str("user.email", person.email.trim()).attempt("write the configuration")
}

/// The file that `git config --global` writes.
fn user_file() -> Result<PathBuf, GitError> {
    if let Some(path) = std::env::var_os("GIT_CONFIG_GLOBAL").filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let existing = [Config::find_global(), Config::find_xdg()].into_iter().flatten().next();
    match (existing, std::env::home_dir()) {
        (Some(path), _) => Ok(path),
        (None, Some(home)) => Ok(home.join(".gitconfig")),
        (None, None) => {
            Err(GitError::InvalidIdentity { reason: "no home folder is known; set HOME".to_owned() })
        }
    }
}
