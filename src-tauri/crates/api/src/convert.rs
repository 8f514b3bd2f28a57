//! From the inner types to the shapes of the wire.

use slipway_catalog::{Application, Instance};
use slipway_diff::{Change, FieldChange, Group, ResourceChange};
use slipway_model::{Problem, RepoPath, ResourceId, Severity, Tree};
use slipway_promote::{ClassCounts as InnerCounts, Distance, SettingClass, State};
use slipway_workspace::{Facts, Fleet as InnerFleet, Progress, RenderStatus as InnerStatus, Standing};

use crate::dto::*;

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(crate) fn progress(progress: Progress) -> FleetProgress {
    let Progress { total, rendered, failed } = progress;
    FleetProgress { total: count(total), rendered: count(rendered), failed: count(failed) }
}

pub(crate) fn resource(id: &ResourceId) -> ResourceInfo {
    let ResourceId { group, kind, namespace, name } = id.clone();
    ResourceInfo { group, kind, namespace, name }
}

pub(crate) fn resource_id(info: &ResourceInfo) -> ResourceId {
    let ResourceInfo { group, kind, namespace, name } = info.clone();
    ResourceId { group, kind, namespace, name }
}

/// A problem without an excerpt. A file that was fetched is named by its reference.
pub(crate) fn problem(problem: &Problem) -> ProblemInfo {
    let Problem { code, severity, message, hints, instance, location, missing: _ } = problem.clone();
    let (file, line, column) = match location {
        Some(location) => (Some(location.readable_file().into_owned()), location.line, location.column),
        None => (None, None, None),
    };
    ProblemInfo {
        code,
        severity: match severity {
            Severity::Info => SeverityInfo::Info,
            Severity::Warning => SeverityInfo::Warning,
            Severity::Error => SeverityInfo::Error,
        },
        message,
        hints,
        instance: instance.map(|id| id.to_string()),
        file,
        line,
        column,
        excerpt: None,
    }
}

/// A problem with the lines around its place, where the file is in the tree and small enough to show.
pub(crate) fn problem_with_excerpt(tree: &dyn Tree, inner: &Problem) -> ProblemInfo {
    let mut info = problem(inner);
    if let Some(slipway_model::Location { file, line: Some(line), .. }) = &inner.location {
        let text =
            RepoPath::new(file).ok().and_then(|path| slipway_model::read_text(tree, &path).ok().flatten());
        info.excerpt = text.map(|text| slipway_yaml::excerpt(&text, *line, info.column.unwrap_or(1)));
    }
    info
}

pub(crate) fn problems<'a>(all: impl IntoIterator<Item = &'a Problem>) -> Vec<ProblemInfo> {
    all.into_iter().map(problem).collect()
}

pub(crate) fn commit(commit: &slipway_git::CommitInfo) -> CommitInfo {
    CommitInfo {
        id: commit.id.as_str().to_owned(),
        subject: commit.subject.clone(),
        author: commit.author.name.clone(),
        time: commit.time.seconds,
    }
}

pub(crate) fn state(standing: Option<&Standing>) -> StateInfo {
    let Some(standing) = standing else { return StateInfo::Pending };
    let distance =
        |distance: &Distance| (u32::try_from(distance.versions).unwrap_or(u32::MAX), distance.by_number);
    match &standing.state {
        None => StateInfo::First,
        Some(State::Equal) => StateInfo::Equal,
        Some(State::Behind(by)) => {
            let (count, by_number) = distance(by);
            StateInfo::Behind { count, by_number }
        }
        Some(State::Ahead(by)) => {
            let (count, by_number) = distance(by);
            StateInfo::Ahead { count, by_number }
        }
        Some(State::Drifted { intended }) => {
            StateInfo::Drifted { count: count(standing.classes.a + standing.classes.d), intended: *intended }
        }
        Some(State::NotThere) => StateInfo::NotThere,
        Some(State::Failed) => StateInfo::Failed,
    }
}

pub(crate) fn classes(counts: InnerCounts) -> ClassCounts {
    let InnerCounts { a, b, c, d } = counts;
    ClassCounts { a: count(a), b: count(b), c: count(c), d: count(d) }
}

pub(crate) fn class(class: SettingClass) -> SettingClassInfo {
    match class {
        SettingClass::A => SettingClassInfo::A,
        SettingClass::B => SettingClassInfo::B,
        SettingClass::C => SettingClassInfo::C,
        SettingClass::D => SettingClassInfo::D,
    }
}

pub(crate) fn inner_class(class: SettingClassInfo) -> SettingClass {
    match class {
        SettingClassInfo::A => SettingClass::A,
        SettingClassInfo::B => SettingClass::B,
        SettingClassInfo::C => SettingClass::C,
        SettingClassInfo::D => SettingClass::D,
    }
}

/// The most characters of a text in a field; more are of no use to a reader and would make a list of changes
/// megabytes large. The texts themselves are compared by `text_diff`.
const LONGEST_TEXT: usize = 1_000;

pub(crate) fn field(field: &FieldChange) -> FieldChangeInfo {
    let FieldChange { path, old, new, secret } = field;
    let value = |value: &Option<serde_json::Value>| value.as_ref().map(shortened).unwrap_or_default();
    FieldChangeInfo { path: path.to_string(), old: value(old), new: value(new), secret: *secret }
}

/// A value whose texts are cut, and say how much is left out.
fn shortened(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => match text.char_indices().nth(LONGEST_TEXT) {
            Some((end, _)) => {
                let rest = text[end..].chars().count();
                Value::String(format!("{} … {rest} more characters", &text[..end]))
            }
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, each)| (key.clone(), shortened(each)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

pub(crate) fn change(change: Change) -> ChangeKind {
    match change {
        Change::Added => ChangeKind::Added,
        Change::Removed => ChangeKind::Removed,
        Change::Changed => ChangeKind::Changed,
        Change::Renamed => ChangeKind::Renamed,
    }
}

pub(crate) fn resource_change(
    instance: &slipway_model::InstanceId,
    inner: &ResourceChange,
) -> ResourceChangeInfo {
    let ResourceChange { resource: id, change: kind, renamed_from, fields } = inner;
    ResourceChangeInfo {
        instance: instance.to_string(),
        resource: resource(id),
        change: change(*kind),
        renamed_from: renamed_from.as_ref().map(resource),
        fields: fields.iter().map(field).collect(),
    }
}

pub(crate) fn group(inner: &Group) -> GroupInfo {
    let Group { path, change, count: number, instances } = inner.clone();
    GroupInfo {
        path,
        change,
        count: count(number),
        instances: instances.iter().map(ToString::to_string).collect(),
    }
}

/// Where a protected environment's instances go, by the user's settings.
pub(crate) fn fleet(
    repository: &str,
    inner: &InnerFleet,
    context_of: impl Fn(&str) -> Option<String>,
) -> Fleet {
    let catalog = &inner.catalog;
    let environments = catalog
        .environments
        .iter()
        .map(|environment| EnvironmentInfo {
            name: environment.name.to_string(),
            protected: environment.protected,
            context: context_of(environment.name.as_str()),
            instances: count(
                catalog.instances().filter(|instance| instance.id.environment == environment.name).count(),
            ),
        })
        .collect();
    let mut applications: Vec<ApplicationRow> =
        catalog.applications.iter().map(|application| application_row(inner, application)).collect();
    applications.sort_by(|left, right| (&left.directory, &left.name).cmp(&(&right.directory, &right.name)));
    Fleet {
        repository: repository.to_owned(),
        generation: inner.generation,
        layout: LayoutInfo {
            family: catalog.layout.family.clone(),
            confidence: catalog.layout.confidence,
            reason: catalog.layout.reason.clone(),
        },
        environments,
        applications,
        skipped: catalog
            .skipped
            .iter()
            .map(|skipped| SkippedInfo { path: skipped.path.to_string(), reason: skipped.reason.clone() })
            .collect(),
        problems: problems(&catalog.problems),
        progress: progress(inner.progress()),
    }
}

fn application_row(fleet: &InnerFleet, application: &Application) -> ApplicationRow {
    ApplicationRow {
        name: application.name.to_string(),
        directory: directory_of(application),
        instances: application.instances.iter().map(|instance| instance_row(fleet, instance)).collect(),
    }
}

/// The directory that holds an application in the tree of the first screen: what the paths of its instances
/// have in common, without the application's own segment.
fn directory_of(application: &Application) -> String {
    let mut common: Option<Vec<String>> = None;
    for instance in &application.instances {
        let segments: Vec<String> = instance.place().segments().map(ToOwned::to_owned).collect();
        common = Some(match common {
            None => segments,
            Some(before) => before
                .into_iter()
                .zip(segments)
                .take_while(|(left, right)| left == right)
                .map(|(left, _)| left)
                .collect(),
        });
    }
    let mut common = common.unwrap_or_default();
    if let Some(own) = common.iter().position(|segment| segment == application.name.as_str()) {
        common.truncate(own);
    } else if application.instances.len() == 1 {
        common.pop();
    }
    common.join("/")
}

fn instance_row(fleet: &InnerFleet, instance: &Instance) -> InstanceRow {
    let facts = fleet.facts.get(&instance.id);
    let (errors, warnings) = facts.map(|facts| facts.counts()).unwrap_or_default();
    let source = instance.sources.first();
    let change = fleet.changes.of(&instance.id);
    InstanceRow {
        instance: instance.id.to_string(),
        environment: instance.id.environment.to_string(),
        path: instance.place().to_string(),
        engine: source.map(|source| source.engine.to_string()).unwrap_or_default(),
        status: render_status(facts.map(AsRef::as_ref)),
        version: facts.map(|facts| facts.version.clone()).unwrap_or_default(),
        state: state(fleet.standings.get(&instance.id)),
        resources: count(facts.map_or(0, |facts| facts.resources.len())),
        errors: count(errors),
        warnings: count(warnings),
        message: facts.and_then(|facts| {
            facts.problems.iter().find(|problem| problem.is_error()).map(ToString::to_string)
        }),
        namespace: instance.destination.namespace.clone(),
        revision: change.map(|commit| commit.id.short().to_owned()),
        changed_at: change.map(|commit| commit.time.seconds),
    }
}

pub(crate) fn render_status(facts: Option<&Facts>) -> RenderStatus {
    match facts.map(|facts| facts.status) {
        None => RenderStatus::Pending,
        Some(InnerStatus::Ok) => RenderStatus::Ok,
        Some(InnerStatus::Failed) => RenderStatus::Failed,
        Some(InnerStatus::Opaque) => RenderStatus::Opaque,
    }
}

/// A lane as the screen draws it.
pub(crate) fn lane(lane: &slipway_sync::lanes::Lane, phase: RunPhase, message: Option<String>) -> Lane {
    Lane {
        instance: lane.instance.to_string(),
        application: lane.instance.application.to_string(),
        environment: lane.instance.environment.to_string(),
        columns: lane.columns.iter().map(column).collect(),
        message,
        phase,
        attempt: None,
        attempts: Vec::new(),
        waits_for: Vec::new(),
    }
}

fn column(column: &slipway_sync::lanes::Column) -> LaneColumn {
    use slipway_sync::lanes::GateState as Inner;
    let (gate, gate_text) = match &column.gate {
        None => (GateState::Open, None),
        Some(gate) => {
            let state = match gate.state {
                Inner::Passed => GateState::Passed,
                Inner::Waiting | Inner::AfterFailure => GateState::Waiting,
                Inner::Closed => GateState::Failed,
            };
            (state, (!gate.text.is_empty()).then(|| gate.text.clone()))
        }
    };
    LaneColumn {
        phase: column.place.phase.as_str().to_owned(),
        wave: i32::try_from(column.place.wave).unwrap_or(i32::MAX),
        tasks: column.tiles.iter().map(tile).collect(),
        gate,
        gate_text,
    }
}

fn tile(tile: &slipway_sync::lanes::Tile) -> TaskInfo {
    use slipway_sync::lanes::TileState as Inner;
    TaskInfo {
        key: format!(
            "{}/{}/{}/{}",
            tile.task.resource.group,
            tile.task.resource.kind,
            tile.task.resource.namespace,
            tile.task.resource.name
        ),
        resource: resource(&tile.task.resource),
        action: tile.task.action.as_str().to_owned(),
        hooks: tile.task.hook_types.iter().map(|hook| hook.as_str().to_owned()).collect(),
        waits_for_health: tile.task.waits_for_health,
        status: match tile.state {
            Inner::Skipped => TaskStatus::Skipped,
            Inner::Pruned => TaskStatus::Pruned,
            Inner::Synced => TaskStatus::Synced,
            Inner::Waiting => TaskStatus::Waiting,
            Inner::InProgress => TaskStatus::InProgress,
            Inner::NotStarted => TaskStatus::WillNotStart,
            Inner::Failed => TaskStatus::Failed,
        },
        message: (!tile.message.is_empty()).then(|| tile.message.clone()),
        started_at: None,
        finished_at: None,
        sequence: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_texts_in_values_are_cut_and_say_how_much_is_missing() {
        let long = "é".repeat(1_500);
        let cut = format!("{} … 500 more characters", "é".repeat(1_000));
        let value = json!({"data": {"file": long, "port": 80}, "list": ["a", long], "none": null});
        let expected = json!({"data": {"file": cut, "port": 80}, "list": ["a", cut], "none": null});
        assert_eq!(shortened(&value), expected);
        let short = json!("x".repeat(1_000));
        assert_eq!(shortened(&short), short);
    }
}
