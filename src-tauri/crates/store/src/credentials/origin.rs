//! Servers as credentials are kept for them.

use std::fmt;

use super::CredentialError;

/// Scheme, host and port of a server: `https://git.example.com:8443`. Lower case, without the default port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerOrigin(String);

impl ServerOrigin {
    /// Reads the origin of an `http` or `https` address; user, password, path and query are left out.
    ///
    /// # Errors
    /// When it is no such address.
    pub fn of(url: &str) -> Result<Self, CredentialError> {
        // The address is not repeated in the error: it may hold a password.
        let refused = || CredentialError::Address;
        let (scheme, rest) = url.split_once("://").ok_or_else(refused)?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            _ => return Err(refused()),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
        let host = host.strip_suffix(default_port).unwrap_or(&host);
        let allowed =
            |char: char| char.is_alphanumeric() || matches!(char, '.' | '-' | '_' | ':' | '[' | ']' | '%');
        if host.is_empty() || host.starts_with(':') || host.len() > 300 || !host.chars().all(allowed) {
            return Err(refused());
        }
        Ok(Self(format!("{scheme}://{host}")))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
