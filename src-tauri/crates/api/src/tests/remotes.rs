//! What is named and not held: told, fetched, kept as it was, fetched again, forgotten.

use serde_json::{Value, json};

use super::{CONFIG_MAP, api, call, git, open, repository, until, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_base_is_fetched_on_request_and_stays_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let api = api(&folder.path().join("state")).await;
    let elsewhere = folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    git(&elsewhere, &["init", "-q", "-b", "main"]);
    let base = |size: &str| {
        write(&elsewhere, "base/map.yaml", &CONFIG_MAP.replace("name: web", &format!("name: map-{size}")));
        write(&elsewhere, "base/kustomization.yaml", "resources: [map.yaml]\n");
        git(&elsewhere, &["add", "-A"]);
        git(&elsewhere, &["commit", "-qm", size]);
        git(&elsewhere, &["rev-parse", "HEAD"]).trim().to_owned()
    };
    let first = base("7");
    let root = folder.path().join("repository");
    repository(&root);
    let url = format!("file://{}//base?ref=main", elsewhere.display());
    let entry = format!("resources:\n  - {url}\n");
    for environment in ["staging", "production"] {
        write(&root, &format!("apps/far/{environment}/kustomization.yaml"), &entry);
    }
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-qm", "far"]);
    let id = open(&api, &root).await["id"].clone();
    // What is rendered of the instance; nothing where it lacks its base.
    let rendered = async |name: Option<&str>| {
        let request = json!({"repository": id, "instance": "far@staging"});
        until(&api, "instance", request, |detail| match name {
            Some(name) => detail["resources"].to_string().contains(name),
            None => detail["resources"] == json!([]) && detail["problems"] != json!([]),
        })
        .await;
    };

    rendered(None).await;
    let missing = call(&api, "remotes_missing", json!({"repository": id, "instance": null})).await;
    let items = missing["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{missing}");
    assert_eq!(items[0]["instances"], json!(["far@production", "far@staging"]));
    let place = &items[0]["places"][0];
    assert_eq!((&place["line"], &place["column"], &place["own"]), (&json!(2), &json!(5), &json!(true)));

    let fetch = json!({"repository": id, "operation": "fetch", "keys": [], "instances": ["far@staging"]});
    let fetched = call(&api, "remotes_fetch", fetch).await;
    assert_eq!(fetched["results"][0]["failure"], Value::Null, "{fetched}");
    assert_eq!(fetched["results"][0]["resolved"], json!(first));
    rendered(Some("map-7")).await;
    let missing = call(&api, "remotes_missing", json!({"repository": id, "instance": null})).await;
    assert_eq!(missing["items"], json!([]));

    // The branch moves; nothing is fetched by itself.
    let second = base("8");
    let listed = call(&api, "remotes_list", json!({})).await;
    assert_eq!(listed["items"][0]["resolved"], json!(first));
    let updated = call(&api, "remotes_update", json!({"operation": "update", "keys": []})).await;
    assert_eq!(updated["results"][0]["resolved"], json!(second), "{updated}");
    rendered(Some("map-8")).await;

    call(&api, "remotes_forget", json!({"keys": []})).await;
    assert_eq!(call(&api, "remotes_list", json!({})).await["items"], json!([]));
    rendered(None).await;
    api.stop().await;
}
