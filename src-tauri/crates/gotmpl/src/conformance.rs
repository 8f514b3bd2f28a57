//! Running the cases of the conformance tables from outside: one JSON object in, one out.

use std::sync::Arc;

use base64::Engine as _;
use serde_json::{Map as JsonMap, Value as Json};

use crate::{Functions, MissingKey, Numbers, Options, TemplateSet, Value, execute, from_json};

/// Runs a case of mode `text`: `templates` are parsed first, in the order of their names, then `template` as `main`, which
/// is executed with `data`; only the builtin functions are there. The result has `id` and `output` (or `outputBase64`
/// where that is no UTF-8), or `error`, with `partial` where execution had begun.
pub fn run_text_case(case: &Json) -> Json {
    let mut result = JsonMap::new();
    result.insert("id".into(), case.get("id").cloned().unwrap_or(Json::Null));
    let mut set = TemplateSet::new("main", Arc::new(Functions::builtin()));
    let mut texts: Vec<(&str, &str)> = case
        .get("templates")
        .and_then(Json::as_object)
        .map(|texts| texts.iter().filter_map(|(name, text)| Some((name.as_str(), text.as_str()?))).collect())
        .unwrap_or_default();
    texts.sort_unstable();
    texts.push(("main", case.get("template").and_then(Json::as_str).unwrap_or_default()));
    for (name, text) in texts {
        if let Err(error) = set.parse(name, text.as_bytes()) {
            result.insert("error".into(), error.to_string().into());
            return Json::Object(result);
        }
    }
    let data = case.get("data").map_or(Value::Nil, |data| from_json(data, Numbers::Float));
    let missing_key = match case.get("missingkey").and_then(Json::as_str) {
        Some("zero") => MissingKey::Zero,
        Some("error") => MissingKey::Error,
        _ => MissingKey::Default,
    };
    match execute(&set, "main", &data, &Options { missing_key, ..Options::default() }) {
        Ok(output) => insert_output(&mut result, output),
        Err(failure) => {
            result.insert("error".into(), failure.error.text.clone().into());
            result.insert("partial".into(), crate::go::to_lossy(&failure.partial).into());
        }
    }
    Json::Object(result)
}

fn insert_output(result: &mut JsonMap<String, Json>, output: Vec<u8>) {
    match String::from_utf8(output) {
        Ok(text) => result.insert("output".into(), text.into()),
        Err(error) => {
            let encoded = base64::engine::general_purpose::STANDARD.encode(error.as_bytes());
            result.insert("outputBase64".into(), encoded.into())
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_the_core_table_gives_what_go_gives() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/go-template/core.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("skipped: core table: ../shared is missing");
            return;
        };
        let cases: Vec<Json> = serde_json::from_str(&text).unwrap();
        let mut failures = Vec::new();
        for case in &cases {
            let (expected, found) = (&case["expect"], run_text_case(case));
            let same = ["output", "outputBase64", "error", "partial"].iter().all(|key| {
                match (expected.get(key), found.get(key)) {
                    (None, _) if *key == "partial" => true,
                    (expected, found) => expected == found,
                }
            });
            if !same {
                failures.push(format!(
                    "{}: {}\n    expected {expected}\n    found    {found}",
                    case["id"], case["template"]
                ));
            }
        }
        assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
    }
}
