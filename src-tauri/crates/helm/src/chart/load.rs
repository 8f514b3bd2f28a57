//! From files to a chart, as `LoadFiles` of `helm.sh/helm/v3/pkg/chart/loader` does it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use slipway_model::{Location, Problem};

use super::metadata::{Dependency, Metadata, cannot};
use super::{Chart, File, Place, archive};
use crate::failure::{Failure, code};
use crate::go_yaml;
use crate::schema::Schema;
use crate::values::Data;

/// How deep charts may lie in charts.
const NESTING_LIMIT: usize = 32;
/// How many charts may lie in a chart, all levels together.
const CHART_LIMIT: usize = 4_096;

/// What is gathered while charts are loaded.
#[derive(Debug, Default)]
pub(crate) struct Loading {
    /// What Helm logs.
    pub(crate) log: Vec<Problem>,
    charts: usize,
}

impl Loading {
    fn warn(&mut self, place: &Place, file: &str, message: &str) {
        let problem = Problem::warning(code::LOG, message).at(Location::file(&place.file(file)));
        self.log.push(problem);
    }
}

/// Loads a chart of its files.
pub(crate) fn load(files: Vec<File>, place: Place, loading: &mut Loading) -> Result<Chart, Failure> {
    load_level(files, place, loading, 0)
}

fn load_level(files: Vec<File>, place: Place, loading: &mut Loading, level: usize) -> Result<Chart, Failure> {
    loading.charts += 1;
    if level > NESTING_LIMIT || loading.charts > CHART_LIMIT {
        let message = format!(
            "charts are nested deeper than {NESTING_LIMIT} levels, or there are more than {CHART_LIMIT} of them"
        );
        return Err(Failure::new(code::LIMIT, message).at(Location::file(&place.file("charts"))));
    }
    let mut metadata: Option<Metadata> = None;
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        let metadata = metadata.get_or_insert_default();
        read_metadata(metadata, file, &place)?;
        if metadata.api_version.is_empty() {
            // Charts of Helm 2 have none.
            "v1".clone_into(&mut metadata.api_version);
        }
    }
    let mut chart = Chart {
        place,
        metadata: Metadata::default(),
        values: None,
        values_text: None,
        schema: None,
        templates: Vec::new(),
        files: Vec::new(),
        shared_files: Vec::new(),
        lock: Vec::new(),
        dependencies: Vec::new(),
    };
    let mut inside: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in files {
        match file.name.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => chart.lock = read_lock(&file, &chart.place)?,
            "values.yaml" => {
                chart.values = Some(Arc::new(read_values(&file, &chart.place)?));
                chart.values_text = Some(file.data);
            }
            "values.schema.json" => chart.schema = Some(Schema::new(file.data)),
            "requirements.yaml" => {
                let metadata = metadata.get_or_insert_default();
                if metadata.api_version != "v1" {
                    let message = "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.";
                    loading.warn(&chart.place, &file.name, message);
                }
                read_metadata(metadata, &file, &chart.place)?;
                if metadata.api_version == "v1" {
                    chart.files.push(file);
                }
            }
            "requirements.lock" => {
                chart.lock = read_lock(&file, &chart.place)?;
                let metadata = metadata.get_or_insert_default();
                if metadata.api_version != "v1" {
                    let message = "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to Chart.lock.";
                    loading.warn(&chart.place, &file.name, message);
                } else {
                    chart.files.push(file);
                }
            }
            name if name.starts_with("templates/") => chart.templates.push(file),
            name => match name.strip_prefix("charts/") {
                Some(_) if name.ends_with(".prov") => chart.files.push(file),
                Some(rest) => {
                    let entry = rest.split('/').next().unwrap_or(rest).to_owned();
                    let file = File { name: rest.to_owned(), data: file.data };
                    inside.entry(entry).or_default().push(file);
                }
                None => chart.files.push(file),
            },
        }
    }
    let Some(metadata) = metadata else {
        let directory = match &chart.place {
            Place::Directory(path) | Place::Archive(path) => path.clone(),
        };
        return Err(Failure::new(code::CHART, "Chart.yaml file is missing")
            .at(Location::file(&directory))
            .hint("a chart is a directory with a `Chart.yaml`; look whether `.helmignore` leaves it out"));
    };
    chart.metadata = metadata;
    chart.metadata.validate().map_err(|message| {
        Failure::new(code::CHART, message).at(Location::file(&chart.path("Chart.yaml")))
    })?;
    chart.shared_files = chart.files.iter().map(Into::into).collect();
    for (entry, files) in inside {
        if entry.starts_with(['_', '.']) {
            continue;
        }
        let loaded = load_inside(&entry, files, &chart.place, loading, level);
        let context = format!("error unpacking subchart {entry} in {}", chart.name());
        chart.dependencies.push(Arc::new(loaded.map_err(|failure| failure.within(&context))?));
    }
    Ok(chart)
}

/// Loads what lies in `charts/` under one name.
fn load_inside(
    entry: &str,
    files: Vec<File>,
    parent: &Place,
    loading: &mut Loading,
    level: usize,
) -> Result<Chart, Failure> {
    if !entry.ends_with(".tgz") {
        let inner = files.into_iter().filter_map(|file| {
            let name = file.name.split_once('/')?.1.to_owned();
            Some(File { name, data: file.data })
        });
        return load_level(inner.collect(), parent.inside(entry, false), loading, level + 1);
    }
    let place = parent.inside(entry, true);
    let at = Location::file(&place.file(""));
    let file = files.first().filter(|file| file.name == entry).ok_or_else(|| {
        let found = files.first().map_or("", |file| file.name.as_str());
        Failure::new(code::CHART, format!("expected {entry}, got {found}")).at(at.clone())
    })?;
    let unpacked = archive::unpack(&file.data).map_err(|message| {
        Failure::new(code::CHART, message)
            .at(at)
            .hint("pack the chart again with `helm package`, or run `helm dependency build`")
    })?;
    load_level(unpacked, place, loading, level + 1)
}

/// Decodes a YAML file of a chart.
fn decode(file: &File, place: &Place) -> Result<Value, Failure> {
    let path = place.file(&file.name);
    let context = format!("cannot load {}", file.name);
    go_yaml::decode(&file.data).map_err(|error| {
        let failure = Failure::new(code::CHART, error.message).within(&context);
        match error.place {
            Some((text, line, column)) => failure.at_text(path.as_str(), &text, line, column),
            None => failure.at(Location::file(&path)),
        }
    })
}

fn unfit(message: &str, file: &File, place: &Place) -> Failure {
    let message = format!("cannot load {}: {}{message}", file.name, go_yaml::UNMARSHAL);
    Failure::new(code::CHART, message).at(Location::file(&place.file(&file.name)))
}

fn read_metadata(metadata: &mut Metadata, file: &File, place: &Place) -> Result<(), Failure> {
    let document = decode(file, place)?;
    metadata.read(&document).map_err(|message| unfit(&message, file, place))
}

/// What a lock file says. Nothing of it shows in a render but which version of a dependency is meant that has to be
/// fetched; so an entry that cannot be read is no failure, and the lock then fits nothing.
fn read_lock(file: &File, place: &Place) -> Result<Vec<Dependency>, Failure> {
    match decode(file, place)? {
        Value::Null => Ok(Vec::new()),
        Value::Object(fields) => {
            let listed = fields.get("dependencies").and_then(Value::as_array);
            let read = |item| Dependency::read(item, "").unwrap_or_default();
            Ok(listed.into_iter().flatten().map(read).collect())
        }
        other => Err(unfit(&cannot(&other, "Go value", "chart.Lock"), file, place)),
    }
}

fn read_values(file: &File, place: &Place) -> Result<Data, Failure> {
    match decode(file, place)? {
        Value::Null => Ok(Data::empty_map()),
        value @ Value::Object(_) => Ok(Data::decoded(&value)),
        other => {
            let message = cannot(&other, "Go value", "map[string]interface {}");
            Err(unfit(&message, file, place).hint("values are a map: `KEY: VALUE` lines"))
        }
    }
}
