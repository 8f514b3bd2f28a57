//! `cargo xtask bundle`: a Debian package.

use crate::Flags;

pub(crate) fn run(_flags: &Flags) -> anyhow::Result<()> {
    anyhow::bail!("not built")
}
