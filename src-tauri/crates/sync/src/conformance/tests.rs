//! The recorded cases of Argo CD, where they are there.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

/// Reads the cases of a set; `None`, with a word, where they are not there.
fn cases(name: &str) -> Option<Vec<Value>> {
    let path = format!("{}/../../../../shared/data/{name}/cases.jsonl", env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: {name}: ../shared is missing");
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// An empty value and an absent one are the same, and the order of what runs together is free.
fn tidy(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, field)| {
                !field.is_null()
                    && **field != ""
                    && **field != false
                    && (!field.as_array().is_some_and(Vec::is_empty) || *key == "batches")
            })
            .map(|(key, field)| {
                let mut field = tidy(field);
                match (key.as_str(), &mut field) {
                    ("dryRun" | "cluster" | "results", Value::Array(items)) => {
                        items.sort_by_key(Value::to_string);
                    }
                    ("batches", Value::Array(batches)) => {
                        for batch in batches.iter_mut().filter_map(Value::as_array_mut) {
                            batch.sort_by_key(Value::to_string);
                        }
                    }
                    _ => {}
                }
                (key.clone(), field)
            })
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect(),
        Value::Array(items) => items.iter().map(tidy).collect(),
        other => other.clone(),
    }
}

fn without_messages(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("message");
            fields.values_mut().for_each(without_messages);
        }
        Value::Array(items) => items.iter_mut().for_each(without_messages),
        _ => {}
    }
}

#[test]
fn every_recorded_plan_is_played_as_argo_cd_played_it() {
    let Some(cases) = cases("argocd-plan") else { return };
    let mut failures = Vec::new();
    for case in &cases {
        let (mut expected, mut answer) = (tidy(&case["expect"]), super::plan(case));
        if let Some(fields) = answer.as_object_mut() {
            fields.remove("id");
        }
        answer = tidy(&answer);
        if case["compare"] == "no-messages" {
            without_messages(&mut expected);
            without_messages(&mut answer);
        }
        for part in ["valid", "tasks", "steps", "phase", "message", "results", "cluster"] {
            if expected.get(part) != answer.get(part) {
                failures.push(format!(
                    "{}: {part}: {:?} is not {:?}",
                    case["id"],
                    answer.get(part),
                    expected.get(part)
                ));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{} of {} differ:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// The kinds that have a rule of their own here; all others are judged by scripts upstream.
#[test]
fn every_built_in_rule_judges_as_recorded() {
    let Some(cases) = cases("argocd-health") else { return };
    let mut failures = Vec::new();
    let mut judged = 0;
    for case in &cases {
        let (group, kind) = (case["group"].as_str().unwrap(), case["kind"].as_str().unwrap());
        if !crate::health::has_rule(group, kind)
            || case.get("customizations").is_some()
            || case["mode"] == "script"
        {
            continue;
        }
        judged += 1;
        let answer = super::health(case);
        let same_status = case["expect"]["status"] == answer["status"];
        let same_message = case["compare"] == "status"
            || case["expect"]["message"].as_str().unwrap_or_default() == answer["message"];
        if !same_status || !same_message {
            failures.push(format!("{}: {answer} is not {}", case["id"], case["expect"]));
        }
    }
    assert!(judged > 200, "only {judged} cases have a built-in rule");
    assert!(failures.is_empty(), "{} of {judged} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn a_case_that_cannot_be_read_is_answered() {
    let answer = super::plan(&serde_json::json!({"id": "x", "targets": 7}));
    assert_eq!(answer["id"], "x");
    assert!(answer["error"].is_string());
    let answer = super::health(&serde_json::json!({"id": "y"}));
    assert_eq!(answer["status"], Value::Null);
}
