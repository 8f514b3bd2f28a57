//! What a repository names but does not hold: charts of chart repositories and registries, bases in other
//! repositories, files at URLs.
//!
//! Fetched content is read through the tree like everything else, below the reserved directory
//! [`REMOTE_DIRECTORY`], which is never listed. So a render that used it, or looked for it in vain, is recorded as any
//! other read, and what was fetched since makes it stale. Fetching itself is an adapter's work.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{ContentId, Entry, Reads, Tree, TreeError};
use crate::path::RepoPath;

/// The directory below which fetched content is read. A directory of that name in a repository is not seen.
pub const REMOTE_DIRECTORY: &str = ".slipway-remote";

/// A reference to content outside the repository, as the repository's files write it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RemoteReference {
    /// A chart.
    Chart {
        /// The URL of the chart repository, or of the registry's namespace (`oci://host/path`), without the chart's name.
        repository: String,
        /// The chart's name.
        name: String,
        /// A version or a range of versions; empty for the newest.
        version: String,
    },
    /// The files of a Git repository.
    Repository {
        /// What Git clones.
        url: String,
        /// Branch, tag or commit; empty for the default branch.
        revision: String,
    },
    /// A file.
    File {
        /// Its `http` or `https` URL.
        url: String,
    },
}

impl RemoteReference {
    /// Where it is read: a directory that holds the chart or the repository's root; for a file the file itself.
    #[must_use]
    pub fn path(&self) -> RepoPath {
        let base = RepoPath::root().child(REMOTE_DIRECTORY);
        match self {
            Self::Chart { repository, name, version } => {
                base.child("chart").child(&escape(repository)).child(&escape(name)).child(&escape(version))
            }
            Self::Repository { url, revision } => {
                base.child("repository").child(&escape(url)).child(&escape(revision))
            }
            Self::File { url } => base.child("file").child(&escape(url)),
        }
    }

    /// The reference that a path belongs to, and the path below it.
    #[must_use]
    pub fn of_path(path: &RepoPath) -> Option<(Self, RepoPath)> {
        let text = path.as_str().strip_prefix(REMOTE_DIRECTORY)?.strip_prefix('/')?;
        let mut segments = text.split('/');
        let kind = segments.next()?;
        let mut next = || unescape(segments.next()?);
        let reference = match kind {
            "chart" => Self::Chart { repository: next()?, name: next()?, version: next()? },
            "repository" => Self::Repository { url: next()?, revision: next()? },
            "file" => Self::File { url: next()? },
            _ => return None,
        };
        let rest = segments.fold(RepoPath::root(), |path, segment| path.child(segment));
        Some((reference, rest))
    }

    /// The same reference without the user and password that its address may hold. The user of ssh stays: everybody's
    /// is the same.
    #[must_use]
    pub fn without_credentials(&self) -> Self {
        let mut reference = self.clone();
        let (Self::Chart { repository: url, .. } | Self::Repository { url, .. } | Self::File { url }) =
            &mut reference;
        if let Some(user) = user_of(url) {
            url.replace_range(user, "");
        }
        reference
    }
}

/// Where user and password stand in an address, the `@` included.
fn user_of(url: &str) -> Option<std::ops::Range<usize>> {
    let start = url.find("://")? + 3;
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    let last = start + url[start..end].rfind('@')? + 1;
    if !url[..start].contains("ssh") {
        return Some(start..last);
    }
    let password = url[start..last].find(':')?;
    Some(start + password..last - 1)
}

/// The reference for reading, without user and password.
impl fmt::Display for RemoteReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.without_credentials() {
            RemoteReference::Chart { repository, name, version } if version.is_empty() => {
                write!(formatter, "chart {name} of {repository}")
            }
            RemoteReference::Chart { repository, name, version } => {
                write!(formatter, "chart {name} {version} of {repository}")
            }
            RemoteReference::Repository { url, revision } if revision.is_empty() => formatter.write_str(url),
            RemoteReference::Repository { url, revision } => write!(formatter, "{url} at {revision}"),
            RemoteReference::File { url } => formatter.write_str(url),
        }
    }
}

/// A path as a reader wants to see it: below [`REMOTE_DIRECTORY`] the reference and the path in it.
#[must_use]
pub fn readable_path(path: &RepoPath) -> String {
    match RemoteReference::of_path(path) {
        Some((reference, rest)) if rest.is_root() => reference.to_string(),
        Some((reference, rest)) => format!("{reference}: {rest}"),
        None => path.to_string(),
    }
}

/// The references whose content was asked for and was not there, sorted.
#[must_use]
pub fn missing_remotes(reads: &Reads) -> Vec<RemoteReference> {
    let mut found: Vec<(RemoteReference, bool)> = Vec::new();
    for (read, id) in reads.iter() {
        let Some((reference, _)) = RemoteReference::of_path(read.path()) else { continue };
        match found.iter_mut().find(|(known, _)| *known == reference) {
            Some((_, is_there)) => *is_there |= id.is_some(),
            None => found.push((reference, id.is_some())),
        }
    }
    let mut missing: Vec<_> =
        found.into_iter().filter(|(_, is_there)| !is_there).map(|(reference, _)| reference).collect();
    missing.sort();
    missing
}

/// Content that was fetched.
#[derive(Clone)]
pub struct Fetched {
    /// A tree that holds it.
    pub tree: Arc<dyn Tree>,
    /// Where in that tree: a directory, or the file of a [`RemoteReference::File`].
    pub root: RepoPath,
}

/// What was fetched so far. One value answers the same for as long as it lives.
pub trait Remotes: Send + Sync {
    /// The content of a reference; `None` where it was not fetched.
    fn find(&self, reference: &RemoteReference) -> Option<Fetched>;
}

/// Nothing was fetched.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingFetched;

impl Remotes for NothingFetched {
    fn find(&self, _: &RemoteReference) -> Option<Fetched> {
        None
    }
}

/// A tree together with what was fetched for it.
#[derive(Clone)]
pub struct WithRemotes<T> {
    tree: T,
    remotes: Arc<dyn Remotes>,
}

impl<T: Tree> WithRemotes<T> {
    /// `tree`, in which fetched content is read below [`REMOTE_DIRECTORY`].
    #[must_use]
    pub fn new(tree: T, remotes: Arc<dyn Remotes>) -> Self {
        Self { tree, remotes }
    }

    /// Asks the tree that holds a path; below [`REMOTE_DIRECTORY`] that of the reference, with errors that name the
    /// path as it was asked for.
    fn ask<R>(
        &self,
        path: &RepoPath,
        ask: impl FnOnce(&dyn Tree, &RepoPath) -> Result<R, TreeError>,
        absent: R,
    ) -> Result<R, TreeError> {
        if !is_remote(path) {
            return ask(&self.tree, path);
        }
        let Some((reference, rest)) = RemoteReference::of_path(path) else { return Ok(absent) };
        let Some(fetched) = self.remotes.find(&reference) else { return Ok(absent) };
        let inner = below(&fetched.root, &rest);
        ask(&fetched.tree, &inner)
            .map_err(|error| error.moved(|inner| outer(&reference, &fetched.root, inner)))
    }
}

fn is_remote(path: &RepoPath) -> bool {
    path.as_str().strip_prefix(REMOTE_DIRECTORY).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn below(root: &RepoPath, rest: &RepoPath) -> RepoPath {
    rest.segments().fold(root.clone(), |path, segment| path.child(segment))
}

/// A path of a fetched tree as a path of the whole.
fn outer(reference: &RemoteReference, root: &RepoPath, inner: &RepoPath) -> RepoPath {
    let skipped = if inner.is_inside(root) { root.segments().count() } else { 0 };
    inner.segments().skip(skipped).fold(reference.path(), |path, segment| path.child(segment))
}

impl<T: Tree> Tree for WithRemotes<T> {
    fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        self.ask(path, |tree, path| tree.read(path), None)
    }

    fn list(&self, directory: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let entries = self.ask(directory, |tree, path| tree.list(path), None)?;
        if !directory.is_root() {
            return Ok(entries);
        }
        Ok(entries.map(|mut entries| {
            entries.retain(|entry| entry.name != REMOTE_DIRECTORY);
            entries
        }))
    }

    fn content_id(&self, path: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        self.ask(path, |tree, path| tree.content_id(path), None)
    }

    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        if !is_remote(path) {
            return self.tree.resolve(path);
        }
        let Some((reference, rest)) = RemoteReference::of_path(path) else { return Ok(path.clone()) };
        let Some(fetched) = self.remotes.find(&reference) else { return Ok(path.clone()) };
        let outer = |inner: &RepoPath| outer(&reference, &fetched.root, inner);
        match fetched.tree.resolve(&below(&fetched.root, &rest)) {
            Ok(resolved) => Ok(outer(&resolved)),
            Err(error) => Err(error.moved(outer)),
        }
    }
}

/// A text as one segment of a path: what is no letter, digit, `-`, `_`, `+` or inner `.` is written in hexadecimal;
/// the empty text is `%`.
fn escape(text: &str) -> String {
    if text.is_empty() {
        return "%".to_owned();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+') || (byte == b'.' && at > 0) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02x}"));
        }
    }
    escaped
}

fn unescape(segment: &str) -> Option<String> {
    if segment == "%" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::tree::{MemoryTree, Recorder};

    struct Map(BTreeMap<RemoteReference, Fetched>);
    impl Remotes for Map {
        fn find(&self, reference: &RemoteReference) -> Option<Fetched> {
            self.0.get(reference).cloned()
        }
    }

    fn chart() -> RemoteReference {
        RemoteReference::Chart {
            repository: "oci://registry.example/charts".to_owned(),
            name: "..web".to_owned(),
            version: String::new(),
        }
    }

    fn with_chart() -> WithRemotes<MemoryTree> {
        let fetched = MemoryTree::new([("web/Chart.yaml", "name: web"), ("web/templates/a.yaml", "a: 1")]);
        let root = RepoPath::new("web").unwrap();
        let map = Map([(chart(), Fetched { tree: Arc::new(fetched), root })].into());
        WithRemotes::new(MemoryTree::new([("a.yaml", "1"), (".slipway-remote/x", "not seen")]), Arc::new(map))
    }

    #[test]
    fn a_reference_is_one_path_and_back() {
        let all = [
            chart(),
            RemoteReference::Repository { url: "git@host:o/r.git".to_owned(), revision: "v1/ä".to_owned() },
            RemoteReference::File { url: "https://host/a b?c=%20#d".to_owned() },
        ];
        for reference in all {
            let path = reference.path();
            assert_eq!(RepoPath::new(path.as_str()).unwrap(), path, "it is normalised");
            let inner = path.child("templates").child("a.yaml");
            let rest = RepoPath::new("templates/a.yaml").unwrap();
            assert_eq!(RemoteReference::of_path(&inner), Some((reference, rest)));
        }
        assert_eq!(RemoteReference::of_path(&RepoPath::new("apps/.slipway-remote/file/x").unwrap()), None);
    }

    #[test]
    fn user_and_password_are_not_shown() {
        for (url, expected) in [
            ("https://ada:secret@example.com/a", "https://example.com/a"),
            ("https://token@example.com", "https://example.com"),
            ("oci://ada:se@cret@example.com?a=@", "oci://example.com?a=@"),
            ("ssh://git@example.com/a", "ssh://git@example.com/a"),
            ("ssh://git:secret@example.com/a", "ssh://git@example.com/a"),
            ("git@example.com:a/b", "git@example.com:a/b"),
            ("https://example.com/a@b", "https://example.com/a@b"),
        ] {
            let file = RemoteReference::File { url: url.to_owned() };
            assert_eq!(file.to_string(), expected);
            assert_eq!(readable_path(&file.path().child("x")), format!("{expected}: x"));
        }
    }

    #[test]
    fn fetched_content_is_read_below_its_reference_and_never_listed() {
        let tree = with_chart();
        let template = chart().path().child("templates").child("a.yaml");
        assert_eq!(&tree.read(&template).unwrap().unwrap()[..], b"a: 1");
        assert_eq!(tree.resolve(&template).unwrap(), template);
        let root = tree.list(&RepoPath::root()).unwrap().unwrap();
        assert_eq!(root.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["a.yaml"]);
        assert_eq!(tree.read(&RepoPath::new(".slipway-remote/x").unwrap()).unwrap(), None);
        assert_eq!(
            readable_path(&template),
            "chart ..web of oci://registry.example/charts: templates/a.yaml"
        );
    }

    #[test]
    fn what_was_asked_for_in_vain_is_known_and_fetching_it_makes_the_reads_stale() {
        let without = WithRemotes::new(MemoryTree::new([("a.yaml", "1")]), Arc::new(Map(BTreeMap::new())));
        let recorder = Recorder::new(&without);
        assert!(recorder.list(&chart().path()).unwrap().is_none());
        let reads = recorder.into_reads();
        assert_eq!(missing_remotes(&reads), [chart()]);
        assert!(reads.hold_on(&without).unwrap());
        assert!(!reads.hold_on(&with_chart()).unwrap());
    }

    #[test]
    fn errors_of_fetched_trees_name_the_path_that_was_asked_for() {
        struct Broken;
        impl Tree for Broken {
            fn read(&self, path: &RepoPath) -> Result<Option<Bytes>, TreeError> {
                Err(TreeError::LinkLoop { path: path.clone() })
            }
            fn list(&self, _: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
                Ok(None)
            }
            fn content_id(&self, _: &RepoPath) -> Result<Option<ContentId>, TreeError> {
                Ok(None)
            }
        }
        let fetched = Fetched { tree: Arc::new(Broken), root: RepoPath::new("web").unwrap() };
        let tree = WithRemotes::new(MemoryTree::default(), Arc::new(Map([(chart(), fetched)].into())));
        let file = chart().path().child("x");
        assert!(matches!(tree.read(&file), Err(TreeError::LinkLoop { path }) if path == file));
    }
}
