//! `cargo xtask bench`: speed and memory on generated repositories.

use crate::{Flags, root};

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    let mut line =
        vec!["cargo", "run", "--release", "--quiet", "--package", "slipway-tests", "--bin", "bench", "--"];
    line.extend(flags.0.iter().map(String::as_str));
    crate::process::run(&root(), &line)
}
