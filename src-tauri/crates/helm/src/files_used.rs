//! Which files of its chart a template may use by `.Files`, told from the texts of the templates.
//!
//! A render depends on every file it could read. Most charts read none, and those that do name them; so a values file
//! that lies beside the templates does not make each render of the chart stale when it changes.

use slipway_model::{RepoPath, Tree};

use crate::chart::walk::{Walk, read_file};
use crate::chart::{Chart, File, SharedFile};
use crate::engine::{files, glob::Glob};
use crate::failure::Failure;
use crate::values::user::mentions_files;

/// Which files templates may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FilesUsed {
    /// They may use any.
    all: bool,
    names: Vec<String>,
    patterns: Vec<String>,
}

impl FilesUsed {
    /// What the templates of a chart, and the definitions it may take from charts inside it, say.
    pub(crate) fn of(chart: &Chart) -> Self {
        let mut used = Self::default();
        for template in &chart.templates {
            used.add(&template.data);
        }
        let values = chart.values_text.as_deref();
        used.all |= values.is_some_and(mentions_files);
        used.add_inner(chart);
        used.names.sort_unstable();
        used.names.dedup();
        used.patterns.sort_unstable();
        used.patterns.dedup();
        used
    }

    fn add_inner(&mut self, chart: &Chart) {
        for inner in &chart.dependencies {
            for template in &inner.templates {
                // What a chart inside names literally are files of its own, unless it is made to be included.
                let mut used = Self::default();
                used.add(&template.data);
                self.all |= used.all;
                if inner.metadata.is_library() {
                    self.names.append(&mut used.names);
                    self.patterns.append(&mut used.patterns);
                }
            }
            self.all |= inner.values_text.as_deref().is_some_and(mentions_files);
            self.add_inner(inner);
        }
    }

    fn add(&mut self, text: &[u8]) {
        for at in memchr::memmem::find_iter(text, b"Files") {
            let rest = &text[at + b"Files".len()..];
            let call = [(&b".Get"[..], false), (b".GetBytes", false), (b".Lines", false), (b".Glob", true)];
            let literal = call.iter().find_map(|(name, pattern)| {
                let argument = rest.strip_prefix(*name)?.strip_prefix(b" ")?;
                Some((quoted(argument.trim_ascii_start())?, *pattern))
            });
            match literal {
                Some((name, false)) => self.names.push(name),
                Some((pattern, true)) => self.patterns.push(pattern),
                // `.Files` in another way, or the word in a comment: better one read too many.
                None => self.all |= is_access(text, at),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.all && self.names.is_empty() && self.patterns.is_empty()
    }

    /// Any file.
    pub(crate) fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// The value of `.Files`: what was loaded with the chart, and what else of its directory may be used.
    pub(crate) fn read(
        &self,
        tree: &dyn Tree,
        root: &RepoPath,
        chart: &Chart,
    ) -> Result<slipway_gotmpl::Value, Failure> {
        let found: Vec<SharedFile> = self.files(tree, root)?.iter().map(Into::into).collect();
        Ok(files::value(chart.shared_files.iter().chain(&found)))
    }

    /// Reads the files of a chart's directory that may be used, beside those that are loaded with it.
    pub(crate) fn files(&self, tree: &dyn Tree, root: &RepoPath) -> Result<Vec<File>, Failure> {
        let mut found: Vec<File> = Vec::new();
        if self.all || !self.patterns.is_empty() {
            let globs: Vec<Glob> = self.patterns.iter().map(|pattern| Glob::new(pattern)).collect();
            let listed =
                Walk::new(tree, root)?.list(&|name| !matches!(name, "templates" | "charts" | "crds"))?;
            for name in listed.names {
                if is_file(&name)
                    && (self.all
                        || self.names.contains(&name)
                        || globs.iter().any(|glob| glob.matches(&name)))
                {
                    found.extend(read_file(tree, root, &name)?);
                }
            }
        } else {
            let walk = Walk::new(tree, root)?;
            for name in self.names.iter().filter(|name| is_file(name)) {
                if walk.keeps(name) {
                    found.extend(read_file(tree, root, name)?);
                }
            }
        }
        Ok(found)
    }
}

/// Whether a name is that of a file which `.Files` has and which was not loaded with the chart.
fn is_file(name: &str) -> bool {
    let special = [
        "Chart.yaml",
        "Chart.lock",
        "values.yaml",
        "values.schema.json",
        "requirements.yaml",
        "requirements.lock",
    ];
    !special.contains(&name)
        && !["templates/", "charts/", "crds/"].iter().any(|directory| name.starts_with(directory))
        && !name.starts_with('/')
        && !name.split('/').any(|segment| matches!(segment, "" | "." | ".."))
}

/// Whether the word at an offset is a field: `.Files`, or a text such as `"Files"`.
fn is_access(text: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| text.get(before))
        .is_some_and(|before| matches!(before, b'.' | b'"' | b'`'))
}

/// The literal at the begin of a text, where it has no escapes.
fn quoted(text: &[u8]) -> Option<String> {
    let quote = *text.first().filter(|first| matches!(first, b'"' | b'`'))?;
    let rest = &text[1..];
    let end = rest.iter().position(|byte| *byte == quote)?;
    let literal = std::str::from_utf8(&rest[..end]).ok()?;
    (quote == b'`' || !literal.contains('\\')).then(|| literal.to_owned())
}

#[cfg(test)]
mod tests {
    use super::FilesUsed;

    fn used(text: &str) -> FilesUsed {
        let mut used = FilesUsed::default();
        used.add(text.as_bytes());
        used
    }

    #[test]
    fn literal_names_and_patterns_are_all_that_is_used() {
        let found =
            used("{{ .Files.Get \"a.txt\" }}{{ ($.Files.Glob `conf/*`).AsConfig }}{{ .Files.Lines  \"b\" }}");
        assert_eq!(
            found,
            FilesUsed {
                all: false,
                names: vec!["a.txt".into(), "b".into()],
                patterns: vec!["conf/*".into()]
            }
        );
        assert!(used("{{/* Files are not used */}}{{ .Values.extraFiles }}").is_empty());
    }

    #[test]
    fn anything_else_may_be_any_file() {
        for text in [
            "{{ .Files.Get .Values.name }}",
            "{{ range $k, $v := .Files }}{{ end }}",
            "{{ $f := .Files }}",
            "{{ index . \"Files\" }}",
            "{{ .Files.Get (printf \"%s\" .x) }}",
        ] {
            assert!(used(text).all, "{text}");
        }
    }
}
