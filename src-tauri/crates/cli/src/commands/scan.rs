//! `slipway scan`.

use std::path::PathBuf;

use slipway_api::dto::ApiError;
use slipway_api::model::readable_path;

use crate::Done;
use crate::arguments::{Output, ScanCommand};
use crate::commands::snapshot;
use crate::output::{Terminal, Tint, clean};

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: ScanCommand,
) -> Result<Done, ApiError> {
    let repository = command.repository.or(repository);
    let snapshot = snapshot(repository.as_deref(), command.revision.as_deref())?;
    let catalog = snapshot.catalog();
    for problem in &catalog.problems {
        terminal.problem(problem);
    }
    if command.output != Output::Text {
        terminal.value(command.output, &snapshot.scan_json());
        return Ok(Done::Everything);
    }
    let layout = &catalog.layout;
    terminal.line(&format!(
        "{}  {:.0} % sure: {}",
        terminal.tint(Tint::Strong, &layout.family),
        layout.confidence * 100.0,
        clean(&layout.reason)
    ));
    let names: Vec<&str> = catalog.environments.iter().map(|environment| environment.name.as_str()).collect();
    let names = if names.is_empty() { "none".to_owned() } else { clean(&names.join(" → ")) };
    terminal.line(&format!("environments: {names}"));
    for application in &catalog.applications {
        terminal.line(&terminal.tint(Tint::Strong, &clean(application.name.as_str())));
        for instance in &application.instances {
            for source in &instance.sources {
                let values: Vec<String> = source.values.iter().map(readable_path).collect();
                let values =
                    if values.is_empty() { String::new() } else { format!("  {}", values.join(", ")) };
                terminal.line(&clean(&format!(
                    "  {:<20} {:<10} {}{values}",
                    instance.id.environment.as_str(),
                    source.engine.as_str(),
                    readable_path(&source.path)
                )));
            }
        }
    }
    let instances = catalog.instances().count();
    terminal.line(&format!(
        "{} applications, {} environments, {instances} instances, {} skipped",
        catalog.applications.len(),
        catalog.environments.len(),
        catalog.skipped.len()
    ));
    for skipped in &catalog.skipped {
        terminal.line(
            &terminal.tint(Tint::Quiet, &clean(&format!("  skipped {}: {}", skipped.path, skipped.reason))),
        );
    }
    if instances == 0 {
        terminal.note("  hint: open the repository that holds the configuration, or say in `.slipway.yaml` where it lies");
    }
    Ok(Done::Everything)
}
