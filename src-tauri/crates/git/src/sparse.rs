//! Which files a sparse checkout leaves out (git-sparse-checkout(1)).

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use slipway_model::RepoPath;

use crate::error::{Attempt, GitError};

/// The patterns of the sparse checkout; none where everything is checked out.
pub(crate) struct Sparse {
    patterns: Option<Gitignore>,
}

impl Sparse {
    pub(crate) fn of(repository: &git2::Repository) -> Result<Self, GitError> {
        let config =
            repository.config().and_then(|mut config| config.snapshot()).attempt("read the configuration")?;
        if !config.get_bool("core.sparsecheckout").unwrap_or(false) {
            return Ok(Self { patterns: None });
        }
        let file = repository.path().join("info/sparse-checkout");
        match std::fs::read_to_string(&file) {
            Ok(text) => Ok(Self { patterns: Some(parse(&text)) }),
            // Git reads no file as no pattern at all, which leaves out nothing new.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self { patterns: None }),
            Err(error) => Err(GitError::io("read", &file, error)),
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.patterns.is_some()
    }

    /// Whether a file at `path` is not to be on disk. The patterns are those of `.gitignore` with the opposite
    /// meaning: what matches is checked out.
    pub(crate) fn leaves_out(&self, path: &RepoPath) -> bool {
        match &self.patterns {
            None => false,
            Some(patterns) => {
                !patterns.matched_path_or_any_parents(Path::new(path.as_str()), false).is_ignore()
            }
        }
    }
}

fn parse(text: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for line in text.lines() {
        // A line that is no pattern matches nothing, as in Git.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cone_holds_its_directories_and_the_files_above_them() {
        let sparse = Sparse { patterns: Some(parse("/*\n!/*/\n/apps/\n!/apps/*/\n/apps/web/\n")) };
        for (path, left_out) in [
            ("README.md", false),
            ("apps/values.yaml", false),
            ("apps/web/deep/x.yaml", false),
            ("apps/api/x.yaml", true),
            ("docs/x.md", true),
        ] {
            assert_eq!(sparse.leaves_out(&RepoPath::new(path).unwrap()), left_out, "{path}");
        }
    }

    #[test]
    fn nothing_is_left_out_of_a_full_checkout() {
        assert!(!Sparse { patterns: None }.leaves_out(&RepoPath::new("a/b").unwrap()));
    }
}
