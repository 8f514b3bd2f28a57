//! Content from elsewhere, of servers on this machine.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Api;

use super::{CONFIG_MAP, api, call, git, open, until, write};

/// A chart repository on a free port: the files of a folder, 404 for all else.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.find(String::is_empty);
            let name = first.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
            let body = std::fs::read(folder.join(&name));
            let status = if body.is_ok() { "200 OK" } else { "404 Not Found" };
            let body = body.unwrap_or_default();
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            // A client that goes away in between is not the test's concern.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    url
}

/// The chart `database` 1.2.3 in a chart repository.
fn chart_repository(folder: &Path) -> String {
    write(folder, "database/Chart.yaml", "apiVersion: v2\nname: database\nversion: 1.2.3\n");
    write(folder, "database/templates/map.yaml", &CONFIG_MAP.replace("web", "{{ .Chart.Name }}-of-chart"));
    let archive = std::process::Command::new("tar")
        .args(["czf", "database-1.2.3.tgz", "database"])
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(archive.success());
    let index = "apiVersion: v1\nentries:\n  database:\n  - {apiVersion: v2, name: database, version: 1.2.3, urls: [database-1.2.3.tgz]}\n";
    write(folder, "index.yaml", index);
    serve(folder.to_owned())
}

/// A base in a bare repository and the clone that pushes to it.
fn base_repository(folder: &Path) -> (String, PathBuf) {
    let (bare, clone) = (folder.join("base.git"), folder.join("base"));
    git(folder, &["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
    git(folder, &["clone", "-q", bare.to_str().unwrap(), clone.to_str().unwrap()]);
    git(&clone, &["checkout", "-q", "-B", "main"]);
    write(&clone, "deploy/kustomization.yaml", "resources: [map.yaml]\n");
    write(&clone, "deploy/map.yaml", &CONFIG_MAP.replace("web", "of-base"));
    push(&clone, "first");
    (format!("file://{}", bare.display()), clone)
}

fn push(clone: &Path, message: &str) {
    git(clone, &["add", "-A"]);
    git(clone, &["commit", "-q", "-m", message]);
    git(clone, &["push", "-q", "origin", "main"]);
}

fn argocd(name: &str, repository: &str, chart: &str, version: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  project: shop\n  destination: {{namespace: shop}}\n  source:\n    repoURL: {repository}\n    chart: {chart}\n    targetRevision: {version}\n"
    )
}

/// An Application of a directory of the repository itself.
fn own(name: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  project: shop\n  destination: {{namespace: shop}}\n  source: {{repoURL: https://git.example/acme/config.git, path: apps/{name}}}\n"
    )
}

fn commit(root: &Path) {
    git(root, &["init", "-q", "-b", "main"]);
    git(root, &["remote", "add", "origin", "https://git.example/acme/config.git"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "first"]);
}

async fn rendered(api: &Api, id: &Value) -> Value {
    until(api, "fleet", json!({"repository": id}), |fleet| {
        fleet["progress"]["rendered"] == fleet["progress"]["total"] && fleet["progress"]["total"] != 0
    })
    .await
}

async fn missing(api: &Api, id: &Value) -> Vec<Value> {
    call(api, "remotes_missing", json!({"repository": id})).await["items"].as_array().unwrap().clone()
}

async fn fetch(api: &Api, id: &Value) -> Vec<Value> {
    let request = json!({"repository": id, "operation": "fetch", "keys": [], "instances": []});
    call(api, "remotes_fetch", request).await["results"].as_array().unwrap().clone()
}

/// The rows of a fleet by the name of the application.
fn row<'a>(fleet: &'a Value, application: &str) -> &'a Value {
    let all = fleet["applications"].as_array().unwrap();
    let found = all.iter().find(|each| each["name"] == application);
    &found.unwrap_or_else(|| panic!("no {application}: {fleet}"))["instances"][0]
}

async fn detail(api: &Api, id: &Value, row: &Value) -> Value {
    call(api, "instance", json!({"repository": id, "instance": row["instance"]})).await
}

/// Applications that need a chart, a base and a dependency, and one that needs nothing.
fn needy_repository(root: &Path, charts: &str, base: &str) {
    write(root, "apps/plain/map.yaml", CONFIG_MAP);
    let kustomization = format!("namePrefix: our-\nresources:\n- {base}//deploy?ref=main\n");
    write(root, "apps/based/kustomization.yaml", &kustomization);
    let chart = format!(
        "apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies:\n- name: database\n  version: ^1.2.0\n  repository: {charts}\n"
    );
    write(root, "apps/parent/Chart.yaml", &chart);
    write(root, "apps/parent/templates/map.yaml", &CONFIG_MAP.replace("web", "of-parent"));
    for name in ["plain", "based", "parent"] {
        write(root, &format!("argocd/{name}.yaml"), &own(name));
    }
    write(root, "argocd/declared.yaml", &argocd("declared", charts, "database", "1.2.3"));
    commit(root);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_fetched_shown_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let charts = chart_repository(&folder.path().join("charts"));
    let (base, _) = base_repository(folder.path());
    let root = folder.path().join("repository");
    needy_repository(&root, &charts, &base);
    let id = open(&api, &root).await["id"].clone();

    let before = rendered(&api, &id).await;
    let resources = |fleet: &Value| {
        ["plain", "based", "parent", "declared"].map(|name| row(fleet, name)["resources"].clone())
    };
    assert_eq!(resources(&before), [1, 0, 0, 0], "only what needs nothing is rendered");
    let items = missing(&api, &id).await;
    let places: Vec<(String, String)> = items
        .iter()
        .map(|item| {
            let place = &item["places"][0];
            let place = format!("{}:{}", place["file"].as_str().unwrap_or("?"), place["line"]);
            (item["instances"][0].as_str().unwrap().to_owned(), place)
        })
        .collect();
    let place = |name: &str, place: &str| (format!("{name}@default"), place.to_owned());
    assert_eq!(
        places,
        [
            place("declared", "argocd/declared.yaml:8"),
            place("parent", "apps/parent/Chart.yaml:7"),
            place("based", "apps/based/kustomization.yaml:3"),
        ]
    );

    let results = fetch(&api, &id).await;
    assert!(results.len() == 3 && results.iter().all(|each| each["failure"].is_null()), "{results:#?}");
    assert_eq!(missing(&api, &id).await, [] as [Value; 0]);
    let after = rendered(&api, &id).await;
    assert_eq!(resources(&after), [1, 1, 2, 1], "without opening it again");
    let based = detail(&api, &id, row(&after, "based")).await;
    assert_eq!(based["resources"][0]["resource"]["name"], "our-of-base");
    assert!(!based.to_string().contains(".slipway-remote"), "{based:#}");

    let list = call(&api, "remotes_list", json!({"repository": id})).await;
    for item in list["items"].as_array().unwrap() {
        assert_eq!(item["usedBy"].as_array().unwrap().len(), 1, "{item}");
    }
    let head = git(&folder.path().join("base"), &["rev-parse", "HEAD"]);
    let mut resolved: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|item| item["resolved"].as_str().unwrap()).collect();
    resolved.sort_unstable();
    let mut expected = ["1.2.3", "1.2.3", head.trim()];
    expected.sort_unstable();
    assert_eq!(resolved, expected);

    call(&api, "remotes_forget", json!({"keys": []})).await;
    assert_eq!(missing(&api, &id).await, items, "at once, though nobody has rendered it again yet");
    let fleet = until(&api, "fleet", json!({"repository": id}), |fleet| {
        fleet["progress"]["rendered"] == fleet["progress"]["total"] && resources(fleet) == [1, 0, 0, 0]
    })
    .await;
    assert_eq!(row(&fleet, "plain")["status"], "ok");
    assert_eq!(missing(&api, &id).await, items);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_moves_stays_what_it_was_until_it_is_updated() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let (base, clone) = base_repository(folder.path());
    let root = folder.path().join("repository");
    needy_repository(&root, "http://127.0.0.1:1", &base);
    let id = open(&api, &root).await["id"].clone();
    let results = fetch(&api, &id).await;
    let (failed, fetched): (Vec<&Value>, Vec<&Value>) =
        results.iter().partition(|each| !each["failure"].is_null());
    assert_eq!(
        (failed.len(), fetched.len()),
        (2, 1),
        "charts of nobody keep nothing else from being fetched"
    );
    for each in failed {
        assert_eq!(each["failure"]["code"], "network", "{each:#}");
        assert_ne!(each["failure"]["hints"], json!([]), "{each:#}");
    }
    let first = fetched[0]["resolved"].clone();

    write(&clone, "deploy/map.yaml", &CONFIG_MAP.replace("web", "moved"));
    push(&clone, "second");
    fetch(&api, &id).await;
    let fleet = rendered(&api, &id).await;
    let based = detail(&api, &id, row(&fleet, "based")).await;
    assert_eq!(based["resources"][0]["resource"]["name"], "our-of-base");

    let updated = call(&api, "remotes_update", json!({"operation": "update", "keys": []})).await;
    assert_ne!(updated["results"][0]["resolved"], first, "{updated:#}");
    let request = json!({"repository": id, "instance": "based@default"});
    until(&api, "instance", request, |based| based["resources"][0]["resource"]["name"] == "our-moved").await;
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_fetched_with_a_password_is_updated_and_forgotten_by_what_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let charts = chart_repository(&folder.path().join("charts"));
    write(&folder.path().join("charts"), "extra.yaml", &CONFIG_MAP.replace("web", "extra"));
    let secret = charts.replace("http://", "http://adalovelace:hunter2@");
    let root = folder.path().join("repository");
    write(&root, "argocd/chart.yaml", &argocd("chart", &secret, "database", "1.2.3"));
    write(&root, "argocd/file.yaml", &own("file"));
    write(&root, "apps/file/kustomization.yaml", &format!("resources: ['{secret}/extra.yaml']\n"));
    commit(&root);
    let id = open(&api, &root).await["id"].clone();
    rendered(&api, &id).await;
    let results = fetch(&api, &id).await;
    assert!(results.len() == 2 && results.iter().all(|each| each["failure"].is_null()), "{results:#?}");
    rendered(&api, &id).await;

    let list = call(&api, "remotes_list", json!({})).await;
    let keys: Vec<Value> =
        list["items"].as_array().unwrap().iter().map(|item| item["remote"]["key"].clone()).collect();
    assert_eq!(keys.len(), 2, "{list:#}");
    let updated = call(&api, "remotes_update", json!({"operation": "again", "keys": keys})).await;
    let results = updated["results"].as_array().unwrap();
    assert!(results.len() == 2 && results.iter().all(|each| each["failure"].is_null()), "{updated:#}");

    let left = call(&api, "remotes_forget", json!({"keys": keys})).await;
    assert_eq!(left["items"], json!([]));
    assert_eq!(missing(&api, &id).await.len(), 2);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_have_reasons_and_no_answer_holds_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let mut events = api.events();
    let charts = chart_repository(&folder.path().join("charts"));
    let secret = charts.replace("http://", "http://adalovelace:hunter2@");
    let root = folder.path().join("repository");
    for (name, repository, version) in [
        ("fine", secret.clone(), "1.2.3"),
        ("unknown", secret.clone(), "9.9.9"),
        ("nowhere", format!("{secret}/no/such"), "1.2.3"),
        ("refused", "http://adalovelace:hunter2@127.0.0.1:1".to_owned(), "1.2.3"),
    ] {
        write(&root, &format!("argocd/{name}.yaml"), &argocd(name, &repository, "database", version));
    }
    commit(&root);
    let id = open(&api, &root).await["id"].clone();
    let mut told = rendered(&api, &id).await.to_string();
    let lacked = missing(&api, &id).await;
    assert_eq!(lacked.len(), 4);
    told.push_str(&json!(lacked).to_string());

    // By the key of one, which holds no password, and then the others.
    let fine = lacked.iter().find(|item| item["instances"] == json!(["fine@default"])).unwrap();
    let request =
        json!({"repository": id, "operation": "one", "keys": [fine["remote"]["key"]], "instances": []});
    let one = call(&api, "remotes_fetch", request).await;
    assert_eq!(one["results"][0]["resolved"], "1.2.3", "{one:#}");
    let results = fetch(&api, &id).await;
    assert_eq!(results.len(), 3, "{results:#?}");
    for each in &results {
        assert!(!each["failure"]["message"].as_str().unwrap().is_empty());
        assert_ne!(each["failure"]["hints"], json!([]), "{each:#}");
    }
    told.push_str(&format!("{one}{}", json!(results)));
    let fleet = rendered(&api, &id).await;
    assert_eq!(row(&fleet, "fine")["resources"], 1);
    for name in ["fine", "unknown", "nowhere", "refused"] {
        told.push_str(&detail(&api, &id, row(&fleet, name)).await.to_string());
    }
    told.push_str(&call(&api, "remotes_list", json!({})).await.to_string());
    // Batches of events come a little later than the answer.
    let hear = async {
        while told.matches("operationProgress").count() < 2 {
            if let Ok(batch) = events.recv().await {
                told.push_str(&serde_json::to_string(&*batch).unwrap());
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), hear).await.expect("progress is told");
    api.stop().await;
    while let Ok(batch) = events.try_recv() {
        told.push_str(&serde_json::to_string(&*batch).unwrap());
    }
    for part in ["adalovelace", "hunter2"] {
        assert!(!told.contains(part), "{part}: {told}");
    }
}
