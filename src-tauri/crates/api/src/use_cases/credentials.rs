//! Credentials of Git servers. A secret goes in and never comes out.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use slipway_git::Credential;
use slipway_store::{Availability, CredentialError, Credentials, FileState, KeyringState, Place};
use zeroize::Zeroizing;

use crate::Api;
use crate::app::blocking;
use crate::dto::*;
use crate::error::{chain, error};

impl Api {
    pub(crate) async fn credentials(&self, _: Nothing) -> Result<CredentialsInfo, ApiError> {
        let credentials = self.credentials_now();
        let file = self.credential_file_path();
        let is_on = self.settings_now().credentials.file;
        blocking(move || Ok(describe(&credentials, &file, is_on))).await
    }

    pub(crate) async fn credential_save(&self, request: CredentialSave) -> Result<CredentialsInfo, ApiError> {
        let credentials = self.credentials_now();
        blocking(move || {
            let CredentialSave { url, username, password } = request;
            let password = Zeroizing::new(password);
            if password.is_empty() {
                return Err(error("bad-request", "the password is empty; nothing was kept"));
            }
            let credential = Credential { username, password: password.as_str().to_owned() };
            credentials.put(&url, &credential).map_err(|failure| refused(&failure))?;
            Ok(())
        })
        .await?;
        self.credentials(Nothing {}).await
    }

    pub(crate) async fn credential_remove(
        &self,
        request: CredentialRemove,
    ) -> Result<CredentialsInfo, ApiError> {
        let credentials = self.credentials_now();
        blocking(move || credentials.remove(&request.origin, None).map_err(|failure| refused(&failure)))
            .await?;
        self.credentials(Nothing {}).await
    }

    pub(crate) async fn credential_file(&self, request: CredentialFile) -> Result<CredentialsInfo, ApiError> {
        let path = self.credential_file_path();
        let on = request.passphrase.is_some();
        let credentials = match request.passphrase {
            None => Credentials::new(),
            Some(passphrase) => {
                let passphrase = Zeroizing::new(passphrase);
                blocking(move || {
                    let opened = Credentials::with_file(path, passphrase);
                    match opened.available().file {
                        FileState::Failed(failure) => Err(refused(&failure)),
                        _ => Ok(opened),
                    }
                })
                .await?
            }
        };
        let mut settings = self.settings_now();
        if settings.credentials.file != on {
            settings.credentials.file = on;
            self.keep_settings(settings).await?;
        }
        *self.inner.credentials.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(credentials);
        self.credentials(Nothing {}).await
    }

    pub(crate) fn credentials_now(&self) -> Arc<Credentials> {
        self.inner.credentials.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn credential_file_path(&self) -> PathBuf {
        self.inner.folders.data.join("credentials.bin")
    }
}

fn describe(credentials: &Credentials, file_path: &std::path::Path, is_on: bool) -> CredentialsInfo {
    let availability = credentials.available();
    let keyring = keyring_place(&availability.keyring);
    let file = match &availability.file {
        // The user turned it on before, and has not told the passphrase since the program started.
        FileState::Off if is_on => CredentialPlace {
            state: CredentialState::Locked,
            message: Some("the encrypted file is closed: enter its passphrase to use it".to_owned()),
        },
        FileState::Off => CredentialPlace { state: CredentialState::Off, message: None },
        FileState::Ready => CredentialPlace { state: CredentialState::Ready, message: None },
        FileState::Failed(failure) => {
            CredentialPlace { state: CredentialState::Failed, message: Some(failure.to_string()) }
        }
    };
    // Why servers cannot be listed is told by the state of the place that keeps them.
    let servers = credentials
        .list()
        .unwrap_or_default()
        .into_iter()
        .map(|server| CredentialServer {
            origin: server.origin.as_str().to_owned(),
            place: place(server.place),
        })
        .collect();
    CredentialsInfo {
        servers,
        keyring,
        file,
        file_path: file_path.display().to_string(),
        used: availability.used.map(place),
        message: sentence(&availability, is_on),
    }
}

fn place(place: Place) -> String {
    match place {
        Place::Keyring => "keyring",
        Place::File => "file",
    }
    .to_owned()
}

fn sentence(availability: &Availability, is_on: bool) -> String {
    if availability.used.is_none() && is_on && matches!(availability.file, FileState::Off) {
        return format!(
            "Credentials cannot be kept: {}. The encrypted file is closed; enter its passphrase.",
            availability.keyring
        );
    }
    availability.to_string()
}

fn keyring_place(keyring: &KeyringState) -> CredentialPlace {
    let state = match keyring {
        KeyringState::Ready => CredentialState::Ready,
        KeyringState::NoService(_) => CredentialState::Missing,
        KeyringState::LockedOrDenied(_) => CredentialState::Locked,
        KeyringState::TimedOut => CredentialState::TimedOut,
        _ => CredentialState::Failed,
    };
    let message = (state != CredentialState::Ready).then(|| keyring.to_string());
    CredentialPlace { state, message }
}

/// Each state of the places has a code, because the page offers something else for each.
fn refused(failure: &CredentialError) -> ApiError {
    let (code, hint) = match failure {
        CredentialError::Address => ("bad-address", Some("write it like `https://git.example.com`")),
        CredentialError::Keyring(KeyringState::LockedOrDenied(_)) => {
            ("keyring-locked", Some("unlock the keyring of the desktop, then try again"))
        }
        CredentialError::Keyring(KeyringState::TimedOut) => {
            ("keyring-timed-out", Some("look for a question of the keyring behind the window"))
        }
        CredentialError::Keyring(KeyringState::NoService(_)) => {
            ("no-keyring", Some("turn the encrypted file on; it needs a passphrase"))
        }
        CredentialError::WrongPassphrase { .. } => ("wrong-passphrase", None),
        CredentialError::NoPassphrase => ("wrong-passphrase", Some("enter a passphrase")),
        _ => ("credentials", None),
    };
    let mut converted = error(code, chain(failure));
    converted.hints.extend(hint.map(ToOwned::to_owned));
    converted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_the_keyring_has_its_own_word() {
        let states = [
            (KeyringState::Ready, CredentialState::Ready, None),
            (KeyringState::NoService("no bus".to_owned()), CredentialState::Missing, Some("no-keyring")),
            (
                KeyringState::LockedOrDenied("dismissed".to_owned()),
                CredentialState::Locked,
                Some("keyring-locked"),
            ),
            (KeyringState::TimedOut, CredentialState::TimedOut, Some("keyring-timed-out")),
            (KeyringState::Failed("broken".to_owned()), CredentialState::Failed, Some("credentials")),
        ];
        for (state, expected, code) in states {
            let told = keyring_place(&state);
            assert_eq!(told.state, expected);
            assert_eq!(told.message.is_none(), expected == CredentialState::Ready);
            if let Some(code) = code {
                assert_eq!(refused(&CredentialError::Keyring(state)).code, code);
            }
        }
    }

    #[test]
    fn the_file_is_closed_until_its_passphrase_is_known() {
        let told = describe(&Credentials::new(), std::path::Path::new("/x"), true);
        assert_eq!(told.file.state, CredentialState::Locked);
        assert_eq!(
            describe(&Credentials::new(), std::path::Path::new("/x"), false).file.state,
            CredentialState::Off
        );
    }
}
