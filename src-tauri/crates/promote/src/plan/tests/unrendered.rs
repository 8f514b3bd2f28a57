//! Pairs whose remote bases are not here.

use slipway_render::EngineKind::Kustomize;

use super::toy::{Repository, edits, instance};

const STAGING: &str = "resources:
- ../base/staging
- https://offline.example/web?ref=f3ac0e4
- quota.yaml
images:
- {name: shop/web, newTag: f3ac0e4}
configMapGenerator:
- {name: settings, literals: [LEVEL=debug]}
";
const PRODUCTION: &str = "resources:
- ../base/production
- https://offline.example/web?ref=19e1d5a # the release
images:
- {name: shop/web, newTag: 19e1d5a}
configMapGenerator:
- {name: settings, literals: [LEVEL=info]}
";

fn repository() -> Repository {
    Repository::new(
        &[
            ("web/staging/kustomization.yaml", STAGING),
            ("web/production/kustomization.yaml", PRODUCTION),
            ("web/base/staging/kustomization.yaml", "resources: []\n"),
            ("web/base/production/kustomization.yaml", "resources: []\n"),
        ],
        vec![
            instance("web@staging", Kustomize, "web/staging", &[]),
            instance("web@production", Kustomize, "web/production", &[]),
        ],
    )
}

#[test]
fn versions_move_without_a_render_and_the_plan_says_so() {
    let plan = repository().plan("staging", &["production"], &[], &[]);
    assert_eq!(
        edits(&plan),
        [
            "set web/production/kustomization.yaml /resources/1 \"https://offline.example/web?ref=19e1d5a\" → \"https://offline.example/web?ref=f3ac0e4\"",
            "set web/production/kustomization.yaml /images/[name=shop~1web]/newTag \"19e1d5a\" → \"f3ac0e4\"",
        ]
    );
    let codes: Vec<&str> = plan.problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["not-proven"]);
    assert!(plan.problems[0].message.contains("is not fetched"), "{}", plan.problems[0]);
    // The rest is shown, and only ticked by hand.
    let rest: Vec<String> = plan
        .items
        .iter()
        .filter(|item| !item.chosen)
        .map(|item| format!("{} {}", item.class, item.path))
        .collect();
    assert_eq!(rest, ["D /configMapGenerator/[name=settings]/literals/0", "D /resources/2"]);
}

#[test]
fn what_is_asked_for_goes_along() {
    let plan = repository().plan(
        "staging",
        &["production"],
        &[],
        &[("include", "/configMapGenerator"), ("exclude", "A")],
    );
    assert_eq!(
        edits(&plan),
        [
            "set web/production/kustomization.yaml /configMapGenerator/[name=settings]/literals/0 \"LEVEL=info\" → \"LEVEL=debug\""
        ]
    );
}

#[test]
fn any_other_failure_still_keeps_the_pair_from_being_planned() {
    let broken = PRODUCTION.replace("../base/production", "../base/nowhere");
    let repository = Repository::new(
        &[("web/staging/kustomization.yaml", STAGING), ("web/production/kustomization.yaml", &broken)],
        vec![
            instance("web@staging", Kustomize, "web/staging", &[]),
            instance("web@production", Kustomize, "web/production", &[]),
        ],
    );
    let plan = repository.plan("staging", &["production"], &[], &[]);
    assert!(plan.edits.is_empty());
    assert!(plan.problems.iter().any(|problem| problem.code == "not-rendered"));
}
