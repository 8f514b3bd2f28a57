//! User names and passwords: from Git's own helpers, then from a store of ours (gitcredentials(7)).

use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::error::{Attempt, GitError};
use crate::settings;

/// A user name with its password or token. Printing it shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The user name.
    pub username: String,
    /// The password or token.
    pub password: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credential(…)")
    }
}

/// Where passwords are kept: the keyring, seen from here.
pub trait CredentialStore: Send + Sync {
    /// The credential for a server. `url` is scheme, host and port: `https://git.example.com:8443`. `username`
    /// is given where the address names one.
    fn get(&self, url: &str, username: Option<&str>) -> Option<Credential>;
}

/// A server as credentials know it, and what its address holds of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) scheme: String,
    /// With the port, where the address has one.
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
}

impl Server {
    /// Reads an `http` or `https` address.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return None;
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) =
            authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let (username, password) =
            match user.map(|user| user.split_once(':').map_or((user, None), |(a, b)| (a, Some(b)))) {
                Some((name, password)) => (Some(decode(name)), password.map(decode)),
                None => (None, None),
            };
        Some(Self { scheme, host: host.to_owned(), path: path.to_owned(), username, password })
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, digits.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Asks the helpers of the user's and the system's settings, never those of a repository.
pub(crate) fn from_helpers(server: &Server) -> Result<Option<Credential>, GitError> {
    let config = settings::trusted()?;
    let mut helpers: Vec<String> = Vec::new();
    let mut username = server.username.clone();
    let mut with_path = false;
    let entries = config.entries(Some("^credential\\.")).attempt("read the credential settings")?;
    entries
        .for_each(|entry| {
            let (Ok(name), value) = (entry.name(), entry.value().unwrap_or_default()) else {
                return;
            };
            let key = name.strip_prefix("credential.").unwrap_or(name);
            let (pattern, key) =
                key.rsplit_once('.').map_or((None, key), |(pattern, key)| (Some(pattern), key));
            if pattern.is_some_and(|pattern| !applies(pattern, server)) {
                return;
            }
            match key {
                // An empty helper forgets those before it.
                "helper" if value.is_empty() => helpers.clear(),
                "helper" => helpers.push(value.to_owned()),
                "username" if username.is_none() => username = Some(value.to_owned()),
                "usehttppath" => with_path = git2::Config::parse_bool(value).unwrap_or(false),
                _ => {}
            }
        })
        .attempt("read the credential settings")?;
    for helper in helpers {
        if let Some(credential) = ask(&helper, server, username.as_deref(), with_path) {
            return Ok(Some(credential));
        }
    }
    Ok(None)
}

/// Whether `credential.PATTERN.*` is meant for the server.
fn applies(pattern: &str, server: &Server) -> bool {
    let Some(wanted) = Server::of(pattern) else {
        return false;
    };
    wanted.scheme == server.scheme
        && wanted.host.eq_ignore_ascii_case(&server.host)
        && wanted.username.is_none_or(|name| server.username.as_ref() == Some(&name))
        && (wanted.path.is_empty()
            || server
                .path
                .strip_prefix(wanted.path.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn ask(helper: &str, server: &Server, username: Option<&str>, with_path: bool) -> Option<Credential> {
    // A line break in any part would let an address answer for another host.
    let parts = [Some(server.host.as_str()), Some(server.path.as_str()), username];
    if parts.iter().flatten().any(|part| part.contains(['\n', '\r', '\0'])) {
        return None;
    }
    let mut question = format!("protocol={}\nhost={}\n", server.scheme, server.host);
    if with_path {
        question.push_str(&format!("path={}\n", server.path));
    }
    if let Some(name) = username {
        question.push_str(&format!("username={name}\n"));
    }
    question.push('\n');
    let command = match helper.strip_prefix('!') {
        Some(shell) => format!("{shell} get"),
        None if helper.starts_with('/') => format!("{helper} get"),
        None if super::find_program("git").is_some() => format!("git credential-{helper} get"),
        None => format!("git-credential-{helper} get"),
    };
    let mut child = Command::new("sh")
        .args(["-c", &command])
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its input knows nothing.
        let _ = stdin.write_all(question.as_bytes());
    }
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let value = |key: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.to_owned())
    };
    let username = value("username").or_else(|| username.map(str::to_owned))?;
    Some(Credential { username, password: value("password")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let server = Server::of("https://us%40er:pa%3Ass@example.com:8443/a/b.git").unwrap();
        assert_eq!(server.origin(), "https://example.com:8443");
        assert_eq!(server.username.as_deref(), Some("us@er"));
        assert_eq!(server.password.as_deref(), Some("pa:ss"));
        assert_eq!(Server::of("ssh://example.com/a"), None);
    }

    #[test]
    fn a_setting_applies_to_its_server_only() {
        let server = Server::of("https://example.com/team/a.git").unwrap();
        for (pattern, expected) in [
            ("https://example.com", true),
            ("https://example.com/team", true),
            ("https://example.com/tea", false),
            ("http://example.com", false),
            ("https://example.org", false),
            ("example.com", false),
        ] {
            assert_eq!(applies(pattern, &server), expected, "{pattern}");
        }
    }

    #[test]
    fn a_credential_is_not_printed() {
        let credential = Credential { username: "ada".to_owned(), password: "secret".to_owned() };
        assert_eq!(format!("{credential:?}"), "Credential(…)");
    }
}
