//! Comparison with what Go gives: the table of sprig cases, run as Helm runs a chart's template, as far as that needs
//! nothing of Helm.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use serde_json::Value as Json;

mod behaviour;
mod limits;
mod secrets;

use super::{Environment, register};
use crate::{
    Functions, Map, MissingKey, Numbers, Options, TemplateSet, Type, Value, execute, from_json, types,
};

const TEMPLATE: &str = "case/templates/main.yaml";
const VALUES: &Type = &Type::named_map("chartutil.Values", types::INTERFACE, &[]);

/// What only Helm has; a case that uses it belongs to the crate that knows Helm.
const HELM: [&str; 16] = [
    "toYaml",
    "fromYaml",
    "toToml",
    "fromToml",
    "fromJson",
    "include",
    "tpl",
    "required",
    "lookup",
    ".Chart",
    ".Files",
    ".Capabilities",
    ".Template",
    ".Subcharts",
    ".Release",
    "typeOf .",
];

fn functions() -> Arc<Functions> {
    let mut functions = Functions::builtin();
    register(&mut functions);
    Arc::new(functions)
}

/// Renders a template with values; the error is Go's text.
fn render(functions: &Arc<Functions>, template: &str, values: &Json) -> Result<Vec<u8>, String> {
    render_in(&Environment::new(1_700_000_000, 0, b"test"), functions, template, values)
}

fn render_in(
    environment: &Environment,
    functions: &Arc<Functions>,
    template: &str,
    values: &Json,
) -> Result<Vec<u8>, String> {
    let mut set = TemplateSet::new("gotpl", Arc::clone(functions));
    set.parse(TEMPLATE, template.as_bytes()).map_err(|error| error.to_string())?;
    let values = match from_json(values, Numbers::Float) {
        Value::Map(map) => map.retyped(VALUES),
        _ => Map::of(VALUES),
    };
    let root: BTreeMap<_, _> = [("Values".into(), Value::Map(values))].into();
    let root = Value::Map(Map::with_entries(VALUES, root));
    let options = Options { missing_key: MissingKey::Zero, host: Some(environment), ..Options::default() };
    let output = execute(&set, TEMPLATE, &root, &options).map_err(|failure| failure.error.text.clone())?;
    // As Helm does, whatever wrote it.
    let marker = b"<no value>";
    let mut cleaned = Vec::with_capacity(output.len());
    let mut rest = &output[..];
    while let Some(at) = memchr::memmem::find(rest, marker) {
        cleaned.extend_from_slice(&rest[..at]);
        rest = &rest[at + marker.len()..];
    }
    cleaned.extend_from_slice(rest);
    Ok(cleaned)
}

/// The output of a template without values, or what is wrong in Go's words without the place.
fn output(template: &str) -> String {
    match render(&functions(), template, &Json::Null) {
        Ok(output) => String::from_utf8_lossy(&output).into_owned(),
        Err(error) => match error.rsplit_once(": error calling ").and_then(|(_, rest)| rest.split_once(": "))
        {
            Some((_, text)) => format!("error: {text}"),
            None => format!("error: {error}"),
        },
    }
}

/// Checks templates against what Go gives.
fn check(cases: &[(&str, &str)]) {
    for (template, expected) in cases {
        assert_eq!(output(template), *expected, "{template}");
    }
}

/// Whether an error is the expected one, where Helm has not rewritten it or only moved its parts about.
fn same_error(found: &str, expected: &str) -> bool {
    let moved = |prefix: &str| {
        expected
            .strip_prefix(prefix)
            .and_then(|rest| rest.split_once("): "))
            .is_some_and(|(_, text)| found.ends_with(text))
    };
    found == expected || moved("execution error at (") || moved("parse error at (")
}

#[test]
fn every_case_of_the_sprig_table_gives_what_go_gives() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/go-template/sprig.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: sprig table: ../shared is missing");
        return;
    };
    let cases: Vec<Json> = serde_json::from_str(&text).unwrap();
    let functions = functions();
    let (mut failures, mut texts, mut helm, mut run) = (Vec::new(), Vec::new(), 0, 0);
    for case in &cases {
        let template = case["template"].as_str().unwrap();
        if HELM.iter().any(|name| template.contains(name)) || case.get("files").is_some() {
            helm += 1;
            continue;
        }
        run += 1;
        let expected = &case["expect"];
        let found = render(&functions, template, case.get("data").unwrap_or(&Json::Null));
        let wanted = match (expected["output"].as_str(), expected["outputBase64"].as_str()) {
            (Some(text), _) => Ok(text.as_bytes().to_vec()),
            (None, Some(text)) => Ok(base64::engine::general_purpose::STANDARD.decode(text).unwrap()),
            (None, None) => Err(expected["error"].as_str().unwrap_or_default().to_owned()),
        };
        let described = || {
            let show = |result: &Result<Vec<u8>, String>| match result {
                Ok(output) => format!("{:?}", String::from_utf8_lossy(output)),
                Err(error) => format!("error {error}"),
            };
            format!(
                "{}: {template}\n    expected {}\n    found    {}",
                case["id"],
                show(&wanted),
                show(&found)
            )
        };
        match (&found, &wanted) {
            (Ok(found), Ok(wanted)) if found == wanted => {}
            (Err(found), Err(wanted)) if same_error(found, wanted) => {}
            (Err(_), Err(_)) => texts.push(described()),
            _ => failures.push(described()),
        }
    }
    println!(
        "{run} run, {} differ, {} differ in the error's text, {helm} need Helm",
        failures.len(),
        texts.len()
    );
    failures.append(&mut texts);
    assert!(failures.is_empty(), "{} of {run}:\n{}", failures.len(), failures.join("\n"));
}
