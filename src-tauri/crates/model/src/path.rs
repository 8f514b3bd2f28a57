//! Paths inside a repository.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A normalised path relative to the root of a tree: `/` as separator, no leading slash, no `.`, no `..`,
/// no empty segment. The root itself is the empty path and prints as `.`.
///
/// ```
/// use slipway_model::RepoPath;
/// let base = RepoPath::new("apps/payments/staging").unwrap();
/// assert_eq!(base.join("../base").unwrap().as_str(), "apps/payments/base");
/// assert!(base.join("../../../../etc/passwd").is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(String);

/// Why a text is no path inside a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RepoPathError {
    /// The path begins with `/` (or a drive letter on Windows).
    #[error("`{0}` is absolute; paths are relative to the root of the repository")]
    Absolute(String),
    /// A `..` leads above the root.
    #[error("`{0}` leads out of the repository")]
    Outside(String),
    /// The path holds a NUL byte.
    #[error("a path cannot hold a NUL byte")]
    Nul,
}

impl RepoPath {
    /// The root of a tree.
    #[must_use]
    pub fn root() -> Self {
        Self(String::new())
    }

    /// Parses and normalises a path relative to the root.
    ///
    /// # Errors
    /// When it is absolute, leads out of the tree or holds a NUL byte.
    pub fn new(text: &str) -> Result<Self, RepoPathError> {
        Self::root().join(text)
    }

    /// Resolves `relative` against this directory. `.` and `..` are resolved by name.
    ///
    /// # Errors
    /// When it is absolute, leads out of the tree or holds a NUL byte.
    pub fn join(&self, relative: &str) -> Result<Self, RepoPathError> {
        if relative.contains('\0') {
            return Err(RepoPathError::Nul);
        }
        if relative.starts_with('/') {
            return Err(RepoPathError::Absolute(relative.to_owned()));
        }
        let mut segments: Vec<&str> = self.segments().collect();
        for segment in relative.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    if segments.pop().is_none() {
                        return Err(RepoPathError::Outside(relative.to_owned()));
                    }
                }
                name => segments.push(name),
            }
        }
        Ok(Self(segments.join("/")))
    }

    /// Appends one name as it is, without looking for `..`. For names that a tree lists.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.to_owned()) } else { Self(format!("{}/{name}", self.0)) }
    }

    /// The directory that holds this path; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        Some(Self(self.0.rsplit_once('/').map(|(head, _)| head.to_owned()).unwrap_or_default()))
    }

    /// The last segment; `None` at the root.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        if self.0.is_empty() { None } else { self.0.rsplit('/').next() }
    }

    /// The segments from the root.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// This path and the directories above it, nearest first, the root last.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> {
        let mut next = Some(self.clone());
        std::iter::from_fn(move || {
            let current = next.take()?;
            next = current.parent();
            Some(current)
        })
    }

    /// Whether this is `directory` or lies below it.
    #[must_use]
    pub fn is_inside(&self, directory: &Self) -> bool {
        directory.0.is_empty()
            || self.0 == directory.0
            || self.0.strip_prefix(&directory.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The relative path that leads from `directory` to this path; with `..` where needed.
    #[must_use]
    pub fn relative_to(&self, directory: &Self) -> String {
        let from: Vec<&str> = directory.segments().collect();
        let to: Vec<&str> = self.segments().collect();
        let common = from.iter().zip(&to).take_while(|(left, right)| left == right).count();
        let mut parts = vec![".."; from.len() - common];
        parts.extend(&to[common..]);
        if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The text; empty at the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl TryFrom<String> for RepoPath {
    type Error = RepoPathError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn normalises_dots_and_slashes() {
        assert_eq!(path("./a//b/./c/").as_str(), "a/b/c");
        assert_eq!(path("a/../b").as_str(), "b");
        assert_eq!(path(".").to_string(), ".");
    }

    #[test]
    fn nothing_leads_out() {
        assert!(matches!(RepoPath::new("../x"), Err(RepoPathError::Outside(_))));
        assert!(matches!(RepoPath::new("/etc"), Err(RepoPathError::Absolute(_))));
        assert!(matches!(RepoPath::new("a\0b"), Err(RepoPathError::Nul)));
    }

    #[test]
    fn inside_is_by_segment() {
        assert!(path("apps/api").is_inside(&path("apps")));
        assert!(!path("apps-old/api").is_inside(&path("apps")));
        assert!(path("apps").is_inside(&RepoPath::root()));
    }

    #[test]
    fn relative_paths_climb() {
        assert_eq!(path("a/b/base").relative_to(&path("a/c/d")), "../../b/base");
        assert_eq!(path("a").relative_to(&path("a")), ".");
    }

    #[test]
    fn ancestors_end_at_the_root() {
        let all: Vec<String> = path("a/b").ancestors().map(|each| each.to_string()).collect();
        assert_eq!(all, ["a/b", "a", "."]);
    }
}
