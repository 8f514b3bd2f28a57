//! Kustomizations, rendered by the installed kustomize or `kubectl kustomize`.

use std::sync::Arc;

use serde_json::{Map, Value};
use slipway_model::{Location, Problem, RepoPath, Tree};
use slipway_render::engines::kustomize::kustomization_of_manifests;
use slipway_render::{Engine, EngineKind, Fidelity, RenderInputs, Rendered, Source};

use crate::closure::{self, Charts, Closure};
use crate::kustomization;
use crate::locate::{Flavour, Tool, ToolError};
use crate::messages::{self, Names};
use crate::output;
use crate::session::{ToolSession, run_problem};

/// Renders kustomizations with `kustomize build`. Nothing is fetched and no plugin runs; files outside the
/// kustomization are read only when the source allows it, and never outside the repository.
pub struct KustomizeTool {
    session: Arc<ToolSession>,
    tool: Result<Tool, ToolError>,
    helm: Result<Tool, ToolError>,
}

impl KustomizeTool {
    /// An engine that runs `tool`, or says why there is none; `helm` inflates charts where a source enables it.
    #[must_use]
    pub fn new(
        session: Arc<ToolSession>,
        tool: Result<Tool, ToolError>,
        helm: Result<Tool, ToolError>,
    ) -> Self {
        Self { session, tool, helm }
    }

    fn try_render(
        &self,
        tree: &dyn Tree,
        source: &Source,
        inputs: &RenderInputs,
    ) -> Result<Rendered, Vec<Problem>> {
        let tool =
            self.tool.as_ref().map_err(|error| vec![error.problem().at(Location::file(&source.path))])?;
        let own = own_kustomization(tree, source).map_err(|problem| vec![problem])?;
        let charts = if source.parameters.enable_helm { Charts::Inflated } else { Charts::Refused };
        let named = own.content.as_ref().map(|content| (&own.file, content));
        let Closure { mut plan, missing } =
            closure::of_kustomization(tree, &source.path, named, charts).map_err(|problem| vec![problem])?;
        if !missing.is_empty() {
            return Err(missing);
        }
        if let Some(content) = &own.content {
            let whole = || slipway_yaml::emit(content).into_bytes();
            plan.overrides.entry(own.file.clone()).or_insert_with(whole);
        }
        let copy = self.session.copy(tree, &plan).map_err(|problem| vec![problem])?;
        let run = self.session.run_directory().map_err(|problem| vec![problem])?;
        let mut command = run.command(&tool.program);
        command.arg(match tool.flavour {
            Flavour::Own => "build",
            Flavour::Kubectl => "kustomize",
        });
        if source.parameters.load_restrictor_none {
            command.arg("--load-restrictor=LoadRestrictionsNone");
        }
        let mut label = tool.label();
        if source.parameters.enable_helm {
            command.arg("--enable-helm");
            if let Ok(helm) = &self.helm {
                command.arg("--helm-command").arg(&helm.program);
                label = format!("{label} with {}", helm.label());
            }
        }
        command.arg(copy.at(&source.path));
        let finished = self.session.run(command).map_err(|error| vec![run_problem(&label, &error)])?;
        let names = Names::new(&copy.path);
        if !finished.is_success {
            // Kustomize then tried a helm of that name, which is on no PATH here.
            if let Err(error) = &self.helm
                && finished.errors.contains("executable file not found")
            {
                return Err(vec![error.problem().at(Location::file(&own.file))]);
            }
            let mut problem = messages::kustomize_problem(&finished.errors, &names, tree, &own.file, &label);
            problem.hints.extend(copy.left_out.iter().map(|problem| format!("not copied: {problem}")));
            return Err(vec![problem]);
        }
        let text = String::from_utf8_lossy(&finished.output);
        let (manifests, mut problems) =
            output::read(&text, inputs, &source.path, |_| own.file.clone(), &label);
        problems.extend(messages::warnings(&finished.errors, &names, &own.file));
        let fidelity = Fidelity { reasons: vec![format!("rendered by {label}")], ..Fidelity::exact() };
        Ok(Rendered { manifests, problems, fidelity, ..Rendered::empty() })
    }
}

impl Engine for KustomizeTool {
    fn kind(&self) -> EngineKind {
        EngineKind::Kustomize
    }

    fn version(&self) -> String {
        let helm = self.helm.as_ref().map_or_else(|_| String::new(), |helm| format!("+{}", helm.label()));
        self.tool.as_ref().map_or_else(
            |_| "kustomize-tool/missing".to_owned(),
            |tool| format!("tool/1+{}{helm}", tool.label()),
        )
    }

    fn render(&self, tree: &dyn Tree, source: &Source, inputs: &RenderInputs) -> Rendered {
        self.try_render(tree, source, inputs)
            .unwrap_or_else(|problems| Rendered { problems, ..Rendered::empty() })
    }
}

/// The kustomization file of the source, and its content where options of the source change it.
struct Own {
    file: RepoPath,
    content: Option<Value>,
}

fn own_kustomization(tree: &dyn Tree, source: &Source) -> Result<Own, Problem> {
    let found = kustomization::find(tree, &source.path)?;
    let Some(options) = &source.parameters.kustomization else {
        let file = found.map_or_else(|| source.path.child("kustomization.yaml"), |(file, _)| file);
        return Ok(Own { file, content: None });
    };
    let options = map_of(options, "the kustomize options", None)?;
    let (file, mut content) = match found {
        Some((file, text)) => {
            let content = map_of(&text, "a kustomization", Some(&file))?;
            (file, content)
        }
        None => (source.path.child("kustomization.yaml"), kustomization_of_manifests(tree, &source.path)?),
    };
    kustomization::lay_over(&mut content, options);
    Ok(Own { file, content: Some(Value::Object(content)) })
}

fn map_of(text: &str, what: &str, file: Option<&RepoPath>) -> Result<Map<String, Value>, Problem> {
    let located = |problem: Problem, line, column| match file {
        Some(file) => problem.at(Location::at(file, line, column)),
        None => problem,
    };
    match slipway_yaml::decode(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(located(Problem::error("invalid-kustomization", format!("{what} must be a map")), 1, 1)),
        Err(error) => {
            let problem = Problem::error("yaml-syntax", format!("{what}: {}", error.message));
            Err(located(problem, error.line, error.column))
        }
    }
}
