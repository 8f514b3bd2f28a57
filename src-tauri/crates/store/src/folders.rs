//! Where things are kept.

use std::path::{Path, PathBuf};

use crate::StoreError;

/// The folders of the platform. None of them is made before something is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Settings; small, worth a backup.
    pub config: PathBuf,
    /// The database and the sample repository; worth a backup.
    pub data: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
    /// What lives as long as the login, such as the kubeconfig of the sandbox.
    pub runtime: PathBuf,
    /// Logs.
    pub log: PathBuf,
}

impl Folders {
    /// The folders that the platform gives an application (on Linux the XDG base directories).
    ///
    /// # Errors
    /// When no home folder is known.
    pub fn of_platform() -> Result<Self, StoreError> {
        let folders =
            directories::ProjectDirs::from("dev", "Slipway", "slipway").ok_or(StoreError::NoHome)?;
        let cache = folders.cache_dir().to_path_buf();
        Ok(Self {
            config: folders.config_dir().to_path_buf(),
            data: folders.data_dir().to_path_buf(),
            runtime: folders.runtime_dir().map_or_else(|| cache.join("runtime"), Path::to_path_buf),
            log: folders.state_dir().unwrap_or(&cache).join("log"),
            cache,
        })
    }

    /// All folders below one, for tests and for portable use.
    #[must_use]
    pub fn below(folder: &Path) -> Self {
        Self {
            config: folder.join("config"),
            data: folder.join("data"),
            cache: folder.join("cache"),
            runtime: folder.join("runtime"),
            log: folder.join("log"),
        }
    }
}
