//! Branches, pulling, pushing and who commits, on real repositories.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{api, call, git, open, repository, write};

/// A bare server with a clone that is opened and another one that somebody else works in.
fn two_clones(folder: &Path) -> (PathBuf, PathBuf) {
    let source = folder.join("source");
    repository(&source);
    let server = folder.join("server.git");
    git(&source, &["clone", "-q", "--bare", ".", server.to_str().unwrap()]);
    let (ours, theirs) = (folder.join("ours"), folder.join("theirs"));
    for clone in [&ours, &theirs] {
        git(folder, &["clone", "-q", server.to_str().unwrap(), clone.to_str().unwrap()]);
    }
    (ours, theirs)
}

fn commit(root: &Path, file: &str, content: &str, message: &str) {
    write(root, file, content);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", message]);
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_are_listed_and_switched_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let (ours, theirs) = two_clones(folder.path());
    git(&theirs, &["switch", "-q", "-c", "feature/x"]);
    commit(&theirs, "apps/web/staging/map.yaml", "a: 1\n", "feature");
    git(&theirs, &["push", "-q", "origin", "feature/x"]);
    git(&ours, &["fetch", "-q"]);
    let info = open(&api, &ours).await;
    assert_eq!(info["upstream"], "origin/main");
    let id = info["id"].clone();
    let named = json!({"repository": id});

    let branches = call(&api, "branches", named.clone()).await;
    assert_eq!(branches["local"][0]["name"], "main");
    assert_eq!(branches["local"][0]["current"], true);
    let remote = &branches["remote"][0];
    assert_eq!(
        (remote["name"].as_str(), remote["short"].as_str()),
        (Some("origin/feature/x"), Some("feature/x"))
    );
    assert_eq!(branches["remote"][1]["local"], "main", "the local branch that follows it");

    write(&ours, "apps/web/staging/map.yaml", "mine\n");
    let to = json!({"kind": "remote", "branch": "origin/feature/x", "name": "feature/x"});
    let refused = api.call("branch_switch", json!({"repository": id, "to": to})).await.unwrap_err();
    assert_eq!(refused.code, "would-be-lost");
    assert!(refused.message.contains("apps/web/staging/map.yaml"), "{}", refused.message);
    assert!(!refused.hints.is_empty());
    git(&ours, &["checkout", "-q", "--", "."]);

    let info = call(&api, "branch_switch", json!({"repository": id, "to": to})).await;
    assert_eq!(info["head"]["branch"], "feature/x");
    assert_eq!((info["upstream"].as_str(), &info["changedFiles"]), (Some("origin/feature/x"), &json!([])));

    let to = json!({"kind": "commit", "revision": "HEAD~1"});
    let info = call(&api, "branch_switch", json!({"repository": id, "to": to})).await;
    assert_eq!(info["head"]["kind"], "detached");
    let failure = api.call("repository_pull", named.clone()).await.unwrap_err();
    assert_eq!(failure.code, "detached");
    let to = json!({"kind": "new", "name": "fix"});
    let info = call(&api, "branch_switch", json!({"repository": id, "to": to})).await;
    assert_eq!(info["head"]["branch"], "fix");
    let failure = api.call("repository_pull", named).await.unwrap_err();
    assert_eq!(failure.code, "no-upstream");
    for (name, code) in [("fix", "branch-exists"), ("a..b", "invalid-branch-name")] {
        let request = json!({"repository": id, "to": {"kind": "new", "name": name}});
        assert_eq!(api.call("branch_switch", request).await.unwrap_err().code, code);
    }
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_moves_forward_and_says_why_it_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let (ours, theirs) = two_clones(folder.path());
    let id = open(&api, &ours).await["id"].clone();
    let named = json!({"repository": id});
    let pull = || call(&api, "repository_pull", named.clone());
    assert_eq!(pull().await["outcome"], "upToDate");

    commit(&theirs, "apps/web/staging/map.yaml", "a: 1\n", "theirs");
    git(&theirs, &["push", "-q"]);
    let pulled = pull().await;
    assert_eq!((pulled["outcome"].as_str(), pulled["behind"].as_u64()), (Some("moved"), Some(1)));
    assert_eq!(pulled["theirs"][0]["subject"], "theirs");
    assert_eq!(pulled["repository"]["remote"]["behind"], 0, "the state is that of afterwards");
    assert_eq!(git(&ours, &["status", "--porcelain"]), "");

    commit(&theirs, "apps/web/staging/map.yaml", "a: 2\n", "again");
    git(&theirs, &["push", "-q"]);
    write(&ours, "apps/web/staging/map.yaml", "mine\n");
    let failure = api.call("repository_pull", named.clone()).await.unwrap_err();
    assert_eq!(failure.code, "would-be-lost");
    assert!(failure.message.contains("apps/web/staging/map.yaml"), "{}", failure.message);

    git(&ours, &["commit", "-q", "-am", "mine"]);
    let diverged = pull().await;
    assert_eq!(diverged["outcome"], "diverged");
    assert_eq!((diverged["ahead"].as_u64(), diverged["behind"].as_u64()), (Some(1), Some(1)));
    assert_eq!(diverged["conflicts"], json!(["apps/web/staging/map.yaml"]));
    assert_eq!(
        (&diverged["ours"][0]["subject"], &diverged["theirs"][0]["subject"]),
        (&json!("mine"), &json!("again"))
    );
    assert!(diverged["message"].as_str().unwrap().contains("1 commit here, 1 commit there"));
    assert_eq!(diverged["repository"]["head"]["commit"]["subject"], "mine", "nothing was changed");

    let rejected = call(&api, "repository_push", named.clone()).await;
    assert_eq!(rejected["pushed"], false);
    assert_eq!(rejected["moved"][0]["subject"], "again");
    assert!(rejected["hints"][0].as_str().unwrap().contains("pull"));
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_branch_is_published_and_followed() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let (ours, _) = two_clones(folder.path());
    git(&ours, &["switch", "-q", "-c", "topic"]);
    let info = open(&api, &ours).await;
    assert_eq!(info["upstream"], json!(null));
    let named = json!({"repository": info["id"]});
    let pushed = call(&api, "repository_push", named.clone()).await;
    assert_eq!(pushed["pushed"], true, "{pushed}");
    let info = call(&api, "repository_info", named).await;
    assert_eq!(info["upstream"], "origin/topic");
    assert_eq!(
        git(&folder.path().join("server.git"), &["rev-parse", "topic"]),
        git(&ours, &["rev-parse", "HEAD"])
    );
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_commits_is_known_or_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    // Whatever the machine has set, this repository has nobody.
    git(&root, &["config", "user.name", ""]);
    let info = open(&api, &root).await;
    assert_eq!(info["identity"], json!(null));
    assert!(info["problems"].to_string().contains("no-author"));
    write(&root, "apps/web/staging/map.yaml", &super::CONFIG_MAP.replace("size: \"1\"", "size: \"2\""));
    git(&root, &["commit", "-q", "-a", "-m", "more"]);
    let request = json!({"repository": info["id"], "from": "staging", "to": ["production"],
                         "applications": ["web"], "include": [], "exclude": []});
    let plan = call(&api, "promotion_plan", request.clone()).await;
    assert_eq!(plan["problems"], json!([]), "whoever plans is not in the way of their own plan");
    let commit = json!({"request": request, "base": plan["base"], "message": "promote",
                        "target": {"kind": "currentBranch"}});
    assert_eq!(api.call("promotion_commit", commit).await.unwrap_err().code, "no-identity");
    let save = |name: &str| json!({"repository": info["id"], "name": name, "email": "bea@example.com", "scope": "repository"});
    assert_eq!(api.call("identity_save", save(" ")).await.unwrap_err().code, "invalid-identity");
    let saved = call(&api, "identity_save", save("Bea")).await;
    assert_eq!(saved["identity"], json!({"name": "Bea", "email": "bea@example.com", "source": "repository"}));
    assert!(!saved["problems"].to_string().contains("no-author"));
    assert_eq!(git(&root, &["config", "--local", "user.email"]).trim(), "bea@example.com");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_is_not_finished_leaves_other_branches_open_to_a_promotion() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    git(&root, &["switch", "-q", "-c", "other"]);
    commit(&root, "notes.txt", "theirs\n", "theirs");
    git(&root, &["switch", "-q", "main"]);
    commit(&root, "notes.txt", "ours\n", "ours");
    commit(
        &root,
        "apps/web/staging/map.yaml",
        &super::CONFIG_MAP.replace("size: \"1\"", "size: \"2\""),
        "more",
    );
    let merge = std::process::Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "merge", "-q", "other"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert!(!merge.status.success(), "both wrote the same line");
    let info = open(&api, &root).await;
    assert_eq!(info["inProgress"], "merge");
    let request = json!({"repository": info["id"], "from": "staging", "to": ["production"],
                         "applications": ["web"], "include": [], "exclude": []});
    let plan = call(&api, "promotion_plan", request.clone()).await;
    let severities: Vec<&str> = plan["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|problem| problem["severity"].as_str())
        .collect();
    assert_eq!(severities, ["warning"], "{}", plan["problems"]);
    assert_eq!(plan["problems"][0]["code"], "branch-not-writable");
    git(&root, &["config", "user.name", "Ada"]);
    git(&root, &["config", "user.email", "ada@example.com"]);
    let to = |target: serde_json::Value| json!({"request": request, "base": plan["base"], "message": "promote", "target": target});
    let refused = api.call("promotion_commit", to(json!({"kind": "currentBranch"}))).await.unwrap_err();
    assert!(refused.message.contains("merge"), "{}", refused.message);
    let written = call(&api, "promotion_commit", to(json!({"kind": "branch", "name": "promote/web"}))).await;
    assert_eq!(written["branch"], "promote/web");
    api.stop().await;
}
