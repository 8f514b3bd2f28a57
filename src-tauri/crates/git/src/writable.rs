//! Whether a repository may be written, told before anybody tries.

use std::path::Path;

use crate::repository::Repository;

impl Repository {
    /// Drops what is open of the repository, as is right when its folder was replaced by another.
    pub fn forget_handles(&self) {
        self.handles.forget();
    }

    /// Why nothing can be committed here: a folder that a commit writes to is not this user's to write, or lies on a
    /// drive that is mounted for reading. `None` where it can, and where the platform does not tell.
    #[must_use]
    pub fn write_protection(&self) -> Option<String> {
        let common = self.common_directory();
        let (objects, references) = (common.join("objects"), common.join("refs"));
        let folders = [Some(self.git_directory()), Some(&objects), Some(&references), self.work_directory()];
        folders.into_iter().flatten().find_map(|folder| {
            let why = refused(folder)?;
            let folder = folder.display().to_string();
            Some(format!("`{}` {why}", folder.trim_end_matches(std::path::MAIN_SEPARATOR)))
        })
    }
}

#[cfg(unix)]
fn refused(folder: &Path) -> Option<&'static str> {
    use rustix::fs::{Access, access};
    use rustix::io::Errno;
    match access(folder, Access::WRITE_OK) {
        Err(Errno::ACCESS | Errno::PERM) => Some("may not be written by you"),
        Err(Errno::ROFS) => Some("lies on a drive that is mounted for reading only"),
        // What is not there is another problem, told elsewhere.
        _ => None,
    }
}

#[cfg(not(unix))]
fn refused(folder: &Path) -> Option<&'static str> {
    std::fs::metadata(folder)
        .is_ok_and(|metadata| metadata.permissions().readonly())
        .then_some("may not be written by you")
}
