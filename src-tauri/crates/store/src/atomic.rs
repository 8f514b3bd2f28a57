//! Writing a file so that a crash leaves the old one or the new one.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::StoreError;

/// Writes a file readable by its owner alone, by way of a temporary file beside it and a rename.
///
/// # Errors
/// When the folder cannot be made or the file cannot be written.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let failed = |action| move |source| StoreError::File { action, path: path.to_path_buf(), source };
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).map_err(failed("make the folder of"))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed("write"))?;
    file.write_all(content).map_err(failed("write"))?;
    file.as_file().sync_all().map_err(failed("write"))?;
    file.persist(path).map_err(|error| failed("write")(error.error))?;
    Ok(())
}
