//! The user's desktop: the editor, the file manager, tools, diagnostics.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use slipway_git::Transport;
use slipway_model::RepoPath;
use slipway_tools::{Surroundings as ToolSurroundings, Tool, ToolError, ToolKind, ToolSettings, Toolbox};

use crate::Api;
use crate::app::blocking;
use crate::dto::*;
use crate::error::error;
use crate::programs::{self, Place, Surroundings};

/// Lines of the log that diagnostics hold.
const LOG_LINES: usize = 60;

impl Api {
    pub(crate) async fn repository_forget(&self, request: PathRef) -> Result<RecentRepositories, ApiError> {
        self.inner.database.forget(Path::new(&request.path))?;
        self.repository_recent(Nothing {}).await
    }

    pub(crate) async fn reveal(&self, request: PathRef) -> Result<Nothing, ApiError> {
        let path = PathBuf::from(request.path);
        if !path.is_absolute() {
            return Err(error("bad-request", format!("`{}` is no absolute path", path.display())));
        }
        blocking(move || programs::reveal(&path)).await?;
        Ok(Nothing {})
    }

    pub(crate) async fn file_path(&self, request: FileRef) -> Result<PathRef, ApiError> {
        let path = self.place_of(&request)?;
        Ok(PathRef { path: path.display().to_string() })
    }

    pub(crate) async fn file_reveal(&self, request: FileRef) -> Result<Nothing, ApiError> {
        let path = self.place_of(&request)?;
        blocking(move || programs::reveal(&path)).await?;
        Ok(Nothing {})
    }

    pub(crate) async fn file_edit(&self, request: FileRef) -> Result<EditorOpened, ApiError> {
        let path = self.place_of(&request)?;
        let setting = self.settings_now().editor;
        blocking(move || {
            if !path.is_file() {
                return Err(error("no-such-file", format!("{} is not there", path.display()))
                    .hint("it may be of another branch, or deleted since"));
            }
            let editor = Surroundings::of_process(setting.as_deref()).editor()?;
            let place = Place {
                file: &path,
                line: request.line.unwrap_or(1).max(1),
                column: request.column.unwrap_or(1).max(1),
            };
            programs::start(&editor.program, &editor.arguments(&place))?;
            Ok(EditorOpened { program: programs::shown(&editor.program), path: path.display().to_string() })
        })
        .await
    }

    /// Where a file of a repository lies on disk. No path leads out of the repository.
    fn place_of(&self, request: &FileRef) -> Result<PathBuf, ApiError> {
        let opened = self.opened(&request.repository)?;
        let inside = RepoPath::new(&request.file)
            .map_err(|failure| error("bad-request", format!("`{}`: {failure}", request.file)))?;
        let Some(root) = opened.workspace.repository().work_directory() else {
            return Err(error("bare", "the repository is bare: its files are not on disk"));
        };
        Ok(root.join(inside.as_str()))
    }

    pub(crate) async fn tools(&self, _: Nothing) -> Result<ToolList, ApiError> {
        let settings = self.settings_now();
        blocking(move || Ok(ToolList { tools: tool_list(&settings) })).await
    }

    pub(crate) async fn crash_dismiss(&self, _: Nothing) -> Result<Nothing, ApiError> {
        slipway_store::forget_crashes(&self.inner.folders)?;
        Ok(Nothing {})
    }

    pub(crate) async fn diagnostics(&self, _: Nothing) -> Result<Diagnostics, ApiError> {
        let settings = self.settings_now();
        let folders = self.inner.folders.clone();
        let opened: Vec<_> = {
            let all = self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner);
            all.values().cloned().collect()
        };
        let shell = self.app_info(Nothing {}).await?.shell;
        let webview = self.inner.webview.get().cloned();
        blocking(move || {
            let mut text = String::new();
            // Writing into a `String` does not fail.
            let mut line = |name: &str, value: &str| {
                let _ = writeln!(text, "{name}: {value}");
            };
            line("slipway", &format!("{} in a {shell}", env!("CARGO_PKG_VERSION")));
            line("system", &format!("{} {}{}", std::env::consts::OS, std::env::consts::ARCH, system_name()));
            if let Some(version) = webview {
                line("web view", &version);
            }
            line("graphics", &render_nodes());
            for variable in [
                "XDG_SESSION_TYPE",
                "XDG_CURRENT_DESKTOP",
                "WEBKIT_DISABLE_DMABUF_RENDERER",
                "WEBKIT_DISABLE_COMPOSITING_MODE",
                "LIBGL_ALWAYS_SOFTWARE",
                "LANG",
            ] {
                if let Ok(value) = std::env::var(variable) {
                    line(variable, &value);
                }
            }
            let set: Vec<&str> =
                ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"]
                    .into_iter()
                    .filter(|name| {
                        std::env::var_os(name).is_some() || std::env::var_os(name.to_lowercase()).is_some()
                    })
                    .collect();
            line(
                "network variables",
                &if set.is_empty() { "none".to_owned() } else { format!("{} (set)", set.join(", ")) },
            );
            for tool in tool_list(&settings) {
                let value = match (&tool.version, &tool.problem) {
                    (Some(version), _) => format!("{version} by {}", tool.found_by.unwrap_or_default()),
                    (None, Some(problem)) => problem.clone(),
                    (None, None) => tool.path.unwrap_or_default(),
                };
                line(&tool.name, &value);
            }
            for (name, folder) in
                [("settings", &folders.config), ("data", &folders.data), ("log", &folders.log)]
            {
                line(name, &folder.display().to_string());
            }
            line(
                "settings changed",
                &format!(
                    "editor {}, kubeconfig {}, credential file {}, {} repositories with contexts, {} keys",
                    yes(settings.editor.is_some()),
                    yes(settings.kubeconfig.is_some()),
                    yes(settings.credentials.file),
                    settings.contexts.len(),
                    settings.shortcuts.keys.len(),
                ),
            );
            for (number, repository) in opened.iter().enumerate() {
                let counts = repository.workspace.fleet().map_or_else(
                    || "not read yet".to_owned(),
                    |fleet| {
                        let progress = fleet.progress();
                        format!(
                            "{}, {} instances, {} rendered, {} failed",
                            fleet.catalog.layout.family, progress.total, progress.rendered, progress.failed
                        )
                    },
                );
                line(&format!("repository {}", number + 1), &counts);
            }
            let log = slipway_store::tail(&folders, LOG_LINES)?;
            line("log", if log.is_empty() { "empty" } else { "" });
            for entry in log {
                line(" ", &without_secrets(&entry));
            }
            Ok(Diagnostics { text: without_home(&text) })
        })
        .await
    }
}

fn yes(is: bool) -> &'static str {
    if is { "set" } else { "not set" }
}

/// The distribution, where the system says it.
fn system_name() -> String {
    std::fs::read_to_string("/etc/os-release")
        .ok()
        .and_then(|text| {
            text.lines().find_map(|line| {
                line.strip_prefix("PRETTY_NAME=").map(|name| format!(", {}", name.trim_matches('"')))
            })
        })
        .unwrap_or_default()
}

/// The graphics devices that a web view can render with; the window goes by them.
fn render_nodes() -> String {
    let mut nodes: Vec<String> = std::fs::read_dir("/dev/dri")
        .map(|entries| {
            let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
            names.filter(|name| name.starts_with("renderD")).collect()
        })
        .unwrap_or_default();
    nodes.sort();
    if nodes.is_empty() { "no render node".to_owned() } else { nodes.join(", ") }
}

/// The user's name is not needed to find a mistake.
fn without_home(text: &str) -> String {
    match std::env::home_dir().map(|home| home.display().to_string()) {
        Some(home) if home.len() > 1 => text.replace(&home, "~"),
        _ => text.to_owned(),
    }
}

/// A line of the log without credentials in addresses, tokens and passwords.
pub(crate) fn without_secrets(line: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut hide_next = false;
    for word in line.split(' ') {
        if let Some((scheme, rest)) = word.split_once("://") {
            let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            // What follows a `?` may be a token.
            let path = path.split(['?', '#']).next().unwrap_or_default();
            words.push(format!("{scheme}://{host}{path}"));
            continue;
        }
        let lower = word.to_lowercase();
        // A signed token, and what kubeconfigs hold of certificates and keys, say what they are.
        if word.contains("eyJ") || word.contains("LS0tLS1CRUdJTi") {
            words.push("••••".to_owned());
            hide_next = false;
            continue;
        }
        let names_a_secret = [
            "password",
            "token",
            "secret",
            "authorization",
            "passphrase",
            "bearer",
            "basic",
            "api-key",
            "apikey",
            "key-data",
            "cookie",
        ]
        .iter()
        .any(|name| lower.contains(name));
        if hide_next && !word.is_empty() && !names_a_secret {
            words.push("••••".to_owned());
            hide_next = false;
            continue;
        }
        match word.split_once(['=', ':']) {
            Some((name, value)) if names_a_secret && !value.is_empty() => {
                words.push(format!("{name}=••••"));
                hide_next = false;
            }
            _ => {
                hide_next = names_a_secret
                    && (word.ends_with(['=', ':'])
                        || word.starts_with("--")
                        || matches!(lower.as_str(), "bearer" | "basic"));
                words.push(word.to_owned());
            }
        }
    }
    words.join(" ")
}

fn tool_list(settings: &slipway_store::Settings) -> Vec<ToolInfo> {
    let named =
        ToolSettings { helm: settings.tools.helm.clone(), kustomize: settings.tools.kustomize.clone() };
    let surroundings = ToolSurroundings::of_process();
    let toolbox = Toolbox::discover(&named, &surroundings);
    let by = |kind: ToolKind| {
        let (setting, variable) = match kind {
            ToolKind::Helm => (named.helm.is_some(), surroundings.helm.is_some()),
            ToolKind::Kustomize => (named.kustomize.is_some(), surroundings.kustomize.is_some()),
        };
        if setting {
            "setting"
        } else if variable {
            kind.variable()
        } else {
            "PATH"
        }
    };
    vec![
        tool(
            ToolKind::Helm,
            &toolbox.helm,
            by(ToolKind::Helm),
            "renders charts, and is compared with in parity",
        ),
        tool(
            ToolKind::Kustomize,
            &toolbox.kustomize,
            by(ToolKind::Kustomize),
            "renders kustomizations, and is compared with in parity; kubectl does as well",
        ),
        git(),
        editor(settings.editor.as_deref()),
    ]
}

fn tool(kind: ToolKind, found: &Result<Tool, ToolError>, by: &str, purpose: &str) -> ToolInfo {
    let info = ToolInfo {
        name: kind.as_str().to_owned(),
        purpose: purpose.to_owned(),
        path: None,
        version: None,
        found_by: None,
        problem: None,
        hints: Vec::new(),
    };
    match found {
        Ok(tool) => ToolInfo {
            path: Some(tool.program.display().to_string()),
            version: Some(tool.label()),
            found_by: Some(by.to_owned()),
            ..info
        },
        Err(failure) => {
            let problem = failure.problem();
            ToolInfo { problem: Some(problem.message), hints: problem.hints, ..info }
        }
    }
}

fn git() -> ToolInfo {
    let info = ToolInfo {
        name: "git".to_owned(),
        purpose:
            "clones, fetches and pushes, so that your ssh, proxies, certificates and credential helpers work"
                .to_owned(),
        path: None,
        version: None,
        found_by: None,
        problem: None,
        hints: Vec::new(),
    };
    match Transport::installed() {
        Some(Transport::InstalledGit { path, version }) => ToolInfo {
            path: Some(path.display().to_string()),
            version: Some(format!("git {version}")),
            found_by: Some("PATH".to_owned()),
            ..info
        },
        _ => ToolInfo {
            problem: Some(
                "no git of version 2.30 or later is on PATH, so the built-in one is used".to_owned(),
            ),
            hints: vec!["install git to use your ssh configuration and credential helpers".to_owned()],
            ..info
        },
    }
}

fn editor(setting: Option<&str>) -> ToolInfo {
    let info = ToolInfo {
        name: "editor".to_owned(),
        purpose: "opens files at a line".to_owned(),
        path: None,
        version: None,
        found_by: None,
        problem: None,
        hints: Vec::new(),
    };
    match Surroundings::of_process(setting).editor() {
        Ok(found) => ToolInfo {
            path: Some(found.program.display().to_string()),
            found_by: Some(found.found_by.to_owned()),
            ..info
        },
        Err(failure) => ToolInfo { problem: Some(failure.message), hints: failure.hints, ..info },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_log_line_are_left_out() {
        for (line, expected) in [
            ("fetch https://ada:pw@git.example/x.git failed", "fetch https://git.example/x.git failed"),
            ("GET https://h/p?token=abc 401", "GET https://h/p 401"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer ••••"),
            ("password=hunter2 ok", "password=•••• ok"),
            ("token: xyz", "token: ••••"),
            ("GIT_TOKEN=ghp_1 git fetch", "GIT_TOKEN=•••• git fetch"),
            ("X-Api-Key: k1 sent", "X-Api-Key: •••• sent"),
            ("helm registry login --password hunter2 h", "helm registry login --password •••• h"),
            (r#"{"token": "abc"} {"password":"x"}"#, r#"{"token": •••• {"password"=••••"#),
            ("client-key-data: LS0tLS1CRUdJTiBQUk", "client-key-data: ••••"),
            ("got eyJhbGciOi.eyJzdWIi.c2ln back", "got •••• back"),
            ("nothing secret here", "nothing secret here"),
        ] {
            assert_eq!(without_secrets(line), expected);
        }
    }
}
