//! Repositories on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use slipway_git::{BranchTarget, CommitRequest, CommitTime, Consent, Person, Repository};
use slipway_model::RepoPath;
use slipway_render::{EngineKind, Engines};
use slipway_tests::generate::Shape;
use slipway_workspace::{Workspace, WorkspaceOptions};

/// A repository in a temporary folder: checked out, nothing changed.
pub(crate) struct OnDisk {
    pub(crate) files: usize,
    folder: tempfile::TempDir,
}

impl OnDisk {
    /// Writes and commits files.
    pub(crate) fn write(files: BTreeMap<RepoPath, Bytes>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("slipway-bench-").tempdir()?;
        let count = files.len();
        let repository = Repository::init(folder.path())?;
        // Whoever signs commits is not asked for a key by this one.
        let config = repository.git_directory().join("config");
        let text = std::fs::read_to_string(&config)? + "[commit]\n\tgpgsign = false\n";
        std::fs::write(&config, text).with_context(|| format!("{} cannot be written", config.display()))?;
        repository.write_commit(&CommitRequest {
            base: None,
            branch: BranchTarget::Current,
            changes: files.into_iter().map(|(path, bytes)| (path, Some(bytes))).collect(),
            message: "the applications as they are\n".to_owned(),
            author: None,
            identity: Some(Person { name: "Bench".to_owned(), email: "bench@harbour.example".to_owned() }),
            time: Some(CommitTime { seconds: 1_790_000_000, offset: 0 }),
            consent: Consent::default(),
        })?;
        Ok(Self { files: count, folder })
    }

    /// Clones a bundle.
    pub(crate) fn clone(bundle: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("slipway-bench-").tempdir()?;
        let status = Command::new("git")
            .args(["clone", "--quiet"])
            .args([bundle, folder.path()])
            .status()
            .context("git is needed to clone a bundle")?;
        ensure!(status.success(), "{} cannot be cloned: {status}", bundle.display());
        let listed = Command::new("git").arg("-C").arg(folder.path()).args(["ls-files", "-z"]).output()?;
        Ok(Self { files: listed.stdout.split(|byte| *byte == 0).count() - 1, folder })
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A file of it.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.folder().join(path)
    }

    /// It, opened, with nothing known of it yet.
    pub(crate) fn open(&self) -> anyhow::Result<Workspace> {
        open(self.folder())
    }
}

/// A generated repository of several engines.
pub(crate) struct Generated {
    pub(crate) shape: Shape,
    pub(crate) disk: OnDisk,
}

impl Generated {
    /// Writes and commits it.
    pub(crate) fn write(instances: usize) -> anyhow::Result<Self> {
        let shape = Shape { instances };
        Ok(Self { shape, disk: OnDisk::write(shape.files())? })
    }

    /// It, opened, with nothing known of it yet.
    pub(crate) fn open(&self) -> anyhow::Result<Workspace> {
        self.disk.open()
    }

    /// How many instances each engine renders.
    pub(crate) fn engines(&self) -> BTreeMap<EngineKind, usize> {
        let mut engines = BTreeMap::new();
        for each in self.shape.generated() {
            *engines.entry(each.engine).or_default() += 1;
        }
        engines
    }
}

/// Opens a repository, with the engines in process.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Workspace> {
    let options = WorkspaceOptions {
        engines: Engines::built_in(),
        today: || "2026-10-01".to_owned(),
        renders: None,
        remotes: Arc::new(slipway_model::NothingFetched),
    };
    Ok(Workspace::open(folder, options)?)
}
