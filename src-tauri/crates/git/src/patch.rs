//! Changes as a patch that `git apply` and `git am` accept.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use git2::{ObjectType, Oid};
use similar::{Algorithm, TextDiff};
use slipway_model::{CommitId, EntryKind, RepoPath};

use crate::change::{self, Side};
use crate::commit::Person;
use crate::commit_tree::{missing, tree_of};
use crate::error::{Attempt, GitError};
use crate::history::split_message;
use crate::repository::{Repository, object_id};

impl Repository {
    /// Writes changes of a commit as a patch. Contents are in repository form; `None` deletes.
    ///
    /// # Errors
    /// When a file is binary, or a path is no file of the commit.
    pub fn diff_patch(
        &self,
        base: &CommitId,
        changes: &BTreeMap<RepoPath, Option<Bytes>>,
    ) -> Result<String, GitError> {
        self.handles.with(|repository| {
            let tree = tree_of(repository, object_id(base)?)?;
            let mut patch = String::new();
            for (path, content) in changes {
                let old = change::side_at(repository, Some(tree), path)?;
                let refuse = |reason: &str| {
                    Err(GitError::InvalidChange { path: path.clone(), reason: reason.to_owned() })
                };
                match old.map(|side| side.kind()) {
                    Some(EntryKind::Directory) => return refuse("it is a directory"),
                    Some(EntryKind::Submodule) => return refuse("it is a submodule"),
                    Some(EntryKind::Symlink) if content.is_some() => {
                        return refuse("it is a symbolic link; change what it points at");
                    }
                    None if content.is_none() => return refuse("there is no such file to delete"),
                    _ => {}
                }
                let old_content = match old {
                    Some(side) => {
                        let blob = repository
                            .find_blob(side.id)
                            .map_err(|error| missing(repository, side.id, error))?;
                        Some(blob.content().to_vec())
                    }
                    None => None,
                };
                write_file(&mut patch, path, old, old_content.as_deref(), content.as_deref())?;
            }
            Ok(patch)
        })
    }
}

impl Repository {
    /// Writes changes of a commit as a mail that `git am` accepts: the message and the author go with the patch.
    /// Files with CRLF in the commit need `git am --keep-cr`.
    ///
    /// # Errors
    /// As [`Repository::diff_patch`].
    pub fn mail_patch(
        &self,
        base: &CommitId,
        changes: &BTreeMap<RepoPath, Option<Bytes>>,
        message: &str,
        author: &Person,
    ) -> Result<String, GitError> {
        let patch = self.diff_patch(base, changes)?;
        let one_line = |text: &str| text.replace(['\n', '\r', '\0', '<', '>'], " ");
        let (subject, body) = split_message(message);
        if subject.is_empty() {
            return Err(GitError::EmptyMessage);
        }
        let mut mail = format!(
            "From {} Mon Sep 17 00:00:00 2001\nFrom: {} <{}>\nSubject: [PATCH] {}\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n",
            Oid::ZERO_SHA1,
            one_line(&author.name),
            one_line(&author.email),
            one_line(&subject),
        );
        for line in body.lines() {
            // These would end the message for `git am`.
            let ends = line.starts_with("---") || line.starts_with("diff -") || line.starts_with("Index: ");
            let _ = writeln!(mail, "{}{line}", if ends { " " } else { "" });
        }
        let _ = write!(mail, "---\n\n{patch}-- \nslipway\n");
        Ok(mail)
    }
}

fn write_file(
    patch: &mut String,
    path: &RepoPath,
    old: Option<Side>,
    old_content: Option<&[u8]>,
    new_content: Option<&[u8]>,
) -> Result<(), GitError> {
    if old_content == new_content {
        return Ok(());
    }
    let text = |content: Option<&[u8]>| -> Result<String, GitError> {
        let content = content.unwrap_or_default();
        if content.contains(&0) {
            return Err(GitError::Binary { path: path.clone() });
        }
        String::from_utf8(content.to_vec()).map_err(|_| GitError::Binary { path: path.clone() })
    };
    let (old_text, new_text) = (text(old_content)?, text(new_content)?);
    let id = |content: Option<&[u8]>| match content {
        Some(content) => Oid::hash_object(ObjectType::Blob, content).attempt("hash a file"),
        None => Ok(Oid::ZERO_SHA1),
    };
    let (old_id, new_id) = (id(old_content)?, id(new_content)?);
    let mode = old.map_or(0o100_644, |side| side.mode);
    let (left, right) = (quote("a/", path), quote("b/", path));
    let mut head = format!("diff --git {left} {right}\n");
    let index = format!("index {old_id}..{new_id}");
    // Writing to a string cannot fail.
    let _ = match (old_content, new_content) {
        (None, _) => write!(head, "new file mode {mode:o}\n{index}\n"),
        (_, None) => write!(head, "deleted file mode {mode:o}\n{index}\n"),
        _ => writeln!(head, "{index} {mode:o}"),
    };
    patch.push_str(&head);
    if old_text.is_empty() && new_text.is_empty() {
        // An empty file comes or goes: there are no lines to show.
        return Ok(());
    }
    let from = if old_content.is_some() { left } else { "/dev/null".to_owned() };
    let to = if new_content.is_some() { right } else { "/dev/null".to_owned() };
    let tab = |name: &str| if name.contains(' ') && !name.starts_with('"') { "\t" } else { "" };
    let (from_tab, to_tab) = (tab(&from), tab(&to));
    let _ = write!(patch, "--- {from}{from_tab}\n+++ {to}{to_tab}\n");
    let (old_lines, new_lines) = (lines(&old_text), lines(&new_text));
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_slices(&old_lines, &new_lines);
    for group in diff.grouped_ops(3) {
        write_hunk(patch, &diff, &group);
    }
    Ok(())
}

/// The lines with their ends; a carriage return is part of a line.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn write_hunk<'a>(patch: &mut String, diff: &TextDiff<'a, 'a, str>, group: &[similar::DiffOp]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return;
    };
    let range = |start: usize, end: usize| {
        let count = end - start;
        // An empty range names the line before it.
        let line = if count == 0 { start } else { start + 1 };
        if count == 1 { format!("{line}") } else { format!("{line},{count}") }
    };
    let old = range(first.old_range().start, last.old_range().end);
    let new = range(first.new_range().start, last.new_range().end);
    let _ = writeln!(patch, "@@ -{old} +{new} @@");
    for operation in group {
        for change in diff.iter_changes(operation) {
            let sign = match change.tag() {
                similar::ChangeTag::Equal => ' ',
                similar::ChangeTag::Delete => '-',
                similar::ChangeTag::Insert => '+',
            };
            patch.push(sign);
            patch.push_str(change.value());
            if !change.value().ends_with('\n') {
                patch.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
}

/// A name as Git writes it: quoted as in C where it holds special characters.
fn quote(prefix: &str, path: &RepoPath) -> String {
    let name = format!("{prefix}{}", path.as_str());
    if !name.bytes().any(|byte| !(0x20..0x7f).contains(&byte) || matches!(byte, b'"' | b'\\')) {
        return name;
    }
    let mut quoted = String::from("\"");
    for byte in name.bytes() {
        match byte {
            b'"' => quoted.push_str("\\\""),
            b'\\' => quoted.push_str("\\\\"),
            b'\n' => quoted.push_str("\\n"),
            b'\t' => quoted.push_str("\\t"),
            0x20..=0x7e => quoted.push(char::from(byte)),
            _ => {
                let _ = write!(quoted, "\\{byte:03o}");
            }
        }
    }
    quoted.push('"');
    quoted
}
