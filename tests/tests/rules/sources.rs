//! What sources may hold.

use std::fs;
use std::path::{Path, PathBuf};

use slipway_tests::root;

use super::layers::PURE;

/// What a pure crate must not touch outside its tests.
const FORBIDDEN: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "thread::sleep",
    "rand::",
];

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "target" && entry.file_name() != "node_modules" {
                rust_files(&entry.path(), files);
            }
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
            files.push(entry.path());
        }
    }
}

/// The text before the tests of a file; nothing of a file of tests.
fn production_code(file: &Path) -> String {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let in_tests =
        file.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "examples")));
    if in_tests || name == "tests.rs" || name.ends_with("_tests.rs") {
        return String::new();
    }
    let text = fs::read_to_string(file).unwrap();
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

/// Whether a line names a path: `rand::` is not in `operand::`.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word)
        .any(|(place, _)| !code[..place].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}

#[test]
fn pure_crates_touch_no_disk_process_clock_or_network() {
    for name in PURE {
        let folder = root().join("src-tauri/crates").join(name).join("src");
        if !folder.is_dir() {
            continue;
        }
        let mut files = Vec::new();
        rust_files(&folder, &mut files);
        for file in files {
            for (number, line) in production_code(&file).lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in FORBIDDEN {
                    assert!(
                        !names(code, word),
                        "{}:{}: a pure crate uses `{word}`",
                        file.display(),
                        number + 1
                    );
                }
            }
        }
    }
}

#[test]
fn no_source_has_more_than_one_reason_to_change() {
    let mut files = Vec::new();
    rust_files(&root().join("src-tauri"), &mut files);
    rust_files(&root().join("xtask"), &mut files);
    for file in files {
        let lines = production_code(&file).lines().count();
        assert!(lines <= 700, "{} has {lines} lines; split it", file.display());
    }
}
