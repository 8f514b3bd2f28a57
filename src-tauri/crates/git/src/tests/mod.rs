//! Behaviour against the real `git`, which is the oracle: what it calls clean is clean.

mod cached;
mod commits;
mod hostile;
mod network;
mod servers;
mod switching;
mod trees;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use slipway_model::{CommitId, RepoPath, Tree};
use tempfile::TempDir;

use crate::{CommitTree, Repository};

/// A folder with a home of its own, in which repositories are made.
pub(crate) struct Rig {
    folder: TempDir,
}

/// Cuts the process off from the machine's own Git settings, once, before the first repository is opened.
fn isolate() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let home = std::env::temp_dir().join(format!("slipway-git-tests-{}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        #[expect(unsafe_code, reason = "the environment and libgit2's options are global to the process")]
        // SAFETY: every test that reads the environment begins here, so no other thread reads it meanwhile.
        unsafe {
            for (name, value) in [
                ("HOME", home.to_str().unwrap()),
                ("XDG_CONFIG_HOME", home.join(".config").to_str().unwrap()),
                ("GNUPGHOME", home.join(".gnupg").to_str().unwrap()),
                ("GIT_CONFIG_GLOBAL", home.join(".gitconfig").to_str().unwrap()),
                ("GIT_CONFIG_NOSYSTEM", "1"),
                // Nothing listens there until a test starts an agent.
                ("SSH_AUTH_SOCK", home.join("agent.sock").to_str().unwrap()),
                ("LC_ALL", "C"),
                ("TZ", "UTC"),
            ] {
                std::env::set_var(name, value);
            }
            for name in ["GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS", "GIT_DIR", "https_proxy"] {
                std::env::remove_var(name);
            }
            for level in [git2::ConfigLevel::Global, git2::ConfigLevel::XDG, git2::ConfigLevel::System] {
                git2::opts::set_search_path(level, &home).unwrap();
            }
        }
        let config = "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n\
                      [protocol \"file\"]\n\tallow = always\n";
        std::fs::write(home.join(".gitconfig"), config).unwrap();
    });
}

impl Rig {
    pub(crate) fn new() -> Self {
        isolate();
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// A repository with these files in one commit on `main`.
    pub(crate) fn repository(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(&path).unwrap();
        git(&path, &["init", "-q"]);
        for (file, content) in files {
            write(&path, file, content);
        }
        git(&path, &["add", "-A"]);
        git(&path, &["commit", "-q", "--allow-empty", "-m", "first"]);
        path
    }
}

/// Runs the real `git`; panics with what it said when it fails.
pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").args(arguments).current_dir(directory).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

pub(crate) fn write(root: &Path, file: &str, content: impl AsRef<[u8]>) {
    let path = root.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

pub(crate) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

pub(crate) fn head(repository: &Repository) -> CommitId {
    repository.resolve("HEAD").unwrap()
}

pub(crate) fn head_tree(repository: &Repository) -> CommitTree {
    repository.tree(&head(repository)).unwrap()
}

/// Reads a file as text.
pub(crate) fn text(tree: &dyn Tree, file: &str) -> Option<String> {
    tree.read(&path(file)).unwrap().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

pub(crate) fn names(tree: &dyn Tree, directory: &str) -> Vec<String> {
    let entries = tree.list(&path(directory)).unwrap().unwrap_or_default();
    entries.into_iter().map(|entry| entry.name).collect()
}

pub(crate) fn id(tree: &dyn Tree, file: &str) -> Option<String> {
    tree.content_id(&path(file)).unwrap().map(|id| id.as_str().to_owned())
}
