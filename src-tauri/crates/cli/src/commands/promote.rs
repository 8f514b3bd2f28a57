//! `slipway promote`.

use std::path::PathBuf;

use slipway_api::dto::ApiError;
use slipway_api::model::{EnvironmentName, Problem, PromotionPlan, short_value};
use slipway_api::{PromoteQuestion, WriteTo};

use crate::Done;
use crate::arguments::{Output, PromoteCommand};
use crate::commands::{cluster, diff, snapshot};
use crate::output::{Terminal, Tint, clean};

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: PromoteCommand,
) -> Result<Done, ApiError> {
    let repository = command.repository.or(repository);
    let mut snapshot = snapshot(repository.as_deref(), None)?;
    let target = cluster::target(&command.cluster);
    let environments = command.to.iter().map(EnvironmentName::new);
    let mut asked = cluster::ask(terminal, &snapshot, environments, target.as_ref())?;
    let clusters = asked.json();
    snapshot.use_clusters(std::mem::take(&mut asked.answers));
    let write = if command.commit {
        Some(WriteTo::CurrentBranch)
    } else {
        command.branch.map(WriteTo::Branch).or(command.patch.map(WriteTo::Patch))
    };
    let plan = snapshot.promote(&PromoteQuestion {
        from: command.from,
        to: command.to,
        applications: command.applications,
        include: command.include,
        exclude: command.exclude,
        write,
        message: command.message,
    })?;
    for problem in &plan.problems {
        terminal.problem(problem);
    }
    if command.output == Output::Text {
        print(terminal, &plan);
    } else {
        let mut json = slipway_api::json_of(&plan)?;
        if let Some(clusters) = clusters {
            json["clusters"] = clusters;
        }
        terminal.value(command.output, &json);
    }
    let failed = plan.problems.iter().any(Problem::is_error);
    Ok(if failed { Done::NotEverything } else { Done::Everything })
}

fn print(terminal: &Terminal, plan: &PromotionPlan) {
    let mut last = None;
    for item in &plan.items {
        if last != Some(&item.instance) {
            terminal.line(&terminal.tint(Tint::Strong, &clean(&item.instance.to_string())));
            last = Some(&item.instance);
        }
        let tick = if item.chosen { "x" } else { " " };
        let side =
            |value: &Option<serde_json::Value>| value.as_ref().map_or_else(|| "—".to_owned(), short_value);
        let place = if item.path.segments().is_empty() { String::new() } else { format!(" {}", item.path) };
        terminal.line(&clean(&format!(
            "  [{tick}] {} {}{place}: {} → {}",
            item.class.as_str(),
            item.resource,
            side(&item.old),
            side(&item.new)
        )));
        terminal.line(&terminal.tint(Tint::Quiet, &format!("        {}", clean(&item.reason))));
    }
    if plan.items.is_empty() {
        terminal.line("nothing differs");
        return;
    }
    terminal.line("");
    terminal.line(&terminal.tint(Tint::Strong, "edits"));
    for edit in &plan.edits {
        terminal.line(&clean(&format!("  {}", slipway_api::describe(edit))));
    }
    terminal.line("");
    terminal.line(&terminal.tint(Tint::Strong, "what renders differently"));
    diff::print(terminal, &plan.preview);
    if !plan.also_changed.is_empty() {
        let names: Vec<String> = plan.also_changed.iter().map(ToString::to_string).collect();
        terminal.line(&terminal.tint(Tint::Warning, &clean(&format!("also changed: {}", names.join(", ")))));
    }
    match &plan.written {
        None => terminal.line("\nnothing was written; `--commit`, `--branch` or `--patch` write it"),
        Some(written) => {
            if let (Some(commit), branch) = (&written.commit, written.branch.as_deref().unwrap_or("HEAD")) {
                terminal.line(&format!("\ncommitted {} on {branch}", commit.short()));
            }
            if let Some(patch) = &written.patch {
                terminal.line(&format!("\nwrote {patch}"));
            }
        }
    }
}
