//! Bad input, each with its own answer.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{api, call, git, open, repository, until, write};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_repository_has_a_code_and_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let empty = folder.path().join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let bare = folder.path().join("bare.git");
    git(folder.path(), &["init", "-q", "--bare", bare.to_str().unwrap()]);
    for (path, code) in
        [(empty.as_path(), "not-a-repository"), (&folder.path().join("gone"), "no-such-folder")]
    {
        let failure =
            api.call("repository_open", json!({"path": path.display().to_string()})).await.unwrap_err();
        assert_eq!(failure.code, code);
        assert!(failure.message.contains(path.to_str().unwrap()), "{}", failure.message);
    }
    let info = open(&api, &bare).await;
    assert!(info["readOnly"].as_str().unwrap().contains("bare"), "{info}");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_without_a_commit_opens_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("new");
    std::fs::create_dir_all(&root).unwrap();
    git(&root, &["init", "-q", "-b", "main"]);
    let info = open(&api, &root).await;
    assert_eq!(info["head"], json!({"kind": "unborn", "branch": "main"}));
    let id = &info["id"];
    let fleet = call(&api, "fleet", json!({"repository": id})).await;
    assert_eq!(fleet["layout"]["family"], "empty", "files on disk are shown, and there are none");
    for (name, request) in [
        ("repository_pull", json!({"repository": id})),
        (
            "promotion_plan",
            json!({"repository": id, "from": "a", "to": ["b"], "applications": null, "include": [], "exclude": []}),
        ),
        ("history", json!({"repository": id, "revision": null, "path": null, "limit": 3})),
    ] {
        let failure = api.call(name, request).await.unwrap_err();
        assert_eq!(failure.code, "no-commit", "{name}: {}", failure.message);
        assert!(!failure.hints.is_empty(), "{name}");
    }
    // The first commit makes it a repository like any other.
    write(&root, "apps/web/dev/map.yaml", super::CONFIG_MAP);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "first"]);
    let info = call(&api, "repository_refresh", json!({"repository": id})).await;
    assert_eq!(info["head"]["kind"], "branch");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_vanishes_is_told_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    let id = open(&api, &root).await["id"].clone();
    call(&api, "fleet", json!({"repository": id})).await;
    let away = folder.path().join("away");
    std::fs::rename(&root, &away).unwrap();
    for name in ["repository_info", "fleet", "branches", "repository_refresh"] {
        let failure = api.call(name, json!({"repository": id})).await.unwrap_err();
        assert_eq!(failure.code, "repository-gone", "{name}");
        assert!(failure.hints.len() == 2 && failure.message.contains(root.to_str().unwrap()));
    }
    assert_eq!(
        call(&api, "runs", json!({"repository": id})).await["runs"],
        json!([]),
        "runs are kept elsewhere"
    );
    std::fs::rename(&away, &root).unwrap();
    assert_eq!(call(&api, "repository_info", json!({"repository": id})).await["id"], id);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebase_that_stops_while_it_is_open_is_shown_with_its_conflicts() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    let file = "apps/web/staging/map.yaml";
    git(&root, &["switch", "-q", "-c", "work"]);
    write(&root, file, "a: work\n");
    git(&root, &["commit", "-qam", "work"]);
    git(&root, &["switch", "-q", "main"]);
    write(&root, file, "a: main\n");
    git(&root, &["commit", "-qam", "main"]);
    git(&root, &["switch", "-q", "work"]);
    let id = open(&api, &root).await["id"].clone();
    let rebase = std::process::Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=a@b", "rebase", "main"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert!(!rebase.status.success());
    let info = call(&api, "repository_info", json!({"repository": id})).await;
    assert_eq!((&info["inProgress"], &info["conflictedFiles"]), (&json!("rebase"), &json!([file])));
    assert_eq!(info["head"]["kind"], "detached");
    let to = json!({"kind": "branch", "name": "main"});
    let failure = api.call("branch_switch", json!({"repository": id, "to": to})).await.unwrap_err();
    assert_eq!(failure.code, "in-progress");
    // The fleet goes on; the file with marks is one broken row.
    let refreshed = api.call("repository_refresh", json!({"repository": id})).await;
    assert!(refreshed.is_ok(), "{refreshed:?}");
    git(&root, &["rebase", "--abort"]);
    let info = call(&api, "repository_info", json!({"repository": id})).await;
    assert_eq!((&info["inProgress"], &info["head"]["branch"]), (&json!(null), &json!("work")));
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_thousand_files_without_a_manifest_are_an_empty_fleet_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("large");
    for directory in 0..200 {
        let path = root.join(format!("src/{directory}"));
        std::fs::create_dir_all(&path).unwrap();
        for file in 0..200 {
            std::fs::write(path.join(format!("{file}.txt")), "x").unwrap();
        }
    }
    git(&root, &["init", "-q", "-b", "main"]);
    let id = open(&api, &root).await["id"].clone();
    let fleet = until(&api, "fleet", json!({"repository": id}), |fleet| fleet["generation"] != 0).await;
    assert_eq!(fleet["applications"], json!([]));
    assert_eq!(
        fleet["layout"]["reason"],
        "None of its 40000 files is a Helm chart, kustomization, Kubernetes manifest or declaration of Argo CD or Flux."
    );
    assert_eq!(fleet["progress"], json!({"total": 0, "rendered": 0, "failed": 0}));
    api.stop().await;
}

/// A server that takes connections and never says anything.
fn silent_server() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_never_answers_is_told_within_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let (_kept_open, address) = silent_server();
    let kubeconfig = folder.path().join("kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- {{name: c, cluster: {{server: 'http://{address}'}}}}\n\
         - {{name: d, cluster: {{server: 'http://127.0.0.1:1'}}}}\nusers: [{{name: u, user: {{token: t}}}}]\n\
         contexts:\n- {{name: silent-prod, context: {{cluster: c, user: u}}}}\n\
         - {{name: closed, context: {{cluster: d, user: u}}}}\n"
    );
    std::fs::write(&kubeconfig, text).unwrap();
    let mut settings = call(&api, "settings", json!({})).await;
    settings["kubeconfig"] = json!(kubeconfig.display().to_string());
    call(&api, "settings_save", settings).await;
    let began = Instant::now();
    let answer = call(&api, "cluster_check", json!({"context": "silent-prod"})).await;
    assert_eq!(answer["state"], "timedOut", "{answer}");
    assert!(began.elapsed() < Duration::from_secs(15) && !answer["hints"][0].is_null());
    let answer = call(&api, "cluster_check", json!({"context": "closed"})).await;
    assert_eq!(answer["state"], "unreachable", "{answer}");
    let answer = call(&api, "cluster_check", json!({"context": "nothing"})).await;
    assert_eq!(answer["state"], "misconfigured", "{answer}");
    assert_ne!(answer["message"], Value::Null);

    // Production is proposed by its name, and not used before it is taken.
    let root = folder.path().join("repository");
    repository(&root);
    let id = open(&api, &root).await["id"].clone();
    let proposals = call(&api, "context_proposals", json!({"repository": id})).await;
    assert_eq!(proposals["proposals"][0]["context"], "silent-prod");
    assert_eq!(proposals["proposals"][0]["environment"], "production");
    let fleet = call(&api, "fleet", json!({"repository": id})).await;
    assert!(
        fleet["environments"].as_array().unwrap().iter().all(|each| each["context"].is_null()),
        "{fleet}"
    );
    api.stop().await;
}
