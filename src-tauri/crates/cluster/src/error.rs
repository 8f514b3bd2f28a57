//! What can go wrong between here and a cluster, sorted by what a user can do about it.

use std::error::Error as StdError;
use std::time::Duration;

/// Why a request to a cluster failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// The kubeconfig cannot be used: not there, not readable, no such context.
    Kubeconfig,
    /// Nothing answers at the address, or not what was expected.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The cluster does not know who is asking.
    Unauthorised,
    /// The cluster knows, and says no.
    Forbidden,
    /// The object or its kind is not there.
    NotFound,
    /// It is there already.
    AlreadyExists,
    /// It was changed by somebody else, or a field belongs to somebody else.
    Conflict,
    /// The API refuses the object as it is.
    Invalid,
    /// The resource version is too old to go on from.
    Expired,
    /// Anything else.
    Other,
}

/// A failed request to a cluster: what was attempted, why it failed, and what can be done.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ClusterError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What was attempted and why it failed.
    pub message: String,
    /// What can be done about it.
    pub hints: Vec<String>,
    /// Where it came from.
    #[source]
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ClusterError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: hints_for(kind), source: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Puts a hint in the place of the general ones.
    pub(crate) fn hint_only(mut self, hint: impl Into<String>) -> Self {
        self.hints = vec![hint.into()];
        self
    }

    /// Says what was attempted, before the reason.
    pub(crate) fn while_doing(mut self, attempt: &str) -> Self {
        self.message = format!("{attempt}: {}", self.message);
        self
    }

    pub(crate) fn timed_out(after: Duration) -> Self {
        Self::new(ErrorKind::TimedOut, format!("no answer within {} s", after.as_secs()))
    }

    /// Whether asking again later can help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, ErrorKind::Unreachable | ErrorKind::TimedOut)
    }
}

fn hints_for(kind: ErrorKind) -> Vec<String> {
    let hint = match kind {
        ErrorKind::Unreachable => {
            "check that the cluster runs and that its address is reachable from here (VPN, proxy)"
        }
        ErrorKind::TimedOut => {
            "the cluster may be overloaded or behind a network that drops packets; try again"
        }
        ErrorKind::Unauthorised => {
            "log in again: the token or certificate of this context is missing, expired or unknown"
        }
        ErrorKind::Forbidden => {
            "ask for a role that allows this, or use another context; `kubectl auth can-i` shows what is allowed"
        }
        _ => return Vec::new(),
    };
    vec![hint.to_owned()]
}

impl From<kube::Error> for ClusterError {
    fn from(error: kube::Error) -> Self {
        let (kind, message) = match &error {
            kube::Error::Api(status) => {
                let message =
                    if status.message.is_empty() { status.reason.clone() } else { status.message.clone() };
                (kind_of_status(status.code, &status.reason), message)
            }
            kube::Error::Auth(_) => (ErrorKind::Unauthorised, chain(&error)),
            kube::Error::InferConfig(_) | kube::Error::InferKubeconfig(_) => {
                (ErrorKind::Kubeconfig, chain(&error))
            }
            kube::Error::HyperError(_)
            | kube::Error::Service(_)
            | kube::Error::ReadEvents(_)
            | kube::Error::RustlsTls(_) => (ErrorKind::Unreachable, chain(&error)),
            _ => (ErrorKind::Other, chain(&error)),
        };
        let message = if message.is_empty() { "the cluster gave no reason".to_owned() } else { message };
        let failure = match &error {
            kube::Error::SerdeError(_) => {
                Self::new(kind, format!("the answer is not one of a Kubernetes API: {message}")).hint_only(
                    "a proxy or a login page may answer at this address; check the server in the kubeconfig",
                )
            }
            _ if kind == ErrorKind::Unreachable => unreachable(&message),
            _ => Self::new(kind, message),
        };
        Self { source: Some(Box::new(error)), ..failure }
    }
}

impl From<kube::config::KubeconfigError> for ClusterError {
    fn from(error: kube::config::KubeconfigError) -> Self {
        Self { source: None, ..Self::new(ErrorKind::Kubeconfig, chain(&error)) }
    }
}

/// What kept a request from being answered, without the names of the layers that it went through.
fn unreachable(chain: &str) -> ClusterError {
    const LAYERS: [&str; 5] = [
        "ServiceError: ",
        "HyperError: ",
        "client error (Connect): ",
        "tcp connect error: ",
        "error trying to connect: ",
    ];
    let mut reason = chain;
    while let Some(rest) = LAYERS.iter().find_map(|layer| reason.strip_prefix(layer)) {
        reason = rest;
    }
    match reason.split_once("invalid peer certificate: ") {
        Some((_, why)) => {
            let why = match why {
                "UnknownIssuer" => {
                    "it was issued by an authority that neither this context nor this machine knows"
                }
                other => other,
            };
            ClusterError::new(ErrorKind::Unreachable, format!("the certificate of the cluster is not trusted: {why}"))
                .hint_only(
                    "compare `certificate-authority-data` and the server of this context with the cluster: its certificate \
                     was made by another authority, for another name, or has expired",
                )
        }
        None => ClusterError::new(ErrorKind::Unreachable, reason),
    }
}

/// Sorts an answer of the API by its reason, else by its code.
pub(crate) fn kind_of_status(code: u16, reason: &str) -> ErrorKind {
    match (reason, code) {
        ("AlreadyExists", _) => ErrorKind::AlreadyExists,
        ("Expired" | "Gone", _) | (_, 410) => ErrorKind::Expired,
        ("Timeout" | "ServerTimeout", _) | (_, 408 | 504) => ErrorKind::TimedOut,
        ("ServiceUnavailable", _) | (_, 502 | 503) => ErrorKind::Unreachable,
        ("Unauthorized", _) | (_, 401) => ErrorKind::Unauthorised,
        ("Forbidden", _) | (_, 403) => ErrorKind::Forbidden,
        (_, 404) => ErrorKind::NotFound,
        (_, 409) => ErrorKind::Conflict,
        (_, 400 | 413 | 415 | 422) => ErrorKind::Invalid,
        _ => ErrorKind::Other,
    }
}

/// The texts of an error and of its causes, without those that only repeat the one before.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_fails_is_told_without_its_layers() {
        let refused = unreachable(
            "ServiceError: client error (Connect): tcp connect error: Connection refused (os error 111)",
        );
        assert_eq!(refused.to_string(), "Connection refused (os error 111)");
        assert!(refused.is_transient() && refused.hints[0].contains("reachable from here"));
        let untrusted =
            unreachable("ServiceError: client error (Connect): invalid peer certificate: UnknownIssuer");
        assert_eq!(
            untrusted.to_string(),
            "the certificate of the cluster is not trusted: it was issued by an authority that neither this context nor this \
             machine knows"
        );
        assert!(untrusted.hints[0].contains("certificate-authority-data"), "{:?}", untrusted.hints);
    }

    #[test]
    fn what_is_no_kubernetes_api_is_told_as_such() {
        let no_json = serde_json::from_str::<serde_json::Value>("<html>").unwrap_err();
        let failure = ClusterError::from(kube::Error::SerdeError(no_json));
        assert!(failure.message.starts_with("the answer is not one of a Kubernetes API: "), "{failure}");
        assert!(failure.hints[0].contains("login page"));
    }

    #[test]
    fn answers_are_sorted_by_reason_then_by_code() {
        let table = [
            (409, "AlreadyExists", ErrorKind::AlreadyExists),
            (409, "Conflict", ErrorKind::Conflict),
            (403, "Forbidden", ErrorKind::Forbidden),
            (0, "Unauthorized", ErrorKind::Unauthorised),
            (0, "Forbidden", ErrorKind::Forbidden),
            (404, "NotFound", ErrorKind::NotFound),
            (410, "", ErrorKind::Expired),
            (422, "Invalid", ErrorKind::Invalid),
            (503, "", ErrorKind::Unreachable),
            (500, "InternalError", ErrorKind::Other),
        ];
        for (code, reason, expected) in table {
            assert_eq!(kind_of_status(code, reason), expected, "{code} {reason}");
        }
    }
}
