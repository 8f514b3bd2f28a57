use std::sync::Arc;

use bytes::Bytes;
use slipway_model::{ContentId, Entry, EntryKind, MemoryTree, RepoPath, Tree, TreeError};
use slipway_render::{EngineKind, Engines, FidelityLevel, RenderInputs, Rendered, Source, render_source};

use super::{path, problems, real_tools, session, source};
use crate::{ToolKind, ToolSession, Toolbox};

fn render(tools: &Toolbox, session: &Arc<ToolSession>, tree: &dyn Tree, source: &Source) -> Rendered {
    render_source(&tools.add_to(Engines::default(), session), tree, source, &RenderInputs::default())
}

fn manifests(rendered: &Rendered) -> Vec<String> {
    rendered
        .manifests
        .iter()
        .map(|manifest| format!("{} {}#{}", manifest.id, manifest.origin.file, manifest.origin.document))
        .collect()
}

fn chart() -> MemoryTree {
    MemoryTree::new([
        (
            "charts/web/Chart.yaml",
            "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n- {name: lib, version: 1.0.0, repository: 'file://../lib'}\n",
        ),
        ("charts/web/values.yaml", "image: {tag: '1'}\n"),
        (
            "charts/web/templates/a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\ndata: {tag: {{ .Values.image.tag | quote }}, lib: {{ include \"lib.x\" . }}, note: {{ .Values.note | default \"none\" | quote }}}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n",
        ),
        ("charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n"),
        ("charts/lib/templates/_x.tpl", "{{ define \"lib.x\" }}from-lib{{ end }}"),
        ("envs/prod.yaml", "image: {tag: '2'}\n"),
        ("envs/note.txt", "a,b={c}"),
    ])
}

#[test]
fn helm_renders_a_chart_with_values_and_a_library_beside_it() {
    let Some(tools) = real_tools("helm_renders_a_chart", ToolKind::Helm) else { return };
    let session = session();
    let mut source = source(EngineKind::Helm, "charts/web");
    source.values.push(path("envs/prod.yaml"));
    source.parameters.release = Some("web".to_owned());
    source.parameters.namespace = Some("prod".to_owned());
    source.parameters.set_file.push("note=envs/note.txt".to_owned());
    let rendered = render(&tools, &session, &chart(), &source);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    let mut found = manifests(&rendered);
    found.sort();
    assert_eq!(
        found,
        ["Secret/s charts/web/templates/a.yaml#0", "prod/ConfigMap/web charts/web/templates/a.yaml#1"],
    );
    let data = rendered.manifests.iter().find_map(|manifest| manifest.object.get("data")).unwrap();
    assert_eq!(*data, serde_json::json!({"tag": "2", "lib": "from-lib", "note": "a,b={c}"}));
    assert_eq!(rendered.fidelity.level, FidelityLevel::Exact);
    assert!(rendered.fidelity.reasons[0].starts_with("rendered by helm v"), "the version is shown");
    for file in ["charts/web/templates/new.yaml", "charts/lib/templates/_x.tpl", "envs/prod.yaml"] {
        assert!(rendered.reads.touch(&path(file)), "{file} is read");
    }
    let directory = session.path().to_path_buf();
    assert!(directory.exists());
    drop(session);
    assert!(!directory.exists(), "nothing is left behind");
}

#[test]
fn a_chart_is_copied_once_for_a_series_of_renders() {
    let Some(tools) = real_tools("a_chart_is_copied_once", ToolKind::Helm) else { return };
    let session = session();
    let copies = || {
        let entries = std::fs::read_dir(session.path()).unwrap();
        entries
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("copy-"))
            .count()
    };
    let mut tree = chart();
    for tag in ["1", "2"] {
        let mut source = source(EngineKind::Helm, "charts/web");
        source.parameters.set.push(format!("image.tag={tag}"));
        assert!(!render(&tools, &session, &tree, &source).is_failed());
    }
    assert_eq!(copies(), 1);
    tree.insert(path("charts/web/values.yaml"), "image: {tag: '3'}\n");
    assert!(!render(&tools, &session, &tree, &source(EngineKind::Helm, "charts/web")).is_failed());
    assert_eq!(copies(), 2, "another content is another copy");
}

#[test]
fn helm_errors_name_the_file_of_the_repository() {
    let Some(tools) = real_tools("helm_errors_name_the_file", ToolKind::Helm) else { return };
    let mut tree = chart();
    tree.insert(path("charts/web/templates/b.yaml"), "a: 1\nb: {{ required \"b is needed\" .Values.b }}\n");
    let rendered = render(&tools, &session(), &tree, &source(EngineKind::Helm, "charts/web"));
    assert_eq!(
        rendered.problems[0].location.as_ref().unwrap().to_string(),
        "charts/web/templates/b.yaml:2:7"
    );
    assert!(rendered.problems[0].message.contains("b is needed"));
    let mut broken = source(EngineKind::Helm, "charts/web");
    broken.parameters.named_values.push(("my.yaml".to_owned(), "a: [".to_owned()));
    let rendered = render(&tools, &session(), &chart(), &broken);
    assert!(rendered.problems[0].message.contains("my.yaml"), "{:?}", rendered.problems);
    assert!(!rendered.problems[0].message.contains("slipway-tools-"), "{:?}", rendered.problems);
}

fn overlay() -> MemoryTree {
    MemoryTree::new([
        ("app/base/kustomization.yaml", "resources: [d.yaml]\n"),
        (
            "app/base/d.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {template: {spec: {containers: [{name: api, image: 'api:1'}]}}}\n",
        ),
        (
            "app/prod/kustomization.yaml",
            "resources: [../base]\nnamespace: prod\nimages: [{name: api, newTag: '2'}]\n",
        ),
        ("shared/c.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"),
        ("plain/c.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"),
        ("outside/kustomization.yaml", "resources: [../shared/c.yaml]\n"),
    ])
}

#[test]
fn kustomize_renders_an_overlay_with_options_laid_over() {
    let Some(tools) = real_tools("kustomize_renders_an_overlay", ToolKind::Kustomize) else { return };
    let session = session();
    let mut source = source(EngineKind::Kustomize, "app/prod");
    let image = |rendered: &Rendered| {
        rendered.manifests[0].object.pointer("/spec/template/spec/containers/0/image").unwrap().clone()
    };
    let rendered = render(&tools, &session, &overlay(), &source);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    assert_eq!(manifests(&rendered), ["prod/Deployment.apps/api app/prod/kustomization.yaml#0"]);
    assert_eq!(image(&rendered), "api:2");
    assert!(rendered.reads.touch(&path("app/base/d.yaml")));
    source.parameters.kustomization = Some("namespace: eu\nimages: [{name: api, newTag: '3'}]\n".to_owned());
    let rendered = render(&tools, &session, &overlay(), &source);
    assert_eq!(rendered.manifests[0].id.namespace, "eu");
    assert_eq!(image(&rendered), "api:3");
    // As Flux does for a directory of manifests.
    source.path = path("plain");
    let rendered = render(&tools, &session, &overlay(), &source);
    assert_eq!(manifests(&rendered), ["eu/ConfigMap/c plain/kustomization.yaml#0"]);
}

#[test]
fn kustomize_reads_outside_its_directory_only_when_asked() {
    let Some(tools) = real_tools("kustomize_reads_outside", ToolKind::Kustomize) else { return };
    let mut source = source(EngineKind::Kustomize, "outside");
    let refused = render(&tools, &session(), &overlay(), &source);
    assert_eq!(refused.problems[0].code, "load-restriction", "{:?}", refused.problems);
    assert!(!refused.problems[0].message.contains("slipway-tools-"), "{:?}", refused.problems);
    source.parameters.load_restrictor_none = true;
    assert_eq!(manifests(&render(&tools, &session(), &overlay(), &source)).len(), 1);
}

/// A tree in which two names are links: one to a file elsewhere in the tree, one out of it.
struct Linked(MemoryTree);

impl Tree for Linked {
    fn read(&self, at: &RepoPath) -> Result<Option<Bytes>, TreeError> {
        match at.as_str() {
            "app/base/d.yaml" => self.0.read(&path("elsewhere/d.yaml")),
            "app/base/secret.yaml" => {
                Err(TreeError::LinkOutside { path: at.clone(), target: "/etc/passwd".to_owned() })
            }
            _ => self.0.read(at),
        }
    }
    fn list(&self, at: &RepoPath) -> Result<Option<Vec<Entry>>, TreeError> {
        let mut entries = self.0.list(at)?;
        if at.as_str() == "app/base" {
            let links = ["d.yaml", "secret.yaml"];
            let link = |name: &str| Entry { name: name.to_owned(), kind: EntryKind::Symlink };
            entries.iter_mut().for_each(|entries| entries.extend(links.map(link)));
        }
        Ok(entries)
    }
    fn content_id(&self, at: &RepoPath) -> Result<Option<ContentId>, TreeError> {
        self.0.content_id(at)
    }
}

#[test]
fn links_are_copied_as_files_and_never_lead_out() {
    let Some(tools) = real_tools("links_are_copied_as_files", ToolKind::Kustomize) else { return };
    let config = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let tree = |name: &str, resources: &str| {
        Linked(MemoryTree::new([
            ("app/base/kustomization.yaml", format!("resources: {resources}\n")),
            ("elsewhere/d.yaml", config(name)),
        ]))
    };
    let session = session();
    let source = source(EngineKind::Kustomize, "app/base");
    for name in ["one", "two"] {
        // The target of the link changes, the directory does not.
        let rendered = render(&tools, &session, &tree(name, "[d.yaml]"), &source);
        assert_eq!(rendered.manifests[0].id.name, name, "{:?}", rendered.problems);
    }
    let rendered = render(&tools, &session, &tree("one", "[secret.yaml]"), &source);
    let problem = &rendered.problems[0];
    assert!(problem.is_error());
    assert!(problem.hints.iter().any(|hint| hint.contains("outside the repository")), "{problem:?}");
}

#[test]
fn charts_of_a_kustomization_need_helm_too() {
    let Some(tools) = real_tools("charts_of_a_kustomization", ToolKind::Helm) else { return };
    if let Err(error) = &tools.kustomize {
        println!("skipped: charts_of_a_kustomization: {error}");
        return;
    }
    let tree = MemoryTree::new([
        ("k/kustomization.yaml", "helmCharts: [{name: c, releaseName: r}]\n"),
        ("k/charts/c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ("k/charts/c/values.yaml", "{}\n"),
        (
            "k/charts/c/templates/a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n",
        ),
    ]);
    let mut source = source(EngineKind::Kustomize, "k");
    let refused = render(&tools, &session(), &tree, &source);
    assert_eq!(refused.problems[0].code, "helm-not-enabled", "{:?}", refused.problems);
    source.parameters.enable_helm = true;
    let rendered = render(&tools, &session(), &tree, &source);
    assert_eq!(manifests(&rendered), ["ConfigMap/r k/kustomization.yaml#0"], "{:?}", rendered.problems);
    assert!(rendered.fidelity.reasons[0].contains(" with helm v"), "{:?}", rendered.fidelity);
    let without = Toolbox { helm: Err(crate::ToolError::Missing(ToolKind::Helm)), ..tools };
    let missing = render(&without, &session(), &tree, &source);
    assert_eq!(missing.problems[0].code, "tool-missing", "{:?}", missing.problems);
}
