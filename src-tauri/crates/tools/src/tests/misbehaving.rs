use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use slipway_model::MemoryTree;
use slipway_render::{EngineKind, Engines, RenderInputs, Rendered, render_source};
use tempfile::TempDir;

use super::{problems, source};
use crate::{Flavour, Limits, Surroundings, ToolError, ToolSession, ToolSettings, Toolbox};

fn script(directory: &Path, name: &str, body: &str) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Renders a chart with a helm that does `body`.
fn render(body: &str, limits: Limits, is_cancelled: bool) -> Rendered {
    let directory = TempDir::new().unwrap();
    let helm = script(
        directory.path(),
        "helm",
        &format!("if [ \"$1\" = version ]; then echo v3.22.0; exit; fi\n{body}"),
    );
    let settings = ToolSettings { helm: Some(helm), kustomize: None };
    let tools = Toolbox::discover(&settings, &Surroundings::default());
    let session = Arc::new(ToolSession::new(limits).unwrap());
    session.cancellation().store(is_cancelled, Ordering::SeqCst);
    let tree = MemoryTree::new([("chart/Chart.yaml", "name: chart\n")]);
    let engines = tools.add_to(Engines::default(), &session);
    render_source(&engines, &tree, &source(EngineKind::Helm, "chart"), &RenderInputs::default())
}

#[test]
fn a_tool_that_never_ends_is_stopped_with_what_it_started() {
    let limits = Limits { timeout: Duration::from_millis(200), ..Limits::default() };
    let rendered = render("/bin/sleep 300 & /bin/sleep 300", limits, false);
    assert_eq!(problems(&rendered), ["tool-stopped chart: helm v3.22.0 was stopped after 0.2 s"]);
    assert!(rendered.is_transient(), "it may end next time");
}

#[test]
fn a_tool_that_prints_without_end_is_stopped() {
    let limits = Limits { max_output: 10_000, ..Limits::default() };
    let rendered = render("while :; do echo 'a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; done", limits, false);
    assert_eq!(
        problems(&rendered),
        ["tool-stopped chart: helm v3.22.0 was stopped because it printed more than 10000 bytes"]
    );
}

#[test]
fn a_cancelled_session_starts_nothing() {
    let rendered = render("echo 'a: 1'", Limits::default(), true);
    assert_eq!(rendered.problems[0].code, "tool-stopped");
}

#[test]
fn a_tool_sees_a_private_home_and_nothing_of_the_users() {
    let body = "echo \"home: $HOME\"\necho \"path: $PATH\"\necho \"cargo: '$CARGO_MANIFEST_DIR'\"\n\
                echo \"proxy: $HTTPS_PROXY\"\necho \"plugins: $HELM_PLUGINS\"";
    let rendered = render(body, Limits::default(), false);
    assert_eq!(problems(&rendered), Vec::<String>::new());
    let seen = &rendered.manifests[0].object;
    for key in ["home", "path", "plugins"] {
        assert!(seen[key].as_str().unwrap().contains("slipway-tools-"), "{seen}");
    }
    assert_eq!(seen["cargo"], "", "{seen}");
    assert_eq!(seen["proxy"], "http://127.0.0.1:9");
}

#[test]
fn output_that_is_no_yaml_is_a_problem() {
    let rendered = render("echo 'a: ['", Limits::default(), false);
    assert_eq!(rendered.problems[0].code, "yaml-syntax");
    assert!(rendered.problems[0].message.contains("of what helm v3.22.0 prints"));
}

#[test]
fn a_tool_is_looked_for_in_three_places_and_must_be_new_enough() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    fs::create_dir(at.join("path")).unwrap();
    let old = script(at, "helm-old", "echo v3.7.2+g1");
    let variable = script(at, "helm-variable", "echo v3.9.0");
    let setting = script(at, "helm-setting", "echo v3.10.0");
    script(&at.join("path"), "helm", "echo v3.8.0-rc.1");
    let discover = |setting: Option<&PathBuf>, variable: Option<&PathBuf>| {
        let settings = ToolSettings { helm: setting.cloned(), kustomize: None };
        let surroundings = Surroundings {
            helm: variable.map(|path| path.clone().into_os_string()),
            kustomize: None,
            path: Some(std::env::join_paths([PathBuf::from("."), at.join("path")]).unwrap()),
        };
        Toolbox::discover(&settings, &surroundings).helm.map(|tool| tool.version.to_string())
    };
    assert_eq!(discover(Some(&setting), Some(&variable)).unwrap(), "3.10.0");
    assert_eq!(discover(None, Some(&variable)).unwrap(), "3.9.0");
    assert_eq!(discover(None, None).unwrap(), "3.8.0-rc.1");
    assert!(matches!(discover(Some(&old), None), Err(ToolError::TooOld { .. })));
    let gone = at.join("gone");
    let error = discover(Some(&gone), None).unwrap_err();
    assert!(error.to_string().starts_with("the setting `tools.helm` names"), "{error}");
    let missing = Toolbox::discover(&ToolSettings::default(), &Surroundings::default());
    let problem = missing.kustomize.unwrap_err().problem();
    assert_eq!(problem.code, "tool-missing");
    for place in ["tools.kustomize", "SLIPWAY_KUSTOMIZE", "PATH"] {
        assert!(problem.message.contains(place), "{problem}");
    }
}

#[test]
fn kubectl_stands_in_for_kustomize_from_its_version_1_27() {
    for (version, is_accepted) in [("v1.26.9", false), ("v1.27.0", true)] {
        let directory = TempDir::new().unwrap();
        script(
            directory.path(),
            "kubectl",
            &format!(
                "echo '{{\"clientVersion\": {{\"gitVersion\": \"{version}\"}}, \"kustomizeVersion\": \"v5.0.1\"}}'"
            ),
        );
        let surroundings =
            Surroundings { path: Some(directory.path().as_os_str().to_owned()), ..Surroundings::default() };
        let found = Toolbox::discover(&ToolSettings::default(), &surroundings).kustomize;
        assert_eq!(found.is_ok(), is_accepted, "{found:?}");
        if let Ok(tool) = found {
            assert_eq!(tool.flavour, Flavour::Kubectl);
            assert_eq!(tool.label(), format!("kubectl kustomize {version}"));
        }
    }
}
