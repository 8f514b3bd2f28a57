//! The built-in sample repository: a small company with a history.

mod history;

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use include_dir::{Dir, include_dir};
use slipway_git::{BranchTarget, CommitRequest, CommitTime, Consent, GitError, Person, Repository};
use slipway_model::{CommitId, RepoPath};

use crate::dto::ApiError;
use crate::error::error;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sample");

/// The folder name of the sample, and so its name on screen.
pub(crate) const NAME: &str = "tidewater-config";

/// Writes the sample with its history into a folder that does not exist or is empty. `now` is in seconds since
/// 1970; the history ends a few hours before it.
pub(crate) fn write(folder: &Path, now: i64) -> Result<(), ApiError> {
    let repository = Repository::init(folder)?;
    configure(&repository)?;
    let mut files = BTreeMap::new();
    collect(&FILES, &mut files);
    let mut base = commit(
        &repository,
        None,
        &files,
        "the applications as they are today",
        "Tomasz Lind",
        now - 800 * 3600,
    )?;
    for step in history::HISTORY {
        let mut changes = BTreeMap::new();
        for (path, find, put) in step.replacements {
            let path = RepoPath::new(path).expect("the paths of the sample are inside it");
            let text =
                files.get(&path).map(|text| text.replacen(find, put, 1)).expect("the sample has the file");
            files.insert(path.clone(), text.clone());
            changes.insert(path, text);
        }
        base = commit(
            &repository,
            Some(base),
            &changes,
            step.message,
            step.author,
            now - step.hours_ago * 3600,
        )?;
    }
    Ok(())
}

/// The people of the sample have no keys, and a user who signs is not asked for one by it. A commit needs an
/// author also on a machine where Git was never set up.
fn configure(repository: &Repository) -> Result<(), ApiError> {
    let file = repository.git_directory().join("config");
    let failed =
        |cause: std::io::Error| error("store", format!("{} cannot be written: {cause}", file.display()));
    let mut config = std::fs::read_to_string(&file).map_err(failed)?;
    config.push_str(
        "[commit]\n\tgpgsign = false\n[user]\n\tname = Robin Sample\n\temail = robin@tidewater.example\n",
    );
    std::fs::write(&file, config).map_err(failed)
}

fn collect(folder: &Dir<'_>, files: &mut BTreeMap<RepoPath, String>) {
    for file in folder.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        let path = RepoPath::new(&path).expect("the paths of the sample are inside it");
        files.insert(path, file.contents_utf8().expect("the files of the sample are text").to_owned());
    }
    for below in folder.dirs() {
        collect(below, files);
    }
}

fn commit(
    repository: &Repository,
    base: Option<CommitId>,
    changes: &BTreeMap<RepoPath, String>,
    message: &str,
    author: &str,
    seconds: i64,
) -> Result<CommitId, GitError> {
    let first = author.split(' ').next().unwrap_or(author).to_lowercase();
    let person = Person { name: author.to_owned(), email: format!("{first}@tidewater.example") };
    let committed = repository.write_commit(&CommitRequest {
        base,
        branch: BranchTarget::Current,
        changes: changes.iter().map(|(path, text)| (path.clone(), Some(Bytes::from(text.clone())))).collect(),
        message: format!("{message}\n"),
        author: None,
        identity: Some(person),
        time: Some(CommitTime { seconds, offset: 60 }),
        consent: Consent::default(),
    })?;
    Ok(committed.commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_replacement_of_the_history_finds_its_text() {
        let mut files = BTreeMap::new();
        collect(&FILES, &mut files);
        for step in history::HISTORY {
            for (path, find, put) in step.replacements {
                let path = RepoPath::new(path).unwrap();
                let text = files.get_mut(&path).unwrap_or_else(|| panic!("{path} is missing"));
                assert_eq!(text.matches(find).count(), 1, "{}: `{find}` in {path}", step.message);
                *text = text.replacen(find, put, 1);
            }
        }
    }
}
