//! What instances are rendered from, where fields come from, and the comparison with the installed tools.

use std::path::Path;

use serde_json::{Value, json};

use super::{api, call, git, open, write};

const TEMPLATE: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  paused: false
  template:
    spec:
      containers:
        - name: web
          image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
";

/// A chart and a kustomization, each in two environments.
fn repository(root: &Path) {
    std::fs::create_dir_all(root).unwrap();
    git(root, &["init", "-q", "-b", "main"]);
    for environment in ["staging", "production"] {
        let chart = format!("apps/web/{environment}");
        let declared = "dependencies:\n- {name: cache, version: 0.1.0, condition: cache.enabled}\n";
        let metadata = "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: \"7\"\n";
        write(root, &format!("{chart}/Chart.yaml"), &format!("{metadata}{declared}"));
        write(
            root,
            &format!("{chart}/values.yaml"),
            "replicas: 1\nimage:\n  repository: web\n  tag: v1\ncache:\n  enabled: false\n  password: hunter2\n",
        );
        write(root, &format!("{chart}/templates/d.yaml"), TEMPLATE);
        write(
            root,
            &format!("{chart}/charts/cache/Chart.yaml"),
            "apiVersion: v2\nname: cache\nversion: 0.1.0\n",
        );
        write(root, &format!("{chart}/charts/cache/values.yaml"), "enabled: true\npassword: swordfish\n");
        let overlay = format!("apps/api/overlays/{environment}");
        write(
            root,
            &format!("{overlay}/kustomization.yaml"),
            "resources:\n- ../../base\npatches:\n- path: replicas.yaml\n",
        );
        write(
            root,
            &format!("{overlay}/replicas.yaml"),
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  replicas: 4\n",
        );
    }
    write(root, "apps/api/base/kustomization.yaml", "resources:\n- deployment.yaml\n");
    write(
        root,
        "apps/api/base/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  replicas: 1\n  paused: true\n",
    );
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "first"]);
}

/// The deciding place as `ROLE FILE:LINE`.
fn deciding(origin: &Value) -> String {
    let place = &origin["places"][0];
    let file = place["place"]["file"].as_str().unwrap_or_default();
    let file = file.rsplit('/').next().unwrap_or_default();
    format!("{} {file}:{}", place["role"].as_str().unwrap_or_default(), place["place"]["line"])
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_and_kustomizations_are_looked_into() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    let id = open(&api, &root).await["id"].clone();
    let named = |instance: &str| json!({"repository": id, "instance": instance});

    let source = call(&api, "source", named("web@production")).await;
    assert_eq!((&source["fidelity"], &source["tool"]), (&json!("exact"), &json!("helm")), "{source}");
    let part = &source["parts"][0];
    assert_eq!(
        (&part["version"], &part["content"]["kind"]),
        (&json!("helm v3.22.0"), &json!("chart")),
        "{part}"
    );
    let chart = &part["content"]["chart"];
    assert_eq!((&chart["version"], &chart["appVersion"]), (&json!("1.2.3"), &json!("7")));
    let dependency = &chart["dependencies"][0];
    assert_eq!((&dependency["enabled"], &dependency["version"]), (&json!(false), &json!("0.1.0")));
    assert_eq!(dependency["place"]["opens"], true);
    assert_eq!(
        chart["layers"].as_array().unwrap().len(),
        1,
        "a chart that is off gives no defaults: {chart}"
    );

    let source = call(&api, "source", named("api@production")).await;
    let nodes = source["parts"][0]["content"]["nodes"].as_array().unwrap();
    let roles: Vec<_> = nodes.iter().map(|node| (node["role"].clone(), node["usedBy"].clone())).collect();
    assert_eq!(roles, [(json!("target"), json!(null)), (json!("base"), json!(0))]);
    assert_eq!(nodes[0]["changes"][0], json!({"field": "patches", "count": 1}));
    assert_eq!(nodes[1]["resources"], 1);

    // A dependency that is switched on shows what it is given, with secrets masked.
    let values = root.join("apps/web/production/values.yaml");
    let text = std::fs::read_to_string(&values).unwrap().replace("enabled: false", "enabled: true");
    std::fs::write(&values, text).unwrap();
    call(&api, "repository_refresh", json!({"repository": id})).await;
    let source = call(&api, "source", named("web@production")).await;
    let chart = &source["parts"][0]["content"]["chart"];
    let keys = chart["keys"].as_array().unwrap();
    let password = keys.iter().find(|key| key["key"] == "cache.password").unwrap();
    assert_eq!((&password["winner"], &password["cells"][1]["masked"]), (&json!(1), &json!(true)));
    assert_eq!(password["cells"][1]["place"]["line"], 7);
    let text = source.to_string();
    assert!(!text.contains("hunter2") && !text.contains("swordfish"), "{text}");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_say_where_they_come_from_by_path_and_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    let id = open(&api, &root).await["id"].clone();
    let ask = |instance: &str, name: &str, field: Value| {
        let namespace = "";
        let resource = json!({"group": "apps", "kind": "Deployment", "namespace": namespace, "name": name});
        json!({"repository": id, "instance": instance, "resource": resource, "field": field})
    };
    let path = |path: &str| json!({"kind": "path", "path": path});
    for (instance, name, field, kind, place) in [
        ("web@staging", "web", "/spec/replicas", "value", "Value values.yaml:1"),
        ("web@staging", "web", "/spec/paused", "template", "Template d.yaml:7"),
        ("web@staging", "web", "/spec/template/spec/containers/0/image", "computed", "Template d.yaml:12"),
        ("api@staging", "api", "/spec/replicas", "step", "Step replicas.yaml:6"),
        ("api@staging", "api", "/spec/paused", "written", "Base deployment.yaml:7"),
    ] {
        let origin = call(&api, "field_origin", ask(instance, name, path(field))).await;
        assert_eq!(
            (&origin["kind"], deciding(&origin)),
            (&json!(kind), place.to_owned()),
            "{field}: {origin}"
        );
    }

    let manifest =
        call(&api, "manifest", json!({"repository": id, "instance": "web@staging", "resource": null})).await;
    let yaml = manifest["yaml"].as_str().unwrap();
    let line = yaml.lines().position(|line| line.trim() == "replicas: 1").unwrap() + 1;
    let at_line = json!({"repository": id, "instance": "web@staging", "resource": null,
                         "field": {"kind": "line", "line": line}});
    let origin = call(&api, "field_origin", at_line).await;
    assert_eq!((&origin["path"], &origin["resource"]["name"]), (&json!("/spec/replicas"), &json!("web")));

    let wrong = api.call("field_origin", ask("web@staging", "web", path("/spec/nothing"))).await.unwrap_err();
    assert_eq!(wrong.code, "unknown-field");
    let wrong = api.call("field_origin", ask("web@staging", "web", path("spec"))).await.unwrap_err();
    assert_eq!(wrong.code, "bad-request");
    api.stop().await;
}

/// A Kustomization with a plain directory, and a HelmRelease of a chart in the repository.
fn flux_repository(root: &Path) {
    std::fs::create_dir_all(root).unwrap();
    git(root, &["init", "-q", "-b", "main"]);
    git(root, &["remote", "add", "origin", "https://git.example/acme/config.git"]);
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {url: https://git.example/acme/config.git, ref: {branch: main}}\n";
    write(root, "clusters/production/source.yaml", source);
    for (name, more) in [("plain", "  postBuild:\n    substitute:\n      zone: a\n"), ("web", "")] {
        write(
            root,
            &format!("clusters/production/{name}.yaml"),
            &format!(
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: ./apps/{name}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}"
            ),
        );
    }
    write(
        root,
        "apps/plain/map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata:\n  zone: ${zone}\n",
    );
    write(
        root,
        "apps/web/release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}\n  valuesFrom: [{kind: ConfigMap, name: values}]\n  values:\n    replicas: 3\n    image: {tag: v2}\n",
    );
    write(
        root,
        "apps/web/values.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values, namespace: shop}\ndata:\n  values.yaml: |\n    replicas: 2\n    image: {repository: shop/web}\n",
    );
    write(root, "charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n");
    write(root, "charts/web/values.yaml", "replicas: 1\nimage: {repository: web, tag: v1}\n");
    write(root, "charts/web/templates/d.yaml", TEMPLATE);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "first"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flux_delivers_is_looked_into() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    flux_repository(&root);
    let id = open(&api, &root).await["id"].clone();
    let named = |instance: &str| json!({"repository": id, "instance": instance});

    let source = call(&api, "source", named("plain@production")).await;
    assert_eq!(source["tool"], "kustomize", "{source:#}");
    let nodes = source["parts"][0]["content"]["nodes"].as_array().unwrap();
    let chain: Vec<Value> =
        nodes.iter().map(|node| json!([node["role"], node["directory"], node["usedBy"]])).collect();
    assert_eq!(
        chain,
        [json!(["flux", "clusters/production/plain.yaml", null]), json!(["target", "apps/plain", 0])]
    );
    assert_eq!(nodes[0]["changes"], json!([{"field": "substitute", "count": 1}]));

    let source = call(&api, "source", named("web@production")).await;
    assert_eq!(source["tool"], "helm", "{source:#}");
    let chart = &source["parts"][1]["content"]["chart"];
    let layers: Vec<&str> =
        chart["layers"].as_array().unwrap().iter().map(|layer| layer["name"].as_str().unwrap()).collect();
    assert_eq!(layers.len(), 3, "{chart:#}");
    assert_eq!(layers[1], "ConfigMap values, values.yaml");
    let replicas = chart["keys"].as_array().unwrap().iter().find(|key| key["key"] == "replicas").unwrap();
    assert_eq!(replicas["winner"], 2);

    for (instance, kind, group, name, field, expected) in [
        ("plain@production", "ConfigMap", "", "plain", "/data/zone", "Step plain.yaml:9"),
        ("web@production", "Deployment", "apps", "web", "/spec/replicas", "Value release.yaml:8"),
    ] {
        let resource = json!({"group": group, "kind": kind, "namespace": "", "name": name});
        let field = json!({"kind": "path", "path": field});
        let request = json!({"repository": id, "instance": instance, "resource": resource, "field": field});
        let origin = call(&api, "field_origin", request).await;
        assert_eq!(deciding(&origin), expected, "{origin:#}");
    }
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_is_not_there_says_which_places_were_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    write(&root, "apps/plain/staging/map.yaml", super::CONFIG_MAP);
    write(&root, "apps/plain/production/map.yaml", super::CONFIG_MAP);
    let id = open(&api, &root).await["id"].clone();
    let settings = call(&api, "settings", json!({})).await;
    let mut without = settings.clone();
    without["helm"] = json!("/no/such/helm");
    call(&api, "settings_save", without).await;
    let parity = call(&api, "parity", json!({"repository": id, "instance": "web@staging"})).await;
    assert_eq!((&parity["status"], &parity["tool"]), (&json!("notInstalled"), &json!("helm")), "{parity}");
    assert_eq!(parity["lookedAt"].as_array().unwrap().len(), 3);
    assert!(parity["problems"][0]["message"].as_str().unwrap().contains("/no/such/helm"));
    let parity = call(&api, "parity", json!({"repository": id, "instance": "plain@staging"})).await;
    assert_eq!(parity["status"], "notComparable");
    api.stop().await;
}
