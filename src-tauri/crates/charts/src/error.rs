//! What can go wrong while a chart is fetched.

use std::fmt;
use std::path::PathBuf;

/// Why a chart could not be fetched or kept. Addresses in it are without user and password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChartError {
    /// The address cannot be used.
    #[error("cannot fetch from `{url}`: {why}")]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// No answer came.
    #[error("cannot reach {url}: {why}")]
    Network {
        /// What was asked.
        url: String,
        /// Which step failed.
        kind: NetworkFailure,
        /// What it said.
        why: String,
    },
    /// The server refused.
    #[error("{url} answered {status}{}", after_colon(.reason))]
    Status {
        /// What was asked.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// What the server said; may be empty.
        reason: String,
    },
    /// The server wants other credentials.
    #[error("{server} refuses access to {url} ({status}): {}", access(*.had_credentials))]
    Unauthorized {
        /// What was asked.
        url: String,
        /// Scheme, host and port of the server.
        server: String,
        /// 401 or 403.
        status: u16,
        /// Whether a user and a password were sent.
        had_credentials: bool,
    },
    /// A server led to a place that is not followed.
    #[error("{url} leads to {target}, which is not followed: {why}")]
    Redirect {
        /// What was asked.
        url: String,
        /// Where it led.
        target: String,
        /// Why it is not followed.
        why: &'static str,
    },
    /// What lies there is no chart repository.
    #[error("{url} is no chart repository: {why}")]
    NotARepository {
        /// The index that was read.
        url: String,
        /// What was found instead.
        why: String,
    },
    /// The repository has no such chart.
    #[error("{repository} has no chart `{name}`")]
    NoChart {
        /// The repository.
        repository: String,
        /// The name.
        name: String,
        /// Names that are like it.
        similar: Vec<String>,
    },
    /// The chart has no version that was asked for.
    #[error("chart `{name}` of {repository} has no version {}", wanted(.version))]
    NoVersion {
        /// The repository.
        repository: String,
        /// The chart.
        name: String,
        /// The version or range; empty where the newest stable one was wanted.
        version: String,
        /// Versions it has: those nearest to the wanted one, the newest first.
        available: Vec<String>,
    },
    /// What was asked for is neither a version nor a range.
    #[error("`{version}` is neither a version nor a range of versions: {why}")]
    Range {
        /// What was asked for.
        version: String,
        /// Why it cannot be read.
        why: String,
    },
    /// The entry of a chart, or its manifest, does not lead to an archive.
    #[error("{url} does not lead to the archive of a chart: {why}")]
    NoArchive {
        /// The index or manifest.
        url: String,
        /// What is missing.
        why: String,
    },
    /// What came is not what was announced.
    #[error("{url} does not have the content that was announced: expected {expected}, got {found}")]
    Digest {
        /// What was fetched.
        url: String,
        /// The announced digest.
        expected: String,
        /// The digest of what came.
        found: String,
    },
    /// The answer is larger than is read.
    #[error("{url} has more than the {limit} bytes that are read")]
    TooLarge {
        /// What was asked.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// What came is no chart.
    #[error("what {url} gives is no chart: {why}")]
    NotAChart {
        /// What was fetched.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The caller stopped it.
    #[error("the fetch was stopped")]
    Cancelled,
    /// The folder of fetched charts cannot be used.
    #[error("cannot {action} {path}", path = path.display())]
    Store {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
}

/// Which step of a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFailure {
    /// The name of the server has no address.
    Name,
    /// The server takes no connection.
    Connection,
    /// No trusted encrypted connection came about.
    Encryption,
    /// It took too long.
    Time,
    /// The connection broke, or its answer was malformed.
    Answer,
}

impl ChartError {
    /// What the user can do about it.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::Address { .. } => {
                one("a chart repository is `https://…` or `http://…`, a registry `oci://HOST/PATH`")
            }
            Self::Network { kind, .. } => one(match kind {
                NetworkFailure::Name => {
                    "see whether the host is written correctly, and whether you are online"
                }
                NetworkFailure::Connection => {
                    "see whether the server runs, and whether a proxy is needed (`HTTPS_PROXY`, `NO_PROXY`)"
                }
                NetworkFailure::Encryption => {
                    "where the server has a certificate of your own authority, add that to the system's \
                     certificates, or name its file in `SSL_CERT_FILE`"
                }
                NetworkFailure::Time | NetworkFailure::Answer => "try again",
            }),
            Self::Status { status: 404, .. } => one("see whether the address is written correctly"),
            Self::Status { status: 429, .. } => one("the server limits requests: try again later, or log in"),
            Self::Status { status: 500.., .. } => one("the server has a problem: try again later"),
            Self::Unauthorized { server, had_credentials, .. } => vec![if *had_credentials {
                format!("save another user and password for {server} in Settings, under Credentials")
            } else {
                format!("save a user and a password or token for {server} in Settings, under Credentials")
            }],
            Self::NotARepository { .. } => {
                one("the address of a chart repository is the folder that holds its `index.yaml`")
            }
            Self::NoChart { similar, .. } if !similar.is_empty() => {
                vec![format!("it has {}", similar.join(", "))]
            }
            Self::NoVersion { available, .. } if !available.is_empty() => {
                vec![format!("it has {}", available.join(", "))]
            }
            Self::Range { .. } => one("a range is written like `~1.4`, `>=1.2 <2` or `1.x`"),
            Self::Digest { .. } => one(
                "try again; where it stays, the archive was changed after it was published: ask its owner",
            ),
            Self::Store { .. } => one("see whether the disk is full and whether the folder may be written"),
            _ => Vec::new(),
        }
    }
}

fn after_colon(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}

fn access(had_credentials: bool) -> &'static str {
    if had_credentials { "the saved credentials are not accepted" } else { "it needs credentials" }
}

fn wanted(version: &str) -> impl fmt::Display {
    if version.is_empty() { "that is no pre-release".to_owned() } else { format!("that is `{version}`") }
}
