//! `slipway sync`.

use std::path::PathBuf;
use std::time::Duration;

use slipway_api::dto::ApiError;
use slipway_api::model::ResourceId;
use slipway_api::{CancellationToken, ClusterQuestion, SyncLine, SyncQuestion, failure};

use crate::Done;
use crate::arguments::{Output, SyncCommand};
use crate::commands::{runtime, snapshot, source, split_repository};
use crate::output::{Terminal, Tint, clean};

/// How long `--wait` waits where no `--timeout` is given.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: SyncCommand,
) -> Result<Done, ApiError> {
    let question = question(&command)?;
    let output = command.output;
    let wanted = match command.source.path.clone() {
        Some(path) => {
            let request = source::request(path, command.source, command.namespace)?;
            slipway_api::wanted_path(&request, command.name.as_deref())?
        }
        None => {
            let (repository, names) = split_repository(repository, command.names);
            let snapshot = snapshot(repository.as_deref(), command.revision.as_deref())?;
            let instances = snapshot.meant(&names, false, None)?;
            snapshot.wanted(&instances, command.namespace.as_deref())
        }
    };
    runtime()?.block_on(async {
        let cancel = CancellationToken::new();
        let interrupted = cancel.clone();
        let watcher = tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupted.cancel();
            }
        });
        let well =
            slipway_api::sync(wanted, &question, cancel.clone(), |line| print(terminal, output, &line)).await;
        watcher.abort();
        Ok(match well? {
            true => Done::Everything,
            false if cancel.is_cancelled() => Done::Interrupted,
            false => Done::NotEverything,
        })
    })
}

fn question(command: &SyncCommand) -> Result<SyncQuestion, ApiError> {
    let target = if command.sandbox {
        ClusterQuestion::Sandbox
    } else {
        ClusterQuestion::Kubeconfig { file: command.kubeconfig.clone(), context: command.context.clone() }
    };
    Ok(SyncQuestion {
        namespace: command.namespace.clone(),
        prune: command.prune,
        server_side: command.server_side,
        replace: command.replace,
        force: command.force,
        dry_run: command.dry_run,
        resources: command.resource.iter().map(|text| resource(text)).collect::<Result<_, _>>()?,
        target,
        confirmed: command.confirm.clone(),
        wait: command.wait.map(|_| command.timeout.unwrap_or(PATIENCE)),
        timeout: command.timeout,
    })
}

/// `GROUP/KIND/NAMESPACE/NAME`; the group of core kinds and the namespace of cluster-wide ones are empty.
fn resource(text: &str) -> Result<ResourceId, ApiError> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [group, kind, namespace, name] if !kind.is_empty() && !name.is_empty() => Ok(ResourceId {
            group: (*group).to_owned(),
            kind: (*kind).to_owned(),
            namespace: (*namespace).to_owned(),
            name: (*name).to_owned(),
        }),
        _ => Err(failure(
            "bad-argument",
            format!("`{text}` is no resource: expected GROUP/KIND/NAMESPACE/NAME"),
        )),
    }
}

fn print(terminal: &Terminal, output: Output, line: &SyncLine) {
    if output != Output::Text {
        if let Some(value) = line.json() {
            terminal.value(Output::Jsonl, &value);
        }
        return;
    }
    match line {
        SyncLine::Task(_, result) => {
            let status = result.status.map_or("", |status| status.as_str());
            let state = result.state.map_or("", |state| state.as_str());
            let text = format!(
                "{:<8} {:>3}  {:<8} {}  {status} {state}  {}",
                result.phase.as_str(),
                result.wave,
                result.action.as_str(),
                result.resource,
                result.message
            );
            terminal.line(&clean(text.trim_end()));
        }
        SyncLine::Progress(instance, message) => {
            terminal.line(&terminal.tint(Tint::Quiet, &clean(&format!("{instance}: {message}"))));
        }
        SyncLine::Problem(problem) => terminal.problem(problem),
        SyncLine::Done(instance, outcome) => {
            let tint = if outcome.phase.as_str() == "Succeeded" { Tint::Strong } else { Tint::Failed };
            let text = format!("{instance}: {}: {}", outcome.phase.as_str(), outcome.message);
            terminal.line(&terminal.tint(tint, &clean(&text)));
            for hint in &outcome.hints {
                terminal.note(&format!("  hint: {hint}"));
            }
            for (resource, health) in outcome.health.iter().flat_map(|report| &report.reasons) {
                terminal.line(&clean(&format!(
                    "  {resource}: {} {}",
                    health.status.as_str(),
                    health.message
                )));
            }
        }
    }
}
