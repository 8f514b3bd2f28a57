//! `slipway diff`.

use std::path::PathBuf;

use slipway_api::dto::ApiError;
use slipway_api::model::{Change, FieldChange, Problem, Report, short_value};

use crate::Done;
use crate::arguments::{DiffCommand, Output};
use crate::commands::{cluster, snapshot};
use crate::output::{Terminal, Tint, clean};

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: DiffCommand,
) -> Result<Done, ApiError> {
    let mut sides = command.sides;
    let repository = if sides.len() == 3 { Some(PathBuf::from(sides.remove(0))) } else { repository };
    let mut snapshot = snapshot(repository.as_deref(), command.revision.as_deref())?;
    let target = cluster::target(&command.cluster);
    let environments = snapshot.environments_of_side(&sides[1])?;
    let mut asked = cluster::ask(terminal, &snapshot, environments, target.as_ref())?;
    let clusters = asked.json();
    snapshot.use_clusters(std::mem::take(&mut asked.answers));
    let report = snapshot.diff(&sides[0], &sides[1])?;
    for problem in &report.problems {
        terminal.problem(problem);
    }
    if command.output == Output::Text {
        print(terminal, &report);
    } else {
        let mut json = slipway_api::json_of(&report)?;
        if let Some(clusters) = clusters {
            json["clusters"] = clusters;
        }
        terminal.value(command.output, &json);
    }
    let differs = command.exit_code && !report.resources.is_empty();
    let failed = report.problems.iter().any(Problem::is_error);
    Ok(if differs || failed { Done::NotEverything } else { Done::Everything })
}

/// Groups first, because one change in forty instances is one thing to look at; then resource by resource.
pub(crate) fn print(terminal: &Terminal, report: &Report) {
    if report.resources.is_empty() {
        let sides = clean(&format!("{} and {}", report.from, report.to));
        // What was not rendered is not equal to anything.
        let whole = !report.problems.iter().any(Problem::is_error);
        terminal.line(&format!("{sides} {}", if whole { "are equal" } else { "could not be compared" }));
        return;
    }
    for group in report.groups.iter().filter(|group| group.count > 1) {
        let line = format!("{} × {}: {}", group.count, group.path, group.change);
        terminal.line(&terminal.tint(Tint::Strong, &clean(&line)));
    }
    for change in &report.resources {
        let (sign, tint) = match change.change.change {
            Change::Added => ("+", Tint::Added),
            Change::Removed => ("−", Tint::Removed),
            Change::Changed => ("~", Tint::Strong),
            Change::Renamed => ("→", Tint::Strong),
        };
        let renamed = change.change.renamed_from.as_ref().map(|from| format!(" (was {})", from.name));
        let line =
            format!("{sign} {} {}{}", change.instance, change.change.resource, renamed.unwrap_or_default());
        terminal.line(&terminal.tint(tint, &clean(&line)));
        for field in &change.change.fields {
            terminal.line(&clean(&format!("    {}: {}", field.path, old_to_new(field))));
        }
    }
}

/// `2 → 3`.
pub(crate) fn old_to_new(field: &FieldChange) -> String {
    let side = |value: &Option<serde_json::Value>| value.as_ref().map_or_else(|| "—".to_owned(), short_value);
    format!("{} → {}", side(&field.old), side(&field.new))
}
