//! The logins of one server, and how they are written where they are kept.

use serde::{Deserialize, Serialize};
use slipway_git::Credential;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// One user of a server. Wiped from memory when dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Login {
    pub(super) username: String,
    pub(super) password: String,
}

/// The logins of one server, the last set first.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Logins(pub(super) Vec<Login>);

impl Logins {
    /// The login of a user; without a name the last set.
    pub(super) fn find(&self, username: Option<&str>) -> Option<Credential> {
        self.0
            .iter()
            .find(|login| username.is_none_or(|name| login.username == name))
            .map(|login| Credential { username: login.username.clone(), password: login.password.clone() })
    }

    pub(super) fn set(&mut self, username: &str, password: &str) {
        self.remove(Some(username));
        self.0.insert(0, Login { username: username.to_owned(), password: password.to_owned() });
    }

    /// Removes a user, or all; whether there was any.
    pub(super) fn remove(&mut self, username: Option<&str>) -> bool {
        let before = self.0.len();
        self.0.retain(|login| username.is_some_and(|name| login.username != name));
        self.0.len() < before
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An upper bound of the length as JSON: a byte takes at most six (`\u0000`).
    pub(super) fn json_bound(&self) -> usize {
        self.0.iter().map(|login| 6 * (login.username.len() + login.password.len()) + 64).sum::<usize>() + 16
    }
}

/// Writes JSON into memory that is wiped. `bound` is an upper bound of its length: a buffer that grows would
/// leave copies behind.
pub(super) fn to_json(value: &impl Serialize, bound: usize) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let mut json = Zeroizing::new(Vec::with_capacity(bound));
    serde_json::to_writer(&mut *json, value)?;
    Ok(json)
}
