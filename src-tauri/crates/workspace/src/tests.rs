//! A small repository on disk that is edited.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use slipway_git::{BranchTarget, CommitRequest, Consent, Person, Repository};
use slipway_model::{InstanceId, RepoPath};
use slipway_promote::State;
use slipway_render::Engines;

use crate::{Fleet, Workspace, WorkspaceOptions};

fn deployment(name: &str, tag: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      \
         containers: [{{name: {name}, image: 'example/{name}:{tag}'}}]\n"
    )
}

fn path(application: &str, environment: &str) -> String {
    format!("apps/{application}/{environment}/deployment.yaml")
}

fn repository(folder: &Path) {
    let repository = Repository::init(folder).unwrap();
    fs::write(repository.git_directory().join("config"), "[core]\n[commit]\n\tgpgsign = false\n").unwrap();
    let mut files = Vec::new();
    for application in ["search", "web"] {
        for environment in ["staging", "production"] {
            files.push((path(application, environment), deployment(application, "1.0.0")));
        }
    }
    commit(&repository, files);
}

/// Makes the first commit of a repository.
pub(crate) fn commit(repository: &Repository, files: Vec<(String, String)>) {
    let changes =
        files.into_iter().map(|(path, text)| (RepoPath::new(&path).unwrap(), Some(text.into()))).collect();
    repository
        .write_commit(&CommitRequest {
            base: None,
            branch: BranchTarget::Current,
            changes,
            message: "first\n".to_owned(),
            author: None,
            identity: Some(Person { name: "A".to_owned(), email: "a@example.com".to_owned() }),
            time: None,
            consent: Consent::default(),
        })
        .unwrap();
}

pub(crate) fn open(folder: &Path) -> Workspace {
    let options = WorkspaceOptions {
        engines: Engines::built_in(),
        today: || "2026-10-01".to_owned(),
        renders: None,
        remotes: Arc::new(slipway_model::NothingFetched),
    };
    Workspace::open(folder, options).unwrap()
}

fn update(workspace: &Workspace) -> Arc<Fleet> {
    workspace.update(&AtomicBool::new(false), &|_| {}).unwrap()
}

fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}

#[test]
fn the_first_edit_after_opening_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    let workspace = open(folder.path());
    let before = update(&workspace);
    assert_eq!(before.facts[&id("web@staging")].version, "1.0.0");
    fs::write(folder.path().join(path("web", "staging")), deployment("web", "1.10.0")).unwrap();
    let after = update(&workspace);
    assert_eq!(after.facts[&id("web@staging")].version, "1.10.0");
    for kept in ["web@production", "search@staging", "search@production"] {
        assert!(Arc::ptr_eq(&before.facts[&id(kept)], &after.facts[&id(kept)]), "{kept} was rendered again");
    }
}

#[test]
fn standings_follow_the_side_that_changes_and_are_those_of_a_new_look() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    let workspace = open(folder.path());
    let state = |fleet: &Fleet, name: &str| fleet.standings[&id(name)].state.clone();
    let first = update(&workspace);
    assert_eq!(state(&first, "web@production"), Some(State::Equal));
    for (environment, tag) in [("staging", "1.10.0"), ("production", "1.20.0"), ("staging", "1.20.0")] {
        fs::write(folder.path().join(path("web", environment)), deployment("web", tag)).unwrap();
        let kept = update(&workspace);
        let fresh = update(&open(folder.path()));
        assert_eq!(kept.standings, fresh.standings, "after {environment} became {tag}");
        assert_eq!(
            state(&kept, "web@production") == Some(State::Equal),
            tag == "1.20.0" && environment == "staging"
        );
        assert_eq!(state(&kept, "search@production"), Some(State::Equal));
    }
}

#[test]
fn only_what_can_change_the_catalog_is_scanned_again() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    let workspace = open(folder.path());
    let first = update(&workspace);
    fs::write(folder.path().join(path("web", "staging")), deployment("web", "1.10.0")).unwrap();
    let edited = update(&workspace);
    assert!(Arc::ptr_eq(&first.catalog, &edited.catalog), "a version tells nothing of the layout");
    // Another kind of object, a new file, and a setting all may.
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
    for (file, text) in [
        (path("web", "staging"), service),
        ("apps/web/qa/service.yaml".to_owned(), service),
        (
            ".slipway.yaml".to_owned(),
            "version: 1\nenvironments: [{name: staging}, {name: production}, {name: qa}]\n",
        ),
    ] {
        let before = workspace.fleet().unwrap();
        fs::create_dir_all(folder.path().join(&file).parent().unwrap()).unwrap();
        fs::write(folder.path().join(&file), text).unwrap();
        let after = update(&workspace);
        assert!(!Arc::ptr_eq(&before.catalog, &after.catalog), "{file}");
        assert_eq!(*after.catalog, *update(&open(folder.path())).catalog, "{file}");
    }
    let names: Vec<String> = workspace
        .fleet()
        .unwrap()
        .catalog
        .environments
        .iter()
        .map(|environment| environment.name.to_string())
        .collect();
    assert_eq!(names, ["staging", "production", "qa"]);
}

#[test]
fn what_only_follows_from_a_renamed_config_map_is_no_drift() {
    let folder = tempfile::tempdir().unwrap();
    Repository::init(folder.path()).unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("apps/web/base/kustomization.yaml", "resources: [deployment.yaml]\n");
    let deployment = deployment("web", "1.0.0").replace(
        "image: 'example/web:1.0.0'",
        "image: 'example/web:1.0.0', envFrom: [{configMapRef: {name: web}}]",
    );
    write("apps/web/base/deployment.yaml", &deployment);
    for (environment, host) in [("staging", "web.staging.example"), ("production", "web.example")] {
        let kustomization =
            format!("resources: [../base]\nconfigMapGenerator: [{{name: web, literals: [HOST={host}]}}]\n");
        write(&format!("apps/web/{environment}/kustomization.yaml"), &kustomization);
    }
    let fleet = update(&open(folder.path()));
    assert_eq!(fleet.standings[&id("web@production")].state, Some(State::Equal));
}

#[test]
fn a_fleet_that_was_ended_early_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    let workspace = open(folder.path());
    let commit = workspace.head_commit().unwrap();
    let asked = std::sync::Mutex::new(Vec::new());
    let ended = workspace.fleet_at_watched(&commit, &|progress| {
        asked.lock().unwrap().push((progress.rendered, progress.total));
        false
    });
    assert!(matches!(ended, Err(crate::WorkspaceError::Cancelled)));
    assert_eq!(asked.into_inner().unwrap()[0], (0, 4));
    let whole = workspace.fleet_at_watched(&commit, &|_| true).unwrap();
    assert_eq!(whole.progress().rendered, 4, "what was rendered before the end is not taken for all");
}

#[test]
fn the_newest_commit_that_changed_what_an_instance_reads_is_known() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    let workspace = open(folder.path());
    let id = |text: &str| -> InstanceId { text.parse().unwrap() };
    let first = workspace.head_commit().unwrap();
    let last = |fleet: &Fleet, name: &str| fleet.changes.of(&id(name)).map(|commit| commit.id.clone());
    let fleet = update(&workspace);
    assert_eq!(last(&fleet, "web@staging"), Some(first.clone()), "history began with it");

    let file = path("web", "staging");
    fs::write(folder.path().join(&file), deployment("web", "1.1.0")).unwrap();
    let fleet = update(&workspace);
    assert_eq!(last(&fleet, "web@staging"), Some(first.clone()), "it is not committed yet");
    let second = workspace
        .repository()
        .write_commit(&CommitRequest {
            base: Some(first.clone()),
            branch: BranchTarget::New("next".to_owned()),
            changes: [(RepoPath::new(&file).unwrap(), Some(deployment("web", "1.1.0").into()))].into(),
            message: "second\n".to_owned(),
            author: None,
            identity: Some(Person { name: "A".to_owned(), email: "a@example.com".to_owned() }),
            time: None,
            consent: Consent::default(),
        })
        .unwrap()
        .commit;
    // What lies on disk is committed: the branch moves on, and no file changes.
    let branch = workspace.repository().git_directory().join("refs/heads/main");
    fs::write(branch, format!("{second}\n")).unwrap();
    let fleet = update(&workspace);
    assert_eq!(last(&fleet, "web@staging"), Some(second.clone()), "though no file on disk has changed");
    assert_eq!(last(&fleet, "web@production"), Some(first.clone()));
    assert_eq!(last(&fleet, "search@staging"), Some(first.clone()));
    let commits = workspace.commits_of(&fleet.facts[&id("web@staging")], 10);
    assert_eq!(commits.iter().map(|commit| commit.id.clone()).collect::<Vec<_>>(), [second.clone(), first]);

    // Edits that are not committed change what an instance reads, and so which commit changed it last.
    for (file, text) in [
        ("apps/web/staging/kustomization.yaml", "resources: [deployment.yaml]\n"),
        ("apps/search/staging/kustomization.yaml", "resources: [../../web/staging]\n"),
    ] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let fleet = update(&workspace);
    assert_eq!(last(&fleet, "search@staging"), Some(second));
    let fresh = update(&open(folder.path()));
    for id in fleet.facts.keys() {
        let of = |fleet: &Fleet| fleet.changes.of(id).map(|commit| commit.id.clone());
        assert_eq!(of(&fleet), of(&fresh), "{id}");
    }
}
