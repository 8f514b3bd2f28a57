//! Documents as trees of nodes that know where they are written.

use std::collections::HashMap;

use slipway_model::field_path::scalar_text;

use crate::error::YamlError;
use crate::load::{scalar_key, scalar_value};
use crate::parse::{EventKind, Parser};
use crate::resolve::resolve;
use crate::scan::{Leniency, Mark, Style};
use crate::stream::{check_characters, parts};

/// A node of a tree, by its position.
pub(crate) type NodeId = usize;

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum NodeKind {
    Scalar { style: Style },
    Sequence { flow: bool, items: Vec<Item> },
    Mapping { flow: bool, entries: Vec<Entry> },
    Alias { name: String, target: NodeId },
}

/// An item of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) node: NodeId,
    /// Its `-`; of no use in flow style.
    pub(crate) dash: Mark,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: NodeId,
    pub(crate) value: NodeId,
    /// The key as the text that it becomes; `None` for a merge key, and for what is no key.
    pub(crate) name: Option<String>,
    pub(crate) merge: bool,
    /// Behind the colon.
    pub(crate) colon: Option<Mark>,
}

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    /// Where it begins, anchor and tag included.
    pub(crate) start: Mark,
    /// Where it begins without them; the same as `end` where nothing is written.
    pub(crate) content: Mark,
    /// Behind its last character: never in the indentation of what follows, and before the line break.
    pub(crate) end: Mark,
    pub(crate) anchor: Option<String>,
    /// What a scalar means, as text; empty for others. For the names of list items.
    pub(crate) text: String,
}

/// A document.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// `None` where the document holds nothing but comments.
    pub(crate) node: Option<NodeId>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// All documents of a text.
#[derive(Clone, Debug)]
pub(crate) struct Forest {
    pub(crate) nodes: Vec<Node>,
    pub(crate) roots: Vec<Root>,
}

enum Open {
    Sequence(NodeId, Mark),
    Mapping(NodeId, Option<NodeId>, Mark),
}

impl Forest {
    /// Reads a text; documents are those of [`crate::decode_stream`].
    pub(crate) fn read(text: &str, json_escapes: bool) -> Result<Self, YamlError> {
        check_characters(text, 0..text.len())?;
        let (parts, error) = parts(text);
        if let Some(error) = error {
            return Err(error);
        }
        let mut forest = Self { nodes: Vec::new(), roots: Vec::with_capacity(parts.len()) };
        let lenient = Leniency { ends_last_line: true, json_escapes };
        for part in parts {
            let mut parser = Parser::new(text, part.start, part.end, part.line, lenient);
            let node = forest.document(text, &mut parser)?;
            forest.roots.push(Root { node, start: part.start, end: part.end });
        }
        Ok(forest)
    }

    fn document(&mut self, text: &str, parser: &mut Parser<'_>) -> Result<Option<NodeId>, YamlError> {
        if parser.next()?.kind == EventKind::StreamEnd {
            return Ok(None);
        }
        let mut root = None;
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: HashMap<String, NodeId> = HashMap::new();
        loop {
            let event = parser.next()?;
            let (dash, colon) = (parser.dash(), parser.colon());
            let mut node = Node {
                kind: NodeKind::Scalar { style: Style::Plain },
                start: event.start,
                content: event.content,
                end: event.end,
                anchor: None,
                text: String::new(),
            };
            let mut name = None;
            let mut merge = false;
            let mut opens = false;
            match event.kind {
                EventKind::DocumentEnd | EventKind::StreamEnd => return Ok(root),
                EventKind::DocumentStart => continue,
                EventKind::SequenceEnd | EventKind::MappingEnd => {
                    let (id, flow_end) = match open.pop() {
                        Some(Open::Sequence(id, mark)) => (id, self.close(id, event.end, mark)),
                        Some(Open::Mapping(id, _, mark)) => (id, self.close(id, event.end, mark)),
                        None => continue,
                    };
                    self.nodes[id].end = flow_end;
                    continue;
                }
                EventKind::Alias(alias) => {
                    let Some(target) = anchors.get(alias).copied() else {
                        let message = format!("no anchor `&{alias}` stands before this alias");
                        return Err(parser.error_at(event.start, message));
                    };
                    name = Some(self.nodes[target].text.clone());
                    node.text = self.nodes[target].text.clone();
                    node.kind = NodeKind::Alias { name: alias.to_owned(), target };
                }
                EventKind::Scalar { text: content, style, properties } => {
                    let tag = properties.tag();
                    merge = content == "<<"
                        && (style == Style::Plain && tag.is_none() || tag == Some("tag:yaml.org,2002:merge"));
                    if !merge {
                        let scalar = resolve(&content, style, tag)
                            .map_err(|message| parser.error_at(event.content, message))?;
                        node.text = scalar_value(scalar.clone(), content.clone())
                            .map(|value| scalar_text(&value))
                            .unwrap_or_default();
                        name = scalar_key(scalar, content).ok();
                    }
                    node.kind = NodeKind::Scalar { style };
                    node.anchor = properties.anchor().map(str::to_owned);
                    if matches!(style, Style::Literal | Style::Folded) {
                        node.end = block_end(text, event.content, event.end);
                    }
                }
                EventKind::SequenceStart { flow, properties } => {
                    opens = true;
                    node.anchor = properties.anchor().map(str::to_owned);
                    node.kind = NodeKind::Sequence { flow, items: Vec::new() };
                }
                EventKind::MappingStart { flow, properties } => {
                    opens = true;
                    node.anchor = properties.anchor().map(str::to_owned);
                    node.kind = NodeKind::Mapping { flow, entries: Vec::new() };
                }
            }
            let id = self.nodes.len();
            if let Some(anchor) = &node.anchor {
                anchors.insert(anchor.clone(), id);
            }
            let is_map = matches!(node.kind, NodeKind::Mapping { .. });
            self.nodes.push(node);
            match open.last_mut() {
                None => root = Some(id),
                Some(Open::Sequence(parent, _)) => {
                    if let NodeKind::Sequence { items, .. } = &mut self.nodes[*parent].kind {
                        items.push(Item { node: id, dash });
                    }
                }
                Some(Open::Mapping(parent, key, ..)) => match key.take() {
                    None => {
                        *key = Some(id);
                        if let NodeKind::Mapping { entries, .. } = &mut self.nodes[*parent].kind {
                            entries.push(Entry { key: id, value: id, name, merge, colon: None });
                        }
                    }
                    Some(_) => {
                        if let NodeKind::Mapping { entries, .. } = &mut self.nodes[*parent].kind
                            && let Some(entry) = entries.last_mut()
                        {
                            entry.value = id;
                            entry.colon = colon;
                        }
                    }
                },
            }
            if opens {
                open.push(if is_map {
                    Open::Mapping(id, None, event.content)
                } else {
                    Open::Sequence(id, event.content)
                });
            }
        }
    }

    /// Where a collection ends: behind its bracket, or where its last node ends.
    fn close(&self, id: NodeId, end: Mark, content: Mark) -> Mark {
        match &self.nodes[id].kind {
            NodeKind::Sequence { flow: false, items } => items.last().map_or(content, |item| {
                let node = &self.nodes[item.node];
                if node.end.offset > item.dash.offset { node.end } else { after(item.dash, 1) }
            }),
            NodeKind::Mapping { flow: false, entries } => entries.last().map_or(content, |entry| {
                let value = &self.nodes[entry.value];
                let key = &self.nodes[entry.key];
                match entry.colon {
                    Some(colon) if colon.offset > value.end.offset => colon,
                    None => key.end,
                    _ => value.end,
                }
            }),
            NodeKind::Mapping { flow: true, entries } if end.offset <= content.offset => {
                entries.last().map_or(content, |entry| self.nodes[entry.value].end)
            }
            _ => end,
        }
    }

    /// Where an entry ends: behind its value, its colon or its key.
    pub(crate) fn entry_end(&self, entry: &Entry) -> usize {
        let value = self.nodes[entry.value].end.offset;
        let key = self.nodes[entry.key].end.offset;
        match entry.colon {
            Some(colon) => colon.offset.max(if self.is_written(entry.value) { value } else { 0 }),
            None => key,
        }
    }

    /// Whether anything is written for a node.
    pub(crate) fn is_written(&self, id: NodeId) -> bool {
        self.nodes[id].end.offset > self.nodes[id].start.offset
    }
}

fn after(mark: Mark, bytes: usize) -> Mark {
    Mark { offset: mark.offset + bytes, ..mark }
}

/// Where a block scalar ends: behind its last line that is not blank. With the indicator `+` blank lines belong to it.
fn block_end(text: &str, start: Mark, end: Mark) -> Mark {
    let written = &text[start.offset..end.offset];
    let header = written.lines().next().unwrap_or("");
    let header = header.split('#').next().unwrap_or(header);
    let kept = if header.contains('+') {
        written.strip_suffix('\n').map_or(written, |rest| rest.strip_suffix('\r').unwrap_or(rest))
    } else {
        let last = written.trim_end().len();
        let line = written[last..].find(['\r', '\n']).unwrap_or(written.len() - last);
        &written[..last + line]
    };
    let lines = kept.bytes().filter(|byte| *byte == b'\n').count();
    let line_start = kept.rfind('\n').map_or(start.line_start, |at| start.offset + at + 1);
    Mark {
        offset: start.offset + kept.len(),
        line: start.line + u32::try_from(lines).unwrap_or(0),
        line_start,
    }
}
