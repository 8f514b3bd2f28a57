//! Whether a file has the ApplicationSet controller do progressive syncs, found without decoding it.
//!
//! The steps of a set (`RollingSync`) count only where they are switched on: by the flag `--enable-progressive-syncs`, its
//! variable, or the key of `argocd-cmd-params-cm`, which the chart argo-cd writes as well. Without any they are off
//! (`docs/operator-manual/applicationset/Progressive-Syncs.md` of argo-cd).

use memchr::memmem;

const MAP: &str = "argocd-cmd-params-cm";
const KEY: &str = "applicationsetcontroller.enable.progressive.syncs";
const FLAG: &str = "--enable-progressive-syncs";
const VARIABLE: &str = "ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS";

/// Whether a file switches progressive syncs on or off; `None` where it says nothing of them. A ConfigMap that could say it
/// and does not leaves them off.
pub(super) fn progressive_syncs(bytes: &[u8]) -> Option<bool> {
    let may = |needle: &str| memmem::find(bytes, needle.as_bytes()).is_some();
    if ![MAP, KEY, FLAG, VARIABLE].iter().any(|needle| may(needle)) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let said = (0..lines.len())
        .filter_map(|at| key(lines[at]).or_else(|| flag(lines[at])).or_else(|| variable(&lines, at)));
    // Where several are said, the flag and the variable win over the map; all that matters is whether one is.
    let said: Vec<bool> = said.collect();
    if !said.is_empty() {
        return Some(said.contains(&true));
    }
    let is_map = lines.iter().any(|line| line.trim_start() == "kind: ConfigMap")
        && lines
            .iter()
            .any(|line| value_of(line, "name") == Some(MAP) || line.contains(&format!("{{name: {MAP}")));
    is_map.then_some(false)
}

/// `KEY: "true"` of the map, or `KEY=true` of a generator.
fn key(line: &str) -> Option<bool> {
    let rest = line.split_once(KEY)?.1.trim_start_matches(['"', '\'']).trim_start();
    truth(rest.strip_prefix([':', '='])?)
}

/// The flag among arguments.
fn flag(line: &str) -> Option<bool> {
    let rest = line.split_once(FLAG)?.1;
    match rest.strip_prefix('=') {
        Some(value) => truth(value),
        None => (!rest.starts_with('-')).then_some(true),
    }
}

/// `name: VARIABLE` with `value:` beside it. One that is taken from the map says nothing itself.
fn variable(lines: &[&str], at: usize) -> Option<bool> {
    lines.get(at).filter(|line| line.contains(VARIABLE))?;
    let near = lines.get(at.saturating_sub(1)..(at + 2).min(lines.len()))?;
    near.iter().find_map(|line| truth(value_of(line, "value")?))
}

fn value_of<'l>(line: &'l str, field: &str) -> Option<&'l str> {
    let line = line.trim_start();
    let line = line.strip_prefix("- ").map_or(line, str::trim_start);
    Some(line.strip_prefix(field)?.strip_prefix(':')?.trim())
}

fn truth(text: &str) -> Option<bool> {
    let word = text.trim().trim_start_matches(['"', '\'']);
    let word = word.split(|end: char| !end.is_ascii_alphanumeric()).next().unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "true" | "1" | "t" => Some(true),
        "false" | "0" | "f" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::progressive_syncs;

    #[test]
    fn every_way_to_write_the_switch_is_found() {
        let map = "kind: ConfigMap\nmetadata:\n  name: argocd-cmd-params-cm\n";
        let data = |line: &str| format!("{map}data:\n  {line}\n");
        let cases = [
            (data("applicationsetcontroller.enable.progressive.syncs: \"true\""), Some(true)),
            (data("'applicationsetcontroller.enable.progressive.syncs': 'false'"), Some(false)),
            (data("# applicationsetcontroller.enable.progressive.syncs: \"true\""), Some(false)),
            (map.to_owned(), Some(false)),
            (
                "configs:\n  params:\n    applicationsetcontroller.enable.progressive.syncs: true\n".to_owned(),
                Some(true),
            ),
            (
                "- literals:\n  - applicationsetcontroller.enable.progressive.syncs=true\n".to_owned(),
                Some(true),
            ),
            ("args: [--enable-progressive-syncs]\n".to_owned(), Some(true)),
            ("- --enable-progressive-syncs=false\n".to_owned(), Some(false)),
            (
                "- name: ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS\n  value: \"true\"\n".to_owned(),
                Some(true),
            ),
            (
                "- name: ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS\n  valueFrom:\n    configMapKeyRef:\n      \
                 key: applicationsetcontroller.enable.progressive.syncs\n      name: argocd-cmd-params-cm\n"
                    .to_owned(),
                None,
            ),
            ("kind: ConfigMap\nmetadata:\n  name: argocd-cm\n".to_owned(), None),
        ];
        for (text, expected) in cases {
            assert_eq!(progressive_syncs(text.as_bytes()), expected, "{text}");
        }
    }
}
