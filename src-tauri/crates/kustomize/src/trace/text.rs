//! Texts in which fields are looked up: files, and texts inside of them.

use std::sync::Arc;

use slipway_model::{FieldPath, Location, RepoPath};
use slipway_yaml::{Parsed, Position};

/// A text with where its lines are in a file.
#[derive(Clone, Debug)]
pub struct Text {
    file: RepoPath,
    parsed: Arc<Parsed>,
    document: usize,
    lines: Lines,
}

/// Where the lines of a text are.
#[derive(Clone, Copy, Debug)]
enum Lines {
    /// The text is the file.
    Whole,
    /// In a block: its first line, and how far it is indented.
    Block { first: u32, indent: u32 },
    /// Its lines cannot be told apart (it is in quotes, or folded).
    Point { line: u32, column: u32 },
}

impl Text {
    /// A file; the document that covers a line, or the first one. `None` where it is no YAML.
    #[must_use]
    pub fn of_file(file: &RepoPath, content: &[u8], line: Option<u32>) -> Option<Self> {
        let text = slipway_yaml::text(content).ok()?;
        let parsed = Parsed::new(text.into_owned()).ok()?;
        let document = match line {
            Some(line) => parsed.document_at_line(line),
            None => None,
        };
        let document = document.or_else(|| first(&parsed))?;
        Some(Self { file: file.clone(), parsed: Arc::new(parsed), document, lines: Lines::Whole })
    }

    /// A file that is read already.
    pub(crate) fn of_parsed(file: &RepoPath, parsed: &Arc<Parsed>) -> Self {
        Self { file: file.clone(), parsed: Arc::clone(parsed), document: 0, lines: Lines::Whole }
    }

    /// The text that a field of this one holds, which is `content`; the document that covers a line of that text, or the
    /// first one.
    #[must_use]
    pub fn inside(&self, field: &FieldPath, content: &str, line: Option<u32>) -> Option<Self> {
        let place = self.parsed.find(self.document, field)?;
        let raw = &self.parsed.text()[place.value.range()];
        let parsed = Parsed::new(content).ok()?;
        let document = line.and_then(|line| parsed.document_at_line(line)).or_else(|| first(&parsed))?;
        let lines = self.lines_of(raw, place.value.start, content);
        Some(Self { file: self.file.clone(), parsed: Arc::new(parsed), document, lines })
    }

    fn lines_of(&self, raw: &str, start: Position, content: &str) -> Lines {
        let (line, column) = self.moved(start.line, start.column);
        let point = Lines::Point { line, column };
        if matches!(self.lines, Lines::Point { .. }) || !raw.starts_with('|') {
            return point;
        }
        // The header is alone on its line.
        let width = |text: &str| text.len() - text.trim_start_matches(' ').len();
        let written = raw.lines().skip(1).find(|line| !line.trim().is_empty());
        let meant = content.lines().find(|line| !line.trim().is_empty());
        let (Some(written), Some(meant)) = (written, meant) else { return point };
        let indent = u32::try_from(width(written).saturating_sub(width(meant))).unwrap_or(0);
        let outer = match self.lines {
            Lines::Block { indent, .. } => indent,
            _ => 0,
        };
        Lines::Block { first: line + 1, indent: indent + outer }
    }

    /// Where a place of this text is in the file.
    fn moved(&self, line: u32, column: u32) -> (u32, u32) {
        match self.lines {
            Lines::Whole => (line, column),
            Lines::Block { first, indent } => (first + line - 1, column + indent),
            Lines::Point { line, column } => (line, column),
        }
    }

    /// The same text, another document: the one that covers a line.
    pub(crate) fn at_line(&self, line: u32) -> Self {
        let document = self.parsed.document_at_line(line).unwrap_or(self.document);
        Self { document, ..self.clone() }
    }

    /// Where a field is written, its key where it has one.
    #[must_use]
    pub fn find(&self, field: &FieldPath) -> Option<Location> {
        let place = self.parsed.find(self.document, field)?;
        let at = place.key.unwrap_or(place.value).start;
        let (line, column) = self.moved(at.line, at.column);
        Some(Location::at(&self.file, line, column))
    }

    /// Where a field is written, or what holds it and is not above `top`.
    #[must_use]
    pub fn nearest(&self, field: &FieldPath, top: &FieldPath) -> Option<Location> {
        let mut field = Some(field.clone());
        while let Some(path) = field.filter(|path| path.starts_with(top)) {
            if let Some(location) = self.find(&path) {
                return Some(location);
            }
            field = path.parent();
        }
        None
    }
}

/// The first document that is not empty.
fn first(parsed: &Parsed) -> Option<usize> {
    (0..parsed.documents()).find(|document| parsed.find(*document, &FieldPath::root()).is_some())
}
