use super::{BASE, MANIFEST, catalog, found, lines, set, skipped};

const GIT: &str = "https://git.example/acme/repository";

#[test]
fn directories_are_expanded_in_both_dialects() {
    let generators = format!(
        "[{{git: {{repoURL: {GIT}, directories: [{{path: 'apps/*/envs/*'}}, {{path: 'apps/old/envs/*', exclude: true}}]}}}}]"
    );
    for (go, name, path) in [
        (true, "{{index .path.segments 1}}-{{.path.basename}}", "{{.path.path}}"),
        (false, "{{path[1]}}-{{path.basename}}", "{{path}}"),
    ] {
        let set = set("all", go, &generators, name, path);
        let files = [
            ("sets/all.yaml", set.as_str()),
            ("apps/web/base/kustomization.yaml", BASE),
            ("apps/web/envs/qa/kustomization.yaml", "resources: []\n"),
            ("apps/web/envs/prod-eu/kustomization.yaml", "resources: []\n"),
            ("apps/api/envs/prod-eu/kustomization.yaml", "resources: []\n"),
            ("apps/old/envs/qa/kustomization.yaml", "resources: []\n"),
            ("apps/.hidden/envs/qa/kustomization.yaml", "resources: []\n"),
        ];
        assert_eq!(
            found(&files),
            [
                "api@prod-eu kustomize apps/api/envs/prod-eu",
                "web@qa kustomize apps/web/envs/qa",
                "web@prod-eu kustomize apps/web/envs/prod-eu",
            ],
            "{name}"
        );
    }
}

#[test]
fn suffixes_name_the_environments_of_root_directories() {
    let generators =
        format!("[{{git: {{repoURL: {GIT}, directories: [{{path: '*'}}, {{path: sets, exclude: true}}]}}}}]");
    let set = set("all", true, &generators, "{{.path.basename}}", "{{.path.path}}");
    let files = [
        ("sets/all.yaml", set.as_str()),
        ("web/kustomization.yaml", "resources: []\n"),
        ("web-dev/kustomization.yaml", "resources: []\n"),
        ("ns-apps/kustomization.yaml", "resources: []\n"),
        ("ns-dev-apps/kustomization.yaml", "resources: []\n"),
        ("dev-ops-bot/kustomization.yaml", "resources: []\n"),
    ];
    assert_eq!(
        found(&files),
        [
            "dev-ops-bot@default kustomize dev-ops-bot",
            "ns-apps@dev kustomize ns-dev-apps",
            "ns-apps@default kustomize ns-apps",
            "web@dev kustomize web-dev",
            "web@default kustomize web",
        ]
    );
}

#[test]
fn a_list_names_environments_by_what_differs() {
    let generators = "[{list: {elements: [{namespace: team-a}, {namespace: team-b}, {namespace: staging}]}}]";
    let set = set("billing-application-set", false, generators, "{{namespace}}-billing", "./manifests");
    let set = set.replace("namespace: x", "namespace: '{{namespace}}'");
    let files = [
        ("sets/billing.yaml", set.as_str()),
        ("copy/billing.yaml", set.as_str()),
        ("manifests/d.yaml", MANIFEST),
    ];
    assert_eq!(
        found(&files),
        [
            "billing@staging plain manifests",
            "billing@team-a plain manifests",
            "billing@team-b plain manifests"
        ],
        "the copy is the same set"
    );
}

#[test]
fn git_files_give_their_content() {
    let generators = format!("[{{git: {{repoURL: {GIT}, files: [{{path: 'config/**/config.json'}}]}}}}]");
    let set = set("all", true, &generators, "{{.app.name}}-{{.path.basename}}", "{{.app.path}}");
    let files = [
        ("sets/all.yaml", set.as_str()),
        ("config/web/dev/config.json", r#"{"app": {"name": "web", "path": "web/dev"}}"#),
        ("config/web/prod/config.json", r#"{"app": {"name": "web", "path": "web/prod"}}"#),
        ("web/dev/d.yaml", MANIFEST),
        ("web/prod/d.yaml", MANIFEST),
    ];
    assert_eq!(found(&files), ["web@dev plain web/dev", "web@prod plain web/prod"]);
}

#[test]
fn a_matrix_gives_every_combination_that_is_there() {
    let generators = format!(
        "[{{matrix: {{generators: [{{git: {{repoURL: {GIT}, directories: [{{path: 'apps/*'}}]}}}}, \
         {{list: {{elements: [{{environment: dev}}, {{environment: prod}}]}}}}]}}}}]"
    );
    let set = set("all", false, &generators, "{{path.basename}}-{{environment}}", "{{path}}/{{environment}}");
    let files = [
        ("sets/all.yaml", set.as_str()),
        ("apps/web/dev/d.yaml", MANIFEST),
        ("apps/web/prod/d.yaml", MANIFEST),
        ("apps/api/prod/d.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        ["api@prod plain apps/api/prod", "web@dev plain apps/web/dev", "web@prod plain apps/web/prod"]
    );
    assert!(
        catalog.problems.iter().any(|problem| problem.code == "missing-path"),
        "one combination is not there"
    );
}

const MERGE: &str = "[{merge: {mergeKeys: [nameNormalized], generators: [\
    {clusters: {values: {root: components/web, environment: staging, directory: base}}}, \
    {list: {elements: [{nameNormalized: eu-1, values.directory: eu-1}, {nameNormalized: us-1, values.directory: us-1}]}}]}}]";

#[test]
fn clusters_are_those_that_the_set_names_where_the_path_is_there() {
    let set = set(
        "web",
        false,
        MERGE,
        "web-{{nameNormalized}}",
        "{{values.root}}/{{values.environment}}/{{values.directory}}",
    );
    let patch = "- {op: replace, path: /spec/generators/0/merge/generators/0/clusters/values/environment, value: production}\n";
    let files = [
        ("sets/base/web.yaml", set.as_str()),
        ("sets/base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("sets/overlays/staging/kustomization.yaml", "resources: [../../base]\n"),
        (
            "sets/overlays/production/kustomization.yaml",
            "resources: [../../base]\npatches: [{path: patch.yaml, target: {kind: ApplicationSet, name: web}}]\n",
        ),
        ("sets/overlays/production/patch.yaml", patch),
        ("components/web/staging/base/kustomization.yaml", BASE),
        ("components/web/staging/base/deployment.yaml", MANIFEST),
        ("components/web/production/base/kustomization.yaml", BASE),
        ("components/web/production/base/deployment.yaml", MANIFEST),
        ("components/web/production/eu-1/kustomization.yaml", "resources: [../base]\n"),
        ("components/web/production/us-1/kustomization.yaml", "resources: [../base]\n"),
    ];
    assert_eq!(
        found(&files),
        [
            "web@staging kustomize components/web/staging/base",
            "web@production/eu-1 kustomize components/web/production/eu-1",
            "web@production/us-1 kustomize components/web/production/us-1",
        ]
    );
}

#[test]
fn a_patch_can_delete_a_set() {
    let web = set("web", false, "[{list: {elements: [{environment: dev}]}}]", "web-{{environment}}", "web");
    let files = [
        ("base/web.yaml", web.as_str()),
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("overlays/a/kustomization.yaml", "resources: [../../base]\npatchesStrategicMerge: [delete.yaml]\n"),
        (
            "overlays/a/delete.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\n$patch: delete\n",
        ),
        ("web/d.yaml", MANIFEST),
    ];
    assert_eq!(found(&files), Vec::<String>::new());
}

#[test]
fn a_set_of_which_nothing_is_known_stays_visible() {
    let clusters = set("everywhere", false, "[{clusters: {}}]", "{{name}}-web", "./manifests");
    let unknown = set("elsewhere", false, "[{clusters: {}}]", "{{name}}", "clusters/{{name}}");
    let pulls = set(
        "pulls",
        false,
        "[{pullRequest: {github: {owner: a, repo: b}}}]",
        "web-{{number}}",
        "preview/{{number}}",
    );
    let files = [
        ("sets/everywhere.yaml", clusters.as_str()),
        ("sets/elsewhere.yaml", unknown.as_str()),
        ("sets/pulls.yaml", pulls.as_str()),
        ("manifests/d.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        [
            "elsewhere@default argocd-application sets/elsewhere.yaml",
            "pulls@default argocd-application sets/pulls.yaml",
            "web@default plain manifests",
        ]
    );
    assert!(catalog.problems.iter().any(|problem| problem.code == "applicationset-not-expanded"));
}

#[test]
fn what_selects_no_cluster_gives_nothing() {
    let generators = "[{clusters: {selector: {matchExpressions: [{key: a, operator: Exists}, {key: a, operator: DoesNotExist}]}}}]";
    let set = set("none", false, generators, "none-{{name}}", "manifests/{{name}}");
    let catalog = catalog(&[("sets/none.yaml", set.as_str()), ("manifests/d.yaml", MANIFEST)]);
    assert_eq!(lines(&catalog).len(), 1, "{:?}", skipped(&catalog));
}

#[test]
fn a_set_that_would_explode_is_cut_off() {
    let list = |name: &str| {
        let elements: Vec<String> = (0..200).map(|number| format!("{{{name}: '{number}'}}")).collect();
        format!("{{list: {{elements: [{}]}}}}", elements.join(", "))
    };
    let inner = format!("{{matrix: {{generators: [{}, {}]}}}}", list("a"), list("b"));
    let generators = format!("[{{matrix: {{generators: [{}, {inner}]}}}}]", list("c"));
    let set = set("many", false, &generators, "{{a}}-{{b}}-{{c}}", "manifests");
    let catalog = catalog(&[("sets/many.yaml", set.as_str()), ("manifests/d.yaml", MANIFEST)]);
    assert!(catalog.instances().count() <= 10_000);
}
