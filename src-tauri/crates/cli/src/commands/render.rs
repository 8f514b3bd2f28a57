//! `slipway render`.

use std::path::PathBuf;

use slipway_api::dto::ApiError;

use crate::Done;
use crate::arguments::{Output, RenderCommand};
use crate::commands::{cluster, runtime, snapshot, source, split_repository};
use crate::output::Terminal;

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: RenderCommand,
) -> Result<Done, ApiError> {
    match command.source.path.clone() {
        Some(path) => render_path(terminal, path, command),
        None => render_instances(terminal, repository, command),
    }
}

fn render_path(terminal: &Terminal, path: PathBuf, command: RenderCommand) -> Result<Done, ApiError> {
    let target = cluster::target(&command.cluster);
    let mut request = source::request(path, command.source, command.namespace)?;
    request.raw = command.raw;
    let answer = match &target {
        Some(target) => runtime()?.block_on(request.render_on(target))?,
        None => request.render()?,
    };
    for problem in &answer.rendered.problems {
        terminal.problem(problem);
    }
    let is_opaque = answer.rendered.fidelity.level == slipway_api::model::FidelityLevel::Opaque;
    if answer.rendered.is_failed() || is_opaque {
        return Ok(Done::NotEverything);
    }
    if let Some(json) = &answer.raw {
        terminal.line(json.trim_end());
        return Ok(Done::Everything);
    }
    let objects: Vec<serde_json::Value> =
        answer.rendered.manifests.iter().map(|manifest| (*manifest.object).clone()).collect();
    match command.output {
        Output::Text | Output::Yaml => terminal.document(&slipway_api::documents(&answer.rendered.manifests)),
        Output::Json => terminal.value(Output::Json, &serde_json::Value::Array(objects)),
        Output::Jsonl => objects.iter().for_each(|object| terminal.value(Output::Jsonl, object)),
    }
    Ok(Done::Everything)
}

fn render_instances(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: RenderCommand,
) -> Result<Done, ApiError> {
    let target = cluster::target(&command.cluster);
    let (repository, names) = split_repository(repository, command.names);
    let snapshot = snapshot(repository.as_deref(), command.revision.as_deref())?;
    let instances = snapshot.meant(&names, command.all, command.shard)?;
    let environments = instances.iter().map(|instance| instance.id.environment.clone());
    let asked = cluster::ask(terminal, &snapshot, environments, target.as_ref())?;
    let (mut rendered, mut failed, mut opaque) = (0, 0, 0);
    let mut all = Vec::new();
    snapshot.render(&instances, &asked.answers, |answer| {
        match answer.status() {
            "failed" => failed += 1,
            "opaque" => opaque += 1,
            _ => rendered += 1,
        }
        for problem in &answer.rendered.problems {
            terminal.problem(problem);
        }
        match command.output {
            Output::Text | Output::Yaml => terminal.document(&answer.yaml()),
            Output::Jsonl => terminal.value(Output::Jsonl, &answer.json()),
            Output::Json => all.push(answer.json()),
        }
    });
    if command.output == Output::Json {
        terminal.value(Output::Json, &serde_json::Value::Array(all));
    }
    terminal.note(&format!("{rendered} rendered, {failed} failed, {opaque} opaque"));
    Ok(if failed > 0 { Done::NotEverything } else { Done::Everything })
}
