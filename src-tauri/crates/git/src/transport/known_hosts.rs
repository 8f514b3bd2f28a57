//! Host keys and `known_hosts` (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
//!
//! libgit2 checks a key against `~/.ssh/known_hosts` itself. What it does not tell is why a key is refused, and it
//! does not know revoked keys; both are found out here.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha1::{Digest as _, Sha1};

use crate::error::GitError;

/// A key as a server presented it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostKey {
    /// As in `known_hosts`: the host, or `[host]:port`.
    pub(crate) host: String,
    pub(crate) key_type: String,
    /// In base64, as in `known_hosts`.
    pub(crate) key: String,
    /// `SHA256:…`, as `ssh` prints it.
    pub(crate) fingerprint: String,
}

/// The name of a host in `known_hosts`.
pub(crate) fn host_name(host: &str, port: u16) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

impl HostKey {
    /// From the key's wire format, which begins with the name of its type.
    pub(crate) fn new(host: &str, port: u16, raw: &[u8], sha256: Option<&[u8; 32]>) -> Self {
        let name = raw
            .get(..4)
            .and_then(|length| <[u8; 4]>::try_from(length).ok())
            .and_then(|length| usize::try_from(u32::from_be_bytes(length)).ok())
            .filter(|length| *length < 100)
            .and_then(|length| raw.get(4..4 + length))
            .map(|name| String::from_utf8_lossy(name).into_owned());
        let fingerprint = sha256.map(|hash| format!("SHA256:{}", STANDARD_NO_PAD.encode(hash)));
        Self {
            host: host_name(host, port),
            key_type: name.unwrap_or_else(|| "unknown".to_owned()),
            key: STANDARD.encode(raw),
            fingerprint: fingerprint.unwrap_or_default(),
        }
    }

    /// The line to add to `known_hosts`.
    pub(crate) fn line(&self) -> String {
        format!("{} {} {}", self.host, self.key_type, self.key)
    }

    /// Says why the key is refused: the host has another key, or none that is known.
    pub(crate) fn refused(&self, known: &str) -> GitError {
        let (host, key_type) = (self.host.clone(), self.key_type.clone());
        let fingerprint = self.fingerprint.clone();
        if lines_for(known, &self.host).any(|line| line.marker.is_none() && line.key_type == self.key_type) {
            return GitError::ChangedHostKey { host, key_type, fingerprint };
        }
        GitError::UnknownHostKey { host, key_type, fingerprint, line: self.line() }
    }

    /// Whether the user has revoked the key for this host.
    pub(crate) fn is_revoked(&self, known: &str) -> bool {
        lines_for(known, &self.host).any(|line| line.marker == Some("@revoked") && line.key == self.key)
    }
}

/// What the user's and the system's files hold.
pub(crate) fn read() -> String {
    let mut files: Vec<PathBuf> = std::env::home_dir()
        .map(|home| vec![home.join(".ssh/known_hosts"), home.join(".ssh/known_hosts2")])
        .unwrap_or_default();
    files.push(PathBuf::from("/etc/ssh/ssh_known_hosts"));
    // A file that is not there knows no host.
    files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect::<Vec<_>>().join("\n")
}

struct Line<'a> {
    marker: Option<&'a str>,
    key_type: &'a str,
    key: &'a str,
}

fn lines_for<'a>(known: &'a str, host: &'a str) -> impl Iterator<Item = Line<'a>> {
    known.lines().filter_map(move |line| {
        let mut words = line.split_whitespace();
        let mut first = words.next().filter(|word| !word.starts_with('#'))?;
        let marker = first.starts_with('@').then_some(first);
        if marker.is_some() {
            first = words.next()?;
        }
        let (key_type, key) = (words.next()?, words.next()?);
        names(first, host).then_some(Line { marker, key_type, key })
    })
}

/// Whether the first field of a line names the host.
fn names(field: &str, host: &str) -> bool {
    if let Some(hashed) = field.strip_prefix("|1|") {
        let Some((salt, hash)) = hashed.split_once('|') else {
            return false;
        };
        let (Ok(salt), Ok(hash)) = (STANDARD.decode(salt), STANDARD.decode(hash)) else {
            return false;
        };
        return hmac_sha1(&salt, host.as_bytes()) == hash;
    }
    let mut named = false;
    for pattern in field.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern, host) => return false,
            None if matches(pattern, host) => named = true,
            _ => {}
        }
    }
    named
}

/// `*` and `?` as in ssh.
fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase().into_bytes(), host.as_bytes());
    let (mut at, mut in_host) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_host < host.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_host));
                at += 1;
            }
            Some(byte) if *byte == b'?' || Some(byte) == host.get(in_host) => {
                at += 1;
                in_host += 1;
            }
            _ => match star {
                Some((star_at, matched)) => {
                    star = Some((star_at, matched + 1));
                    at = star_at + 1;
                    in_host = matched + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

/// RFC 2104; `known_hosts` hashes host names with it.
fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut block = [0_u8; BLOCK];
    let hashed = Sha1::digest(key);
    let key = if key.len() > BLOCK { hashed.as_slice() } else { key };
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha1::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha1::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(host: &str, port: u16, secret: u8) -> HostKey {
        let mut raw = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
        raw.extend([secret; 32]);
        HostKey::new(host, port, &raw, Some(&[7; 32]))
    }

    #[test]
    fn a_refused_key_is_unknown_or_changed() {
        let new = key("git.example.com", 2222, 1);
        assert_eq!(new.host, "[git.example.com]:2222");
        let GitError::UnknownHostKey { line, fingerprint, .. } = new.refused("") else { panic!() };
        assert!(line.starts_with("[git.example.com]:2222 ssh-ed25519 AAAA"), "{line}");
        assert!(fingerprint.starts_with("SHA256:") && !fingerprint.ends_with('='));
        let other = key("git.example.com", 2222, 2);
        let known = format!("# comment\n{}\n", other.line());
        assert!(matches!(new.refused(&known), GitError::ChangedHostKey { .. }));
        let elsewhere = key("git.example.com", 22, 2);
        assert!(matches!(new.refused(&elsewhere.line()), GitError::UnknownHostKey { .. }));
        assert!(new.is_revoked(&format!("@revoked {}", new.line())));
        assert!(!new.is_revoked(&new.line()));
    }

    #[test]
    fn hosts_are_named_plainly_by_pattern_and_hashed() {
        assert!(names("a.example.com,b.example.com", "b.example.com"));
        assert!(names("*.example.com", "a.example.com"));
        assert!(!names("*.example.com,!a.example.com", "a.example.com"));
        assert!(!names("example.com", "a.example.com"));
        // `ssh-keygen -H` of a line for github.com.
        let salt = STANDARD.encode([1_u8; 20]);
        let hash = STANDARD.encode(hmac_sha1(&[1; 20], b"github.com"));
        assert!(names(&format!("|1|{salt}|{hash}"), "github.com"));
        assert!(!names(&format!("|1|{salt}|{hash}"), "gitlab.com"));
    }

    #[test]
    fn hmac_is_that_of_rfc_2202() {
        let expected = [
            0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f, 0xa2, 0xd2, 0x74, 0x16, 0xd5, 0xf1, 0x84, 0xdf, 0x9c,
            0x25, 0x9a, 0x7c, 0x79,
        ];
        assert_eq!(hmac_sha1(b"Jefe", b"what do ya want for nothing?"), expected);
    }
}
