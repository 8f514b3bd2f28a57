//! What Slipway keeps on disk: settings, recent repositories, runs, drafts, the render cache, fetched files, credentials,
//! where windows were, logs.
//!
//! It knows folders and formats. It does not know what a run means or when something is rendered. Every
//! write is atomic. Start reading at [`Folders`].

mod atomic;
mod crash;
mod credentials;
mod database;
mod files;
mod folders;
mod layout;
mod log;
mod renders;
mod running;
mod settings;

pub use atomic::write_atomically;
pub use crash::{CrashReport, forget_crashes, last_crash, write_crash};
pub use credentials::{
    Availability, CredentialError, Credentials, FileState, KeptServer, KeyringState, Place, ServerOrigin,
};
pub use database::{Database, Draft, RecentRepository, StoredRun};
pub use files::{FetchedFile, FetchedFiles};
pub use folders::Folders;
pub use layout::{KeptWindow, KeptWindows};
pub use log::{LogFile, tail};
pub use renders::{DEFAULT_RENDER_BYTES, DiskRenderStore};
pub use running::Running;
pub use settings::{
    Appearance, CredentialSettings, Density, DiffColours, Identity, Settings, Shortcuts, Theme, Tools,
};

use std::path::PathBuf;

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The platform tells no home folder.
    #[error("no home folder is known; set HOME")]
    NoHome,
    /// A file or folder could not be read or written.
    #[error("cannot {action} {path}", path = path.display())]
    File {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The settings file is no valid TOML, or has a value of the wrong kind.
    #[error("{path}:{line}:{column}: {message}", path = path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The database failed.
    #[error("the database {path} failed", path = path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The database was written by a newer version.
    #[error("the database {path} was written by a newer version of Slipway (schema {found}, this one knows {known})", path = path.display())]
    NewerDatabase {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest one that is known here.
        known: i64,
    },
}
