//! Finding the installed tools.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use semver::Version;
use slipway_model::Problem;
use slipway_render::Engines;
use slipway_render::engines::FluxEngine;

use crate::helm::HelmTool;
use crate::kustomize::KustomizeTool;
use crate::process;
use crate::session::ToolSession;

/// What a tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolKind {
    /// Renders charts.
    Helm,
    /// Renders kustomizations.
    Kustomize,
}

impl ToolKind {
    /// The name of the program.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Helm => "helm",
            Self::Kustomize => "kustomize",
        }
    }

    /// The environment variable that names the program.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::Helm => "SLIPWAY_HELM",
            Self::Kustomize => "SLIPWAY_KUSTOMIZE",
        }
    }

    fn minimum(self, flavour: Flavour) -> Version {
        match (self, flavour) {
            (Self::Helm, _) => Version::new(3, 8, 0),
            (Self::Kustomize, Flavour::Kubectl) => Version::new(1, 27, 0),
            (Self::Kustomize, Flavour::Own) => Version::new(5, 0, 0),
        }
    }
}

/// Which program does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// The tool itself.
    Own,
    /// `kubectl kustomize`.
    Kubectl,
}

/// A tool that was found and is new enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// What it does.
    pub kind: ToolKind,
    /// Which program does it.
    pub flavour: Flavour,
    /// The program.
    pub program: PathBuf,
    /// Its version; of kubectl its own, not that of the kustomize inside.
    pub version: Version,
}

impl Tool {
    /// Name and version, for people and for cache keys: `helm v3.22.0`, `kubectl kustomize v1.34.1`.
    #[must_use]
    pub fn label(&self) -> String {
        match self.flavour {
            Flavour::Own => format!("{} v{}", self.kind.as_str(), self.version),
            Flavour::Kubectl => format!("kubectl {} v{}", self.kind.as_str(), self.version),
        }
    }
}

/// Why there is no tool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolError {
    /// None of the three places names one.
    #[error(
        "{} is not installed: neither the setting `tools.{}` nor {} nor PATH names one",
        .0.as_str(), .0.as_str(), .0.variable()
    )]
    Missing(ToolKind),
    /// A setting or variable names a program that is not there.
    #[error("{place} names `{program}`, which is no program")]
    NotThere {
        /// The setting or variable.
        place: String,
        /// What it names.
        program: String,
    },
    /// The version is too old.
    #[error("{program} is version {version}; {minimum} or later is needed")]
    TooOld {
        /// The program.
        program: String,
        /// Its version.
        version: Version,
        /// The oldest that is accepted.
        minimum: Version,
    },
    /// The program does not say its version.
    #[error("{program} does not say its version: {message}")]
    NoVersion {
        /// The program.
        program: String,
        /// What it says instead.
        message: String,
    },
}

impl ToolError {
    /// The error as a problem.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let code = match self {
            Self::TooOld { .. } => "tool-too-old",
            _ => "tool-missing",
        };
        let problem = Problem::error(code, self.to_string());
        match self {
            Self::Missing(kind) => {
                let name = kind.as_str();
                problem.hint(format!("install {name}, set `tools.{name}`, or set {}", kind.variable()))
            }
            Self::TooOld { .. } => problem.hint("update it"),
            _ => problem,
        }
    }
}

/// The settings `tools.helm` and `tools.kustomize`: programs by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolSettings {
    /// `tools.helm`.
    pub helm: Option<PathBuf>,
    /// `tools.kustomize`; may name a kubectl.
    pub kustomize: Option<PathBuf>,
}

/// The environment variables that say where tools are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `SLIPWAY_HELM`.
    pub helm: Option<OsString>,
    /// `SLIPWAY_KUSTOMIZE`.
    pub kustomize: Option<OsString>,
    /// `PATH`.
    pub path: Option<OsString>,
}

impl Surroundings {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            helm: std::env::var_os(ToolKind::Helm.variable()),
            kustomize: std::env::var_os(ToolKind::Kustomize.variable()),
            path: std::env::var_os("PATH"),
        }
    }
}

/// The tools of this machine, or why there are none.
#[derive(Clone, Debug)]
pub struct Toolbox {
    /// Renders charts.
    pub helm: Result<Tool, ToolError>,
    /// Renders kustomizations.
    pub kustomize: Result<Tool, ToolError>,
}

impl Toolbox {
    /// Looks for the tools: the setting, then the variable, then PATH. Starts each tool once for its version.
    #[must_use]
    pub fn discover(settings: &ToolSettings, surroundings: &Surroundings) -> Self {
        let path = surroundings.path.as_deref();
        Self {
            helm: find(ToolKind::Helm, settings.helm.as_deref(), surroundings.helm.as_deref(), path),
            kustomize: find(
                ToolKind::Kustomize,
                settings.kustomize.as_deref(),
                surroundings.kustomize.as_deref(),
                path,
            ),
        }
    }

    /// Adds the tools as engines; a missing tool becomes an engine that says so.
    #[must_use]
    pub fn add_to(&self, engines: Engines, session: &Arc<ToolSession>) -> Engines {
        let helm = Arc::new(HelmTool::new(Arc::clone(session), self.helm.clone()));
        let kustomize = KustomizeTool::new(Arc::clone(session), self.kustomize.clone(), self.helm.clone());
        let kustomize = Arc::new(kustomize);
        let flux = FluxEngine::default().with_tools(kustomize.clone(), helm.clone());
        engines.with(helm).with(kustomize).with(Arc::new(flux))
    }
}

fn find(
    kind: ToolKind,
    setting: Option<&Path>,
    variable: Option<&OsStr>,
    path: Option<&OsStr>,
) -> Result<Tool, ToolError> {
    let named = setting
        .map(|program| (format!("the setting `tools.{}`", kind.as_str()), program.to_path_buf()))
        .or_else(|| variable.map(|program| (kind.variable().to_owned(), PathBuf::from(program))))
        .filter(|(_, program)| !program.as_os_str().is_empty());
    if let Some((place, program)) = named {
        let found = if program.components().count() == 1 {
            on_path(&program.to_string_lossy(), path)
        } else {
            is_program(&program).then(|| program.clone())
        };
        let program = found
            .ok_or_else(|| ToolError::NotThere { place, program: program.to_string_lossy().into_owned() })?;
        return check(kind, flavour_of(&program), program);
    }
    if let Some(program) = on_path(kind.as_str(), path) {
        return check(kind, Flavour::Own, program);
    }
    match (kind, on_path("kubectl", path)) {
        // An old kubectl is no reason to name it: the user never chose it for this.
        (ToolKind::Kustomize, Some(program)) => {
            check(kind, Flavour::Kubectl, program).map_err(|_| ToolError::Missing(kind))
        }
        _ => Err(ToolError::Missing(kind)),
    }
}

fn flavour_of(program: &Path) -> Flavour {
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    if stem.starts_with("kubectl") { Flavour::Kubectl } else { Flavour::Own }
}

/// Relative entries of PATH are passed over: they would find programs in whatever directory is current.
fn on_path(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(&name))
        .find(|program| is_program(program))
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    {
        metadata.is_file()
    }
}

fn check(kind: ToolKind, flavour: Flavour, program: PathBuf) -> Result<Tool, ToolError> {
    let arguments: &[&str] = match (kind, flavour) {
        (ToolKind::Helm, _) => &["version", "--short"],
        (ToolKind::Kustomize, Flavour::Own) => &["version"],
        (ToolKind::Kustomize, Flavour::Kubectl) => &["version", "--client", "--output=json"],
    };
    let name = program.to_string_lossy().into_owned();
    let text = process::version_text(&program, arguments)
        .map_err(|message| ToolError::NoVersion { program: name.clone(), message })?;
    let text = match flavour {
        Flavour::Own => text,
        Flavour::Kubectl => serde_json::from_str::<serde_json::Value>(&text)
            .ok()
            .and_then(|answer| Some(answer.pointer("/clientVersion/gitVersion")?.as_str()?.to_owned()))
            .unwrap_or(text),
    };
    let Some(version) = version_in(&text) else {
        let message = text.lines().next().unwrap_or_default().chars().take(100).collect();
        return Err(ToolError::NoVersion { program: name, message });
    };
    let minimum = kind.minimum(flavour);
    // A pre-release of a version has what the version has.
    if (version.major, version.minor) < (minimum.major, minimum.minor) {
        return Err(ToolError::TooOld { program: name, version, minimum });
    }
    Ok(Tool { kind, flavour, program, version })
}

/// The first version in a text: `v3.22.0+g1234`, `{Version:kustomize/v4.5.7 GitCommit:…}`.
fn version_in(text: &str) -> Option<Version> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '+');
    text.split(|character| !is_part(character))
        .filter_map(|word| Version::parse(word.strip_prefix('v').unwrap_or(word)).ok())
        .map(|version| Version { build: semver::BuildMetadata::EMPTY, ..version })
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_the_tools_print() {
        for (text, expected) in [
            ("v3.22.0+g1234abc\n", "3.22.0"),
            ("v5.8.2", "5.8.2"),
            ("{Version:kustomize/v4.5.7 GitCommit:56d8 BuildDate:2022-08-02T16:35:54Z}", "4.5.7"),
            ("version.BuildInfo{Version:\"v3.9.0-rc.1\"}", "3.9.0-rc.1"),
        ] {
            assert_eq!(version_in(text).unwrap().to_string(), expected);
        }
        assert_eq!(version_in("unknown command"), None);
    }
}
