use slipway_render::EngineKind;

use super::{BASE, MANIFEST, OVERLAY, application, catalog, found, lines, skipped};

#[test]
fn a_parent_stands_for_its_children() {
    let files = [
        ("root/root.yaml", &*application("root", "apps")),
        ("apps/web.yaml", &*application("web", "manifests/web")),
        ("apps/api.yaml", &*application("api", "./manifests/api/")),
        ("apps/parked/old.yaml", &*application("old", "manifests/web")),
        ("manifests/web/deployment.yaml", MANIFEST),
        ("manifests/api/deployment.yaml", MANIFEST),
        ("manifests/unused/deployment.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), ["api@default plain manifests/api", "web@default plain manifests/web"]);
    let skipped = skipped(&catalog);
    assert!(skipped.iter().any(|(path, _)| path == "apps/parked/old.yaml"), "{skipped:?}");
    assert!(skipped.iter().any(|(path, _)| path == "manifests/unused"), "{skipped:?}");
}

#[test]
fn prefixes_infixes_and_directories_name_the_environment() {
    let files = [
        ("argocd/dev/web.yaml", &*application("shop-dev-web", "apps/web/base")),
        ("argocd/dev/logging.yaml", &*application("logging-dev", "apps/logging/base")),
        ("argocd/prod/web.yaml", &*application("shop-production-web", "apps/web/overlays/production")),
        ("argocd/prod/logging.yaml", &*application("logging-production", "apps/logging/base")),
        ("apps/web/base/kustomization.yaml", BASE),
        ("apps/web/base/deployment.yaml", MANIFEST),
        ("apps/web/overlays/production/kustomization.yaml", OVERLAY),
        ("apps/logging/base/kustomization.yaml", BASE),
        ("apps/logging/base/deployment.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        [
            "logging@dev kustomize apps/logging/base",
            "logging@production kustomize apps/logging/base",
            "shop-web@dev kustomize apps/web/base",
            "shop-web@production kustomize apps/web/overlays/production",
        ]
    );
    let production = catalog.environments.iter().find(|each| each.name.as_str() == "production").unwrap();
    assert_eq!((production.aliases.as_slice(), production.protected), (&["prod".to_owned()][..], true));
}

#[test]
fn a_list_that_is_out_of_step_with_its_files_is_told() {
    let kustomization = "resources: [web.yaml, gone.yaml]\n";
    let files = [
        ("root.yaml", &*application("root", "apps")),
        ("apps/kustomization.yaml", kustomization),
        ("apps/web.yaml", &*application("web", "manifests/web")),
        ("apps/unlisted.yaml", &*application("unlisted", "manifests/web")),
        ("manifests/web/deployment.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), ["web@default plain manifests/web"]);
    assert!(
        catalog.problems.iter().any(|problem| problem.code == "missing-resource"),
        "{:?}",
        catalog.problems
    );
    assert!(
        skipped(&catalog)
            .iter()
            .any(|(path, reason)| path == "apps/unlisted.yaml" && reason.contains("not list"))
    );
}

#[test]
fn a_path_that_is_not_there_is_no_instance() {
    let files = [
        ("a.yaml", &*application("web", "gone")),
        ("b.yaml", &*application("api", "there")),
        ("there/d.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), ["api@default plain there"]);
    assert!(skipped(&catalog).iter().any(|(path, reason)| path == "a.yaml" && reason.contains("`gone`")));
}

#[test]
fn the_same_application_twice_is_one_instance() {
    let files = [
        ("exercises/web.yaml", &*application("web", "manifests/web")),
        ("solutions/web.yaml", &*application("web", "manifests/web")),
        ("tests/data/other.yaml", &*application("other", "manifests/web")),
        ("manifests/web/deployment.yaml", MANIFEST),
    ];
    assert_eq!(found(&files), ["web@default plain manifests/web"]);
}

#[test]
fn several_applications_may_share_a_directory() {
    let files = [
        ("apps/a.yaml", &*application("a", "manifests")),
        ("apps/b.yaml", &*application("b", "manifests")),
        ("manifests/deployment.yaml", MANIFEST),
    ];
    assert_eq!(found(&files), ["a@default plain manifests", "b@default plain manifests"]);
}

#[test]
fn a_chart_of_applications_is_evaluated_for_each_of_its_environments() {
    let template = "\
{{- range .Values.applications }}
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: {{ .name }}}
spec:
  source:
    repoURL: {{ $.Values.repoURL }}
    path: {{ printf \"charts/%s\" .name | quote }}
    helm:
      valueFiles: [values.yaml, \"values-{{ $.Values.environment }}.yaml\"]
      ignoreMissingValueFiles: true
  destination: {namespace: {{ .namespace | default .name }}}
---
{{- end }}
";
    let files = [
        ("environments/Chart.yaml", "name: environments\n"),
        ("environments/values.yaml", "repoURL: https://git.example/acme/repository\n"),
        ("environments/values-staging.yaml", "environment: staging\napplications: [{name: web}]\n"),
        (
            "environments/values-production.yaml",
            "environment: production\napplications: [{name: web}, {name: api, namespace: back}]\n",
        ),
        ("environments/templates/applications.yaml", template),
        ("charts/web/Chart.yaml", "name: web\n"),
        ("charts/web/values.yaml", ""),
        ("charts/web/values-staging.yaml", ""),
        ("charts/api/Chart.yaml", "name: api\n"),
        ("charts/api/values.yaml", ""),
        // Left over: the parent does not switch it on.
        ("charts/api/values-staging.yaml", ""),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        [
            "api@production helm charts/api charts/api/values.yaml",
            "web@staging helm charts/web charts/web/values.yaml charts/web/values-staging.yaml",
            "web@production helm charts/web charts/web/values.yaml",
        ]
    );
    assert_eq!(catalog.layout.family, "values-per-env");
    assert_eq!(catalog.applications[0].instances[0].destination.namespace.as_deref(), Some("back"));
}

#[test]
fn an_application_of_its_own_objects_keeps_the_applications_among_them() {
    let files = [
        ("apps/pipelines.yaml", &*application("pipelines", "manifests/pipelines")),
        ("manifests/pipelines/a.yaml", MANIFEST),
        ("manifests/pipelines/b.yaml", MANIFEST),
        ("manifests/pipelines/database.yaml", &*application("database", "manifests/database")),
        ("manifests/database/d.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(lines(&catalog), ["pipelines@default plain manifests/pipelines"]);
    assert!(
        skipped(&catalog)
            .iter()
            .any(|(path, reason)| path.ends_with("database.yaml") && reason.contains("belongs to"))
    );
}

#[test]
fn an_overlay_beside_the_declarations_is_still_found_in_a_directory_of_its_own() {
    let files = [
        ("apps/web.yaml", &*application("web", "apps/manifests")),
        ("apps/manifests/deployment.yaml", MANIFEST),
        ("course/base/kustomization.yml", BASE),
        ("course/base/deployment.yaml", MANIFEST),
        ("course/envs/qa/kustomization.yml", OVERLAY),
        ("course/envs/prod/kustomization.yml", OVERLAY),
        ("single/deployment.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    assert_eq!(
        lines(&catalog),
        [
            "course@qa kustomize course/envs/qa",
            "course@prod kustomize course/envs/prod",
            "web@default plain apps/manifests"
        ]
    );
    assert_eq!(catalog.layout.family, "mixed");
    assert!(skipped(&catalog).iter().any(|(path, _)| path == "single"));
}

const EVERY_OPTION: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  destination: {namespace: shop, name: eu-1}
  sources:
  - repoURL: https://charts.example
    chart: database
    targetRevision: 1.2.3
    helm: {valueFiles: [$values/charts/web/database.yaml]}
  - {repoURL: https://git.example/acme/repository, ref: values}
  - repoURL: https://git.example/acme/repository
    path: charts/web
    helm:
      releaseName: front
      valueFiles: [values.yaml, ../shared.yaml, /global.yaml, $values/charts/web/values-x.yaml]
      parameters: [{name: image.tag, value: '1,2'}, {name: port, value: '80', forceString: true}]
      valuesObject: {replicas: 2}
      skipCrds: true
  - repoURL: https://git.example/acme/repository
    path: overlays/web
    kustomize: {namePrefix: a-, images: ['web:2']}
  - repoURL: https://git.example/acme/repository
    path: plain
    directory: {recurse: true, exclude: '*.bak.yaml', jsonnet: {tlas: [{name: count, value: '1', code: true}]}}
";

#[test]
fn the_options_of_sources_become_parameters() {
    let files = [
        ("web.yaml", EVERY_OPTION),
        ("charts/web/Chart.yaml", "name: web\n"),
        ("overlays/web/kustomization.yaml", "resources: []\n"),
        ("plain/a.yaml", MANIFEST),
    ];
    let catalog = catalog(&files);
    let instance = catalog.instances().next().unwrap();
    assert_eq!(instance.argocd_application.as_deref(), Some("web"));
    assert_eq!(instance.destination.cluster.as_deref(), Some("eu-1"));
    let [chart, overlay, plain, outside] = instance.sources.as_slice() else {
        panic!("{:?}", instance.sources)
    };
    assert_eq!(slipway_model::readable_path(&outside.path), "chart database 1.2.3 of https://charts.example");
    assert_eq!(outside.values[0].as_str(), "charts/web/database.yaml");
    let values: Vec<&str> = chart.values.iter().map(|file| file.as_str()).collect();
    assert_eq!(
        values,
        ["charts/web/values.yaml", "charts/shared.yaml", "global.yaml", "charts/web/values-x.yaml"]
    );
    assert_eq!(chart.parameters.release.as_deref(), Some("front"));
    assert_eq!(chart.parameters.namespace.as_deref(), Some("shop"));
    assert_eq!(
        (chart.parameters.set.as_slice(), chart.parameters.include_crds),
        (&["image.tag=1\\,2".to_owned()][..], false)
    );
    assert_eq!(chart.parameters.set_string, ["port=80"]);
    assert_eq!(chart.parameters.inline_values.as_deref().map(str::trim), Some("replicas: 2"));
    assert_eq!(overlay.engine, EngineKind::Kustomize);
    assert!(overlay.parameters.kustomization.as_ref().unwrap().contains("namePrefix: a-"));
    assert_eq!((plain.engine, plain.parameters.recurse), (EngineKind::Plain, true));
    assert_eq!(plain.parameters.tla_code["count"], "1");
}

#[test]
fn a_chart_of_a_registry_is_shown_by_the_file_that_declares_it() {
    let text = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: redis-prod}
spec:
  source: {repoURL: https://charts.example, chart: redis, targetRevision: 1.0.0}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: redis-dev}
spec:
  source: {repoURL: https://charts.example, chart: redis, targetRevision: 2.0.0}
";
    let catalog = catalog(&[("apps/redis.yaml", text)]);
    let json = crate::scan_json(&catalog);
    for (at, version) in ["2.0.0", "1.0.0"].iter().enumerate() {
        let told = &json["applications"][0]["environments"][at];
        assert_eq!(
            (&told["engine"], &told["path"]),
            (&"argocd-application".into(), &"apps/redis.yaml".into())
        );
        let source = &catalog.instances().nth(at).unwrap().sources[0];
        assert_eq!(source.engine, EngineKind::Helm);
        assert_eq!(
            slipway_model::readable_path(&source.path),
            format!("chart redis {version} of https://charts.example")
        );
    }
}

#[test]
fn a_plugin_is_told() {
    let text = application("nix", "plugins/nix") + "";
    let text = text.replace("path: plugins/nix}", "path: plugins/nix, plugin: {name: nix}}");
    let catalog = catalog(&[("a.yaml", &*text), ("plugins/nix/flake.nix", "")]);
    assert_eq!(lines(&catalog), ["nix@default plain plugins/nix"]);
    let problem = catalog.problems.iter().find(|problem| problem.code == "config-management-plugin").unwrap();
    assert_eq!(problem.instance.as_ref().unwrap().to_string(), "nix@default");
}

#[test]
fn a_parent_is_rendered_where_the_caller_can_and_evaluated_where_it_fails() {
    use slipway_model::{MemoryTree, Origin, Problem, Reads, RepoPath, Tree};
    use slipway_render::{Rendered, Source};

    let template = application("web", "manifests/{{ .Values.directory }}");
    let files = [
        ("apps/Chart.yaml", "name: apps\n"),
        ("apps/values.yaml", "directory: evaluated\n"),
        ("apps/templates/web.yaml", template.as_str()),
        ("manifests/evaluated/d.yaml", MANIFEST),
        ("manifests/rendered/d.yaml", MANIFEST),
    ];
    let tree = MemoryTree::new(files.map(|(path, text)| (path, text.to_owned())));
    let object = slipway_yaml::decode(&application("web", "manifests/rendered")).unwrap();
    let origin = Origin { file: RepoPath::new("apps/templates/web.yaml").unwrap(), document: 0, line: None };
    let rendered = |_: &dyn Tree, _: &Source| Rendered {
        manifests: vec![slipway_model::Manifest::new(object.clone(), origin.clone())],
        ..Rendered::empty()
    };
    let failed =
        |_: &dyn Tree, _: &Source| Rendered::failed(vec![Problem::error("x", "no helm")], Reads::default());
    let options = |render| crate::ScanOptions { render: Some(render), ..crate::ScanOptions::default() };
    assert_eq!(lines(&crate::scan(&tree, &options(&rendered))), ["web@default plain manifests/rendered"]);
    let catalog = crate::scan(&tree, &options(&failed));
    assert_eq!(lines(&catalog), ["web@default plain manifests/evaluated"]);
    let problem = catalog.problems.iter().find(|problem| problem.code == "parent-approximated").unwrap();
    assert!(problem.message.ends_with("no helm"), "{}", problem.message);
}
