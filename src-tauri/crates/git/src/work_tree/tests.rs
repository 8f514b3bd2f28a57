//! What is remembered from one look to the next.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use slipway_model::{EntryKind, RepoPath, Tree};

use super::{Memory, WorkTree};
use crate::Repository;
use crate::tests::{Rig, git, path, write};

const FILES: [(&str, &str); 4] = [
    ("apps/web/a.yaml", "tag: 1\n"),
    ("apps/web/b.yaml", "tag: 1\n"),
    ("apps/api/a.yaml", "tag: 1\n"),
    ("README.md", "# r\n"),
];

/// A repository whose files and directories were last changed long ago, and are what the index knows.
fn repository(rig: &Rig) -> Repository {
    let root = rig.repository("r", &FILES);
    let places = FILES.iter().map(|(file, _)| *file).chain(["apps/web", "apps/api", "apps", ""]);
    for place in places {
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        File::open(root.join(place)).unwrap().set_modified(long_ago).unwrap();
    }
    git(&root, &["update-index", "--refresh"]);
    let mut repository = Repository::open(&root).unwrap();
    // Times that were set are as good as times that passed.
    repository.memory = Arc::new(Memory::after(Duration::ZERO));
    repository
}

/// Everything in and below a directory, with its kind and id.
fn everything(tree: &WorkTree, directory: &RepoPath) -> Vec<(String, EntryKind, Option<String>)> {
    let mut found = Vec::new();
    for entry in tree.list(directory).unwrap().unwrap_or_default() {
        let child = directory.child(&entry.name);
        let id = tree.content_id(&child).unwrap().map(|id| id.as_str().to_owned());
        found.push((child.to_string(), entry.kind, id));
        if entry.kind == EntryKind::Directory {
            found.extend(everything(tree, &child));
        }
    }
    found
}

fn look(repository: &Repository) -> (WorkTree, Vec<(String, EntryKind, Option<String>)>) {
    let tree = repository.work_tree().unwrap();
    // First the id of all, as who asks whether anything changed does.
    tree.content_id(&RepoPath::root()).unwrap();
    let found = everything(&tree, &RepoPath::root());
    (tree, found)
}

fn is_remembered(before: &WorkTree, after: &WorkTree, directory: &str) -> bool {
    let entries = |tree: &WorkTree| tree.inner.looked(&path(directory)).unwrap().entries;
    Arc::ptr_eq(&entries(before), &entries(after))
}

#[test]
#[cfg(unix)]
fn what_did_not_change_is_not_looked_at_again() {
    let rig = Rig::new();
    let repository = repository(&rig);
    let (first, found) = look(&repository);
    assert_eq!(found.len(), 7);
    write(first.root(), "apps/api/a.yaml", "tag: 2\n");
    let (second, _) = look(&repository);
    for (directory, expected) in [("", true), ("apps", true), ("apps/web", true), ("apps/api", false)] {
        assert_eq!(is_remembered(&first, &second, directory), expected, "`{directory}`");
    }
}

#[test]
fn what_changed_a_moment_ago_is_not_remembered() {
    let rig = Rig::new();
    let mut repository = repository(&rig);
    repository.memory = Arc::default();
    let (first, _) = look(&repository);
    let (second, _) = look(&repository);
    // The times of change, which nobody can set, are those of this test.
    assert!(!is_remembered(&first, &second, "apps/web"));
}

#[test]
#[cfg(unix)]
fn what_changed_is_as_at_a_first_look() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    type Change = fn(&Path);
    let changes: [(&str, Change); 10] = [
        ("a file of the same size", |root| write(root, "apps/web/a.yaml", "tag: 2\n")),
        ("a file that may be executed", |root| {
            fs::set_permissions(root.join("apps/web/a.yaml"), fs::Permissions::from_mode(0o755)).unwrap();
        }),
        ("a new file", |root| write(root, "apps/web/new.yaml", "new\n")),
        ("a new directory", |root| write(root, "apps/new/a.yaml", "new\n")),
        ("a file that is gone", |root| fs::remove_file(root.join("apps/web/a.yaml")).unwrap()),
        ("a directory without files", |root| {
            fs::remove_file(root.join("apps/web/a.yaml")).unwrap();
            fs::remove_file(root.join("apps/web/b.yaml")).unwrap();
        }),
        ("a link in place of a file", |root| {
            fs::remove_file(root.join("apps/web/a.yaml")).unwrap();
            symlink("b.yaml", root.join("apps/web/a.yaml")).unwrap();
        }),
        ("a link in place of a directory", |root| {
            fs::rename(root.join("apps/web"), root.join("other")).unwrap();
            symlink("../other", root.join("apps/web")).unwrap();
        }),
        ("a file that only the index no longer holds", |root| {
            fs::write(root.join(".git/info/exclude"), "/apps/web/a.yaml\n").unwrap();
            git(root, &["rm", "-q", "--cached", "apps/web/a.yaml"]);
        }),
        ("a file that is executable where the disk does not tell", |root| {
            git(root, &["config", "core.filemode", "false"]);
        }),
    ];
    for (what, change) in changes {
        let rig = Rig::new();
        let repository = repository(&rig);
        git(repository.work_directory().unwrap(), &["update-index", "--chmod=+x", "README.md"]);
        let (first, before) = look(&repository);
        let (second, _) = look(&repository);
        for directory in ["", "apps", "apps/web", "apps/api"] {
            assert!(is_remembered(&first, &second, directory), "`{directory}` before {what}");
        }
        change(second.root());
        let (_, found) = look(&repository);
        let (_, expected) = look(&Repository::open(second.root()).unwrap());
        assert_eq!(found, expected, "{what}");
        assert_ne!(found, before, "{what}");
    }
}
