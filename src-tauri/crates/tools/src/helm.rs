//! Charts, rendered by the installed helm.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use slipway_model::{Location, Problem, RepoPath, Tree, read_text};
use slipway_render::set::rename_files;
use slipway_render::{Engine, EngineKind, Fidelity, RenderInputs, Rendered, Source, unreadable};

use crate::closure;
use crate::copy::PrivateCopy;
use crate::locate::{Tool, ToolError};
use crate::messages::{self, Names};
use crate::output::{self, HelmSources};
use crate::session::{RunDirectory, ToolSession, run_problem};

/// What helm calls a release without a name.
const RELEASE: &str = "release-name";
/// The namespace that helm assumes without a kubeconfig.
const NAMESPACE: &str = "default";

/// Renders charts with `helm template`. Nothing is fetched: dependencies must be in `charts/`, or lie beside the
/// chart in the repository (`file://`).
pub struct HelmTool {
    session: Arc<ToolSession>,
    tool: Result<Tool, ToolError>,
}

impl HelmTool {
    /// An engine that runs `tool`, or says why there is none.
    #[must_use]
    pub fn new(session: Arc<ToolSession>, tool: Result<Tool, ToolError>) -> Self {
        Self { session, tool }
    }

    fn try_render(
        &self,
        tree: &dyn Tree,
        source: &Source,
        inputs: &RenderInputs,
    ) -> Result<Rendered, Problem> {
        let tool = self.tool.as_ref().map_err(|error| error.problem().at(Location::file(&source.path)))?;
        let copy = self.session.copy(tree, &closure::of_chart(tree, &source.path)?)?;
        let mut run = self.session.run_directory()?;
        let mut names = Names::new(&copy.path);
        let arguments = Arguments { tree, source, inputs, copy: &copy };
        let command = arguments.command(tool, &mut run, &mut names)?;
        let label = tool.label();
        let finished = self.session.run(command).map_err(|error| run_problem(&label, &error))?;
        let chart_name = chart_name(tree, &source.path)?;
        if !finished.is_success {
            let mut problem =
                messages::helm_problem(&finished.errors, &names, &source.path, &chart_name, &label);
            problem.hints.extend(copy.left_out.iter().map(|problem| format!("not copied: {problem}")));
            return Err(problem);
        }
        let text = String::from_utf8_lossy(&finished.output);
        let sources = HelmSources::of(&text, &source.path, &chart_name);
        let origin = |line| sources.at(line).unwrap_or(&source.path).clone();
        let (manifests, mut problems) = output::read(&text, inputs, &source.path, origin, &label);
        problems.extend(messages::warnings(&finished.errors, &names, &source.path));
        let fidelity = Fidelity { reasons: vec![format!("rendered by {label}")], ..Fidelity::exact() };
        Ok(Rendered { manifests, problems, fidelity, ..Rendered::empty() })
    }
}

impl Engine for HelmTool {
    fn kind(&self) -> EngineKind {
        EngineKind::Helm
    }

    fn version(&self) -> String {
        self.tool
            .as_ref()
            .map_or_else(|_| "helm-tool/missing".to_owned(), |tool| format!("tool/1+{}", tool.label()))
    }

    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        self.try_render(tree, source, inputs)
            .unwrap_or_else(|problem| Rendered { problems: vec![problem], ..Rendered::empty() })
    }
}

/// The name that a chart gives itself; the directory's where it gives none.
fn chart_name(tree: &dyn Tree, chart: &RepoPath) -> Result<String, Problem> {
    let path = chart.child("Chart.yaml");
    let text = read_text(tree, &path).map_err(|error| unreadable(&path, &error))?;
    let value = text.and_then(|text| slipway_yaml::decode(&text).ok()).unwrap_or_default();
    let name = value.get("name").and_then(serde_json::Value::as_str);
    Ok(name.or(chart.file_name()).unwrap_or_default().to_owned())
}

/// What `helm template` is told.
struct Arguments<'a> {
    tree: &'a dyn Tree,
    source: &'a Source,
    inputs: &'a RenderInputs,
    copy: &'a PrivateCopy,
}

impl Arguments<'_> {
    fn command(&self, tool: &Tool, run: &mut RunDirectory, names: &mut Names) -> Result<Command, Problem> {
        let Self { source, inputs, copy, .. } = *self;
        let parameters = &source.parameters;
        let application = inputs.instance.as_ref().map(|instance| instance.application.as_str());
        let release = parameters.release.as_deref().or(application).unwrap_or(RELEASE);
        let namespace = parameters.namespace.as_deref().or(inputs.namespace.as_deref()).unwrap_or(NAMESPACE);
        let mut command = run.command(&tool.program);
        // `--name-template` takes a name that begins with a dash for what it is.
        command.arg("template").arg(format!("--name-template={release}"));
        command.arg(format!("--namespace={namespace}"));
        for path in self.values_files(run, names)? {
            command.arg("--values").arg(path);
        }
        for (flag, assignments) in [
            ("--set", &parameters.set),
            ("--set-string", &parameters.set_string),
            ("--set-json", &parameters.set_json),
        ] {
            for assignment in assignments {
                command.arg(format!("{flag}={assignment}"));
            }
        }
        for assignment in &parameters.set_file {
            command.arg(format!("--set-file={}", self.set_file(assignment, run, names)?));
        }
        if let Some(version) = &parameters.kube_version {
            command.arg(format!("--kube-version={version}"));
        }
        for version in &parameters.api_versions {
            command.arg(format!("--api-versions={version}"));
        }
        for (flag, is_set) in [
            ("--include-crds", parameters.include_crds),
            ("--skip-tests", parameters.skip_tests),
            ("--is-upgrade", parameters.is_upgrade),
        ] {
            if is_set {
                command.arg(flag);
            }
        }
        for template in &parameters.show_only {
            command.arg(format!("--show-only={template}"));
        }
        command.arg("--").arg(copy.at(&source.path));
        Ok(command)
    }

    fn values_files(&self, run: &mut RunDirectory, names: &mut Names) -> Result<Vec<PathBuf>, Problem> {
        let mut files = Vec::new();
        for file in &self.source.values {
            let content =
                self.tree.read(file).map_err(|error| unreadable(file, &error))?.ok_or_else(|| {
                    Problem::error("values-not-found", format!("there is no values file `{file}`"))
                        .at(Location::file(file))
                })?;
            files.push(run.file(&content)?);
            names.add(&files[files.len() - 1], file.as_str());
        }
        let parameters = &self.source.parameters;
        let named = parameters.named_values.iter().map(|(name, text)| (name.as_str(), text));
        for (name, text) in named.chain(parameters.inline_values.iter().map(|text| ("inline values", text))) {
            files.push(run.file(text.as_bytes())?);
            names.add(&files[files.len() - 1], name);
        }
        Ok(files)
    }

    /// The assignment with the paths of private files for the names of files.
    fn set_file(
        &self,
        assignment: &str,
        run: &mut RunDirectory,
        names: &mut Names,
    ) -> Result<String, Problem> {
        let mut copy_file = |name: &str| {
            let content = self.source.parameters.set_file_content(self.tree, name)?;
            let file = run.file(content.as_bytes()).map_err(|problem| problem.message)?;
            names.add(&file, name);
            Ok(file.to_string_lossy().into_owned())
        };
        rename_files(assignment, &mut copy_file).map_err(|error| {
            Problem::error("invalid-set", format!("--set-file {assignment}: {error}"))
                .at(Location::file(&self.source.path))
        })
    }
}
