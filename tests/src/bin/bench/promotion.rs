//! Planning a promotion: the edits and the rendered preview, nothing written.

use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, ensure};
use slipway_catalog::Instance;
use slipway_diff::{BuiltInLists, MaskKey};
use slipway_model::{ApplicationName, CommitId, EnvironmentName, RepoPath, Tree};
use slipway_promote::{PromotionPlan, Request, Selection};
use slipway_workspace::{Fleet, Workspace};

use crate::figure::{Budget, Figures};

pub(crate) fn measure(workspace: &Workspace, figures: &mut Figures) -> anyhow::Result<()> {
    let base = workspace.head_commit()?;
    // The first time, the fleet of the commit is made from that of the working directory.
    let mut fleet = None;
    figures.time("fleet of the commit, the first time", None, 1, || {
        fleet = Some(workspace.fleet_at(&base, &AtomicBool::new(false))?);
        Ok(())
    })?;
    let fleet = fleet.context("the commit was read")?;
    let behind = behind(&fleet);
    for count in [1, 10, 100] {
        let Some(applications) = behind.get(..count) else { continue };
        let budget = (count == 100).then_some(Budget::Median(300.0));
        let name = format!("plan a promotion of {count}");
        let mut edits = 0;
        figures.time(&name, budget, figures.runs(), || {
            let plan = plan(workspace, &fleet, &base, applications)?;
            edits = plan.edits.len();
            ensure!(edits >= count, "{count} applications and only {edits} edits: {:?}", plan.problems);
            Ok(plan)
        })?;
        figures.note(format!("{edits} edits"));
    }
    Ok(())
}

/// Applications whose production has another version than staging.
fn behind(fleet: &Fleet) -> Vec<ApplicationName> {
    let version = |application: &slipway_catalog::Application, name: &str| {
        let instance = application.instances.iter().find(|each| each.id.environment.as_str() == name)?;
        Some(fleet.facts.get(&instance.id)?.version.clone())
    };
    fleet
        .catalog
        .applications
        .iter()
        .filter(|application| match (version(application, "staging"), version(application, "production")) {
            (Some(staging), Some(production)) => staging != production,
            _ => false,
        })
        .map(|application| application.name.clone())
        .collect()
}

fn plan(
    workspace: &Workspace,
    fleet: &Fleet,
    base: &CommitId,
    applications: &[ApplicationName],
) -> anyhow::Result<PromotionPlan> {
    let (from, to) = (EnvironmentName::new("staging"), [EnvironmentName::new("production")]);
    let pairing = slipway_promote::pairs(&fleet.catalog, &fleet.tree, &from, &to, applications);
    ensure!(pairing.problems.is_empty(), "{:?}", pairing.problems);
    Ok(slipway_promote::plan(&Request {
        tree: fleet.tree.clone(),
        base: base.clone(),
        from,
        to: to.to_vec(),
        pairs: pairing.pairs,
        newcomers: pairing.newcomers,
        words: slipway_promote::environment_words(&fleet.catalog),
        pins: &fleet.rules.pins,
        version_groups: &fleet.rules.version_groups,
        selection: Selection::default(),
        key: MaskKey::new([7; 32]),
        lists: &BuiltInLists,
        render: &|tree: &dyn Tree, instance: &Instance| workspace.render(tree, instance, &fleet.clusters),
        redeclare: &|tree: &dyn Tree, instance: &Instance| {
            workspace.scan(tree).ok()?.instance(&instance.id).cloned()
        },
        affected: &|paths: &[RepoPath]| fleet.touched_by(paths).into_iter().cloned().collect(),
    }))
}
