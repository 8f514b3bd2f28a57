//! The user's own `git`, run outside the repository's own configuration.
//!
//! A private, temporary Git directory stands in for the repository: it has the remote's addresses and refspecs, a
//! copy of the references, and writes objects straight into the repository (`GIT_OBJECT_DIRECTORY`). So no
//! setting and no hook of the repository can start anything, while the user's and the system's settings apply as
//! they are. Afterwards the references that moved are moved in the repository.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use git2::{ErrorCode, Oid};
use tempfile::TempDir;

use super::credentials::Server;
use super::known_hosts::host_name;
use super::process::{self, Finished};
use super::url::{self, Scheme};
use super::{Cancel, Network, ProgressSink, builtin};
use crate::error::{Attempt, GitError};
use crate::remotes::RemoteData;

/// A reference that moved in the stand-in.
pub(crate) struct Moved {
    pub(crate) name: String,
    pub(crate) old: Option<Oid>,
    pub(crate) new: Option<Oid>,
}

/// What the server said to a push.
pub(crate) enum Answer {
    Accepted,
    UpToDate,
    /// The branch has commits that are not here.
    NotFastForward,
    Refused(String),
}

/// The temporary Git directory.
struct StandIn {
    folder: TempDir,
    references: BTreeMap<String, Oid>,
}

/// Variables that would lead `git` elsewhere.
const CLEARED: [&str; 10] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_OBJECT_DIRECTORY",
    "GIT_SHALLOW_FILE",
    "GIT_PREFIX",
    "GIT_CONFIG",
];

impl StandIn {
    fn new(repository: &git2::Repository, remote: &RemoteData) -> Result<Self, GitError> {
        let folder = tempfile::Builder::new()
            .prefix("slipway-network-")
            .tempdir()
            .map_err(|error| GitError::io("create a folder in", &std::env::temp_dir(), error))?;
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).external_template(false).initial_head("none");
        git2::Repository::init_opts(folder.path(), &options).attempt("create a temporary repository")?;
        let mut config =
            git2::Config::open(&folder.path().join("config")).attempt("write a configuration")?;
        for (key, value) in &remote.configured {
            config.set_multivar(key, "^$", value).attempt("write a configuration")?;
        }
        for spec in &remote.refspecs {
            let key = format!("remote.{}.fetch", remote.name);
            config.set_multivar(&key, "^$", spec).attempt("write a configuration")?;
        }
        if remote.promisor {
            config.set_i32("core.repositoryformatversion", 1).attempt("write a configuration")?;
            config.set_str("extensions.partialclone", &remote.name).attempt("write a configuration")?;
        }
        let references = references(repository)?;
        let packed: String = references.iter().map(|(name, id)| format!("{id} {name}\n")).collect();
        let file = folder.path().join("packed-refs");
        std::fs::write(&file, packed).map_err(|error| GitError::io("write", &file, error))?;
        let shallow = repository.commondir().join("shallow");
        if shallow.is_file() {
            let copy = folder.path().join("shallow");
            std::fs::copy(&shallow, &copy).map_err(|error| GitError::io("write", &copy, error))?;
        }
        Ok(Self { folder, references })
    }

    fn command(&self, git: &Path, repository: &git2::Repository) -> Command {
        let mut command = base_command(git);
        command
            .env("GIT_DIR", self.folder.path())
            .env("GIT_OBJECT_DIRECTORY", repository.commondir().join("objects"))
            // Relative addresses are relative to the working directory.
            .current_dir(repository.workdir().unwrap_or_else(|| repository.path()));
        // The user's own hooks are run beside this, in the repository they belong to.
        quiet(&mut command, &self.folder.path().join("no-hooks"));
        command
    }

    /// The references that moved, and nothing else: symbolic ones and what is not asked for stay behind.
    fn moved(&self, remote: &RemoteData) -> Result<Vec<Moved>, GitError> {
        let stand_in =
            git2::Repository::open_bare(self.folder.path()).attempt("read the fetched references")?;
        let now = references(&stand_in)?;
        let tracked = |name: &str| {
            remote.refspecs.iter().any(|spec| {
                let to = spec.split_once(':').map_or("", |(_, to)| to);
                to.strip_suffix('*').map_or(name == to, |prefix| name.starts_with(prefix))
            })
        };
        let mut moved = Vec::new();
        for (name, new) in &now {
            let old = self.references.get(name).copied();
            let is_new_tag = name.starts_with("refs/tags/") && old.is_none();
            if old != Some(*new) && (tracked(name) || is_new_tag) {
                moved.push(Moved { name: name.clone(), old, new: Some(*new) });
            }
        }
        for (name, old) in &self.references {
            if !now.contains_key(name) && tracked(name) {
                moved.push(Moved { name: name.clone(), old: Some(*old), new: None });
            }
        }
        Ok(moved)
    }

    /// Takes over where history was cut, if a fetch changed it.
    fn take_shallow(&self, repository: &git2::Repository) -> Result<(), GitError> {
        let (from, to) = (self.folder.path().join("shallow"), repository.commondir().join("shallow"));
        let read = |path: &Path| std::fs::read(path).unwrap_or_default();
        let new = read(&from);
        if new == read(&to) {
            return Ok(());
        }
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(repository.commondir())?;
            std::io::Write::write_all(&mut file, &new)?;
            file.persist(&to).map_err(|error| error.error).map(drop)
        };
        write().map_err(|error| GitError::io("write", &to, error))
    }
}

/// All direct references.
fn references(repository: &git2::Repository) -> Result<BTreeMap<String, Oid>, GitError> {
    let mut all = BTreeMap::new();
    for reference in repository.references().attempt("list the references")? {
        let reference = reference.attempt("list the references")?;
        if let (Ok(name), Some(id)) = (reference.name(), reference.target()) {
            all.insert(name.to_owned(), id);
        }
    }
    Ok(all)
}

/// Nothing that `git` does beside what it is told: no upkeep, no submodules, and hooks from a folder that is not there.
fn quiet(command: &mut Command, no_hooks: &Path) {
    for setting in [
        "gc.auto=0",
        "maintenance.auto=false",
        "fetch.writeCommitGraph=false",
        "fetch.recurseSubmodules=no",
        "push.recurseSubmodules=no",
        "submodule.recurse=false",
    ] {
        command.args(["-c", setting]);
    }
    let mut hooks = std::ffi::OsString::from("core.hooksPath=");
    hooks.push(no_hooks);
    command.arg("-c").arg(hooks);
}

/// `git` without a terminal to ask on, in a language that is understood here.
fn base_command(git: &Path) -> Command {
    let mut command = Command::new(git);
    for name in CLEARED {
        command.env_remove(name);
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GCM_INTERACTIVE", "never")
        .env("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh")
        // Without a dialogue of the user's own, ssh gets no answer instead of waiting on a terminal.
        .env("SSH_ASKPASS_REQUIRE", "force");
    if std::env::var_os("SSH_ASKPASS").is_none() {
        command.env("SSH_ASKPASS", "/nonexistent/askpass");
    }
    command
}

/// Offers a credential of our store after Git's own helpers. It travels in the environment of the child, and is
/// offered to this server only.
fn offer(command: &mut Command, network: &Network, server: Option<&Server>) {
    let Some(server) = server else {
        return;
    };
    let own = server.password.as_ref().map(|password| super::Credential {
        username: server.username.clone().unwrap_or_default(),
        password: password.clone(),
    });
    let stored = || network.credentials.as_ref()?.get(&server.origin(), server.username.as_deref());
    let Some(credential) = own.or_else(stored) else {
        return;
    };
    let helper = "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \
                  \"$SLIPWAY_GIT_USERNAME\" \"$SLIPWAY_GIT_PASSWORD\"; }; f";
    command
        .arg("-c")
        .arg(format!("credential.{}.helper={helper}", server.origin()))
        .env("SLIPWAY_GIT_USERNAME", credential.username)
        .env("SLIPWAY_GIT_PASSWORD", credential.password);
}

/// Fetches the remote's branches.
pub(crate) fn fetch(
    git: &Path,
    repository: &git2::Repository,
    remote: &RemoteData,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<Vec<Moved>, GitError> {
    let stand_in = StandIn::new(repository, remote)?;
    let mut command = stand_in.command(git, repository);
    offer(&mut command, network, Server::of(&remote.fetch_url).as_ref());
    command.args(["fetch", "--progress", "--no-write-fetch-head"]);
    command.arg(if remote.prune { "--prune" } else { "--no-prune" });
    command.arg(&remote.name);
    let finished = process::run(&mut command, report, cancel)?;
    if !finished.status.success() {
        return Err(explain(&remote.fetch_url, &finished));
    }
    stand_in.take_shallow(repository)?;
    stand_in.moved(remote)
}

/// Fetches references of an address into a bare repository of ours, whose configuration and hooks nobody else writes;
/// `shallow` without the history before them.
#[expect(clippy::too_many_arguments, reason = "what a conversation with a server takes")]
pub(crate) fn fetch_specs(
    git: &Path,
    repository: &Path,
    address: &str,
    specs: &[String],
    shallow: bool,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<(), GitError> {
    let mut command = base_command(git);
    command.env("GIT_DIR", repository).current_dir(repository);
    quiet(&mut command, &repository.join("no-hooks"));
    offer(&mut command, network, Server::of(address).as_ref());
    command.args(["fetch", "--progress", "--no-write-fetch-head", "--no-tags"]);
    match shallow {
        true => command.arg("--depth=1"),
        false if repository.join("shallow").is_file() => command.arg("--unshallow"),
        false => &mut command,
    };
    // The credentials of the address are offered apart, so that no list of processes shows them.
    command.arg("--").arg(url::without_credentials(address)).args(specs);
    let finished = process::run(&mut command, report, cancel)?;
    if finished.status.success() { Ok(()) } else { Err(explain(address, &finished)) }
}

/// Pushes one commit to one branch, never by force.
pub(crate) fn push(
    git: &Path,
    repository: &git2::Repository,
    remote: &RemoteData,
    (commit, branch): (Oid, &str),
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<Answer, GitError> {
    let stand_in = StandIn::new(repository, remote)?;
    let mut command = stand_in.command(git, repository);
    offer(&mut command, network, Server::of(&remote.push_url).as_ref());
    command.args(["push", "--progress", "--porcelain", "--no-verify", "--no-force", &remote.name]);
    command.arg(format!("{commit}:refs/heads/{branch}"));
    let finished = process::run(&mut command, report, cancel)?;
    let line = finished.output.lines().find(|line| line.contains(&format!(":refs/heads/{branch}\t")));
    let mut parts = line.unwrap_or_default().split('\t');
    let flag = parts.next().unwrap_or_default();
    let summary = parts.nth(1).unwrap_or_default();
    match flag {
        "=" => Ok(Answer::UpToDate),
        "!" if summary.contains("(fetch first)") || summary.contains("(non-fast-forward)") => {
            Ok(Answer::NotFastForward)
        }
        "!" => Ok(Answer::Refused(refusal(summary, &finished.messages))),
        _ if finished.status.success() => Ok(Answer::Accepted),
        _ => Err(explain(&remote.push_url, &finished)),
    }
}

/// What the server said, its own lines first.
fn refusal(summary: &str, messages: &str) -> String {
    let remote: Vec<&str> = messages
        .lines()
        .filter_map(|line| line.strip_prefix("remote:"))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if remote.is_empty() { summary.to_owned() } else { format!("{summary}: {}", remote.join("\n")) }
}

/// Clones into `destination`, which does not exist.
pub(crate) fn clone(
    git: &Path,
    address: &str,
    destination: &Path,
    network: &Network,
    report: ProgressSink<'_>,
    cancel: &Cancel,
) -> Result<(), GitError> {
    let mut command = base_command(git);
    let shown = url::without_credentials(address);
    let server = Server::of(address);
    offer(&mut command, network, server.as_ref());
    command.args(["clone", "--progress", "--no-recurse-submodules", "--origin", "origin", "--"]);
    // The address is stored in the clone, so it goes there without credentials.
    command.arg(&shown).arg(destination);
    let finished = process::run(&mut command, report, cancel)?;
    if finished.status.success() { Ok(()) } else { Err(explain(address, &finished)) }
}

/// Says what went wrong in our own terms, from what `git` and `ssh` print.
fn explain(address: &str, finished: &Finished) -> GitError {
    let url = url::without_credentials(address);
    let messages = scrub(&finished.messages, address);
    let has = |text: &str| messages.contains(text);
    if has("REMOTE HOST IDENTIFICATION HAS CHANGED")
        || has("Host key verification failed")
        || has("you have requested strict checking")
    {
        return host_key(address, &messages);
    }
    let wants_credentials = [
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "Permission denied (",
        "Invalid username or password",
        "The requested URL returned error: 401",
        "The requested URL returned error: 403",
        "HTTP Basic: Access denied",
    ];
    if wants_credentials.iter().any(|text| has(text)) {
        let hints = match url::scheme(address) {
            Ok(Scheme::Ssh) => vec![
                "add your key to the agent with `ssh-add`, and check that the server knows it".to_owned(),
                "`ssh -v` to the host shows which keys are offered".to_owned(),
            ],
            _ => vec![
                "store a token for the host in the settings, or set up a Git credential helper".to_owned(),
            ],
        };
        return GitError::Authentication { url, detail: last_lines(&messages), hints };
    }
    GitError::Network { url, message: last_lines(&messages) }
}

/// Without anything that the address holds of credentials.
fn scrub(text: &str, address: &str) -> String {
    let mut text = text.to_owned();
    if let Some(server) = Server::of(address) {
        let raw = address
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .and_then(|authority| authority.rsplit_once('@').map(|(user, _)| user.to_owned()));
        for secret in [raw, server.password].into_iter().flatten().filter(|secret| !secret.is_empty()) {
            text = text.replace(&secret, "…");
        }
    }
    text
}

/// The lines that say why, without ssh's warnings and blank remarks.
fn last_lines(messages: &str) -> String {
    let lines: Vec<&str> = messages
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("Warning: Permanently added"))
        .collect();
    let start = lines.len().saturating_sub(8);
    lines.get(start..).unwrap_or_default().join("; ")
}

/// Finds out which key the server has, to show its fingerprint.
fn host_key(address: &str, messages: &str) -> GitError {
    let after = |mark: &str| messages.split(mark).nth(1);
    if messages.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        let key_type =
            after("The fingerprint for the ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let fingerprint =
            after("SHA256:").and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
        let (host, port) = ssh_host(address);
        return GitError::ChangedHostKey {
            host: host_name(&host, port),
            key_type: key_type.to_owned(),
            fingerprint: format!("SHA256:{}", fingerprint.trim_end_matches('.')),
        };
    }
    if let Some(key) = builtin::host_key_of(address) {
        return GitError::UnknownHostKey {
            host: key.host.clone(),
            key_type: key.key_type.clone(),
            fingerprint: key.fingerprint.clone(),
            line: key.line(),
        };
    }
    // The ssh configuration may lead elsewhere than the address says; then only the user can look.
    let (host, port) = ssh_host(address);
    GitError::UnknownHostKey {
        host: host_name(&host, port),
        key_type: String::new(),
        fingerprint: String::new(),
        line: String::new(),
    }
}

/// Host and port of an ssh address.
pub(crate) fn ssh_host(address: &str) -> (String, u16) {
    let (authority, has_scheme) = match address.split_once("://") {
        Some((_, rest)) => (rest.split('/').next().unwrap_or_default(), true),
        None => (address, false),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(inside) = host.strip_prefix('[') {
        let (name, rest) = inside.split_once(']').unwrap_or((inside, ""));
        let port = rest.strip_prefix(':').filter(|_| has_scheme).and_then(|port| port.parse().ok());
        return (name.to_owned(), port.unwrap_or(22));
    }
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let port = if has_scheme { port.parse().unwrap_or(22) } else { 22 };
    (name.to_owned(), port)
}

/// Moves the references of the repository as they moved in the stand-in.
pub(crate) fn take_over(
    repository: &git2::Repository,
    remote: &str,
    moved: &[Moved],
) -> Result<(), GitError> {
    for reference in moved {
        let message = format!("fetch {remote}");
        let result = match (reference.old, reference.new) {
            (Some(old), Some(new)) => {
                repository.reference_matching(&reference.name, new, true, old, &message).map(drop)
            }
            (None, Some(new)) => repository.reference(&reference.name, new, false, &message).map(drop),
            (_, None) => repository.find_reference(&reference.name).and_then(|mut found| found.delete()),
        };
        match result {
            Ok(()) => {}
            // Somebody else fetched meanwhile; theirs is as good.
            Err(error)
                if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound) => {}
            Err(source) => return Err(GitError::Git { action: "move a remote-tracking branch", source }),
        }
    }
    Ok(())
}

/// The folder that is cloned into before it is renamed to `destination`.
pub(crate) fn sibling(destination: &Path) -> Result<(TempDir, PathBuf), GitError> {
    let parent = match destination.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent).map_err(|error| GitError::io("create", parent, error))?;
    let folder = tempfile::Builder::new()
        .prefix(".slipway-clone-")
        .tempdir_in(parent)
        .map_err(|error| GitError::io("create a folder in", parent, error))?;
    let inner = folder.path().join(destination.file_name().unwrap_or_else(|| OsStr::new("repository")));
    Ok((folder, inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_ssh_address() {
        for (address, host, port) in [
            ("git@example.com:a/b.git", "example.com", 22),
            ("ssh://git@example.com:2222/a", "example.com", 2222),
            ("ssh://[::1]:2222/a", "::1", 2222),
            ("[::1]:a/b", "::1", 22),
        ] {
            assert_eq!(ssh_host(address), (host.to_owned(), port), "{address}");
        }
    }

    #[test]
    fn credentials_do_not_reach_messages() {
        let address = "https://ada:s3cret%21@example.com/a";
        let text = scrub("fatal: https://ada:s3cret%21@example.com/a s3cret! not found", address);
        assert!(!text.contains("s3cret"), "{text}");
    }
}
