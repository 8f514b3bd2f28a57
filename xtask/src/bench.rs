//! `cargo xtask bench`: speed and memory on generated repositories.

use crate::{Flags, root};

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    let mut line =
        vec!["cargo", "run", "--release", "--quiet", "--package", "slipway-tests", "--bin", "bench", "--"];
    if flags.has("--quick") {
        line.push("--quick");
    }
    crate::process::run(&root(), &line)
}
