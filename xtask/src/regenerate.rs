//! `cargo xtask regenerate`: what is made from something else and committed.

pub(crate) fn run() -> anyhow::Result<()> {
    anyhow::bail!("nothing to regenerate")
}
