//! Which instances are promoted to which, and applications that come to an environment.

use slipway_render::EngineKind::Plain;

use super::super::*;
use super::toy::{Repository, edits, instance};

#[test]
fn what_cannot_be_paired_is_said() {
    let repository = Repository::new(
        &[("a/x.yaml", "a: 1\n")],
        vec![instance("web@staging", Plain, "a", &[]), instance("other@prod", Plain, "a", &[])],
    );
    let names = |from: &str, to: &str, application: &str| {
        let pairing = pairs(
            &repository.catalog,
            &repository.tree,
            &EnvironmentName::new(from),
            &[EnvironmentName::new(to)],
            &[slipway_model::ApplicationName::new(application)],
        );
        assert!(pairing.pairs.is_empty() && pairing.newcomers.is_empty());
        pairing.problems.into_iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(names("staging", "nowhere", "web"), ["unknown-environment"]);
    assert_eq!(names("staging", "prod", "nothing"), ["unknown-application"]);
    assert_eq!(names("staging", "prod", "web"), ["not-in-target"]);
    assert_eq!(names("staging", "prod", "other"), ["not-in-source"]);
    assert_eq!(names("prod", "prod", "other"), ["same-environment"]);
}

#[test]
fn a_named_application_is_copied_to_where_its_neighbours_lie() {
    let object = |name: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{level: info}}\n")
    };
    let (old, new) = (object("old"), object("new"));
    let repository = Repository::new(
        &[
            ("apps/old/staging/a.yaml", &old),
            ("apps/old/production/a.yaml", &old),
            ("apps/new/staging/a.yaml", &new),
            ("apps/new/staging/sub/notes.txt", "only for staging\n"),
            ("elsewhere/a.yaml", &new),
        ],
        vec![
            instance("old@staging", Plain, "apps/old/staging", &[]),
            instance("old@prod", Plain, "apps/old/production", &[]),
            instance("new@staging", Plain, "apps/new/staging", &[]),
            instance("odd@staging", Plain, "elsewhere", &[]),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &["new"], &[]);
    assert_eq!(
        edits(&plan),
        [
            "copy apps/new/staging/a.yaml apps/new/production/a.yaml",
            "copy apps/new/staging/sub/notes.txt apps/new/production/sub/notes.txt",
        ]
    );
    assert_eq!(plan.items[0].edits, [0, 1]);
    assert_eq!(plan.preview.resources[0].change.change, slipway_diff::Change::Added);
    assert_eq!(
        plan.problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(),
        ["copied-as-is"]
    );
    let pairing = pairs(
        &repository.catalog,
        &repository.tree,
        &EnvironmentName::new("staging"),
        &[EnvironmentName::new("prod")],
        &[slipway_model::ApplicationName::new("odd")],
    );
    assert_eq!(pairing.problems[0].code, "not-in-target");
    assert!(
        repository.plan("staging", &["prod"], &[], &[]).edits.is_empty(),
        "only a named application is added"
    );
}

#[test]
fn a_name_stands_for_the_environments_below_it() {
    let ids = ["web@staging/a", "web@staging/b", "web@production/c", "web@production/d", "plain@staging"];
    let instances = ids.iter().map(|id| instance(id, Plain, &id.replace('@', "/"), &[])).collect::<Vec<_>>();
    let repository = Repository::new(&[("web/staging/a/x.yaml", "a: 1\n")], instances);
    let pairing = pairs(
        &repository.catalog,
        &repository.tree,
        &EnvironmentName::new("staging"),
        &[EnvironmentName::new("production")],
        &[slipway_model::ApplicationName::new("web")],
    );
    let shown: Vec<String> =
        pairing.pairs.iter().map(|pair| format!("{} → {}", pair.from.id, pair.to.id)).collect();
    assert_eq!(shown, ["web@staging/a → web@production/c", "web@staging/a → web@production/d"]);
    let problems: Vec<&str> = pairing.problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(problems, ["environment-group"]);
}
