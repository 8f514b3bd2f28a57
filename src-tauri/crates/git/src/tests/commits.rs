//! Commits and what follows them.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use slipway_model::{CommitId, RepoPath};

use super::{Rig, git, head, head_tree, id, path, text, write};
use crate::{BranchTarget, CommitRequest, Committed, Consent, GitError, Repository};

const FILES: [(&str, &str); 4] = [
    ("apps/web/values.yaml", "tag: 1\n"),
    ("apps/api/values.yaml", "tag: 1\n"),
    ("notes.md", "notes\n"),
    ("run.sh", "#!/bin/sh\n"),
];

pub(crate) fn changes(list: &[(&str, Option<&str>)]) -> BTreeMap<RepoPath, Option<Bytes>> {
    list.iter()
        .map(|(file, content)| (path(file), content.map(|text| Bytes::copy_from_slice(text.as_bytes()))))
        .collect()
}

pub(crate) fn request(base: &CommitId, list: &[(&str, Option<&str>)]) -> CommitRequest {
    CommitRequest {
        base: Some(base.clone()),
        branch: BranchTarget::Current,
        changes: changes(list),
        message: "promote web\n\nbody".to_owned(),
        author: None,
        identity: None,
        time: None,
        consent: Consent::default(),
    }
}

fn commit(repository: &Repository, list: &[(&str, Option<&str>)]) -> Result<Committed, GitError> {
    repository.write_commit(&request(&head(repository), list))
}

/// `git` finds nothing to complain about.
fn assert_sound(root: &Path) {
    assert_eq!(git(root, &["status", "--porcelain"]), "");
    git(root, &["fsck", "--strict"]);
    assert!(!root.join(".git/index.lock").exists());
    assert!(!root.join(".git/slipway-pending").exists());
}

#[test]
fn after_a_commit_git_status_is_clean() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    git(&root, &["update-index", "--chmod=+x", "run.sh"]);
    git(&root, &["commit", "-qm", "executable"]);
    git(&root, &["checkout", "-q", "."]);
    let repository = Repository::open(&root).unwrap();
    let before = head(&repository);
    let committed = commit(
        &repository,
        &[
            ("apps/web/values.yaml", Some("tag: 2\n")),
            ("apps/api/values.yaml", None),
            ("apps/new/deep/x.yaml", Some("x: 1")),
            ("run.sh", Some("#!/bin/sh\necho\n")),
        ],
    )
    .unwrap();
    assert_sound(&root);
    assert_eq!(committed.branch.as_deref(), Some("main"));
    assert_eq!(committed.paths.len(), 4);
    assert_eq!(std::fs::read_to_string(root.join("apps/web/values.yaml")).unwrap(), "tag: 2\n");
    assert!(!root.join("apps/api").exists(), "Git removes directories that become empty");
    assert_eq!(git(&root, &["rev-parse", "HEAD"]).trim(), committed.commit.as_str());
    assert_eq!(git(&root, &["rev-parse", "HEAD^"]).trim(), before.as_str());
    assert_eq!(
        git(&root, &["log", "-1", "--format=%an <%ae> %s|%b"]).trim(),
        "Ada <ada@example.com> promote web|body"
    );
    assert!(git(&root, &["ls-files", "-s", "run.sh"]).starts_with("100755"));
    assert!(git(&root, &["reflog", "-1"]).contains("commit: promote web"));
    assert!(git(&root, &["reflog", "-1", "main"]).contains("commit: promote web"));
    assert_eq!(id(&head_tree(&repository), ""), id(&repository.work_tree().unwrap(), ""));
}

#[test]
fn a_persons_own_work_is_untouched() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    write(&root, "notes.md", "mine\n");
    write(&root, "apps/api/values.yaml", "staged\n");
    git(&root, &["add", "apps/api/values.yaml"]);
    write(&root, "untracked.txt", "mine\n");
    let repository = Repository::open(&root).unwrap();
    commit(&repository, &[("apps/web/values.yaml", Some("tag: 2\n"))]).unwrap();
    let status = git(&root, &["status", "--porcelain"]);
    assert_eq!(status, "M  apps/api/values.yaml\n M notes.md\n?? untracked.txt\n");
    let ours = repository.status().unwrap();
    assert_eq!(ours.staged, [path("apps/api/values.yaml")]);
    assert_eq!(ours.changed, [path("notes.md")]);
    assert_eq!(ours.untracked, [path("untracked.txt")]);
    assert_eq!(git(&root, &["show", "--name-only", "--format=", "HEAD"]).trim(), "apps/web/values.yaml");
}

#[test]
fn a_file_with_changes_of_its_own_stops_the_commit_before_anything_is_written() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    write(&root, "notes.md", "mine\n");
    write(&root, "apps/api/values.yaml", "staged\n");
    git(&root, &["add", "apps/api/values.yaml"]);
    write(&root, "untracked.txt", "mine\n");
    write(&root, "folder/inner.txt", "mine\n");
    std::fs::remove_file(root.join("run.sh")).unwrap();
    let repository = Repository::open(&root).unwrap();
    let (status, tip) = (git(&root, &["status", "--porcelain"]), head(&repository));
    for file in ["notes.md", "apps/api/values.yaml", "untracked.txt", "run.sh", "folder", "untracked.txt/x"] {
        let error = commit(&repository, &[(file, Some("ours\n")), ("ok.yaml", Some("ok\n"))]).unwrap_err();
        let GitError::UncommittedChanges { paths } = &error else { panic!("{file}: {error}") };
        assert_eq!(paths, &[path(file)]);
        assert!(error.to_string().contains(file));
    }
    assert_eq!(git(&root, &["status", "--porcelain"]), status);
    assert_eq!(head(&repository), tip);
    // A new branch is still possible, and touches nothing.
    let mut new = request(&tip, &[("notes.md", Some("ours\n"))]);
    new.branch = BranchTarget::New("promote/web".to_owned());
    let committed = repository.write_commit(&new).unwrap();
    assert_eq!(git(&root, &["show", "promote/web:notes.md"]), "ours\n");
    assert_eq!(git(&root, &["status", "--porcelain"]), status);
    assert_eq!(git(&root, &["rev-parse", "promote/web"]).trim(), committed.commit.as_str());
    assert!(matches!(repository.write_commit(&new), Err(GitError::BranchExists { .. })));
}

#[test]
fn a_branch_that_is_not_checked_out_moves_alone() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    git(&root, &["branch", "other"]);
    write(&root, "notes.md", "mine\n");
    let repository = Repository::open(&root).unwrap();
    let base = head(&repository);
    let mut wanted = request(&base, &[("notes.md", Some("theirs\n"))]);
    wanted.branch = BranchTarget::Existing("other".to_owned());
    wanted.author = Some(crate::Person { name: "Grace".to_owned(), email: "grace@example.com".to_owned() });
    let committed = repository.write_commit(&wanted).unwrap();
    assert_eq!(git(&root, &["status", "--porcelain"]), " M notes.md\n");
    assert_eq!(head(&repository), base);
    let info = repository.commit(&committed.commit).unwrap();
    assert_eq!((info.author.name.as_str(), info.committer.name.as_str()), ("Grace", "Ada"));
    assert_eq!(info.parents, std::slice::from_ref(&base));
    git(&root, &["update-ref", "refs/remotes/origin/main", base.as_str()]);
    git(&root, &["remote", "add", "origin", "https://token@git.example.com/r.git"]);
    git(&root, &["branch", "-q", "--set-upstream-to=origin/main", "main"]);
    let branches = repository.branches().unwrap();
    let shown: Vec<_> = branches
        .iter()
        .map(|each| (each.name.as_str(), each.remote.as_deref(), each.upstream.as_deref(), each.is_head))
        .collect();
    assert_eq!(
        shown,
        [
            ("main", None, Some("origin/main"), true),
            ("other", None, None, false),
            ("origin/main", Some("origin"), None, false)
        ]
    );
    assert_eq!(repository.remotes().unwrap()[0].url, "https://git.example.com/r.git");
    wanted.branch = BranchTarget::Existing("none".to_owned());
    assert!(matches!(repository.write_commit(&wanted), Err(GitError::NoSuchBranch { .. })));
    wanted.branch = BranchTarget::New("rootless".to_owned());
    wanted.base = None;
    assert!(matches!(repository.write_commit(&wanted), Err(GitError::TipMoved { .. })));
}

#[test]
fn a_branch_that_moved_is_not_overwritten() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    let repository = Repository::open(&root).unwrap();
    let base = head(&repository);
    git(&root, &["commit", "-q", "--allow-empty", "-m", "theirs"]);
    let error = repository.write_commit(&request(&base, &[("notes.md", Some("x\n"))])).unwrap_err();
    assert!(matches!(error, GitError::TipMoved { .. }), "{error}");
    assert_sound(&root);
}

#[test]
fn changes_that_cannot_be_made_are_refused() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    #[cfg(unix)]
    std::os::unix::fs::symlink("apps", root.join("link")).unwrap();
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-qm", "link"]);
    let repository = Repository::open(&root).unwrap();
    for (file, content) in [
        (".git/hooks/pre-commit", Some("x")),
        ("apps/.GIT/config", Some("x")),
        (".", Some("x")),
        ("apps", Some("x")),
        ("apps", None),
        ("none.yaml", None),
        ("notes.md/below", Some("x")),
        ("link", Some("x")),
        ("link/web/values.yaml", Some("x")),
    ] {
        let error = commit(&repository, &[(file, content)]).unwrap_err();
        assert!(matches!(error, GitError::InvalidChange { .. }), "{file}: {error}");
    }
    assert!(matches!(commit(&repository, &[("notes.md", Some("notes\n"))]), Err(GitError::NothingToCommit)));
    let mut empty = request(&head(&repository), &[("notes.md", Some("x"))]);
    empty.message = " \n".to_owned();
    assert!(matches!(repository.write_commit(&empty), Err(GitError::EmptyMessage)));
    for name in ["-x", "a..b", "HEAD", "a b", ""] {
        empty.branch = BranchTarget::New(name.to_owned());
        assert!(matches!(repository.write_commit(&empty), Err(GitError::InvalidBranchName { .. })), "{name}");
    }
    assert_sound(&root);
}

#[test]
fn a_file_takes_the_place_of_a_directory_and_back() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    let repository = Repository::open(&root).unwrap();
    commit(&repository, &[("apps/web/values.yaml", None), ("apps/web", Some("file\n"))]).unwrap();
    assert_sound(&root);
    commit(&repository, &[("apps/web", None), ("apps/web/a.yaml", Some("a\n"))]).unwrap();
    assert_sound(&root);
    assert_eq!(std::fs::read_to_string(root.join("apps/web/a.yaml")).unwrap(), "a\n");
}

#[test]
fn line_endings_on_disk_are_those_the_attributes_ask_for() {
    let rig = Rig::new();
    let attributes = "*.yaml text eol=crlf\n*.sh text eol=lf\n*.id ident\n";
    let root =
        rig.repository("r", &[(".gitattributes", attributes), ("a.yaml", "a\nb\n"), ("x.id", "$Id$\n")]);
    let repository = Repository::open(&root).unwrap();
    commit(
        &repository,
        &[
            ("a.yaml", Some("a\nc\n")),
            ("b.yaml", Some("b\r\n")),
            ("c.sh", Some("c\r\n")),
            ("x.id", Some("$Id$ 2\n")),
        ],
    )
    .unwrap();
    assert_sound(&root);
    assert_eq!(std::fs::read(root.join("a.yaml")).unwrap(), b"a\r\nc\r\n");
    assert_eq!(git(&root, &["cat-file", "blob", "HEAD:a.yaml"]), "a\nc\n");
    assert_eq!(git(&root, &["cat-file", "blob", "HEAD:b.yaml"]), "b\n");
    assert_eq!(std::fs::read(root.join("c.sh")).unwrap(), b"c\n");
    let on_disk = std::fs::read_to_string(root.join("x.id")).unwrap();
    std::fs::remove_file(root.join("x.id")).unwrap();
    git(&root, &["checkout", "-q", "x.id"]);
    assert_eq!(on_disk, std::fs::read_to_string(root.join("x.id")).unwrap());
    assert_eq!(text(&repository.work_tree().unwrap(), "x.id").as_deref(), Some("$Id$ 2\n"));
}

#[test]
fn a_filter_program_is_not_run_and_said() {
    let rig = Rig::new();
    let root = rig.repository("r", &[(".gitattributes", "*.enc filter=crypt\n"), ("a.yaml", "a\n")]);
    let repository = Repository::open(&root).unwrap();
    let error = commit(&repository, &[("s.enc", Some("secret\n"))]).unwrap_err();
    assert!(matches!(&error, GitError::Filtered { filter, .. } if filter == "crypt"), "{error}");
    let problems =
        repository.preflight(&BranchTarget::Current, &[path("s.enc")], &Consent::default()).unwrap();
    assert!(problems.iter().any(|problem| problem.code == "filter-not-run" && problem.is_error()));
}

#[test]
fn worktrees_keep_their_branches() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    let other = rig.path("other");
    git(&root, &["worktree", "add", "-q", "-b", "side", other.to_str().unwrap()]);
    let main = Repository::open(&root).unwrap();
    let side = Repository::open(&other).unwrap();
    let mut to_side = request(&head(&main), &[("notes.md", Some("x\n"))]);
    to_side.branch = BranchTarget::Existing("side".to_owned());
    let error = main.write_commit(&to_side).unwrap_err();
    assert!(
        matches!(&error, GitError::CheckedOutElsewhere { worktree, .. } if *worktree == other),
        "{error}"
    );
    commit(&side, &[("notes.md", Some("side\n"))]).unwrap();
    assert_eq!(git(&other, &["status", "--porcelain"]), "");
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
    let mut to_main = request(&head(&side), &[("run.sh", Some("x\n"))]);
    to_main.branch = BranchTarget::Existing("main".to_owned());
    to_main.base = Some(head(&main));
    assert!(matches!(side.write_commit(&to_main), Err(GitError::CheckedOutElsewhere { .. })));
    assert_sound(&root);
}

#[test]
fn a_sparse_checkout_stays_sparse() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    git(&root, &["sparse-checkout", "set", "--cone", "--no-sparse-index", "apps/web"]);
    let repository = Repository::open(&root).unwrap();
    commit(
        &repository,
        &[
            ("apps/api/values.yaml", Some("tag: 2\n")),
            ("apps/api/new.yaml", Some("n\n")),
            ("apps/web/new.yaml", Some("n\n")),
        ],
    )
    .unwrap();
    assert_sound(&root);
    assert!(!root.join("apps/api").exists());
    assert!(root.join("apps/web/new.yaml").exists());
    git(&root, &["sparse-checkout", "disable"]);
    assert_sound(&root);
    assert_eq!(std::fs::read_to_string(root.join("apps/api/new.yaml")).unwrap(), "n\n");
}

#[test]
fn an_index_that_is_not_read_stops_a_commit_but_not_reading() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    git(&root, &["sparse-checkout", "set", "--cone", "--sparse-index", "apps/web"]);
    let repository = Repository::open(&root).unwrap();
    let error = commit(&repository, &[("apps/web/values.yaml", Some("tag: 2\n"))]).unwrap_err();
    assert!(matches!(error, GitError::UnsupportedIndex { .. }), "{error}");
    assert!(error.hints()[0].contains("--no-sparse-index"));
    assert_eq!(text(&repository.work_tree().unwrap(), "apps/web/values.yaml").as_deref(), Some("tag: 1\n"));
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
}

#[test]
fn a_merge_in_progress_is_not_disturbed() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    git(&root, &["checkout", "-qb", "side"]);
    write(&root, "notes.md", "side\n");
    git(&root, &["commit", "-qam", "side"]);
    git(&root, &["checkout", "-q", "main"]);
    git(&root, &["merge", "-q", "--no-commit", "--no-ff", "side"]);
    let repository = Repository::open(&root).unwrap();
    let error = commit(&repository, &[("run.sh", Some("x\n"))]).unwrap_err();
    assert!(matches!(error, GitError::InProgress { .. }), "{error}");
    assert_eq!(repository.status().unwrap().in_progress.as_deref(), Some("merge"));
}

#[test]
fn the_first_commit_of_a_repository() {
    let rig = Rig::new();
    let root = rig.path("new");
    let repository = Repository::init(&root).unwrap();
    let mut first = request(&CommitId::new(""), &[("a/b.yaml", Some("b\n"))]);
    first.base = None;
    repository.write_commit(&first).unwrap();
    assert_sound(&root);
    assert_eq!(git(&root, &["branch", "--show-current"]).trim(), "main");
    assert!(matches!(repository.write_commit(&first), Err(GitError::TipMoved { .. })));
}

#[test]
fn a_detached_head_moves_alone() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    git(&root, &["checkout", "-q", "--detach"]);
    let repository = Repository::open(&root).unwrap();
    let committed = commit(&repository, &[("notes.md", Some("x\n"))]).unwrap();
    assert_eq!(committed.branch, None);
    assert_sound(&root);
    assert_ne!(git(&root, &["rev-parse", "main"]).trim(), committed.commit.as_str());
}

#[test]
fn an_unpushed_commit_can_be_undone() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    let repository = Repository::open(&root).unwrap();
    let before = head(&repository);
    let list = [("notes.md", Some("x\n")), ("run.sh", None), ("new/a.yaml", Some("a\n"))];
    let committed = commit(&repository, &list).unwrap();
    write(&root, "apps/web/values.yaml", "mine\n");
    write(&root, "notes.md", "touched\n");
    let error = repository.undo_commit(&committed.commit, &BranchTarget::Current).unwrap_err();
    assert!(matches!(error, GitError::UncommittedChanges { .. }), "{error}");
    write(&root, "notes.md", "x\n");
    git(&root, &["update-ref", "refs/remotes/origin/main", committed.commit.as_str()]);
    let error = repository.undo_commit(&committed.commit, &BranchTarget::Current).unwrap_err();
    assert!(matches!(error, GitError::AlreadyPushed { .. }), "{error}");
    git(&root, &["update-ref", "-d", "refs/remotes/origin/main"]);
    repository.undo_commit(&committed.commit, &BranchTarget::Current).unwrap();
    assert_eq!(head(&repository), before);
    assert_eq!(git(&root, &["status", "--porcelain"]), " M apps/web/values.yaml\n");
    assert!(!root.join("new").exists());
    let error = repository.undo_commit(&committed.commit, &BranchTarget::Current).unwrap_err();
    assert!(matches!(error, GitError::NotTheTip { .. }), "{error}");
    assert!(matches!(
        repository.undo_commit(&before, &BranchTarget::Current),
        Err(GitError::CannotUndo { .. })
    ));
}

#[test]
#[cfg(unix)]
fn a_branch_moves_forward_with_links_modes_and_directories() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    git(&root, &["checkout", "-qb", "next"]);
    std::os::unix::fs::symlink("../notes.md", root.join("apps/link")).unwrap();
    std::fs::remove_dir_all(root.join("apps/api")).unwrap();
    write(&root, "apps/api", "now a file\n");
    git(&root, &["add", "-A"]);
    git(&root, &["update-index", "--chmod=+x", "run.sh"]);
    git(&root, &["commit", "-qm", "next"]);
    git(&root, &["reset", "-q", "--hard"]);
    git(&root, &["checkout", "-q", "main"]);
    let repository = Repository::open(&root).unwrap();
    let next = repository.resolve("next").unwrap();
    write(&root, "notes.md", "mine\n");
    let paths = repository.fast_forward(&BranchTarget::Current, &next).unwrap();
    assert_eq!(paths, ["apps/api", "apps/api/values.yaml", "apps/link", "run.sh"].map(path));
    assert_eq!(git(&root, &["status", "--porcelain"]), " M notes.md\n");
    git(&root, &["checkout", "-q", "notes.md"]);
    git(&root, &["reset", "-q", "--hard", "HEAD^"]);
    git(&root, &["commit", "-q", "--allow-empty", "-m", "own"]);
    assert!(matches!(repository.fast_forward(&BranchTarget::Current, &next), Err(GitError::Diverged { .. })));
}

#[test]
fn an_interrupted_write_is_completed_when_the_branch_moved_and_dropped_when_not() {
    let rig = Rig::new();
    for moved in [true, false] {
        let root = rig.repository(if moved { "moved" } else { "unmoved" }, &FILES);
        let list = [("notes.md", Some("x\n")), ("run.sh", None), ("new/a.yaml", Some("a\n"))];
        {
            let repository = Repository::open(&root).unwrap();
            crate::pending::crash::after_the_branch_moved(moved);
            let error = commit(&repository, &list).unwrap_err();
            assert!(error.to_string().contains("interrupted"), "{error}");
        }
        assert!(root.join(".git/index.lock").exists(), "the crash leaves traces");
        assert_eq!(std::fs::read_to_string(root.join("notes.md")).unwrap(), "notes\n");
        write(&root, "apps/web/values.yaml", "mine\n");
        let repository = Repository::open(&root).unwrap();
        assert_eq!(git(&root, &["status", "--porcelain"]), " M apps/web/values.yaml\n");
        assert_eq!(
            std::fs::read_to_string(root.join("notes.md")).unwrap(),
            if moved { "x\n" } else { "notes\n" }
        );
        assert!(!root.join(".git/slipway-pending").exists());
        commit(&repository, &[("other.yaml", Some("o\n"))]).unwrap();
    }
}

#[test]
fn a_locked_index_is_left_alone() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    write(&root, ".git/index.lock", "");
    let repository = Repository::open(&root).unwrap();
    let error = commit(&repository, &[("notes.md", Some("x\n"))]).unwrap_err();
    assert!(matches!(error, GitError::IndexLocked { .. }), "{error}");
    assert!(root.join(".git/index.lock").exists());
    std::fs::remove_file(root.join(".git/index.lock")).unwrap();
    assert_sound(&root);
}

#[test]
fn patches_apply() {
    let rig = Rig::new();
    let root = rig.repository(
        "r",
        &[
            ("a b.yaml", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
            ("gone.yaml", "x"),
            ("ünï.yaml", "u\r\nv\r\n"),
            ("empty", ""),
        ],
    );
    let repository = Repository::open(&root).unwrap();
    let list = changes(&[
        ("a b.yaml", Some("1\nzwei\n3\n4\n5\n6\n7\n8\nnine")),
        ("gone.yaml", None),
        ("empty", None),
        ("new/\"q\".yaml", Some("n\n")),
        ("new/none", Some("")),
        ("ünï.yaml", Some("u\r\nw\r\n")),
    ]);
    let patch = repository.diff_patch(&head(&repository), &list).unwrap();
    std::fs::write(rig.path("p.patch"), &patch).unwrap();
    git(&root, &["apply", "--index", rig.path("p.patch").to_str().unwrap()]);
    for (file, content) in &list {
        let on_disk = std::fs::read(root.join(file.as_str())).ok();
        assert_eq!(on_disk.as_deref(), content.as_deref(), "{file}");
    }
    git(&root, &["reset", "-q", "--hard"]);
    let author = crate::Person { name: "Grace Ünal".to_owned(), email: "grace@example.com".to_owned() };
    let message = "promote: drücken\n\nbody\n--- not the end\n";
    let mail = repository.mail_patch(&head(&repository), &list, message, &author).unwrap();
    std::fs::write(rig.path("p.mail"), mail).unwrap();
    git(&root, &["am", "-q", "--keep-cr", rig.path("p.mail").to_str().unwrap()]);
    assert_eq!(git(&root, &["status", "--porcelain"]), "");
    assert_eq!(
        git(&root, &["log", "-1", "--format=%an <%ae>|%s|%b"]).trim(),
        "Grace Ünal <grace@example.com>|promote: drücken|body\n --- not the end"
    );
    for (file, content) in &list {
        let on_disk = std::fs::read(root.join(file.as_str())).ok();
        assert_eq!(on_disk.as_deref(), content.as_deref(), "{file}");
    }
    let binary = BTreeMap::from([(path("b.bin"), Some(Bytes::from_static(b"\0\x01")))]);
    assert!(matches!(repository.diff_patch(&head(&repository), &binary), Err(GitError::Binary { .. })));
}

#[test]
fn the_history_of_a_path_holds_the_commits_that_changed_it() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    let repository = Repository::open(&root).unwrap();
    for round in 0..5 {
        let content = format!("tag: {round}0\n");
        let file = if round % 2 == 0 { "apps/web/values.yaml" } else { "notes.md" };
        commit(&repository, &[(file, Some(&content))]).unwrap();
    }
    let tip = head(&repository);
    let web = repository.history(&tip, Some(&path("apps/web")), 100).unwrap();
    let expected = git(&root, &["log", "--first-parent", "--format=%H", "--", "apps/web"]);
    assert_eq!(
        web.iter().map(|each| each.id.as_str()).collect::<Vec<_>>(),
        expected.lines().collect::<Vec<_>>()
    );
    assert_eq!(repository.history(&tip, None, 3).unwrap().len(), 3);
    assert_eq!(repository.history(&tip, None, 100).unwrap().len(), 6);
    let first = repository.resolve("HEAD~5").unwrap();
    assert_eq!(
        repository.changed_paths(&first, &tip).unwrap(),
        [path("apps/web/values.yaml"), path("notes.md")]
    );
    assert_eq!(repository.ahead_behind(&tip, &first).unwrap().ahead, 5);
    assert_eq!(repository.merge_base(&tip, &first).unwrap(), Some(first));
}

#[test]
fn a_partial_clone_says_what_it_lacks() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    git(&root, &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", root.display());
    git(&rig.path(""), &["clone", "-q", "--no-checkout", "--filter=blob:none", &url, "partial"]);
    let repository = Repository::open(&rig.path("partial")).unwrap();
    let tree = head_tree(&repository);
    assert_eq!(super::names(&tree, "apps"), ["api", "web"]);
    let error = slipway_model::Tree::read(&tree, &path("notes.md")).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("is not in this repository"), "{source}");
    let problems = repository.preflight(&BranchTarget::Current, &[], &Consent::default()).unwrap();
    assert!(problems.iter().any(|problem| problem.code == "partial-clone"));
    write(&root, "notes.md", "2\n");
    git(&root, &["commit", "-qam", "second"]);
    let network = crate::Network::new(crate::Transport::installed().unwrap());
    repository.fetch("origin", &network, &mut |_| {}, &crate::Cancel::new()).unwrap();
    let tip = repository.resolve("origin/main").unwrap();
    assert_eq!(repository.commit(&tip).unwrap().subject, "second");
    git(&rig.path("partial"), &["fsck"]);
}

#[test]
fn a_shallow_clone_has_the_history_it_has() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    write(&root, "notes.md", "2\n");
    git(&root, &["commit", "-qam", "second"]);
    let url = format!("file://{}", root.display());
    git(&rig.path(""), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let repository = Repository::open(&rig.path("shallow")).unwrap();
    assert_eq!(repository.history(&head(&repository), None, 10).unwrap().len(), 1);
    let problems = repository.preflight(&BranchTarget::Current, &[], &Consent::default()).unwrap();
    assert!(problems.iter().any(|problem| problem.code == "shallow-history"));
    commit(&repository, &[("notes.md", Some("3\n"))]).unwrap();
    assert_sound(&rig.path("shallow"));
}
