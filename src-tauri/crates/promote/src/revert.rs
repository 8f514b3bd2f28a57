//! Takes a promotion back, as a plan like any other.
//!
//! A revert is a change of the present files, not a step back in history: what was changed since stays. A file that
//! is as the promotion left it gets its content from before; in one that was changed since, each value that is as
//! the promotion left it is set back by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use slipway_catalog::Instance;
use slipway_diff::{
    Change, EnvironmentWords, FieldChange, ListKeys, MaskKey, Options, Report, compare_with, is_rename_of,
    is_secret_path,
};
use slipway_model::{
    CommitId, Edit, EnvironmentName, FieldPath, InstanceId, Location, Problem, RepoPath, ResourceId, Tree,
    TreeError, read_text,
};

use crate::class::{Classified, Place, classify, classify_resource};
use crate::pins::Pin;
use crate::plan::{AffectedInstances, PromotionItem, PromotionPlan, RenderInstance, apply, differences};

/// A promotion that is taken back, and everything that planning needs.
#[derive(Clone)]
pub struct RevertRequest<'a> {
    /// The tree before the promotion's commit.
    pub before: Arc<dyn Tree>,
    /// The tree of the promotion's commit.
    pub after: Arc<dyn Tree>,
    /// The tip of the branch that is changed.
    pub tip: Arc<dyn Tree>,
    /// Its commit.
    pub base: CommitId,
    /// The environment that was taken from.
    pub from: EnvironmentName,
    /// The environments that were changed.
    pub to: Vec<EnvironmentName>,
    /// The files that the promotion changed.
    pub files: Vec<RepoPath>,
    /// The names of all environments.
    pub words: EnvironmentWords,
    /// The pinned classes.
    pub pins: &'a [Pin],
    /// The key of the fingerprints of secret values.
    pub key: MaskKey,
    /// How items of lists are told apart.
    pub lists: &'a dyn ListKeys,
    /// Renders an instance.
    pub render: RenderInstance<'a>,
    /// Finds the instances that files reach.
    pub affected: AffectedInstances<'a>,
}

/// Plans the revert of a promotion. Its items are what changes in the renders, all chosen.
#[must_use]
pub fn revert(request: &RevertRequest<'_>) -> PromotionPlan {
    let (edits, mut problems) = revert_edits(&request.before, &request.after, &request.tip, &request.files);
    let mut plan = PromotionPlan {
        from: request.from.clone(),
        to: request.to.clone(),
        base: request.base.clone(),
        items: Vec::new(),
        edits: Vec::new(),
        preview: Report::default(),
        also_changed: Vec::new(),
        written: None,
        problems: Vec::new(),
    };
    if edits.is_empty() && problems.is_empty() {
        problems.push(Problem::info("nothing-to-revert", "everything is as it was before the promotion"));
    }
    match apply(&request.tip, &edits) {
        Ok(overlay) => {
            consequences(request, &edits, &overlay, &mut plan);
            plan.edits = edits;
        }
        Err(problem) => problems.push(*problem),
    }
    plan.problems.splice(0..0, problems);
    plan
}

/// The edits of the tip that take the changes between two trees back.
fn revert_edits(
    before: &Arc<dyn Tree>,
    after: &Arc<dyn Tree>,
    tip: &Arc<dyn Tree>,
    files: &[RepoPath],
) -> (Vec<Edit>, Vec<Problem>) {
    let mut edits = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        let texts = (|| -> Result<_, TreeError> {
            Ok((read_text(before, file)?, read_text(after, file)?, read_text(tip, file)?))
        })();
        match texts {
            Ok((old, new, now)) => file_edits(file, old, new, now, &mut edits, &mut problems),
            Err(error) => {
                problems.push(Problem::error("unreadable", error.to_string()).at(Location::file(file)));
            }
        }
    }
    (edits, problems)
}

fn file_edits(
    file: &RepoPath,
    old: Option<String>,
    new: Option<String>,
    now: Option<String>,
    edits: &mut Vec<Edit>,
    problems: &mut Vec<Problem>,
) {
    if now == old {
        return;
    }
    if now == new {
        edits.extend(whole_file(file, old, new));
        return;
    }
    let changed_since = |what: String| {
        Problem::error("changed-since", what)
            .at(Location::file(file))
            .hint("set it back by hand, or revert the later change first")
    };
    let (Some(old), Some(new), Some(now)) = (old, new, now) else {
        problems.push(changed_since("the file came or went since the promotion".to_owned()));
        return;
    };
    let decoded = [&old, &new, &now].map(|text| slipway_yaml::decode_stream(text).ok());
    let [Some(old), Some(new), Some(now)] = decoded else {
        problems.push(changed_since("the file was changed since the promotion, and is no YAML".to_owned()));
        return;
    };
    if old.len() != new.len() || new.len() != now.len() {
        problems.push(changed_since("documents came or went since the promotion".to_owned()));
        return;
    }
    let no_words = EnvironmentWords::default();
    for (document, ((old, new), now)) in old.iter().zip(&new).zip(&now).enumerate() {
        let generator = |value: &serde_json::Value| value.get("secretGenerator").cloned();
        if generator(&old.value) != generator(&new.value) {
            problems
                .push(changed_since("/secretGenerator is not set back: it holds secret values".to_owned()));
        }
        for difference in differences(&old.value, &new.value, &no_words) {
            let (path, file) = (difference.path, file.clone());
            if difference.old.as_ref() != path.get(&now.value) || is_secret_path(&now.value, &path) {
                problems.push(changed_since(format!("{path} was changed since the promotion")));
                continue;
            }
            edits.extend(edit_of(file, document, path, difference.old, difference.new));
        }
    }
}

fn edit_of(
    file: RepoPath,
    document: usize,
    path: FieldPath,
    old: Option<serde_json::Value>,
    new: Option<serde_json::Value>,
) -> Option<Edit> {
    Some(match (old, new) {
        (Some(old), Some(new)) => Edit::Set { file, document, path, old: Some(old), new },
        (Some(old), None) => Edit::Remove { file, document, path, old: Some(old) },
        (None, Some(new)) => Edit::Insert { file, document, path, new },
        (None, None) => return None,
    })
}

/// The edits that give a file its content from before: single values where they lead to the very bytes, else the
/// whole content.
fn whole_file(file: &RepoPath, old: Option<String>, new: Option<String>) -> Vec<Edit> {
    let Some(old) = old else { return vec![Edit::Delete { file: file.clone() }] };
    let values = new.and_then(|new| {
        let (before, after) =
            (slipway_yaml::decode_stream(&old).ok()?, slipway_yaml::decode_stream(&new).ok()?);
        let words = EnvironmentWords::default();
        let edits: Vec<Edit> = before
            .iter()
            .zip(&after)
            .enumerate()
            .flat_map(|(document, (before, after))| {
                let found = differences(&before.value, &after.value, &words);
                found
                    .into_iter()
                    .filter_map(move |each| edit_of(file.clone(), document, each.path, each.old, each.new))
            })
            .collect();
        // A single secret value in an edit could not be told from any other text when the edit is shown.
        let is_secret = |documents: &[slipway_yaml::Document]| {
            documents.iter().any(|document| is_secret_path(&document.value, &FieldPath::root()))
        };
        if is_secret(&before) || is_secret(&after) {
            return None;
        }
        let tree: Arc<dyn Tree> = Arc::new(slipway_model::MemoryTree::new([(file.as_str(), new)]));
        let result = read_text(&apply(&tree, &edits).ok()?, file).ok()??;
        (before.len() == after.len() && result == old).then_some(edits)
    });
    values.unwrap_or_else(|| vec![Edit::Write { file: file.clone(), content: old }])
}

fn consequences(request: &RevertRequest<'_>, edits: &[Edit], overlay: &dyn Tree, plan: &mut PromotionPlan) {
    let files: Vec<RepoPath> = edits.iter().map(|edit| edit.file().clone()).collect();
    let reached: BTreeMap<InstanceId, Instance> =
        (request.affected)(&files).into_iter().map(|instance| (instance.id.clone(), instance)).collect();
    let options = Options { key: request.key.clone(), lists: request.lists, environments: None };
    let mut changes = Vec::new();
    for (id, instance) in reached {
        let before = (request.render)(request.tip.as_ref(), &instance);
        let after = (request.render)(overlay, &instance);
        if after.is_failed() && !before.is_failed() {
            let why = after.problems.iter().find(|problem| problem.is_error()).map(ToString::to_string);
            plan.problems.push(
                Problem::error(
                    "proof-failed",
                    format!("reverted, `{id}` cannot be rendered: {}", why.unwrap_or_default()),
                )
                .of(id.clone()),
            );
            continue;
        }
        let comparison = compare_with(&before.manifests, &after.manifests, &options);
        if comparison.resources.is_empty() {
            continue;
        }
        if !request.to.contains(&id.environment) {
            plan.also_changed.push(id.clone());
        }
        let place = Place {
            application: &id.application,
            environment: &id.environment,
            words: &request.words,
            pins: request.pins,
        };
        let mut add = |resource: &ResourceId, field: Option<&FieldChange>, classified: Classified| {
            plan.items.push(PromotionItem {
                instance: id.clone(),
                resource: resource.clone(),
                path: field.map_or_else(FieldPath::root, |field| field.path.clone()),
                old: field.and_then(|field| field.old.clone()),
                new: field.and_then(|field| field.new.clone()),
                class: classified.class,
                reason: classified.reason,
                secret: field.is_some_and(|field| field.secret),
                chosen: true,
                edits: positions(edits, &after.reads, &before.reads),
                also_carries: Vec::new(),
            });
        };
        for resource in &comparison.resources {
            match resource.change {
                Change::Added | Change::Removed => {
                    let is_new = resource.change == Change::Added;
                    add(&resource.resource, None, classify_resource(&resource.resource, is_new, &place));
                }
                Change::Changed | Change::Renamed => {
                    for field in
                        resource.fields.iter().filter(|field| is_rename_of(field, &comparison).is_none())
                    {
                        add(&resource.resource, Some(field), classify(&resource.resource, field, &place));
                    }
                }
            }
        }
        changes.push((id, comparison));
    }
    let names: Vec<&str> = request.to.iter().map(EnvironmentName::as_str).collect();
    plan.preview = Report::new("before", names.join(", "), changes, Vec::new());
}

/// The edits of files that an instance reads.
fn positions(edits: &[Edit], after: &slipway_model::Reads, before: &slipway_model::Reads) -> Vec<usize> {
    edits
        .iter()
        .enumerate()
        .filter(|(_, edit)| after.touch(edit.file()) || before.touch(edit.file()))
        .map(|(index, _)| index)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use slipway_diff::BuiltInLists;
    use slipway_model::{Manifest, MemoryTree, Origin, Recorder};
    use slipway_render::Rendered;

    const FILE: &str = "prod/values.yaml";

    fn tree(text: Option<&str>) -> Arc<dyn Tree> {
        Arc::new(MemoryTree::new(text.map(|text| (FILE, text.to_owned()))))
    }

    /// Renders the first document of the file as the data of a ConfigMap.
    fn render(tree: &dyn Tree, _: &Instance) -> Rendered {
        let recorder = Recorder::new(tree);
        let text = read_text(&recorder, &RepoPath::new(FILE).unwrap()).unwrap().unwrap_or_default();
        let value = slipway_yaml::decode_stream(&text).unwrap().into_iter().next().map(|each| each.value);
        let object =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": value});
        let origin = Origin { file: RepoPath::root(), document: 0, line: None };
        Rendered {
            manifests: vec![Manifest::new(object, origin)],
            reads: recorder.into_reads(),
            ..Rendered::empty()
        }
    }

    fn plan_of(before: Option<&str>, after: Option<&str>, tip: Option<&str>) -> PromotionPlan {
        let instance: Instance = serde_json::from_value(json!({
            "id": "web@prod", "sources": [{"engine": "plain", "path": "prod"}], "destination": {}, "reason": "",
        }))
        .unwrap();
        let affected = |_: &[RepoPath]| vec![instance.clone()];
        revert(&RevertRequest {
            before: tree(before),
            after: tree(after),
            tip: tree(tip),
            base: CommitId::new("abc"),
            from: EnvironmentName::new("staging"),
            to: vec![EnvironmentName::new("prod")],
            files: vec![RepoPath::new(FILE).unwrap()],
            words: EnvironmentWords::new(["staging", "prod"]),
            pins: &[],
            key: MaskKey::new([1; 32]),
            lists: &BuiltInLists,
            render: &render,
            affected: &affected,
        })
    }

    fn codes(plan: &PromotionPlan) -> Vec<&str> {
        plan.problems.iter().map(|problem| problem.code.as_str()).collect()
    }

    #[test]
    fn a_file_that_is_as_the_promotion_left_it_gets_its_content_from_before() {
        let plan = plan_of(Some("tag: 1 # one\n"), Some("tag: 2\n"), Some("tag: 2\n"));
        assert_eq!(
            plan.edits,
            [Edit::Write { file: RepoPath::new(FILE).unwrap(), content: "tag: 1 # one\n".into() }]
        );
        assert_eq!(plan.items[0].new, Some(json!(1)));
        assert_eq!(plan.items[0].edits, [0]);
        let single = plan_of(Some("a: 1\ntag: 1\n"), Some("a: 1\ntag: 2\n"), Some("a: 1\ntag: 2\n"));
        assert!(matches!(single.edits.as_slice(), [Edit::Set { .. }]), "one value leads to the same bytes");
        let new = plan_of(None, Some("tag: 2\n"), Some("tag: 2\n"));
        assert_eq!(new.edits, [Edit::Delete { file: RepoPath::new(FILE).unwrap() }]);
    }

    #[test]
    fn later_changes_of_the_same_file_stay() {
        let plan = plan_of(
            Some("tag: 1\nlevel: a\n"),
            Some("tag: 2\nlevel: a\n"),
            Some("tag: 2\nlevel: b # later\n"),
        );
        let [Edit::Set { path, new, .. }] = plan.edits.as_slice() else { panic!("{:?}", plan.edits) };
        assert_eq!((path.to_string().as_str(), new), ("/tag", &json!(1)));
        assert!(plan.problems.is_empty());
    }

    #[test]
    fn what_was_changed_again_is_not_touched_and_is_named() {
        let plan = plan_of(Some("tag: 1\nx: 1\n"), Some("tag: 2\nx: 2\n"), Some("tag: 3\nx: 2\n"));
        assert_eq!(plan.edits.len(), 1, "x goes back, the tag does not");
        assert_eq!(codes(&plan), ["changed-since"]);
        assert!(plan.problems[0].message.contains("/tag"));
        assert_eq!(codes(&plan_of(Some("a: 1\n"), Some("a: 2\n"), None)), ["changed-since"]);
    }

    #[test]
    fn what_is_already_as_before_needs_nothing() {
        let plan = plan_of(Some("tag: 1\n"), Some("tag: 2\n"), Some("tag: 1\n"));
        assert!(plan.edits.is_empty());
        assert_eq!(codes(&plan), ["nothing-to-revert"]);
    }
}
