//! What is asked for, with which help of the caller, and what comes of it.

use std::fmt;

/// Which chart is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartRequest {
    /// The URL of the chart repository (`https://…`), or of the registry's namespace (`oci://HOST/PATH`).
    pub repository: String,
    /// The chart's name. For a registry it may be empty: the repository is the chart then.
    pub name: String,
    /// A version or a range of versions; empty for the newest that is no pre-release. Of a registry also a digest
    /// (`sha256:…`), or both (`1.2.3@sha256:…`).
    pub version: String,
    /// Whether the repository's credentials are also sent to other servers that its index leads to
    /// (`--pass-credentials`). Otherwise only where scheme, host and port are the repository's.
    pub pass_credentials: bool,
}

/// A user with a password or token. Printing it shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The user.
    pub username: String,
    /// The password or token.
    pub password: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credential(…)")
    }
}

/// A fact about a fetch that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The index of the repository, the tags of the registry or a manifest is asked for.
    Asking {
        /// Which address.
        url: String,
    },
    /// Bytes of an index or an archive came.
    Receiving {
        /// Of which address.
        url: String,
        /// How many came so far.
        received: u64,
        /// How many there will be, where the server says so.
        total: Option<u64>,
    },
}

/// What a fetch needs of its caller.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// The credentials of a server, by its scheme, host and port (`https://charts.example.com`). It is asked at most
    /// once for a server and a fetch; registries are asked about as `https://HOST` too.
    pub credentials: &'a dyn Fn(&str) -> Option<Credential>,
    /// Where facts about the fetch go.
    pub progress: &'a dyn Fn(Progress),
    /// Whether the fetch is to stop; asked many times a second.
    pub cancelled: &'a dyn Fn() -> bool,
}

impl Access<'static> {
    /// Without credentials, and nobody watches or stops it.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { credentials: &|_| None, progress: &|_| (), cancelled: &|| false }
    }
}

/// What a fetch brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedChart {
    /// The version that was chosen, as the repository writes it; of a digest the digest.
    pub version: String,
    /// The digest of the archive: `sha256:…`.
    pub digest: String,
    /// The size of the archive in bytes.
    pub size: u64,
}
