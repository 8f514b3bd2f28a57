//! The working directory as a tree: what lies on disk, uncommitted and untracked files included.
//!
//! - Ignored files and `.git` are not part of it; a tracked file is, whatever `.gitignore` says. A directory
//!   without files is not there, as in Git.
//! - Content is given as a commit would hold it: line endings and `$Id$` are converted as `git add` would. So
//!   a clean working directory has the content and the ids of its commit, and renders alike.
//! - A file outside a sparse checkout is read from the index, because to Git it is unchanged.
//! - A content id is Git's blob id. Where the file system's facts prove that the file is the one the index
//!   knows, nothing is read. A directory's id is composed like the id of a Git tree.
//!
//! Listings and the ids of directories are kept from the first look: this is a snapshot. Files are looked at
//! each time, so the id of a file always belongs to the content that a read gives.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use git2::{ObjectType, Oid};
use slipway_model::{ContentId, Entry, EntryKind, RepoPath, Tree, TreeError};

use crate::commit_tree::{FILE_LIMIT, kind_of, missing};
use crate::error::{Attempt, GitError};
use crate::handles::Handles;
use crate::index_view::{self, IndexView, Tracked, tree_mode};
use crate::lfs;
use crate::line_endings::{self, Conversion};
use crate::links::{self, Nodes, Resolved, unreadable};
use crate::stat::Stat;

/// Directories deeper than this are not looked into.
const MAXIMUM_DEPTH: usize = 200;
/// A file changed so recently may change again without its time stamp changing.
const TICK: Duration = Duration::from_millis(50);

/// The working directory as a tree. Clones share what was looked at.
#[derive(Clone)]
pub struct WorkTree {
    inner: Arc<Inner>,
}

struct Inner {
    handles: Arc<Handles>,
    root: PathBuf,
    index: IndexView,
    settings: Settings,
    /// Listings, from the first look.
    directories: Mutex<HashMap<RepoPath, Arc<Listing>>>,
    /// Ids of directories, from the first look.
    directory_ids: Mutex<HashMap<RepoPath, Option<Oid>>>,
    /// Ids of files that had to be read, with the facts they hold for.
    hashed: Mutex<HashMap<RepoPath, (Stat, Oid)>>,
}

type Listing = BTreeMap<String, EntryKind>;

/// What changes how the disk is read.
#[derive(Clone, Copy)]
struct Settings {
    /// Whether the disk tells executable files.
    file_mode: bool,
    /// Whether the disk has symbolic links.
    symlinks: bool,
    /// Whether any `.gitattributes` names a filter or an encoding.
    filters: bool,
}

/// What is known of a file on disk.
enum OnDisk {
    Missing,
    /// Outside the sparse checkout.
    Skipped(Oid),
    Present(Stat),
}

impl WorkTree {
    pub(crate) fn new(
        handles: Arc<Handles>,
        root: PathBuf,
        repository: &git2::Repository,
    ) -> Result<Self, GitError> {
        let index = index_view::read_or_empty(repository)?;
        let config =
            repository.config().and_then(|mut config| config.snapshot()).attempt("read the configuration")?;
        let settings = Settings {
            file_mode: cfg!(unix) && config.get_bool("core.filemode").unwrap_or(true),
            symlinks: cfg!(unix) && config.get_bool("core.symlinks").unwrap_or(true),
            filters: names_filters(repository, &root, &index, &config),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                handles,
                root,
                index,
                settings,
                directories: Mutex::default(),
                directory_ids: Mutex::default(),
                hashed: Mutex::default(),
            }),
        })
    }
}

impl WorkTree {
    /// Where it lies.
    pub(crate) fn root(&self) -> &Path {
        &self.inner.root
    }

    /// Whether the disk tells executable files.
    pub(crate) fn knows_executables(&self) -> bool {
        self.inner.settings.file_mode
    }

    /// What lies at `path` at this moment, no link followed, ignored files included; the id is that of the
    /// content as a commit would hold it. `None` for nothing and for directories.
    pub(crate) fn file_on_disk(&self, path: &RepoPath) -> Result<Option<(EntryKind, Oid)>, GitError> {
        let inner = &*self.inner;
        let unwrap = |error: TreeError| match error {
            TreeError::Io { source, .. } => {
                GitError::io("read", &inner.full(path), std::io::Error::other(std::sync::Arc::clone(&source)))
            }
            other => GitError::io("read", &inner.full(path), std::io::Error::other(other)),
        };
        let full = inner.full(path);
        if !inner.check_directories(path).map_err(unwrap)? {
            return Ok(None);
        }
        let metadata = match std::fs::symlink_metadata(&full) {
            Ok(metadata) => metadata,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(GitError::io("look at", &full, error)),
        };
        let tracked = inner.index.get(path.as_str());
        match inner.kind_on_disk(&metadata, tracked, &full) {
            None | Some(EntryKind::Directory | EntryKind::Submodule) => Ok(None),
            Some(kind) => Ok(inner.file_id(path, kind).map_err(unwrap)?.map(|id| (kind, id))),
        }
    }
}

/// Whether an attributes file says `filter` or `working-tree-encoding`, so that files must be asked about.
fn names_filters(
    repository: &git2::Repository,
    root: &Path,
    index: &IndexView,
    config: &git2::Config,
) -> bool {
    let mut files: Vec<PathBuf> = index.attribute_files().map(|each| root.join(&each.path)).collect();
    files.push(root.join(".gitattributes"));
    files.push(repository.commondir().join("info/attributes"));
    files.push(PathBuf::from("/etc/gitattributes"));
    match config.get_path("core.attributesfile") {
        Ok(path) => files.push(path),
        Err(_) => files.extend(user_attributes()),
    }
    files.iter().any(|file| {
        std::fs::read(file).is_ok_and(|content| {
            [&b"filter"[..], b"working-tree-encoding", b"[attr]"]
                .iter()
                .any(|word| content.windows(word.len()).any(|window| window == *word))
        })
    })
}

fn user_attributes() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CONFIG_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(".config")))?;
    Some(base.join("git/attributes"))
}

fn io(action: &'static str, path: &RepoPath, full: &Path, source: std::io::Error) -> TreeError {
    unreadable(path, GitError::io(action, full, source))
}

/// Whether an error says that nothing is there.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

impl Inner {
    fn full(&self, path: &RepoPath) -> PathBuf {
        if path.is_root() { self.root.clone() } else { self.root.join(path.as_str()) }
    }

    /// Refuses a path of which a directory has become a link since it was listed.
    fn check_directories(&self, path: &RepoPath) -> Result<bool, TreeError> {
        let mut full = self.root.clone();
        let mut names: Vec<&str> = path.segments().collect();
        names.pop();
        for name in names {
            full.push(name);
            match std::fs::symlink_metadata(&full) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Ok(false),
                Err(error) if is_absent(&error) => return Ok(false),
                Err(error) => return Err(io("look at", path, &full, error)),
            }
        }
        Ok(true)
    }

    fn on_disk(&self, path: &RepoPath) -> Result<OnDisk, TreeError> {
        let skipped = || match self.index.get(path.as_str()) {
            Some(tracked) if tracked.skipped => OnDisk::Skipped(tracked.id),
            _ => OnDisk::Missing,
        };
        if !self.check_directories(path)? {
            return Ok(skipped());
        }
        let full = self.full(path);
        match std::fs::symlink_metadata(&full) {
            Ok(metadata) => Ok(OnDisk::Present(Stat::of(&metadata))),
            Err(error) if is_absent(&error) => Ok(skipped()),
            Err(error) => Err(io("look at", path, &full, error)),
        }
    }

    /// The entries of the directory at `path`, which is no link.
    fn listing(&self, path: &RepoPath) -> Result<Arc<Listing>, TreeError> {
        let known = self.directories.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(listing) = known {
            return Ok(listing);
        }
        let mut listing = self.scan(path)?;
        self.add_skipped(path, &mut listing);
        let emptied: Vec<String> = listing
            .iter()
            .filter(|(_, kind)| **kind == EntryKind::Directory)
            .map(|(name, _)| name.clone())
            .filter_map(|name| match self.listing(&path.child(&name)) {
                Ok(below) => below.is_empty().then_some(Ok(name)),
                // What cannot be looked into stays, so that whoever reads it gets the error.
                Err(_) => None,
            })
            .collect::<Result<_, TreeError>>()?;
        for name in emptied {
            listing.remove(&name);
        }
        let listing = Arc::new(listing);
        let mut known = self.directories.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(path.clone()).or_insert(listing)))
    }

    fn scan(&self, path: &RepoPath) -> Result<Listing, TreeError> {
        let full = self.full(path);
        let mut listing = Listing::new();
        if path.segments().count() > MAXIMUM_DEPTH {
            let source = std::io::Error::other("the directories are nested too deeply");
            return Err(io("list", path, &full, source));
        }
        let entries = match std::fs::read_dir(&full) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(listing),
            Err(error) => return Err(io("list", path, &full, error)),
        };
        let mut untracked: Vec<(String, EntryKind)> = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| io("list", path, &full, error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.eq_ignore_ascii_case(".git") {
                continue;
            }
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) if is_absent(&error) => continue,
                Err(error) => return Err(io("look at", path, &entry.path(), error)),
            };
            let child = path.child(&name);
            let tracked = self.index.get(child.as_str());
            let Some(kind) = self.kind_on_disk(&metadata, tracked, &entry.path()) else {
                continue;
            };
            let known = tracked.is_some()
                || (kind == EntryKind::Directory && self.index.tracks_below(child.as_str()));
            if known {
                listing.insert(name, kind);
            } else {
                untracked.push((name, kind));
            }
        }
        self.add_untracked(path, untracked, &mut listing)?;
        Ok(listing)
    }

    /// What a file on disk is to Git; `None` for sockets and the like.
    fn kind_on_disk(
        &self,
        metadata: &std::fs::Metadata,
        tracked: Option<&Tracked>,
        full: &Path,
    ) -> Option<EntryKind> {
        if metadata.is_symlink() {
            return Some(EntryKind::Symlink);
        }
        if metadata.is_dir() {
            let is_submodule = tracked
                .is_some_and(|each| kind_of(tree_mode(each.mode)) == EntryKind::Submodule)
                || full.join(".git").symlink_metadata().is_ok();
            return Some(if is_submodule { EntryKind::Submodule } else { EntryKind::Directory });
        }
        if !metadata.is_file() {
            return None;
        }
        let remembered = tracked.map(|each| kind_of(tree_mode(each.mode)));
        if !self.settings.symlinks && remembered == Some(EntryKind::Symlink) {
            return Some(EntryKind::Symlink);
        }
        let executable = if self.settings.file_mode {
            Stat::of(metadata).executable
        } else {
            remembered == Some(EntryKind::Executable)
        };
        Some(if executable { EntryKind::Executable } else { EntryKind::File })
    }

    /// Adds what is not tracked and not ignored.
    fn add_untracked(
        &self,
        path: &RepoPath,
        untracked: Vec<(String, EntryKind)>,
        listing: &mut Listing,
    ) -> Result<(), TreeError> {
        if untracked.is_empty() {
            return Ok(());
        }
        let kept = self.handles.with(|repository| {
            let mut kept = Vec::with_capacity(untracked.len());
            for (name, kind) in untracked {
                let mut child = path.child(&name).as_str().to_owned();
                if kind == EntryKind::Directory {
                    child.push('/');
                }
                if !repository.is_path_ignored(&child).attempt("read .gitignore")? {
                    kept.push((name, kind));
                }
            }
            Ok(kept)
        });
        listing.extend(kept.map_err(|error| unreadable(path, error))?);
        Ok(())
    }

    /// Adds what a sparse checkout leaves out.
    fn add_skipped(&self, path: &RepoPath, listing: &mut Listing) {
        let start = if path.is_root() { 0 } else { path.as_str().len() + 1 };
        for tracked in self.index.skipped_below(path.as_str()) {
            let rest = tracked.path.get(start..).unwrap_or_default();
            match rest.split_once('/') {
                Some((directory, _)) => listing.entry(directory.to_owned()).or_insert(EntryKind::Directory),
                None => listing.entry(rest.to_owned()).or_insert_with(|| kind_of(tree_mode(tracked.mode))),
            };
        }
    }

    /// The bytes on disk, no more than the limit.
    fn bytes(&self, path: &RepoPath, limit: u64) -> Result<Option<Vec<u8>>, TreeError> {
        let full = self.full(path);
        let file = match open_without_following(&full) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(io("read", path, &full, error)),
        };
        let mut content = Vec::new();
        file.take(limit + 1).read_to_end(&mut content).map_err(|error| io("read", path, &full, error))?;
        if content.len() as u64 > limit {
            let size = std::fs::symlink_metadata(&full).map_or(limit + 1, |metadata| metadata.len());
            return Err(TreeError::TooLarge { path: path.clone(), size, limit });
        }
        Ok(Some(content))
    }

    fn blob(&self, path: &RepoPath, id: Oid) -> Result<Vec<u8>, TreeError> {
        let content = self.handles.with(|repository| {
            let blob = repository.find_blob(id).map_err(|error| missing(repository, id, error))?;
            Ok(blob.content().to_vec())
        });
        content.map_err(|error| unreadable(path, error))
    }

    /// The content as a commit would hold it, and the conversion that applied.
    fn as_committed(
        &self,
        path: &RepoPath,
        content: Vec<u8>,
    ) -> Result<(Vec<u8>, Option<Conversion>), TreeError> {
        if !self.settings.filters && !line_endings::may_convert(&content) {
            return Ok((content, None));
        }
        let tracked = self.index.get(path.as_str()).map(|each| each.id);
        let converted = self.handles.with(|repository| {
            let conversion = line_endings::conversion(repository, path.as_str())?;
            if conversion.filter.is_some() || conversion.encoding.is_some() {
                return Ok((None, conversion));
            }
            let converted = match line_endings::to_repository(&conversion, &content, || {
                tracked
                    .and_then(|id| repository.find_blob(id).ok())
                    .is_some_and(|blob| line_endings::is_text_with_crlf(blob.content()))
            }) {
                Cow::Borrowed(_) => None,
                Cow::Owned(converted) => Some(converted),
            };
            Ok((converted, conversion))
        });
        let (converted, conversion) = converted.map_err(|error| unreadable(path, error))?;
        Ok((converted.unwrap_or(content), Some(conversion)))
    }

    /// The id of the file at `path`, which is neither a directory nor a submodule.
    fn file_id(&self, path: &RepoPath, kind: EntryKind) -> Result<Option<Oid>, TreeError> {
        let stat = match self.on_disk(path)? {
            OnDisk::Missing => return Ok(None),
            OnDisk::Skipped(id) => return Ok(Some(id)),
            OnDisk::Present(stat) => stat,
        };
        if let Some(tracked) = self.index.get(path.as_str())
            && self.index.proves(tracked, &stat)
            && same_kind(kind_of(tree_mode(tracked.mode)), kind)
            && !self.is_filtered(path)?
        {
            return Ok(Some(tracked.id));
        }
        let known = self.hashed.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        if let Some((at, id)) = known
            && at == stat
        {
            return Ok(Some(id));
        }
        let content = if kind == EntryKind::Symlink {
            Some(self.link_target(path)?)
        } else {
            // Larger files are never read for rendering, but they have an id.
            self.bytes(path, u64::MAX - 1)?
        };
        let Some(content) = content else {
            return Ok(None);
        };
        let content = if kind == EntryKind::Symlink { content } else { self.as_committed(path, content)?.0 };
        let id = Oid::hash_object(ObjectType::Blob, &content)
            .attempt("hash a file")
            .map_err(|error| unreadable(path, error))?;
        if is_settled(&stat) {
            self.hashed.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), (stat, id));
        }
        Ok(Some(id))
    }

    /// Whether the content on disk differs from the committed one through a program, LFS pointers aside: they
    /// read as pointers in both trees.
    fn is_filtered(&self, path: &RepoPath) -> Result<bool, TreeError> {
        if !self.settings.filters {
            return Ok(false);
        }
        let conversion = self
            .handles
            .with(|repository| line_endings::conversion(repository, path.as_str()))
            .map_err(|error| unreadable(path, error))?;
        Ok(conversion.encoding.is_some() || conversion.filter.is_some_and(|name| name != "lfs"))
    }

    fn link_target(&self, path: &RepoPath) -> Result<Vec<u8>, TreeError> {
        let full = self.full(path);
        match std::fs::symlink_metadata(&full) {
            Ok(metadata) if metadata.is_symlink() => {
                let target = std::fs::read_link(&full).map_err(|error| io("read", path, &full, error))?;
                Ok(path_bytes(&target))
            }
            // Where the disk has no links, Git writes the target into a file.
            Ok(metadata) if metadata.is_file() => Ok(self.bytes(path, FILE_LIMIT)?.unwrap_or_default()),
            Ok(_) => Ok(Vec::new()),
            Err(error) if is_absent(&error) => match self.index.get(path.as_str()) {
                Some(tracked) if tracked.skipped => self.blob(path, tracked.id),
                _ => Ok(Vec::new()),
            },
            Err(error) => Err(io("look at", path, &full, error)),
        }
    }

    /// The id that Git would give the directory as a tree; `None` where it has no files.
    fn directory_id(&self, path: &RepoPath) -> Result<Option<Oid>, TreeError> {
        let known = self.directory_ids.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        if let Some(id) = known {
            return Ok(id);
        }
        let mut rows: Vec<(Vec<u8>, &'static str, Oid)> = Vec::new();
        for (name, kind) in self.listing(path)?.iter() {
            let child = path.child(name);
            let id = match kind {
                EntryKind::Directory => self.directory_id(&child)?,
                EntryKind::Submodule => {
                    Some(self.index.get(child.as_str()).map_or(Oid::ZERO_SHA1, |each| each.id))
                }
                _ => self.file_id(&child, *kind)?,
            };
            let Some(id) = id else {
                continue;
            };
            let (mode, sort_suffix) = match kind {
                EntryKind::File => ("100644", ""),
                EntryKind::Executable => ("100755", ""),
                EntryKind::Directory => ("40000", "/"),
                EntryKind::Symlink => ("120000", ""),
                EntryKind::Submodule => ("160000", ""),
            };
            rows.push((format!("{name}{sort_suffix}").into_bytes(), mode, id));
        }
        let id = if rows.is_empty() && !path.is_root() {
            None
        } else {
            rows.sort();
            let mut object = Vec::new();
            for (name, mode, id) in rows {
                object.extend_from_slice(mode.as_bytes());
                object.push(b' ');
                object.extend_from_slice(name.strip_suffix(b"/").unwrap_or(&name));
                object.push(0);
                object.extend_from_slice(id.as_bytes());
            }
            let id = Oid::hash_object(ObjectType::Tree, &object)
                .attempt("compose the id of a directory")
                .map_err(|error| unreadable(path, error))?;
            Some(id)
        };
        self.directory_ids.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), id);
        Ok(id)
    }
}

/// Whether two kinds are stored as the same kind of blob.
fn same_kind(left: EntryKind, right: EntryKind) -> bool {
    (left == EntryKind::Symlink) == (right == EntryKind::Symlink)
}

/// Whether the file has not changed so recently that a further change could hide in the same tick.
fn is_settled(stat: &Stat) -> bool {
    let Ok(seconds) = u64::try_from(stat.modified.0) else {
        return false;
    };
    let modified = SystemTime::UNIX_EPOCH + Duration::new(seconds, stat.modified.1);
    SystemTime::now().duration_since(modified).is_ok_and(|age| age > TICK)
}

/// Opens a file and refuses a symbolic link, also one that replaced the file a moment ago.
#[cfg(unix)]
fn open_without_following(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    // A pipe that took the place of the file must not block; both flags have these values on the systems
    // they are defined for here.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const FLAGS: i32 = 0o400_000 | 0o4_000;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const FLAGS: i32 = 0x0100 | 0x0004;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(FLAGS).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(std::io::Error::from(ErrorKind::NotFound)) }
}

#[cfg(not(unix))]
fn open_without_following(path: &Path) -> std::io::Result<std::fs::File> {
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Err(std::io::Error::from(ErrorKind::NotFound));
    }
    std::fs::File::open(path)
}

/// The bytes of a path as Git stores them.
#[cfg(unix)]
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

impl Nodes for Inner {
    type Node = EntryKind;

    fn root(&self) -> EntryKind {
        EntryKind::Directory
    }

    fn kind(&self, node: &EntryKind) -> EntryKind {
        *node
    }

    fn child(&self, _node: &EntryKind, path: &RepoPath, name: &str) -> Result<Option<EntryKind>, TreeError> {
        Ok(self.listing(path)?.get(name).copied())
    }

    fn target(&self, _node: &EntryKind, path: &RepoPath) -> Result<Vec<u8>, TreeError> {
        self.link_target(path)
    }
}

impl Tree for WorkTree {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        let inner = &*self.inner;
        let Resolved::Found { node, path: found } = links::resolve(inner, path)? else {
            return Ok(None);
        };
        if !matches!(node, EntryKind::File | EntryKind::Executable) {
            return Ok(None);
        }
        let content = match inner.on_disk(&found)? {
            OnDisk::Missing => return Ok(None),
            OnDisk::Skipped(id) => inner.blob(&found, id)?,
            OnDisk::Present(_) => {
                let Some(content) = inner.bytes(&found, FILE_LIMIT)? else {
                    return Ok(None);
                };
                let (content, conversion) = inner.as_committed(&found, content)?;
                if conversion.is_some_and(|each| each.filter.as_deref() == Some("lfs"))
                    && inner.is_pointer_in_index(&found)
                {
                    return Err(TreeError::LfsPointer { path: path.clone() });
                }
                content
            }
        };
        if lfs::is_pointer(&content) {
            return Err(TreeError::LfsPointer { path: path.clone() });
        }
        Ok(Some(Bytes::from(content)))
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let Resolved::Found { node, path } = links::resolve(&*self.inner, directory)? else {
            return Ok(None);
        };
        if node != EntryKind::Directory {
            return Ok(None);
        }
        let listing = self.inner.listing(&path)?;
        Ok(Some(listing.iter().map(|(name, kind)| Entry { name: name.clone(), kind: *kind }).collect()))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        let Resolved::Found { node, path: found } = links::resolve(&*self.inner, path)? else {
            return Ok(None);
        };
        let id = match node {
            EntryKind::Directory => self.inner.directory_id(&found)?,
            EntryKind::Submodule => {
                Some(self.inner.index.get(found.as_str()).map_or(Oid::ZERO_SHA1, |each| each.id))
            }
            kind => self.inner.file_id(&found, kind)?,
        };
        Ok(id.map(|id| ContentId::git(&id.to_string())))
    }
}

impl Inner {
    /// Whether what is tracked at `path` is an LFS pointer, or will be one when it is added.
    fn is_pointer_in_index(&self, path: &RepoPath) -> bool {
        match self.index.get(path.as_str()) {
            None => true,
            Some(tracked) => self.blob(path, tracked.id).is_ok_and(|content| lfs::is_pointer(&content)),
        }
    }
}
