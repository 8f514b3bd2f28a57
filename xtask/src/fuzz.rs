//! `cargo xtask fuzz`: breaks files and renders what is left; fails where an engine crashes.

use crate::{Flags, root};

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    let mut line =
        vec!["cargo", "run", "--release", "--quiet", "--package", "slipway-tests", "--bin", "fuzz", "--"];
    line.extend(flags.0.iter().map(String::as_str));
    crate::process::run(&root(), &line)
}
