//! How deep values may nest that are written as text.
//!
//! Calls may nest deep, because the evaluator counts tail calls too, but a value that holds itself would be written with
//! more indentation for each level until memory is full.

use jrsonnet_evaluator::{Result, ResultExt as _, Val, ensure_sufficient_stack, error, in_description_frame};

/// As deep as go-jsonnet goes.
const MAX_DEPTH: usize = 500;

/// Evaluates a value with all that is in it, as writing it would, and refuses what nests too deep.
pub(in crate::engines::jsonnet) fn evaluated(value: &Val) -> Result<()> {
    walk(value, 0)
}

fn walk(value: &Val, depth: usize) -> Result<()> {
    match value {
        Val::Arr(items) => {
            refuse_deep(depth)?;
            for (index, item) in items.iter().enumerate() {
                let item = item.with_description(|| format!("elem <{index}> evaluation"))?;
                if is_compound(&item) {
                    in_description_frame(
                        || format!("elem <{index}> manifestification"),
                        || ensure_sufficient_stack(|| walk(&item, depth + 1)),
                    )?;
                }
            }
        }
        Val::Obj(object) => {
            refuse_deep(depth)?;
            object.run_assertions()?;
            for (key, field) in object.iter() {
                let field = field.with_description(|| format!("field <{key}> evaluation"))?;
                if is_compound(&field) {
                    in_description_frame(
                        || format!("field <{key}> manifestification"),
                        || ensure_sufficient_stack(|| walk(&field, depth + 1)),
                    )?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn is_compound(value: &Val) -> bool {
    matches!(value, Val::Arr(_) | Val::Obj(_))
}

fn refuse_deep(depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(error!("max manifest depth exceeded, possible infinite recursion"));
    }
    Ok(())
}
