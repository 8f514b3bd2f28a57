//! `slipway fetch`.

use std::path::PathBuf;

use serde_json::{Value, json};
use slipway_api::dto::{ApiError, FetchedResult};
use slipway_api::{FetchOutcome, MissingRemote, Snapshot};

use crate::Done;
use crate::arguments::{FetchCommand, Output};
use crate::commands::{snapshot, split_repository};
use crate::output::{Terminal, Tint, clean};

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: FetchCommand,
) -> Result<Done, ApiError> {
    let (repository, names) = split_repository(repository, command.names);
    if command.all && !names.is_empty() {
        return Err(slipway_api::failure("bad-argument", "give either instances or `--all`"));
    }
    let snapshot = snapshot(repository.as_deref(), command.revision.as_deref())?;
    if command.list {
        return list(terminal, &snapshot, &names, command.output);
    }
    let last = std::cell::RefCell::new(String::new());
    let report = |step: &str, _: u64, _: u64| {
        // Once for each step, not for each percent of it.
        if *last.borrow() != step {
            terminal.note(&clean(step));
            step.clone_into(&mut last.borrow_mut());
        }
    };
    let outcomes = snapshot.fetch_remotes(&names, command.update, &report)?;
    let results: Vec<FetchedResult> = outcomes.iter().map(FetchOutcome::info).collect();
    print(terminal, &results, command.output)?;
    let failed = results.iter().filter(|result| result.failure.is_some()).count();
    terminal.note(&format!("{} fetched, {failed} failed", results.len() - failed));
    Ok(if failed == 0 { Done::Everything } else { Done::NotEverything })
}

fn print(terminal: &Terminal, results: &[FetchedResult], output: Output) -> Result<(), ApiError> {
    match output {
        Output::Text => {
            for result in results {
                let text = clean(&result.remote.text);
                match (&result.failure, &result.resolved) {
                    (Some(failure), _) => {
                        terminal.line(&format!("{:<8} {text}", terminal.tint(Tint::Removed, "failed")));
                        terminal.failure(failure);
                    }
                    (None, resolved) => {
                        let resolved = clean(resolved.as_deref().unwrap_or_default());
                        terminal.line(&format!(
                            "{:<8} {text}  {resolved}",
                            terminal.tint(Tint::Added, "fetched")
                        ));
                    }
                }
                for note in &result.notes {
                    terminal.note(&clean(note));
                }
            }
        }
        Output::Jsonl => {
            for result in results {
                terminal.value(Output::Jsonl, &slipway_api::json_of(result)?);
            }
        }
        Output::Json | Output::Yaml => {
            terminal.value(output, &json!({ "results": slipway_api::json_of(&results)? }));
        }
    }
    Ok(())
}

fn list(
    terminal: &Terminal,
    snapshot: &Snapshot,
    names: &[String],
    output: Output,
) -> Result<Done, ApiError> {
    let missing = snapshot.missing_remotes(names)?;
    let fetched = snapshot.fetched_remotes()?;
    let done = if missing.is_empty() { Done::Everything } else { Done::NotEverything };
    if output == Output::Text {
        for item in &fetched.items {
            let text = clean(&item.remote.text);
            let resolved = clean(&item.resolved);
            terminal.line(&format!("{:<8} {text}  {resolved}", terminal.tint(Tint::Added, "here")));
        }
        for each in &missing {
            let text = clean(&each.text());
            terminal.line(&format!("{:<8} {text}", terminal.tint(Tint::Removed, "missing")));
            for place in &each.places {
                terminal.line(&clean(&format!("    {place}")));
            }
        }
        return Ok(done);
    }
    let missing: Vec<Value> = missing.iter().map(MissingRemote::json).collect();
    if output == Output::Jsonl {
        for item in &fetched.items {
            terminal.value(output, &json!({ "fetched": slipway_api::json_of(item)? }));
        }
        for item in missing {
            terminal.value(output, &json!({ "missing": item }));
        }
        return Ok(done);
    }
    let fetched = slipway_api::json_of(&fetched.items)?;
    terminal.value(output, &json!({ "fetched": fetched, "missing": missing }));
    Ok(done)
}
