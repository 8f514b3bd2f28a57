//! Where the windows were and what they showed, so that the next start has them again.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Folders, StoreError, write_atomically};

/// A window as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptWindow {
    /// The repository that it showed.
    #[serde(default)]
    pub repository: Option<PathBuf>,
    /// Its left and upper edge, in pixels as they are at 100 %; none where the desktop does not tell.
    #[serde(default)]
    pub position: Option<(f64, f64)>,
    /// Width and height of what is in it, in pixels as they are at 100 %.
    pub size: (f64, f64),
    /// Whether it filled its screen.
    #[serde(default)]
    pub maximized: bool,
}

/// The windows as they were last, the one that was in front last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptWindows {
    /// The list.
    pub windows: Vec<KeptWindow>,
}

impl KeptWindows {
    /// Reads the windows; none where there is no file, or one that cannot be understood.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(folders: &Folders) -> Result<Self, StoreError> {
        let path = path(folders);
        match fs::read(&path) {
            // They are a comfort: a file of another version is none.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(StoreError::File { action: "read", path, source }),
        }
    }

    /// Writes the windows.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, folders: &Folders) -> Result<(), StoreError> {
        let path = path(folders);
        let json = serde_json::to_vec_pretty(self).map_err(|error| StoreError::File {
            action: "write",
            path: path.clone(),
            source: std::io::Error::other(error),
        })?;
        write_atomically(&path, &json)
    }
}

fn path(folders: &Folders) -> PathBuf {
    folders.data.join("windows.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_read_back_and_a_broken_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        assert_eq!(KeptWindows::load(&folders).unwrap(), KeptWindows::default());
        let kept = KeptWindows {
            windows: vec![
                KeptWindow {
                    repository: Some(PathBuf::from("/home/ada/gitops")),
                    position: Some((-1200.0, 40.0)),
                    size: (1440.0, 900.5),
                    maximized: true,
                },
                KeptWindow { size: (1024.0, 640.0), ..KeptWindow::default() },
            ],
        };
        kept.save(&folders).unwrap();
        assert_eq!(KeptWindows::load(&folders).unwrap(), kept);
        fs::write(path(&folders), "{").unwrap();
        assert_eq!(KeptWindows::load(&folders).unwrap(), KeptWindows::default());
    }
}
