//! The real kubectl against a running sandbox, over TLS. Without kubectl these are skipped by name.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{Sandbox, SandboxOptions, Speed};

/// A running sandbox, a kubeconfig and a home of its own.
struct Rig {
    _sandbox: Sandbox,
    _runtime: tokio::runtime::Runtime,
    home: tempfile::TempDir,
    kubeconfig: PathBuf,
}

/// What a command printed and whether it succeeded.
struct Output {
    text: String,
    errors: String,
    success: bool,
}

impl Rig {
    fn start(test: &str) -> Option<Self> {
        if Command::new("kubectl").args(["version", "--client"]).output().is_err() {
            println!("skipped: {test}: kubectl is not installed");
            return None;
        }
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let speed = Speed { ready_after: Duration::from_millis(60), job_after: Duration::from_millis(20) };
        let options = SandboxOptions {
            environments: vec!["staging".to_owned(), "production/eu".to_owned()],
            nodes: 2,
            speed,
            ..SandboxOptions::default()
        };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        let home = tempfile::tempdir().unwrap();
        let kubeconfig = sandbox.write_kubeconfig(Some(&home.path().join("config"))).unwrap();
        Some(Self { _sandbox: sandbox, _runtime: runtime, home, kubeconfig })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("kubectl");
        command
            .args(arguments)
            .env("HOME", self.home.path())
            .env("KUBECONFIG", &self.kubeconfig)
            .env_remove("HTTPS_PROXY")
            .env_remove("https_proxy")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(arguments).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Output {
            text: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
            success: output.status.success(),
        }
    }

    /// Runs a command that must succeed, and returns what it printed.
    fn ok(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(output.success, "kubectl {arguments:?}: {}{}", output.text, output.errors);
        output.text
    }
}

fn deployment(image: &str, sidecar: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 2\n  selector: \
         {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec:\n      \
         containers:\n      - {{name: web, image: \"{image}\"}}\n{sidecar}"
    )
}

const SIDECAR: &str = "      - {name: side, image: \"side:1\"}\n";

#[test]
fn kubectl_applies_twice_waits_and_deletes() {
    let Some(rig) = Rig::start("kubectl_applies_twice_waits_and_deletes") else { return };
    let apply = ["apply", "-f", "-"];
    assert_eq!(rig.ok(&apply, &deployment("web:1", SIDECAR)), "deployment.apps/web created\n");
    assert_eq!(rig.ok(&apply, &deployment("web:1", SIDECAR)), "deployment.apps/web unchanged\n");
    rig.ok(&["rollout", "status", "deployment/web", "--timeout=30s"], "");
    assert_eq!(rig.ok(&apply, &deployment("web:2", "")), "deployment.apps/web configured\n");
    rig.ok(&["wait", "--for=condition=Available", "deployment/web", "--timeout=30s"], "");
    rig.ok(&["rollout", "status", "deployment/web", "--timeout=30s"], "");
    let images =
        rig.ok(&["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[*].image}"], "");
    assert_eq!(images, "web:2", "the item that is no longer applied is gone");
    let table = rig.ok(&["get", "deployments"], "");
    assert!(table.starts_with("NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    2/2"), "{table}");
    assert!(rig.ok(&["describe", "deployment", "web"], "").contains("ScalingReplicaSet"));
    assert!(rig.ok(&["logs", "deployment/web"], "").contains("sandbox: ready"));
    rig.ok(&["rollout", "undo", "deployment/web"], "");
    rig.ok(&["rollout", "status", "deployment/web", "--timeout=30s"], "");
    rig.ok(&["delete", "deployment", "web", "--timeout=30s"], "");
    rig.ok(&["wait", "--for=delete", "pod", "-l", "app=web", "--timeout=30s"], "");
    assert!(rig.run(&["get", "deployment", "web"], "").errors.contains("(NotFound)"));
}

#[test]
fn kubectl_applies_on_the_server_and_is_told_of_conflicts() {
    let Some(rig) = Rig::start("kubectl_applies_on_the_server_and_is_told_of_conflicts") else { return };
    let apply = ["apply", "--server-side", "-f", "-"];
    assert_eq!(rig.ok(&apply, &deployment("web:1", SIDECAR)), "deployment.apps/web serverside-applied\n");
    rig.ok(&apply, &deployment("web:2", ""));
    let images =
        rig.ok(&["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[*].image}"], "");
    assert_eq!(images, "web:2");
    rig.ok(&["scale", "deployment", "web", "--replicas=3"], "");
    let output = rig.run(&apply, &deployment("web:2", ""));
    assert!(!output.success && output.errors.contains(".spec.replicas"), "{}", output.errors);
    rig.ok(&["apply", "--server-side", "--force-conflicts", "-f", "-"], &deployment("web:2", ""));
    let difference = rig.run(&["diff", "--server-side", "-f", "-"], &deployment("web:3", ""));
    assert!(difference.text.contains("+      - image: web:3"), "{}{}", difference.text, difference.errors);
    assert_eq!(
        rig.ok(&["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[*].image}"], ""),
        "web:2",
        "a diff changes nothing"
    );
}

#[test]
fn kubectl_moves_from_client_side_to_server_side_apply() {
    let Some(rig) = Rig::start("kubectl_moves_from_client_side_to_server_side_apply") else { return };
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {restartPolicy: Never, \
               containers: [{name: a, image: b}]}}}\n";
    for manifest in [job, &deployment("web:1", SIDECAR)] {
        rig.ok(&["apply", "-f", "-"], manifest);
        let output = rig.run(&["apply", "--server-side", "-f", "-"], manifest);
        assert!(output.success && output.errors.is_empty(), "{}", output.errors);
    }
    let again = rig.run(&["apply", "--server-side", "-f", "-"], &deployment("web:2", ""));
    assert!(again.success && again.errors.is_empty(), "{}", again.errors);
    let images =
        rig.ok(&["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[*].image}"], "");
    assert_eq!(images, "web:2", "the migrated manager gives up what it no longer applies");
}

#[test]
fn kubectl_creates_with_protocol_buffers() {
    let Some(rig) = Rig::start("kubectl_creates_with_protocol_buffers") else { return };
    rig.ok(&["create", "namespace", "shop"], "");
    for arguments in [
        &["create", "deployment", "web", "--image=web:1", "--replicas=2", "--port=80"][..],
        &["create", "configmap", "c", "--from-literal=a=b"],
        &["create", "secret", "generic", "s", "--from-literal=a=b"],
        &["create", "job", "j", "--image=j:1"],
        &["create", "cronjob", "cj", "--image=j:1", "--schedule=0 * * * *"],
        &["create", "quota", "q", "--hard=pods=10,cpu=1500m"],
        &["create", "role", "r", "--verb=get", "--resource=pods"],
        &["create", "ingress", "i", "--rule=a.example/*=web:80"],
        &["create", "poddisruptionbudget", "p", "--selector=app=web", "--min-available=50%"],
        &["expose", "deployment", "web", "--port=80", "--target-port=http"],
        &["autoscale", "deployment", "web", "--min=1", "--max=3", "--cpu-percent=50"],
        &["run", "one", "--image=one:1", "--restart=Never"],
    ] {
        let mut all = vec!["-n", "shop"];
        all.extend_from_slice(arguments);
        rig.ok(&all, "");
    }
    rig.ok(&["-n", "shop", "wait", "--for=condition=Complete", "job/j", "--timeout=30s"], "");
    let quota =
        rig.ok(&["-n", "shop", "get", "quota", "q", "-o", "jsonpath={.spec.hard.cpu} {.spec.hard.pods}"], "");
    assert_eq!(quota, "1500m 10");
    assert_eq!(rig.ok(&["-n", "shop", "get", "pdb", "p", "-o", "jsonpath={.spec.minAvailable}"], ""), "50%");
    let target = "jsonpath={.spec.metrics[0].resource.target.averageUtilization}";
    assert_eq!(rig.ok(&["-n", "shop", "get", "hpa", "web", "-o", target], ""), "50");
    assert_eq!(rig.ok(&["auth", "can-i", "create", "pods"], ""), "yes\n");
    rig.ok(&["delete", "namespace", "shop", "--timeout=30s"], "");
    assert!(rig.run(&["get", "namespace", "shop"], "").errors.contains("(NotFound)"));
    let late = rig.run(&["-n", "shop", "create", "configmap", "c"], "");
    assert!(late.errors.contains("namespaces \"shop\" not found"), "{}", late.errors);
}

#[test]
fn kubectl_defines_a_kind_and_uses_it() {
    let Some(rig) = Rig::start("kubectl_defines_a_kind_and_uses_it") else { return };
    let definition = r#"{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "sites.example.com"}, "spec": {"group": "example.com", "scope": "Namespaced",
        "names": {"plural": "sites", "kind": "Site", "shortNames": ["st"]}, "versions": [{"name": "v1", "served": true,
        "storage": true, "additionalPrinterColumns": [{"name": "Host", "type": "string", "jsonPath": ".spec.host"}],
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "host": {"type": "string"}}}}}}}]}}"#;
    rig.ok(&["apply", "-f", "-"], definition);
    rig.ok(&["wait", "--for=condition=Established", "crd/sites.example.com", "--timeout=30s"], "");
    let site = |host: &str| {
        format!("apiVersion: example.com/v1\nkind: Site\nmetadata: {{name: s}}\nspec: {{host: {host}}}\n")
    };
    rig.ok(&["apply", "-f", "-"], &site("a.example"));
    rig.ok(&["apply", "--server-side", "--force-conflicts", "-f", "-"], &site("b.example"));
    assert_eq!(rig.ok(&["get", "st"], ""), "NAME   HOST\ns      b.example\n");
    assert!(rig.ok(&["explain", "site.spec.host"], "").contains("FIELD: host <string>"));
    let wrong = rig.run(&["apply", "-f", "-"], &site("c.example").replace("host", "hst"));
    assert!(wrong.errors.contains("unknown field \"spec.hst\""), "{}", wrong.errors);
    rig.ok(&["delete", "crd", "sites.example.com", "--timeout=30s"], "");
    assert!(!rig.run(&["get", "sites.example.com"], "").success);
}

#[test]
fn kubectl_watches_changes_as_they_come() {
    let Some(rig) = Rig::start("kubectl_watches_changes_as_they_come") else { return };
    rig.ok(&["create", "configmap", "first"], "");
    let mut watch = rig.command(&["get", "configmaps", "--watch", "-o", "name"]).spawn().unwrap();
    let output = std::io::BufReader::new(watch.stdout.take().unwrap());
    let mut lines = std::io::BufRead::lines(output).map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "configmap/first");
    rig.ok(&["create", "configmap", "second"], "");
    assert_eq!(lines.next().unwrap(), "configmap/second");
    watch.kill().unwrap();
    watch.wait().unwrap();
}

#[test]
fn clusters_of_environments_know_nothing_of_each_other() {
    let Some(rig) = Rig::start("clusters_of_environments_know_nothing_of_each_other") else { return };
    rig.ok(&["--context", "slipway-staging", "create", "configmap", "only-here"], "");
    let elsewhere = rig.run(&["--context", "slipway-production-eu", "get", "configmap", "only-here"], "");
    assert!(elsewhere.errors.contains("(NotFound)"), "{}", elsewhere.errors);
    let refused = rig.run(&["--token=wrong", "get", "pods"], "");
    assert!(!refused.success, "another token opens nothing");
    assert_eq!(rig.ok(&["get", "--raw", "/readyz"], ""), "ok");
}

#[test]
fn a_sandbox_that_stops_leaves_nothing_behind() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config");
    runtime.block_on(async {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let address = sandbox.address();
        assert!(address.ip().is_loopback());
        assert_eq!(sandbox.contexts(), [("default".to_owned(), "slipway-default".to_owned())]);
        sandbox.write_kubeconfig(Some(&path)).unwrap();
        let foreign = directory.path().join("mine");
        std::fs::write(&foreign, "apiVersion: v1\n").unwrap();
        assert!(sandbox.write_kubeconfig(Some(&foreign)).is_err());
        sandbox.stop().await;
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
        assert!(foreign.exists());
    });
    assert!(!path.exists());
}
