//! A fleet of Helm charts with values in layers.

use std::collections::BTreeMap;

use anyhow::ensure;
use slipway_render::EngineKind;
use slipway_tests::generate::charts::ChartFleet;

use crate::figure::Figures;
use crate::fleet::{self, Edit};
use crate::memory;
use crate::report::Size;
use crate::repository::OnDisk;

/// How often a file is edited, so that a 95th percentile says something.
pub(crate) const EDITS: usize = 30;

pub(crate) fn measure(quick: bool) -> anyhow::Result<Option<Size>> {
    let charts = ChartFleet { charts: 40, applications: if quick { 40 } else { 150 }, environments: 40 };
    let disk = OnDisk::write(charts.files())?;
    let mut figures = Figures::new(if quick { 2 } else { 3 });
    let workspace = fleet::from_nothing(&disk, &mut figures)?;
    let (instances, failed) =
        workspace.fleet().map_or((0, 0), |fleet| (fleet.facts.len(), fleet.progress().failed));
    ensure!(instances == charts.instances() && failed == 0, "{instances} were found, {failed} failed");
    fleet::again(&workspace, &mut figures)?;
    fleet::unchanged(&workspace, &mut figures)?;
    let (own, shared) = (charts.own_values(), charts.shared_values());
    let edit = |what, file, after| Edit { what, file, after, runs: EDITS };
    edit("edit values of one instance", &own, "replicas: ").measure(&disk, &workspace, None, &mut figures)?;
    edit("edit values of an environment", &shared, "replicas: ").measure(
        &disk,
        &workspace,
        None,
        &mut figures,
    )?;
    drop(workspace);
    memory::measure(&disk, None, &mut figures)?;
    let engines = BTreeMap::from([(EngineKind::Helm, instances)]);
    let name = format!("{} charts with values in four layers", charts.charts);
    Ok(Some(Size { name, instances, files: disk.files, engines, figures: figures.all }))
}
