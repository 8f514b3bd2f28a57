//! `slipway parity`.

use std::path::PathBuf;

use slipway_api::dto::ApiError;
use slipway_api::{InstanceParity, ParityStatus};

use crate::Done;
use crate::arguments::{Output, ParityCommand};
use crate::commands::{snapshot, split_repository};
use crate::output::{Terminal, Tint, clean};

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: ParityCommand,
) -> Result<Done, ApiError> {
    let (repository, names) = split_repository(repository, command.names);
    let snapshot = snapshot(repository.as_deref(), command.revision.as_deref())?;
    let instances = snapshot.meant(&names, names.is_empty(), command.shard)?;
    let comparable = snapshot.comparable(&instances);
    let answers = snapshot.parity(&comparable);
    for problem in answers.iter().flat_map(|answer| &answer.problems) {
        terminal.problem(problem);
    }
    match command.output {
        Output::Text => answers.iter().for_each(|answer| print(terminal, answer)),
        Output::Jsonl => {
            for answer in &answers {
                terminal.value(Output::Jsonl, &slipway_api::json_of(answer)?);
            }
        }
        Output::Json | Output::Yaml => {
            let value = serde_json::json!({ "instances": slipway_api::json_of(&answers)? });
            terminal.value(command.output, &value);
        }
    }
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    let equal = count(ParityStatus::Equal);
    terminal.note(&format!(
        "{equal} equal, {} different, {} failed, {} not compared, {} rendered by no tool",
        count(ParityStatus::Different),
        count(ParityStatus::Failed),
        count(ParityStatus::NotInstalled) + count(ParityStatus::NotComparable),
        instances.len() - comparable.len(),
    ));
    Ok(if equal == answers.len() { Done::Everything } else { Done::NotEverything })
}

fn print(terminal: &Terminal, answer: &InstanceParity) {
    let (tint, word) = match answer.status {
        ParityStatus::Equal => (Tint::Added, "equal"),
        ParityStatus::Different => (Tint::Removed, "different"),
        ParityStatus::Failed => (Tint::Removed, "failed"),
        ParityStatus::NotInstalled | ParityStatus::NotComparable => (Tint::Quiet, "not compared"),
    };
    let tool = answer.tool_version.as_deref().unwrap_or(answer.tool);
    terminal.line(&format!("{:<12} {}  {}", terminal.tint(tint, word), answer.instance, clean(tool)));
    let Some(first) = &answer.first else { return };
    let resource = first.resource.as_ref().map(ToString::to_string).unwrap_or_default();
    terminal.line(&clean(&format!("    {resource} {}", first.path)));
    if let Some(message) = &first.message {
        terminal.line(&clean(&format!("      {message}")));
    }
    for (side, value) in [("ours", &first.ours), ("theirs", &first.theirs)] {
        if let Some(value) = value {
            terminal.line(&clean(&format!("      {side}: {}", slipway_api::model::short_value(value))));
        }
    }
}
