//! The index of a chart repository: read once as a stream, kept as one line for each chart.
//!
//! An index may have tens of megabytes, of which a fetch needs a few addresses. So it is never held as a whole: what a
//! fetch can need of each chart is written to a file of lines, in which a chart is found by the beginning of its line.

use std::fmt;
use std::io::{BufRead, Read, Write};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use slipway_gotmpl::sprig::semver::Version;

use crate::select::newest_first;

/// How many bytes an index may have, unpacked.
pub(crate) const INDEX_LIMIT: u64 = 512 << 20;

/// A version of a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) version: String,
    /// Where its archive lies; relative ones to the repository.
    pub(crate) urls: Vec<String>,
    /// The SHA-256 of the archive in hexadecimal; empty where the index has none.
    pub(crate) digest: String,
}

/// A chart: its name, and its versions, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line(pub(crate) String, pub(crate) Vec<Listed>);

/// Why an index could not be distilled.
pub(crate) enum Unfit {
    /// It is none.
    Index(String),
    /// The lines could not be written.
    Write(std::io::Error),
}

/// Reads an index, YAML or JSON, and writes a line for each chart.
pub(crate) fn distill(index: impl Read, out: &mut dyn Write) -> Result<(), Unfit> {
    let mut index = std::io::BufReader::with_capacity(64 << 10, index);
    let begin = index.fill_buf().map_err(|error| Unfit::Index(error.to_string()))?;
    let first = begin.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    match first {
        None if begin.is_empty() => return Err(Unfit::Index("its `index.yaml` is empty".to_owned())),
        Some(b'<') => {
            return Err(Unfit::Index("a web page (HTML) lies where its `index.yaml` should be".to_owned()));
        }
        _ => {}
    }
    let mut failed = None;
    let root = Root { out, failed: &mut failed };
    let mut index = index.take(INDEX_LIMIT);
    let read = if first == Some(b'{') {
        let mut json = serde_json::Deserializer::from_reader(&mut index);
        root.deserialize(&mut json)
            .and_then(|found| json.end().map(|()| found))
            .map_err(|error| error.to_string())
    } else {
        serde_saphyr::with_deserializer_from_reader_with_options(&mut index, options(), |yaml| {
            root.deserialize(yaml)
        })
        .map_err(|error| error.to_string())
    };
    if let Some(error) = failed {
        return Err(Unfit::Write(error));
    }
    if index.limit() == 0 {
        return Err(Unfit::Index(format!("its `index.yaml` has more than {INDEX_LIMIT} bytes")));
    }
    match read {
        Ok(true) => Ok(()),
        Ok(false) => Err(Unfit::Index("its `index.yaml` has no `apiVersion`".to_owned())),
        Err(why) => {
            // The reader's advice to whoever calls it is none for a user.
            let why = why.replace(", set DuplicateKeyPolicy in Options if acceptable", "");
            Err(Unfit::Index(format!("its `index.yaml` cannot be read: {why}")))
        }
    }
}

/// Limits that hold for large indexes; how deep it may go stays small.
fn options() -> serde_saphyr::Options {
    let mut options = serde_saphyr::Options::default();
    if let Some(budget) = options.budget.as_mut() {
        budget.max_reader_input_bytes = None;
        budget.max_events = usize::MAX;
        budget.max_nodes = usize::MAX;
        budget.max_total_scalar_bytes = usize::MAX;
        budget.max_total_comment_bytes = usize::MAX;
        budget.max_documents = 1;
    }
    options.with_snippet = false;
    options
}

/// The whole index; gives whether it has an `apiVersion`.
struct Root<'w> {
    out: &'w mut dyn Write,
    failed: &'w mut Option<std::io::Error>,
}

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the index of a chart repository")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<bool, M::Error> {
        let mut has_version = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "apiVersion" => {
                    has_version = map.next_value::<Option<String>>()?.is_some_and(|text| !text.is_empty());
                }
                "entries" => map.next_value_seed(Entries { out: self.out, failed: self.failed })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(has_version)
    }
}

/// `entries`: charts by name.
struct Entries<'w> {
    out: &'w mut dyn Write,
    failed: &'w mut Option<std::io::Error>,
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // A repository without charts has `entries: {}` or nothing there.
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of charts")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let Versions(mut versions) = map.next_value()?;
            versions.sort_by(|left, right| newest_first(&left.version, &right.version));
            let written = serde_json::to_writer(&mut *self.out, &Line(name, versions))
                .map_err(std::io::Error::from)
                .and_then(|()| self.out.write_all(b"\n"));
            if let Err(error) = written {
                let told = M::Error::custom(&error);
                *self.failed = Some(error);
                return Err(told);
            }
        }
        Ok(())
    }
}

/// The versions of a chart that are fit to be used. Helm passes over what it cannot use, so that one bad entry does
/// not make a repository useless.
struct Versions(Vec<Listed>);

/// An entry, as far as a fetch needs it.
#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    urls: Option<Vec<String>>,
    #[serde(default)]
    digest: Option<String>,
}

impl<'de> Deserialize<'de> for Versions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Versions;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of versions")
            }

            fn visit_unit<E>(self) -> Result<Versions, E> {
                Ok(Versions(Vec::new()))
            }

            fn visit_none<E>(self) -> Result<Versions, E> {
                Ok(Versions(Vec::new()))
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Versions, D::Error> {
                deserializer.deserialize_seq(self)
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Versions, S::Error> {
                let mut versions = Vec::new();
                while let Some(entry) = list.next_element::<Option<Entry>>()? {
                    let Some(Entry { name: Some(_), version: Some(version), urls, digest }) = entry else {
                        continue;
                    };
                    if Version::parse(&version).is_ok() {
                        let (urls, digest) = (urls.unwrap_or_default(), digest.unwrap_or_default());
                        versions.push(Listed { version, urls, digest });
                    }
                }
                Ok(Versions(versions))
            }
        }
        deserializer.deserialize_option(List)
    }
}

/// Finds a chart in the lines.
pub(crate) fn find(lines: impl BufRead, name: &str) -> std::io::Result<Option<Vec<Listed>>> {
    let begin = format!("[{},", serde_json::Value::from(name));
    for line in lines.split(b'\n') {
        let line = line?;
        if line.starts_with(begin.as_bytes()) {
            let Line(_, versions) = serde_json::from_slice(&line)?;
            return Ok(Some(versions));
        }
    }
    Ok(None)
}

/// The names of all charts in the lines.
pub(crate) fn names(lines: impl BufRead) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for line in lines.split(b'\n') {
        let (name, _): (String, IgnoredAny) = serde_json::from_slice(&line?)?;
        names.push(name);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distilled(index: &str) -> Result<String, String> {
        let mut out = Vec::new();
        match distill(index.as_bytes(), &mut out) {
            Ok(()) => Ok(String::from_utf8(out).unwrap()),
            Err(Unfit::Index(why)) => Err(why),
            Err(Unfit::Write(error)) => panic!("{error}"),
        }
    }

    const INDEX: &str = "apiVersion: v1\nentries:\n  web:\n  - name: web\n    version: 1.0\n    urls: [web-1.0.tgz]\n    \
                         maintainers:\n    - {name: a}\n  - null\n  - name: web\n    version: not a version\n  - name: web\n    \
                         version: 1.10.0\n    digest: ab\n    urls:\n    - https://host/web.tgz\n  empty:\ngenerated: \"2020\"\n";

    #[test]
    fn an_index_is_distilled_and_bad_entries_are_passed_over() {
        let lines = distilled(INDEX).unwrap();
        let found = find(lines.as_bytes(), "web").unwrap().unwrap();
        let versions: Vec<&str> = found.iter().map(|each| each.version.as_str()).collect();
        assert_eq!(versions, ["1.10.0", "1.0"]);
        assert_eq!(
            (found[0].digest.as_str(), &found[0].urls[..]),
            ("ab", &["https://host/web.tgz".to_owned()][..])
        );
        assert_eq!(find(lines.as_bytes(), "we").unwrap(), None);
        assert_eq!(names(lines.as_bytes()).unwrap(), ["web", "empty"]);
        let json = r#"{"apiVersion":"v1","entries":{"web":[{"name":"web","version":"1.0.0","urls":["a"],"x":[1]}]}}"#;
        assert!(distilled(json).unwrap().starts_with("[\"web\",[{\"version\":\"1.0.0\""));
        assert_eq!(distilled("apiVersion: v1\nentries:\n").unwrap(), "");
    }

    #[test]
    fn what_is_no_index_says_what_it_is() {
        for (index, expected) in [
            ("", "its `index.yaml` is empty"),
            ("\n<!DOCTYPE html>", "a web page (HTML) lies where its `index.yaml` should be"),
            ("entries: {}\n", "its `index.yaml` has no `apiVersion`"),
        ] {
            assert_eq!(distilled(index).unwrap_err(), expected);
        }
        for (index, begin) in [
            ("apiVersion: v1\nentries: [1]\n", "its `index.yaml` cannot be read: "),
            (
                "apiVersion: v1\nentries: {a: [], a: []}\n",
                "its `index.yaml` cannot be read: duplicate mapping key: a at ",
            ),
            ("just text", "its `index.yaml` cannot be read: "),
            ("{\"apiVersion\": \"v1\"", "its `index.yaml` cannot be read: "),
        ] {
            let why = distilled(index).unwrap_err();
            assert!(why.starts_with(begin) && why.len() > begin.len() + 5, "{why}");
        }
    }
}
