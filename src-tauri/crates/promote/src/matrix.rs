//! Applications × environments: which version is where, and how it stands to the environment before.

use serde::{Deserialize, Serialize};
use slipway_catalog::{Application, Catalog, Instance};
use slipway_diff::{
    Change, EnvironmentWords, FieldChange, ListKeys, MaskKey, Options, compare_with, is_rename_of,
};
use slipway_model::{ApplicationName, EnvironmentName, FieldPath, InstanceId, Manifest};

use crate::class::{ClassCounts, Place, SettingClass, classify, classify_resource};
use crate::pins::{Drift, Pin, drift_of};
use crate::plan::own_lines;
use crate::state::{State, Versions, state};
use crate::version::NO_VERSION;

/// Applications × environments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// The environments in promotion order: the columns.
    pub environments: Vec<EnvironmentName>,
    /// The applications, sorted by name. One that is several times in an environment has several rows.
    pub rows: Vec<Row>,
}

/// An application in all environments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The application.
    pub application: ApplicationName,
    /// A cell for each environment, in the order of the columns.
    pub cells: Vec<Cell>,
}

/// An application in an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// The instance; `None` where the application is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// What it is compared with: the nearest earlier environment that has the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<InstanceId>,
    /// The version; `—` where there is none.
    pub version: String,
    /// How it stands to the previous environment; `None` where there is none before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Differences from the previous environment, by class.
    pub counts: ClassCounts,
    /// Whether the environment asks before it is changed.
    pub protected: bool,
    /// Whether it cannot be rendered.
    pub failed: bool,
}

/// What is known of one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceFacts {
    /// The version, see [`crate::version::version`].
    pub version: String,
    /// Whether it cannot be rendered.
    pub failed: bool,
    /// The versions it had, newest first; empty where no history is known.
    pub history: Vec<String>,
}

/// How two instances differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Differences by class.
    pub counts: ClassCounts,
    /// Those of class A and D that are meant.
    pub intended: usize,
}

/// A rendered fleet, as far as a matrix asks. Behind it stands a cache: a matrix asks for each instance once and
/// for each pair of neighbours once.
pub trait Fleet {
    /// What is known of an instance.
    fn facts(&self, instance: &Instance) -> InstanceFacts;

    /// How an instance differs from the one of the previous environment; see [`difference`].
    fn difference(&self, previous: &Instance, instance: &Instance) -> Difference;
}

/// The matrix of a catalog.
#[must_use]
pub fn matrix(catalog: &Catalog, fleet: &dyn Fleet) -> Matrix {
    let rows = catalog
        .applications
        .iter()
        .flat_map(|application| {
            let twins = catalog
                .environments
                .iter()
                .map(|environment| instances_in(application, &environment.name).count())
                .max()
                .unwrap_or(0);
            (0..twins).map(move |number| row(catalog, application, number, fleet))
        })
        .collect();
    let environments = catalog.environments.iter().map(|environment| environment.name.clone()).collect();
    Matrix { environments, rows }
}

fn instances_in<'a>(
    application: &'a Application,
    environment: &EnvironmentName,
) -> impl Iterator<Item = &'a Instance> {
    application.instances.iter().filter(move |instance| instance.id.environment == *environment)
}

fn row(catalog: &Catalog, application: &Application, number: usize, fleet: &dyn Fleet) -> Row {
    let mut previous: Option<(&Instance, InstanceFacts)> = None;
    let mut cells = Vec::with_capacity(catalog.environments.len());
    for environment in &catalog.environments {
        let empty = Cell {
            instance: None,
            previous: None,
            version: NO_VERSION.to_owned(),
            state: Some(State::NotThere),
            counts: ClassCounts::default(),
            protected: environment.protected,
            failed: false,
        };
        let Some(instance) = instances_in(application, &environment.name).nth(number) else {
            cells.push(empty);
            continue;
        };
        let facts = fleet.facts(instance);
        let (state, counts) = match &previous {
            None => (facts.failed.then_some(State::Failed), ClassCounts::default()),
            Some((before, before_facts)) => cell_state(fleet, (before, before_facts), (instance, &facts)),
        };
        cells.push(Cell {
            instance: Some(instance.id.clone()),
            previous: previous.as_ref().map(|(before, _)| before.id.clone()),
            version: facts.version.clone(),
            state,
            counts,
            failed: facts.failed,
            ..empty
        });
        previous = Some((instance, facts));
    }
    Row { application: application.name.clone(), cells }
}

fn cell_state(
    fleet: &dyn Fleet,
    (before, before_facts): (&Instance, &InstanceFacts),
    (instance, facts): (&Instance, &InstanceFacts),
) -> (Option<State>, ClassCounts) {
    if facts.failed || before_facts.failed {
        return (Some(State::Failed), ClassCounts::default());
    }
    let difference = fleet.difference(before, instance);
    let versions = Versions {
        here: &facts.version,
        previous: &before_facts.version,
        history_here: &facts.history,
        history_previous: &before_facts.history,
    };
    (Some(state(&difference.counts, difference.intended, &versions)), difference.counts)
}

/// What decides how differences are counted.
#[derive(Clone)]
pub struct Judgement<'a> {
    /// The names of all environments, see [`crate::plan::environment_words`].
    pub words: &'a EnvironmentWords,
    /// The pinned classes.
    pub pins: &'a [Pin],
    /// The differences that are meant.
    pub drifts: &'a [Drift],
    /// The present day, `YYYY-MM-DD`.
    pub today: &'a str,
    /// How items of lists are told apart.
    pub lists: &'a dyn ListKeys,
    /// The key of the fingerprints of secret values.
    pub key: &'a MaskKey,
}

/// Counts how an instance differs from the one of the previous environment. What only follows from other
/// differences (a reference to a renamed ConfigMap) is not counted.
#[must_use]
pub fn difference(
    instance: &InstanceId,
    previous: &[Manifest],
    here: &[Manifest],
    judgement: &Judgement<'_>,
) -> Difference {
    let options = Options {
        key: judgement.key.clone(),
        lists: judgement.lists,
        environments: Some(judgement.words.clone()),
    };
    let place = Place {
        application: &instance.application,
        environment: &instance.environment,
        words: judgement.words,
        pins: judgement.pins,
    };
    let comparison = compare_with(previous, here, &options);
    let mut difference = Difference::default();
    for resource in &comparison.resources {
        let mut count = |path: &FieldPath, class: SettingClass| {
            difference.counts.add(class);
            let is_meant = drift_of(
                judgement.drifts,
                &instance.application,
                &instance.environment,
                &resource.resource,
                path,
                judgement.today,
            );
            if is_meant.is_some() && matches!(class, SettingClass::A | SettingClass::D) {
                difference.intended += 1;
            }
        };
        match resource.change {
            Change::Added | Change::Removed => {
                let class =
                    classify_resource(&resource.resource, resource.change == Change::Removed, &place).class;
                count(&FieldPath::root(), class);
            }
            Change::Changed | Change::Renamed => {
                for field in resource.fields.iter().filter(|field| is_rename_of(field, &comparison).is_none())
                {
                    // Seen as a promotion: what is here now, and what would come.
                    let field =
                        FieldChange { old: field.new.clone(), new: field.old.clone(), ..field.clone() };
                    let class = classify(&resource.resource, &field, &place).class;
                    let some_lines_move = own_lines(&resource.resource, &field, class, &place).is_some();
                    count(&field.path, if some_lines_move { SettingClass::D } else { class });
                }
            }
        }
    }
    difference
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::state::Distance;
    use serde_json::json;
    use slipway_catalog::{Environment, Layout};
    use slipway_diff::BuiltInLists;
    use slipway_model::{Origin, RepoPath};

    struct Table(BTreeMap<&'static str, (&'static str, u32)>);

    fn manifests(replicas: u32, tag: &str) -> Vec<Manifest> {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "web", "image": format!("web:{tag}")}]}}},
        });
        vec![Manifest::new(object, Origin { file: RepoPath::root(), document: 0, line: None })]
    }

    impl Fleet for Table {
        fn facts(&self, instance: &Instance) -> InstanceFacts {
            let (version, _) = self.0[instance.id.to_string().as_str()];
            InstanceFacts { version: version.to_owned(), failed: version == "broken", history: Vec::new() }
        }

        fn difference(&self, previous: &Instance, instance: &Instance) -> Difference {
            let of = |instance: &Instance| {
                let (version, replicas) = self.0[instance.id.to_string().as_str()];
                manifests(replicas, version)
            };
            let words = EnvironmentWords::new(["dev", "staging", "prod"]);
            let judgement = Judgement {
                words: &words,
                pins: &[],
                drifts: &[],
                today: "2026-01-01",
                lists: &BuiltInLists,
                key: &MaskKey::new([1; 32]),
            };
            difference(&instance.id, &of(previous), &of(instance), &judgement)
        }
    }

    fn catalog(instances: &[&str]) -> Catalog {
        let mut applications: Vec<Application> = Vec::new();
        for id in instances {
            let id: InstanceId = id.parse().unwrap();
            let name = id.application.clone();
            let instance: Instance =
                serde_json::from_value(json!({"id": id, "sources": [], "destination": {}, "reason": ""}))
                    .unwrap();
            match applications.iter_mut().find(|application| application.name == name) {
                Some(application) => application.instances.push(instance),
                None => applications.push(Application { name, instances: vec![instance] }),
            }
        }
        let environment = |name: &str| Environment {
            name: EnvironmentName::new(name),
            aliases: Vec::new(),
            protected: name == "prod",
            namespace: None,
        };
        Catalog {
            layout: Layout { family: String::new(), confidence: 1.0, reason: String::new() },
            environments: ["dev", "staging", "prod"].map(environment).to_vec(),
            applications,
            skipped: Vec::new(),
            problems: Vec::new(),
        }
    }

    #[test]
    fn each_cell_stands_to_the_nearest_environment_before_it() {
        let fleet = Table(BTreeMap::from([
            ("a@dev", ("1.2.0", 1)),
            ("a@prod", ("1.0.0", 3)),
            ("b@dev", ("2", 1)),
            ("b@staging", ("2", 5)),
            ("c@staging", ("broken", 1)),
            ("c@prod", ("1", 1)),
        ]));
        let matrix =
            matrix(&catalog(&["a@dev", "a@prod", "b@dev", "b@staging", "c@staging", "c@prod"]), &fleet);
        let shown: Vec<Vec<Option<State>>> =
            matrix.rows.iter().map(|row| row.cells.iter().map(|cell| cell.state.clone()).collect()).collect();
        let behind = State::Behind(Distance { versions: 2, by_number: true });
        assert_eq!(
            shown,
            [
                vec![None, Some(State::NotThere), Some(behind)],
                vec![None, Some(State::Equal), Some(State::NotThere)],
                vec![Some(State::NotThere), Some(State::Failed), Some(State::Failed)],
            ]
        );
        let cell = &matrix.rows[0].cells[2];
        assert_eq!(cell.counts, ClassCounts { a: 1, b: 1, c: 0, d: 0 });
        assert_eq!(cell.previous.as_ref().unwrap().to_string(), "a@dev");
        assert!(cell.protected && !cell.failed);
    }

    #[test]
    fn twins_have_a_row_each() {
        let fleet =
            Table(BTreeMap::from([("a@dev#x", ("1", 1)), ("a@dev#y", ("2", 1)), ("a@prod#x", ("1", 1))]));
        let matrix = matrix(&catalog(&["a@dev#x", "a@dev#y", "a@prod#x"]), &fleet);
        assert_eq!(matrix.rows.len(), 2);
        assert_eq!(matrix.rows[1].cells[2].state, Some(State::NotThere));
    }

    #[test]
    fn a_cell_has_the_shape_of_the_screen() {
        let fleet = Table(BTreeMap::from([("a@dev", ("1", 1)), ("a@staging", ("2", 1))]));
        let matrix = matrix(&catalog(&["a@dev", "a@staging"]), &fleet);
        assert_eq!(
            serde_json::to_value(&matrix.rows[0].cells[1]).unwrap(),
            json!({
                "instance": "a@staging", "previous": "a@dev", "version": "2",
                "state": {"state": "ahead", "versions": 1, "byNumber": true},
                "counts": {"a": 1, "b": 0, "c": 0, "d": 0}, "protected": false, "failed": false,
            })
        );
    }
}
