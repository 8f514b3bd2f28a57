//! Splicing bytes, and finding lines.

/// Replaces a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

impl Splice {
    pub(super) fn replace(start: usize, end: usize, text: impl Into<String>) -> Self {
        Self { start, end, text: text.into() }
    }

    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at, at, text)
    }

    pub(super) fn delete(start: usize, end: usize) -> Self {
        Self::replace(start, end, "")
    }
}

/// Makes the replacements, which must not overlap. What is inserted gets the line endings of the text.
pub(super) fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| (splice.start, splice.end));
    let windows = text.contains("\r\n");
    let mut changed = String::with_capacity(text.len() + 64);
    let mut from = 0;
    for splice in splices {
        changed.push_str(&text[from..splice.start.max(from)]);
        if windows {
            changed.push_str(&splice.text.replace('\n', "\r\n"));
        } else {
            changed.push_str(&splice.text);
        }
        from = splice.end.max(from);
    }
    changed.push_str(&text[from..]);
    changed
}

/// Where the line of an offset begins.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// Where the line of an offset ends, before its line break.
pub(super) fn line_end(text: &str, offset: usize) -> usize {
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    if text[..end].ends_with('\r') { end - 1 } else { end }
}

/// Where the next line begins, or the text ends.
pub(super) fn next_line(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |at| offset + at + 1)
}

/// Whether only white space stands before an offset in its line.
pub(super) fn is_first_in_line(text: &str, offset: usize) -> bool {
    text[line_start(text, offset)..offset].trim_matches([' ', '\t', '\u{feff}']).is_empty()
}

/// Lines with nothing but a comment at exactly this column, directly above a line; where the first of them begins.
pub(super) fn comments_above(text: &str, line: usize, column: usize, floor: usize) -> usize {
    let mut start = line;
    while start > floor {
        let above = line_start(text, start - 1);
        let content = text[above..start].trim_end();
        let comment = content.trim_start_matches(' ');
        if above < floor || !comment.starts_with('#') || content.len() - comment.len() != column {
            break;
        }
        start = above;
    }
    start
}

/// Lines with nothing but a comment that are indented deeper than a column, directly below; where the line after them
/// begins.
pub(super) fn comments_below(text: &str, line: usize, column: usize, ceiling: usize) -> usize {
    let mut end = line;
    while end < ceiling {
        let content = text[end..line_end(text, end)].trim_end();
        let comment = content.trim_start_matches(' ');
        if !comment.starts_with('#') || content.len() - comment.len() <= column {
            break;
        }
        end = next_line(text, end);
    }
    end.min(ceiling.max(line))
}
