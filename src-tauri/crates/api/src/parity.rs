//! Our render beside the installed tools'. The command line asks it of many instances, the window of one.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use slipway_catalog::Instance;
use slipway_model::{FieldPath, InstanceId, Manifest, Problem, ResourceId, Tree};
use slipway_render::{EngineKind, Engines, FidelityLevel, RenderInputs, Rendered, render_sources};
use slipway_store::Settings;
use slipway_tools::{ToolKind, Toolbox};
use slipway_workspace::{Clusters, Workspace};

use crate::engines::{self, Installed};

/// Values deeper than this are compared as wholes.
const DEEPEST: usize = 200;

/// How two renders stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParityStatus {
    /// The same objects in the same order, or both fail.
    Equal,
    /// Something differs.
    Different,
    /// One of the two fails and the other does not.
    Failed,
    /// There is no tool to compare with.
    NotInstalled,
    /// A tool cannot tell: what is rendered here only stands for what the cluster makes of it, or was not fetched.
    NotComparable,
}

/// The first place where two renders differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FirstDifference {
    /// The object; absent where one side has none there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
    /// A JSON Pointer into it.
    pub path: String,
    /// What Slipway renders there; absent where it renders nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ours: Option<Value>,
    /// What the tool renders there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Value>,
    /// What is the matter, where it is not two values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether the two values are secret.
    #[serde(skip)]
    pub secret: bool,
}

/// What came of one instance (`contracts.md` §7).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceParity {
    /// Which.
    pub instance: InstanceId,
    /// The tool.
    pub tool: &'static str,
    /// Its version; absent where it is not installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_version: Option<String>,
    /// How it went.
    pub status: ParityStatus,
    /// Where they differ first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<FirstDifference>,
    /// What keeps it from being compared, or what one of the two says.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// The installed tools, once for all instances that are compared; or why there are none.
pub(crate) struct Tools(Result<Installed, String>);

impl Tools {
    /// Looks for the installed tools.
    pub(crate) fn find(settings: &Settings) -> Self {
        Self(engines::installed(settings))
    }

    /// Renders an instance with our engines and with the installed tools and compares the two. `None` for an instance
    /// that no tool renders.
    pub(crate) fn compare(
        &self,
        workspace: &Workspace,
        tree: &Arc<dyn Tree>,
        instance: &Instance,
    ) -> Option<InstanceParity> {
        let tool = tool_of(instance)?;
        let answer = |tool_version, status, first, problems: Vec<Problem>| InstanceParity {
            instance: instance.id.clone(),
            tool: tool.as_str(),
            tool_version,
            status,
            first,
            problems: problems.into_iter().map(|problem| problem.of(instance.id.clone())).collect(),
        };
        let missing = |problem: Problem| answer(None, ParityStatus::NotInstalled, None, vec![problem]);
        let installed = match &self.0 {
            Ok(installed) => installed,
            Err(message) => return Some(missing(Problem::error("tool-missing", message.clone()))),
        };
        let version = match version(&installed.toolbox, tool) {
            Ok(version) => version,
            Err(problem) => return Some(missing(*problem)),
        };
        // The installed tools ask no cluster either.
        let ours = workspace.render(tree, instance, &Clusters::default());
        if let Some(why) = incomparable(&ours) {
            return Some(answer(Some(version), ParityStatus::NotComparable, None, vec![why]));
        }
        let theirs = || by_tools(&installed.engines, tree, instance);
        let (status, first, problems) = match compare(&ours, theirs) {
            Compared::Equal => (ParityStatus::Equal, None, Vec::new()),
            Compared::Different(first) => (ParityStatus::Different, Some(*first), Vec::new()),
            Compared::Failed(problems) => (ParityStatus::Failed, None, problems),
        };
        Some(answer(Some(version), status, first, problems))
    }
}

fn by_tools(engines: &Engines, tree: &Arc<dyn Tree>, instance: &Instance) -> Rendered {
    let inputs = RenderInputs {
        instance: Some(instance.id.clone()),
        namespace: instance.destination.namespace.clone(),
        ..RenderInputs::default()
    };
    render_sources(engines, tree, &instance.sources, &inputs)
}

/// Why a render tells nothing beside that of a tool: both would stand for the same unknown.
fn incomparable(ours: &Rendered) -> Option<Problem> {
    if ours.lacks_content() {
        return ours.problems.iter().find(|problem| problem.is_error()).cloned();
    }
    let is_opaque = ours.fidelity.level == FidelityLevel::Opaque;
    let reason = || ours.fidelity.reasons.first().cloned().unwrap_or_default();
    is_opaque.then(|| Problem::info("not-comparable", reason()))
}

/// The tool that renders an instance as well: of one with several sources that of the first.
pub(crate) fn tool_of(instance: &Instance) -> Option<ToolKind> {
    if instance.branch.is_some() {
        return None;
    }
    instance.sources.iter().find_map(|source| match source.engine {
        EngineKind::Helm => Some(ToolKind::Helm),
        EngineKind::Kustomize => Some(ToolKind::Kustomize),
        EngineKind::Flux => {
            let flux = source.parameters.flux.as_ref();
            let is_release = flux.is_some_and(|flux| flux.release.is_some());
            Some(if is_release { ToolKind::Helm } else { ToolKind::Kustomize })
        }
        _ => None,
    })
}

fn version(toolbox: &Toolbox, tool: ToolKind) -> Result<String, Box<Problem>> {
    let found = match tool {
        ToolKind::Helm => &toolbox.helm,
        ToolKind::Kustomize => &toolbox.kustomize,
    };
    found.as_ref().map(|tool| tool.label()).map_err(|error| Box::new(error.problem()))
}

enum Compared {
    Equal,
    Different(Box<FirstDifference>),
    Failed(Vec<Problem>),
}

/// Compares our render with the tool's. Where they differ the tool renders once more: what it makes differently
/// each time (passwords, certificates) is no difference.
fn compare(ours: &Rendered, theirs: impl Fn() -> Rendered) -> Compared {
    let first = theirs();
    match (ours.is_failed(), first.is_failed()) {
        (true, true) => return Compared::Equal,
        (false, false) => {}
        (_, _) => {
            let all = ours.problems.iter().chain(&first.problems);
            return Compared::Failed(all.filter(|problem| problem.is_error()).cloned().collect());
        }
    }
    if difference(&ours.manifests, &first.manifests, &BTreeSet::new()).is_none() {
        return Compared::Equal;
    }
    let random = random_places(&first.manifests, &theirs().manifests);
    match difference(&ours.manifests, &first.manifests, &random) {
        None => Compared::Equal,
        Some(found) => Compared::Different(Box::new(found)),
    }
}

/// A place of an object: its position and a JSON Pointer.
type Place = (usize, String);

fn random_places(first: &[Manifest], second: &[Manifest]) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for (index, (left, right)) in first.iter().zip(second).enumerate() {
        walk(&left.object, &right.object, "", 0, &mut |path, _, _| {
            places.insert((index, path.to_owned()));
            true
        });
    }
    places
}

fn difference(ours: &[Manifest], theirs: &[Manifest], random: &BTreeSet<Place>) -> Option<FirstDifference> {
    for (index, (left, right)) in ours.iter().zip(theirs).enumerate() {
        let mut found = None;
        walk(&left.object, &right.object, "", 0, &mut |path, ours, theirs| {
            if random.contains(&(index, path.to_owned())) {
                return true;
            }
            let secret = path.parse::<FieldPath>().map_or(true, |path| {
                [left, right].iter().any(|side| slipway_diff::is_secret_path(&side.object, &path))
            });
            found = Some(FirstDifference {
                secret,
                resource: Some(left.id.clone()),
                path: path.to_owned(),
                ours: ours.cloned(),
                theirs: theirs.cloned(),
                message: (left.id != right.id)
                    .then(|| format!("object {} is {} here and {} there", index + 1, left.id, right.id)),
            });
            false
        });
        if found.is_some() {
            return found;
        }
    }
    let (longer, what) = match ours.len().cmp(&theirs.len()) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => (ours, "the tool does not render it"),
        std::cmp::Ordering::Less => (theirs, "Slipway does not render it"),
    };
    let extra = longer.get(ours.len().min(theirs.len()))?;
    Some(FirstDifference {
        resource: Some(extra.id.clone()),
        path: String::new(),
        ours: None,
        theirs: None,
        message: Some(what.to_owned()),
        secret: false,
    })
}

/// Told of a place and what either side has there; answers whether to go on.
type EachDifference<'a> = &'a mut dyn FnMut(&str, Option<&Value>, Option<&Value>) -> bool;

/// Tells each place where two values differ; stops when `each` says so.
fn walk(ours: &Value, theirs: &Value, path: &str, depth: usize, each: EachDifference<'_>) -> bool {
    match (ours, theirs) {
        (Value::Object(left), Value::Object(right)) if depth < DEEPEST => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            keys.into_iter().all(|key| {
                let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => walk(left, right, &path, depth + 1, each),
                    (left, right) => each(&path, left, right),
                }
            })
        }
        (Value::Array(left), Value::Array(right)) if depth < DEEPEST => {
            (0..left.len().max(right.len())).all(|index| {
                let path = format!("{path}/{index}");
                match (left.get(index), right.get(index)) {
                    (Some(left), Some(right)) => walk(left, right, &path, depth + 1, each),
                    (left, right) => each(&path, left, right),
                }
            })
        }
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => true,
        _ if ours == theirs => true,
        _ => each(path, Some(ours), Some(theirs)),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;
    use slipway_model::{Origin, RepoPath};

    use super::*;

    fn render(objects: Vec<Value>) -> Rendered {
        let origin = Origin { file: RepoPath::root(), document: 0, line: None };
        Rendered {
            manifests: objects.into_iter().map(|object| Manifest::new(object, origin.clone())).collect(),
            ..Rendered::empty()
        }
    }

    fn secret(password: &str, host: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"p": password, "h": host}})
    }

    #[test]
    fn what_the_tool_makes_anew_each_time_is_no_difference() {
        let turn = Cell::new(0);
        let tool = || {
            turn.set(turn.get() + 1);
            render(vec![secret(&format!("random{}", turn.get()), "db")])
        };
        assert!(matches!(compare(&render(vec![secret("ours", "db")]), tool), Compared::Equal));
        let Compared::Different(first) = compare(&render(vec![secret("ours", "web")]), tool) else {
            panic!("the host differs");
        };
        assert_eq!(
            (first.path.as_str(), first.ours, first.theirs),
            ("/data/h", Some(json!("web")), Some(json!("db")))
        );
    }

    #[test]
    fn objects_that_one_side_lacks_are_named() {
        let both = render(vec![secret("p", "h"), json!({"kind": "Service", "metadata": {"name": "b"}})]);
        let Compared::Different(first) = compare(&render(vec![secret("p", "h")]), || both.clone()) else {
            panic!("an object is missing");
        };
        assert_eq!(first.resource.map(|id| id.kind), Some("Service".to_owned()));
        assert_eq!(first.message.as_deref(), Some("Slipway does not render it"));
    }

    #[test]
    fn one_that_fails_alone_is_told() {
        let failed = Rendered::failed(vec![Problem::error("x", "no")], slipway_model::Reads::default());
        assert!(
            matches!(compare(&render(Vec::new()), || failed.clone()), Compared::Failed(problems) if problems.len() == 1)
        );
        assert!(matches!(compare(&failed, || failed.clone()), Compared::Equal));
    }

    #[test]
    fn what_stands_for_the_unknown_is_not_compared() {
        let opaque =
            Rendered { fidelity: slipway_render::Fidelity::opaque("no chart"), ..render(Vec::new()) };
        let lacking = Problem::error("remote-offline", "not fetched");
        let lacking = Rendered::failed(vec![lacking], slipway_model::Reads::default());
        let failed = Rendered::failed(vec![Problem::error("x", "no")], slipway_model::Reads::default());
        assert_eq!(incomparable(&opaque).unwrap().message, "no chart");
        assert_eq!(incomparable(&lacking).unwrap().message, "not fetched");
        assert!(incomparable(&failed).is_none() && incomparable(&render(Vec::new())).is_none());
    }
}
