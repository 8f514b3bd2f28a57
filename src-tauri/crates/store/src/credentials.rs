//! Credentials of Git servers: in the keyring of the desktop, and, where the user turns it on, in an encrypted
//! file.
//!
//! Without the file nothing is kept where there is no keyring. Nothing is ever written in clear, and no error
//! repeats a secret.

mod file;
mod keyring;
mod logins;
mod origin;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use slipway_git::{Credential, CredentialStore};
use zeroize::Zeroizing;

use crate::StoreError;
use file::{Cost, EncryptedFile};
use keyring::Keyring;
pub use origin::ServerOrigin;

/// How long a call of the keyring may take.
const KEYRING_LIMIT: Duration = Duration::from_secs(5);

/// Whether the keyring can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringState {
    /// It can.
    #[error("the keyring is ready")]
    Ready,
    /// There is none: no desktop session, no Secret Service.
    #[error("no keyring can be reached ({0})")]
    NoService(String),
    /// It is locked, or the user or the system refused the access.
    #[error("the keyring is locked or refused access ({0}); unlock it and try again")]
    LockedOrDenied(String),
    /// It did not answer in time; it may be asking the user for something.
    #[error("the keyring did not answer in time; see whether it asks for a password, then try again")]
    TimedOut,
    /// It failed.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

/// Whether the encrypted file can be used.
#[derive(Debug)]
pub enum FileState {
    /// The user has not turned it on.
    Off,
    /// It can; it need not exist yet.
    Ready,
    /// It cannot.
    Failed(CredentialError),
}

/// A place where credentials are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The keyring of the desktop.
    Keyring,
    /// The encrypted file.
    File,
}

/// Which places can be used, and why others cannot.
#[derive(Debug)]
pub struct Availability {
    /// Where the next credential goes; nowhere when neither can be used.
    pub used: Option<Place>,
    /// The keyring.
    pub keyring: KeyringState,
    /// The file.
    pub file: FileState,
}

impl fmt::Display for Availability {
    /// One sentence: where, and why there.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { used, keyring, file } = self;
        match (used, file) {
            (Some(Place::Keyring), _) => formatter.write_str("Credentials are kept in the keyring."),
            (Some(Place::File), _) => {
                write!(formatter, "Credentials are kept in the encrypted file: {keyring}.")
            }
            (None, FileState::Failed(error)) => {
                write!(formatter, "Credentials cannot be kept: {keyring}; {error}.")
            }
            (None, _) => write!(
                formatter,
                "Credentials cannot be kept: {keyring}. The encrypted file can be turned on instead."
            ),
        }
    }
}

/// A server that has credentials, without them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptServer {
    /// The server.
    pub origin: ServerOrigin,
    /// Where they are kept.
    pub place: Place,
}

/// Why credentials could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The address names no server. It is not shown, for it may hold a password.
    #[error("credentials are kept for http and https addresses with a host only")]
    Address,
    /// The keyring cannot be used.
    #[error(transparent)]
    Keyring(KeyringState),
    /// What the keyring holds was not written by this version.
    #[error(
        "the keyring's item `{item}` of `slipway` cannot be understood; delete it and set the credential again"
    )]
    Malformed {
        /// The name of the item.
        item: String,
    },
    /// The file has another passphrase, or was changed by someone who does not know it.
    #[error("the passphrase does not open {path}", path = path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what was written.
    #[error("{path} is damaged: {reason}; move it away and set the credentials again", path = path.display())]
    DamagedFile {
        /// The file.
        path: PathBuf,
        /// What shows it.
        reason: &'static str,
    },
    /// The file was written by a newer version.
    #[error("{path} was written by a newer version of Slipway (format {found}, this one knows {known})", path = path.display())]
    NewerFile {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest one that is known here.
        known: u32,
    },
    /// Another process holds the file.
    #[error("another process holds {path}; try again", path = path.display())]
    BusyFile {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase is empty.
    #[error("the passphrase of the encrypted file is empty")]
    NoPassphrase,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(String),
    /// The file could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The credentials of Git servers. They are kept in the keyring; in the file, where it is turned on, while the
/// keyring cannot be used. What the keyring keeps is taken out of the file, so what the file holds is newer.
pub struct Credentials {
    keyring: Keyring,
    file: Option<EncryptedFile>,
}

impl Credentials {
    /// In the keyring only. It is not asked before it is needed.
    #[must_use]
    pub fn new() -> Self {
        Self { keyring: Keyring::new(Arc::new(keyring::open_platform), KEYRING_LIMIT), file: None }
    }

    /// Also in an encrypted file, for which the user has chosen a passphrase. The file is made by the first
    /// credential that goes there; beside it lies a `.lock` file.
    #[must_use]
    pub fn with_file(path: PathBuf, passphrase: Zeroizing<String>) -> Self {
        Self { file: Some(EncryptedFile::new(path, passphrase, Cost::STANDARD)), ..Self::new() }
    }

    /// The credential of a server: of the user, or without a name the one set last in the file, then in the
    /// keyring.
    ///
    /// # Errors
    /// When nothing was found and a place could not be read, so that there may be one.
    pub fn get(&self, url: &str, username: Option<&str>) -> Result<Option<Credential>, CredentialError> {
        let origin = ServerOrigin::of(url)?;
        let Some(file) = &self.file else { return self.keyring.get(&origin, username) };
        let from_file = match file.get(&origin, username) {
            Ok(Some(credential)) => return Ok(Some(credential)),
            other => other,
        };
        match self.keyring.get(&origin, username) {
            Ok(Some(credential)) => Ok(Some(credential)),
            from_keyring => {
                from_file?;
                // Where the file stands in for a keyring that does not exist, its answer is the whole answer.
                if is_missing(&from_keyring) { Ok(None) } else { from_keyring }
            }
        }
    }

    /// Keeps a credential in the place that [`Self::available`] names, in place of the user's former one; tells
    /// where. After [`KeyringState::TimedOut`] the keyring may still keep it, once its owner has answered.
    ///
    /// # Errors
    /// When neither place could be written (the file's error where it is turned on), or when the keyring keeps
    /// it now but an older one in the file could not be removed.
    pub fn put(&self, url: &str, credential: &Credential) -> Result<Place, CredentialError> {
        let origin = ServerOrigin::of(url)?;
        match (self.keyring.put(&origin, credential), &self.file) {
            (Ok(()), None) => Ok(Place::Keyring),
            (Ok(()), Some(file)) => {
                // One in the file would count as the newer one.
                if file.path().exists() {
                    file.remove(&origin, Some(&credential.username))?;
                }
                Ok(Place::Keyring)
            }
            (Err(error), None) => Err(error),
            (Err(_), Some(file)) => file.put(&origin, credential).map(|()| Place::File),
        }
    }

    /// Forgets the credential of a user, or all of a server, in every place; tells whether there was one.
    ///
    /// # Errors
    /// When a place could not be read or written; the other is still done. A keyring that does not exist has
    /// nothing to forget where the file is turned on.
    pub fn remove(&self, url: &str, username: Option<&str>) -> Result<bool, CredentialError> {
        let origin = ServerOrigin::of(url)?;
        let from_keyring = self.keyring.remove(&origin, username);
        let Some(file) = &self.file else { return from_keyring };
        let from_file = file.path().exists() && file.remove(&origin, username)?;
        if is_missing(&from_keyring) {
            return Ok(from_file);
        }
        Ok(from_keyring? || from_file)
    }

    /// The servers that have credentials, in order; nothing secret is read from the keyring.
    ///
    /// # Errors
    /// When a place could not be read.
    pub fn list(&self) -> Result<Vec<KeptServer>, CredentialError> {
        let mut servers: BTreeMap<String, Place> = BTreeMap::new();
        if let Some(file) = &self.file {
            servers.extend(file.origins()?.into_iter().map(|origin| (origin, Place::File)));
        }
        let from_keyring = self.keyring.origins();
        if self.file.is_none() || !is_missing(&from_keyring) {
            servers.extend(from_keyring?.into_iter().map(|origin| (origin, Place::Keyring)));
        }
        servers
            .into_iter()
            .map(|(origin, place)| Ok(KeptServer { origin: ServerOrigin::of(&origin)?, place }))
            .collect()
    }

    /// Which places can be used. Takes at most the keyring's limit of 5 s, and the time to derive the file's key.
    #[must_use]
    pub fn available(&self) -> Availability {
        let keyring = self.keyring.state();
        let file = match &self.file {
            None => FileState::Off,
            Some(file) => file.origins().map_or_else(FileState::Failed, |_| FileState::Ready),
        };
        let used = match (&keyring, &file) {
            (KeyringState::Ready, _) => Some(Place::Keyring),
            (_, FileState::Ready) => Some(Place::File),
            _ => None,
        };
        Availability { used, keyring, file }
    }
}

impl Default for Credentials {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("file", &self.file.as_ref().map(EncryptedFile::path))
            .finish_non_exhaustive()
    }
}

impl CredentialStore for Credentials {
    /// Git asks for a credential or none; why there is none is told by [`Credentials::get`] and
    /// [`Credentials::available`].
    fn get(&self, url: &str, username: Option<&str>) -> Option<Credential> {
        Self::get(self, url, username).ok().flatten()
    }
}

fn is_missing<T>(result: &Result<T, CredentialError>) -> bool {
    matches!(result, Err(CredentialError::Keyring(KeyringState::NoService(_))))
}
