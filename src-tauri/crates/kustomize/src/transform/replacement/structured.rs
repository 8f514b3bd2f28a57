//! Fields inside a text that is JSON or YAML itself, as in `data.[config.yaml].server.port`: the text is read, changed
//! and printed again the way it was written.

mod json;
mod yaml;

use serde_json::Value;

use super::find::{self, Found, PathMatch};
use crate::failure::Failure;
use crate::resource::Resource;
use crate::transform::scalar;

/// Writes into a text of the resource, if the path leads into one; `false` where it does not, or where it leads nowhere
/// in there.
pub(super) fn write(
    resource: &mut Resource,
    steps: &[String],
    matching: PathMatch,
    set: &dyn Fn(Found<'_>) -> Result<(), Failure>,
) -> bool {
    let Some((outer, inner, text)) = text_on_path(resource.object(), steps) else { return false };
    let Ok(mut inside) = slipway_yaml::decode(&text) else { return false };
    match matching.visit(&mut inside, inner, &mut |found| set(found)) {
        Ok(count) if count > 0 => {}
        _ => return false,
    }
    let printed = match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => {
            let pretty = text.contains('\n') && text.contains("  ");
            json::print(&inside, pretty)
        }
        Some(_) => {
            let keys: Vec<&str> = inner.iter().filter_map(|step| find::item_key(step)).collect();
            yaml::print(&inside, &text, &keys)
        }
        None => return false,
    };
    let plain = PathMatch { create: None };
    let mut done = false;
    let written = plain.visit(resource.object_mut(), outer, &mut |found| {
        // The first one is what was read.
        if !done {
            done = true;
            return scalar::set_text(found.target, &printed);
        }
        Ok(())
    });
    written.is_ok() && done
}

/// Where a path leads into a scalar before its end: the steps to the scalar, the others, and its text.
fn text_on_path<'s>(object: &Value, steps: &'s [String]) -> Option<(&'s [String], &'s [String], String)> {
    let mut at = object;
    for (index, step) in steps.iter().enumerate() {
        at = find::lookup(at, std::slice::from_ref(step)).ok()??;
        if index + 1 == steps.len() || at.is_array() || at.is_object() {
            continue;
        }
        let text = scalar::text(at)?.into_owned();
        if at.is_null() || text.trim().is_empty() {
            return None;
        }
        return Some((&steps[..=index], &steps[index + 1..], text));
    }
    None
}
