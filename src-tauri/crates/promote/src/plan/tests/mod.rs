//! Plans on small repositories, each with one difficulty.

mod corpus;
mod pairing;
mod properties;
mod toy;
mod unrendered;

use serde_json::{Value, json};
use slipway_render::EngineKind::{Helm, Kustomize, Plain};
use toy::{Repository, edits, id, instance};

use super::*;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  template:
    spec:
      containers:
      - name: web
        image: ${image.repository}:${image.tag}
        env:
        - {name: HOST, value: \"${host}\"}
        - {name: LEVEL, value: \"${level}\"}
";

const VALUES: &str = "replicas: 1\nlevel: info\nimage: {repository: shop/web, tag: \"1\"}\n";

/// One chart with a values file per environment.
fn chart(staging: &str, prod: &str) -> Repository {
    Repository::new(
        &[
            ("web/templates/all.yaml", DEPLOYMENT),
            ("web/values.yaml", VALUES),
            ("web/values-staging.yaml", staging),
            ("web/values-prod.yaml", prod),
        ],
        vec![
            instance("web@staging", Helm, "web", &["web/values-staging.yaml"]),
            instance("web@prod", Helm, "web", &["web/values-prod.yaml"]),
        ],
    )
}

fn errors(plan: &PromotionPlan) -> Vec<&str> {
    plan.problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.code.as_str()).collect()
}

#[test]
fn the_version_moves_and_what_belongs_to_the_environment_stays() {
    let repository = chart(
        "host: web.staging.example\nreplicas: 1\nimage: {tag: \"2\"}\n",
        "host: web.example\nreplicas: 3\nimage: {tag: \"1\"}\n",
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(edits(&plan), ["set web/values-prod.yaml /image/tag \"1\" → \"2\""]);
    let items: Vec<String> = plan
        .items
        .iter()
        .map(|item| format!("{} {} {} {:?}", item.class, item.path, item.chosen, item.edits))
        .collect();
    let container = "/spec/template/spec/containers/[name=web]";
    assert_eq!(
        items,
        [
            "B /spec/replicas false []".to_owned(),
            format!("C {container}/env/[name=HOST]/value false []"),
            format!("A {container}/image true [0]"),
        ]
    );
    assert_eq!(plan.preview.resources.len(), 1);
    assert_eq!(plan.preview.resources[0].change.fields.len(), 1);
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
}

#[test]
fn included_classes_and_excluded_paths_are_heard() {
    let repository = chart("host: a\nreplicas: 5\nlevel: debug\n", "host: a\nreplicas: 3\nlevel: warn\n");
    let plan = repository.plan("staging", &["prod"], &[], &[("include", "B"), ("exclude", "/spec/template")]);
    assert_eq!(edits(&plan), ["set web/values-prod.yaml /replicas 3 → 5"]);
}

#[test]
fn a_setting_that_the_target_inherits_is_inserted() {
    let repository = chart("host: a\nimage: {tag: \"2\"}\n", "host: a\n");
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(edits(&plan), ["insert web/values-prod.yaml /image {\"tag\":\"2\"}"]);
}

#[test]
fn an_override_of_the_target_gets_the_value_that_the_source_inherits() {
    let repository = chart("host: a\n", "host: a\nlevel: warn\nimage: {tag: \"0\"}\n");
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(
        edits(&plan),
        [
            "set web/values-prod.yaml /level \"warn\" → \"info\"",
            "set web/values-prod.yaml /image/tag \"0\" → \"1\"",
        ]
    );
    assert_eq!(errors(&plan), [""; 0]);
}

#[test]
fn the_registry_of_the_target_stays_and_its_version_moves() {
    let repository = chart(
        "host: a\nimage: {repository: staging.example.com/web, tag: \"2\"}\n",
        "host: a\nimage: {repository: prod.example.com/web, tag: \"1\"}\n",
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(edits(&plan), ["set web/values-prod.yaml /image/tag \"1\" → \"2\""]);
    assert_eq!(plan.items[0].new, Some(json!("prod.example.com/web:2")));
}

#[test]
fn a_value_that_comes_from_two_settings_is_carried_by_both() {
    let repository = chart(
        "host: a\nimage: {repository: shop/web-next, tag: \"2\"}\n",
        "host: a\nimage: {repository: shop/web, tag: \"1\"}\n",
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(
        edits(&plan),
        [
            "set web/values-prod.yaml /image/tag \"1\" → \"2\"",
            "set web/values-prod.yaml /image/repository \"shop/web\" → \"shop/web-next\"",
        ]
    );
    assert_eq!(plan.items[0].edits, [0, 1]);
}

#[test]
fn what_only_shared_files_decide_has_no_edit_and_says_so() {
    let repository = Repository::new(
        &[
            ("web/templates/all.yaml", DEPLOYMENT),
            ("web/values.yaml", VALUES),
            ("web/values-host.yaml", "host: a\n"),
        ],
        vec![
            instance("web@staging", Helm, "web", &["web/values-host.yaml"]),
            instance("web@prod", Helm, "web", &["web/values-host.yaml"]),
        ],
    );
    assert!(repository.plan("staging", &["prod"], &[], &[]).items.is_empty());

    let repository = Repository::new(
        &[
            (
                "staging/web.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {level: debug, mode: a}\n",
            ),
            ("prod/kustomization.yaml", "resources: [../shared]\n"),
            ("shared/kustomization.yaml", "resources: [a.yaml]\n"),
            (
                "shared/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {level: info, mode: a}\n",
            ),
        ],
        vec![
            instance("web@staging", Kustomize, "staging2", &[]),
            instance("web@prod", Kustomize, "prod", &[]),
            instance("other@staging", Kustomize, "shared", &[]),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &["web"], &[]);
    assert_eq!(errors(&plan), ["not-rendered", "toy"], "the source is not there");
}

#[test]
fn an_item_without_edit_stays_with_a_reason_and_hints() {
    // The template prints what no values file says: the name of the directory.
    let repository = Repository::new(
        &[
            ("a/kustomization.yaml", "resources: [../shared]\nimages: [{name: web, newTag: \"2\"}]\n"),
            ("b/kustomization.yaml", "resources: [../shared2]\nimages: [{name: web, newTag: \"2\"}]\n"),
            ("shared/kustomization.yaml", "resources: [a.yaml]\n"),
            ("shared/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\n"),
            ("shared2/kustomization.yaml", "resources: [a.yaml]\n"),
            (
                "shared2/a.yaml",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: \"1\", m: \"1\"}}\n",
            ),
        ],
        vec![instance("web@staging", Kustomize, "a", &[]), instance("web@prod", Plain, "shared2", &[])],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    // The kustomization itself is no manifest for the plain target; its removal cannot be what is wanted.
    for item in plan.items.iter().filter(|item| item.chosen && item.edits.is_empty()) {
        let problem = plan.problems.iter().find(|problem| problem.code == "no-edit-found").unwrap();
        assert!(problem.message.contains(&item.resource.kind));
        assert!(problem.hints.iter().any(|hint| hint.contains("--exclude")));
    }
}

#[test]
fn an_edit_that_would_move_a_host_is_refused() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {level: \"${x}\", url: \"https://${x}.staging.example\"}\n";
    let repository = Repository::new(
        &[
            ("web/templates/all.yaml", template),
            ("web/values-staging.yaml", "x: debug\n"),
            ("web/values-prod.yaml", "x: info\n"),
        ],
        vec![
            instance("web@staging", Helm, "web", &["web/values-staging.yaml"]),
            instance("web@prod", Helm, "web", &["web/values-prod.yaml"]),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert!(plan.edits.is_empty());
    assert_eq!(errors(&plan), ["no-edit-found"]);
    assert!(plan.problems[0].message.contains("belong to the environment"));
}

#[test]
fn an_edit_that_carries_others_along_says_so() {
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: {size: \"${x}\"}}\nspec: {level: \"${x}\"}\n";
    let repository = Repository::new(
        &[
            ("web/templates/all.yaml", template),
            ("web/values-staging.yaml", "x: large\n"),
            ("web/values-prod.yaml", "x: small\n"),
        ],
        vec![
            instance("web@staging", Helm, "web", &["web/values-staging.yaml"]),
            instance("web@prod", Helm, "web", &["web/values-prod.yaml"]),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(edits(&plan), ["set web/values-prod.yaml /x \"small\" → \"large\""]);
    let carried = plan.items.iter().find(|item| item.chosen).unwrap();
    let other = &plan.items[carried.also_carries[0]];
    assert_eq!((other.path.to_string().as_str(), other.chosen), ("/metadata/labels/size", false));
}

const BASE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers: [{name: web, image: \"web:0\"}]\n";

fn overlays(staging: &str, prod: &str, more: &[(&str, &str)]) -> Repository {
    let mut files = vec![
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", BASE),
        ("overlays/staging/kustomization.yaml", staging),
        ("overlays/prod/kustomization.yaml", prod),
    ];
    files.extend(more);
    Repository::new(
        &files,
        vec![
            instance("web@staging", Kustomize, "overlays/staging", &[]),
            instance("web@prod", Kustomize, "overlays/prod", &[]),
        ],
    )
}

#[test]
fn the_tag_of_an_image_in_an_overlay_moves() {
    let repository = overlays(
        "resources: [../../base]\nnamespace: shop-staging\nimages: [{name: web, newTag: \"2\"}]\n",
        "resources: [../../base]\nnamespace: shop-prod\nimages: [{name: web, newTag: \"1\"}]\n",
        &[],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(
        edits(&plan),
        ["set overlays/prod/kustomization.yaml /images/[name=web]/newTag \"1\" → \"2\""]
    );
    assert_eq!(plan.items.len(), 2, "the namespace is an item that stays");
}

#[test]
fn a_new_resource_comes_with_its_file_and_a_removed_one_goes_with_it() {
    let new = "apiVersion: v1\nkind: Service\nmetadata: {name: new}\nspec: {}\n";
    let gone = "apiVersion: v1\nkind: Service\nmetadata: {name: gone}\nspec: {}\n";
    let repository = overlays(
        "resources: [../../base, new.yaml]\n",
        "resources: [../../base, ../../other, gone.yaml]\n",
        &[
            ("overlays/staging/new.yaml", new),
            ("overlays/prod/gone.yaml", gone),
            ("other/kustomization.yaml", "resources: []\n"),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(
        edits(&plan),
        [
            "copy overlays/staging/new.yaml overlays/prod/new.yaml",
            "insert overlays/prod/kustomization.yaml /resources/3 \"new.yaml\"",
            "remove overlays/prod/kustomization.yaml /resources/2",
            "delete overlays/prod/gone.yaml",
        ]
    );
    assert_eq!(errors(&plan), [""; 0], "{:?}", plan.problems);
}

#[test]
fn one_line_of_a_patch_moves_and_the_others_stay() {
    let patch = |level: &str, mode: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  level: {level}\n  mode: {mode}\n"
        )
    };
    let (staging, prod) = (patch("debug", "eu-staging"), patch("info", "eu-prod"));
    let repository = overlays(
        "resources: [../../base]\npatches: [{path: patch.yaml}]\n",
        "resources: [../../base]\npatches: [{path: patch.yaml}]\n",
        &[("overlays/staging/patch.yaml", &staging), ("overlays/prod/patch.yaml", &prod)],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(edits(&plan), ["set overlays/prod/patch.yaml /spec/level \"info\" → \"debug\""]);
}

#[test]
fn inline_patches_change_by_lines() {
    let with_patch = |level: &str, region: &str| {
        format!(
            "resources: [../../base]\npatches:\n- target: {{kind: Deployment}}\n  patch: |\n    kind: Deployment\n    metadata: {{name: web}}\n    spec:\n      level: {level}\n      region: {region}\n"
        )
    };
    let (staging, prod) = (with_patch("debug", "eu-west-1"), with_patch("info", "eu-central-1"));
    let plan = overlays(&staging, &prod, &[]).plan("staging", &["prod"], &[], &[]);
    assert_eq!(plan.edits.len(), 1);
    let Edit::Set { new: Value::String(text), .. } = &plan.edits[0] else { panic!("{:?}", plan.edits) };
    assert!(text.contains("level: debug") && text.contains("region: eu-central-1"), "{text}");
}

#[test]
fn generated_config_maps_change_by_lines_of_their_files() {
    let kustomization =
        "resources: [../../base]\nconfigMapGenerator: [{name: settings, files: [app.conf]}]\n";
    let repository = overlays(
        kustomization,
        kustomization,
        &[
            (
                "overlays/staging/app.conf",
                "level = debug\nhost = db.staging.example\ndatabase.host = db1\nretries = 3\n",
            ),
            (
                "overlays/prod/app.conf",
                "level = info\nhost = db.prod.example\ndatabase.host = db7\nretries = 5\n",
            ),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(
        edits(&plan),
        [
            "write overlays/prod/app.conf \"level = debug\\nhost = db.prod.example\\ndatabase.host = db7\\nretries = 3\\n\""
        ]
    );
    assert_eq!(plan.items[0].class, SettingClass::D);
    assert!(plan.items[0].reason.contains("stay"));
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
}

#[test]
fn of_a_map_that_the_target_lacks_only_what_is_asked_for_is_inserted() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {level: \"${log.level}\", url: \"${log.url}\"}\n";
    let repository = Repository::new(
        &[
            ("web/templates/all.yaml", template),
            ("web/values.yaml", "log: {level: info, url: \"https://log.example\"}\n"),
            ("web/values-staging.yaml", "log: {level: debug, url: \"https://log.staging.example\"}\n"),
            ("web/values-prod.yaml", "other: 1\n"),
        ],
        vec![
            instance("web@staging", Helm, "web", &["web/values-staging.yaml"]),
            instance("web@prod", Helm, "web", &["web/values-prod.yaml"]),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(edits(&plan), ["insert web/values-prod.yaml /log {\"level\":\"debug\"}"]);
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
}

#[test]
fn a_values_file_that_says_nothing_or_is_not_there_is_begun() {
    for prod in [Some(""), Some("# nothing yet\n"), None] {
        let mut files = vec![
            (
                "web/templates/all.yaml",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {level: \"${level}\", host: \"${host}\"}}\n",
            ),
            ("web/values.yaml", "level: info\nhost: a.example.com\n"),
            ("web/envs/staging/values.yaml", "level: debug\nhost: a.staging.example.com\n"),
        ];
        files.extend(prod.map(|text| ("web/envs/prod/values.yaml", text)));
        let repository = Repository::new(
            &files,
            vec![
                instance("web@staging", Helm, "web", &["web/envs/staging/values.yaml"]),
                instance("web@prod", Helm, "web", &["web/envs/prod/values.yaml"]),
            ],
        );
        let plan = repository.plan("staging", &["prod"], &[], &[]);
        let base: Arc<dyn Tree> = Arc::new(repository.tree.clone());
        let file = toy::path("web/envs/prod/values.yaml");
        let result = slipway_model::read_text(&apply(&base, &plan.edits).unwrap(), &file).unwrap();
        let expected = format!("{}level: debug\n", prod.unwrap_or_default());
        assert_eq!(result, Some(expected), "{prod:?}: {:?} {:?}", plan.edits, plan.problems);
    }
}

#[test]
fn a_config_map_with_a_content_hash_is_one_resource_and_its_references_follow() {
    let kustomization = "resources: [../../base]\npatches: [{path: patch.yaml}]\nconfigMapGenerator: [{name: settings, hashed: true, files: [a, b]}]\n";
    let patch = "{kind: Deployment, metadata: {name: web}, spec: {settings: {name: $hash(settings)}}}\n";
    let repository = overlays(
        kustomization,
        kustomization,
        &[
            ("overlays/staging/patch.yaml", patch),
            ("overlays/prod/patch.yaml", patch),
            ("overlays/staging/a", "level = debug\n"),
            ("overlays/staging/b", "host = db.staging.example\n"),
            ("overlays/prod/a", "level = info\n"),
            ("overlays/prod/b", "host = db.prod.example\n"),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    let items: Vec<String> =
        plan.items.iter().map(|item| format!("{} {} {:?}", item.class, item.path, item.edits)).collect();
    assert_eq!(items, ["B /spec/settings/name []", "D /data/a [0]", "C /data/b []"]);
    assert_eq!(edits(&plan), ["write overlays/prod/a \"level = debug\\n\""]);
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
}

#[test]
fn plain_directories_gain_and_lose_files_and_documents() {
    let object = |name: &str, level: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{level: {level}}}\n")
    };
    let (a1, a2, new, gone) =
        (object("a", "debug"), object("a", "info"), object("new", "x"), object("gone", "y"));
    let staging = format!("{a1}---\n{}", object("b", "1"));
    let prod = format!("{a2}---\n{}---\n{}", object("c", "1"), object("b", "1"));
    let repository = Repository::new(
        &[
            ("staging/all.yaml", &staging),
            ("staging/new.yaml", &new),
            ("prod/all.yaml", &prod),
            ("prod/gone.yaml", &gone),
        ],
        vec![instance("web@staging", Plain, "staging", &[]), instance("web@prod", Plain, "prod", &[])],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    let kinds: Vec<String> = edits(&plan).iter().map(|edit| edit.chars().take(40).collect()).collect();
    assert_eq!(errors(&plan), [""; 0], "{kinds:?} {:?}", plan.problems);
    assert!(kinds.contains(&"copy staging/new.yaml prod/new.yaml".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"delete prod/gone.yaml".to_owned()), "{kinds:?}");
}

#[test]
fn literals_in_programs_are_carried_by_their_line() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {level: \"${level}\", host: \"${host}\"}\n";
    let repository = Repository::new(
        &[
            ("staging/a.yaml.tpl", template),
            ("prod/a.yaml.tpl", template),
            ("staging/vars.libsonnet", "level = 'debug'\nhost = 'web.staging.example'\n"),
            ("prod/vars.libsonnet", "level = 'info'\nhost = 'web.prod.example'\n"),
        ],
        vec![instance("web@staging", Plain, "staging", &[]), instance("web@prod", Plain, "prod", &[])],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(
        edits(&plan),
        ["write prod/vars.libsonnet \"level = 'debug'\\nhost = 'web.prod.example'\\n\""]
    );
}

#[test]
fn instances_that_read_an_edited_file_are_named_and_those_that_share_it_agree() {
    let repository = Repository::new(
        &[
            ("web/templates/all.yaml", DEPLOYMENT),
            ("web/values.yaml", VALUES),
            ("web/staging.yaml", "host: a\nimage: {tag: \"2\"}\n"),
            ("web/prod.yaml", "host: a\nimage: {tag: \"1\"}\n"),
            ("web/prod-eu.yaml", "replicas: 2\n"),
            ("web/prod-us.yaml", "replicas: 3\n"),
            ("web/prod-asia.yaml", "replicas: 4\n"),
        ],
        vec![
            instance("web@staging", Helm, "web", &["web/staging.yaml"]),
            instance("web@prod-eu", Helm, "web", &["web/prod.yaml", "web/prod-eu.yaml"]),
            instance("web@prod-us", Helm, "web", &["web/prod.yaml", "web/prod-us.yaml"]),
            instance("web@prod-asia", Helm, "web", &["web/prod.yaml", "web/prod-asia.yaml"]),
        ],
    );
    let plan = repository.plan("staging", &["prod-eu", "prod-us"], &[], &[]);
    assert_eq!(edits(&plan), ["set web/prod.yaml /image/tag \"1\" → \"2\""]);
    assert_eq!(plan.also_changed, [id("web@prod-asia")]);
    assert_eq!(plan.preview.groups[0].count, 3);
    assert!(plan.problems.iter().any(|problem| problem.code == "also-changed"));
}

#[test]
fn secret_values_are_never_carried_nor_shown() {
    let secret = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\nstringData: {{password: {value}}}\n")
    };
    let (staging, prod) = (secret("hunter2-staging"), secret("swordfish"));
    let only = secret("correct-horse").replace("name: db", "name: other");
    let repository = Repository::new(
        &[("staging/s.yaml", &staging), ("staging/o.yaml", &only), ("prod/s.yaml", &prod)],
        vec![instance("web@staging", Plain, "staging", &[]), instance("web@prod", Plain, "prod", &[])],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[("include", "C")]);
    let output = serde_json::to_string(&plan).unwrap();
    for text in ["hunter2", "swordfish", "correct-horse"] {
        assert!(!output.contains(text), "{output}");
    }
    assert!(plan.edits.is_empty());
    assert_eq!(errors(&plan), ["no-edit-found"; 2]);
}

#[test]
fn a_password_in_a_values_file_is_not_carried_even_where_it_is_asked_for() {
    let template =
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {password: \"${password}\"}}\n";
    let repository = Repository::new(
        &[
            ("web/templates/a.yaml", template),
            ("web/values-staging.yaml", "password: hunter2\n"),
            ("web/values-prod.yaml", "password: swordfish\n"),
        ],
        vec![
            instance("web@staging", Helm, "web", &["web/values-staging.yaml"]),
            instance("web@prod", Helm, "web", &["web/values-prod.yaml"]),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[("include", "C")]);
    let output = serde_json::to_string(&plan).unwrap();
    assert!(!output.contains("hunter2") && !output.contains("swordfish"), "{output}");
    assert_eq!(errors(&plan), ["no-edit-found"]);
    assert!(plan.problems[0].message.contains("secret values are never carried"));
}

#[test]
fn an_instance_that_cannot_be_rendered_does_not_keep_the_others_back() {
    let repository = Repository::new(
        &[
            ("web/templates/all.yaml", DEPLOYMENT),
            ("web/values.yaml", VALUES),
            ("web/values-staging.yaml", "host: a\nimage: {tag: \"2\"}\n"),
            ("web/values-prod.yaml", "host: a\nimage: {tag: \"1\"}\n"),
            ("bad/templates/all.yaml", "x: ${missing}\n"),
        ],
        vec![
            instance("bad@staging", Helm, "bad", &[]),
            instance("bad@prod", Helm, "bad", &[]),
            instance("web@staging", Helm, "web", &["web/values-staging.yaml"]),
            instance("web@prod", Helm, "web", &["web/values-prod.yaml"]),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(plan.edits.len(), 1);
    assert!(errors(&plan).contains(&"not-rendered"));
}

#[test]
fn equal_requests_give_equal_plans_in_the_shape_of_the_command_line() {
    let repository = chart("host: a\nimage: {tag: \"2\"}\n", "host: a\nimage: {tag: \"1\"}\n");
    let text = || serde_json::to_string(&repository.plan("staging", &["prod"], &[], &[])).unwrap();
    assert_eq!(text(), text());
    let value: Value = serde_json::from_str(&text()).unwrap();
    for key in ["from", "to", "base", "items", "edits", "preview", "alsoChanged", "written", "problems"] {
        assert!(value.get(key).is_some(), "{key}");
    }
    assert_eq!(
        value["edits"][0],
        json!({"operation": "set", "file": "web/values-prod.yaml", "document": 0, "path": "/image/tag", "old": "1", "new": "2"})
    );
    assert_eq!(
        serde_json::from_str::<PromotionPlan>(&text()).unwrap(),
        repository.plan("staging", &["prod"], &[], &[])
    );
}

#[test]
fn the_declaration_of_an_instance_is_promoted_with_it() {
    let declaration = |version: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: gateway}}\nspec:\n  interval: 5m\n  path: ./gateway/{version}\n"
        )
    };
    let (staging, prod) = (declaration("v1.5.1"), declaration("v1.4.0"));
    let object = |level: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{level: {level}}}\n")
    };
    let (new, old) = (object("debug"), object("info"));
    let declared = |id: &str, directory: &str, file: &str| Instance {
        declared_in: Some(toy::path(file)),
        ..instance(id, Plain, directory, &[])
    };
    let repository = Repository::new(
        &[
            ("clusters/staging/gateway.yaml", &staging),
            ("clusters/prod/gateway.yaml", &prod),
            ("gateway/v1.5.1/a.yaml", &new),
            ("gateway/v1.4.0/a.yaml", &old),
        ],
        vec![
            declared("gateway@staging", "gateway/v1.5.1", "clusters/staging/gateway.yaml"),
            declared("gateway@prod", "gateway/v1.4.0", "clusters/prod/gateway.yaml"),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(
        edits(&plan),
        ["set clusters/prod/gateway.yaml /spec/path \"./gateway/v1.4.0\" → \"./gateway/v1.5.1\""]
    );
    let items: Vec<String> =
        plan.items.iter().map(|item| format!("{} {} {:?}", item.class, item.path, item.edits)).collect();
    assert_eq!(items, ["A /spec/path [0]", "D /data/level [0]"]);
    assert_eq!(plan.preview.resources.len(), 1);
}

#[test]
fn an_edit_that_breaks_somebody_else_is_left_out_and_the_rest_stays() {
    let template = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {level: \"${level}\"}}\n";
    // The third chart reads the file of `web` in production and breaks where it says `debug`.
    let repository = Repository::new(
        &[
            ("web/templates/a.yaml", template),
            ("web/staging.yaml", "level: debug\n"),
            ("web/prod.yaml", "level: info\n"),
            ("other/templates/a.yaml", template),
            ("other/staging.yaml", "level: debug\n"),
            ("other/prod.yaml", "level: info\n"),
            (
                "third/templates/a.yaml",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: \"${x.${level}}\"}}\n",
            ),
            ("third/values.yaml", "x: {info: 1}\n"),
        ],
        vec![
            instance("other@staging", Helm, "other", &["other/staging.yaml"]),
            instance("other@prod", Helm, "other", &["other/prod.yaml"]),
            instance("web@staging", Helm, "web", &["web/staging.yaml"]),
            instance("web@prod", Helm, "web", &["web/prod.yaml"]),
            instance("third@prod", Helm, "third", &["web/prod.yaml"]),
        ],
    );
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert_eq!(edits(&plan), ["set other/prod.yaml /level \"info\" → \"debug\""]);
    assert_eq!(errors(&plan), ["proof-failed"]);
}

#[test]
fn a_part_of_a_group_is_not_promoted_without_a_word() {
    let mut repository = chart("host: a\nimage: {tag: \"2\"}\n", "host: a\nimage: {tag: \"1\"}\n");
    repository.version_groups = vec![vec!["web".to_owned(), "worker".to_owned()]];
    let plan = repository.plan("staging", &["prod"], &[], &[]);
    assert!(
        plan.problems
            .iter()
            .any(|problem| problem.code == "version-group" && problem.hints[0].contains("worker"))
    );
}
