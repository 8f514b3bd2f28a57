//! What Flux delivers, as sources of instances.

use slipway_model::{MemoryTree, RepoPath};

use super::{manifests, problems, source};
use crate::{
    EngineKind, Engines, FidelityLevel, FluxParameters, ObjectName, RenderInputs, Rendered, Source,
    SubstituteFrom, render_source,
};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata:\n  ns: {{ .Release.Namespace }}\n  values: {{ .Values | toJson | quote }}\n";

fn render(files: &[(&str, &str)], source: &Source) -> Rendered {
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, (*text).to_owned())));
    let inputs = RenderInputs { instance: Some("web@staging".parse().unwrap()), ..RenderInputs::default() };
    render_source(&Engines::built_in(), &tree, source, &inputs)
}

fn delivery(path: &str, flux: FluxParameters) -> Source {
    let mut source = source(EngineKind::Flux, path);
    source.parameters.flux = Some(Box::new(flux));
    source
}

fn release() -> Source {
    let name =
        |namespace: &str, name: &str| ObjectName { namespace: namespace.to_owned(), name: name.to_owned() };
    delivery(
        "apps",
        FluxParameters {
            namespace: "flux-system".to_owned(),
            release: Some(name("shop", "web")),
            repositories: vec![name("flux-system", "flux-system")],
            ..FluxParameters::default()
        },
    )
}

/// A HelmRelease of the chart `charts/web`, with more in its spec.
fn helm_release(more: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
         chart: {{spec: {{chart: ./charts/web, sourceRef: {{kind: GitRepository, name: flux-system, namespace: flux-system}}}}}}\n{more}"
    )
}

/// A repository with that release, its chart and further files.
fn files<'a>(release: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut files = vec![
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("charts/web/values.yaml", "env: none\nkept: true\n"),
        ("charts/web/templates/config.yaml", CONFIG),
        ("apps/release.yaml", release),
    ];
    files.extend(more);
    files
}

/// The values that the chart was rendered with, as JSON.
fn values(rendered: &Rendered) -> String {
    assert!(!rendered.is_failed(), "{:?}", problems(rendered));
    let config =
        rendered.manifests.iter().find(|each| each.object.pointer("/data/values").is_some()).unwrap();
    config.object["data"]["values"].as_str().unwrap().to_owned()
}

#[test]
fn a_kustomization_delivers_what_is_built_with_its_variables() {
    let mut source = delivery(
        "apps",
        FluxParameters {
            labels: [("team".to_owned(), "a".to_owned())].into(),
            substitute_from: vec![SubstituteFrom {
                kind: "ConfigMap".to_owned(),
                name: "cluster".to_owned(),
                optional: false,
            }],
            beside: vec![delivery("cluster", FluxParameters::default())],
            ..FluxParameters::default()
        },
    );
    source.parameters.substitute = [("replicas".to_owned(), "3".to_owned())].into();
    source.parameters.kustomization = Some("namespace: shop\n".to_owned());
    let rendered = render(
        &[
            (
                "apps/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {host: '${zone:=x}.${domain}'}\nreplicas: ${replicas}\n",
            ),
            (
                "apps/below/b.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\ndata: {host: '${domain}'}\n",
            ),
            (
                "cluster/vars.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster}\ndata: {domain: \"example.org\\n\", replicas: '1'}\n",
            ),
        ],
        &source,
    );
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(
        manifests(&rendered),
        ["shop/ConfigMap/a apps/a.yaml#0", "shop/ConfigMap/b apps/below/b.yaml#0"]
    );
    let [a, b] = [&rendered.manifests[0].object, &rendered.manifests[1].object];
    assert_eq!((&a["data"]["host"], &a["replicas"]), (&"x.example.org".into(), &3.into()));
    assert_eq!(a["metadata"]["labels"]["team"], "a");
    assert_eq!(b["data"]["host"], "${domain}");
    assert!(rendered.reads.touch(&RepoPath::new("cluster/vars.yaml").unwrap()), "an edit of it renders anew");
}

#[test]
fn variables_that_only_the_cluster_has_stay_as_they_are_written() {
    let from = |name: &str| SubstituteFrom {
        kind: "Secret".to_owned(),
        name: name.to_owned(),
        optional: name == "optional",
    };
    let source = delivery(
        "apps",
        FluxParameters {
            substitute_from: vec![from("optional"), from("encrypted"), from("elsewhere")],
            beside: vec![delivery("cluster", FluxParameters::default())],
            ..FluxParameters::default()
        },
    );
    let mut source = source;
    source.parameters.substitute = [("known".to_owned(), "1".to_owned())].into();
    let rendered = render(
        &[
            (
                "apps/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: 'a${known}b${secret}'}\n",
            ),
            (
                "cluster/s.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: encrypted}\ndata: {secret: 'ENC[AES256_GCM,data:x]'}\nsops: {version: 3.9}\n",
            ),
        ],
        &source,
    );
    assert_eq!(rendered.manifests[0].object["data"]["x"], "a1b${secret}");
    let codes: Vec<&str> = rendered.problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["encrypted-values", "values-elsewhere"]);
    assert_eq!(rendered.fidelity.level, FidelityLevel::Approximated);
}

#[test]
fn a_release_is_its_chart_with_its_values() {
    let text = helm_release("  values: {env: staging}\n");
    let rendered = render(
        &files(&text, &[("apps/more.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")]),
        &release(),
    );
    assert_eq!(values(&rendered), "{\"env\":\"staging\",\"kept\":true}");
    assert_eq!(
        manifests(&rendered),
        ["Namespace/shop apps/more.yaml#0", "ConfigMap/web charts/web/templates/config.yaml#0"]
    );
    assert_eq!(rendered.manifests[1].object["data"]["ns"], "shop");
    let target = helm_release("  targetNamespace: other\n");
    let rendered = render(&files(&target, &[]), &release());
    assert_eq!(rendered.manifests[0].id.name, "other-web");
    assert_eq!(rendered.manifests[0].object["data"]["ns"], "other");
    let long = helm_release("  releaseName: a-name-that-is-longer-than-the-fifty-three-characters-of-helm\n");
    let rendered = render(&files(&long, &[]), &release());
    assert_eq!(rendered.manifests[0].id.name, "a-name-that-is-longer-than-the-fifty-thr-f707d84a4b6b");
}

/// What `ChartValuesFromReferences` of `github.com/fluxcd/pkg/chartutil` 1.14 gives.
#[test]
fn values_are_merged_in_the_order_of_helm_controller() {
    let from = |name: &str, more: &str| format!("{{kind: ConfigMap, name: {name}{more}}}");
    let path = |path: &str| from("k", &format!(", valuesKey: k, targetPath: {path}"));
    let two = format!("{}, {}", from("one", ""), from("two", ""));
    let cases = [
        (two.as_str(), "from", "{m: {c: 4}, x: null}", "{\"m\":{\"a\":1,\"b\":3,\"c\":4},\"x\":null}"),
        (&path("top"), "from", "{top: inline}", "{\"top\":\"inline\"}"),
        (&path("m.b"), "from", "{m: {b: inline, c: 1}}", "{\"m\":{\"b\":\"from\",\"c\":1}}"),
        (
            &format!("{}, {}", from("one", ""), path("m.b")),
            "from",
            "{m: {b: inline}}",
            "{\"m\":{\"a\":1,\"b\":\"inline\"},\"x\":1}",
        ),
        (
            &format!("{}, {}", path("m.b"), path("m.c")),
            "from",
            "{m: {b: inline, c: inline}}",
            "{\"m\":{\"b\":\"from\",\"c\":\"inline\"}}",
        ),
        (
            &format!("{}, {}", from("one", ""), path("m.n.b")),
            "'5'",
            "{m: {n: {b: inline, x: 1}}}",
            "{\"m\":{\"a\":1,\"b\":2,\"n\":{\"b\":5,\"x\":1}},\"x\":1}",
        ),
        (&path("flag"), "'\"true\"'", "{}", "{\"flag\":\"true\"}"),
        (&path("flag"), "'true'", "{}", "{\"flag\":true}"),
        (&path("'l[1]'"), "'{x,y}'", "{}", "{\"l\":[null,[\"x\",\"y\"]]}"),
        (&from("no", ", optional: true"), "x", "{a: 1}", "{\"a\":1}"),
        (&from("one", ", valuesKey: no, optional: true"), "x", "{a: 1}", "{\"a\":1}"),
    ];
    for (from, key, inline, expected) in cases {
        let text = helm_release(&format!("  valuesFrom: [{from}]\n  values: {inline}\n"));
        let maps = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: one, namespace: shop}}\ndata:\n  values.yaml: |\n    x: 1\n    m: {{a: 1, b: 2}}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: two}}\ndata:\n  values.yaml: |\n    x: 2\n    m: {{b: 3}}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: k, namespace: shop}}\ndata: {{k: {key}}}\n"
        );
        let files = files(&text, &[("apps/maps.yaml", &maps), ("charts/web/values.yaml", "")]);
        assert_eq!(values(&render(&files, &release())), expected, "{from} {inline}");
    }
}

#[test]
fn values_of_secrets_are_decoded_and_encrypted_ones_left_out() {
    let text = helm_release("  valuesFrom: [{kind: Secret, name: s}]\n");
    let secret =
        |more: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: shop}}\n{more}");
    let plain = secret("data: {values.yaml: ZW52OiBzZWNyZXQK}\n");
    let rendered = render(&files(&text, &[("apps/s.yaml", &plain)]), &release());
    assert_eq!(values(&rendered), "{\"env\":\"secret\",\"kept\":true}");
    let encrypted = secret("stringData: {values.yaml: 'ENC[AES256_GCM,data:x]'}\nsops: {version: 3}\n");
    let rendered = render(&files(&text, &[("apps/s.yaml", &encrypted)]), &release());
    assert_eq!(values(&rendered), "{\"env\":\"none\",\"kept\":true}");
    assert_eq!(
        problems(&rendered),
        [
            "info[encrypted-values] apps/s.yaml: the secret `s` of `valuesfrom` is encrypted; rendered without its values"
        ]
    );
    let wrong = secret("data: {other: ZW52}\n");
    let rendered = render(&files(&text, &[("apps/s.yaml", &wrong)]), &release());
    assert_eq!(
        problems(&rendered),
        [
            "error[values-reference] apps/release.yaml: the secret `s` of `valuesfrom` has no key `values.yaml`"
        ]
    );
}

#[test]
fn values_files_stand_for_the_values_of_the_chart() {
    let text = helm_release("").replace(
        "chart: ./charts/web",
        "chart: ./charts/web, valuesFiles: [charts/web/one.yaml, charts/web/two.yaml, charts/web/none.yaml], ignoreMissingValuesFiles: true",
    );
    let more = [("charts/web/one.yaml", "a: 1\nb: 1\n"), ("charts/web/two.yaml", "b: 2\n")];
    assert_eq!(values(&render(&files(&text, &more), &release())), "{\"a\":1,\"b\":2}");
    let strict = text.replace(", ignoreMissingValuesFiles: true", "");
    let rendered = render(&files(&strict, &more), &release());
    assert!(rendered.problems[0].to_string().contains("none.yaml"), "{:?}", problems(&rendered));
}

#[test]
fn post_renderers_change_what_is_no_hook() {
    let text = helm_release(
        "  commonMetadata: {labels: {team: a}}\n  postRenderers:\n  - kustomize:\n      patches:\n      - target: {kind: ConfigMap}\n        patch: |\n          - {op: add, path: /data/patched, value: 'yes'}\n      images: [{name: web, newTag: '2'}]\n",
    );
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'web:1'}]}\n";
    let hook =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n";
    let more = [("charts/web/templates/pod.yaml", pod), ("charts/web/templates/hook.yaml", hook)];
    let rendered = render(&files(&text, &more), &release());
    assert_eq!(problems(&rendered), Vec::<String>::new());
    let named = |name: &str| &rendered.manifests.iter().find(|each| each.id.name == name).unwrap().object;
    assert_eq!(named("web")["data"]["patched"], "yes");
    assert_eq!(named("web")["metadata"]["labels"]["team"], "a");
    assert_eq!(named("p")["spec"]["containers"][0]["image"], "web:2");
    assert!(named("h").get("data").is_none() && named("h")["metadata"].get("labels").is_none());
    let origin = &rendered.manifests.iter().find(|each| each.id.name == "p").unwrap().origin;
    assert_eq!(origin.file.as_str(), "charts/web/templates/pod.yaml");
}

#[test]
fn a_chart_that_is_not_fetched_leaves_the_release_itself() {
    let text = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec: {chart: {spec: {chart: web, version: 1.x, sourceRef: {kind: HelmRepository, name: charts}}}}\n";
    let repository = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts}\nspec: {url: 'https://charts.example/'}\n";
    let all = [("apps/release.yaml", text), ("apps/repository.yaml", repository)];
    let rendered = render(&all, &release());
    assert_eq!(
        problems(&rendered),
        [
            "info[remote-chart] apps/release.yaml: not rendered here: chart web 1.x of https://charts.example is not fetched"
        ]
    );
    assert_eq!(manifests(&rendered), ["shop/HelmRelease.helm.toolkit.fluxcd.io/web apps/release.yaml#0"]);
    assert_eq!(rendered.fidelity.level, FidelityLevel::Opaque);
    let missing = slipway_model::missing_remotes(&rendered.reads);
    assert_eq!(missing.len(), 1);
    // Fetched, it is read like the rest.
    let at = |file: &str| missing[0].path().join(file).unwrap().to_string();
    let (chart, template) = (at("Chart.yaml"), at("templates/config.yaml"));
    let fetched = [
        all[0],
        all[1],
        (chart.as_str(), "apiVersion: v2\nname: web\nversion: 1.2.0\n"),
        (template.as_str(), CONFIG),
    ];
    assert_eq!(values(&render(&fetched, &release())), "{}");
    let unknown = render(&all[..1], &release());
    assert!(unknown.problems[0].message.contains("nothing in this repository delivers its HelmRepository"));
}

#[test]
fn objects_beside_several_releases_belong_to_the_nearest() {
    let one = helm_release("");
    let two = one.replace("name: web", "name: api");
    let config = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let (near, far) = (config("near"), config("far"));
    let more =
        [("apps/api/release.yaml", two.as_str()), ("apps/api/near.yaml", &near), ("apps/far.yaml", &far)];
    let rendered = render(&files(&one, &more), &release());
    let names: Vec<&str> = rendered.manifests.iter().map(|each| each.id.name.as_str()).collect();
    assert_eq!(names, ["far", "web"]);
}
