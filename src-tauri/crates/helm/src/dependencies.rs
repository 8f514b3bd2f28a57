//! Which charts take part: conditions, tags, aliases, version ranges; and values that charts export to their parents.
//!
//! Package `helm.sh/helm/v3/pkg/chartutil`, file `dependencies.go`.

use std::rc::Rc;

use serde_json::Value as Json;
use slipway_gotmpl::{Map, Value, types};
use slipway_model::{Location, Problem};

use crate::failure::{Failure, code};
use crate::node::{Declared, Node};
use crate::values::coalesce::{Nulls, coalesce, empty, tables};
use crate::values::{put, table, table_at, value_at};
use crate::version;

/// Refuses a chart whose declared dependencies do not lie in `charts/`.
pub(crate) fn check(node: &Node) -> Result<(), Failure> {
    let Some(declared) = node.declared() else { return Ok(()) };
    let children = node.children();
    let missing: Vec<String> = declared
        .iter()
        .map(|declared| declared.borrow().name.clone())
        .filter(|name| !children.iter().any(|child| child.name() == name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!(
        "An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
        missing.join(", ")
    );
    Err(Failure::new(code::DEPENDENCY, message)
        .at(Location::file(&node.chart.path("Chart.yaml")))
        .hint("run `helm dependency build` and commit `charts/`"))
}

/// Removes what is switched off and imports what is exported.
pub(crate) fn process(node: &Rc<Node>, values: &Map, log: &mut Vec<Problem>) -> Result<(), Failure> {
    let mismatch = |message: String| {
        Failure::new(code::VALUES, message)
            .at(Location::file(&node.chart.path("values.yaml")))
            .hint("the values of a chart inside this one are a map under its name")
    };
    enable(node, values, "", log).map_err(mismatch)?;
    import_all(node, log).map_err(mismatch)
}

fn enable(node: &Rc<Node>, values: &Map, path: &str, log: &mut Vec<Problem>) -> Result<(), String> {
    let Some(declared) = node.declared() else { return Ok(()) };
    let existing: Vec<Rc<Node>> = node.children().clone();
    let fits = |child: &Node, declared: &Declared| {
        let declared = declared.borrow();
        *child.name() == declared.name && version::satisfies(&child.chart.metadata.version, &declared.version)
    };
    // What lies in `charts/` and is not declared takes part too, first.
    let mut children: Vec<Rc<Node>> =
        existing.iter().filter(|child| !declared.iter().any(|each| fits(child, each))).cloned().collect();
    for each in &declared {
        if let Some(child) = existing.iter().find(|child| fits(child, each)) {
            let name = each.borrow().effective_name().to_owned();
            children.push(child.renamed(&name));
        }
        let mut each = each.borrow_mut();
        if !each.alias.is_empty() {
            each.name = each.alias.clone();
        }
        each.enabled = true;
    }
    node.set_children(children);
    let combined = match Value::Map(values.clone()).deep_copy() {
        Value::Map(copy) => copy,
        _ => empty(),
    };
    coalesce(node, &combined, Nulls::Remove, log)?;
    apply_tags(&declared, &combined, log);
    apply_conditions(&declared, &combined, path, log);
    let disabled: Vec<String> = declared
        .iter()
        .filter(|each| !each.borrow().enabled)
        .map(|each| each.borrow().name.clone())
        .collect();
    let kept: Vec<Rc<Node>> =
        node.children().iter().filter(|child| !disabled.contains(child.name())).cloned().collect();
    let declared: Vec<Declared> =
        declared.into_iter().filter(|each| !disabled.contains(&each.borrow().name)).collect();
    for child in &kept {
        enable(child, &combined, &format!("{path}{}.", child.name()), log)?;
    }
    node.set_declared((!declared.is_empty()).then_some(declared));
    node.set_children(kept);
    Ok(())
}

fn warn(log: &mut Vec<Problem>, message: String) {
    log.push(Problem::warning(code::LOG, message));
}

fn apply_tags(declared: &[Declared], values: &Map, log: &mut Vec<Problem>) {
    let Ok(tags) = table_at(values, "tags") else { return };
    for each in declared {
        let mut each = each.borrow_mut();
        let (mut on, mut off) = (false, false);
        for tag in each.tags.iter().flatten() {
            match tags.get(tag.as_str()) {
                None => {}
                Some(Value::Bool(true)) => on = true,
                Some(Value::Bool(false)) => off = true,
                Some(_) => {
                    warn(
                        log,
                        format!("Warning: Tag '{tag}' for chart {} returned non-bool value", each.name),
                    );
                }
            }
        }
        each.enabled = on || !off;
    }
}

fn apply_conditions(declared: &[Declared], values: &Map, path: &str, log: &mut Vec<Problem>) {
    for each in declared {
        let mut each = each.borrow_mut();
        let condition = each.condition.clone();
        for one in condition.trim().split(',').filter(|one| !one.is_empty()) {
            match value_at(values, &format!("{path}{one}")) {
                None => {}
                Some(Value::Bool(enabled)) => {
                    each.enabled = enabled;
                    break;
                }
                Some(_) => warn(
                    log,
                    format!(
                        "Warning: Condition path '{one}' for chart {} returned non-bool value",
                        each.name
                    ),
                ),
            }
        }
    }
}

fn import_all(node: &Rc<Node>, log: &mut Vec<Problem>) -> Result<(), String> {
    let children: Vec<Rc<Node>> = node.children().clone();
    for child in &children {
        import_all(child, log)?;
    }
    import(node, log)
}

/// Lays what charts inside export below the values of this one.
fn import(node: &Rc<Node>, log: &mut Vec<Problem>) -> Result<(), String> {
    let Some(declared) = node.declared() else { return Ok(()) };
    let own = empty();
    coalesce(node, &own, Nulls::Keep, log)?;
    let imported = empty();
    for each in &declared {
        let mut each = each.borrow_mut();
        let name = each.name.clone();
        let mut seen = Vec::new();
        for import in each.import_values.iter().flatten() {
            let (child, parent) = match import {
                Json::String(name) => (format!("exports.{name}"), ".".to_owned()),
                // What an alias imported before is not imported again.
                Json::Object(pair) if pair.contains_key(DONE) => continue,
                Json::Object(pair) => (printed(pair.get("child")), printed(pair.get("parent"))),
                _ => continue,
            };
            let found = table_at(&own, &format!("{name}.{child}"));
            seen.push(serde_json::json!({ "child": child, "parent": parent, DONE: true }));
            match found {
                Ok(found) => tables(&imported, &nested(&parent, found), "", Nulls::Keep, log),
                Err(key) if import.is_string() => {
                    warn(log, format!("Warning: ImportValues missing table: {key:?} is not a table"));
                }
                Err(key) => warn(
                    log,
                    format!("Warning: ImportValues missing table from chart {name}: {key:?} is not a table"),
                ),
            }
        }
        each.import_values = (!seen.is_empty()).then_some(seen);
    }
    let copy = Value::Map(own).deep_copy();
    if let Some(copy) = table(&copy) {
        tables(copy, &imported, "", Nulls::Keep, log);
        node.set_values(copy.clone());
    }
    Ok(())
}

/// Marks an import that was made: Go has changed its type then, and passes it over the next time.
pub(crate) const DONE: &str = "\0imported";

/// `%v` of a value of `import-values`.
fn printed(value: Option<&Json>) -> String {
    match value {
        None => "<nil>".to_owned(),
        Some(value) => slipway_gotmpl::from_json(value, slipway_gotmpl::Numbers::Float).to_text().to_string(),
    }
}

/// A table under a dotted path.
fn nested(path: &str, map: Map) -> Map {
    if path == "." {
        return map;
    }
    path.split('.').rev().fold(map, |inner, key| {
        let outer = Map::of(types::MAP);
        put(&outer, key, inner);
        outer
    })
}
