//! How the tools word their errors, and what of it the user needs.

use std::path::Path;

use slipway_model::{Location, Problem, RepoPath, Tree};

/// How many warnings of one run are kept.
const MAX_WARNINGS: usize = 20;

/// Paths of the private copy and what they are called.
pub(crate) struct Names {
    /// Longest first, so that a directory does not spoil what is in it.
    replacements: Vec<(String, String)>,
}

impl Names {
    /// Names for a copy that stands for the root of the tree.
    pub(crate) fn new(copy: &Path) -> Self {
        let mut names = Self { replacements: Vec::new() };
        names.add(copy, "");
        names
    }

    /// Calls a path `name`.
    pub(crate) fn add(&mut self, path: &Path, name: &str) {
        let path = path.to_string_lossy();
        let below = if name.is_empty() { String::new() } else { format!("{name}/") };
        let own = if name.is_empty() { "." } else { name };
        self.replacements.push((format!("{path}{}", std::path::MAIN_SEPARATOR), below));
        self.replacements.push((path.into_owned(), own.to_owned()));
        self.replacements.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    }

    fn clean(&self, text: &str) -> String {
        self.replacements.iter().fold(text.to_owned(), |text, (path, name)| text.replace(path.as_str(), name))
    }
}

/// The problem of a failed `helm template`. Helm names templates by the chart's name, which is a directory
/// name only by custom: `NAME/templates/x.yaml:12:3`.
pub(crate) fn helm_problem(
    errors: &str,
    names: &Names,
    chart: &RepoPath,
    chart_name: &str,
    tool: &str,
) -> Problem {
    let (message, rest) = error_text(&names.clean(errors));
    let place = places(&message).into_iter().find_map(|place| {
        let below = place.path.strip_prefix(chart_name)?.strip_prefix('/')?;
        Some((chart.join(below).ok()?, place.line, place.column))
    });
    let on_template = template_after(&message, chart_name).and_then(|below| chart.join(below).ok());
    let location = match (place, on_template) {
        (Some((file, line, column)), _) => Location { file: file.to_string(), line, column },
        // The line of a YAML error is one of the rendered text.
        (None, Some(file)) => Location::file(&file),
        (None, None) => Location::file(chart),
    };
    let code = if message.contains("missing in charts/ directory") {
        "missing-dependency"
    } else if message.contains("schema(s)") {
        "values-schema"
    } else {
        "helm-error"
    };
    let mut problem = Problem::error(code, format!("{message} ({tool})")).at(location);
    problem.hints = rest;
    match code {
        "missing-dependency" => problem
            .hint("run `helm dependency build` and commit `charts/`; dependencies are not fetched here"),
        _ => problem,
    }
}

/// The problem of a failed `kustomize build`.
pub(crate) fn kustomize_problem(
    errors: &str,
    names: &Names,
    tree: &dyn Tree,
    kustomization: &RepoPath,
    tool: &str,
) -> Problem {
    let (message, rest) = error_text(&names.clean(errors));
    let directory = kustomization.parent().unwrap_or_default();
    // The innermost file that the text names and that is there: texts wrap each other, outermost first.
    let file = message
        .split(|character: char| character.is_whitespace() || "'\"`,;()[]".contains(character))
        .filter_map(|word| {
            let word = word.trim_matches(':');
            let is_file_name =
                [".yaml", ".yml", ".json", ".env", "Kustomization"].iter().any(|end| word.ends_with(end));
            let candidates = [RepoPath::new(word).ok(), directory.join(word).ok()];
            candidates
                .into_iter()
                .flatten()
                .find(|path| is_file_name && matches!(tree.read(path), Ok(Some(_))))
        })
        .next_back()
        .unwrap_or_else(|| kustomization.clone());
    let line = after(&message, "yaml: line ").and_then(|rest| number(rest).map(|(line, _)| line));
    let location = Location { file: file.to_string(), line, column: None };
    let code = if message.starts_with("security; ") || message.contains(": security; ") {
        "load-restriction"
    } else if message.contains("must specify --enable-helm") {
        "helm-not-enabled"
    } else if message.contains("cycle detected") {
        "kustomize-cycle"
    } else {
        "kustomize-error"
    };
    let mut problem = Problem::error(code, format!("{message} ({tool})")).at(location);
    problem.hints = rest;
    match code {
        "load-restriction" => {
            problem.hint("`--load-restrictor none` lets it read the rest of the repository")
        }
        "helm-not-enabled" => problem.hint("`--enable-helm` lets it inflate charts"),
        _ => problem,
    }
}

/// What a tool says beside a good result, line by line.
pub(crate) fn warnings(errors: &str, names: &Names, at: &RepoPath) -> Vec<Problem> {
    let text = names.clean(errors);
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(|line| line.trim_start_matches('#').trim()) {
        // Each base says the same again.
        if !line.is_empty() && !lines.contains(&line) && lines.len() < MAX_WARNINGS {
            lines.push(line);
        }
    }
    lines
        .into_iter()
        .map(|line| {
            // What is deprecated works as its author expects.
            let problem = if line.contains("deprecated") {
                Problem::info("tool-warning", line)
            } else {
                Problem::warning("tool-warning", line)
            };
            problem.at(Location::file(at))
        })
        .collect()
}

/// The message of an error text and its further lines. Debug advice and empty lines are left out; a first line
/// that only announces the others is joined with them.
fn error_text(text: &str) -> (String, Vec<String>) {
    let text = unwrap_log(text);
    let mut lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with("Use --debug flag"))
        .collect();
    // Warnings come before the error.
    if let Some(first) =
        lines.iter().position(|line| line.starts_with("Error: ") || line.starts_with("error: "))
    {
        lines.drain(..first);
    }
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or("it failed without a word");
    let message = first.strip_prefix("Error: ").or(first.strip_prefix("error: ")).unwrap_or(first);
    let mut message = message.to_owned();
    let mut rest: Vec<String> = lines.map(str::to_owned).collect();
    if message.ends_with(':') && !rest.is_empty() {
        message = format!(
            "{message} {}",
            rest.drain(..).map(|line| line.trim().to_owned()).collect::<Vec<_>>().join(" ")
        );
    }
    // Kustomize quotes the configuration of a generator before it says what is wrong with it.
    if let Some(begin) = message.strip_suffix(" with config: `")
        && let Some(reason) = rest.iter().find_map(|line| line.strip_prefix("`: "))
    {
        message = format!("{begin}: {reason}");
        rest.clear();
    }
    rest.truncate(MAX_WARNINGS);
    (message, rest)
}

/// The error in a log line of kubectl: `E1125 16:23:20.1 3698 run.go:72] "command failed" err="…"`, where a text
/// of several lines stands between `err=<` and a line `>`, each line after a tab.
fn unwrap_log(text: &str) -> String {
    let Some(error) = after(text, "] \"command failed\" err=") else { return text.to_owned() };
    if let Some(block) = error.strip_prefix('<') {
        let lines = block.lines().skip(1).take_while(|line| line.trim() != ">");
        return lines.map(|line| format!("{}\n", line.strip_prefix('\t').unwrap_or(line))).collect();
    }
    // Go quotes as JSON does, but for rare escapes; then the quoted text has to do.
    let line = error.lines().next().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|_| line.to_owned())
}

struct Place<'a> {
    path: &'a str,
    line: Option<u32>,
    column: Option<u32>,
}

/// Every `PATH:LINE` and `PATH:LINE:COLUMN` of a text.
fn places(text: &str) -> Vec<Place<'_>> {
    text.split(|character: char| character.is_whitespace() || "()\"'<>".contains(character))
        .filter_map(|word| {
            let (path, rest) = word.split_once(':')?;
            let (line, rest) = number(rest)?;
            // Go templates count columns from 0.
            let column = rest.strip_prefix(':').and_then(number).map(|(column, _)| column + 1);
            path.contains('/').then_some(Place { path, line: Some(line), column })
        })
        .collect()
}

/// The path below the chart in `YAML parse error on NAME/templates/x.yaml: …`.
fn template_after<'a>(message: &'a str, chart_name: &str) -> Option<&'a str> {
    let rest = after(message, "error on ")?;
    let path = rest.split(": ").next()?.trim_end_matches(':');
    path.strip_prefix(chart_name)?.strip_prefix('/')
}

fn after<'a>(text: &'a str, marker: &str) -> Option<&'a str> {
    text.find(marker).map(|start| &text[start + marker.len()..])
}

/// The number that a text begins with, and the rest.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok().map(|number| (number, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::MemoryTree;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    /// Texts of helm v3.22.0.
    #[test]
    fn helm_errors_point_into_the_chart() {
        let names = Names::new(Path::new("/private/copy-1"));
        for (text, expected) in [
            (
                "Error: template: web/templates/a.yaml:3:12: executing \"web/templates/a.yaml\" at <.Values.x.y>: nil pointer\n\nUse --debug flag to render out invalid YAML\n",
                "helm-error charts/api/templates/a.yaml:3:13",
            ),
            (
                "Error: parse error at (web/templates/a.yaml:2): missing value for if\n",
                "helm-error charts/api/templates/a.yaml:2",
            ),
            (
                "Error: YAML parse error on web/templates/a.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context\n",
                "helm-error charts/api/templates/a.yaml",
            ),
            (
                "coalesce.go:1: warning: x\nError: execution error at (web/charts/db/templates/a.yaml:3:5): x is needed\n",
                "helm-error charts/api/charts/db/templates/a.yaml:3:6",
            ),
            (
                "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- at '': missing property 'q'\n\n",
                "values-schema charts/api",
            ),
            (
                "Error: An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: db\n",
                "missing-dependency charts/api",
            ),
        ] {
            let problem = helm_problem(text, &names, &path("charts/api"), "web", "helm v3.22.0");
            assert_eq!(format!("{} {}", problem.code, problem.location.unwrap()), expected, "{text}");
            assert!(problem.message.ends_with(" (helm v3.22.0)"));
        }
    }

    /// Texts of kustomize v5.8.2 and kubectl v1.32.4.
    #[test]
    fn kustomize_errors_name_the_innermost_file() {
        let tree =
            MemoryTree::new([("k/kustomization.yaml", ""), ("k/a.yaml", ""), ("b/kustomization.yaml", "")]);
        let names = Names::new(Path::new("/private/copy-1"));
        for (text, expected) in [
            (
                "Error: accumulating resources: accumulating resources from 'a.yaml': MalformedYAMLError: yaml: line 7: did not find expected node content in File: a.yaml\n",
                "kustomize-error k/a.yaml:7",
            ),
            (
                "Error: invalid Kustomization: json: unknown field \"foo\"\n",
                "kustomize-error k/kustomization.yaml",
            ),
            (
                "Error: security; file '/private/copy-1/c/values.yaml' is not in or below '/private/copy-1/k'\n",
                "load-restriction k/kustomization.yaml",
            ),
            (
                "Error: accumulating resources: accumulation err='accumulating resources from '../b': read /private/copy-1/b/kustomization.yaml: x'\n",
                "kustomize-error b/kustomization.yaml",
            ),
        ] {
            let problem =
                kustomize_problem(text, &names, &tree, &path("k/kustomization.yaml"), "kustomize v5.8.2");
            assert_eq!(
                format!("{} {}", problem.code, problem.location.as_ref().unwrap()),
                expected,
                "{text}"
            );
            assert!(!problem.message.contains("/private"), "{}", problem.message);
            for noise in ["config:", "E1125", "\\\"", "rror: acc"] {
                assert!(!problem.message.contains(noise), "{}", problem.message);
            }
        }
    }
}
