//! Setting and removing pins in `.slipway.yaml`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};
use slipway_catalog::settings::{self, Pin, Settings};
use slipway_diff::text::{TextOptions, diff};
use slipway_model::{ApplicationName, Edit, EnvironmentName, FieldPath, RepoPath, ResourceId, Tree};
use slipway_promote::PromotionItem;
use slipway_yaml::Parsed;

use super::text_diff::text_row;
use crate::Api;
use crate::app::blocking;
use crate::convert;
use crate::dto::*;
use crate::error::error;
use crate::promoting::{self, Target};
use crate::use_cases::repository::info;

/// Lines around a change of the file that the preview shows.
const CONTEXT: u32 = 3;

impl Api {
    pub(crate) async fn pin_plan(&self, request: PinRequest) -> Result<PinPreview, ApiError> {
        let opened = self.opened(&request.repository)?;
        blocking(move || {
            let base = promoting::base(&opened.workspace, &Target::Current)?;
            let fleet = opened.workspace.fleet_at(&base, &AtomicBool::new(false))?;
            let written = change(&fleet.tree, &request.change)?;
            let options = TextOptions { context: CONTEXT, ..TextOptions::default() };
            let compared = diff(&written.before, &written.after, &options);
            Ok(PinPreview {
                base: base.as_str().to_owned(),
                file: settings::file().to_string(),
                creates: written.creates,
                diff: TextDiffResult {
                    left: "now".to_owned(),
                    right: "with the change".to_owned(),
                    rows: compared.rows.iter().map(text_row).collect(),
                    hunks: compared.hunks,
                    hunk_fields: vec![Vec::new(); compared.hunks as usize],
                },
                message: message(&request.change),
            })
        })
        .await
    }

    pub(crate) async fn pin_commit(&self, request: PinCommit) -> Result<RepositoryInfo, ApiError> {
        let opened = self.opened(&request.request.repository)?;
        let settings_now = self.settings_now();
        let writing = opened.clone();
        blocking(move || {
            let base = promoting::base(&writing.workspace, &Target::Current)?;
            promoting::refuse_moved(&base, &request.base)?;
            let fleet = writing.workspace.fleet_at(&base, &AtomicBool::new(false))?;
            let written = change(&fleet.tree, &request.request.change)?;
            let changes = [(settings::file(), Some(written.after.into()))].into();
            promoting::commit(&writing.workspace, &base, changes, &request.message, &settings_now)
        })
        .await?;
        opened.update(self).await?;
        self.tell(ApiEvent::RepositoryChanged { repository: opened.id.clone() });
        let settings_now = self.settings_now();
        blocking(move || info(&opened, &settings_now)).await
    }
}

/// A file before and after.
#[derive(Debug)]
struct Change {
    before: String,
    after: String,
    creates: bool,
}

/// The settings file of a tree with a pin set or removed. Nothing else of it changes, and it must be as valid
/// afterwards as it was before.
fn change(tree: &Arc<dyn Tree>, wanted: &PinChange) -> Result<Change, ApiError> {
    let file = settings::file();
    let unreadable = |failure: slipway_model::TreeError| error("unreadable-file", failure.to_string());
    let before = slipway_model::read_text(tree.as_ref(), &file).map_err(unreadable)?;
    let text = before.as_deref().unwrap_or_default();
    let (known, problems) = settings::parse(text);
    let Some(known) = known else {
        let why = problems.iter().find(|problem| problem.is_error());
        let why = why.map(ToString::to_string).unwrap_or_default();
        return Err(error("invalid-settings", format!("{file} cannot be read, so no pin is changed: {why}"))
            .hint("correct the file first"));
    };
    let edits = edits(&file, before.is_some(), &known, wanted)?;
    let overlay =
        slipway_promote::apply(tree, &edits).map_err(|problem| error("edit-failed", problem.to_string()))?;
    let after = slipway_model::read_text(&overlay, &file).map_err(unreadable)?.unwrap_or_default();
    let (read, found) = settings::parse(&after);
    if read.is_none() || found.len() > problems.len() {
        let why = found.last().map(ToString::to_string).unwrap_or_default();
        return Err(error("edit-failed", format!("{file} would not be valid with this pin: {why}")));
    }
    Ok(Change { creates: before.is_none(), before: before.unwrap_or_default(), after })
}

fn edits(file: &RepoPath, exists: bool, known: &Settings, wanted: &PinChange) -> Result<Vec<Edit>, ApiError> {
    let list = FieldPath::root().key("pins");
    let (file, document) = (file.clone(), 0);
    let target = match wanted {
        PinChange::Set { target, .. } | PinChange::Remove { target } => target,
    };
    let at = known.pins.iter().position(|pin| is_on(pin, target));
    Ok(vec![match (wanted, at) {
        (PinChange::Remove { .. }, None) => {
            return Err(error("no-such-pin", format!("{} is not pinned any more", name(target))));
        }
        (PinChange::Remove { .. }, Some(_)) if known.pins.len() == 1 => {
            Edit::Remove { file, document, path: list, old: None }
        }
        (PinChange::Remove { .. }, Some(at)) => {
            Edit::Remove { file, document, path: list.index(at), old: None }
        }
        (PinChange::Set { class, reason, .. }, _) => {
            if target.path.is_empty() {
                return Err(error("bad-request", "a whole resource cannot be pinned, only fields of it"));
            }
            let path = target
                .path
                .parse::<FieldPath>()
                .map_err(|failure| error("bad-request", failure.to_string()))?;
            // The first pin that fits decides, so one that stands before would keep this from having an effect.
            let before = at.unwrap_or(known.pins.len());
            if let Some(first) = known.pins[..before].iter().find(|pin| decides(pin, target, &path)) {
                let first = PinTarget {
                    application: first.application.clone(),
                    environment: first.environment.clone(),
                    kind: first.kind.clone(),
                    path: first.path.clone(),
                };
                let message = format!("the pin {} stands before and decides {}", name(&first), name(target));
                return Err(error("pinned-already", message)
                    .hint(format!("change or remove that pin, or put the new one before it in {file}")));
            }
            let pin = json!({
                "application": target.application, "environment": target.environment, "kind": target.kind,
                "path": target.path, "class": convert::inner_class(*class).as_str(), "reason": reason.trim(),
            });
            match at {
                Some(at) => Edit::Set { file, document, path: list.index(at), old: None, new: pin },
                None if !exists => {
                    let content = slipway_yaml::emit(&json!({"version": 1, "pins": [pin]}));
                    Edit::Write { file, content }
                }
                None if known.pins.is_empty() => {
                    Edit::Insert { file, document, path: list, new: Value::Array(vec![pin]) }
                }
                None => Edit::Insert { file, document, path: list.index(known.pins.len()), new: pin },
            }
        }
    }])
}

fn is_on(pin: &Pin, target: &PinTarget) -> bool {
    pin.application == target.application
        && pin.environment == target.environment
        && pin.kind == target.kind
        && pin.path == target.path
}

/// Whether a pin decides everything that a target names.
fn decides(pin: &Pin, target: &PinTarget, path: &FieldPath) -> bool {
    let Some(pin) = slipway_workspace::pin(pin) else { return false };
    let resource = ResourceId {
        group: String::new(),
        kind: target.kind.clone(),
        namespace: String::new(),
        name: String::new(),
    };
    let application = ApplicationName::new(&target.application);
    let environment = EnvironmentName::new(&target.environment);
    slipway_promote::pin_of(&[pin], &application, &environment, &resource, path).is_some()
}

fn name(target: &PinTarget) -> String {
    format!("{} {} of {}@{}", target.kind, target.path, target.application, target.environment)
}

fn message(change: &PinChange) -> String {
    match change {
        PinChange::Set { target, reason, .. } => {
            let reason = reason.trim();
            let body = if reason.is_empty() { String::new() } else { format!("\n{reason}\n") };
            format!("pin {}\n{body}", name(target))
        }
        PinChange::Remove { target } => format!("unpin {}\n", name(target)),
    }
}

/// The pins of a tree, ready to be looked up by the items of a plan.
pub(crate) struct Pins {
    /// Each with its place in the file.
    pins: Vec<(slipway_promote::Pin, usize)>,
    parsed: Option<Parsed>,
}

impl Pins {
    pub(crate) fn of(tree: &dyn Tree) -> Self {
        let (known, _) = settings::load(tree);
        let parsed = slipway_model::read_text(tree, &settings::file())
            .ok()
            .flatten()
            .and_then(|text| Parsed::new(text).ok());
        let pins =
            known.pins.iter().enumerate().filter_map(|(at, pin)| Some((slipway_workspace::pin(pin)?, at)));
        Self { pins: pins.collect(), parsed }
    }

    /// The pin that decides an item.
    pub(crate) fn on(&self, item: &PromotionItem) -> Option<PinInfo> {
        let (pin, at) = self.pins.iter().find(|(pin, _)| {
            let id = &item.instance;
            let pins = std::slice::from_ref(pin);
            slipway_promote::pin_of(pins, &id.application, &id.environment, &item.resource, &item.path)
                .is_some()
        })?;
        let path = FieldPath::root().key("pins").index(*at);
        let place = self.parsed.as_ref().and_then(|parsed| parsed.find(0, &path));
        Some(PinInfo {
            application: pin.application.clone(),
            environment: pin.environment.clone(),
            kind: pin.kind.clone(),
            path: pin.path.to_string(),
            class: convert::class(pin.class),
            reason: pin.reason.clone(),
            file: settings::file().to_string(),
            line: place.map(|place| place.value.start.line),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::MemoryTree;
    use slipway_promote::SettingClass;

    fn target(path: &str) -> PinTarget {
        PinTarget {
            application: "web".to_owned(),
            environment: "production".to_owned(),
            kind: "Deployment".to_owned(),
            path: path.to_owned(),
        }
    }

    fn set(path: &str, reason: &str) -> PinChange {
        PinChange::Set { target: target(path), class: SettingClassInfo::B, reason: reason.to_owned() }
    }

    fn after(text: Option<&str>, wanted: &PinChange) -> Result<String, String> {
        let files = text.map(|text| (".slipway.yaml", text.to_owned()));
        let tree: Arc<dyn Tree> = Arc::new(MemoryTree::new(files));
        change(&tree, wanted).map(|change| change.after).map_err(|failure| failure.code)
    }

    const ONE: &str = "version: 1 # the only one\npins:\n# why\n- {application: web, environment: production, \
                       kind: Deployment, path: /spec/replicas, class: B, reason: sized}\n";

    #[test]
    fn a_pin_is_added_and_nothing_else_of_the_file_changes() {
        let created = after(None, &set("/spec/replicas", "sized")).unwrap();
        let (known, problems) = settings::parse(&created);
        assert_eq!((known.unwrap().pins.len(), problems), (1, Vec::new()), "{created}");
        let text = "version: 1 # the only one\nignore: [docs/**]\n";
        let first = after(Some(text), &set("/spec/replicas", "sized")).unwrap();
        assert!(first.starts_with(text), "{first}");
        let second = after(Some(ONE), &set("/spec/paused", "frozen")).unwrap();
        assert!(second.starts_with(ONE) && second.contains("/spec/paused"), "{second}");
    }

    #[test]
    fn a_pin_of_the_same_target_is_replaced_and_removed() {
        let replaced = after(Some(ONE), &set("/spec/replicas", "other")).unwrap();
        assert!(replaced.contains("reason: other") && !replaced.contains("sized"), "{replaced}");
        assert!(replaced.contains("# why"), "{replaced}");
        let removed = after(Some(ONE), &PinChange::Remove { target: target("/spec/replicas") }).unwrap();
        assert!(removed.starts_with("version: 1 # the only one\n") && !removed.contains("pins"), "{removed}");
        let gone = after(Some(ONE), &PinChange::Remove { target: target("/spec/paused") });
        assert_eq!(gone.unwrap_err(), "no-such-pin");
    }

    #[test]
    fn what_cannot_be_pinned_is_refused() {
        assert_eq!(after(None, &set("", "")).unwrap_err(), "bad-request");
        assert_eq!(after(None, &set("spec", "")).unwrap_err(), "bad-request");
        assert_eq!(after(Some("version: [\n"), &set("/a", "")).unwrap_err(), "invalid-settings");
        let broad = ONE.replace("application: web", "application: '*'").replace("/spec/replicas", "/spec");
        assert_eq!(after(Some(&broad), &set("/spec/paused", "")).unwrap_err(), "pinned-already");
        assert!(after(Some(&broad), &set("/metadata/labels", "")).is_ok());
    }

    #[test]
    fn the_pin_of_an_item_tells_its_line() {
        let tree = MemoryTree::new([(".slipway.yaml", ONE)]);
        let item = |path: &str| PromotionItem {
            instance: "web@production".parse().unwrap(),
            resource: slipway_model::ResourceId {
                group: "apps".to_owned(),
                kind: "Deployment".to_owned(),
                namespace: String::new(),
                name: "web".to_owned(),
            },
            path: path.parse().unwrap(),
            old: None,
            new: None,
            class: SettingClass::B,
            reason: String::new(),
            secret: false,
            chosen: false,
            edits: Vec::new(),
            also_carries: Vec::new(),
        };
        let pins = Pins::of(&tree);
        let found = pins.on(&item("/spec/replicas")).unwrap();
        assert_eq!(
            (found.line, found.reason.as_str(), found.file.as_str()),
            (Some(4), "sized", ".slipway.yaml")
        );
        assert_eq!(pins.on(&item("/spec/paused")), None);
    }
}
