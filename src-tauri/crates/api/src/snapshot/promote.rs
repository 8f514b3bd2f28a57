//! Promoting from the command line.

use std::path::PathBuf;

use slipway_model::{ApplicationName, EnvironmentName};
use slipway_promote::{PromotionPlan, Selection, Selector};

use super::Snapshot;
use crate::dto::ApiError;
use crate::error::error;
use crate::promoting::{self, Question, Target};
use crate::secrets::mask_key;

/// What to promote, as it is typed.
#[derive(Clone, Debug, Default)]
pub struct PromoteQuestion {
    /// Where from.
    pub from: String,
    /// Where to.
    pub to: Vec<String>,
    /// Which applications; all by default.
    pub applications: Vec<String>,
    /// Classes and paths that go along.
    pub include: Vec<String>,
    /// Classes and paths that do not.
    pub exclude: Vec<String>,
    /// Where it is written; nowhere by default.
    pub write: Option<WriteTo>,
    /// The commit message.
    pub message: Option<String>,
}

/// Where a promotion is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteTo {
    /// The branch that is checked out.
    CurrentBranch,
    /// A branch; it is made where it is not there.
    Branch(String),
    /// A patch file.
    Patch(PathBuf),
}

impl Snapshot {
    /// Plans a promotion on the tip of the target branch, and writes it where that was asked for.
    ///
    /// # Errors
    /// When an environment or application is unknown, or it cannot be written; nothing is written then.
    pub fn promote(&self, question: &PromoteQuestion) -> Result<PromotionPlan, ApiError> {
        let selectors = |texts: &[String]| -> Result<Vec<Selector>, ApiError> {
            texts
                .iter()
                .map(|text| {
                    text.parse().map_err(|failure| error("bad-argument", format!("`{text}`: {failure}")))
                })
                .collect()
        };
        let target = match &question.write {
            None | Some(WriteTo::CurrentBranch) => Target::Current,
            Some(WriteTo::Branch(name)) => Target::Branch(name.clone()),
            Some(WriteTo::Patch(file)) => Target::Patch(file.clone()),
        };
        let base = promoting::base(&self.workspace, &target)?;
        // What its templates look up is known from here on.
        self.fleet_at(&base)?;
        let mut plan = promoting::plan(
            &self.workspace,
            &base,
            &Question {
                from: EnvironmentName::new(&question.from),
                to: question.to.iter().map(EnvironmentName::new).collect(),
                applications: question.applications.iter().map(ApplicationName::new).collect(),
                selection: Selection {
                    include: selectors(&question.include)?,
                    exclude: selectors(&question.exclude)?,
                },
            },
            &|_, _, _| true,
        )?;
        plan.problems.extend(self.silent_clusters());
        if question.write.is_some() {
            plan.problems.extend(promoting::in_the_way(&self.workspace, &plan, &self.settings));
            let message = question.message.clone().unwrap_or_else(|| promoting::message(&plan));
            plan.written = Some(promoting::write(&self.workspace, &plan, &target, &message, &self.settings)?);
        }
        // From here on the plan is only shown.
        plan.edits = plan.edits.iter().map(|edit| slipway_promote::shown_edit(edit, mask_key())).collect();
        Ok(plan)
    }
}
