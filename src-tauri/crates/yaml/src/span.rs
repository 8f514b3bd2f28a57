//! Where values are written: from a field path to a place in the text, and back.

use slipway_model::{FieldPath, Segment};

use crate::error::YamlError;
use crate::node::{Entry, Forest, Item, NodeId, NodeKind};
use crate::scan::Mark;

/// How many maps are looked into for a key that comes by merge keys.
const MERGE_LIMIT: usize = 1000;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Bytes before it.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first character.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

impl Span {
    /// The bytes of it.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start.offset..self.end.offset
    }
}

/// Where a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its key; `None` for an item of a list and for a whole document.
    pub key: Option<Span>,
    /// Its value, without anchor and tag; empty where a key has no value.
    pub value: Span,
    /// Whether an alias or a merge key leads there: the value is written somewhere else than its key says.
    pub elsewhere: bool,
}

/// A text whose values know where they are written.
#[derive(Clone, Debug)]
pub struct Parsed {
    text: String,
    forest: Forest,
}

impl Parsed {
    /// Reads all documents of a text; they are those of [`crate::decode_stream`], in the same order.
    ///
    /// # Errors
    /// As [`crate::decode_stream`], but for what only values can violate.
    pub fn new(text: impl Into<String>) -> Result<Self, YamlError> {
        let text = text.into();
        let forest = Forest::read(&text, false).or_else(|error| {
            // JSON may escape a slash.
            if text.trim_start().starts_with(['{', '[']) { Forest::read(&text, true) } else { Err(error) }
        })?;
        Ok(Self { text, forest })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many documents there are, empty ones included.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.forest.roots.len()
    }

    /// Where a field is written; `None` where there is none. Follows aliases and merge keys; of duplicate keys
    /// it is the last one, which is the one that counts.
    #[must_use]
    pub fn find(&self, document: usize, path: &FieldPath) -> Option<Place> {
        let mut node = self.forest.roots.get(document)?.node?;
        let mut key = None;
        let mut elsewhere = false;
        for segment in path.segments() {
            (node, elsewhere) = self.follow(node, elsewhere);
            (key, node, elsewhere) = match (&self.forest.nodes[node].kind, segment) {
                (NodeKind::Mapping { .. }, Segment::Key(name)) => {
                    let (entry, merged) = self.entry(node, name)?;
                    (Some(entry.key), entry.value, elsewhere || merged)
                }
                (NodeKind::Sequence { items, .. }, Segment::Index(index)) => {
                    (None, items.get(*index)?.node, elsewhere)
                }
                (NodeKind::Sequence { items, .. }, Segment::Keyed(keys)) => {
                    (None, self.keyed(items, keys)?, elsewhere)
                }
                _ => return None,
            };
        }
        let (written, elsewhere) = self.follow(node, elsewhere);
        let value = self.forest.nodes.get(written)?;
        Some(Place {
            key: key.map(|key| self.span(self.forest.nodes[key].start, self.forest.nodes[key].end)),
            value: self.span(value.content, value.end),
            elsewhere,
        })
    }

    /// The document and the deepest field whose key, value or `-` covers an offset.
    #[must_use]
    pub fn path_at(&self, offset: usize) -> Option<(usize, FieldPath)> {
        let inside = |root: &&crate::node::Root| root.start <= offset;
        let document = self.forest.roots.iter().take_while(inside).count().checked_sub(1)?;
        let mut node = self.forest.roots[document].node?;
        let mut path = FieldPath::root();
        loop {
            let next = match &self.forest.nodes[node].kind {
                NodeKind::Mapping { entries, .. } => entries.iter().find_map(|entry| {
                    let covers = self.forest.nodes[entry.key].start.offset <= offset
                        && offset <= self.forest.entry_end(entry);
                    covers.then(|| Some((Segment::Key(entry.name.clone()?), entry.value)))?
                }),
                NodeKind::Sequence { flow, items } => items.iter().enumerate().find_map(|(index, item)| {
                    let begin = &self.forest.nodes[item.node];
                    let start = if *flow { begin.start.offset } else { item.dash.offset };
                    let covers = start <= offset && offset <= begin.end.offset;
                    covers.then_some((Segment::Index(index), item.node))
                }),
                _ => None,
            };
            let Some((segment, child)) = next else { return Some((document, path)) };
            path = path.with(segment);
            node = child;
        }
    }

    /// The document and the field that a line is about: that at its first character which is no white space.
    /// Lines count from 1.
    #[must_use]
    pub fn path_at_line(&self, line: u32) -> Option<(usize, FieldPath)> {
        let mut start = 0;
        for _ in 1..line {
            start += self.text[start..].find('\n')? + 1;
        }
        let content = self.text[start..].split('\n').next()?;
        let (dashes, rest) = content.split_at(content.len() - content.trim_start_matches([' ', '-']).len());
        let offset = if rest.is_empty() || !dashes.contains("- ") {
            start + (content.len() - content.trim_start().len())
        } else {
            start + dashes.len()
        };
        self.path_at(offset)
    }

    /// The document that covers a line, from 1; the line before its content counts, too. Of several the last one.
    #[must_use]
    pub fn document_at_line(&self, line: u32) -> Option<usize> {
        let covers = |document: &usize| {
            self.find(*document, &FieldPath::root()).is_some_and(|root| {
                root.value.start.line <= line.saturating_add(1) && line <= root.value.end.line
            })
        };
        (0..self.documents()).rev().find(covers)
    }

    pub(crate) fn forest(&self) -> &Forest {
        &self.forest
    }

    pub(crate) fn follow(&self, mut node: NodeId, mut elsewhere: bool) -> (NodeId, bool) {
        while let NodeKind::Alias { target, .. } = self.forest.nodes[node].kind {
            (node, elsewhere) = (target, true);
        }
        (node, elsewhere)
    }

    /// The entry that counts for a key, and whether it comes by a merge key: the last one in the order of the text.
    pub(crate) fn entry(&self, map: NodeId, name: &str) -> Option<(&Entry, bool)> {
        self.entry_within(map, name, &mut MERGE_LIMIT.clone())
    }

    fn entry_within(&self, map: NodeId, name: &str, left: &mut usize) -> Option<(&Entry, bool)> {
        let NodeKind::Mapping { entries, .. } = &self.forest.nodes[map].kind else { return None };
        *left = left.checked_sub(1)?;
        entries.iter().rev().find_map(|entry| {
            if !entry.merge {
                return (entry.name.as_deref() == Some(name)).then_some((entry, false));
            }
            let (value, _) = self.follow(entry.value, false);
            let merged = match &self.forest.nodes[value].kind {
                NodeKind::Sequence { items, .. } => items
                    .iter()
                    .find_map(|item| self.entry_within(self.follow(item.node, true).0, name, left)),
                _ => self.entry_within(value, name, left),
            };
            merged.map(|(entry, _)| (entry, true))
        })
    }

    /// The first item whose keys have the given values.
    pub(crate) fn keyed(&self, items: &[Item], keys: &[(String, String)]) -> Option<NodeId> {
        let matches = |item: &&Item| {
            let (map, _) = self.follow(item.node, false);
            keys.iter().all(|(key, expected)| {
                self.entry(map, key).is_some_and(|(entry, _)| {
                    self.forest.nodes[self.follow(entry.value, false).0].text == *expected
                })
            })
        };
        items.iter().find(matches).map(|item| item.node)
    }

    fn span(&self, start: Mark, end: Mark) -> Span {
        Span { start: self.position(start), end: self.position(end) }
    }

    pub(crate) fn position(&self, mark: Mark) -> Position {
        let column = self.text[mark.line_start..mark.offset].chars().count() + 1;
        Position { offset: mark.offset, line: mark.line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }
}

#[cfg(test)]
mod tests;
