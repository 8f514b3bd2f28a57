//! From nodes to settings.

use std::collections::BTreeMap;

use slipway_model::{FieldPath, Problem, RepoPath, Severity};
use slipway_render::EngineKind;

use super::node::{Content, Node, Place, problem};
use super::{
    ApplicationSettings, Class, Drift, EnvironmentSettings, Freeze, InstanceSettings, LessonSettings, Pin,
    Settings,
};

/// Reads nodes and collects what is wrong with them.
#[derive(Default)]
pub(super) struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    pub(super) fn settings(&mut self, root: &Node) -> Settings {
        let mut settings = Settings::default();
        let known = [
            "version",
            "environments",
            "applications",
            "ignore",
            "pins",
            "drift",
            "versionGroups",
            "freeze",
            "lessons",
        ];
        let mut map = self.map(root, "the settings", &known);
        match map.take("version") {
            Some(node) => {
                let text = self.text(&node, "version");
                if text.as_deref().is_some_and(|text| text != "1") {
                    self.fail(node.place, "`version` must be 1: this program reads no later settings");
                }
            }
            None => self.fail(root.place, "`version: 1` is missing"),
        }
        settings.environments = self.list(map.take("environments"), "environments", Self::environment);
        settings.applications = self.list(map.take("applications"), "applications", Self::application);
        settings.ignore = self.texts(map.take("ignore"), "ignore");
        settings.pins = self.list(map.take("pins"), "pins", Self::pin);
        settings.drift = self.list(map.take("drift"), "drift", Self::drift);
        settings.version_groups = self.list(map.take("versionGroups"), "versionGroups", |reader, node| {
            Some(reader.texts(Some(node.clone()), "versionGroups"))
        });
        settings.freeze = self.list(map.take("freeze"), "freeze", Self::freeze);
        settings.lessons = self.lessons(map.take("lessons"));
        settings
    }

    fn environment(&mut self, node: &Node) -> Option<EnvironmentSettings> {
        let mut map = self.map(node, "an environment", &["name", "aliases", "protected", "namespace"]);
        let name = self.required(&mut map, node, "name")?;
        let aliases = self.texts(map.take("aliases"), "aliases");
        let protected = map.take("protected").and_then(|node| self.boolean(&node, "protected"));
        let namespace = self.optional(&mut map, "namespace");
        Some(EnvironmentSettings { name, aliases, protected, namespace })
    }

    fn application(&mut self, node: &Node) -> Option<ApplicationSettings> {
        let mut map = self.map(node, "an application", &["name", "environments"]);
        let name = self.required(&mut map, node, "name")?;
        let environments = self.list(map.take("environments"), "environments", Self::instance);
        Some(ApplicationSettings { name, environments })
    }

    fn instance(&mut self, node: &Node) -> Option<InstanceSettings> {
        let known = ["name", "path", "engine", "values", "release", "namespace"];
        let mut map = self.map(node, "an environment of an application", &known);
        let name = self.required(&mut map, node, "name")?;
        let written = map.take("path");
        let place = written.as_ref().map_or(node.place, |node| node.place);
        let text = match &written {
            Some(node) => self.text(node, "path")?,
            None => {
                self.fail(node.place, "`path` is missing");
                return None;
            }
        };
        let path = match RepoPath::new(&text) {
            Ok(path) => path,
            Err(error) => {
                self.fail(place, format!("`path`: {error}"));
                return None;
            }
        };
        let engine = map.take("engine").and_then(|node| self.engine(&node));
        let values = self.texts(map.take("values"), "values");
        let release = self.optional(&mut map, "release");
        let namespace = self.optional(&mut map, "namespace");
        Some(InstanceSettings { name, path, engine, values, release, namespace })
    }

    fn engine(&mut self, node: &Node) -> Option<EngineKind> {
        const ENGINES: [EngineKind; 5] = [
            EngineKind::Helm,
            EngineKind::Kustomize,
            EngineKind::Jsonnet,
            EngineKind::Minijinja,
            EngineKind::Plain,
        ];
        let text = self.text(node, "engine")?;
        let engine = ENGINES.into_iter().find(|engine| engine.as_str() == text);
        if engine.is_none() && text != "auto" {
            self.fail(
                node.place,
                format!("`{text}` is no engine: expected auto, helm, kustomize, jsonnet, minijinja or plain"),
            );
        }
        engine
    }

    fn pin(&mut self, node: &Node) -> Option<Pin> {
        let mut map =
            self.map(node, "a pin", &["application", "environment", "kind", "path", "class", "reason"]);
        let (application, environment, kind) = self.scope(&mut map);
        let path = self.field_path(&mut map, node)?;
        let written = map.take("class");
        let reason = self.optional(&mut map, "reason").unwrap_or_default();
        let class = match &written {
            Some(node) => match self.text(node, "class")?.as_str() {
                "A" => Class::A,
                "B" => Class::B,
                "C" => Class::C,
                "D" => Class::D,
                other => {
                    self.fail(node.place, format!("`{other}` is no class: expected A, B, C or D"));
                    return None;
                }
            },
            None => {
                self.fail(node.place, "`class` is missing");
                return None;
            }
        };
        Some(Pin { application, environment, kind, path, class, reason })
    }

    fn drift(&mut self, node: &Node) -> Option<Drift> {
        let mut map =
            self.map(node, "a drift", &["application", "environment", "kind", "path", "reason", "expires"]);
        let (application, environment, kind) = self.scope(&mut map);
        let path = self.field_path(&mut map, node)?;
        let reason = self.optional(&mut map, "reason").unwrap_or_default();
        let expires = map.take("expires").and_then(|node| {
            let text = self.text(&node, "expires")?;
            if !is_date(&text) {
                self.fail(node.place, format!("`{text}` is no date: expected YYYY-MM-DD"));
            }
            Some(text)
        });
        Some(Drift { application, environment, kind, path, reason, expires })
    }

    fn freeze(&mut self, node: &Node) -> Option<Freeze> {
        let mut map = self.map(node, "a freeze", &["environment", "from", "to", "reason"]);
        let environment = self.optional(&mut map, "environment").unwrap_or_else(|| "*".to_owned());
        let from = self.time(&mut map, node, "from");
        let to = self.time(&mut map, node, "to");
        let reason = self.optional(&mut map, "reason").unwrap_or_default();
        let (from, to) = (from?, to?);
        if from >= to {
            self.fail(node.place, "`from` must be before `to`");
        }
        Some(Freeze { environment, from, to, reason })
    }

    fn lessons(&mut self, node: Option<Node>) -> BTreeMap<String, LessonSettings> {
        let mut lessons = BTreeMap::new();
        let Some(node) = node.filter(|node| !node.is_null()) else { return lessons };
        let Content::Mapping(entries) = &node.content else {
            self.fail(node.place, format!("expected a map for `lessons`, found {}", node.kind()));
            return lessons;
        };
        for (name, _, value) in entries {
            let mut map = self.map(value, "a lesson", &["severity", "reason"]);
            let reason = self.optional(&mut map, "reason").unwrap_or_default();
            let Some(written) = map.take("severity") else {
                self.fail(value.place, "`severity` is missing");
                continue;
            };
            let severity = match self.text(&written, "severity").as_deref() {
                Some("error") => Some(Severity::Error),
                Some("warning") => Some(Severity::Warning),
                Some("info") => Some(Severity::Info),
                Some("off") => None,
                Some(other) => {
                    let message = format!("`{other}` is no severity: expected error, warning, info or off");
                    self.fail(written.place, message);
                    continue;
                }
                None => continue,
            };
            lessons.insert(name.clone(), LessonSettings { severity, reason });
        }
        lessons
    }

    fn scope(&mut self, map: &mut Map) -> (String, String, String) {
        let mut any = |key| self.optional(map, key).unwrap_or_else(|| "*".to_owned());
        (any("application"), any("environment"), any("kind"))
    }

    fn field_path(&mut self, map: &mut Map, owner: &Node) -> Option<String> {
        let node = map.take("path");
        let Some(node) = node else {
            self.fail(owner.place, "`path` is missing");
            return None;
        };
        let text = self.text(&node, "path")?;
        if let Err(error) = text.parse::<FieldPath>() {
            self.fail(node.place, error.to_string());
            return None;
        }
        Some(text)
    }

    fn time(&mut self, map: &mut Map, owner: &Node, key: &str) -> Option<String> {
        let Some(node) = map.take(key) else {
            self.fail(owner.place, format!("`{key}` is missing"));
            return None;
        };
        let text = self.text(&node, key)?;
        if !is_time(&text) {
            self.fail(node.place, format!("`{text}` is no time: expected YYYY-MM-DDThh:mm:ssZ"));
            return None;
        }
        Some(text)
    }

    fn map(&mut self, node: &Node, what: &str, known: &[&str]) -> Map {
        let Content::Mapping(entries) = &node.content else {
            self.fail(node.place, format!("expected a map for {what}, found {}", node.kind()));
            return Map::default();
        };
        let mut map = Map::default();
        for (name, place, value) in entries {
            if known.contains(&name.as_str()) {
                map.0.insert(name.clone(), value.clone());
            } else {
                let mut warning = problem(*place, format!("`{name}` is no key of {what}"))
                    .hint(format!("known keys: {}", known.join(", ")));
                warning.code = "unknown-setting".to_owned();
                warning.severity = Severity::Warning;
                self.problems.push(warning);
            }
        }
        map
    }

    fn list<T>(
        &mut self,
        node: Option<Node>,
        what: &str,
        mut item: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        let Some(node) = node.filter(|node| !node.is_null()) else { return Vec::new() };
        let Content::Sequence(items) = &node.content else {
            self.fail(node.place, format!("expected a list for `{what}`, found {}", node.kind()));
            return Vec::new();
        };
        items.iter().filter_map(|each| item(self, each)).collect()
    }

    fn texts(&mut self, node: Option<Node>, what: &str) -> Vec<String> {
        self.list(node, what, |reader, node| reader.text(node, what))
    }

    fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.content {
            Content::Scalar(text, _) if !node.is_null() => Some(text.clone()),
            _ => {
                self.fail(node.place, format!("expected text for `{what}`, found {}", node.kind()));
                None
            }
        }
    }

    fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        match &node.content {
            Content::Scalar(text, true) if text == "true" => Some(true),
            Content::Scalar(text, true) if text == "false" => Some(false),
            _ => {
                self.fail(node.place, format!("expected true or false for `{what}`"));
                None
            }
        }
    }

    fn required(&mut self, map: &mut Map, owner: &Node, key: &str) -> Option<String> {
        let Some(node) = map.take(key) else {
            self.fail(owner.place, format!("`{key}` is missing"));
            return None;
        };
        let text = self.text(&node, key)?;
        if text.is_empty() {
            self.fail(node.place, format!("`{key}` is empty"));
            return None;
        }
        Some(text)
    }

    fn optional(&mut self, map: &mut Map, key: &str) -> Option<String> {
        let node = map.take(key).filter(|node| !node.is_null())?;
        self.text(&node, key)
    }

    fn fail(&mut self, place: Place, message: impl Into<String>) {
        self.problems.push(problem(place, message));
    }
}

/// The entries of a map that were not taken yet.
#[derive(Default)]
struct Map(BTreeMap<String, Node>);

impl Map {
    fn take(&mut self, key: &str) -> Option<Node> {
        self.0.remove(key)
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, digits: usize| {
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    let (Some(_), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

fn is_time(text: &str) -> bool {
    let Some((date, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else {
        return false;
    };
    let parts: Vec<&str> = time.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return false };
    let below =
        |text: &str, limit: u32| text.len() == 2 && text.parse::<u32>().is_ok_and(|number| number < limit);
    is_date(date) && below(hours, 24) && below(minutes, 60) && below(seconds, 60)
}
