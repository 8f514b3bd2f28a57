//! Dependencies that were fetched, or would have to be.

use std::collections::BTreeMap;

use slipway_model::{
    Fetched, MemoryTree, Recorder, RemoteReference, Remotes, Tree, WithRemotes, missing_remotes,
};

use super::*;
use crate::{LocalDependencies, code};

struct Map(BTreeMap<RemoteReference, MemoryTree>);

impl Remotes for Map {
    fn find(&self, reference: &RemoteReference) -> Option<Fetched> {
        let tree = Arc::new(self.0.get(reference)?.clone());
        Some(Fetched { tree, root: RepoPath::root() })
    }
}

const REPOSITORY: &str = "https://charts.example/stable";
const REGISTRY: &str = "oci://registry.example/team";

fn reference(repository: &str, name: &str, version: &str) -> RemoteReference {
    RemoteReference::Chart {
        repository: repository.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

/// A fetched chart that prints its name and version.
fn fetched(name: &str, version: &str) -> MemoryTree {
    MemoryTree::new([
        ("Chart.yaml", format!("apiVersion: v2\nname: {name}\nversion: {version}\n")),
        (
            "templates/a.yaml",
            "{{ .Chart.Name }}: {{ .Chart.Version }} {{ .Files.Get \"note\" }}\n".to_owned(),
        ),
        ("note", "n".to_owned()),
    ])
}

/// The chart `web` with dependencies and, where one is given, a lock.
fn repository(dependencies: &str, lock: Option<&str>) -> MemoryTree {
    let mut tree = tree(&[]);
    tree.insert(
        path("web/Chart.yaml"),
        format!("apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n{dependencies}"),
    );
    if let Some(lock) = lock {
        tree.insert(path("web/Chart.lock"), format!("dependencies:\n{lock}digest: sha256:x\n"));
    }
    tree
}

fn with(tree: MemoryTree, remotes: &[(RemoteReference, MemoryTree)]) -> WithRemotes<MemoryTree> {
    WithRemotes::new(tree, Arc::new(Map(remotes.iter().cloned().collect())))
}

const TWO: &str = "- {name: db, version: 1.x, repository: 'https://charts.example/stable'}\n\
                   - {name: cache, version: ^2, repository: 'oci://registry.example/team', alias: hot}\n";

#[test]
fn all_that_has_to_be_fetched_is_asked_for_at_once() {
    let charts = Charts::new();
    let tree = with(repository(TWO, None), &[]);
    let recorder = Recorder::new(&tree);
    let failure = charts.render(&recorder, &path("web"), &options()).unwrap_err();
    let both = [reference(REPOSITORY, "db", "1.x"), reference(REGISTRY, "cache", "^2")];
    assert_eq!(failure.code(), code::REMOTE);
    assert_eq!(failure.missing(), both);
    assert_eq!(
        failure.to_string(),
        "chart db 1.x of https://charts.example/stable, chart cache ^2 of oci://registry.example/team were not fetched"
    );
    assert_eq!(failure.location().unwrap().file, "web/Chart.yaml");
    let reads = recorder.into_reads();
    assert_eq!(missing_remotes(&reads), both);

    let [db, cache] = both;
    let tree =
        with(repository(TWO, None), &[(db, fetched("db", "1.4.0")), (cache, fetched("cache", "2.0.1"))]);
    assert!(!reads.hold_on(&tree).unwrap(), "what was fetched makes the failure stale");
    let output = charts.render(&tree, &path("web"), &options()).unwrap();
    assert_eq!(shown(&output), [r#"{"db":"1.4.0 n"}"#, r#"{"hot":"2.0.1 n"}"#]);
}

#[test]
fn a_lock_in_step_says_which_version_is_meant() {
    let lock = "- {name: db, version: 1.4.0, repository: 'https://charts.example/stable'}\n\
                - {name: cache, version: 2.0.1, repository: 'oci://registry.example/team'}\n";
    let old = lock.replace("1.4.0", "0.9.0");
    let asked = |lock: Option<&str>| {
        let tree = with(repository(TWO, lock), &[]);
        Charts::new().render(&tree, &path("web"), &options()).unwrap_err().missing().to_vec()
    };
    let ranges = [reference(REPOSITORY, "db", "1.x"), reference(REGISTRY, "cache", "^2")];
    assert_eq!(
        asked(Some(lock)),
        [reference(REPOSITORY, "db", "1.4.0"), reference(REGISTRY, "cache", "2.0.1")]
    );
    assert_eq!(asked(Some(&old)), ranges);
    assert_eq!(asked(Some("- 5\n- {name: [1]}\n")), ranges);
    assert_eq!(asked(None), ranges);
    let [db, cache] = ranges;
    let tree = with(
        repository(TWO, Some(&old)),
        &[(db, fetched("db", "1.5.0")), (cache, fetched("cache", "2.1.0"))],
    );
    let output = Charts::new().render(&tree, &path("web"), &options()).unwrap();
    let told = &output.warnings[0];
    assert_eq!(
        told.to_string(),
        "web/Chart.lock: the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml)"
    );
}

#[test]
fn what_lies_in_charts_is_not_fetched() {
    let mut inside =
        repository("- {name: db, version: 1.x, repository: 'https://charts.example/stable'}\n", None);
    inside.insert(path("web/charts/db/Chart.yaml"), "apiVersion: v2\nname: db\nversion: 1.0.0\n".to_owned());
    let tree = with(inside, &[]);
    let recorder = Recorder::new(&tree);
    Charts::new().render(&recorder, &path("web"), &options()).unwrap();
    assert!(recorder.into_reads().iter().all(|(read, _)| RemoteReference::of_path(read.path()).is_none()));
}

#[test]
fn helm_template_fetches_nothing() {
    let db = "- {name: db, version: 1.x, repository: 'https://charts.example/stable'}\n";
    let tree = with(repository(db, None), &[(reference(REPOSITORY, "db", "1.x"), fetched("db", "1.4.0"))]);
    let refuse = Options { local_dependencies: LocalDependencies::Refuse, ..options() };
    let failure = Charts::new().render(&tree, &path("web"), &refuse).unwrap_err();
    assert_eq!(failure.code(), code::DEPENDENCY);
    assert!(failure.message().ends_with("missing in charts/ directory: db"), "{failure}");
}

#[test]
fn a_fetched_chart_that_is_another_one_says_so() {
    let db = "- {name: db, version: 1.x, repository: 'https://charts.example/stable'}\n";
    let tree =
        with(repository(db, None), &[(reference(REPOSITORY, "db", "1.x"), fetched("postgres", "1.4.0"))]);
    let failure = Charts::new().render(&tree, &path("web"), &options()).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "chart db 1.x of https://charts.example/stable is declared as a dependency, but what was fetched is `postgres` 1.4.0"
    );
}

#[test]
fn one_chart_under_two_aliases_is_fetched_once() {
    let two = "- {name: db, version: 1.x, repository: 'https://charts.example/stable', alias: one}\n\
               - {name: db, version: 1.x, repository: 'https://charts.example/stable', alias: two}\n";
    let tree = with(repository(two, None), &[(reference(REPOSITORY, "db", "1.x"), fetched("db", "1.4.0"))]);
    let output = Charts::new().render(&tree, &path("web"), &options()).unwrap();
    assert_eq!(shown(&output), [r#"{"one":"1.4.0 n"}"#, r#"{"two":"1.4.0 n"}"#]);
}

#[test]
fn a_fetched_chart_is_rendered_where_it_is_read() {
    let web = reference(REPOSITORY, "web", "");
    let tree = with(MemoryTree::default(), &[(web.clone(), fetched("web", "3.0.0"))]);
    let output = Charts::new().render(&tree, &web.path(), &options()).unwrap();
    assert_eq!(shown(&output), [r#"{"web":"3.0.0 n"}"#]);
    assert!(tree.list(&RepoPath::root()).unwrap().unwrap().is_empty());
    let other = reference(REPOSITORY, "other", "1");
    let failure = Charts::new().render(&tree, &other.path(), &options()).unwrap_err();
    assert_eq!(failure.to_string(), "chart other 1 of https://charts.example/stable was not fetched");
    assert_eq!(failure.missing(), [other]);
}
