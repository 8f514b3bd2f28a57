//! What declarations say about the order of instances.

use slipway_model::Awaited;

use super::{MANIFEST, application, catalog};
use crate::Catalog;

const HEALTH: (&str, &str) = (
    "argocd/argocd-cm.yaml",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata:\n  \
     resource.customizations.health.argoproj.io_Application: |\n    hs = {}\n    return hs\n",
);

fn in_wave(name: &str, path: &str, wave: &str) -> String {
    application(name, path).replace(
        &format!("{{name: {name}}}\nspec"),
        &format!("{{name: {name}, annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}}}\nspec"),
    )
}

/// The ranks, dependencies and keys of each instance, with a mark for what nothing enforces.
fn orders(catalog: &Catalog) -> Vec<String> {
    let until = |awaited: &Awaited| match awaited {
        Awaited::Healthy => "",
        Awaited::Applied => " when applied",
        Awaited::No(_) => " loosely",
    };
    catalog
        .instances()
        .map(|instance| {
            let order = &instance.order;
            let ranks = order.ranks.iter().map(|rank| {
                let limit = rank.at_once.map(|limit| format!(" by {limit}")).unwrap_or_default();
                format!(" {}={}{limit}{}", rank.group, rank.rank, until(&rank.awaited))
            });
            let after = order.after.iter().map(|after| format!(" after {}", after.key));
            format!("{}{}", instance.id, ranks.chain(after).collect::<String>())
        })
        .collect()
}

fn provided(catalog: &Catalog) -> Vec<String> {
    let text = |awaited: &Awaited| match awaited {
        Awaited::Healthy => "healthy".to_owned(),
        Awaited::Applied => "applied".to_owned(),
        Awaited::No(_) => "no".to_owned(),
    };
    catalog
        .instances()
        .map(|instance| {
            let all = instance.order.provides.iter().map(|each| {
                format!(" {}:{}", each.key.split(" of ").next().unwrap_or_default(), text(&each.awaited))
            });
            format!("{}{}", instance.id, all.collect::<String>())
        })
        .collect()
}

fn scan(files: &[(&str, String)]) -> Catalog {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    catalog(&files)
}

fn of_parent(more: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("root.yaml", application("root", "apps")),
        ("apps/dns.yaml", in_wave("dns", "charts/dns", "-1")),
        ("apps/web.yaml", in_wave("web", "charts/web", "+2")),
        ("apps/odd.yaml", in_wave("odd", "charts/odd", "1.5")),
        ("charts/dns/a.yaml", MANIFEST.to_owned()),
        ("charts/web/a.yaml", MANIFEST.to_owned()),
        ("charts/odd/a.yaml", MANIFEST.to_owned()),
    ];
    files.extend(more.iter().cloned());
    files
}

#[test]
fn waves_of_a_parent_are_enforced_where_argo_cd_checks_the_health_of_applications() {
    let with = scan(&of_parent(&[(HEALTH.0, HEALTH.1.to_owned())]));
    assert_eq!(
        orders(&with),
        [
            "dns@default Application root root.yaml=-1",
            "odd@default Application root root.yaml=0",
            "web@default Application root root.yaml=2",
        ]
    );
    let rank = &with.instances().next().unwrap().order.ranks[0];
    assert!(rank.by.contains("`argocd/argocd-cm.yaml`"), "{}", rank.by);
    let without = scan(&of_parent(&[]));
    assert_eq!(orders(&without)[0], "dns@default Application root root.yaml=-1 loosely");
    let Awaited::No(why) = &without.instances().next().unwrap().order.ranks[0].awaited else { panic!() };
    assert!(why.contains("argocd-cm"), "{why}");
}

#[test]
fn an_example_in_the_documentation_checks_nothing() {
    let catalog = scan(&of_parent(&[("docs/argocd-cm.yaml", HEALTH.1.to_owned())]));
    assert!(orders(&catalog)[0].ends_with("loosely"));
}

#[test]
fn a_comment_about_the_health_check_is_none() {
    let told = "# resource.customizations.health.argoproj.io_Application: |\na: b\n".to_owned();
    let catalog = scan(&of_parent(&[("argocd/values.yaml", told)]));
    assert!(orders(&catalog)[0].ends_with("loosely"));
}

#[test]
fn applications_of_one_wave_have_no_order() {
    let files = [
        ("root.yaml", application("root", "apps")),
        ("apps/a.yaml", application("a", "charts/a")),
        ("apps/b.yaml", application("b", "charts/b")),
        ("charts/a/a.yaml", MANIFEST.to_owned()),
        ("charts/b/a.yaml", MANIFEST.to_owned()),
    ];
    assert!(scan(&files).instances().all(|instance| instance.order.is_empty()));
}

#[test]
fn children_of_children_stand_in_both_groups() {
    let files = [
        ("root.yaml", application("root", "apps")),
        ("apps/platform.yaml", in_wave("platform", "platform", "0")),
        ("apps/web.yaml", in_wave("web", "charts/web", "1")),
        ("platform/cni.yaml", in_wave("cni", "charts/cni", "0")),
        ("platform/dns.yaml", in_wave("dns", "charts/dns", "1")),
        ("charts/web/a.yaml", MANIFEST.to_owned()),
        ("charts/cni/a.yaml", MANIFEST.to_owned()),
        ("charts/dns/a.yaml", MANIFEST.to_owned()),
        (HEALTH.0, HEALTH.1.to_owned()),
    ];
    assert_eq!(
        orders(&scan(&files)),
        [
            "cni@default Application root root.yaml=0 Application platform apps/platform.yaml=0",
            "dns@default Application root root.yaml=0 Application platform apps/platform.yaml=1",
            "web@default Application root root.yaml=1",
        ]
    );
}

#[test]
fn without_a_parent_waves_order_nothing() {
    let files = [
        ("apps/dns.yaml", in_wave("dns", "charts/dns", "0")),
        ("apps/web.yaml", in_wave("web", "charts/web", "1")),
        ("charts/dns/a.yaml", MANIFEST.to_owned()),
        ("charts/web/a.yaml", MANIFEST.to_owned()),
        (HEALTH.0, HEALTH.1.to_owned()),
    ];
    assert_eq!(
        orders(&scan(&files)),
        ["dns@default directory apps=0 loosely", "web@default directory apps=1 loosely"]
    );
}

fn rolling(strategy: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: web}}\nspec:\n{strategy}  \
         generators: [{{list: {{elements: [{{env: dev}}, {{env: qa}}, {{env: prod-a}}, {{env: prod-b}}, {{env: prod-c}}]}}}}]\n  \
         template:\n    metadata: {{name: 'web-{{{{env}}}}', labels: {{env: '{{{{env}}}}'}}}}\n    spec:\n      \
         source: {{repoURL: 'https://git.example/acme/repository.git', path: 'web/{{{{env}}}}'}}\n"
    )
}

#[test]
fn the_steps_of_a_set_order_what_it_generates() {
    let strategy = "  strategy:\n    type: RollingSync\n    rollingSync:\n      steps:\n      \
        - matchExpressions: [{key: env, operator: In, values: [dev]}]\n      \
        - matchExpressions: [{key: env, operator: In, values: [qa, dev]}]\n        maxUpdate: 0\n      \
        - matchExpressions: [{key: env, operator: NotIn, values: [dev, qa]}]\n        maxUpdate: 50%\n";
    let mut files = vec![("sets/web.yaml", rolling(strategy))];
    for path in
        ["web/dev/a.yaml", "web/qa/a.yaml", "web/prod-a/a.yaml", "web/prod-b/a.yaml", "web/prod-c/a.yaml"]
    {
        files.push((path, MANIFEST.to_owned()));
    }
    let found = orders(&scan(&files));
    let of = |name: &str| found.iter().find(|line| line.contains(name)).unwrap().as_str();
    assert!(of("@dev").ends_with("ApplicationSet web sets/web.yaml=0"), "{found:?}");
    assert!(of("@qa").ends_with("ApplicationSet web sets/web.yaml=1"), "{found:?}");
    assert!(of("@prod-a").ends_with("ApplicationSet web sets/web.yaml=2 by 1"), "{found:?}");
    let by = |catalog: &Catalog| catalog.instances().next().unwrap().order.ranks[0].by.clone();
    assert!(
        by(&scan(&files))
            .ends_with("(progressive syncs are assumed to be on: nothing in the repository says it)")
    );

    let switch = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: argocd-cmd-params-cm\ndata:\n  \
        applicationsetcontroller.enable.progressive.syncs: \"true\"\n";
    files.push(("argocd/params.yaml", switch.to_owned()));
    assert!(by(&scan(&files)).ends_with("(`argocd/params.yaml` switches progressive syncs on)"));
    files[6].1 = switch.replace("true", "false");
    let off = scan(&files);
    assert!(orders(&off).iter().all(|line| line.ends_with(" loosely")), "{:?}", orders(&off));
    let rank = &off.instances().next().unwrap().order.ranks[0];
    let Awaited::No(why) = &rank.awaited else { panic!("{rank:?}") };
    assert!(why.starts_with("progressive syncs of ApplicationSets are off (`argocd/params.yaml`;"), "{why}");
    files.truncate(6);

    files[0].1 = rolling("");
    assert!(scan(&files).instances().all(|instance| instance.order.is_empty()));
}

#[test]
fn nothing_waits_for_what_a_set_in_a_wave_generates() {
    let set =
        rolling("").replace("{name: web}", "{name: web, annotations: {argocd.argoproj.io/sync-wave: '0'}}");
    let files = [
        ("root.yaml", application("root", "apps")),
        ("apps/set.yaml", set),
        ("apps/late.yaml", in_wave("late", "charts/late", "1")),
        ("web/dev/a.yaml", MANIFEST.to_owned()),
        ("charts/late/a.yaml", MANIFEST.to_owned()),
        (HEALTH.0, HEALTH.1.to_owned()),
    ];
    let found = orders(&scan(&files));
    assert!(found.iter().any(|line| line.contains("web") && line.ends_with("=0 loosely")), "{found:?}");
}

fn flux(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec:\n  path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}"
    )
}

fn release(name: &str, more: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  interval: 1h\n{more}"
    )
}

#[test]
fn flux_waits_for_what_depends_on_names() {
    let files = [
        ("clusters/prod/infra.yaml", flux("infra", "./infra", "  wait: true\n")),
        ("clusters/prod/loose.yaml", flux("loose", "./loose", "")),
        (
            "clusters/prod/configs.yaml",
            flux("configs", "./configs", "  dependsOn: [{name: infra}, {name: loose}]\n"),
        ),
        (
            "clusters/prod/apps.yaml",
            flux("apps", "./apps", "  dependsOn:\n  - name: configs\n  - name: gone\n    namespace: other\n"),
        ),
        ("infra/cert.yaml", release("cert", "")),
        ("loose/metrics.yaml", release("metrics", "  dependsOn: [{name: cert, namespace: cert}]\n")),
        ("configs/a.yaml", MANIFEST.to_owned()),
        ("apps/a.yaml", MANIFEST.to_owned()),
    ];
    let catalog = scan(&files);
    let cluster = "of clusters/prod";
    assert_eq!(
        orders(&catalog),
        [
            format!(
                "apps@prod after Kustomization flux-system/configs {cluster} after Kustomization other/gone {cluster}"
            ),
            "cert@prod".to_owned(),
            format!(
                "configs@prod after Kustomization flux-system/infra {cluster} after Kustomization flux-system/loose {cluster}"
            ),
            format!("metrics@prod after HelmRelease cert/cert {cluster}"),
        ]
    );
    assert_eq!(
        provided(&catalog),
        [
            "apps@prod Kustomization flux-system/apps:applied",
            "cert@prod HelmRelease cert/cert:healthy Kustomization flux-system/infra:healthy",
            "configs@prod Kustomization flux-system/configs:applied",
            "metrics@prod HelmRelease metrics/metrics:healthy Kustomization flux-system/loose:no",
        ]
    );
    let missing: Vec<String> = catalog
        .problems
        .iter()
        .filter(|problem| problem.code == "missing-dependency")
        .map(|problem| format!("{} {}", problem.location.as_ref().unwrap(), problem.message))
        .collect();
    assert_eq!(
        missing,
        [
            "clusters/prod/apps.yaml:9:5 the Kustomization `apps` depends on `other/gone`, which nothing in the repository declares for this cluster"
        ]
    );
}

#[test]
fn an_expression_for_readiness_is_not_evaluated_and_says_so() {
    let files = [
        ("clusters/prod/infra.yaml", flux("infra", "./infra", "")),
        (
            "clusters/prod/apps.yaml",
            flux("apps", "./apps", "  dependsOn:\n  - name: infra\n    readyExpr: dep.status.ready\n"),
        ),
        ("infra/a.yaml", MANIFEST.to_owned()),
        ("apps/a.yaml", MANIFEST.to_owned()),
    ];
    let catalog = scan(&files);
    let apps = catalog.instances().find(|instance| instance.id.application.as_str() == "apps").unwrap();
    assert_eq!(
        apps.order.after[0].by,
        "`dependsOn` of the Kustomization `apps`, whose `readyExpr` is not evaluated: `infra` is waited for as without it"
    );
}

#[test]
fn what_a_kustomization_delivers_waits_for_what_it_depends_on() {
    let files = [
        ("clusters/prod/infra.yaml", flux("infra", "./infra", "  wait: true\n")),
        ("clusters/prod/tenants.yaml", flux("tenants", "./tenants", "  dependsOn: [{name: infra}]\n")),
        ("tenants/team.yaml", flux("team", "./team", "")),
        ("infra/a.yaml", MANIFEST.to_owned()),
        ("team/a.yaml", MANIFEST.to_owned()),
    ];
    let catalog = scan(&files);
    let team = catalog.instances().find(|instance| instance.id.application.as_str() == "team").unwrap();
    let after: Vec<(&str, &str)> =
        team.order.after.iter().map(|after| (after.key.as_str(), after.by.as_str())).collect();
    assert_eq!(
        after,
        [(
            "Kustomization flux-system/infra of clusters/prod",
            "`dependsOn` of the Kustomization `tenants`, which has to make the Kustomization `team` first"
        )]
    );
}

#[test]
fn dependencies_in_a_circle_are_a_problem_with_a_place() {
    let files = [
        ("clusters/prod/a.yaml", flux("a", "./a", "  dependsOn:\n  - name: b\n")),
        ("clusters/prod/b.yaml", flux("b", "./b", "  dependsOn:\n  - name: c\n")),
        ("clusters/prod/c.yaml", flux("c", "./c", "  dependsOn:\n  - name: a\n")),
        ("a/a.yaml", MANIFEST.to_owned()),
        ("b/a.yaml", MANIFEST.to_owned()),
        ("c/a.yaml", MANIFEST.to_owned()),
    ];
    let catalog = scan(&files);
    let cycles: Vec<String> = catalog
        .problems
        .iter()
        .filter(|problem| problem.code == "dependency-cycle")
        .map(|problem| format!("{} {}", problem.location.as_ref().unwrap(), problem.message))
        .collect();
    assert_eq!(cycles, ["clusters/prod/a.yaml:8:5 Kustomizations depend on each other: a → b → c → a"]);
}

#[test]
fn a_kustomization_without_applications_stands_for_what_it_depends_on() {
    let files = [
        ("clusters/prod/base.yaml", flux("base", "./base", "")),
        ("clusters/prod/sources.yaml", flux("sources", "./sources", "  dependsOn: [{name: base}]\n")),
        ("clusters/prod/apps.yaml", flux("apps", "./apps", "  dependsOn: [{name: sources}]\n")),
        ("base/a.yaml", MANIFEST.to_owned()),
        (
            "sources/repository.yaml",
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: x, namespace: flux-system}\nspec: {url: 'https://charts.example'}\n"
                .to_owned(),
        ),
        ("apps/a.yaml", MANIFEST.to_owned()),
    ];
    let catalog = scan(&files);
    let apps = catalog.instances().find(|instance| instance.id.application.as_str() == "apps").unwrap();
    let keys: Vec<&str> = apps.order.after.iter().map(|after| after.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "Kustomization flux-system/sources of clusters/prod",
            "Kustomization flux-system/base of clusters/prod"
        ]
    );
}
