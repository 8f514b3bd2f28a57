//! Globs as Git reads them in `.gitignore`.

use globset::{Glob, GlobBuilder, GlobMatcher};
use slipway_model::RepoPath;

/// A list of patterns; the last that matches decides.
#[derive(Clone, Debug, Default)]
pub struct IgnoreGlobs(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    matcher: GlobMatcher,
    /// Whether the pattern lets through what an earlier one keeps out.
    negated: bool,
    /// Whether it matches directories only.
    directories_only: bool,
}

impl IgnoreGlobs {
    /// Compiles the patterns; those that are none are returned with the reason.
    #[must_use]
    pub fn new(patterns: &[String]) -> (Self, Vec<(String, String)>) {
        let mut rules = Vec::new();
        let mut broken = Vec::new();
        for pattern in patterns {
            let text = pattern.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (negated, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
            let (directories_only, text) = text.strip_suffix('/').map_or((false, text), |rest| (true, rest));
            match compile(text) {
                Ok(glob) => rules.push(Rule { matcher: glob.compile_matcher(), negated, directories_only }),
                Err(error) => broken.push((pattern.clone(), error.to_string())),
            }
        }
        (Self(rules), broken)
    }

    /// Whether nothing is ignored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a directory, or a directory above it, is ignored.
    #[must_use]
    pub fn ignores_directory(&self, path: &RepoPath) -> bool {
        self.matches(path, true)
    }

    /// Whether a file, or a directory above it, is ignored.
    #[must_use]
    pub fn ignores_file(&self, path: &RepoPath) -> bool {
        self.matches(path, false)
    }

    /// As in Git, what lies below an ignored directory cannot be let through again.
    fn matches(&self, path: &RepoPath, is_directory: bool) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let above: Vec<RepoPath> = path.ancestors().skip(1).filter(|each| !each.is_root()).collect();
        above.iter().rev().any(|directory| self.decide(directory, true)) || self.decide(path, is_directory)
    }

    fn decide(&self, path: &RepoPath, is_directory: bool) -> bool {
        self.0
            .iter()
            .rev()
            .find(|rule| (is_directory || !rule.directories_only) && rule.matcher.is_match(path.as_str()))
            .is_some_and(|rule| !rule.negated)
    }
}

/// A pattern with a slash before its end is relative to the root, any other matches at every depth.
fn compile(text: &str) -> Result<Glob, globset::Error> {
    let anchored = text.contains('/');
    let text = text.strip_prefix('/').unwrap_or(text);
    let pattern = if anchored { text.to_owned() } else { format!("**/{text}") };
    GlobBuilder::new(&pattern).literal_separator(true).backslash_escape(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_gitignore() {
        let patterns = ["docs/**", "tmp", "/build", "*.bak", "apps/*/old/", "!apps/b/old"].map(str::to_owned);
        let (globs, broken) = IgnoreGlobs::new(&patterns);
        assert!(broken.is_empty());
        for (path, expected) in [
            ("docs/a/b", true),
            ("apps/docs/a", false),
            ("x/tmp", true),
            ("x/tmp/y", true),
            ("build", true),
            ("x/build", false),
            ("a/b.bak", true),
            ("apps/a/old/x", true),
            ("apps/b/old/x", false),
            ("apps/a", false),
        ] {
            assert_eq!(globs.ignores_directory(&RepoPath::new(path).unwrap()), expected, "{path}");
        }
        assert!(
            !globs.ignores_file(&RepoPath::new("apps/a/old").unwrap()),
            "a pattern with a final slash needs a directory"
        );
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        let (_, broken) = IgnoreGlobs::new(&["a[".to_owned()]);
        assert_eq!(broken.len(), 1);
    }
}
