//! `cargo xtask regenerate [DIRECTORY]`: writes the tables of the crate `schema` anew.
//!
//! The source is a directory of facts taken from Kubernetes (`resources.json`, `types.json`, `defaults.json`,
//! `immutable.json`, `restarts.json`) and the list of API versions Helm knows without a cluster. The tables
//! are lines of text, so that a new Kubernetes version is a diff a person can review. Equal input gives equal
//! bytes.

mod protobuf;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Where the facts are by default, from the root of the workspace.
const FACTS: &str = "../shared/data/k8s-schema";
/// The list of API versions, from the directory of facts.
const API_VERSIONS: &str = "../../corpora/helm/API-VERSIONS.txt";

/// Where the table of field numbers goes, from the root of the workspace.
const MESSAGES: &str = "src-tauri/crates/sandbox/src/protobuf/messages.txt";

/// Reads the facts in `directory` (default: beside the workspace) and writes the tables. The table of field numbers
/// is written where the Go modules it comes from are downloaded, and left as it is where they are not.
///
/// # Errors
/// When a file of facts is missing or does not have the expected shape.
pub(crate) fn run(directory: Option<&str>) -> Result<()> {
    let workspace = workspace();
    let facts = directory.map_or_else(|| workspace.join(FACTS), PathBuf::from);
    for (name, text) in tables(&facts)? {
        let path = workspace.join("src-tauri/crates/schema/src/tables").join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(modules) = modules() {
        let text = protobuf::table(&modules, &read(&facts, "types.json")?)?;
        let path = workspace.join(MESSAGES);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The directory of the downloaded Go modules of Kubernetes, if `k8s.io/api` is there.
fn modules() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join("go"));
    let root = std::env::var_os("GOPATH").map(PathBuf::from).or_else(home)?;
    let modules = root.join("pkg/mod/k8s.io");
    modules.join("api@v0.37.0").is_dir().then_some(modules)
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Computes every table: file name and text.
fn tables(facts: &Path) -> Result<Vec<(&'static str, String)>> {
    let types = read(facts, "types.json")?;
    let versions = facts.join(API_VERSIONS);
    let versions = std::fs::read_to_string(&versions)
        .with_context(|| format!("cannot read the API versions from {}", versions.display()))?;
    Ok(vec![
        ("resources.txt", resources(&read(facts, "resources.json")?, &types)?),
        ("types.txt", types_table(&types)?),
        ("defaults.txt", defaults(&read(facts, "defaults.json")?)?),
        ("immutable.txt", immutable(&read(facts, "immutable.json")?)?),
        ("restarts.txt", restarts(&read(facts, "restarts.json")?)?),
        ("api-versions.txt", api_versions(&versions)),
    ])
}

fn read(facts: &Path, name: &str) -> Result<Value> {
    let path = facts.join(name);
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!(
            "cannot read {}; name the directory of facts: cargo xtask regenerate DIRECTORY",
            path.display()
        )
    })?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}

fn object(value: &Value) -> Result<BTreeMap<&str, &Value>> {
    let map = value.as_object().with_context(|| format!("expected a map, found {value}"))?;
    Ok(map.iter().map(|(key, value)| (key.as_str(), value)).collect())
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().with_context(|| format!("expected a list, found {value}"))
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field].as_str().with_context(|| format!("expected text in `{field}` of {value}"))
}

/// A list of words as one word; `-` where there is none.
fn words(value: &Value) -> Result<String> {
    if value.is_null() {
        return Ok("-".to_owned());
    }
    let words = array(value)?.iter().map(|word| word.as_str().context("expected text in a list"));
    Ok(words.collect::<Result<Vec<_>>>()?.join(","))
}

fn resources(resources: &Value, types: &Value) -> Result<String> {
    let mut out = String::from(
        "# apiVersion kind plural singular flags short-names categories subresources verbs type\n\
         # flags: n namespaced, p the version clients prefer; - for nothing\n",
    );
    for resource in array(resources)? {
        let (group, version, kind) =
            (text(resource, "group")?, text(resource, "version")?, text(resource, "kind")?);
        let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        let mut flags = String::new();
        if resource["namespaced"] == true {
            flags.push('n');
        }
        if resource["preferred"] == true {
            flags.push('p');
        }
        if flags.is_empty() {
            flags.push('-');
        }
        let type_name = types["kinds"][format!("{api_version}/{kind}")].as_str().unwrap_or("-");
        writeln!(
            out,
            "{api_version} {kind} {} {} {flags} {} {} {} {} {type_name}",
            text(resource, "plural")?,
            text(resource, "singular")?,
            words(&resource["shortNames"])?,
            words(&resource["categories"])?,
            words(&resource["subresources"])?,
            words(&resource["verbs"])?,
        )?;
    }
    Ok(out)
}

fn types_table(types: &Value) -> Result<String> {
    let mut out = String::from(
        "# A type, then its fields: name, type ([] list of, {} map of), facts.\n\
         # list=, keys=: server-side apply; patch=, merge=: strategic merge; atomic: owned as a whole\n",
    );
    for (name, fields) in object(&types["types"])? {
        writeln!(out, "{name}")?;
        for (field, facts) in object(fields)? {
            let prefix = match facts["of"].as_str() {
                Some("list") => "[]",
                Some("map") => "{}",
                Some(other) => bail!("unknown container `{other}` of {name}.{field}"),
                None => "",
            };
            let mut element = text(facts, "type")?;
            if element == "list of string" {
                element = "strings";
            }
            write!(out, " {field} {prefix}{element}")?;
            for (word, fact) in [("list", "list"), ("patch", "patch"), ("merge", "mergeKey")] {
                if let Some(value) = facts[fact].as_str() {
                    write!(out, " {word}={value}")?;
                }
            }
            if !facts["keys"].is_null() {
                write!(out, " keys={}", words(&facts["keys"])?)?;
            }
            if facts["struct"] == "atomic" {
                out.push_str(" atomic");
            }
            if facts["required"] == true {
                out.push_str(" required");
            }
            out.push('\n');
        }
    }
    Ok(out)
}

fn defaults(defaults: &Value) -> Result<String> {
    let mut out = String::from(
        "# A kind, then its defaults: path, JSON value.\n\
         # + before the path: the value appears with every object, - : with what encloses it\n",
    );
    for (kind, rows) in object(defaults)? {
        writeln!(out, "{kind}")?;
        for row in array(rows)? {
            let sign = match text(row, "when")? {
                "always" => '+',
                "parent" => '-',
                other => bail!("unknown condition `{other}` of a default of {kind}"),
            };
            writeln!(out, " {sign}{} {}", text(row, "path")?, row["value"])?;
        }
    }
    Ok(out)
}

/// Turns the probes (one changed field each) into rules: the field the server's message names is immutable
/// with everything below it, but for the fields below it that a probe could change.
fn immutable(probes: &Value) -> Result<String> {
    let mut rules: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for probe in array(probes)? {
        let (kind, path) = (text(probe, "kind")?, text(probe, "path")?);
        if path.starts_with("metadata/") || probe["change"] == Value::Array(Vec::new()) {
            continue;
        }
        let rule = match text(probe, "result")? {
            "mutable" if probe["change"].is_null() => continue,
            "mutable" => format!("= {}", pattern(path)),
            "immutable" => {
                let error = text(probe, "error")?;
                let (field, message) = error.split_once(": ").context("an error names its field")?;
                if message.contains("can not be less") {
                    continue;
                }
                let field = without_positions(field);
                let root = if pattern(path).starts_with(&field) { field } else { pattern(path) };
                let condition = if message.contains("when `immutable` is set") { "?" } else { "!" };
                let reason = message.strip_prefix("Forbidden: ").map_or_else(
                    || {
                        let reason = message.rsplit_once(": ").map_or("", |(_, reason)| reason);
                        let known = reason.starts_with("field is") || reason.starts_with("may not");
                        // Long messages are cut off in the facts; they all end in this sentence.
                        format!("invalid {}", if known { reason } else { "field is immutable" })
                    },
                    |reason| format!("forbidden {}", first_sentence(reason)),
                );
                format!("{condition} {root} {reason}")
            }
            _ => continue,
        };
        rules.entry(kind).or_default().insert(rule);
    }
    let mut out = String::from(
        "# A kind, then its rules: ! immutable, ? immutable where the object says `immutable: true`,\n\
         # = may change although something above it may not; path, kind of cause, message\n",
    );
    for (kind, rules) in rules {
        let roots: Vec<String> = rules
            .iter()
            .filter(|rule| !rule.starts_with('='))
            .filter_map(|rule| rule.split(' ').nth(1).map(str::to_owned))
            .collect();
        if roots.is_empty() {
            continue;
        }
        writeln!(out, "{kind}")?;
        for rule in rules {
            let below_a_root = |path: &str| roots.iter().any(|root| path.starts_with(&format!("{root}.")));
            if rule.strip_prefix("= ").is_none_or(below_a_root) {
                writeln!(out, " {rule}")?;
            }
        }
    }
    Ok(out)
}

/// The first line, without the explanations the server adds in parentheses.
fn first_sentence(text: &str) -> &str {
    let line = text.split('\n').next().unwrap_or(text);
    line.split(" (only").next().unwrap_or(line).trim_end_matches('.')
}

/// `spec/containers/0/image` → `spec.containers[].image`.
fn pattern(path: &str) -> String {
    let mut out = String::new();
    for segment in path.split('/') {
        if segment.bytes().all(|byte| byte.is_ascii_digit()) {
            out.push_str("[]");
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(segment);
        }
    }
    out
}

/// `spec.clusterIPs[0]` → `spec.clusterIPs`.
fn without_positions(field: &str) -> String {
    field.split('[').next().unwrap_or(field).to_owned()
}

fn restarts(restarts: &Value) -> Result<String> {
    let mut out =
        String::from("# A kind, then fields: + a change restarts its pods, - a change never does\n");
    for (kind, facts) in object(&restarts["kinds"])? {
        writeln!(out, "{kind}")?;
        for (sign, field) in [('+', "restartsOn"), ('-', "neverOn")] {
            for line in array(&facts[field])? {
                let line = line.as_str().context("expected text in a list")?;
                // A line names one or more fields and may explain them in parentheses.
                let named = line.split(" (").next().unwrap_or(line);
                for path in named.split([' ', ',']).filter(|word| word.contains('.')) {
                    writeln!(out, " {sign}{}", path.trim_end_matches(".*"))?;
                }
            }
        }
    }
    Ok(out)
}

fn api_versions(list: &str) -> String {
    let mut out = String::from("# The API versions Helm assumes where no cluster is asked.\n");
    for line in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_tables_are_what_regenerating_gives() {
        let facts = workspace().join(FACTS);
        if !facts.exists() {
            println!("skipped: the_committed_tables_are_what_regenerating_gives: ../shared is missing");
            return;
        }
        for (name, expected) in tables(&facts).unwrap() {
            let path = workspace().join("src-tauri/crates/schema/src/tables").join(name);
            let committed = std::fs::read_to_string(&path).unwrap();
            assert!(committed == expected, "{name} is stale: run `cargo xtask regenerate`");
        }
    }

    #[test]
    fn the_committed_field_numbers_are_what_regenerating_gives() {
        let facts = workspace().join(FACTS);
        let (true, Some(modules)) = (facts.exists(), modules()) else {
            println!(
                "skipped: the_committed_field_numbers_are_what_regenerating_gives: ../shared or the Go modules of \
                 Kubernetes are missing"
            );
            return;
        };
        let expected = protobuf::table(&modules, &read(&facts, "types.json").unwrap()).unwrap();
        assert!(
            std::fs::read_to_string(workspace().join(MESSAGES)).unwrap() == expected,
            "run `cargo xtask regenerate`"
        );
    }

    #[test]
    fn positions_become_patterns() {
        assert_eq!(pattern("spec/containers/0/image"), "spec.containers[].image");
        assert_eq!(without_positions("spec.clusterIPs[0]"), "spec.clusterIPs");
    }
}
