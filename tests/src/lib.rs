//! What the tests of the whole workspace and the bench share: where things are, how a skip is named, and
//! generated repositories.

pub mod corpus;
pub mod generate;

use std::path::{Path, PathBuf};

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new(".")).to_path_buf()
}

/// A file or folder of the reference data beside the workspace; `None`, with a line that names the skipped
/// test, where it is missing.
#[must_use]
#[expect(clippy::print_stdout, reason = "the test command counts these lines")]
pub fn shared(test: &str, path: &str) -> Option<PathBuf> {
    let found = root().join("../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    println!("skipped: {test}: ../shared/{path} is missing");
    None
}
