//! Problems that several engines have.

use slipway_kustomize::Failure;
use slipway_model::{Problem, RemoteReference, RepoPath, TreeError};

/// The problem of a file or directory that is there and cannot be read.
#[must_use]
pub fn unreadable(path: &RepoPath, error: &TreeError) -> Problem {
    Failure::unreadable(path, error).to_problem()
}

/// What is said of an instance whose content lies elsewhere and was not fetched.
pub(crate) fn not_fetched(reference: &RemoteReference) -> Problem {
    let code = match reference {
        RemoteReference::Chart { .. } => "remote-chart",
        RemoteReference::Repository { .. } => "remote-repository",
        RemoteReference::File { .. } => "remote-file",
    };
    Problem::info(code, format!("not rendered here: {reference} is not fetched"))
        .hint("fetch it: `slipway fetch`")
}

/// Line and column of a byte of a text, both from 1, the column in characters.
pub(crate) fn place_of(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
