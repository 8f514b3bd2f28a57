//! libgit2's own transport, for machines without a recent `git`.
//!
//! It runs on a handle that has the user's and the system's settings only. Host keys must be in `known_hosts`.
//! Not supported, unlike the installed `git`: `~/.ssh/config`, jump hosts, keys with a passphrase that are not in
//! an agent.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use git2::{
    AutotagOption, CertificateCheckStatus, Cred, CredentialType, Direction, ErrorClass, ErrorCode,
    FetchOptions, FetchPrune, ProxyOptions, PushOptions, RemoteCallbacks, RemoteRedirect,
    RepositoryOpenFlags,
};

use tempfile::TempDir;

use super::apart;
use super::credentials::{self, Server};
use super::installed::{Answer, ssh_host};
use super::known_hosts::{self, HostKey};
use super::url;
use super::{Cancel, Network, Phase, Progress, ProgressSink};
use crate::error::{Attempt, GitError};
use crate::handles;
use crate::remotes::RemoteData;
use crate::settings;

/// What the callbacks of one conversation share.
struct Conversation<'a> {
    address: &'a str,
    network: &'a Network,
    cancel: &'a Cancel,
    report: RefCell<ProgressSink<'a>>,
    tried: RefCell<BTreeSet<String>>,
    hints: RefCell<Vec<String>>,
    /// The key that was refused.
    refused: RefCell<Option<GitError>>,
    /// Whether the server has what is pushed.
    up_to_date: Cell<bool>,
    /// What the server said to a reference.
    answer: RefCell<Option<String>>,
}

impl<'a> Conversation<'a> {
    fn new(address: &'a str, network: &'a Network, report: ProgressSink<'a>, cancel: &'a Cancel) -> Self {
        Self {
            address,
            network,
            cancel,
            report: RefCell::new(report),
            tried: RefCell::default(),
            hints: RefCell::default(),
            refused: RefCell::default(),
            up_to_date: Cell::default(),
            answer: RefCell::default(),
        }
    }

    fn tell(&self, phase: Phase, done: usize, total: usize) {
        if let Ok(mut report) = self.report.try_borrow_mut() {
            let total = (total > 0).then_some(total as u64);
            report(Progress { phase, done: done as u64, total });
        }
    }

    fn callbacks(&self) -> RemoteCallbacks<'_> {
        let mut callbacks = RemoteCallbacks::new();
        callbacks.credentials(|_, username, allowed| self.credential(username, allowed));
        callbacks.certificate_check(|certificate, host| self.check(certificate, host));
        callbacks.transfer_progress(|stats| {
            if stats.received_objects() < stats.total_objects() || stats.total_deltas() == 0 {
                self.tell(Phase::Receiving, stats.received_objects(), stats.total_objects());
            } else {
                self.tell(Phase::Resolving, stats.indexed_deltas(), stats.total_deltas());
            }
            !self.cancel.is_cancelled()
        });
        callbacks.sideband_progress(|_| !self.cancel.is_cancelled());
        callbacks.push_transfer_progress(|done, total, _| self.tell(Phase::Sending, done, total));
        callbacks.push_negotiation(|updates| {
            self.up_to_date.set(updates.iter().all(|update| update.src() == update.dst()));
            if self.cancel.is_cancelled() {
                return Err(git2::Error::new(ErrorCode::User, ErrorClass::Callback, "cancelled"));
            }
            Ok(())
        });
        callbacks.push_update_reference(|_, status| {
            *self.answer.borrow_mut() = status.map(str::to_owned);
            Ok(())
        });
        callbacks
    }

    /// Tries each way once; a server that refuses asks again.
    fn credential(&self, username: Option<&str>, allowed: CredentialType) -> Result<Cred, git2::Error> {
        let first_time = |way: &str| self.tried.borrow_mut().insert(way.to_owned());
        let name = username.unwrap_or("git");
        if allowed.contains(CredentialType::USERNAME) && first_time("username") {
            return Cred::username(name);
        }
        if allowed.contains(CredentialType::SSH_KEY) {
            let has_agent = std::env::var_os("SSH_AUTH_SOCK").is_some() || cfg!(windows);
            if has_agent && first_time("agent") {
                return Cred::ssh_key_from_agent(name);
            }
            for key in default_keys() {
                if !first_time(&key.display().to_string()) {
                    continue;
                }
                if is_encrypted(&key) {
                    let hint =
                        format!("`{}` has a passphrase: add it to the agent with `ssh-add`", key.display());
                    self.hints.borrow_mut().push(hint);
                    continue;
                }
                return Cred::ssh_key(name, None, &key, None);
            }
        }
        if allowed.contains(CredentialType::USER_PASS_PLAINTEXT)
            && let Some(mut server) = Server::of(self.address)
        {
            if server.username.is_none() {
                server.username = username.map(str::to_owned);
            }
            if let Some(password) = &server.password
                && first_time("address")
            {
                return Cred::userpass_plaintext(server.username.as_deref().unwrap_or_default(), password);
            }
            if first_time("helpers")
                && let Ok(Some(found)) = credentials::from_helpers(&server)
            {
                return Cred::userpass_plaintext(&found.username, &found.password);
            }
            if first_time("store")
                && let Some(store) = &self.network.credentials
                && let Some(found) = store.get(&server.origin(), server.username.as_deref())
            {
                return Cred::userpass_plaintext(&found.username, &found.password);
            }
        }
        if allowed.contains(CredentialType::DEFAULT) && first_time("default") {
            return Cred::default();
        }
        Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Callback, "no credential is accepted"))
    }

    /// Leaves the verdict to libgit2, which knows `known_hosts` and the system's certificates, but keeps what is
    /// needed to explain it, and refuses revoked keys.
    fn check(
        &self,
        certificate: &git2::cert::Cert<'_>,
        host: &str,
    ) -> Result<CertificateCheckStatus, git2::Error> {
        let Some(key) = host_key(certificate, host, self.address) else {
            return Ok(CertificateCheckStatus::CertificatePassthrough);
        };
        let known = known_hosts::read();
        *self.refused.borrow_mut() = Some(key.refused(&known));
        if key.is_revoked(&known) {
            return Err(git2::Error::new(ErrorCode::Certificate, ErrorClass::Ssh, "the host key is revoked"));
        }
        Ok(CertificateCheckStatus::CertificatePassthrough)
    }

    fn explain(&self, error: &git2::Error) -> GitError {
        let url = url::without_credentials(self.address);
        if self.cancel.is_cancelled() || error.code() == ErrorCode::User {
            return GitError::Cancelled;
        }
        match error.code() {
            ErrorCode::Certificate => match self.refused.borrow_mut().take() {
                Some(refused) => refused,
                None => GitError::Network {
                    url,
                    message: format!("the certificate is not trusted: {}", error.message()),
                },
            },
            ErrorCode::Auth => self.authentication(url, error),
            _ if error.class() == ErrorClass::Http
                && error.message().contains("40")
                && is_denied(error.message()) =>
            {
                self.authentication(url, error)
            }
            _ => GitError::Network { url, message: error.message().to_owned() },
        }
    }

    fn authentication(&self, url: String, error: &git2::Error) -> GitError {
        let mut hints = self.hints.borrow().clone();
        if Server::of(self.address).is_some() {
            hints.push(
                "store a token for the host in the settings, or set up a Git credential helper".to_owned(),
            );
        } else {
            hints.push(
                "add your key to the agent with `ssh-add`, and check that the server knows it".to_owned(),
            );
        }
        GitError::Authentication { url, detail: error.message().to_owned(), hints }
    }
}

fn is_denied(message: &str) -> bool {
    message.contains("401") || message.contains("403")
}

/// The key of an ssh server; `None` for certificates.
fn host_key(certificate: &git2::cert::Cert<'_>, host: &str, address: &str) -> Option<HostKey> {
    let key = certificate.as_hostkey()?;
    Some(HostKey::new(host, ssh_host(address).1, key.hostkey()?, key.hash_sha256()))
}

/// Connects only as far as the host key and gives it.
pub(crate) fn host_key_of(address: &str) -> Option<HostKey> {
    handles::prepare_library();
    let found = RefCell::new(None);
    let mut callbacks = RemoteCallbacks::new();
    callbacks.certificate_check(|certificate, host| {
        *found.borrow_mut() = host_key(certificate, host, address);
        Err(git2::Error::from_str("only the key was wanted"))
    });
    let mut remote = git2::Remote::create_detached(address).ok()?;
    // Fails on purpose, once the key is known.
    drop(remote.connect_auth(Direction::Fetch, Some(callbacks), None));
    drop(remote);
    found.into_inner()
}

/// The keys that ssh offers by itself.
fn default_keys() -> Vec<PathBuf> {
    let Some(folder) = std::env::home_dir().map(|home| home.join(".ssh")) else {
        return Vec::new();
    };
    ["id_ed25519", "id_ecdsa", "id_rsa"]
        .iter()
        .map(|name| folder.join(name))
        .filter(|key| key.is_file())
        .collect()
}

/// Whether a private key needs a passphrase.
fn is_encrypted(key: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(key) else {
        return true;
    };
    if text.contains("ENCRYPTED") {
        return true;
    }
    if !text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return false;
    }
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(body) else {
        return true;
    };
    // PROTOCOL.key of OpenSSH: a magic, then the name of the cipher.
    let cipher = bytes.strip_prefix(b"openssh-key-v1\0").and_then(|rest| rest.get(4..8));
    cipher != Some(b"none")
}

/// The proxy of the environment and of the user's settings.
fn proxy<'a>() -> ProxyOptions<'a> {
    let mut options = ProxyOptions::new();
    options.auto();
    options
}

/// What is opened to open the repository again.
fn place(repository: &git2::Repository) -> PathBuf {
    repository.workdir().unwrap_or_else(|| repository.path()).to_owned()
}

/// A handle of the repository without its own settings.
fn outside(path: &Path) -> Result<git2::Repository, GitError> {
    let handle = handles::open(path, RepositoryOpenFlags::NO_SEARCH)?;
    let trusted = settings::trusted()?;
    handle.set_config(&trusted).attempt("set the configuration aside")?;
    Ok(handle)
}

/// Fetches the remote's branches and moves the remote-tracking branches.
pub(crate) fn fetch(
    repository: &git2::Repository,
    remote: &RemoteData,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<(), GitError> {
    let (path, remote, network) = (place(repository), remote.clone(), network.clone());
    apart::run(report, cancel, move |report, cancel| fetch_here(&path, &remote, &network, report, cancel))
}

/// Fetches references of an address into a bare repository of ours; `shallow` without the history before them.
pub(crate) fn fetch_specs(
    repository: &Path,
    address: &str,
    specs: &[String],
    shallow: bool,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<(), GitError> {
    let (path, network) = (repository.to_owned(), network.clone());
    let (address, specs) = (address.to_owned(), specs.to_vec());
    apart::run(report, cancel, move |report, cancel| {
        cancel.check()?;
        let handle = outside(&path)?;
        let conversation = Conversation::new(&address, &network, report, cancel);
        let mut options = FetchOptions::new();
        options
            .remote_callbacks(conversation.callbacks())
            .proxy_options(proxy())
            .follow_redirects(RemoteRedirect::Initial)
            .download_tags(AutotagOption::None)
            .update_fetchhead(false)
            // What git calls infinite.
            .depth(if shallow { 1 } else { i32::MAX });
        if !shallow && !path.join("shallow").is_file() {
            options.depth(0);
        }
        let mut connection = handle.remote_anonymous(&address).attempt("read the remote")?;
        connection
            .fetch(&specs, Some(&mut options), Some("fetch"))
            .map_err(|error| conversation.explain(&error))
    })
}

/// Pushes one branch, never by force.
pub(crate) fn push(
    repository: &git2::Repository,
    remote: &RemoteData,
    (local, branch): (&str, &str),
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<Answer, GitError> {
    let (path, remote, network) = (place(repository), remote.clone(), network.clone());
    let (local, branch) = (local.to_owned(), branch.to_owned());
    apart::run(report, cancel, move |report, cancel| {
        push_here(&path, &remote, (&local, &branch), &network, report, cancel)
    })
}

/// Clones into `destination`, which does not exist and lies in `folder`. The folder lives as long as the transfer.
pub(crate) fn clone(
    address: &str,
    (folder, destination): (Arc<TempDir>, &Path),
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<(), GitError> {
    let (address, destination, network) = (address.to_owned(), destination.to_owned(), network.clone());
    apart::run(report, cancel, move |report, cancel| {
        let result = clone_here(&address, &destination, &network, report, cancel);
        drop(folder);
        result
    })
}

fn fetch_here(
    path: &Path,
    remote: &RemoteData,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<(), GitError> {
    cancel.check()?;
    let handle = outside(path)?;
    let conversation = Conversation::new(&remote.fetch_url, network, report, cancel);
    let mut connection = handle.remote_anonymous(&remote.fetch_url).attempt("read the remote")?;
    let mut options = FetchOptions::new();
    options
        .remote_callbacks(conversation.callbacks())
        .proxy_options(proxy())
        .follow_redirects(RemoteRedirect::Initial)
        .download_tags(AutotagOption::Auto)
        .prune(if remote.prune { FetchPrune::On } else { FetchPrune::Off })
        .update_fetchhead(false);
    let message = format!("fetch {}", remote.name);
    connection
        .fetch(&remote.refspecs, Some(&mut options), Some(&message))
        .map_err(|error| conversation.explain(&error))
}

fn push_here(
    path: &Path,
    remote: &RemoteData,
    (local, branch): (&str, &str),
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<Answer, GitError> {
    cancel.check()?;
    let handle = outside(path)?;
    let conversation = Conversation::new(&remote.push_url, network, report, cancel);
    let mut connection = handle.remote_anonymous(&remote.push_url).attempt("read the remote")?;
    let mut options = PushOptions::new();
    options
        .remote_callbacks(conversation.callbacks())
        .proxy_options(proxy())
        .follow_redirects(RemoteRedirect::Initial);
    let spec = format!("refs/heads/{local}:refs/heads/{branch}");
    match connection.push(&[spec.as_str()], Some(&mut options)) {
        Ok(()) => {}
        Err(error) if error.code() == ErrorCode::NotFastForward => return Ok(Answer::NotFastForward),
        Err(error) => return Err(conversation.explain(&error)),
    }
    let answer = conversation.answer.borrow_mut().take();
    Ok(match answer {
        None if conversation.up_to_date.get() => Answer::UpToDate,
        None => Answer::Accepted,
        Some(status) if status.contains("non-fast-forward") || status.contains("fetch first") => {
            Answer::NotFastForward
        }
        Some(status) => Answer::Refused(status),
    })
}

fn clone_here(
    address: &str,
    destination: &Path,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<(), GitError> {
    cancel.check()?;
    handles::prepare_library();
    let conversation = Conversation::new(address, network, report, cancel);
    let mut options = FetchOptions::new();
    options
        .remote_callbacks(conversation.callbacks())
        .proxy_options(proxy())
        .follow_redirects(RemoteRedirect::Initial)
        .download_tags(AutotagOption::All);
    let mut checkout = git2::build::CheckoutBuilder::new();
    checkout.progress(|_, done, total| conversation.tell(Phase::Checkout, done, total));
    let shown = url::without_credentials(address);
    let result = git2::build::RepoBuilder::new()
        .fetch_options(options)
        .with_checkout(checkout)
        // The address is stored in the clone, so it goes there without credentials.
        .clone(&shown, destination);
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(conversation.explain(&error)),
    }
}
