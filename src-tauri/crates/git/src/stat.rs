//! What the file system says about a file, compared with what the index remembers.

use std::fs::Metadata;

use git2::{IndexEntry, IndexTime};

/// The facts that change when a file changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) modified: (i64, u32),
    pub(crate) changed: (i64, u32),
    pub(crate) inode: u64,
    pub(crate) size: u64,
    pub(crate) executable: bool,
}

#[cfg(unix)]
impl Stat {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |value: i64| u32::try_from(value).unwrap_or_default();
        Self {
            modified: (metadata.mtime(), nanoseconds(metadata.mtime_nsec())),
            changed: (metadata.ctime(), nanoseconds(metadata.ctime_nsec())),
            inode: metadata.ino(),
            size: metadata.len(),
            executable: metadata.mode() & 0o100 != 0,
        }
    }
}

#[cfg(not(unix))]
impl Stat {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let since = |time: std::io::Result<std::time::SystemTime>| {
            time.ok()
                .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
                .map(|age| (i64::try_from(age.as_secs()).unwrap_or_default(), age.subsec_nanos()))
                .unwrap_or_default()
        };
        Self {
            modified: since(metadata.modified()),
            changed: since(metadata.created()),
            inode: 0,
            size: metadata.len(),
            executable: false,
        }
    }
}

/// The index holds 32 bits of each number; the comparison is of those.
#[expect(clippy::cast_possible_truncation, reason = "the index stores the low 32 bits")]
fn low(value: u64) -> u32 {
    value as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the index stores the low 32 bits")]
fn seconds(value: i64) -> i32 {
    value as i32
}

/// The part of an index entry that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    modified: (i32, u32),
    changed: (i32, u32),
    inode: u32,
    size: u32,
}

impl Remembered {
    pub(crate) fn of(entry: &IndexEntry) -> Self {
        Self {
            modified: (entry.mtime.seconds(), entry.mtime.nanoseconds()),
            changed: (entry.ctime.seconds(), entry.ctime.nanoseconds()),
            inode: entry.ino,
            size: entry.file_size,
        }
    }

    /// Whether the file is certainly the one the index knows: everything equal, and old enough that a change
    /// within the same tick of the clock would show. `written` is when the index was written. An entry without
    /// nanoseconds (written by another Git) never matches, which costs a hash and cannot be wrong.
    pub(crate) fn proves(&self, stat: &Stat, written: (i64, u32)) -> bool {
        let modified = (seconds(stat.modified.0), stat.modified.1);
        let changed = (seconds(stat.changed.0), stat.changed.1);
        self.modified == modified
            && self.changed == changed
            && (self.inode == 0 || self.inode == low(stat.inode))
            && self.size == low(stat.size)
            && stat.modified < written
    }

    /// Whether a change after the index was written at `written` could go unnoticed.
    pub(crate) fn is_racy(&self, written: (i64, u32)) -> bool {
        self.modified >= (seconds(written.0), written.1)
    }
}

/// Puts what the file system says into an index entry.
pub(crate) fn remember(entry: &mut IndexEntry, metadata: &Metadata) {
    let stat = Stat::of(metadata);
    entry.mtime = IndexTime::new(seconds(stat.modified.0), stat.modified.1);
    entry.ctime = IndexTime::new(seconds(stat.changed.0), stat.changed.1);
    entry.ino = low(stat.inode);
    entry.file_size = low(stat.size);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        entry.dev = low(metadata.dev());
        entry.uid = metadata.uid();
        entry.gid = metadata.gid();
    }
}
