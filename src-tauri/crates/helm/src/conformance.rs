//! Answers to the cases of `slipway conformance template` in the modes `helm` and `chart`.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map as JsonMap, Value as Json, json};
use slipway_model::Problem;

use crate::charts::load_files;
use crate::engine::{self, Printed};
use crate::failure::Failure;
use crate::node::Node;
use crate::options::{Mode, Options};
use crate::render::{capabilities, prepare, scoped};
use crate::values::Data;

/// Answers a case with `{"id"}` and one of `output`, `outputBase64`, `outputs` and `error`; beside it `warnings`, sorted,
/// where there are some. A case without a mode that is known has an error that says so.
#[must_use]
pub fn run_case(case: &Json) -> Json {
    let mut log = Vec::new();
    let outcome = match case.get("mode").and_then(Json::as_str) {
        Some("helm") => helm(case, &mut log),
        Some("chart") => chart(case, &mut log),
        _ => Err("the case has no mode `helm` or `chart`".to_owned()),
    };
    let several = case.get("mode").and_then(Json::as_str) == Some("chart");
    let mut answer = JsonMap::new();
    answer.insert("id".to_owned(), case.get("id").cloned().unwrap_or(Json::Null));
    match outcome {
        Ok(printed) => match printed.as_slice() {
            [(_, text)] if !several => match std::str::from_utf8(text) {
                Ok(text) => answer.insert("output".to_owned(), json!(text)),
                Err(_) => answer.insert("outputBase64".to_owned(), json!(base64(text))),
            },
            printed => {
                let texts = printed.iter().map(|(name, text)| {
                    (name.clone(), Json::String(String::from_utf8_lossy(text).into_owned()))
                });
                answer.insert("outputs".to_owned(), Json::Object(texts.collect()))
            }
        },
        Err(message) => answer.insert("error".to_owned(), json!(message)),
    };
    if !log.is_empty() {
        let mut warnings: Vec<&str> = log.iter().map(|problem: &Problem| problem.message.as_str()).collect();
        warnings.sort_unstable();
        answer.insert("warnings".to_owned(), json!(warnings));
    }
    Json::Object(answer)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The options that a case gives; Helm's own where it gives none.
fn options(case: &Json) -> Options {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let release = |name: &str| case.get("release").and_then(|release| release.get(name)).cloned();
    Options {
        release: release("Name").as_ref().and_then(text).unwrap_or_else(|| "rel".to_owned()),
        namespace: release("Namespace").as_ref().and_then(text).unwrap_or_else(|| "ns".to_owned()),
        revision: release("Revision").and_then(|revision| revision.as_i64()).unwrap_or(1),
        is_upgrade: release("IsUpgrade").and_then(|value| value.as_bool()).unwrap_or(false),
        kube_version: Some(case.get("kubeVersion").and_then(text).unwrap_or_else(|| "v1.30.0".to_owned())),
        api_versions: list(case, "apiVersions").iter().filter_map(text).collect(),
        now: NOW,
        mode: if case.get("strict") == Some(&Json::Bool(true)) { Mode::Strict } else { Mode::Normal },
        ..Options::default()
    }
}

/// The time at which cases run: those that show it have only its shape compared.
const NOW: i64 = 1_750_000_000;

fn list(case: &Json, name: &str) -> Vec<Json> {
    case.get(name).and_then(Json::as_array).cloned().unwrap_or_default()
}

fn texts(case: &Json, name: &str) -> Vec<(String, Bytes)> {
    let entries = case.get(name).and_then(Json::as_object);
    let entries = entries.into_iter().flatten();
    entries
        .filter_map(|(path, text)| Some((path.clone(), Bytes::copy_from_slice(text.as_str()?.as_bytes()))))
        .collect()
}

/// One template, and files beside it: `engine.Render` alone.
fn helm(case: &Json, log: &mut Vec<Problem>) -> Result<Printed, String> {
    use base64::Engine as _;
    const METADATA: &str =
        "apiVersion: v2\nname: case\nversion: 0.1.0\nappVersion: 1.2.3\ndescription: A case\n";
    let mut files = BTreeMap::from([("Chart.yaml".to_owned(), Bytes::from_static(METADATA.as_bytes()))]);
    let template = case.get("template").and_then(Json::as_str).ok_or("the case has no text `template`")?;
    files.insert("templates/main.yaml".to_owned(), Bytes::copy_from_slice(template.as_bytes()));
    files.extend(texts(case, "templates"));
    files.extend(texts(case, "files"));
    for (path, encoded) in texts(case, "filesBase64") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(&encoded);
        files.insert(path, Bytes::from(decoded.map_err(|error| error.to_string())?));
    }
    let options = options(case);
    let loaded = load_files(files).map_err(told)?;
    let root = Node::of(&loaded.chart, options.helm);
    let values = case.get("data").map_or_else(Data::empty_map, Data::decoded);
    let prepared = scoped(
        &root,
        values.to_map(crate::values::VALUES),
        &capabilities(&options).map_err(told)?,
        &options,
        None,
    );
    let set = engine::parse(&prepared.templates).map_err(told)?;
    let printed = engine::run(&set, &prepared.templates, &prepared.host, &options).map_err(told)?;
    log.append(&mut prepared.host.log.borrow_mut());
    Ok(printed)
}

/// A whole chart: loaded, its dependencies processed, its values laid over each other, its templates executed.
fn chart(case: &Json, log: &mut Vec<Problem>) -> Result<Printed, String> {
    let files: BTreeMap<String, Bytes> = texts(case, "chart").into_iter().collect();
    let options = options(case);
    let loaded = load_files(files).map_err(told)?;
    log.extend(loaded.log.iter().cloned());
    let root = Node::of(&loaded.chart, options.helm);
    let values = match case.get("values") {
        None | Some(Json::Null) => Data::empty_map(),
        Some(values) => Data::decoded(values),
    };
    let prepared = prepare(&root, &values, &capabilities(&options).map_err(told)?, &options, None, log, None)
        .map_err(told)?;
    let set = engine::parse(&prepared.templates).map(Arc::new).map_err(told)?;
    let printed = engine::run(&set, &prepared.templates, &prepared.host, &options).map_err(told)?;
    log.append(&mut prepared.host.log.borrow_mut());
    Ok(printed)
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to `map_err`")]
fn told(failure: Failure) -> String {
    failure.message().to_owned()
}
