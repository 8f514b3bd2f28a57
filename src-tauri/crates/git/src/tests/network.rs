//! Clone, fetch and push against real servers, with both transports.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use super::commits::request;
use super::servers::{self, Sshd};
use super::{Rig, git, head, write};
use crate::{
    Cancel, Credential, CredentialStore, GitError, Network, Phase, PushOutcome, Repository, Transport,
};

fn transports() -> [Network; 2] {
    let installed = Transport::installed().expect("the tests need `git`");
    [Network::new(installed), Network::new(Transport::BuiltIn)]
}

/// A bare repository that can be pushed to, with one commit.
fn server(rig: &Rig, name: &str) -> PathBuf {
    let source = rig.repository(&format!("{name}-source"), &[("a.yaml", "a: 1\n"), ("b/c.yaml", "c\n")]);
    let bare = rig.path(&format!("srv/{name}.git"));
    std::fs::create_dir_all(rig.path("srv")).unwrap();
    git(&source, &["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    git(&bare, &["config", "http.receivepack", "true"]);
    bare
}

fn clone(address: &str, to: &Path, network: &Network) -> Result<Repository, GitError> {
    crate::clone(address, to, network, &mut |_| {}, &Cancel::new())
}

fn commit(repository: &Repository, file: &str, content: &str) {
    repository.write_commit(&request(&head(repository), &[(file, Some(content))])).unwrap();
}

fn push(repository: &Repository, branch: &str, network: &Network) -> Result<PushOutcome, GitError> {
    repository.push("origin", branch, network, &mut |_| {}, &Cancel::new())
}

/// Clone, push, a rejected push that says what moved, fetch, fast-forward.
fn exercise(rig: &Rig, address: &str, bare: &Path, network: &Network, name: &str) {
    let (one, two) = (rig.path(&format!("{name}-one")), rig.path(&format!("{name}-two")));
    let mut facts = Vec::new();
    let ours = crate::clone(address, &one, network, &mut |fact| facts.push(fact), &Cancel::new()).unwrap();
    assert!(facts.iter().any(|fact| fact.phase == Phase::Receiving && fact.done > 0), "{name}: {facts:?}");
    assert_eq!(git(&one, &["status", "--porcelain"]), "");
    let theirs = clone(address, &two, network).unwrap();
    commit(&theirs, "theirs.yaml", "t\n");
    assert!(matches!(push(&theirs, "main", network).unwrap(), PushOutcome::Pushed { .. }), "{name}");
    assert_eq!(push(&theirs, "main", network).unwrap(), PushOutcome::UpToDate, "{name}");
    assert_eq!(git(bare, &["rev-parse", "main"]).trim(), head(&theirs).as_str());
    assert_eq!(theirs.status().unwrap().upstream.unwrap().ahead, 0);

    commit(&ours, "ours.yaml", "o\n");
    let PushOutcome::Moved { tip, theirs: moved } = push(&ours, "main", network).unwrap() else {
        panic!("{name}: the push must be rejected");
    };
    assert_eq!(tip, head(&theirs), "{name}");
    assert_eq!(moved.iter().map(|each| each.subject.as_str()).collect::<Vec<_>>(), ["promote web"]);
    assert_eq!(git(bare, &["rev-parse", "main"]).trim(), head(&theirs).as_str(), "nothing is overwritten");
    let status = ours.status().unwrap().upstream.unwrap();
    assert_eq!((status.ahead, status.behind), (1, 1), "{name}");

    let mut new = request(&head(&ours), &[("branch.yaml", Some("b\n"))]);
    new.branch = crate::BranchTarget::New("promote/one".to_owned());
    ours.write_commit(&new).unwrap();
    assert!(matches!(push(&ours, "promote/one", network).unwrap(), PushOutcome::Pushed { .. }));
    ours.set_upstream("promote/one", "origin/promote/one").unwrap();
    git(bare, &["tag", "v1", "promote/one"]);
    let updates = theirs.fetch("origin", network, &mut |_| {}, &Cancel::new()).unwrap();
    let names: Vec<&str> = updates.iter().map(|update| update.name.as_str()).collect();
    assert_eq!(names, ["origin/promote/one", "v1"], "{name}");
    let next = theirs.resolve("v1").unwrap();
    assert!(matches!(
        theirs.fast_forward(&crate::BranchTarget::Current, &next),
        Err(GitError::Diverged { .. })
    ));
    git(&two, &["fsck", "--strict"]);
    assert_eq!(git(&two, &["status", "--porcelain"]), "");
    git(bare, &["update-ref", "-d", "refs/heads/promote/one"]);
    git(bare, &["update-ref", "-d", "refs/tags/v1"]);
}

#[test]
fn files_are_a_server_too() {
    let rig = Rig::new();
    for (number, network) in transports().iter().enumerate() {
        let bare = server(&rig, &format!("file-{number}"));
        let address = format!("file://{}", bare.display());
        exercise(&rig, &address, &bare, network, &format!("file-{number}"));
    }
}

/// Hands out one credential and remembers nothing.
struct Store(&'static str);

impl CredentialStore for Store {
    fn get(&self, url: &str, _username: Option<&str>) -> Option<Credential> {
        assert!(url.starts_with("http://127.0.0.1:") && url.matches('/').count() == 2, "{url}");
        Some(Credential { username: "ada".to_owned(), password: self.0.to_owned() })
    }
}

#[test]
fn a_web_server_with_basic_authentication() {
    let rig = Rig::new();
    for (number, mut network) in transports().into_iter().enumerate() {
        let name = format!("http-{number}");
        let bare = server(&rig, &name);
        let origin = servers::http(&rig.path("srv"), Some(("ada", "s3cret")));
        let address = format!("{origin}/{name}.git");
        let target = rig.path(&format!("{name}-denied"));
        let error = clone(&address, &target, &network).unwrap_err();
        assert!(matches!(error, GitError::Authentication { .. }), "{name}: {error:?}");
        assert!(!error.hints().is_empty());
        network.credentials = Some(Arc::new(Store("wrong")));
        let error = clone(&address, &target, &network).unwrap_err();
        assert!(matches!(error, GitError::Authentication { .. }), "{name}: {error:?}");
        assert!(!target.exists());
        network.credentials = Some(Arc::new(Store("s3cret")));
        exercise(&rig, &address, &bare, &network, &name);

        // Credentials in the address are used, and are neither stored nor shown.
        network.credentials = None;
        let with_password = address.replace("http://", "http://ada:s3cret@");
        let target = rig.path(&format!("{name}-embedded"));
        let cloned = clone(&with_password, &target, &network).unwrap();
        assert_eq!(cloned.remotes().unwrap()[0].url, address);
        assert!(!std::fs::read_to_string(target.join(".git/config")).unwrap().contains("s3cret"));
        let missing = with_password.replace(&name, "missing");
        let error = clone(&missing, &rig.path("missing"), &network).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("s3cret"), "{error:?}");
    }
}

#[test]
fn a_server_that_refuses_says_why() {
    let rig = Rig::new();
    for (number, network) in transports().iter().enumerate() {
        let name = format!("hook-{number}");
        let bare = server(&rig, &name);
        let hook = bare.join("hooks/pre-receive");
        write(&bare, "hooks/pre-receive", "#!/bin/sh\necho 'main is protected' >&2\nexit 1\n");
        make_executable(&hook);
        let address = format!("{}/{name}.git", servers::http(&rig.path("srv"), None));
        let repository = clone(&address, &rig.path(&name), network).unwrap();
        commit(&repository, "x.yaml", "x\n");
        let outcome = push(&repository, "main", network).unwrap();
        let PushOutcome::Refused { reason } = outcome else { panic!("{name}: {outcome:?}") };
        assert!(reason.contains("pre-receive hook declined"), "{reason}");
        assert_eq!(repository.status().unwrap().upstream.unwrap().ahead, 1);
    }
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn ssh_with_a_key_and_a_known_host() {
    let rig = Rig::new();
    let home = std::env::home_dir().unwrap();
    let ssh = home.join(".ssh");
    std::fs::create_dir_all(&ssh).unwrap();
    let public = servers::keygen(&ssh.join("id_ed25519"));
    let Some(sshd) = Sshd::start(&rig, &public) else {
        println!("skipped: ssh_with_a_key_and_a_known_host: sshd is missing or may not be started");
        return;
    };
    // ssh looks for the home directory in the user database, so its files are named. That the user's own
    // `core.sshCommand` applies is seen on the way.
    let config = format!(
        "UserKnownHostsFile {0}/known_hosts\nIdentityFile {0}/id_ed25519\nIdentitiesOnly yes\n",
        ssh.display()
    );
    std::fs::write(ssh.join("config"), config).unwrap();
    let command = format!("ssh -F {}/config", ssh.display());
    git(&home, &["config", "--global", "core.sshCommand", &command]);
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    for (number, network) in transports().iter().enumerate() {
        let name = format!("ssh-{number}");
        let bare = server(&rig, &name);
        let address = format!("ssh://{}@127.0.0.1:{}{}", user.trim(), sshd.port, bare.display());
        std::fs::write(ssh.join("known_hosts"), "").unwrap();
        let target = rig.path(&format!("{name}-unknown"));
        let error = clone(&address, &target, network).unwrap_err();
        let GitError::UnknownHostKey { host, fingerprint, line, .. } = &error else {
            panic!("{name}: {error:?}");
        };
        assert_eq!(host, &format!("[127.0.0.1]:{}", sshd.port));
        assert_eq!(fingerprint, &sshd.fingerprint);
        assert!(!target.exists());
        assert!(error.hints()[0].contains(line.as_str()));
        let good = format!("{line}\n");

        let mut other: Vec<&str> = line.split(' ').collect();
        let foreign = std::fs::read_to_string(&public).unwrap();
        other[2] = foreign.split(' ').nth(1).unwrap();
        std::fs::write(ssh.join("known_hosts"), format!("{}\n", other.join(" "))).unwrap();
        let error = clone(&address, &target, network).unwrap_err();
        assert!(matches!(error, GitError::ChangedHostKey { .. }), "{name}: {error:?}");

        std::fs::write(ssh.join("known_hosts"), format!("{good}@revoked {good}")).unwrap();
        let error = clone(&address, &target, network).unwrap_err();
        assert!(!target.exists(), "{name}: a revoked key is not accepted: {error:?}");

        std::fs::write(ssh.join("known_hosts"), &good).unwrap();
        exercise(&rig, &address, &bare, network, &name);

        // Another key, which the server does not know.
        std::fs::rename(ssh.join("id_ed25519"), ssh.join("kept")).unwrap();
        std::fs::rename(ssh.join("id_ed25519.pub"), ssh.join("kept.pub")).unwrap();
        servers::keygen(&ssh.join("id_ed25519"));
        std::fs::copy(ssh.join("kept.pub"), &public).unwrap();
        let error = clone(&address, &target, network).unwrap_err();
        assert!(matches!(error, GitError::Authentication { .. }), "{name}: {error:?}");
        std::fs::remove_file(ssh.join("id_ed25519.pub")).unwrap();
        std::fs::rename(ssh.join("kept"), ssh.join("id_ed25519")).unwrap();
        std::fs::rename(ssh.join("kept.pub"), ssh.join("id_ed25519.pub")).unwrap();
    }
    // The same key, in an agent only.
    let socket = std::env::var_os("SSH_AUTH_SOCK").unwrap();
    let mut agent = Command::new("ssh-agent")
        .args(["-D", "-a"])
        .arg(&socket)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let key = ssh.join("id_ed25519");
    while !Command::new("ssh-add").arg("-q").arg(&key).output().unwrap().status.success() {
        assert!(agent.try_wait().unwrap().is_none(), "the agent ended");
    }
    std::fs::rename(&key, ssh.join("elsewhere")).unwrap();
    let address =
        format!("ssh://{}@127.0.0.1:{}{}", user.trim(), sshd.port, rig.path("srv/ssh-0.git").display());
    for (number, network) in transports().iter().enumerate() {
        clone(&address, &rig.path(&format!("agent-{number}")), network).unwrap();
    }
    agent.kill().unwrap();
    agent.wait().unwrap();
    git(&home, &["config", "--global", "--unset", "core.sshCommand"]);
}

#[test]
fn a_cancelled_clone_leaves_nothing() {
    let rig = Rig::new();
    let bare = server(&rig, "cancel");
    for (number, network) in transports().iter().enumerate() {
        let parent = rig.path(&format!("cancel-{number}"));
        std::fs::create_dir_all(&parent).unwrap();
        let address = format!("file://{}", bare.display());
        let cancel = Cancel::new();
        let from_report = cancel.clone();
        let mut report = move |_| from_report.cancel();
        let error = crate::clone(&address, &parent.join("clone"), network, &mut report, &cancel).unwrap_err();
        assert!(matches!(error, GitError::Cancelled), "{error:?}");
        assert_eq!(std::fs::read_dir(&parent).unwrap().count(), 0);
    }
    // A server that never answers holds nobody up.
    for (number, network) in transports().into_iter().enumerate() {
        let cancel = Cancel::new();
        let other = cancel.clone();
        let address = format!("{}/x.git", servers::silent());
        let target = rig.path(&format!("silent-{number}/clone"));
        let to = target.clone();
        let cloning =
            std::thread::spawn(move || crate::clone(&address, &to, &network, &mut |_| {}, &other).map(drop));
        cancel.cancel();
        assert!(matches!(cloning.join().unwrap(), Err(GitError::Cancelled)));
        assert!(!target.exists());
    }
}

#[test]
fn an_occupied_destination_and_bad_addresses_are_refused() {
    let rig = Rig::new();
    let bare = server(&rig, "occupied");
    write(&rig.path("full"), "x", "x");
    std::fs::create_dir_all(rig.path("hollow")).unwrap();
    for network in transports() {
        let error = clone(bare.to_str().unwrap(), &rig.path("full"), &network).unwrap_err();
        assert!(matches!(error, GitError::DestinationExists { .. }));
        let marker = rig.path("marker");
        for address in [
            format!("ext::sh -c touch% {}", marker.display()),
            format!("--upload-pack=touch {}", marker.display()),
            "ssh://-oProxyCommand=x/y".to_owned(),
        ] {
            let error = clone(&address, &rig.path("bad"), &network).unwrap_err();
            assert!(matches!(error, GitError::RefusedUrl { .. }), "{error:?}");
        }
        assert!(!marker.exists());
        let error = clone("file:///nonexistent/x.git", &rig.path("bad"), &network).unwrap_err();
        assert!(matches!(error, GitError::Network { .. }), "{error:?}");
    }
    let [network, _] = transports();
    clone(bare.to_str().unwrap(), &rig.path("hollow"), &network).unwrap();
}

#[test]
fn instead_of_is_followed_and_a_shallow_clone_is_fetched_into() {
    let rig = Rig::new();
    for (number, network) in transports().iter().enumerate() {
        let bare = server(&rig, &format!("shallow-{number}"));
        let work = rig.path(&format!("shallow-{number}"));
        let address = format!("file://{}", bare.display());
        git(&rig.path(""), &["clone", "-q", "--depth", "1", &address, work.to_str().unwrap()]);
        git(&work, &["config", &format!("url.file://{}/.insteadOf", rig.path("srv").display()), "corp:"]);
        git(&work, &["remote", "set-url", "origin", &format!("corp:shallow-{number}.git")]);
        let repository = Repository::open(&work).unwrap();
        assert_eq!(repository.remotes().unwrap()[0].url, address);
        let source = rig.path(&format!("shallow-{number}-source"));
        write(&source, "new.yaml", "n\n");
        git(&source, &["add", "-A"]);
        git(&source, &["commit", "-qm", "newer"]);
        git(&source, &["push", "-q", bare.to_str().unwrap(), "main"]);
        let updates = repository.fetch("origin", network, &mut |_| {}, &Cancel::new()).unwrap();
        assert_eq!(updates.len(), 1);
        let next = repository.resolve("origin/main").unwrap();
        repository.fast_forward(&crate::BranchTarget::Current, &next).unwrap();
        commit(&repository, "mine.yaml", "m\n");
        assert!(matches!(push(&repository, "main", network).unwrap(), PushOutcome::Pushed { .. }));
        git(&work, &["fsck"]);
        assert_eq!(git(&work, &["status", "--porcelain"]), "");
        let error = repository.fetch("upstream", network, &mut |_| {}, &Cancel::new()).unwrap_err();
        assert!(matches!(error, GitError::NoSuchRemote { .. }));
    }
}
