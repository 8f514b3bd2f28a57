//! How values are laid over each other: package `helm.sh/helm/v3/pkg/chartutil`, file `coalesce.go`.
//!
//! Maps are references here as they are in Go, because Helm's result depends on which of them are shared: what a
//! subchart adds deep inside `global` shows in its parent.

use std::collections::HashSet;

use slipway_gotmpl::{Map, Str, Value, types};
use slipway_model::Problem;

use super::{put, table};
use crate::failure::code;
use crate::node::Node;

/// What null means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// It removes what it is laid over.
    Remove,
    /// It stays, because values are coalesced once more later.
    Keep,
}

/// Lays values over the defaults of a chart and of all charts in it. `values` is changed.
pub(crate) fn coalesce(
    node: &Node,
    values: &Map,
    nulls: Nulls,
    log: &mut Vec<Problem>,
) -> Result<(), String> {
    level(node, values, "", nulls, log)
}

fn level(
    node: &Node,
    values: &Map,
    prefix: &str,
    nulls: Nulls,
    log: &mut Vec<Problem>,
) -> Result<(), String> {
    defaults(node, values, prefix, nulls, log);
    for child in node.children().iter() {
        let name = child.name();
        let inner = match values.get(name.as_str()) {
            None => {
                let inner = Map::new();
                put(values, name.as_str(), inner.clone());
                inner
            }
            Some(value) => match table(&value) {
                Some(inner) => inner.clone(),
                None => {
                    let shown = slipway_gotmpl::format::sprintf(b"%t", &[value]);
                    let shown = String::from_utf8_lossy(shown.as_ref()).into_owned();
                    return Err(format!("type mismatch on {name}: {shown}"));
                }
            },
        };
        let inner_prefix = join(prefix, node.name());
        globals(&inner, values, &inner_prefix, log);
        level(child, &inner, &inner_prefix, nulls, log)?;
    }
    Ok(())
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

fn warn(log: &mut Vec<Problem>, message: String) {
    log.push(Problem::warning(code::LOG, message));
}

/// Hands the parent's `global` down.
fn globals(inner: &Map, outer: &Map, prefix: &str, log: &mut Vec<Problem>) {
    let own = match inner.get("global") {
        None => Map::new(),
        Some(value) => match table(&value) {
            Some(map) => map.clone(),
            None => {
                return warn(
                    log,
                    "warning: skipping globals because destination global is not a table.".to_owned(),
                );
            }
        },
    };
    let given = match outer.get("global") {
        None => Map::new(),
        Some(value) => match table(&value) {
            Some(map) => map.clone(),
            None => {
                return warn(
                    log,
                    "warning: skipping globals because source global is not a table.".to_owned(),
                );
            }
        },
    };
    for (key, value) in given.entries() {
        let existing = own.get(&key);
        match (table(&value), existing) {
            (Some(given), None) => put(&own, key, given.shallow_copy()),
            (Some(given), Some(existing)) => match table(&existing) {
                None => warn(
                    log,
                    format!("Conflict: cannot merge map onto non-map for {:?}. Skipping.", key.to_lossy()),
                ),
                Some(existing) => {
                    let merged = given.shallow_copy();
                    tables(&merged, existing, &join(prefix, &key.to_lossy()), Nulls::Keep, log);
                    put(&own, key, merged);
                }
            },
            (None, Some(existing)) if table(&existing).is_some() => {
                warn(log, format!("key {} is table. Skipping", key.to_lossy()));
            }
            (None, _) => put(&own, key, value),
        }
    }
    put(inner, "global", own);
}

/// Lays values over the defaults of one chart.
fn defaults(node: &Node, values: &Map, prefix: &str, nulls: Nulls, log: &mut Vec<Problem>) {
    let Some(defaults) = node.copy_values() else { return };
    let prefix = join(prefix, node.name());
    for (key, default) in defaults.entries() {
        let Some(value) = values.get(&key) else {
            put(values, key, default);
            continue;
        };
        if matches!(value, Value::Nil) && nulls == Nulls::Remove {
            values.remove(&key);
        } else if let Some(over) = table(&value) {
            match table(&default) {
                Some(below) => {
                    let is_chart = node.children().iter().any(|child| *child.name() == *key.to_lossy());
                    let nulls = if is_chart { Nulls::Keep } else { nulls };
                    tables(over, below, &join(&prefix, &key.to_lossy()), nulls, log);
                }
                None if matches!(default, Value::Nil) => {}
                None => {
                    warn(
                        log,
                        format!("warning: skipped value for {prefix}.{}: Not a table.", key.to_lossy()),
                    );
                }
            }
        }
    }
}

/// Lays one table over another; `over` is changed, and so is `below`.
pub(crate) fn tables(over: &Map, below: &Map, prefix: &str, nulls: Nulls, log: &mut Vec<Problem>) {
    let had_value: HashSet<Str> = below.read(|entries| {
        entries.iter().filter(|(_, value)| !matches!(value, Value::Nil)).map(|(key, _)| key.clone()).collect()
    });
    let removed: Vec<Str> = over.read(|entries| {
        entries.iter().filter(|(_, value)| matches!(value, Value::Nil)).map(|(key, _)| key.clone()).collect()
    });
    for key in removed {
        put(below, key, Value::Nil);
    }
    for (key, value) in below.entries() {
        match over.get(&key) {
            None => put(over, key, value),
            Some(Value::Nil) if nulls == Nulls::Remove && had_value.contains(&key) => {
                over.remove(&key);
            }
            Some(existing) => match (table(&existing), table(&value)) {
                (Some(over), Some(below)) => tables(over, below, &join(prefix, &key.to_lossy()), nulls, log),
                (None, Some(_)) => {
                    let message = format!(
                        "warning: cannot overwrite table with non table for {} ({})",
                        join(prefix, &key.to_lossy()),
                        value.to_text()
                    );
                    warn(log, message);
                }
                (Some(_), None) if !matches!(value, Value::Nil) => {
                    let message = format!(
                        "warning: destination for {} is a table. Ignoring non-table value ({})",
                        join(prefix, &key.to_lossy()),
                        value.to_text()
                    );
                    warn(log, message);
                }
                _ => {}
            },
        }
    }
}

/// An empty table.
pub(crate) fn empty() -> Map {
    Map::of(types::MAP)
}
