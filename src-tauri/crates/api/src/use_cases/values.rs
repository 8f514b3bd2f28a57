//! The layers of values of a chart side by side.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use slipway_diff::short_value;
use slipway_helm::Defaults;
use slipway_model::{FieldPath, Location, Segment};
use slipway_render::Parameters;
use slipway_render::set::{self, Null, ValueSyntax};
use slipway_yaml::Parsed;

use super::source::Places;
use crate::convert::count;
use crate::dto::{LayerInfo, LayerKind, ValueCell, ValueKey};
use crate::secrets::mask_key;

/// Keys that are listed.
const KEYS: usize = 500;
/// Keys of a layer that are looked at.
const LEAVES: usize = 20_000;
/// Values deeper than this are compared as wholes.
const DEEPEST: usize = 100;

/// The layers, and where they contradict each other.
pub(super) struct Compared {
    pub(super) layers: Vec<LayerInfo>,
    pub(super) keys: Vec<ValueKey>,
    pub(super) total: u32,
}

/// A text of values that belongs to a layer.
struct Part {
    /// The keys under which its values lie: for a chart in a chart its name.
    prefix: Vec<String>,
    file: String,
    parsed: Option<Parsed>,
    values: Value,
}

/// A layer of values.
struct Layer {
    name: String,
    kind: LayerKind,
    /// The strongest first.
    parts: Vec<Part>,
    problem: Option<String>,
}

type Path = Vec<String>;

/// Compares the layers of a chart: defaults (the strongest first), the user's texts (the weakest first: name, whether it
/// is a file of the tree, YAML), then assignments.
pub(super) fn compare(
    places: &Places<'_>,
    defaults: &[Defaults],
    texts: &[(String, bool, String)],
    parameters: &Parameters,
) -> Compared {
    let layers = layers(places, defaults, texts, parameters);
    let mut leaves: BTreeMap<Path, usize> = BTreeMap::new();
    let own: Vec<Vec<Path>> = layers.iter().map(Layer::leaves).collect();
    for path in own.iter().flatten() {
        *leaves.entry(path.clone()).or_default() += 1;
    }
    let set_by = |path: &Path| layers.iter().filter(|layer| layer.get(path).is_some()).count();
    let (mut keys, mut total) = (Vec::new(), 0_usize);
    let mut alone: BTreeMap<&Path, ()> = BTreeMap::new();
    for path in leaves.keys() {
        if set_by(path) < 2 {
            alone.insert(path, ());
            continue;
        }
        let Some(winner) = layers.iter().rposition(|layer| layer.get(path).is_some()) else { continue };
        // What replaces something above the key has a row of its own.
        if layers[winner + 1..].iter().any(|layer| layer.replaces(path)) {
            continue;
        }
        total += 1;
        if keys.len() < KEYS {
            let cells = layers.iter().map(|layer| layer.cell(places, path)).collect();
            keys.push(ValueKey { key: written(path), cells, winner: count(winner) });
        }
    }
    let infos = layers.iter().zip(&own).map(|(layer, own)| {
        let only_here = own.iter().filter(|path| alone.contains_key(path)).count();
        layer.info(places, own.len(), only_here)
    });
    Compared { layers: infos.collect(), keys, total: count(total) }
}

fn layers(
    places: &Places<'_>,
    defaults: &[Defaults],
    texts: &[(String, bool, String)],
    parameters: &Parameters,
) -> Vec<Layer> {
    let mut layers = Vec::new();
    let (root, inner): (Vec<&Defaults>, Vec<&Defaults>) =
        defaults.iter().partition(|each| each.chart.is_empty());
    if !inner.is_empty() {
        let mut layer = Layer::new("defaults of dependencies", LayerKind::Dependencies);
        inner.iter().for_each(|each| layer.read(&each.chart, each.file.as_str(), &each.text));
        layers.push(layer);
    }
    for each in root {
        let mut layer = Layer::new(each.file.as_str(), LayerKind::Defaults);
        layer.read(&[], each.file.as_str(), &each.text);
        layers.push(layer);
    }
    let mut user = Value::Object(Map::new());
    for (name, is_file, text) in texts {
        let mut layer = Layer::new(name, if *is_file { LayerKind::File } else { LayerKind::Inline });
        layer.read(&[], name, text);
        layer.parts.iter().for_each(|part| slipway_yaml::merge(&mut user, part.values.clone()));
        layers.push(layer);
    }
    layers.extend(assignments(places, parameters, user));
    layers
}

/// The assignments as a layer: which keys they set, with the values that come of it, as `a[0]=x` changes an item only.
fn assignments(places: &Places<'_>, parameters: &Parameters, user: Value) -> Option<Layer> {
    let groups = [
        (&parameters.set_json, ValueSyntax::KeyedJson),
        (&parameters.set, ValueSyntax::Typed),
        (&parameters.set_string, ValueSyntax::Text),
    ];
    let is_empty = groups.iter().all(|(group, _)| group.is_empty()) && parameters.set_file.is_empty();
    if is_empty {
        return None;
    }
    let Value::Object(mut result) = user else { return None };
    let mut keys = Map::new();
    let mut problem = None;
    for map in [&mut keys, &mut result] {
        let each = groups.iter().flat_map(|(group, syntax)| group.iter().map(move |text| (text, *syntax)));
        for (argument, syntax) in each {
            if let Err(error) = set::assign(map, argument, syntax, Null::Keep) {
                problem = Some(error.to_string());
            }
        }
        for argument in &parameters.set_file {
            let mut read = |name: &str| parameters.set_file_content(places.tree, name);
            if let Err(error) = set::assign_files(map, argument, &mut read) {
                problem = Some(error.to_string());
            }
        }
    }
    let (keys, result) = (Value::Object(keys), Value::Object(result));
    let mut values = Value::Object(Map::new());
    let mut paths = Vec::new();
    walk(&keys, &mut Vec::new(), &mut paths);
    for path in paths {
        if let Some(value) = at(&result, &path) {
            let nested = path
                .iter()
                .rev()
                .fold(value.clone(), |inner, key| Value::Object(Map::from_iter([(key.clone(), inner)])));
            slipway_yaml::merge(&mut values, nested);
        }
    }
    let mut layer = Layer::new("parameters", LayerKind::Parameters);
    layer.problem = problem;
    layer.parts.push(Part { prefix: Vec::new(), file: String::new(), parsed: None, values });
    Some(layer)
}

impl Layer {
    fn new(name: &str, kind: LayerKind) -> Self {
        Self { name: name.to_owned(), kind, parts: Vec::new(), problem: None }
    }

    fn read(&mut self, prefix: &[String], file: &str, text: &str) {
        let decoded = slipway_yaml::decode(text).and_then(|values| Ok((values, Parsed::new(text)?)));
        match decoded {
            Ok((values @ Value::Object(_), parsed)) => {
                let (prefix, file) = (prefix.to_vec(), file.to_owned());
                self.parts.push(Part { prefix, file, parsed: Some(parsed), values });
            }
            Ok((Value::Null, _)) => {}
            Ok(_) => self.problem = Some(format!("{file}: values are a map")),
            Err(error) => {
                self.problem = Some(format!("{file}:{}:{}: {}", error.line, error.column, error.message));
            }
        }
    }

    /// The value at a path, and the part that it is in.
    fn get(&self, path: &[String]) -> Option<(&Part, &Value)> {
        self.parts
            .iter()
            .find_map(|part| Some((part, at(&part.values, path.strip_prefix(&part.prefix[..])?)?)))
    }

    /// Whether it sets something above the path to what is no map.
    fn replaces(&self, path: &[String]) -> bool {
        (1..path.len()).any(|length| self.get(&path[..length]).is_some_and(|(_, value)| !value.is_object()))
    }

    fn leaves(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        for part in &self.parts {
            walk(&part.values, &mut part.prefix.clone(), &mut paths);
        }
        paths.sort();
        paths.dedup();
        paths
    }

    fn cell(&self, places: &Places<'_>, path: &[String]) -> Option<ValueCell> {
        let (part, value) = self.get(path)?;
        let masked = is_secret(path, value);
        let value = if masked { mask_key().marker(value) } else { short_value(value) };
        Some(ValueCell { value, masked, place: part.place(path).map(|place| places.of(&place)) })
    }

    fn info(&self, places: &Places<'_>, keys: usize, only_here: usize) -> LayerInfo {
        let is_file = matches!(self.kind, LayerKind::Defaults | LayerKind::File);
        LayerInfo {
            name: self.name.clone(),
            kind: self.kind.clone(),
            place: is_file
                .then(|| places.of(&Location { file: self.name.clone(), line: None, column: None })),
            keys: count(keys),
            only_here: count(only_here),
            problem: self.problem.clone(),
        }
    }
}

impl Part {
    fn place(&self, path: &[String]) -> Option<Location> {
        let inner = path.strip_prefix(&self.prefix[..])?;
        let field = FieldPath(inner.iter().cloned().map(Segment::Key).collect());
        let place = self.parsed.as_ref()?.find(0, &field)?;
        let start = place.key.unwrap_or(place.value).start;
        Some(Location { file: self.file.clone(), line: Some(start.line), column: Some(start.column) })
    }
}

fn at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.as_object()?.get(key))
}

/// The paths of what is no map. Lists count as one value, since a stronger layer replaces them as wholes.
fn walk(value: &Value, path: &mut Path, paths: &mut Vec<Path>) {
    if paths.len() >= LEAVES {
        return;
    }
    match value {
        Value::Object(entries) if path.len() < DEEPEST => {
            for (key, inner) in entries {
                path.push(key.clone());
                walk(inner, path, paths);
                path.pop();
            }
        }
        _ => paths.push(path.clone()),
    }
}

/// A path as templates write it.
fn written(path: &[String]) -> String {
    let mut text = String::new();
    for key in path {
        let is_plain =
            !key.is_empty() && key.chars().all(|each| each.is_alphanumeric() || "_-".contains(each));
        match (is_plain, text.is_empty()) {
            (true, true) => text.push_str(key),
            (true, false) => text.extend([".", key]),
            (false, _) => text.push_str(&format!("[{key:?}]")),
        }
    }
    text
}

/// Whether the name of a value says that it is secret. A chart's values have no kind that would say so; what only names
/// a Secret (`existingSecret`, `secretName`) or switches one on is none.
fn is_secret(path: &[String], value: &Value) -> bool {
    const WORDS: [&str; 11] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "accesskey",
        "privatekey",
        "credential",
        "connectionstring",
        "licensekey",
    ];
    const NAMES: [&str; 6] = ["name", "ref", "existingsecret", "pullsecrets", "enabled", "path"];
    if matches!(value, Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) || value == "" {
        return false;
    }
    let plain = |key: &String| {
        key.chars().filter(|each| each.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    if path.last().is_some_and(|key| NAMES.iter().any(|name| plain(key).ends_with(name))) {
        return false;
    }
    path.iter().any(|key| WORDS.iter().any(|word| plain(key).contains(word)))
}

#[cfg(test)]
mod tests {
    use slipway_model::{MemoryTree, RepoPath};

    use super::*;

    fn defaults(chart: &[&str], file: &str, text: &str) -> Defaults {
        Defaults {
            chart: chart.iter().map(ToString::to_string).collect(),
            file: RepoPath::new(file).unwrap(),
            text: text.to_owned(),
        }
    }

    fn row<'a>(compared: &'a Compared, key: &str) -> (Vec<Option<String>>, u32) {
        let row: &'a ValueKey =
            compared.keys.iter().find(|row| row.key == key).unwrap_or_else(|| panic!("{key}"));
        let cell = |cell: &Option<ValueCell>| {
            cell.as_ref().map(|cell| {
                let line = cell.place.as_ref().and_then(|place| place.line);
                format!("{} {}", cell.value, line.map_or_else(|| "-".to_owned(), |line| line.to_string()))
            })
        };
        (row.cells.iter().map(cell).collect(), row.winner)
    }

    #[test]
    fn keys_of_several_layers_say_who_wins_and_where_each_is_set() {
        let tree = MemoryTree::new([("web/values.yaml", "x"), ("prod.yaml", "x")]);
        let places = Places { tree: &tree, on_disk: true };
        let parameters =
            Parameters { set: vec!["image.tag=v9,args[1]=b".to_owned()], ..Parameters::default() };
        let compared = compare(
            &places,
            &[
                defaults(
                    &[],
                    "web/values.yaml",
                    "image:\n  tag: v1\nargs: [a]\nquiet: 1\nredis:\n  size: 2\nold:\n  inner: 1\n",
                ),
                defaults(&["redis"], "web/charts/redis/values.yaml", "size: 1\nport: 6379\n"),
            ],
            &[
                (
                    "prod.yaml".to_owned(),
                    true,
                    "image:\n  tag: v2\nargs: [c, d]\nredis:\n  port: 1\nold: gone\n".to_owned(),
                ),
                ("inline values".to_owned(), false, "more: 1\nimage: {tag: null}\n".to_owned()),
            ],
            &parameters,
        );
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            row(&compared, "image.tag"),
            (vec![None, some("v1 2"), some("v2 2"), some("null 2"), some("v9 -")], 4)
        );
        assert_eq!(row(&compared, "redis.size"), (vec![some("1 1"), some("2 6"), None, None, None], 1));
        assert_eq!(row(&compared, "redis.port"), (vec![some("6379 2"), None, some("1 5"), None, None], 2));
        assert_eq!(row(&compared, "args").1, 4);
        assert_eq!(row(&compared, "old").1, 2, "a text replaces a map");
        assert!(!compared.keys.iter().any(|row| row.key == "quiet" || row.key == "old.inner"));
        assert_eq!(compared.total, 5);
        let only: Vec<u32> = compared.layers.iter().map(|layer| layer.only_here).collect();
        assert_eq!(only, [0, 2, 0, 1, 0]);
        assert!(compared.layers[2].place.as_ref().is_some_and(|place| place.opens));
    }

    #[test]
    fn what_a_name_calls_secret_is_masked_and_names_of_secrets_are_not() {
        let path = |text: &str| text.split('.').map(ToOwned::to_owned).collect::<Vec<_>>();
        let value = Value::from("x");
        for secret in ["db.password", "API_TOKEN", "secrets.url", "auth.clientSecret", "s3.accessKey"] {
            assert!(is_secret(&path(secret), &value), "{secret}");
        }
        for open in ["db.host", "auth.existingSecret", "tls.secretName", "image.pullSecrets", "secrets.ref"] {
            assert!(!is_secret(&path(open), &value), "{open}");
        }
        assert!(!is_secret(&path("automountToken"), &Value::Bool(true)));
    }

    #[test]
    fn a_file_that_cannot_be_read_says_where() {
        let tree = MemoryTree::default();
        let places = Places { tree: &tree, on_disk: true };
        let texts = [("bad.yaml".to_owned(), true, "a: [\n".to_owned())];
        let compared = compare(&places, &[], &texts, &Parameters::default());
        assert!(compared.layers[0].problem.as_ref().is_some_and(|text| text.starts_with("bad.yaml:")));
    }
}
