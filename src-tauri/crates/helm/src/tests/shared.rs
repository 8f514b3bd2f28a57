//! The truth tables for Helm's functions and for whole charts.

use std::path::Path;

use serde_json::Value;

use crate::conformance::run_case;

fn table(name: &str) {
    let file =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/go-template")).join(name);
    let Ok(text) = std::fs::read_to_string(file) else {
        eprintln!("skipped: {name}: ../shared is missing");
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() > 50, "the table is there");
    let mut wrong = Vec::new();
    for case in &cases {
        let (expected, answer) = (&case["expect"], run_case(case));
        let equal = ["output", "outputBase64", "outputs", "error", "warnings"]
            .iter()
            .all(|key| expected.get(key).is_none_or(|expected| answer.get(key) == Some(expected)));
        let contained = expected.get("errorContains").is_none_or(|end| {
            let error = answer["error"].as_str().unwrap_or_default();
            error.contains(end.as_str().unwrap())
                && Some(error.len() as u64) == expected["errorLength"].as_u64()
        });
        if !(equal && contained) {
            wrong.push(format!("{}: {answer}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

#[test]
fn functions_and_objects_are_those_of_helm() {
    table("helm.json");
}

#[test]
fn whole_charts_are_those_of_helm() {
    table("chart.json");
}
