//! Promotion: plan, commit, undo.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use slipway_git::BranchTarget;
use slipway_model::{ApplicationName, CommitId, Edit, EnvironmentName, Problem};
use slipway_promote::{PromotionItem, PromotionPlan, Selection, Selector};

use crate::Api;
use crate::app::blocking;
use crate::convert::{self, count};
use crate::dto::*;
use crate::error::error;
use crate::opened::Opened;
use crate::promoting::{self, Question, Target};
use crate::secrets::mask_key;
use crate::use_cases::repository::info;

impl Api {
    pub(crate) async fn promotion_plan(
        &self,
        request: PromotionRequest,
    ) -> Result<PromotionPlanInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let settings = self.settings_now();
        let operation = self.operation(request.operation.clone());
        blocking(move || {
            let base = promoting::base(&opened.workspace, &Target::Current)?;
            let goes_on = |step: &str, done: usize, total: usize| {
                operation.report(step, count(done), count(total));
                !operation.is_cancelled() && !opened.cancel.load(Ordering::Relaxed)
            };
            let mut plan = promoting::plan(&opened.workspace, &base, &question(&request)?, &goes_on)?;
            plan.problems.extend(promoting::foreseen(&opened.workspace, &plan, &settings));
            let gone = ticks_gone(&plan, request.include.iter().chain(&request.exclude));
            plan.problems.extend(gone);
            plan_info(&opened, &plan)
        })
        .await
    }

    pub(crate) async fn promotion_commit(&self, request: PromotionCommit) -> Result<Written, ApiError> {
        let opened = self.opened(&request.request.repository)?;
        let settings = self.settings_now();
        let writing = opened.clone();
        let written = blocking(move || {
            let target = match request.target {
                CommitTarget::CurrentBranch => Target::Current,
                CommitTarget::Branch { name } => Target::Branch(name),
                CommitTarget::Patch { file } => Target::Patch(PathBuf::from(file)),
            };
            let base = promoting::base(&writing.workspace, &target)?;
            if base.as_str() != request.base {
                return Err(error(
                    "base-moved",
                    format!(
                        "the branch moved to {} since this was planned; nothing was written",
                        base.short()
                    ),
                )
                .hint("look at the plan again: it is made anew on the new tip"));
            }
            let plan =
                promoting::plan(&writing.workspace, &base, &question(&request.request)?, &|_, _, _| true)?;
            let written = promoting::write(&writing.workspace, &plan, &target, &request.message, &settings)?;
            Ok(Written {
                commit: written.commit.map(|commit| commit.as_str().to_owned()),
                branch: written.branch,
                patch: written.patch,
                instances: promoting::changed(&plan).iter().map(ToString::to_string).collect(),
            })
        })
        .await?;
        opened.update(self).await?;
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        Ok(written)
    }

    pub(crate) async fn commit_undo(&self, request: CommitUndo) -> Result<RepositoryInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let undoing = opened.clone();
        blocking(move || {
            Ok(undoing
                .workspace
                .repository()
                .undo_commit(&CommitId::new(&request.commit), &BranchTarget::Current)?)
        })
        .await?;
        opened.update(self).await?;
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        let settings = self.settings_now();
        blocking(move || info(&opened, &settings)).await
    }
}

fn question(request: &PromotionRequest) -> Result<Question, ApiError> {
    let selectors = |keys: &[String]| -> Result<Vec<Selector>, ApiError> {
        keys.iter()
            .map(|key| key.parse().map_err(|failure| error("bad-request", format!("`{key}`: {failure}"))))
            .collect()
    };
    Ok(Question {
        from: EnvironmentName::new(&request.from),
        to: request.to.iter().map(EnvironmentName::new).collect(),
        applications: request.applications.iter().flatten().map(ApplicationName::new).collect(),
        selection: Selection { include: selectors(&request.include)?, exclude: selectors(&request.exclude)? },
    })
}

fn plan_info(opened: &Arc<Opened>, plan: &PromotionPlan) -> Result<PromotionPlanInfo, ApiError> {
    let head = opened.workspace.repository().head().ok();
    Ok(PromotionPlanInfo {
        from: plan.from.to_string(),
        to: plan.to.iter().map(ToString::to_string).collect(),
        base: plan.base.as_str().to_owned(),
        base_branch: head.as_ref().and_then(|head| head.branch()).map(ToOwned::to_owned),
        items: plan.items.iter().map(|each| item(plan, each)).collect(),
        edits: plan.edits.iter().map(|each| edit(&slipway_promote::shown_edit(each, mask_key()))).collect(),
        preview: DiffResult {
            from: plan.preview.from.clone(),
            to: plan.preview.to.clone(),
            groups: plan.preview.groups.iter().map(convert::group).collect(),
            resources: plan
                .preview
                .resources
                .iter()
                .map(|change| convert::resource_change(&change.instance, &change.change))
                .collect(),
            problems: convert::problems(&plan.preview.problems),
        },
        also_changed: plan.also_changed.iter().map(ToString::to_string).collect(),
        problems: convert::problems(&plan.problems),
        branch: promoting::branch(&opened.workspace, plan)?,
        message: promoting::message(plan),
    })
}

/// Ticks on single differences that are not there any more: a draft is older than what it is about.
fn ticks_gone<'a>(plan: &PromotionPlan, keys: impl Iterator<Item = &'a String>) -> Vec<Problem> {
    keys.filter_map(|key| match key.parse::<Selector>() {
        Ok(Selector::Item { instance, resource, path }) => {
            let is_there = plan
                .items
                .iter()
                .any(|item| item.instance == instance && item.resource == resource && item.path == path);
            (!is_there).then(|| {
                let place = if path.to_string().is_empty() { String::new() } else { format!(" {path}") };
                Problem::info(
                    "tick-gone",
                    format!(
                        "{resource}{place} does not differ any more, so what was chosen for it is dropped"
                    ),
                )
                .of(instance)
            })
        }
        _ => None,
    })
    .collect()
}

fn item(plan: &PromotionPlan, inner: &PromotionItem) -> PromotionItemInfo {
    let key = Selector::Item {
        instance: inner.instance.clone(),
        resource: inner.resource.clone(),
        path: inner.path.clone(),
    };
    let problem = (inner.chosen && inner.edits.is_empty()).then(|| {
        plan.problems
            .iter()
            .find(|problem| {
                problem.code == "no-edit-found" && problem.instance.as_ref() == Some(&inner.instance)
            })
            .map_or_else(|| "no edit was found that carries it".to_owned(), ToString::to_string)
    });
    PromotionItemInfo {
        key: key.to_string(),
        instance: inner.instance.to_string(),
        resource: convert::resource(&inner.resource),
        path: inner.path.to_string(),
        old: inner.old.clone().unwrap_or_default(),
        new: inner.new.clone().unwrap_or_default(),
        secret: inner.secret,
        class: convert::class(inner.class),
        reason: inner.reason.clone(),
        chosen: inner.chosen,
        edits: inner.edits.iter().map(|index| count(*index)).collect(),
        problem,
    }
}

fn edit(edit: &Edit) -> EditInfo {
    let file = edit.file().to_string();
    let info = |operation: &str, path: Option<String>, old, new| EditInfo {
        file: file.clone(),
        operation: operation.to_owned(),
        path,
        old,
        new,
    };
    use serde_json::Value;
    match edit {
        Edit::Set { path, old, new, .. } => {
            info("set", Some(path.to_string()), old.clone().unwrap_or_default(), new.clone())
        }
        Edit::Insert { path, new, .. } => info("insert", Some(path.to_string()), Value::Null, new.clone()),
        Edit::Remove { path, old, .. } => {
            info("remove", Some(path.to_string()), old.clone().unwrap_or_default(), Value::Null)
        }
        Edit::Write { .. } => info("write", None, Value::Null, Value::Null),
        Edit::Copy { from, .. } => info("copy", None, Value::String(from.to_string()), Value::Null),
        Edit::Delete { .. } => info("delete", None, Value::Null, Value::Null),
    }
}
