//! `.slipway.yaml`: what a repository says about itself (`contracts.md` §8).

mod ignore;
mod node;
mod read;
mod schema;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_model::{Problem, RepoPath, Tree};
use slipway_render::EngineKind;

pub use ignore::IgnoreGlobs;
pub use schema::schema_json;

/// The settings of a repository. All parts may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// The environments in promotion order; they replace the inferred order.
    pub environments: Vec<EnvironmentSettings>,
    /// Instances that are added to what is found; same application and environment replaces.
    pub applications: Vec<ApplicationSettings>,
    /// Paths that are not looked at, as in `.gitignore`.
    pub ignore: Vec<String>,
    /// Settings whose class is decided by hand.
    pub pins: Vec<Pin>,
    /// Differences that are meant.
    pub drift: Vec<Drift>,
    /// Applications whose versions are promoted together.
    pub version_groups: Vec<Vec<String>>,
    /// When an environment is not changed.
    pub freeze: Vec<Freeze>,
    /// Lessons by name.
    pub lessons: BTreeMap<String, LessonSettings>,
}

/// An environment as the repository names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentSettings {
    /// Its name.
    pub name: String,
    /// Other spellings that mean it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Whether it asks before it is changed; `None` leaves it to the name.
    #[serde(default)]
    pub protected: Option<bool>,
    /// The namespace of its instances.
    #[serde(default)]
    pub namespace: Option<String>,
}

/// An application as the repository describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationSettings {
    /// Its name.
    pub name: String,
    /// Where it is deployed.
    pub environments: Vec<InstanceSettings>,
}

/// One application in one environment as the repository describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSettings {
    /// The environment.
    pub name: String,
    /// The directory that is rendered, or a `.jsonnet` file.
    pub path: RepoPath,
    /// The engine; `None` finds it.
    #[serde(default)]
    pub engine: Option<EngineKind>,
    /// Values files, relative to `path`.
    #[serde(default)]
    pub values: Vec<String>,
    /// The Helm release.
    #[serde(default)]
    pub release: Option<String>,
    /// The namespace.
    #[serde(default)]
    pub namespace: Option<String>,
}

/// The classes of a setting (`contracts.md` §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// A version.
    A,
    /// A setting of Kubernetes.
    B,
    /// A business setting that never moves.
    C,
    /// Any other.
    D,
}

/// A setting whose class is decided by hand. `*` matches any application, environment or kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The application; `*` for all.
    pub application: String,
    /// The environment; `*` for all.
    pub environment: String,
    /// The kind; `*` for all.
    pub kind: String,
    /// The field, as [`FieldPath`](slipway_model::FieldPath).
    pub path: String,
    /// Its class.
    pub class: Class,
    /// Why.
    pub reason: String,
}

/// A difference that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The application; `*` for all.
    pub application: String,
    /// The environment; `*` for all.
    pub environment: String,
    /// The kind; `*` for all.
    pub kind: String,
    /// The field, as [`FieldPath`](slipway_model::FieldPath).
    pub path: String,
    /// Why.
    pub reason: String,
    /// The last day it is meant, `YYYY-MM-DD`; `None` for always.
    #[serde(default)]
    pub expires: Option<String>,
}

/// A time in which an environment is not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// The environment; `*` for all.
    pub environment: String,
    /// Its beginning, RFC 3339 in UTC.
    pub from: String,
    /// Its end, RFC 3339 in UTC, not included.
    pub to: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// How a lesson is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonSettings {
    /// How bad the lesson's problem is; `None` for switched off.
    pub severity: Option<slipway_model::Severity>,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// Where the settings are.
#[must_use]
pub fn file() -> RepoPath {
    RepoPath::root().child(".slipway.yaml")
}

/// Reads the settings of a tree; the default where there are none or where they are invalid.
#[must_use]
pub fn load(tree: &dyn Tree) -> (Settings, Vec<Problem>) {
    match slipway_model::read_text(tree, &file()) {
        Ok(None) => (Settings::default(), Vec::new()),
        Ok(Some(text)) => {
            let (settings, problems) = parse(&text);
            (settings.unwrap_or_default(), problems)
        }
        Err(error) => {
            let problem = Problem::error("unreadable-file", error.to_string())
                .at(slipway_model::Location::file(&file()));
            (Settings::default(), vec![problem])
        }
    }
}

/// Reads a settings file. `None` where it is invalid; a key that is not known is a warning and is passed over.
#[must_use]
pub fn parse(text: &str) -> (Option<Settings>, Vec<Problem>) {
    let root = match node::read(text) {
        Ok(Some(root)) => root,
        Ok(None) => return (Some(Settings::default()), Vec::new()),
        Err(problem) => return (None, vec![*problem]),
    };
    let mut reader = read::Reader::default();
    let settings = reader.settings(&root);
    let problems = reader.into_problems();
    let is_valid = !problems.iter().any(Problem::is_error);
    (is_valid.then_some(settings), problems)
}

#[cfg(test)]
mod tests;
