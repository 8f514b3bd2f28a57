//! Commit trees and the working directory.

use slipway_model::{EntryKind, Tree, TreeError};

use super::{Rig, git, head_tree, id, names, path, text, write};
use crate::{GitError, Head, Repository};

const FILES: [(&str, &str); 4] = [
    ("apps/web/values.yaml", "tag: 1\n"),
    ("apps/web.yaml", "a: b\n"),
    ("README.md", "# r\n"),
    (".gitignore", "*.tmp\nout/\n"),
];

#[test]
fn a_clean_working_directory_has_the_ids_of_its_commit() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    let repository = Repository::open(&root.join("apps")).unwrap();
    let (commit, disk) = (head_tree(&repository), repository.work_tree().unwrap());
    for place in ["", "apps", "apps/web", "apps/web/values.yaml", "README.md"] {
        assert_eq!(id(&commit, place), id(&disk, place), "{place}");
        assert_eq!(names(&commit, place), names(&disk, place), "{place}");
    }
    assert_eq!(names(&commit, ""), [".gitignore", "README.md", "apps"]);
    assert_eq!(names(&commit, "apps"), ["web", "web.yaml"], "sorted by name, not as Git sorts");
    let expected = git(&root, &["rev-parse", "HEAD^{tree}"]);
    assert_eq!(id(&disk, ""), Some(format!("git:{}", expected.trim())));
    assert_eq!(text(&commit, "apps/web/values.yaml").as_deref(), Some("tag: 1\n"));
    assert_eq!(text(&commit, "apps/web"), None);
    assert_eq!(text(&commit, "apps/web/values.yaml/x"), None);
    assert_eq!(text(&disk, "none"), None);
}

#[test]
fn the_working_directory_has_uncommitted_files_and_no_ignored_ones() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    write(&root, "apps/web/values.yaml", "tag: 2\n");
    write(&root, "apps/new/x.yaml", "new\n");
    write(&root, "scratch.tmp", "ignored\n");
    write(&root, "out/deep/er/file", "ignored\n");
    std::fs::create_dir_all(root.join("empty/er")).unwrap();
    write(&root, "only-ignored/a.tmp", "ignored\n");
    std::fs::remove_file(root.join("README.md")).unwrap();
    let repository = Repository::open(&root).unwrap();
    let disk = repository.work_tree().unwrap();
    assert_eq!(names(&disk, ""), [".gitignore", "apps"]);
    assert_eq!(names(&disk, "apps"), ["new", "web", "web.yaml"]);
    assert_eq!(text(&disk, "apps/web/values.yaml").as_deref(), Some("tag: 2\n"));
    assert_eq!(text(&disk, "scratch.tmp"), None);
    assert_eq!(text(&disk, ".git/config"), None);
    assert_eq!(disk.list(&path(".git")).unwrap(), None);
    git(&root, &["add", "-A"]);
    let staged = git(&root, &["write-tree"]);
    assert_eq!(id(&disk, ""), Some(format!("git:{}", staged.trim())), "the id `git add` would lead to");
}

#[test]
fn an_id_always_stands_for_the_content_that_is_read() {
    let rig = Rig::new();
    let root = rig.repository("r", &[("a.yaml", "tag: 0\n"), ("d/b.yaml", "b\n")]);
    let repository = Repository::open(&root).unwrap();
    for round in 1..=20 {
        // The same size, and often within the same tick of the file system's clock.
        let content = format!("tag: {}\n", round % 10);
        let before = repository.work_tree().unwrap();
        let old = id(&before, "");
        write(&root, "a.yaml", &content);
        let error = before.read(&path("a.yaml")).unwrap_err();
        assert!(matches!(error, TreeError::Io { .. }), "the snapshot saw another file");
        assert_eq!(id(&before, ""), old);
        let disk = repository.work_tree().unwrap();
        let expected = git2::Oid::hash_object(git2::ObjectType::Blob, content.as_bytes()).unwrap();
        assert_eq!(text(&disk, "a.yaml"), Some(content));
        assert_eq!(id(&disk, "a.yaml"), Some(format!("git:{expected}")));
        assert_ne!(id(&disk, ""), old);
    }
    let disk = repository.work_tree().unwrap();
    assert_eq!(names(&disk, "d"), ["b.yaml"]);
    std::fs::remove_file(root.join("d/b.yaml")).unwrap();
    assert!(disk.read(&path("d/b.yaml")).is_err(), "listed, but gone");
    assert_eq!(text(&repository.work_tree().unwrap(), "d/b.yaml"), None);
}

#[test]
#[cfg(unix)]
fn links_are_followed_inside_the_tree_and_never_out_of_it() {
    use std::os::unix::fs::symlink;
    let rig = Rig::new();
    let root = rig.repository("r", &[("base/values.yaml", "inside\n"), ("apps/web/own.yaml", "own\n")]);
    std::fs::write(rig.path("secret"), "outside\n").unwrap();
    symlink("../../base/values.yaml", root.join("apps/web/values.yaml")).unwrap();
    symlink("../base", root.join("apps/shared")).unwrap();
    symlink("/etc", root.join("etc")).unwrap();
    symlink("../secret", root.join("up")).unwrap();
    symlink("apps/../../secret", root.join("hidden-up")).unwrap();
    symlink("loop-b", root.join("loop-a")).unwrap();
    symlink("loop-a", root.join("loop-b")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink("base/../apps/shared/../base/values.yaml", root.join("long-way")).unwrap();
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-qm", "links"]);
    let repository = Repository::open(&root).unwrap();
    let trees: [&dyn Tree; 2] = [&head_tree(&repository), &repository.work_tree().unwrap()];
    for tree in trees {
        assert_eq!(text(tree, "apps/web/values.yaml").as_deref(), Some("inside\n"));
        assert_eq!(text(tree, "apps/shared/values.yaml").as_deref(), Some("inside\n"));
        assert_eq!(text(tree, "long-way").as_deref(), Some("inside\n"));
        assert_eq!(names(tree, "apps/shared"), ["values.yaml"]);
        assert_eq!(text(tree, "dangling"), None);
        for outside in ["etc/passwd", "up", "hidden-up", "etc"] {
            let error = tree.read(&path(outside)).unwrap_err();
            assert!(matches!(error, TreeError::LinkOutside { .. }), "{outside}: {error}");
        }
        assert!(matches!(tree.read(&path("loop-a")), Err(TreeError::LinkLoop { .. })));
        let entries = tree.list(&path("apps/web")).unwrap().unwrap();
        assert_eq!(
            entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(),
            [EntryKind::File, EntryKind::Symlink]
        );
        assert_eq!(id(tree, "apps/shared"), id(tree, "base"));
    }
    assert_eq!(id(trees[0], ""), id(trees[1], ""));
    // A directory that becomes a link after it was listed is not followed.
    let disk = repository.work_tree().unwrap();
    assert_eq!(names(&disk, "base"), ["values.yaml"]);
    std::fs::rename(root.join("base"), rig.path("moved")).unwrap();
    symlink(rig.path("moved"), root.join("base")).unwrap();
    assert!(disk.read(&path("base/values.yaml")).is_err());
}

#[test]
fn carriage_returns_on_disk_are_not_part_of_the_content() {
    let rig = Rig::new();
    let root = rig.repository(
        "r",
        &[
            (".gitattributes", "* text=auto\n*.bat eol=crlf\n"),
            ("a.yaml", "a: 1\nb: 2\n"),
            ("b.bat", "x\ny\n"),
        ],
    );
    git(&root, &["config", "core.autocrlf", "true"]);
    git(&root, &["rm", "-rq", "--cached", "."]);
    git(&root, &["reset", "-q", "--hard"]);
    assert_eq!(std::fs::read(root.join("a.yaml")).unwrap(), b"a: 1\r\nb: 2\r\n");
    let repository = Repository::open(&root).unwrap();
    let (commit, disk) = (head_tree(&repository), repository.work_tree().unwrap());
    assert_eq!(text(&disk, "a.yaml").as_deref(), Some("a: 1\nb: 2\n"));
    assert_eq!(id(&commit, ""), id(&disk, ""));
    // The same after the file system's facts say nothing any more.
    write(&root, "a.yaml", "a: 1\r\nb: 2\r\n");
    write(&root, "b.bat", "x\r\ny\r\n");
    let disk = repository.work_tree().unwrap();
    assert_eq!(id(&commit, ""), id(&disk, ""));
}

#[test]
fn pointers_and_submodules_are_shown_as_such() {
    let rig = Rig::new();
    let other = rig.repository("other", &[("inner.yaml", "x\n")]);
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    let root = rig.repository("r", &[("big.bin", pointer)]);
    git(&root, &["submodule", "add", "-q", other.to_str().unwrap(), "vendor/other"]);
    git(&root, &["commit", "-qm", "submodule"]);
    let repository = Repository::open(&root).unwrap();
    let trees: [&dyn Tree; 2] = [&head_tree(&repository), &repository.work_tree().unwrap()];
    for tree in trees {
        assert!(matches!(tree.read(&path("big.bin")), Err(TreeError::LfsPointer { .. })));
        let entries = tree.list(&path("vendor")).unwrap().unwrap();
        assert_eq!(entries[0].kind, EntryKind::Submodule);
        assert!(matches!(tree.read(&path("vendor/other/inner.yaml")), Err(TreeError::InSubmodule { .. })));
        assert_eq!(tree.list(&path("vendor/other")).unwrap(), None);
    }
    assert_eq!(id(trees[0], ""), id(trees[1], ""));
}

#[test]
fn content_that_a_filter_made_is_not_taken_for_the_committed_one() {
    let rig = Rig::new();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n";
    let attributes = "*.bin filter=lfs\n*.enc filter=crypt\n";
    let root =
        rig.repository("r", &[(".gitattributes", attributes), ("a.bin", pointer), ("s.enc", "cipher\n")]);
    let repository = Repository::open(&root).unwrap();
    write(&root, "a.bin", "the real content");
    write(&root, "s.enc", "plain\n");
    let (commit, disk) = (head_tree(&repository), repository.work_tree().unwrap());
    for tree in [&commit as &dyn Tree, &disk] {
        assert!(matches!(tree.read(&path("a.bin")), Err(TreeError::LfsPointer { .. })));
    }
    assert_eq!(text(&disk, "s.enc").as_deref(), Some("plain\n"));
    assert_ne!(id(&disk, "s.enc"), id(&commit, "s.enc"));
}

#[test]
fn a_sparse_checkout_reads_what_it_leaves_out_from_the_index() {
    let rig = Rig::new();
    let root =
        rig.repository("r", &[("apps/web/a.yaml", "a\n"), ("apps/api/b.yaml", "b\n"), ("top.yaml", "t\n")]);
    git(&root, &["sparse-checkout", "set", "--cone", "--no-sparse-index", "apps/web"]);
    assert!(!root.join("apps/api").exists());
    let repository = Repository::open(&root).unwrap();
    let (commit, disk) = (head_tree(&repository), repository.work_tree().unwrap());
    assert_eq!(text(&disk, "apps/api/b.yaml").as_deref(), Some("b\n"));
    assert_eq!(names(&disk, "apps"), ["api", "web"]);
    assert_eq!(id(&commit, ""), id(&disk, ""));
}

#[test]
fn what_cannot_be_opened_is_said() {
    let rig = Rig::new();
    let plain = rig.path("plain");
    std::fs::create_dir_all(&plain).unwrap();
    assert!(matches!(Repository::open(&plain), Err(GitError::NotARepository { .. })));
    assert!(matches!(Repository::open(&rig.path("none")), Err(GitError::NoSuchDirectory { .. })));
    git(&plain, &["init", "-q", "--bare", "bare.git"]);
    let bare = Repository::open(&plain.join("bare.git")).unwrap();
    assert!(matches!(bare.work_tree(), Err(GitError::Bare { .. })));
    git(&plain, &["init", "-q", "empty"]);
    let empty = Repository::open(&plain.join("empty")).unwrap();
    assert_eq!(empty.head().unwrap(), Head::Unborn { name: "main".to_owned() });
    assert!(matches!(empty.resolve("HEAD"), Err(GitError::NoCommit { .. })));
    assert_eq!(names(&empty.work_tree().unwrap(), ""), [""; 0]);
    assert!(empty.status().unwrap().is_clean());
    let root = rig.repository("r", &FILES);
    let repository = Repository::open(&root).unwrap();
    for revision in ["nothing", "", "-x", "main^9", "main:README.md", "0000000", "a\0b"] {
        let error = repository.resolve(revision).unwrap_err();
        assert!(matches!(error, GitError::UnknownRevision { .. }), "{revision}: {error:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_repository_of_another_user_is_refused_with_the_way_to_trust_it() {
    let rig = Rig::new();
    let root = rig.repository("r", &FILES);
    if std::os::unix::fs::chown(&root, Some(12345), None).is_err()
        || std::os::unix::fs::chown(root.join(".git"), Some(12345), None).is_err()
    {
        println!("skipped: a_repository_of_another_user: only root can give files away");
        return;
    }
    let error = Repository::open(&root).unwrap_err();
    assert!(matches!(error, GitError::UnsafeOwnership { .. }), "{error:?}");
    assert!(error.hints()[0].contains("safe.directory"));
}

#[test]
fn thousands_of_files_are_listed_and_identified() {
    let rig = Rig::new();
    let root = rig.path("big");
    for directory in 0..250 {
        for file in 0..20 {
            write(
                &root,
                &format!("apps/app-{directory}/file-{file}.yaml"),
                format!("a: {directory}-{file}\n"),
            );
        }
    }
    git(&root, &["init", "-q"]);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-qm", "big"]);
    let repository = Repository::open(&root).unwrap();
    let (commit, disk) = (head_tree(&repository), repository.work_tree().unwrap());
    assert_eq!(names(&disk, "apps").len(), 250);
    assert_eq!(id(&commit, ""), id(&disk, ""));
}
