//! Rounds against a cluster that a test plays.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use slipway_git::Repository;
use slipway_model::{EnvironmentName, InstanceId};
use slipway_promote::State;
use slipway_render::{ClusterCapabilities, ClusterSnapshot, LookupAnswer, LookupQuestion};

use super::{ClusterSource, Clusters, render_in_rounds};
use crate::facts::RenderStatus;
use crate::fleet::Fleet;
use crate::opened::Workspace;
use crate::tests::{commit, open};

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n";

/// What a look-up of a name gives; `None` where the cluster is gone.
type Answer<'a> = dyn Fn(&str) -> Option<LookupAnswer> + Sync + 'a;

/// A cluster that is told what to say, and what it was asked for, a line each round.
struct Told<'a> {
    answer: &'a Answer<'a>,
    asked: Mutex<Vec<String>>,
}

impl<'a> Told<'a> {
    fn new(answer: &'a Answer<'a>) -> Self {
        Self { answer, asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl ClusterSource for Told<'_> {
    fn look_up(
        &self,
        environment: &EnvironmentName,
        questions: &[LookupQuestion],
    ) -> Vec<(LookupQuestion, LookupAnswer)> {
        let names: Vec<&str> = questions.iter().map(|question| question.name.as_str()).collect();
        self.asked.lock().unwrap().push(format!("{environment}: {}", names.join(" ")));
        questions.iter().filter_map(|each| Some((each.clone(), (self.answer)(&each.name)?))).collect()
    }
}

fn found(data: &Value) -> Option<LookupAnswer> {
    Some(LookupAnswer::Found(Arc::new(json!({"data": data}))))
}

fn cluster(version: &str, api_versions: &[&str]) -> Arc<ClusterSnapshot> {
    Arc::new(ClusterSnapshot::new(ClusterCapabilities {
        version: version.to_owned(),
        major: "1".to_owned(),
        minor: "31".to_owned(),
        api_versions: api_versions.iter().map(|each| (*each).to_owned()).collect(),
    }))
}

fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name)
}

/// A chart in two environments, and one that asks no cluster.
fn repository(folder: &Path, data: &str) {
    Repository::init(folder).unwrap();
    for environment in ["staging", "production"] {
        for (application, data) in [("web", data), ("plain", "  a: x\n")] {
            let chart = folder.join(format!("apps/{application}/{environment}"));
            fs::create_dir_all(chart.join("templates")).unwrap();
            let metadata = format!("apiVersion: v2\nname: {application}\nversion: 0.1.0\n");
            fs::write(chart.join("Chart.yaml"), metadata).unwrap();
            fs::write(chart.join("templates/a.yaml"), format!("{HEAD}{data}")).unwrap();
        }
    }
}

fn update(workspace: &Workspace, source: &dyn ClusterSource) -> Arc<Fleet> {
    workspace.update_asking(source, &AtomicBool::new(false), &|_| {}).unwrap()
}

fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}

fn data(fleet: &Fleet, instance: &str) -> Value {
    fleet.facts[&id(instance)].manifests()[0].object["data"].clone()
}

/// A look-up of a name that the one before it gives.
const CHAIN: &str = "  {{- $name := \"a\" }}\n  {{- range until (int (.Values.length | default 2)) }}\n  \
    {{- $name = (lookup \"v1\" \"ConfigMap\" \"shop\" $name) | dig \"data\" \"next\" \"none\" }}\n  {{- end }}\n  last: {{ $name }}\n";

#[test]
fn what_a_look_up_names_is_looked_up_in_the_next_round() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), CHAIN);
    let workspace = open(folder.path());
    let source = Told::new(&|name| found(&json!({"next": format!("{name}b")})));
    let offline = update(&workspace, &source);
    assert_eq!(data(&offline, "web@staging")["last"], "none");
    assert!(source.asked().is_empty(), "no cluster is connected");

    workspace.use_clusters(|known| known.clone().with(environment("staging"), cluster("v1.31.0", &["v1"])));
    let fleet = update(&workspace, &source);
    // The first answer names the second; what it would have been without an answer is asked for as well.
    assert_eq!(source.asked(), ["staging: a none", "staging: ab"]);
    assert_eq!(data(&fleet, "web@staging")["last"], "abb");
    assert_eq!(data(&fleet, "web@production")["last"], "none");
    for kept in ["web@production", "plain@staging", "plain@production"] {
        assert!(Arc::ptr_eq(&offline.facts[&id(kept)], &fleet.facts[&id(kept)]), "{kept} was rendered again");
    }
    update(&workspace, &source);
    assert_eq!(source.asked().len(), 2, "nothing is asked twice");
}

#[test]
fn a_commit_is_asked_for_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let git = Repository::init(folder.path()).unwrap();
    fs::write(git.git_directory().join("config"), "[core]\n[commit]\n\tgpgsign = false\n").unwrap();
    let chart = |file: &str| format!("apps/web/staging/{file}");
    let files = vec![
        (chart("Chart.yaml"), "apiVersion: v2\nname: web\nversion: 0.1.0\n".to_owned()),
        (chart("templates/a.yaml"), format!("{HEAD}{CHAIN}")),
        ("apps/web/production/a.yaml".to_owned(), format!("{HEAD}  a: x\n")),
    ];
    commit(&git, files);
    let workspace = open(folder.path());
    workspace.use_clusters(|known| known.clone().with(environment("staging"), cluster("v1.31.0", &["v1"])));
    let source = Told::new(&|name| found(&json!({"next": format!("{name}b")})));
    let head = workspace.head_commit().unwrap();
    let cancel = AtomicBool::new(false);
    let fleet = workspace.fleet_at_asking(&head, &source, &cancel).unwrap();
    assert_eq!(data(&fleet, "web@staging")["last"], "abb");
    // What was answered once is there for all that look at the commit.
    assert_eq!(data(&workspace.fleet_at(&head, &cancel).unwrap(), "web@staging")["last"], "abb");
    assert_eq!(source.asked(), ["staging: a none", "staging: ab"]);
}

#[test]
fn a_newer_snapshot_renders_what_it_changes_and_the_last_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), CHAIN);
    let workspace = open(folder.path());
    let staging = || environment("staging");
    workspace.use_clusters(|known| known.clone().with(staging(), cluster("v1.31.0", &["v1"])));
    let first = update(&workspace, &Told::new(&|_| Some(LookupAnswer::Nothing)));
    let gone = Told::new(&|_| None);
    assert!(Arc::ptr_eq(&first, &update(&workspace, &gone)), "what it said stays when it is gone");
    assert!(gone.asked().is_empty());
    // The same answers are no reason to render; a new kind is none for charts that do not ask for it.
    workspace.use_clusters(|known| {
        let same = first.lookups(&staging()).into_iter().map(|each| (each, LookupAnswer::Nothing));
        known.clone().with(staging(), Arc::new(cluster("v1.32.0", &["apps/v1", "v1"]).with_answers(same)))
    });
    let second = update(&workspace, &gone);
    assert!(Arc::ptr_eq(&first.facts[&id("web@staging")], &second.facts[&id("web@staging")]));
    workspace.use_clusters(|known| known.clone().without(|_| true));
    assert!(update(&workspace, &gone).clusters.of(&staging()).is_none());
}

#[test]
fn a_cluster_that_is_gone_leaves_questions_open() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), CHAIN);
    let workspace = open(folder.path());
    workspace.use_clusters(|known| known.clone().with(environment("staging"), cluster("v1.31.0", &["v1"])));
    let gone = Told::new(&|_| None);
    let fleet = update(&workspace, &gone);
    assert_eq!(gone.asked().len(), 1, "it is not asked again and again");
    let facts = &fleet.facts[&id("web@staging")];
    assert_eq!(facts.status, RenderStatus::Ok);
    assert_eq!(facts.fidelity.reasons, ["looked up 2 objects, the cluster was not asked: empty"]);
}

#[test]
fn templates_that_always_ask_for_more_end_in_a_problem_at_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let endless = CHAIN.replace("default 2", "default 9");
    repository(folder.path(), &endless);
    let workspace = open(folder.path());
    workspace.use_clusters(|known| known.clone().with(environment("staging"), cluster("v1.31.0", &["v1"])));
    let source = Told::new(&|name| found(&json!({"next": format!("{name}b")})));
    let fleet = update(&workspace, &source);
    assert_eq!(source.asked().len(), 3);
    let facts = &fleet.facts[&id("web@staging")];
    let problem = facts.problems.iter().find(|problem| problem.is_error()).unwrap();
    assert!(problem.message.contains("something else after each of 3 answers"), "{problem}");
    let location = problem.location.as_ref().unwrap();
    assert_eq!((location.file.as_str(), location.line), ("apps/web/staging/templates/a.yaml", Some(7)));
    assert_eq!(fleet.facts[&id("plain@staging")].status, RenderStatus::Ok);
}

#[test]
fn one_render_is_made_in_rounds_as_well() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), CHAIN);
    let workspace = open(folder.path());
    let source = Told::new(&|name| found(&json!({"next": format!("{name}b")})));
    let fleet = update(&workspace, &source);
    let instance = fleet.instance(&id("web@production")).unwrap();
    let render = |cluster: &Arc<ClusterSnapshot>| {
        workspace.render(&fleet.tree, instance, &Clusters::common(cluster.clone()))
    };
    let production = environment("production");
    let (rendered, heard) = render_in_rounds(&production, cluster("v1.31.0", &["v1"]), &source, render);
    assert_eq!(rendered.manifests[0].object["data"]["last"], "abb");
    assert_eq!(heard.questions().count(), 3);
    let gone = Told::new(&|_| None);
    let (rendered, heard) = render_in_rounds(&production, cluster("v1.31.0", &["v1"]), &gone, render);
    assert_eq!(
        rendered.cluster.missing_in(&heard).len(),
        2,
        "who needs the answers can see that there are none"
    );
}

#[test]
fn two_environments_are_compared_with_one_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let data_of_chart = "  {{- if .Capabilities.APIVersions.Has \"extra/v1\" }}\n  extra: x\n  {{- end }}\n  \
        kept: {{ (lookup \"v1\" \"Secret\" \"shop\" \"db\") | dig \"data\" \"p\" \"new\" }}\n";
    repository(folder.path(), data_of_chart);
    let workspace = open(folder.path());
    workspace.use_clusters(|known| {
        let staging = cluster("v1.30.0", &["v1"]);
        known
            .clone()
            .with(environment("staging"), staging)
            .with(environment("production"), cluster("v1.31.0", &["extra/v1", "v1"]))
    });
    let turn = Mutex::new(0);
    let another = |_: &str| {
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        found(&json!({"p": format!("password-{turn}")}))
    };
    let source = Told::new(&another);
    let fleet = update(&workspace, &source);
    assert_ne!(data(&fleet, "web@staging"), data(&fleet, "web@production"), "each shows its own cluster");
    assert_eq!(data(&fleet, "web@production")["extra"], "x");
    let standing = &fleet.standings[&id("web@production")];
    assert_eq!(standing.state, Some(State::Equal), "Git says the same of both: {standing:?}");
    let instance = fleet.instance(&id("web@staging")).unwrap();
    let beside = |from: &str, to: &str| {
        let clusters = fleet.clusters.for_comparison(&environment(from), &environment(to));
        let facts = &fleet.facts[&instance.id];
        workspace.manifests_beside(&fleet.tree, instance, facts, &clusters)[0].object["data"].clone()
    };
    assert_eq!(beside("staging", "production"), json!({"extra": "x", "kept": "new"}));
    assert_eq!(beside("staging", "staging"), data(&fleet, "web@staging"), "of one environment all is known");
}
