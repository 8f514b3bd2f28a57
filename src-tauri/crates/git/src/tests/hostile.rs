//! A hostile repository starts no program; hooks and signing with the user's consent.

use std::path::{Path, PathBuf};

use super::commits::request;
use super::{Rig, git, head, path, servers, text, write};
use crate::{
    BranchTarget, Cancel, Consent, GitError, Network, PushOutcome, Repository, RepositoryProgram, Transport,
};

fn script(rig: &Rig, name: &str, body: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let file = rig.path(name);
    std::fs::write(&file, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file
}

fn install_hook(script: &Path, hooks: &Path, name: &str) {
    std::fs::create_dir_all(hooks).unwrap();
    std::fs::copy(script, hooks.join(name)).unwrap();
}

#[test]
fn nothing_that_a_repository_brings_along_is_started() {
    let rig = Rig::new();
    let marker = rig.path("marker");
    let evil = script(&rig, "evil", &format!("touch {}\nexit 0", marker.display()));
    let evil = evil.to_str().unwrap();
    for (number, transport) in [Transport::installed().unwrap(), Transport::BuiltIn].into_iter().enumerate() {
        let source = rig.repository(&format!("source-{number}"), &[("a.yaml", "a\n"), ("x.evil", "x\n")]);
        let bare = rig.path(&format!("bare-{number}.git"));
        git(&source, &["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
        let root = rig.path(&format!("work-{number}"));
        git(&rig.path(""), &["clone", "-q", bare.to_str().unwrap(), root.to_str().unwrap()]);
        for (key, value) in [
            ("core.fsmonitor", evil),
            ("core.sshCommand", evil),
            ("core.gitProxy", evil),
            ("core.askPass", evil),
            ("core.editor", evil),
            ("core.pager", evil),
            ("core.alternateRefsCommand", evil),
            ("credential.helper", evil),
            ("gpg.program", evil),
            ("gpg.ssh.program", evil),
            ("filter.evil.clean", evil),
            ("filter.evil.smudge", evil),
            ("filter.evil.process", evil),
            ("filter.evil.required", "true"),
            ("diff.external", evil),
            ("diff.evil.textconv", evil),
            ("merge.evil.driver", evil),
            ("remote.origin.uploadpack", evil),
            ("remote.origin.receivepack", evil),
            ("uploadpack.packObjectsHook", evil),
            ("gc.recentObjectsHook", evil),
            ("push.gpgSign", "true"),
            ("protocol.ext.allow", "always"),
        ] {
            git(&root, &["config", key, value]);
        }
        // Untracked, so that the real `git` below does not run the filter itself.
        write(&root, ".git/info/attributes", "*.evil filter=evil diff=evil merge=evil\n");
        let hooks = root.join(".git/hooks");
        for name in [
            "pre-commit",
            "prepare-commit-msg",
            "commit-msg",
            "post-commit",
            "pre-push",
            "reference-transaction",
            "post-checkout",
            "post-index-change",
            "post-merge",
            "post-rewrite",
            "pre-auto-gc",
        ] {
            install_hook(Path::new(evil), &hooks, name);
        }
        let network = Network::new(transport);
        let repository = Repository::open(&root).unwrap();
        write(&root, "x.evil", "changed\n");
        let disk = repository.work_tree().unwrap();
        assert_eq!(text(&disk, "x.evil").as_deref(), Some("changed\n"));
        super::id(&disk, "");
        repository.status().unwrap();
        repository.fetch("origin", &network, &mut |_| {}, &Cancel::new()).unwrap();
        let list = [("a.yaml", Some("b\n")), ("new.yaml", Some("n\n"))];
        let committed = repository.write_commit(&request(&head(&repository), &list)).unwrap();
        let outcome = repository.push("origin", "main", &network, &mut |_| {}, &Cancel::new()).unwrap();
        assert!(matches!(outcome, PushOutcome::Pushed { .. }), "{outcome:?}");
        let problems =
            repository.preflight(&BranchTarget::Current, &[path("x.evil")], &Consent::default()).unwrap();
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
        assert!(codes.contains(&"hooks-not-run") && codes.contains(&"filter-not-run"), "{codes:?}");
        let unused = repository.network_preflight("origin").unwrap();
        for name in ["core.sshcommand", "credential.helper", "remote.origin.uploadpack"] {
            assert!(unused.iter().any(|problem| problem.message.contains(name)), "{name}");
        }
        let second =
            repository.write_commit(&request(&committed.commit, &[("a.yaml", Some("c\n"))])).unwrap();
        repository.undo_commit(&second.commit, &BranchTarget::Current).unwrap();
        git(&root, &["config", "remote.origin.vcs", "evil"]);
        drop(repository.fetch("origin", &network, &mut |_| {}, &Cancel::new()));
        git(&root, &["remote", "set-url", "origin", &format!("ext::{evil}")]);
        let error = repository.fetch("origin", &network, &mut |_| {}, &Cancel::new()).unwrap_err();
        assert!(matches!(error, GitError::RefusedUrl { .. }), "{error:?}");
        git(&root, &["config", "url.ext::.insteadOf", "file:///rewritten"]);
        git(&root, &["remote", "set-url", "origin", &format!("file:///rewritten{evil}")]);
        let error = repository.fetch("origin", &network, &mut |_| {}, &Cancel::new()).unwrap_err();
        assert!(matches!(error, GitError::RefusedUrl { .. }), "{error:?}");
        assert!(!marker.exists(), "a program of the repository was started");
    }
}

#[test]
fn hooks_run_with_consent_and_see_the_commit() {
    let rig = Rig::new();
    let root = rig.repository("r", &[("a.yaml", "a\n")]);
    let log = rig.path("log");
    let hooks = root.join(".git/hooks");
    let record = |name: &str, body: &str| {
        let body = format!(
            "echo {name} \"$2\" $(git diff --cached --name-only | tr '\\n' ' ') >> {}\n{body}",
            log.display()
        );
        install_hook(&script(&rig, name, &body), &hooks, name);
    };
    record("pre-commit", "");
    record("prepare-commit-msg", "");
    record("commit-msg", "echo 'Signed-off-by: hook' >> \"$1\"");
    record("post-commit", "");
    let repository = Repository::open(&root).unwrap();
    let mut wanted = request(&head(&repository), &[("a.yaml", Some("b\n")), ("n.yaml", Some("n\n"))]);
    wanted.consent = Consent::to([RepositoryProgram::Hooks]);
    let committed = repository.write_commit(&wanted).unwrap();
    let expected = "pre-commit a.yaml n.yaml\nprepare-commit-msg message a.yaml n.yaml\ncommit-msg a.yaml n.yaml\npost-commit\n";
    assert_eq!(std::fs::read_to_string(&log).unwrap().replace("  ", " ").replace(" \n", "\n"), expected);
    assert!(repository.commit(&committed.commit).unwrap().body.ends_with("Signed-off-by: hook"));
    assert_eq!(git(&root, &["status", "--porcelain"]), "");

    record("pre-commit", "echo 'no tabs please'; exit 1");
    let mut refused = request(&committed.commit, &[("a.yaml", Some("\t\n"))]);
    refused.consent = wanted.consent;
    let error = repository.write_commit(&refused).unwrap_err();
    assert!(matches!(&error, GitError::Hook { output, .. } if output == "no tabs please"), "{error}");
    assert_eq!(head(&repository), committed.commit);
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
    record("pre-commit", "echo more > a.yaml; git add a.yaml");
    let error = repository.write_commit(&refused).unwrap_err();
    assert!(matches!(&error, GitError::Hook { output, .. } if output.contains("not taken over")), "{error}");
    write(&root, "a.yaml", "b\n");
    refused.consent = Consent::default();
    repository.write_commit(&refused).unwrap();
}

#[test]
fn commits_are_signed_with_ssh_keys() {
    let rig = Rig::new();
    let root = rig.repository("r", &[("a.yaml", "a\n")]);
    let key = rig.path("signing");
    let public = servers::keygen(&key);
    git(&root, &["config", "commit.gpgSign", "true"]);
    git(&root, &["config", "gpg.format", "ssh"]);
    git(&root, &["config", "user.signingKey", key.to_str().unwrap()]);
    let signers = rig.path("signers");
    std::fs::write(&signers, format!("ada@example.com {}", std::fs::read_to_string(public).unwrap()))
        .unwrap();
    git(&root, &["config", "gpg.ssh.allowedSignersFile", signers.to_str().unwrap()]);
    let repository = Repository::open(&root).unwrap();
    let committed =
        repository.write_commit(&request(&head(&repository), &[("a.yaml", Some("b\n"))])).unwrap();
    git(&root, &["verify-commit", committed.commit.as_str()]);
    assert!(repository.commit(&committed.commit).unwrap().signed);
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
    git(&root, &["fsck", "--strict"]);

    git(&root, &["config", "user.signingKey", rig.path("none").to_str().unwrap()]);
    let error = repository.write_commit(&request(&committed.commit, &[("a.yaml", Some("c\n"))])).unwrap_err();
    assert!(matches!(error, GitError::Signing { .. }), "{error}");
    assert_eq!(head(&repository), committed.commit, "nothing is written unsigned");
}

#[test]
fn commits_are_signed_with_gpg() {
    let rig = Rig::new();
    let root = rig.repository("r", &[("a.yaml", "a\n")]);
    let home = std::path::PathBuf::from(std::env::var_os("GNUPGHOME").unwrap());
    std::fs::create_dir_all(&home).unwrap();
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let made = std::process::Command::new("gpg")
        .args([
            "--batch",
            "--passphrase",
            "",
            "--quick-gen-key",
            "Ada <ada@example.com>",
            "ed25519",
            "sign",
            "never",
        ])
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        println!("skipped: commits_are_signed_with_gpg: gpg is missing or makes no key");
        return;
    }
    git(&root, &["config", "commit.gpgSign", "true"]);
    let repository = Repository::open(&root).unwrap();
    let committed =
        repository.write_commit(&request(&head(&repository), &[("a.yaml", Some("b\n"))])).unwrap();
    git(&root, &["verify-commit", committed.commit.as_str()]);
    let _ = std::process::Command::new("gpgconf").args(["--kill", "gpg-agent"]).status();
}

#[test]
fn a_signing_program_of_the_repository_runs_with_consent_only() {
    let rig = Rig::new();
    let root = rig.repository("r", &[("a.yaml", "a\n")]);
    let marker = rig.path("marker");
    let body = format!(
        "touch {}\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED D 1 8 00 1 X' >&2\nprintf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'",
        marker.display()
    );
    let program = script(&rig, "sign", &body);
    git(&root, &["config", "commit.gpgSign", "true"]);
    git(&root, &["config", "gpg.program", program.to_str().unwrap()]);
    git(&root, &["config", "user.signingKey", "nobody@example.org"]);
    let repository = Repository::open(&root).unwrap();
    let mut wanted = request(&head(&repository), &[("a.yaml", Some("b\n"))]);
    let problems = repository.preflight(&BranchTarget::Current, &[], &Consent::default()).unwrap();
    assert!(problems.iter().any(|problem| problem.code == "signing-program-not-run"), "{problems:?}");
    let error = repository.write_commit(&wanted).unwrap_err();
    assert!(matches!(error, GitError::Signing { .. }), "gpg has no key here: {error}");
    assert!(!marker.exists());
    wanted.consent = Consent::to([RepositoryProgram::SigningProgram]);
    let committed = repository.write_commit(&wanted).unwrap();
    assert!(marker.exists());
    assert!(
        git(&root, &["cat-file", "commit", committed.commit.as_str()])
            .contains("\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n")
    );
}
