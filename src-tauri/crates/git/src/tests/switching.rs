//! Switching branches, held against what the real `git` says afterwards.

use slipway_model::CommitId;

use super::{Rig, git, head, write};
use crate::{GitError, Head, IdentityScope, IdentitySource, Person, Repository, SwitchTo};

/// `main` with two files; `work` changes `a.yaml`, adds `new/b.yaml`, deletes `old.yaml`.
fn two_branches(rig: &Rig) -> (std::path::PathBuf, Repository) {
    let root =
        rig.repository("repository", &[("a.yaml", "a: 1\n"), ("old.yaml", "o\n"), ("keep.yaml", "k\n")]);
    git(&root, &["switch", "-q", "-c", "work"]);
    write(&root, "a.yaml", "a: 2\n");
    write(&root, "new/b.yaml", "b\n");
    git(&root, &["rm", "-q", "old.yaml"]);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "work"]);
    git(&root, &["switch", "-q", "main"]);
    let repository = Repository::open(&root).unwrap();
    (root, repository)
}

fn branch(name: &str) -> SwitchTo {
    SwitchTo::Branch { name: name.to_owned() }
}

#[test]
fn files_and_index_follow_and_the_reflog_says_so() {
    let rig = Rig::new();
    let (root, repository) = two_branches(&rig);
    let changed = repository.switch(&branch("work")).unwrap();
    assert_eq!(
        changed.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["a.yaml", "new/b.yaml", "old.yaml"]
    );
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
    assert_eq!(git(&root, &["symbolic-ref", "HEAD"]).trim(), "refs/heads/work");
    assert!(git(&root, &["reflog", "-1"]).contains("checkout: moving from main to work"));
    repository.switch(&branch("main")).unwrap();
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
    assert!(root.join("old.yaml").exists() && !root.join("new").exists(), "empty folders go too");
}

#[test]
fn changes_that_would_be_lost_are_named_and_nothing_moves() {
    let rig = Rig::new();
    let (root, repository) = two_branches(&rig);
    write(&root, "a.yaml", "mine\n");
    write(&root, "new/b.yaml", "untracked\n");
    let error = repository.switch(&branch("work")).unwrap_err();
    let GitError::WouldBeLost { paths, target } = &error else { panic!("{error}") };
    assert_eq!(target, "work");
    assert_eq!(paths.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a.yaml", "new/b.yaml"]);
    assert_eq!(git(&root, &["symbolic-ref", "HEAD"]).trim(), "refs/heads/main");
    assert_eq!(std::fs::read_to_string(root.join("a.yaml")).unwrap(), "mine\n");
    assert!(!error.hints().is_empty());
}

#[test]
fn changes_that_are_not_touched_come_along() {
    let rig = Rig::new();
    let (root, repository) = two_branches(&rig);
    write(&root, "keep.yaml", "mine\n");
    write(&root, "untracked.yaml", "u\n");
    repository.switch(&branch("work")).unwrap();
    assert_eq!(git(&root, &["status", "--porcelain"]), " M keep.yaml\n?? untracked.yaml\n");
}

#[test]
fn what_is_staged_as_the_branch_has_it_is_no_change() {
    let rig = Rig::new();
    let (root, repository) = two_branches(&rig);
    write(&root, "a.yaml", "a: 2\n");
    git(&root, &["add", "a.yaml"]);
    repository.switch(&branch("work")).unwrap();
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
}

#[test]
fn a_remote_branch_becomes_a_local_one_that_follows_it() {
    let rig = Rig::new();
    let (root, _) = two_branches(&rig);
    let clone = rig.path("clone");
    git(&root, &["clone", "-q", ".", clone.to_str().unwrap()]);
    let repository = Repository::open(&clone).unwrap();
    let to = SwitchTo::Remote { tracking: "origin/work".to_owned(), name: "work".to_owned() };
    repository.switch(&to).unwrap();
    assert_eq!(git(&clone, &["rev-parse", "--abbrev-ref", "work@{upstream}"]).trim(), "origin/work");
    assert_eq!(git(&clone, &["status", "--porcelain"]), "");
    assert!(matches!(repository.switch(&to), Err(GitError::BranchExists { .. })), "it is there now");
}

#[test]
fn a_branch_that_cannot_be_checked_out_is_not_left_behind() {
    let rig = Rig::new();
    let (root, _) = two_branches(&rig);
    let clone = rig.path("clone");
    git(&root, &["clone", "-q", ".", clone.to_str().unwrap()]);
    write(&clone, "a.yaml", "mine\n");
    let repository = Repository::open(&clone).unwrap();
    let to = SwitchTo::Remote { tracking: "origin/work".to_owned(), name: "work".to_owned() };
    assert!(matches!(repository.switch(&to), Err(GitError::WouldBeLost { .. })));
    assert_eq!(git(&clone, &["branch", "--format=%(refname:short)"]), "main\n");
}

#[test]
fn a_commit_is_checked_out_without_a_branch_and_a_branch_is_made_there() {
    let rig = Rig::new();
    let (root, repository) = two_branches(&rig);
    let commit = CommitId::new(git(&root, &["rev-parse", "work"]).trim());
    repository.switch(&SwitchTo::Commit { commit: commit.clone() }).unwrap();
    assert_eq!(repository.head().unwrap(), Head::Detached { commit: commit.clone() });
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
    repository.switch(&SwitchTo::New { name: "fix".to_owned() }).unwrap();
    assert_eq!(repository.head().unwrap(), Head::Branch { name: "fix".to_owned(), commit });
    for name in ["-x", "a..b", "HEAD", "fix"] {
        assert!(repository.switch(&SwitchTo::New { name: name.to_owned() }).is_err(), "{name}");
    }
}

#[test]
fn a_merge_that_is_not_finished_is_finished_first() {
    let rig = Rig::new();
    let (root, repository) = two_branches(&rig);
    write(&root, "a.yaml", "a: 3\n");
    git(&root, &["commit", "-qam", "mine"]);
    let ours = head(&repository);
    let theirs = CommitId::new(git(&root, &["rev-parse", "work"]).trim());
    let conflicts = repository.merge_conflicts(&ours, &theirs).unwrap();
    assert_eq!(conflicts.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a.yaml"]);
    let merge =
        std::process::Command::new("git").args(["merge", "work"]).current_dir(&root).output().unwrap();
    assert!(!merge.status.success());
    assert!(matches!(repository.switch(&branch("work")), Err(GitError::InProgress { .. })));
}

#[test]
fn an_interrupted_switch_is_completed_by_the_next_opening() {
    let rig = Rig::new();
    for moved in [false, true] {
        let (root, repository) = two_branches(&rig);
        crate::pending::crash::after_the_branch_moved(moved);
        assert!(repository.switch(&branch("work")).is_err());
        drop(repository);
        let again = Repository::open(&root).unwrap();
        assert_eq!(git(&root, &["status", "--porcelain"]), "", "moved: {moved}");
        let expected = if moved { "work" } else { "main" };
        assert_eq!(again.head().unwrap().branch(), Some(expected));
        std::fs::remove_dir_all(&root).unwrap();
    }
}

#[test]
fn a_person_is_written_to_the_repository() {
    let rig = Rig::new();
    let root = rig.repository("repository", &[("a", "a\n")]);
    let repository = Repository::open(&root).unwrap();
    let (person, source) = repository.identity().unwrap().unwrap();
    assert_eq!((person.name.as_str(), source), ("Ada", IdentitySource::User));
    for (name, email) in [("", "a@b"), ("Bea", " "), ("Bea <x>", "b@c"), ("Bea", "b c"), ("Bea\nX", "b@c")] {
        let person = Person { name: name.to_owned(), email: email.to_owned() };
        let refused = repository.set_identity(&person, IdentityScope::Repository);
        assert!(matches!(refused, Err(GitError::InvalidIdentity { .. })), "{name:?} {email:?}");
    }
    let bea = Person { name: "Bea Ö".to_owned(), email: "bea@example.com".to_owned() };
    repository.set_identity(&bea, IdentityScope::Repository).unwrap();
    assert_eq!(repository.identity().unwrap(), Some((bea, IdentitySource::Repository)));
    assert_eq!(git(&root, &["config", "--local", "user.name"]).trim(), "Bea Ö");
}
