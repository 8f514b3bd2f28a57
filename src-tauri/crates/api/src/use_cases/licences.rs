//! The licences of everything that is built in, collected by the build (see `build.rs`).

use serde::Deserialize;

use crate::Api;
use crate::app::blocking;
use crate::dto::*;
use crate::error::{error, internal};

/// What the build collected: compressed JSON, because the texts are many and seldom read.
const COLLECTED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/licences.json.zst"));

#[derive(Deserialize)]
struct Collected {
    /// Each text once, however many bring it.
    texts: Vec<String>,
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    name: String,
    version: String,
    kind: ComponentKind,
    licence: Option<String>,
    home: Option<String>,
    /// The names of the files, each with the number of its text.
    files: Vec<(String, usize)>,
}

impl Api {
    pub(crate) async fn licences(&self, _: Nothing) -> Result<LicenceList, ApiError> {
        blocking(|| {
            let components = collected()?.components;
            Ok(LicenceList {
                components: components
                    .into_iter()
                    .map(|each| LicensedComponent {
                        texts: crate::convert::count(each.files.len()),
                        name: each.name,
                        version: each.version,
                        kind: each.kind,
                        licence: each.licence,
                        home: each.home,
                    })
                    .collect(),
            })
        })
        .await
    }

    pub(crate) async fn licence_text(&self, request: LicenceTextRequest) -> Result<LicenceText, ApiError> {
        blocking(move || {
            let collected = collected()?;
            let component = collected
                .components
                .iter()
                .find(|each| {
                    each.name == request.name && each.version == request.version && each.kind == request.kind
                })
                .ok_or_else(|| {
                    let what = format!("{} {} is not built in", request.name, request.version);
                    error("unknown-component", what)
                })?;
            let text = |(file, at): &(String, usize)| {
                format!("{file}\n{}\n\n{}", "=".repeat(file.chars().count()), collected.texts[*at].trim_end())
            };
            Ok(LicenceText { text: component.files.iter().map(text).collect::<Vec<_>>().join("\n\n\n") })
        })
        .await
    }
}

fn collected() -> Result<Collected, ApiError> {
    let json = zstd::stream::decode_all(COLLECTED).map_err(|failure| internal(&failure))?;
    serde_json::from_slice(&json).map_err(|failure| internal(&failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_listed_with_its_licence_and_texts() {
        let collected = collected().unwrap_or_else(|failure| panic!("{failure:?}"));
        let serde = collected.components.iter().find(|each| each.name == "serde").unwrap();
        assert_eq!(serde.kind, ComponentKind::Crate);
        assert_eq!(serde.licence.as_deref(), Some("MIT OR Apache-2.0"));
        let react = collected.components.iter().find(|each| each.name == "react").unwrap();
        assert_eq!((react.kind, react.licence.as_deref()), (ComponentKind::Package, Some("MIT")));
        assert!(
            collected
                .components
                .iter()
                .flat_map(|each| &each.files)
                .all(|(_, at)| *at < collected.texts.len())
        );
        let names: Vec<_> = collected.components.iter().map(|each| (&each.name, &each.version)).collect();
        assert!(names.is_sorted());
        let unnamed: Vec<_> = collected
            .components
            .iter()
            .filter(|each| each.licence.is_none() && each.files.is_empty())
            .collect();
        assert!(unnamed.is_empty(), "{:?}", unnamed.iter().map(|each| &each.name).collect::<Vec<_>>());
    }
}
