//! Which renders of charts a cluster makes stale.

use std::sync::Arc;

use serde_json::json;
use slipway_model::{MemoryTree, Tree};

use super::source;
use crate::{
    CacheOutcome, ClusterCapabilities, ClusterSnapshot, EngineKind, Engines, FidelityLevel, LookupAnswer,
    LookupQuestion, MemoryRenderStore, RenderInputs, RenderKey, Rendered, render_cached, render_source,
};

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n";

fn tree(data: &str) -> MemoryTree {
    MemoryTree::new([("web/Chart.yaml", CHART.to_owned()), ("web/templates/a.yaml", format!("{HEAD}{data}"))])
}

fn question() -> LookupQuestion {
    LookupQuestion {
        api_version: "v1".to_owned(),
        kind: "Secret".to_owned(),
        namespace: "shop".to_owned(),
        name: "db".to_owned(),
    }
}

fn cluster(version: &str) -> ClusterSnapshot {
    ClusterSnapshot::new(ClusterCapabilities {
        version: version.to_owned(),
        major: "1".to_owned(),
        minor: "30".to_owned(),
        api_versions: vec!["v1".to_owned()],
    })
}

fn holding(snapshot: &ClusterSnapshot, password: &str) -> ClusterSnapshot {
    let found = LookupAnswer::Found(Arc::new(json!({"data": {"p": password}})));
    snapshot.with_answers([(question(), found)])
}

fn inputs(cluster: Option<ClusterSnapshot>) -> RenderInputs {
    RenderInputs {
        instance: Some("web@staging".parse().unwrap()),
        cluster: cluster.map(Arc::new),
        ..RenderInputs::default()
    }
}

fn outcomes(tree: &dyn Tree, clusters: Vec<Option<ClusterSnapshot>>) -> Vec<&'static str> {
    let (engines, store) = (Engines::built_in(), MemoryRenderStore::new(100));
    let sources = [source(EngineKind::Helm, "web")];
    let outcome = |cluster| match render_cached(&engines, &store, tree, &sources, &inputs(cluster)).1 {
        CacheOutcome::Hit => "kept",
        CacheOutcome::Stored => "made",
        CacheOutcome::Transient => "made, not kept",
        CacheOutcome::Failed(error) => panic!("{error}"),
    };
    clusters.into_iter().map(outcome).collect()
}

#[test]
fn only_what_asked_the_cluster_becomes_stale_with_it() {
    let (old, new) = (|| Some(cluster("v1.30.0")), || Some(cluster("v1.31.0")));
    assert_eq!(outcomes(&tree("  a: x\n"), vec![None, old(), new()]), ["made", "kept", "kept"]);
    let capabilities = tree("  v: {{ .Capabilities.KubeVersion.Version }}\n");
    assert_eq!(
        outcomes(&capabilities, vec![None, old(), old(), new(), None]),
        ["made", "made", "kept", "made", "kept"]
    );
    let lookup = tree("  p: {{ lookup \"v1\" \"Secret\" \"shop\" \"db\" | dig \"data\" \"p\" \"none\" }}\n");
    let missing = Some(cluster("v1.31.0").with_answers([(question(), LookupAnswer::Nothing)]));
    assert_eq!(
        outcomes(&lookup, vec![None, old(), missing, Some(holding(&cluster("v1.31.0"), "1"))]),
        ["made", "kept", "kept", "made, not kept"],
        "what a cluster holds is not written to a store"
    );
}

#[test]
fn a_cluster_is_no_part_of_a_key() {
    let sources = [source(EngineKind::Helm, "web")];
    let key = |cluster| RenderKey::of(&Engines::built_in(), &sources, &inputs(cluster));
    assert_eq!(key(None), key(Some(cluster("v1.30.0"))));
}

fn rendered(data: &str, cluster: Option<ClusterSnapshot>) -> Rendered {
    render_source(&Engines::built_in(), &tree(data), &source(EngineKind::Helm, "web"), &inputs(cluster))
}

#[test]
fn an_instance_says_what_it_looked_up_without_an_answer() {
    let data = "  p: {{ lookup \"v1\" \"Secret\" \"shop\" \"db\" | dig \"data\" \"p\" \"none\" }}\n";
    let connected = Some(holding(&cluster("v1.30.0"), "1"));
    for (cluster, reasons, shown) in [
        (None, vec!["looked up 1 object, no cluster connected: empty"], "none"),
        (Some(cluster("v1.30.0")), vec!["looked up 1 object, the cluster was not asked: empty"], "none"),
        (connected, vec![], "1"),
    ] {
        let rendered = rendered(data, cluster);
        let exact = rendered.fidelity.level == FidelityLevel::Exact;
        assert_eq!(
            (rendered.fidelity.reasons, exact),
            (reasons.iter().map(ToString::to_string).collect(), reasons.is_empty())
        );
        assert_eq!(rendered.manifests[0].object["data"]["p"].to_string().trim_matches('"'), shown);
        assert_eq!(rendered.cluster.lookups().len(), 1);
    }
}

#[test]
fn charts_of_kustomizations_ask_no_cluster() {
    let tree = MemoryTree::new([
        ("k/kustomization.yaml", "helmCharts: [{name: web, releaseName: web}]\n".to_owned()),
        ("k/charts/web/Chart.yaml", CHART.to_owned()),
        ("k/charts/web/values.yaml", String::new()),
        (
            "k/charts/web/templates/a.yaml",
            format!("{HEAD}  p: '{{{{ lookup \"v1\" \"Secret\" \"shop\" \"db\" | len }}}}'\n"),
        ),
    ]);
    let mut kustomization = source(EngineKind::Kustomize, "k");
    kustomization.parameters.enable_helm = true;
    let inputs = inputs(Some(holding(&cluster("v1.30.0"), "1")));
    let rendered = render_source(&Engines::built_in(), &tree, &kustomization, &inputs);
    assert!(!rendered.is_failed(), "{:?}", rendered.problems);
    assert_eq!(rendered.manifests[0].object["data"]["p"], "0");
    assert!(rendered.cluster.is_empty());
}
