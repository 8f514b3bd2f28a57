//! Files that were fetched from the web, by their address.
//!
//! `remotes/files/ID.json` and `ID.content` below the cache folder; ID is a digest of the address. What was fetched stays
//! until it is fetched again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use slipway_model::ContentId;

use crate::{Folders, StoreError, write_atomically};

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchedFile {
    /// Its name in the store.
    pub id: String,
    /// The address, without user and password.
    pub url: String,
    /// The digest of its content: `sha256:…`.
    pub digest: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was fetched, in seconds since 1970.
    pub fetched_at: u64,
}

/// Fetched files in the cache folder. Several processes may use it.
#[derive(Clone, Debug)]
pub struct FetchedFiles {
    folder: PathBuf,
}

impl FetchedFiles {
    /// The store of the platform's cache folder. Nothing is made before something is written.
    #[must_use]
    pub fn new(folders: &Folders) -> Self {
        Self { folder: folders.cache.join("remotes").join("files") }
    }

    /// The file that was fetched from an address; `None` where none was, or its content is not whole any more.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn find(&self, url: &str) -> Result<Option<(FetchedFile, Vec<u8>)>, StoreError> {
        let id = id_of(url);
        let Some(record) = read(&self.record(&id))? else { return Ok(None) };
        let Ok(record) = serde_json::from_slice::<FetchedFile>(&record) else { return Ok(None) };
        let content = read(&self.content(&id))?;
        let whole = content.filter(|content| ContentId::of_bytes(content).as_str() == record.digest);
        Ok(whole.map(|content| (record, content)))
    }

    /// Keeps what an address gave at a time, in seconds since 1970. `shown` is the address without user and password.
    ///
    /// # Errors
    /// When it cannot be written. Where that is the case half-way, it counts as not fetched.
    pub fn keep(&self, url: &str, shown: &str, content: &[u8], now: u64) -> Result<FetchedFile, StoreError> {
        let id = id_of(url);
        let file = FetchedFile {
            url: shown.to_owned(),
            digest: ContentId::of_bytes(content).as_str().to_owned(),
            size: content.len() as u64,
            fetched_at: now,
            id,
        };
        write_atomically(&self.content(&file.id), content)?;
        let record = serde_json::to_vec_pretty(&file).map_err(|error| StoreError::File {
            action: "write",
            path: self.record(&file.id),
            source: error.into(),
        })?;
        write_atomically(&self.record(&file.id), &record)?;
        Ok(file)
    }

    /// All fetched files, by address.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<FetchedFile>, StoreError> {
        let failed = |source| StoreError::File { action: "list", path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut all = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "json")
                && let Some(record) = read(&path)?
            {
                all.extend(serde_json::from_slice::<FetchedFile>(&record).ok());
            }
        }
        all.sort_by(|left, right| left.url.cmp(&right.url));
        Ok(all)
    }

    /// Forgets a file.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn forget(&self, file: &FetchedFile) -> Result<(), StoreError> {
        for path in [self.record(&file.id), self.content(&file.id)] {
            match fs::remove_file(&path) {
                Err(source) if source.kind() != ErrorKind::NotFound => {
                    return Err(StoreError::File { action: "remove", path, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn record(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn content(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.content"))
    }
}

fn id_of(url: &str) -> String {
    let id = ContentId::of_bytes(url.as_bytes());
    id.as_str().trim_start_matches("sha256:").chars().take(40).collect()
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { action: "read", path: path.to_path_buf(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stays_until_it_is_fetched_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = FetchedFiles::new(&Folders::below(folder.path()));
        let url = "https://ada:secret@example.com/a.yaml";
        assert_eq!(store.find(url).unwrap(), None);
        assert_eq!(store.list().unwrap(), []);
        store.keep(url, "https://example.com/a.yaml", b"a: 1", 10).unwrap();
        let second = store.keep(url, "https://example.com/a.yaml", b"a: 2", 20).unwrap();
        let (found, content) = store.find(url).unwrap().unwrap();
        assert_eq!((&found, &content[..]), (&second, &b"a: 2"[..]));
        assert_eq!(store.list().unwrap(), std::slice::from_ref(&second));
        assert!(!serde_json::to_string(&found).unwrap().contains("secret"));
        fs::write(store.content(&second.id), "a: 3").unwrap();
        assert_eq!(store.find(url).unwrap(), None, "damaged content counts as none");
        store.forget(&second).unwrap();
        assert_eq!(store.list().unwrap(), []);
    }
}
