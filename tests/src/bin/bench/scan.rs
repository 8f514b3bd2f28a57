//! Finding the applications.

use anyhow::ensure;
use slipway_catalog::ScanOptions;
use slipway_model::{RepoPath, Tree};
use slipway_workspace::Revision;

use crate::figure::{Budget, Figures};
use crate::repository::Generated;

pub(crate) fn measure(generated: &Generated, figures: &mut Figures) -> anyhow::Result<()> {
    let runs = figures.runs();
    figures.time("open and scan, cold", Some(Budget::Median(1_000.0)), runs, || {
        let workspace = generated.open()?;
        let tree = workspace.tree(&Revision::WorkingDirectory)?;
        let catalog = workspace.scan(&tree)?;
        ensure!(catalog.instances().count() == generated.shape.instances, "not every instance was found");
        Ok((workspace, tree, catalog))
    })?;
    let workspace = generated.open()?;
    // The parts of it, on one tree each.
    figures.time("  index and ids of the whole tree", None, runs, || {
        let tree = workspace.tree(&Revision::WorkingDirectory)?;
        Ok(tree.content_id(&RepoPath::root())?)
    })?;
    let tree = workspace.tree(&Revision::WorkingDirectory)?;
    figures.time("  scan of a tree listed before", None, runs, || {
        Ok(slipway_catalog::scan(&tree, &ScanOptions::default()))
    })?;
    let commit = workspace.tree(&Revision::Commit(workspace.head_commit()?))?;
    figures.time("  scan of the commit", None, runs, || {
        Ok(slipway_catalog::scan(&commit, &ScanOptions::default()))
    })
}
