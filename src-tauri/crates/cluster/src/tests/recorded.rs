//! The recorded syncs of a real Argo CD, played again on a real API server with controllers and fake nodes: the
//! operation and every task must end as they ended there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use slipway_model::Manifest;
use slipway_sync::ownership::Mark;
use slipway_sync::run::WAVE_DELAY;
use slipway_sync::{NamespaceMetadata, OperationPhase, ResultCode, SyncOptions};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::rig::{self, Rig};
use super::{create, manifest, result_text_of};
use crate::{Confirmation, Connection, Retry, SyncEvent, SyncOutcome, SyncRequest, sync};

/// Scenarios that are no sync from here, or differ on purpose.
const LEFT_OUT: &[(&str, &str)] = &[
    ("delete-application", "deletes an Application"),
    ("ignore-differences", "needs differences that are ignored"),
    ("out-of-sync-only", "needs a comparison to say what is unmodified"),
    ("retry-limit", "its results are those of the last attempt; retries have a test of their own"),
    ("unknown-field", "server-side apply names unknown fields instead of dropping them"),
];

struct Scenario {
    name: String,
    folder: PathBuf,
    text: Value,
    trace: Value,
}

fn yaml(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    // The recorder read `n` as a text.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_multiple_with_options::<Value>(&text, options).unwrap()
}

fn scenarios() -> Vec<Scenario> {
    let Ok(entries) = fs::read_dir(rig::shared().join("data/argocd-sync")) else { return Vec::new() };
    let mut scenarios: Vec<Scenario> = entries
        .filter_map(|entry| {
            let folder = entry.unwrap().path();
            let name = folder.file_name()?.to_str()?.to_owned();
            if !folder.is_dir() || LEFT_OUT.iter().any(|(left_out, _)| *left_out == name) {
                return None;
            }
            let text = yaml(&folder.join("scenario.yaml")).remove(0);
            let trace = fs::read_to_string(folder.join("trace.json")).ok()?;
            Some(Scenario { name, text, trace: serde_json::from_str(&trace).unwrap(), folder })
        })
        .collect();
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    scenarios
}

impl Scenario {
    fn targets(&self, folder: &str) -> Vec<Manifest> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(self.folder.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().flat_map(|path| yaml(path)).filter(|object| !object.is_null()).map(manifest).collect()
    }

    fn options(&self, operation: &Value) -> SyncOptions {
        let mut options = SyncOptions {
            namespace: self.name.clone(),
            revision: self.trace["revision"].as_str().unwrap().to_owned(),
            prune: operation["prune"] == true,
            dry_run: operation["dryRun"] == true,
            skip_hooks: operation["syncStrategy"].get("apply").is_some(),
            ..SyncOptions::default()
        };
        let policy = &self.text["application"]["syncPolicy"];
        let written = policy["syncOptions"].as_array().cloned().unwrap_or_default();
        options.take_over(written.iter().filter_map(Value::as_str));
        if let Ok(metadata) =
            serde_json::from_value::<NamespaceMetadata>(policy["managedNamespaceMetadata"].clone())
        {
            options.managed_namespace_metadata = Some(metadata);
        }
        for resource in operation["resources"].as_array().into_iter().flatten() {
            let text = |key: &str| resource[key].as_str().unwrap_or_default().to_owned();
            options.resources.push(slipway_model::ResourceId {
                group: text("group"),
                kind: text("kind"),
                namespace: text("namespace"),
                name: text("name"),
            });
        }
        options
    }

    fn request(&self, folder: &str, operation: &Value) -> SyncRequest {
        let instance = format!("{}@test", self.name).parse().unwrap();
        let mark = Mark::Application { name: self.name.clone(), namespace: self.name.clone() };
        SyncRequest {
            wave_delay: WAVE_DELAY,
            retry: Retry::default(),
            confirmation: Some(Confirmation::default()),
            ..SyncRequest::new(instance, mark, self.targets(folder), self.options(operation))
        }
    }

    fn kubectl(&self, rig: &Rig, step: &Value) {
        let arguments = step["kubectl"].as_array().unwrap();
        let mut child = Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(rig.kubeconfig())
            .args(arguments.iter().map(|argument| argument.as_str().unwrap().replace("$NS", &self.name)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let input = step["input"].as_str().unwrap_or_default().to_owned();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{}: {step}", self.name);
    }

    /// Plays the setup, then the recorded operation.
    async fn play(&self, rig: &'static Rig) -> SyncOutcome {
        let connection = rig.connect("").await;
        if self.text["absentNamespace"] != true {
            let namespace =
                serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}});
            create(&connection, "/api/v1/namespaces", &namespace).await;
        }
        for step in self.text["setup"].as_array().into_iter().flatten() {
            if let Some(folder) = step["sync"].as_str() {
                let mut request = self.request(folder, &Value::Null);
                // Names made from the time of a sync differ from those of the next one.
                request.options.revision = "before0before".to_owned();
                let (outcome, _) = self.run(rig, &connection, request).await;
                assert_eq!(outcome.phase, OperationPhase::Succeeded, "{}: {outcome:?}", self.name);
                tokio::time::sleep(Duration::from_secs(3)).await;
            } else if step.get("kubectl").is_some() {
                self.kubectl(rig, step);
            } else if let Some(seconds) = step["sleep"].as_u64() {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
        }
        let request = self.request("manifests", &self.text["operation"]["sync"]);
        self.run(rig, &connection, request).await.0
    }

    async fn run(
        &self,
        rig: &'static Rig,
        connection: &Arc<Connection>,
        request: SyncRequest,
    ) -> (SyncOutcome, ()) {
        let (sender, mut receiver) = mpsc::channel(64);
        let confirmation = request.confirmation.clone().unwrap();
        let connection = Arc::clone(connection);
        let syncing = async move { sync(&connection, request, sender, CancellationToken::new()).await };
        let acting = async {
            let mut steps: Vec<&Value> = self.text["during"].as_array().into_iter().flatten().collect();
            while let Some(event) = receiver.recv().await {
                let SyncEvent::Operation { message, .. } = event else { continue };
                steps.retain(|step| {
                    if !message.contains(step["message"].as_str().unwrap()) {
                        return true;
                    }
                    // The approval is an annotation of the Application, which is not there.
                    if step.to_string().contains("deletion-approved") {
                        confirmation.confirm();
                    } else {
                        self.kubectl(rig, step);
                    }
                    false
                });
            }
        };
        tokio::join!(syncing, acting)
    }

    /// What differs from the recording.
    fn compare(&self, outcome: &SyncOutcome) -> Vec<String> {
        let operation = &self.trace["operation"];
        let mut differences = Vec::new();
        if operation["phase"] != outcome.phase.as_str() {
            differences.push(format!(
                "{}: {} ({}), recorded {operation}",
                self.name,
                outcome.phase.as_str(),
                outcome.message
            ));
        }
        let recorded: BTreeSet<String> = operation["resources"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|resource| {
                let text = |key: &str| resource[key].as_str().unwrap_or_default();
                let name = without_time(text("name"));
                format!(
                    "{} {} {name} {} {}",
                    text("syncPhase"),
                    text("kind"),
                    text("status"),
                    text("hookPhase")
                )
            })
            .collect();
        let played: BTreeSet<String> = outcome
            .resources
            .iter()
            .map(|result| {
                let name = without_time(&result.resource.name);
                let status = result.status.map(ResultCode::as_str).unwrap_or_default();
                let state = result.state.map(OperationPhase::as_str).unwrap_or_default();
                format!("{} {} {name} {status} {state}", result.phase, result.resource.kind)
            })
            .collect();
        for line in recorded.difference(&played) {
            differences.push(format!("{}: recorded: {line}", self.name));
        }
        for line in played.difference(&recorded) {
            differences.push(format!("{}: played:   {line} {}", self.name, result_text_of(outcome, line)));
        }
        differences
    }
}

/// A generated name without revision and time.
fn without_time(name: &str) -> String {
    for phase in ["-presync-", "-sync-", "-postsync-", "-syncfail-"] {
        if let Some(end) = name.find(phase) {
            return name[..end].rsplit_once('-').map_or(name, |(prefix, _)| prefix).to_owned();
        }
    }
    name.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_syncs_of_argo_cd_end_as_they_ended_there() {
    let test = "recorded_syncs_of_argo_cd_end_as_they_ended_there";
    let scenarios = scenarios();
    let kubectl = Command::new("kubectl").arg("version").arg("--client").output();
    if scenarios.is_empty() || kubectl.is_err() {
        println!("skipped: {test}: ../shared or kubectl is missing");
        return;
    }
    let Some(rig) = rig::start(&["--controllers", "--nodes", "3"]) else {
        println!("skipped: {test}: the rig under ../shared, its programs or Go are missing");
        return;
    };
    let rig: &'static Rig = Box::leak(Box::new(rig));
    for (name, reason) in LEFT_OUT {
        println!("left out: {name}: {reason}");
    }
    let played = futures::future::join_all(scenarios.iter().map(|scenario| async move {
        match tokio::time::timeout(Duration::from_secs(150), scenario.play(rig)).await {
            Ok(outcome) => scenario.compare(&outcome),
            Err(_) => vec![format!("{}: still running after 150 s", scenario.name)],
        }
    }))
    .await;
    let differences: Vec<String> = played.into_iter().flatten().collect();
    assert!(differences.is_empty(), "{} scenarios:\n{}", scenarios.len(), differences.join("\n"));
}
