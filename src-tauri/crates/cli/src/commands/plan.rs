//! `slipway plan`.

use std::path::PathBuf;

use slipway_api::InstancePlan;
use slipway_api::dto::ApiError;

use crate::Done;
use crate::arguments::{Output, PlanCommand};
use crate::commands::{cluster, runtime, snapshot, source, split_repository};
use crate::output::{Terminal, Tint, clean};

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: PlanCommand,
) -> Result<Done, ApiError> {
    let target = cluster::target(&command.cluster);
    let plans = match command.source.path.clone() {
        Some(path) => {
            let name = command.name.clone();
            let request = source::request(path, command.source, command.namespace)?;
            let answer = match &target {
                Some(target) => runtime()?.block_on(request.render_on(target))?,
                None => request.render()?,
            };
            vec![slipway_api::plan_path(&request, &answer, name.as_deref())]
        }
        None => {
            let (repository, names) = split_repository(repository, command.names);
            let snapshot = snapshot(repository.as_deref(), command.revision.as_deref())?;
            let instances = snapshot.meant(&names, false, None)?;
            let environments = instances.iter().map(|instance| instance.id.environment.clone());
            let asked = cluster::ask(terminal, &snapshot, environments, target.as_ref())?;
            snapshot.plans(&instances, &asked.answers, command.namespace.as_deref())
        }
    };
    for problem in plans.iter().flat_map(|plan| &plan.plan.problems) {
        terminal.problem(problem);
    }
    match command.output {
        Output::Text => plans.iter().for_each(|plan| print(terminal, plan)),
        Output::Jsonl => plans.iter().for_each(|plan| terminal.value(Output::Jsonl, &plan.json())),
        Output::Json | Output::Yaml => {
            let instances: Vec<_> = plans.iter().map(InstancePlan::json).collect();
            terminal.value(command.output, &serde_json::json!({ "instances": instances }));
        }
    }
    Ok(if plans.iter().any(InstancePlan::is_failed) { Done::NotEverything } else { Done::Everything })
}

fn print(terminal: &Terminal, plan: &InstancePlan) {
    terminal.line(&terminal.tint(Tint::Strong, &format!("{}  {}", plan.instance, plan.revision)));
    for gate in plan.waits_for.iter().filter(|gate| !gate.text.is_empty()) {
        let line = format!("  {} ({})", gate.text, gate.unenforced.as_ref().unwrap_or(&gate.by));
        terminal.line(&terminal.tint(Tint::Quiet, &clean(&line)));
    }
    for phase in &plan.plan.phases {
        for wave in &phase.waves {
            terminal.line(&format!("  {} wave {}", phase.phase.as_str(), wave.wave));
            for task in &wave.tasks {
                let waits = if task.waits_for_health { "  waits for health" } else { "" };
                let hook = if task.hook_types.is_empty() { "" } else { "  hook" };
                terminal.line(&clean(&format!(
                    "    {:<8} {}{hook}{waits}",
                    task.action.as_str(),
                    task.resource
                )));
            }
        }
    }
}
