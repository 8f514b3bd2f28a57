//! The page's typed bindings, from the table of commands in the crate `api`.

use anyhow::Context as _;

use crate::{page, root};

/// Writes `ui/src/ipc/bindings.ts` anew. The crate's own test, told to write, is what knows the text.
pub(crate) fn write() -> anyhow::Result<()> {
    let status = std::process::Command::new("cargo")
        .args(["test", "--quiet", "--package", "slipway-api", "bindings_are_fresh"])
        .env("SLIPWAY_WRITE_BINDINGS", page::folder().join("src/ipc/bindings.ts"))
        .current_dir(root())
        .status()
        .context("cargo cannot be started")?;
    anyhow::ensure!(status.success(), "the bindings cannot be made ({status})");
    Ok(())
}
