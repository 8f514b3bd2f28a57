//! Renders that ask the cluster of their environment, with the sandbox as that cluster.

use std::path::Path;

use serde_json::{Value, json};
use slipway_cluster::{Connection, ConnectionOptions, KubeconfigSource};
use slipway_sandbox::{Sandbox, SandboxOptions};

use super::{api, call, git, open, until, write};
use crate::Api;

/// The password that somebody else gave, and that a chart shall keep.
const KEPT: &str = "a2VwdA==";

const SECRET: &str = "{{- $old := lookup \"v1\" \"Secret\" \"shop\" \"web\" }}
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: shop}
data:
  password: {{ if $old }}{{ $old.data.password }}{{ else }}{{ randAlphaNum 12 | b64enc }}{{ end }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
data:
  password: {{ ternary \"kept\" \"new\" (not (empty $old)) }}
  {{- if .Capabilities.APIVersions.Has \"apps/v1/Deployment\" }}
  deployments: served
  {{- end }}
";

/// A chart that keeps its password, in two environments, and what makes the password.
fn repository(root: &Path) {
    std::fs::create_dir_all(root).unwrap();
    git(root, &["init", "-q", "-b", "main"]);
    for environment in ["staging", "production"] {
        let chart = format!("apps/web/{environment}");
        write(root, &format!("{chart}/Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.2.3\n");
        write(root, &format!("{chart}/templates/secret.yaml"), SECRET);
    }
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: web, namespace: shop}}\ndata: {{password: {KEPT}}}\n"
    );
    write(root, "apps/seed/staging/seed.yaml", &format!("{namespace}---\n{secret}"));
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "first"]);
}

/// What the chart shows of the cluster.
async fn shown(api: &Api, repository: &Value, instance: &str) -> String {
    let resource = json!({"group": "", "kind": "ConfigMap", "namespace": "shop", "name": "web"});
    let request = json!({"repository": repository, "instance": instance, "resource": resource});
    let yaml = call(api, "manifest", request).await["yaml"].as_str().unwrap().to_owned();
    yaml.split("data:\n").nth(1).unwrap().split("kind:").next().unwrap().replace('\n', "").trim().to_owned()
}

async fn sync(api: &Api, repository: &Value, instance: &str) {
    let start = json!({"repository": repository, "instances": [instance], "revision": null,
        "target": {"kind": "contexts"}, "prune": false, "dryRun": false, "confirmed": ["staging"]});
    let run = call(api, "sync_start", start).await;
    let ended = until(api, "run", json!({"run": run["id"]}), |run| run["finishedAt"] != Value::Null).await;
    assert_eq!(ended["phase"], "succeeded", "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_keeps_the_password_that_the_connected_cluster_holds() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    let info = open(&api, &root).await;
    let id = info["id"].clone();
    let source = json!({"repository": id, "instance": "web@staging"});
    let reasons = |source: &Value| source["fidelityReasons"].to_string();
    let offline = call(&api, "source", source.clone()).await;
    assert!(reasons(&offline).contains("looked up 1 object, no cluster connected: empty"), "{offline}");
    assert_eq!(
        offline["cluster"],
        json!({"lookups": 1, "capabilities": true, "answered": null, "byArgocd": false})
    );
    assert_eq!(shown(&api, &id, "web@staging").await, "password: new");

    let environments = vec!["staging".to_owned(), "production".to_owned()];
    let sandbox = Sandbox::start(SandboxOptions { environments, ..SandboxOptions::default() }).await.unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, sandbox.kubeconfig()).unwrap();
    let (_, context) = sandbox.contexts().into_iter().find(|(name, _)| name == "staging").unwrap();
    let mut settings = call(&api, "settings", json!({})).await;
    settings["kubeconfig"] = json!(kubeconfig.display().to_string());
    settings["contexts"] = json!({info["path"].as_str().unwrap(): {"staging": context}});
    call(&api, "settings_save", settings.clone()).await;
    assert_eq!(
        call(&api, "source", source.clone()).await["cluster"]["answered"],
        Value::Null,
        "a context that is chosen is not asked by that alone"
    );

    // It is connected when it was found to answer.
    let check = json!({"context": context});
    let answer = call(&api, "cluster_check", check.clone()).await;
    assert_eq!(answer["state"], "connected", "{answer}");
    let connected =
        until(&api, "source", source.clone(), |source| source["cluster"]["answered"] != Value::Null).await;
    let answered = &connected["cluster"]["answered"];
    assert_eq!(
        (&answered["context"], &answered["version"], &answered["connected"]),
        (&json!(context), &answer["version"], &json!(true))
    );
    until(&api, "source", source.clone(), |source| !reasons(source).contains("looked up")).await;
    assert_eq!(shown(&api, &id, "web@staging").await, "deployments: served  password: new");
    assert_eq!(shown(&api, &id, "web@production").await, "password: new", "its cluster is not connected");

    // Somebody makes the Secret; what was synced to is asked again when it next answers.
    sync(&api, &id, "seed@staging").await;
    let kept = async {
        loop {
            call(&api, "cluster_check", check.clone()).await;
            if shown(&api, &id, "web@staging").await == "deployments: served  password: kept" {
                break;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(120), kept).await.unwrap();
    let production = json!({"repository": id, "instance": "web@production"});
    let standing = until(&api, "instance", production, |detail| detail["state"]["kind"] != "unknown").await;
    assert_eq!(standing["state"]["kind"], "equal", "what clusters hold is no difference of what Git says");

    // A sync renders what it applies with what the cluster says.
    sync(&api, &id, "web@staging").await;
    let file = KubeconfigSource::File(kubeconfig);
    let connection =
        Connection::from_kubeconfig(&file, Some(&context), ConnectionOptions::default()).await.unwrap();
    let live = |kind: &'static str| connection.look_up("v1", kind, "shop", "web", 100_000);
    assert_eq!(live("Secret").await.unwrap().unwrap()["data"]["password"], KEPT);
    assert_eq!(
        live("ConfigMap").await.unwrap().unwrap()["data"],
        json!({"password": "kept", "deployments": "served"})
    );

    // What a cluster said stays when it is gone, and is forgotten with its context.
    sandbox.stop().await;
    assert_ne!(call(&api, "cluster_check", check).await["state"], "connected");
    let gone = call(&api, "source", source.clone()).await;
    assert_eq!(gone["cluster"]["answered"]["connected"], false, "{gone}");
    assert!(gone["cluster"]["answered"]["askedAt"].as_i64().unwrap() > 0);
    assert_eq!(shown(&api, &id, "web@staging").await, "deployments: served  password: kept");
    settings["contexts"] = json!({});
    call(&api, "settings_save", settings).await;
    until(&api, "source", source, |source| reasons(source).contains("no cluster connected")).await;
    assert_eq!(shown(&api, &id, "web@staging").await, "password: new");
    api.stop().await;
}
