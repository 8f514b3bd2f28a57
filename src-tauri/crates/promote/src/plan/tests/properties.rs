//! What holds for any two documents.

use serde_json::{Value, json};

use super::super::candidates::{Candidate, Change, edits_of};
use super::super::*;
use super::toy;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit).unwrap()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth > 3 { 3 } else { 7 }) {
            0 => json!(self.below(4)),
            1 => json!(["a", "b c", "", "yes", "1", "x: y", "LEVEL=a", "LEVEL=b"][self.below(8)]),
            2 => json!(self.below(2) == 0),
            3 => Value::Array(
                (0..self.below(4)).map(|_| json!(["p", "q", "K=1", "K=2", "r"][self.below(5)])).collect(),
            ),
            4 => Value::Array(
                ["u", "v", "w"][..self.below(4)]
                    .iter()
                    .map(|name| json!({"name": name, "value": self.value(depth + 1)}))
                    .collect(),
            ),
            _ => Value::Object(
                (0..self.below(4))
                    .map(|_| (["a", "b", "c", "d.e"][self.below(4)].to_owned(), self.value(depth + 1)))
                    .collect(),
            ),
        }
    }
}

/// Lists in one order: their order is not carried.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(in_order).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), in_order(value))).collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn all_differences_of_two_documents_together_lead_from_one_to_the_other() {
    let mut numbers = Numbers(7);
    let file = toy::path("a.yaml");
    let mut changed = 0;
    for round in 0..400 {
        let (source, target) = (json!({"x": numbers.value(0)}), json!({"x": numbers.value(0)}));
        let candidates: Vec<Candidate> =
            structure::differences(&source, &target, &EnvironmentWords::default())
                .into_iter()
                .map(|each| {
                    let (file, path) = (file.clone(), each.path);
                    let edit = match (each.old, each.new) {
                        (Some(old), Some(new)) => Edit::Set { file, document: 0, path, old: Some(old), new },
                        (Some(old), None) => Edit::Remove { file, document: 0, path, old: Some(old) },
                        (_, new) => Edit::Insert { file, document: 0, path, new: new.unwrap() },
                    };
                    Candidate { changes: vec![Change::Edit(edit)], score: 1 }
                })
                .collect();
        changed += usize::from(!candidates.is_empty());
        let text = slipway_yaml::emit(&target);
        let tree: Arc<dyn Tree> = Arc::new(slipway_model::MemoryTree::new([("a.yaml", text.clone())]));
        let edits = edits_of(&candidates);
        let overlay =
            apply(&tree, &edits).unwrap_or_else(|problem| panic!("{round}: {problem}\n{text}\n{edits:?}"));
        let result = slipway_model::read_text(&overlay, &file).unwrap().unwrap();
        let result = slipway_yaml::decode(&result).unwrap();
        assert_eq!(in_order(&result), in_order(&source), "{round}: {text}\n{edits:?}");
    }
    assert!(changed > 300);
}
