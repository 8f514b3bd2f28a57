//! Planning and writing a promotion: what the window and the command line have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use slipway_git::{BranchTarget, CommitRequest, Committed, Consent, GitError, Head, Person};
use slipway_model::{
    ApplicationName, CommitId, EnvironmentName, InstanceId, Problem, Reads, RepoPath, Severity, Tree,
};
use slipway_promote::{PromotionPlan, Request, Selection, Written};
use slipway_render::Rendered;
use slipway_store::{Settings, write_atomically};
use slipway_workspace::{Clusters, Fleet, Progress, Workspace, WorkspaceError};

use crate::dto::ApiError;
use crate::error::error;
use crate::secrets::mask_key;

/// What to promote.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) from: EnvironmentName,
    pub(crate) to: Vec<EnvironmentName>,
    /// All that are in both environments, where none is named.
    pub(crate) applications: Vec<ApplicationName>,
    pub(crate) selection: Selection,
}

/// Where a promotion is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The branch that is checked out.
    Current,
    /// A branch; it is made where it is not there.
    Branch(String),
    /// A patch file.
    Patch(std::path::PathBuf),
}

/// The commit that a promotion to `target` is planned on: the tip of the branch it goes to.
pub(crate) fn base(workspace: &Workspace, target: &Target) -> Result<CommitId, ApiError> {
    if let Target::Branch(name) = target {
        let branches = workspace.repository().branches()?;
        if let Some(branch) =
            branches.into_iter().find(|branch| branch.remote.is_none() && branch.name == *name)
        {
            return Ok(branch.commit);
        }
    }
    Ok(workspace.head_commit()?)
}

/// Is told what is done, how much of it, and of how much (0 where that is not known); says whether it goes on.
pub(crate) type GoesOn<'a> = &'a (dyn Fn(&str, usize, usize) -> bool + Sync);

/// Plans a promotion on a commit. Nothing is written.
pub(crate) fn plan(
    workspace: &Workspace,
    base: &CommitId,
    question: &Question,
    goes_on: GoesOn<'_>,
) -> Result<PromotionPlan, ApiError> {
    let fleet = workspace.fleet_at_watched(base, &|progress: Progress| {
        goes_on("Rendering the base", progress.rendered, progress.total)
    })?;
    for name in std::iter::once(&question.from).chain(&question.to) {
        if fleet.catalog.environment(name).is_none() {
            let known: Vec<&str> = fleet.catalog.environments.iter().map(|each| each.name.as_str()).collect();
            return Err(ApiError::from(WorkspaceError::UnknownEnvironment(name.clone()))
                .hint(format!("there is {}", known.join(", "))));
        }
    }
    let unknown = question
        .applications
        .iter()
        .find(|name| !fleet.catalog.applications.iter().any(|application| application.name == **name));
    if let Some(name) = unknown {
        return Err(error("unknown-application", format!("there is no application `{name}`"))
            .hint("`slipway scan` lists the applications"));
    }
    let pairing = slipway_promote::pairs(
        &fleet.catalog,
        &fleet.tree,
        &question.from,
        &question.to,
        &question.applications,
    );
    let mut problems = pairing.problems;
    let clusters = common_clusters(&fleet, question);
    // Planning knows nothing of being cancelled: it comes to its end at once when nothing renders any more.
    let (renders, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let render = |tree: &dyn Tree, instance: &slipway_catalog::Instance| {
        let done = renders.fetch_add(1, Ordering::Relaxed);
        if ended.load(Ordering::Relaxed) || !goes_on("Trying edits: renders", done, 0) {
            ended.store(true, Ordering::Relaxed);
            return Rendered::failed(Vec::new(), Reads::default());
        }
        workspace.render(tree, instance, &clusters)
    };
    let mut plan = slipway_promote::plan(&Request {
        tree: fleet.tree.clone(),
        base: base.clone(),
        from: question.from.clone(),
        to: question.to.clone(),
        pairs: pairing.pairs,
        newcomers: pairing.newcomers,
        words: slipway_promote::environment_words(&fleet.catalog),
        pins: &fleet.rules.pins,
        version_groups: &fleet.rules.version_groups,
        selection: question.selection.clone(),
        key: mask_key().clone(),
        lists: &slipway_diff::BuiltInLists,
        render: &render,
        redeclare: &|tree: &dyn Tree, instance: &slipway_catalog::Instance| {
            let catalog = workspace.scan(tree).ok()?;
            catalog.instance(&instance.id).cloned()
        },
        affected: &|paths: &[RepoPath]| fleet.touched_by(paths).into_iter().cloned().collect(),
    });
    if ended.into_inner() {
        return Err(WorkspaceError::Cancelled.into());
    }
    problems.append(&mut plan.problems);
    plan.problems = problems;
    Ok(plan)
}

/// What all renders of a plan see of clusters: the same for both sides, so that only what Git says differs. Targets whose
/// clusters are not alike have nothing in common.
fn common_clusters(fleet: &Fleet, question: &Question) -> Clusters {
    let mut each = question.to.iter().map(|to| fleet.clusters.for_comparison(&question.from, to));
    let first = each.next().unwrap_or_default();
    if each.all(|other| other == first) { first } else { Clusters::default() }
}

/// What keeps a plan from being committed to the branch that is checked out, or will not be done then, said
/// before it is tried.
pub(crate) fn in_the_way(workspace: &Workspace, plan: &PromotionPlan, settings: &Settings) -> Vec<Problem> {
    let mut files: Vec<RepoPath> = plan.edits.iter().map(|edit| edit.file().clone()).collect();
    files.sort();
    files.dedup();
    let mut problems = workspace
        .repository()
        .preflight(&BranchTarget::Current, &files, &Consent::default())
        .unwrap_or_else(|failure| vec![Problem::warning("git", failure.to_string())]);
    // The settings name one instead.
    if settings.identity.name.is_some() && settings.identity.email.is_some() {
        problems.retain(|problem| problem.code != "no-author");
    }
    problems
}

/// What is in the way of writing a plan while its target is not chosen yet. Who commits is asked then, a patch has no
/// author, and another branch goes where the one that is checked out does not: none of these stops the planning.
pub(crate) fn foreseen(workspace: &Workspace, plan: &PromotionPlan, settings: &Settings) -> Vec<Problem> {
    let mut problems = in_the_way(workspace, plan, settings);
    problems.retain(|problem| problem.code != "no-author");
    for problem in &mut problems {
        if matches!(problem.code.as_str(), "branch-not-writable" | "index-not-readable") {
            problem.severity = Severity::Warning;
        }
    }
    problems
}

/// The files of a plan with their new content.
pub(crate) fn changes(
    fleet: &Fleet,
    plan: &PromotionPlan,
) -> Result<BTreeMap<RepoPath, Option<Bytes>>, ApiError> {
    let overlay = slipway_promote::apply(&fleet.tree, &plan.edits)
        .map_err(|problem| error("edit-failed", problem.to_string()))?;
    Ok(overlay.changes().clone())
}

/// Writes a plan: a commit, or a patch file. The plan was proven when it was made; the branch must still be
/// where it was then.
pub(crate) fn write(
    workspace: &Workspace,
    plan: &PromotionPlan,
    target: &Target,
    message: &str,
    settings: &Settings,
) -> Result<Written, ApiError> {
    if plan.edits.is_empty() {
        let failure =
            error("nothing-to-promote", "no difference that is ticked can be carried; nothing was written")
                .hint("`--include CLASS|PATH` ticks more");
        // What could not be rendered may be why.
        let errors = plan.problems.iter().filter(|problem| problem.is_error()).take(3);
        return Err(errors.fold(failure, |failure, problem| failure.hint(problem.to_string())));
    }
    refuse_half(plan)?;
    let fleet = workspace.fleet_at(&plan.base, &AtomicBool::new(false))?;
    let changes = changes(&fleet, plan)?;
    if let Target::Patch(file) = target {
        let patch = workspace.repository().diff_patch(&plan.base, &changes)?;
        write_atomically(file, patch.as_bytes())?;
        return Ok(Written { patch: Some(file.display().to_string()), ..Written::default() });
    }
    let branch = match target {
        Target::Branch(name) => branch_target(workspace, name)?,
        Target::Current | Target::Patch(_) => BranchTarget::Current,
    };
    let committed = commit_to(workspace, &plan.base, branch, changes, message, settings)?;
    Ok(Written { commit: Some(committed.commit), branch: committed.branch, ..Written::default() })
}

/// Commits changes of files to the branch that is checked out.
pub(crate) fn commit(
    workspace: &Workspace,
    base: &CommitId,
    changes: BTreeMap<RepoPath, Option<Bytes>>,
    message: &str,
    settings: &Settings,
) -> Result<(), ApiError> {
    commit_to(workspace, base, BranchTarget::Current, changes, message, settings)?;
    Ok(())
}

fn commit_to(
    workspace: &Workspace,
    base: &CommitId,
    branch: BranchTarget,
    changes: BTreeMap<RepoPath, Option<Bytes>>,
    message: &str,
    settings: &Settings,
) -> Result<Committed, ApiError> {
    let committed = workspace.repository().write_commit(&CommitRequest {
        base: Some(base.clone()),
        branch,
        changes,
        message: message.to_owned(),
        author: None,
        identity: identity(workspace, settings),
        time: None,
        consent: Consent::default(),
    })?;
    for warning in &committed.warnings {
        tracing::warn!("{warning}");
    }
    Ok(committed)
}

/// Refuses what was planned on another commit than the tip.
pub(crate) fn refuse_moved(base: &CommitId, planned_on: &str) -> Result<(), ApiError> {
    if base.as_str() == planned_on {
        return Ok(());
    }
    let message = format!("the branch moved to {} since this was planned; nothing was written", base.short());
    Err(error("base-moved", message).hint("look at the plan again: it is made anew on the new tip"))
}

/// Problems of a plan that say: the result would not be what is ticked.
const NOT_AS_TICKED: &[&str] = &["no-edit-found", "proof-failed", "conflicting-edits"];

/// What is written must give what is ticked ; what cannot is left out by the user, not by us.
fn refuse_half(plan: &PromotionPlan) -> Result<(), ApiError> {
    let problem = plan
        .problems
        .iter()
        .find(|problem| problem.is_error() && NOT_AS_TICKED.contains(&problem.code.as_str()));
    let Some(problem) = problem else { return Ok(()) };
    let mut failure = error("not-as-ticked", format!("nothing was written: {}", problem.message));
    failure.hints = problem.hints.clone();
    Err(failure)
}

fn branch_target(workspace: &Workspace, name: &str) -> Result<BranchTarget, GitError> {
    let repository = workspace.repository();
    if matches!(repository.head()?, Head::Branch { name: current, .. } if current == name) {
        return Ok(BranchTarget::Current);
    }
    let exists = repository.branches()?.iter().any(|branch| branch.remote.is_none() && branch.name == name);
    Ok(if exists { BranchTarget::Existing(name.to_owned()) } else { BranchTarget::New(name.to_owned()) })
}

/// The person of the settings, where Git names none itself.
fn identity(workspace: &Workspace, settings: &Settings) -> Option<Person> {
    if workspace.repository().has_identity() {
        return None;
    }
    match (&settings.identity.name, &settings.identity.email) {
        (Some(name), Some(email)) => Some(Person { name: name.clone(), email: email.clone() }),
        _ => None,
    }
}

/// A message in the form of the project's own history: `promote(web): staging → production`.
pub(crate) fn message(plan: &PromotionPlan) -> String {
    let applications = applications(plan);
    let to = plan.to.iter().map(EnvironmentName::as_str).collect::<Vec<_>>().join(", ");
    let short = applications.join(", ");
    let subject = if applications.len() <= 3 {
        format!("promote({short}): {} → {to}", plan.from)
    } else {
        format!("promote: {} → {to}, {} applications", plan.from, applications.len())
    };
    let mut text = format!("{subject}\n");
    if applications.len() > 3 {
        text.push_str(&format!("\n{short}\n"));
    }
    text
}

/// A branch name that Git accepts and that is free: `promote/web-to-production`, for several applications
/// `promote/3-apps-staging-to-production-1a2b3c4`.
pub(crate) fn branch(workspace: &Workspace, plan: &PromotionPlan) -> Result<String, ApiError> {
    let taken: BTreeSet<String> = workspace
        .repository()
        .branches()?
        .into_iter()
        .map(|branch| match &branch.remote {
            // On a remote a name is taken as well: it would be pushed there.
            Some(remote) => {
                branch.name.strip_prefix(&format!("{remote}/")).unwrap_or(&branch.name).to_lowercase()
            }
            None => branch.name.to_lowercase(),
        })
        .collect();
    Ok(free_branch(&applications(plan), &plan.from, &plan.to, plan.base.short(), &taken))
}

/// The first name that is not taken. `taken` is in lower case, because some file systems tell no cases apart.
fn free_branch(
    applications: &[String],
    from: &EnvironmentName,
    to: &[EnvironmentName],
    base: &str,
    taken: &BTreeSet<String>,
) -> String {
    let plain = |text: &str| {
        let text: String =
            text.chars().map(|each| if each.is_ascii_alphanumeric() { each } else { '-' }).take(60).collect();
        text.trim_matches('-').to_owned()
    };
    let to = plain(&to.iter().map(|name| plain(name.as_str())).collect::<Vec<_>>().join("-"));
    let name = match applications {
        [only] => format!("{}-to-{to}", plain(only)),
        [] => format!("{}-to-{to}", plain(from.as_str())),
        all => format!("{}-apps-{}-to-{to}-{base}", all.len(), plain(from.as_str())),
    };
    // Where a branch is called `promote`, Git cannot have one below it.
    let separator = if taken.contains("promote") { '-' } else { '/' };
    let is_free = |name: &str| {
        let name = name.to_lowercase();
        let below = format!("{name}/");
        !taken.iter().any(|other| *other == name || other.starts_with(&below))
    };
    let first = format!("promote{separator}{name}");
    std::iter::once(first.clone())
        .chain((2_u32..).map(|number| format!("{first}-{number}")))
        .find(|name| is_free(name))
        .unwrap_or(first)
}

/// The applications that a plan changes.
fn applications(plan: &PromotionPlan) -> Vec<String> {
    let mut names: Vec<String> = plan
        .items
        .iter()
        .filter(|item| item.chosen && !item.edits.is_empty())
        .map(|item| item.instance.application.to_string())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The instances that a plan changes, those that nobody chose included.
pub(crate) fn changed(plan: &PromotionPlan) -> Vec<InstanceId> {
    let mut all: Vec<InstanceId> =
        plan.preview.resources.iter().map(|change| change.instance.clone()).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(problems: Vec<Problem>) -> PromotionPlan {
        PromotionPlan {
            from: EnvironmentName::new("staging"),
            to: vec![EnvironmentName::new("production")],
            base: CommitId::new("0"),
            items: Vec::new(),
            edits: Vec::new(),
            preview: slipway_diff::Report::default(),
            also_changed: Vec::new(),
            written: None,
            problems,
        }
    }

    #[test]
    fn a_proposed_branch_is_free() {
        let names = |taken: &[&str], applications: &[&str]| {
            let taken = taken.iter().map(|name| (*name).to_owned()).collect();
            let applications: Vec<String> = applications.iter().map(|name| (*name).to_owned()).collect();
            let to = [EnvironmentName::new("production/eu")];
            free_branch(&applications, &EnvironmentName::new("staging"), &to, "1a2b3c4", &taken)
        };
        let first = "promote/web-to-production-eu";
        assert_eq!(names(&[], &["web"]), first);
        assert_eq!(names(&[first], &["web"]), format!("{first}-2"));
        assert_eq!(names(&[first, &format!("{first}-2")], &["web"]), format!("{first}-3"));
        assert_eq!(
            names(&[first], &["Web"]),
            "promote/Web-to-production-eu-2",
            "cases may not be told apart"
        );
        assert_eq!(names(&["promote"], &["web"]), "promote-web-to-production-eu", "no branch below a branch");
        assert_eq!(names(&["promote/web-to-production-eu/x"], &["web"]), format!("{first}-2"));
        assert_eq!(names(&[], &["a", "b"]), "promote/2-apps-staging-to-production-eu-1a2b3c4");
        assert_eq!(names(&[], &["we b…@{"]), "promote/we-b-to-production-eu");
        assert_eq!(names(&[], &[]), "promote/staging-to-production-eu");
    }

    #[test]
    fn half_of_what_is_ticked_is_never_written() {
        let half = plan(vec![Problem::error("no-edit-found", "no edit carries it").hint("leave it out")]);
        let failure = refuse_half(&half).unwrap_err();
        assert_eq!((failure.code.as_str(), failure.hints.len()), ("not-as-ticked", 1));
        let others = plan(vec![
            Problem::error("not-rendered", "another instance"),
            Problem::warning("also-changed", "x"),
        ]);
        assert!(refuse_half(&others).is_ok(), "a broken instance does not keep the others");
    }
}
