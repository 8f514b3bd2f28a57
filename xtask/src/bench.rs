//! `cargo xtask bench`: speed and memory on generated repositories; with `engines` first, our engines beside the real
//! ones.

use crate::{Flags, root};

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    let words: Vec<&str> = flags.0.iter().map(String::as_str).collect();
    let (program, rest) = match words.as_slice() {
        ["engines", rest @ ..] => ("engines", rest),
        rest => ("bench", rest),
    };
    let mut line =
        vec!["cargo", "run", "--release", "--quiet", "--package", "slipway-tests", "--bin", program, "--"];
    line.extend(rest);
    crate::process::run(&root(), &line)
}
