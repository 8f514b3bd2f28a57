//! Drafts, settings, the editor, recent repositories, reports.

use serde_json::{Value, json};

use super::{api, call, git, open, repository, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_that_is_being_made_survives_a_restart_and_says_what_no_longer_applies() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let root = folder.path().join("repository");
    repository(&root);
    write(&root, "apps/web/staging/map.yaml", &super::CONFIG_MAP.replace("\"1\"", "\"2\""));
    git(&root, &["commit", "-qam", "larger in staging"]);
    let first = api(&state).await;
    let id = open(&first, &root).await["id"].clone();
    let request = json!({"repository": id, "from": "staging", "to": ["production"], "applications": ["web"],
        "include": [], "exclude": []});
    let plan = call(&first, "promotion_plan", request.clone()).await;
    assert_eq!(plan["branch"], "promote/web-to-production");
    let key = plan["items"][0]["key"].clone();
    let mut ticked = request.clone();
    ticked["exclude"] = json!([key]);
    let draft = json!({"id": "staging>production", "changedAt": 0, "request": ticked, "base": plan["base"],
        "step": "review", "target": "branch", "targetName": "promote/mine", "message": "my words"});
    call(&first, "draft_save", json!({"repository": id, "draft": draft})).await;
    first.stop().await;

    let second = api(&state).await;
    open(&second, &root).await;
    let kept = call(&second, "drafts", json!({"repository": id})).await["drafts"][0].clone();
    assert_eq!((&kept["message"], &kept["request"]["exclude"]), (&json!("my words"), &json!([key])));
    let plan = call(&second, "promotion_plan", kept["request"].clone()).await;
    assert_eq!(plan["items"][0]["chosen"], false, "the tick is still taken away");
    assert!(!plan["problems"].to_string().contains("tick-gone"));

    // The proposed branch is a free one.
    git(&root, &["branch", "promote/web-to-production"]);
    let plan = call(&second, "promotion_plan", request).await;
    assert_eq!(plan["branch"], "promote/web-to-production-2");

    // Somebody promotes it meanwhile: the tick has nothing to be about.
    write(&root, "apps/web/production/map.yaml", &super::CONFIG_MAP.replace("\"1\"", "\"2\""));
    git(&root, &["commit", "-qam", "promoted elsewhere"]);
    let plan = call(&second, "promotion_plan", kept["request"].clone()).await;
    let gone: Vec<&Value> = plan["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|problem| problem["code"] == "tick-gone")
        .collect();
    assert_eq!(gone.len(), 1, "{plan}");
    assert!(gone[0]["message"].as_str().unwrap().contains("does not differ any more"));

    call(&second, "draft_remove", json!({"repository": id, "id": "staging>production"})).await;
    assert_eq!(call(&second, "drafts", json!({"repository": id})).await["drafts"], json!([]));
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_read_back_and_a_repository_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    open(&api, &root).await;
    let mut settings = call(&api, "settings", json!({})).await;
    assert_eq!(
        (&settings["zoom"], &settings["singleLetters"], &settings["reopen"]),
        (&json!(100), &json!(true), &json!(true))
    );
    settings["zoom"] = json!(1000);
    settings["diffColours"] = json!("classic");
    settings["singleLetters"] = json!(false);
    settings["keys"] = json!({"Mod+K": "Mod+P", "p": ""});
    settings["editor"] = json!("  ");
    let saved = call(&api, "settings_save", settings).await;
    assert_eq!(saved["zoom"], 300, "what fits a window");
    assert_eq!(saved["editor"], Value::Null, "blanks are no editor");
    assert_eq!(call(&api, "settings", json!({})).await, saved);

    let path = call(&api, "repository_recent", json!({})).await["repositories"][0]["path"].clone();
    let left = call(&api, "repository_forget", json!({"path": path})).await;
    assert_eq!(left["repositories"], json!([]));
    assert!(root.is_dir(), "the folder stays");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_opened_in_the_editor_and_no_path_leads_out() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let root = folder.path().join("repository");
    repository(&root);
    let id = open(&api, &root).await["id"].clone();
    let file = |file: &str| json!({"repository": id, "file": file, "line": 3, "column": null});
    let path = call(&api, "file_path", file("apps/web/staging/map.yaml")).await["path"].clone();
    assert!(std::path::Path::new(path.as_str().unwrap()).is_file());
    for (name, code) in
        [("../outside", "bad-request"), ("/etc/passwd", "bad-request"), ("gone.yaml", "no-such-file")]
    {
        let failure = api.call("file_edit", file(name)).await.unwrap_err();
        assert_eq!(failure.code, code, "{name}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let editor = folder.path().join("my editor");
        let seen = folder.path().join("seen");
        let script =
            format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{0}.new' && mv '{0}.new' '{0}'\n", seen.display());
        std::fs::write(&editor, script).unwrap();
        std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut settings = call(&api, "settings", json!({})).await;
        settings["editor"] = json!(format!("'{}' --at {{line}}:{{column}} {{file}}", editor.display()));
        call(&api, "settings_save", settings).await;
        call(&api, "file_edit", file("apps/web/staging/map.yaml")).await;
        let wait = async {
            while !seen.exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), wait).await.unwrap();
        let told = std::fs::read_to_string(&seen).unwrap();
        assert_eq!(told, format!("--at\n3:1\n{}\n", path.as_str().unwrap()));
    }
    let failure = api.call("reveal", json!({"path": "/no/such/file"})).await.unwrap_err();
    assert_eq!(failure.code, "no-such-file");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_offered_until_it_was_looked_at_and_diagnostics_hold_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let folders = slipway_store::Folders::below(&state);
    slipway_store::write_crash(&folders, "1", "thread main panicked").unwrap();
    std::fs::write(folders.log.join("slipway.log"), "fetch https://ada:hunter2@git.example/x failed\n")
        .unwrap();
    let api = api(&state).await;
    let info = call(&api, "app_info", json!({})).await;
    assert_eq!(info["crash"]["text"], "thread main panicked");
    let licence = info["licence"].as_str().unwrap();
    assert!(licence.contains("Apache License"), "the licence of Slipway itself");
    let list = call(&api, "licences", json!({})).await;
    let serde = list["components"].as_array().unwrap().iter().find(|each| each["name"] == "serde").unwrap();
    assert_eq!((&serde["kind"], &serde["licence"]), (&json!("crate"), &json!("MIT OR Apache-2.0")));
    let ask = json!({"name": "serde", "version": serde["version"], "kind": "crate"});
    let texts = call(&api, "licence_text", ask).await["text"].as_str().unwrap().to_owned();
    assert!(
        texts.starts_with("LICENSE-APACHE\n=") && texts.contains("LICENSE-MIT"),
        "each file with its name"
    );
    let unknown = json!({"name": "serde", "version": "0", "kind": "crate"});
    assert_eq!(api.call("licence_text", unknown).await.unwrap_err().code, "unknown-component");
    let text = call(&api, "diagnostics", json!({})).await["text"].as_str().unwrap().to_owned();
    assert!(text.contains("https://git.example/x failed") && !text.contains("hunter2"), "{text}");
    call(&api, "crash_dismiss", json!({})).await;
    assert_eq!(call(&api, "app_info", json!({})).await["crash"], Value::Null);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_program_that_was_not_closed_the_last_repository_waits_for_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let folders = slipway_store::Folders::below(&folder.path().join("state"));
    let root = folder.path().join("repository");
    repository(&root);
    let start = |initial: Option<&std::path::Path>| {
        crate::Api::start(crate::ApiOptions {
            shell: crate::Shell::Window,
            initial_repository: initial.map(std::path::Path::to_path_buf),
            folders: Some(folders.clone()),
        })
    };
    let first = start(None).await.unwrap();
    open(&first, &root).await;
    std::fs::create_dir_all(&folders.log).unwrap();
    std::fs::write(folders.log.join("slipway.log"), "GET https://ada:hunter2@h/p 500\n").unwrap();
    first.stop().await;

    let second = start(None).await.unwrap();
    let info = call(&second, "app_info", json!({})).await;
    assert_eq!(info["crash"], Value::Null, "it was closed");
    let last = info["initialRepository"].clone();
    assert!(last.as_str().unwrap().trim_end_matches('/').ends_with("repository"), "the last one is opened");
    // Dropped, not stopped, as by a process that is killed.
    drop(second);

    let third = start(None).await.unwrap();
    let info = call(&third, "app_info", json!({})).await;
    assert_eq!(info["initialRepository"], Value::Null);
    assert_eq!((&info["crash"]["ended"], &info["crash"]["lastRepository"]), (&json!(true), &last));
    let text = info["crash"]["text"].as_str().unwrap();
    assert!(text.contains("GET https://h/p 500") && !text.contains("hunter2"), "{text}");
    call(&third, "crash_dismiss", json!({})).await;
    let info = call(&third, "app_info", json!({})).await;
    assert_eq!(
        (&info["crash"], &info["initialRepository"]),
        (&Value::Null, &Value::Null),
        "also after a reload"
    );
    drop(third);

    let fourth = start(Some(&root)).await.unwrap();
    let info = call(&fourth, "app_info", json!({})).await;
    assert!(info["initialRepository"].is_string(), "what was asked for is opened");
    assert_eq!((&info["crash"]["ended"], &info["crash"]["lastRepository"]), (&json!(true), &Value::Null));
    call(&fourth, "crash_dismiss", json!({})).await;
    fourth.stop().await;
    let info = call(&start(None).await.unwrap(), "app_info", json!({})).await;
    assert_eq!((&info["crash"], &info["initialRepository"]), (&Value::Null, &last));
}
