//! One resource on two sides, as text.

use slipway_diff::Comparison;
use slipway_diff::text::{Row, RowKind, TextDiff, TextOptions, WordSegment};
use slipway_model::{FieldPath, Manifest, ResourceId, Segment};
use slipway_yaml::Parsed;

use super::diff::{Side, title};
use super::instance::instance_id;
use crate::Api;
use crate::app::blocking;
use crate::convert;
use crate::dto::*;
use crate::error::error;
use crate::secrets::mask_key;

/// Texts of so many lines are sent whole; of longer ones [`MOST_CONTEXT`] is kept around a change.
const WHOLE: usize = 50_000;
const MOST_CONTEXT: u32 = 500;

impl Api {
    pub(crate) async fn text_diff(&self, request: TextDiffRequest) -> Result<TextDiffResult, ApiError> {
        let opened = self.opened(&request.repository)?;
        let (from, to) = self.sides(&opened, &request.from, &request.to, &self.operation(None)).await?;
        let (left, right) = (title(&request.from), title(&request.to));
        blocking(move || {
            let id = instance_id(&request.instance)?;
            let wanted = convert::resource_id(&request.resource);
            let wanted_before = request.renamed_from.as_ref().map(convert::resource_id);
            let (first, second) = (from.counterpart(&id), to.counterpart(&id));
            let pair = first.as_ref().zip(second.as_ref()).map(|(first, second)| (first, &to, second));
            let find = |side: &Side, wanted: &ResourceId| -> Result<Option<Manifest>, ApiError> {
                let Some(instance) = side.counterpart(&id) else { return Ok(None) };
                let manifests = side
                    .manifests(&opened.workspace, &instance, pair)
                    .map_err(|problem| error("render-failed", problem.to_string()))?;
                Ok(manifests.into_iter().find(|manifest| same_resource(&manifest.id, wanted)))
            };
            let before = find(&from, wanted_before.as_ref().unwrap_or(&wanted))?;
            let after = find(&to, &wanted)?;
            let text = |manifest: &Option<Manifest>| match manifest {
                Some(manifest) => slipway_yaml::emit(&slipway_diff::mask(&manifest.object, mask_key())),
                None => String::new(),
            };
            let (old, new) = (text(&before), text(&after));
            let diff = slipway_diff::text::diff(&old, &new, &options(&old, &new, request.context));
            let hunk_fields = match (before, after) {
                (Some(before), Some(after)) => {
                    let comparison = to.fleet.compare(&[before], &[after], mask_key());
                    fields_of_hunks(&diff, &old, &new, &changed_fields(&comparison))
                }
                _ => vec![vec![FieldPath::root()]; diff.hunks as usize],
            };
            Ok(TextDiffResult {
                left,
                right,
                rows: diff.rows.iter().map(text_row).collect(),
                hunks: diff.hunks,
                hunk_fields: hunk_fields
                    .iter()
                    .map(|paths| paths.iter().map(ToString::to_string).collect())
                    .collect(),
            })
        })
        .await
    }
}

/// The same resource of two environments can lie in different namespaces.
fn same_resource(left: &ResourceId, right: &ResourceId) -> bool {
    left == right || (left.group == right.group && left.kind == right.kind && left.name == right.name)
}

fn options(old: &str, new: &str, context: Option<u32>) -> TextOptions {
    let lines = old.lines().count().max(new.lines().count());
    let most = if lines > WHOLE { MOST_CONTEXT } else { u32::MAX };
    TextOptions { context: context.unwrap_or(u32::MAX).min(most), ..TextOptions::default() }
}

/// A field that differs.
struct Field<'a> {
    path: &'a FieldPath,
    /// Whether only the first side has it.
    is_gone: bool,
}

fn changed_fields(comparison: &Comparison) -> Vec<Field<'_>> {
    let fields = comparison.resources.iter().flat_map(|change| &change.fields);
    fields.map(|field| Field { path: &field.path, is_gone: field.new.is_none() }).collect()
}

/// The fields that each hunk changes: those that are written on a line of it, on either side.
fn fields_of_hunks(diff: &TextDiff, old: &str, new: &str, fields: &[Field<'_>]) -> Vec<Vec<FieldPath>> {
    let mut found: Vec<Vec<FieldPath>> = vec![Vec::new(); diff.hunks as usize];
    // What was emitted just now reads back; were it not so, hunks would carry no field and stay in as a whole.
    let (Ok(old), Ok(new)) = (Parsed::new(old), Parsed::new(new)) else { return found };
    let left = lines_of_hunks(diff, |row| row.left_line);
    let right = lines_of_hunks(diff, |row| row.right_line);
    for field in fields {
        let has_index = field.path.segments().iter().any(|each| matches!(each, Segment::Index(_)));
        // A position in a list is that of the second side, where the field is there.
        let before = (field.is_gone || !has_index).then(|| written(&old, field.path)).flatten();
        let after = if field.is_gone { None } else { written(&new, field.path) };
        let mut hunks = hunks_at(&left, before);
        hunks.extend(hunks_at(&right, after));
        hunks.sort_unstable();
        hunks.dedup();
        for hunk in hunks {
            found[hunk].push(field.path.clone());
        }
    }
    found
}

/// The first and the last line that a field is written on, from 1.
fn written(parsed: &Parsed, path: &FieldPath) -> Option<(u32, u32)> {
    let place = parsed.find(0, path)?;
    let first = place.key.map_or(place.value.start.line, |key| key.start.line);
    let end = place.value.end;
    // A text of several lines ends where the next line begins.
    let last = if end.column <= 1 { end.line.saturating_sub(1) } else { end.line };
    Some((first, last.max(first)))
}

/// The first and the last line of each hunk on one side, by the number of the hunk; those without a line there are
/// left out.
fn lines_of_hunks(diff: &TextDiff, line: impl Fn(&Row) -> Option<u32>) -> Vec<(usize, u32, u32)> {
    let mut lines: Vec<(usize, u32, u32)> = Vec::new();
    for row in &diff.rows {
        let (Some(hunk), Some(line)) = (row.hunk, line(row)) else { continue };
        match lines.last_mut() {
            Some((last, _, end)) if *last == hunk as usize => *end = line,
            _ => lines.push((hunk as usize, line, line)),
        }
    }
    lines
}

fn hunks_at(lines: &[(usize, u32, u32)], range: Option<(u32, u32)>) -> Vec<usize> {
    let Some((first, last)) = range else { return Vec::new() };
    let start = lines.partition_point(|(_, _, end)| *end < first);
    lines[start..].iter().take_while(|(_, begin, _)| *begin <= last).map(|(hunk, ..)| *hunk).collect()
}

pub(super) fn text_row(row: &Row) -> DiffRow {
    let side = |text: Option<&String>, marked: &[WordSegment]| {
        if marked.is_empty() {
            return text.map(|text| DiffSegment { text: text.clone(), marked: false }).into_iter().collect();
        }
        let segment =
            |segment: &WordSegment| DiffSegment { text: segment.text.clone(), marked: segment.changed };
        marked.iter().map(segment).collect()
    };
    // An unchanged line has its text on the left alone.
    let right = if row.kind == RowKind::Context { row.left.as_ref() } else { row.right.as_ref() };
    DiffRow {
        kind: match row.kind {
            RowKind::Context => DiffRowKind::Context,
            RowKind::Added => DiffRowKind::Added,
            RowKind::Removed => DiffRowKind::Removed,
            RowKind::Changed => DiffRowKind::Changed,
            RowKind::Fold => DiffRowKind::Fold,
        },
        left_line: row.left_line,
        right_line: row.right_line,
        left: side(row.left.as_ref(), &row.left_segments),
        right: side(right, &row.right_segments),
        hunk: row.hunk,
        folded: row.folded.unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(old: &str, new: &str, context: Option<u32>) -> (usize, Vec<Vec<String>>) {
        let object = |text: &str| slipway_yaml::decode(text).unwrap();
        let manifest = |text: &str| {
            let object = object(text);
            Manifest {
                id: ResourceId::of(&object),
                object: object.into(),
                origin: slipway_model::Origin {
                    file: slipway_model::RepoPath::new("web.yaml").unwrap(),
                    line: None,
                    document: 0,
                },
            }
        };
        let comparison = slipway_diff::compare(&[manifest(old)], &[manifest(new)]);
        let (old, new) = (slipway_yaml::emit(&object(old)), slipway_yaml::emit(&object(new)));
        let diff = slipway_diff::text::diff(&old, &new, &options(&old, &new, context));
        let found = fields_of_hunks(&diff, &old, &new, &changed_fields(&comparison));
        (diff.rows.len(), found.iter().map(|paths| paths.iter().map(ToString::to_string).collect()).collect())
    }

    const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  paused: true\n  \
        replicas: 2\n  template:\n    spec:\n      containers:\n      - name: web\n        args: [a, b]\n        \
        image: 'web:1'\n        tty: true\n      - name: proxy\n        image: 'proxy:1'\n";

    #[test]
    fn each_hunk_names_the_fields_that_it_changes() {
        let new = WEB.replace("replicas: 2", "replicas: 3").replace("web:1", "web:2");
        let (_, found) = fields(WEB, &new, None);
        assert_eq!(found, [vec!["/spec/replicas"], vec!["/spec/template/spec/containers/[name=web]/image"]]);
    }

    #[test]
    fn what_is_gone_or_new_is_found_on_its_side() {
        let new = WEB
            .replace("        tty: true\n", "")
            .replace("args: [a, b]", "args: [b]")
            .replace("      - name: proxy", "      - name: log\n        image: 'log:1'\n      - name: proxy");
        let (_, found) = fields(WEB, &new, None);
        let container = "/spec/template/spec/containers/[name=web]";
        assert_eq!(
            found,
            [
                vec![format!("{container}/args/0")],
                vec![format!("{container}/tty"), "/spec/template/spec/containers/[name=log]".to_owned()]
            ]
        );
    }

    #[test]
    fn a_text_of_several_lines_is_in_every_hunk_that_it_reaches() {
        let map = |first: &str, last: &str| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata:\n  a: |\n    {first}\n    same\n    same\n    {last}\n  b: x\n"
            )
        };
        let (_, found) = fields(&map("one", "two"), &map("three", "four"), None);
        assert_eq!(found, [vec!["/data/a"], vec!["/data/a"]], "and `b` is in none");
    }

    #[test]
    fn all_lines_are_there_unless_fewer_are_asked_for() {
        let map = |last: &str| {
            let keys: String = (100..200).map(|key| format!("  k{key}: same\n")).collect();
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata:\n{keys}  z: {last}\n")
        };
        let whole = fields(&map("1"), &map("2"), None).0;
        assert_eq!(whole, 105 + 1, "apiVersion, 101 keys below data, kind, metadata, name");
        assert_eq!(fields(&map("1"), &map("2"), Some(5)).0, 10, "fold, five, the change, three to the end");
    }

    #[test]
    fn of_very_long_texts_some_lines_are_left_out() {
        let long = "a: 1\n".repeat(WHOLE + 1);
        assert_eq!(options(&long, "", None).context, MOST_CONTEXT);
        assert_eq!(options(&long, "", Some(3)).context, 3);
        assert_eq!(options("a: 1\n", "", None).context, u32::MAX);
    }
}
