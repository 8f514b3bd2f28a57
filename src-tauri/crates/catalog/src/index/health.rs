//! Whether a file has Argo CD check the health of Applications, found without decoding it.
//!
//! Since Argo CD 1.8 no health check of `argoproj.io/Application` is built in; without one, a parent's sync waves do
//! not wait for child Applications (`docs/operator-manual/health.md` of argo-cd). It is configured in `argocd-cm`,
//! which comes about in many ways: as a ConfigMap, a patch of one, a generator's literal or file, values of the
//! chart argo-cd, or by the operator's resource ArgoCD. All of them write the same keys.

use memchr::memmem;

/// The key of `argocd-cm` that holds the check.
const KEY: &str = "resource.customizations.health.argoproj.io_Application";

/// Whether a file configures a health check of Applications.
pub(super) fn checks_application_health(bytes: &[u8]) -> bool {
    let may = |needle: &[u8]| memmem::find(bytes, needle).is_some();
    let may_check = may(b"argoproj.io_Application")
        || may(b"argoproj.io/Application")
        || (may(b"resourceHealthChecks") && may(b"argoproj.io"));
    if !may_check {
        return false;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).collect();
    (0..lines.len()).any(|at| is_key(&lines, at) || is_entry(&lines, at) || is_check_of_operator(&lines, at))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What follows the word `key` of a line, where it is written whole; quotes are looked through.
fn after_word<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let at = line.find(key)?;
    let rest = line.get(at + key.len()..)?.trim_start_matches(['"', '\'']);
    let is_whole = !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
    is_whole.then_some(rest)
}

/// `resource.customizations.health.argoproj.io_Application: |`, `…Application=FILE` of a generator, or the path of
/// a JSON patch that adds it.
fn is_key(lines: &[&str], at: usize) -> bool {
    let Some(rest) = lines.get(at).and_then(|line| after_word(line, KEY)) else { return false };
    if let Some(value) = rest.trim_start().strip_prefix(':') {
        return !matches!(value.trim(), "" | "\"\"" | "''" | "null" | "~");
    }
    if rest.starts_with('=') {
        return true;
    }
    let is_path = lines[at].trim_start().trim_start_matches("- ").starts_with("path:");
    let near = lines.get(at.saturating_sub(2)..(at + 3).min(lines.len())).unwrap_or_default();
    is_path && !near.iter().any(|line| line.contains("op:") && line.contains("remove"))
}

/// `argoproj.io/Application:` with `health.lua:` below it, in the older `resource.customizations`.
fn is_entry(lines: &[&str], at: usize) -> bool {
    let line = lines[at];
    let is_entry = line.trim_start().trim_start_matches(['"', '\'']).starts_with("argoproj.io/Application")
        && after_word(line, "argoproj.io/Application").is_some_and(|rest| rest.trim() == ":");
    is_entry
        && lines[at + 1..]
            .iter()
            .take_while(|below| indent(below) > indent(line))
            .any(|below| below.trim_start().starts_with("health.lua:"))
}

/// An item of `resourceHealthChecks` of the operator's ArgoCD with this group and kind.
fn is_check_of_operator(lines: &[&str], at: usize) -> bool {
    let line = lines[at];
    if !line.trim_start().starts_with("resourceHealthChecks:") {
        return false;
    }
    let is_below = |below: &&&str| {
        indent(below) > indent(line)
            || (indent(below) == indent(line) && below.trim_start().starts_with("- "))
    };
    let (mut group, mut kind) = (false, false);
    for below in lines[at + 1..].iter().take_while(is_below) {
        let written = below.trim_start();
        let field = written.strip_prefix("- ").map_or(written, str::trim_start);
        if field.len() != written.len() {
            (group, kind) = (false, false);
        }
        let value = |name: &str| field.strip_prefix(name).map(|value| value.trim().trim_matches(['"', '\'']));
        group |= value("group:") == Some("argoproj.io");
        kind |= value("kind:") == Some("Application");
        if group && kind {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::checks_application_health;

    #[test]
    fn every_way_to_write_the_check_is_found() {
        let cases: &[(&str, bool)] = &[
            ("data:\n  resource.customizations.health.argoproj.io_Application: |\n    hs = {}\n", true),
            (
                "configs:\n  cm:\n    \"resource.customizations.health.argoproj.io_Application\": |\n      x\n",
                true,
            ),
            ("data:\n  # resource.customizations.health.argoproj.io_Application: |\n  a: b\n", false),
            ("data:\n  resource.customizations.health.argoproj.io_Application: \"\"\n", false),
            ("data:\n  resource.customizations.health.argoproj.io_ApplicationSet: |\n    x\n", false),
            (
                "configMapGenerator:\n- name: argocd-cm\n  files:\n  \
                 - resource.customizations.health.argoproj.io_Application=health.lua\n",
                true,
            ),
            (
                "- op: add\n  path: /data/resource.customizations.health.argoproj.io_Application\n  value: x\n",
                true,
            ),
            ("- op: remove\n  path: /data/resource.customizations.health.argoproj.io_Application\n", false),
            (
                "data:\n  resource.customizations: |\n    argoproj.io/Application:\n      health.lua: |\n        x\n",
                true,
            ),
            (
                "data:\n  resource.customizations: |\n    argoproj.io/Application:\n      actions: |\n        x\n    \
                 apps/Deployment:\n      health.lua: |\n        x\n",
                false,
            ),
            (
                "kind: ArgoCD\nspec:\n  resourceHealthChecks:\n  - check: |\n      x\n    group: argoproj.io\n    \
                 kind: Application\n",
                true,
            ),
            (
                "kind: ArgoCD\nspec:\n  resourceHealthChecks:\n  - group: argoproj.io\n    kind: Rollout\n  \
                 - group: x\n    kind: Application\n",
                false,
            ),
            ("apiVersion: argoproj.io/v1alpha1\nkind: Application\n", false),
        ];
        for (text, expected) in cases {
            assert_eq!(checks_application_health(text.as_bytes()), *expected, "{text}");
        }
    }
}
