//! Where the fields of a kustomization are written, in its file or in what was laid over it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use slipway_model::{FieldPath, Location};
use slipway_yaml::Parsed;

use super::KustomizationFile;
use crate::trace::Text;

/// A place in a kustomization file that is only looked up when someone asks for it: finding it takes a second reading of
/// the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// An entry of a list.
    Entry(&'static str, usize),
    /// A field.
    Field(&'static str),
    /// A place that is known.
    At(Location),
}

/// What one kustomization has laid over another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Laid {
    fields: BTreeSet<&'static str>,
    keys: BTreeSet<(&'static str, String)>,
    /// Which entry of a list comes from which of its own.
    entries: BTreeMap<(&'static str, usize), usize>,
}

impl Laid {
    pub(crate) fn field(&mut self, name: &'static str) {
        self.fields.insert(name);
    }

    pub(crate) fn key(&mut self, name: &'static str, key: &str) {
        self.keys.insert((name, key.to_owned()));
    }

    pub(crate) fn entry(&mut self, name: &'static str, at: usize, from: usize) {
        self.entries.insert((name, at), from);
    }
}

/// Where a kustomization that is laid over another is written.
#[derive(Debug)]
pub(crate) struct OverlayText {
    pub(crate) text: Option<Text>,
    /// Its fields with where they are in the document.
    pub(crate) fields: BTreeMap<String, FieldPath>,
}

impl KustomizationFile {
    fn parsed(&self) -> Option<&Arc<Parsed>> {
        self.parsed.get_or_init(|| Parsed::new(self.text.clone()).ok().map(Arc::new)).as_ref()
    }

    /// Where a field is written; its key instead of its value if `key`.
    pub(crate) fn place(&self, field: &FieldPath, key: bool) -> Option<Location> {
        let place = self.parsed()?.find(0, field)?;
        let span = if key { place.key.unwrap_or(place.value) } else { place.value };
        Some(Location::at(&self.path, span.start.line, span.start.column))
    }

    /// The path of an entry of a list in the file, whichever spelling of the list is used.
    fn entry_path(&self, field: &str, index: usize) -> Option<FieldPath> {
        let older: &[&str] = match field {
            "resources" => &["bases"],
            "images" => &["imageTags"],
            "helmCharts" => &["helmChartInflationGenerator"],
            _ => &[],
        };
        let mut rest = index;
        for name in std::iter::once(field).chain(older.iter().copied()) {
            let path = FieldPath::root().key(name).index(rest);
            if self.place(&path, false).is_some() {
                return Some(path);
            }
            let length =
                (0..rest).find(|at| self.place(&FieldPath::root().key(name).index(*at), false).is_none());
            rest = rest.saturating_sub(length.unwrap_or(rest));
        }
        None
    }

    /// The text and the path in it of an entry.
    pub(crate) fn entry_text(&self, field: &str, index: usize) -> Option<(Text, FieldPath)> {
        let laid = |laid: &Laid| {
            let mut entries = laid.entries.iter();
            entries.find(|((name, at), _)| *name == field && *at == index).map(|(_, from)| *from)
        };
        match self.laid_by(laid) {
            Some((overlay, from)) => {
                let (text, path) = self.overlay_text(overlay, field)?;
                Some((text, path.index(from)))
            }
            None => Some((self.file_text()?, self.entry_path(field, index)?)),
        }
    }

    /// The text and the path in it of a field.
    pub(crate) fn field_text(&self, field: &str) -> Option<(Text, FieldPath)> {
        match self.laid_by(|laid| laid.fields.contains(field).then_some(())) {
            Some((overlay, ())) => self.overlay_text(overlay, field),
            None => Some((self.file_text()?, FieldPath::root().key(field))),
        }
    }

    /// The text and the path in it of a key of a map.
    pub(crate) fn key_text(&self, field: &str, key: &str) -> Option<(Text, FieldPath)> {
        let laid =
            |laid: &Laid| laid.keys.iter().any(|(name, each)| *name == field && each == key).then_some(());
        let (text, path) = match self.laid_by(laid) {
            Some((overlay, ())) => self.overlay_text(overlay, field)?,
            None => (self.file_text()?, FieldPath::root().key(field)),
        };
        Some((text, path.key(key)))
    }

    /// The file as a text.
    pub(crate) fn file_text(&self) -> Option<Text> {
        Some(Text::of_parsed(&self.path, self.parsed()?))
    }

    /// The last kustomization that has laid something.
    fn laid_by<T>(&self, what: impl Fn(&Laid) -> Option<T>) -> Option<(usize, T)> {
        self.laid.iter().enumerate().rev().find_map(|(number, laid)| Some((number, what(laid)?)))
    }

    fn overlay_text(&self, overlay: usize, field: &str) -> Option<(Text, FieldPath)> {
        let overlay = self.overlays.get(overlay)?;
        Some((overlay.text.clone()?, overlay.fields.get(field)?.clone()))
    }

    /// Where an entry of a list is written.
    pub(crate) fn entry(&self, field: &str, index: usize) -> Location {
        let is_laid =
            |laid: &Laid| laid.entries.keys().any(|(name, at)| *name == field && *at == index).then_some(());
        if self.laid_by(is_laid).is_some() {
            let found = self.entry_text(field, index).and_then(|(text, path)| text.find(&path));
            return found.unwrap_or_else(|| Location::file(&self.path));
        }
        let found = self.entry_path(field, index).and_then(|path| self.place(&path, false));
        found.unwrap_or_else(|| self.field(field))
    }

    /// Where a place is.
    pub(crate) fn locate(&self, place: &Place) -> Location {
        match place {
            Place::Entry(field, index) => self.entry(field, *index),
            Place::Field(field) => self.field(field),
            Place::At(location) => location.clone(),
        }
    }

    /// Where a field is written, or the file.
    pub(crate) fn field(&self, field: &str) -> Location {
        let found = match self.laid_by(|laid| laid.fields.contains(field).then_some(())) {
            Some(_) => self.field_text(field).and_then(|(text, path)| text.find(&path)),
            None => self.place(&FieldPath::root().key(field), true),
        };
        found.unwrap_or_else(|| Location::file(&self.path))
    }
}
