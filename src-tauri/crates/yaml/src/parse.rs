//! From tokens to events: the grammar, as a state machine that does not recurse.

use std::borrow::Cow;

use crate::error::YamlError;
use crate::scan::{DEPTH_LIMIT, Leniency, Mark, Scanner, Style, Token, TokenKind, too_deep};

/// What precedes a node: mostly nothing, so it takes little room.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Properties<'a>(Option<Box<Written<'a>>>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Written<'a> {
    anchor: Option<&'a str>,
    tag: Option<String>,
}

impl<'a> Properties<'a> {
    pub(crate) fn anchor(&self) -> Option<&'a str> {
        self.0.as_ref()?.anchor
    }

    /// The whole tag (`tag:yaml.org,2002:str`, `!local`, `!`).
    pub(crate) fn tag(&self) -> Option<&str> {
        self.0.as_ref()?.tag.as_deref()
    }

    fn written(&mut self) -> &mut Written<'a> {
        self.0.get_or_insert_default()
    }
}

/// What an event says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EventKind<'a> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias(&'a str),
    Scalar { text: Cow<'a, str>, style: Style, properties: Properties<'a> },
    SequenceStart { flow: bool, properties: Properties<'a> },
    SequenceEnd,
    MappingStart { flow: bool, properties: Properties<'a> },
    MappingEnd,
}

/// An event and where it is. The span of a node begins at its properties; `content` is where it begins without
/// them. The end of a block collection is where the next token begins, so it is of no use for cutting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event<'a> {
    pub(crate) kind: EventKind<'a>,
    pub(crate) start: Mark,
    pub(crate) content: Mark,
    pub(crate) end: Mark,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    FirstDocument,
    NextDocument,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirst,
    BlockSequenceEntry,
    IndentlessEntry,
    BlockMappingFirst,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequenceEntry,
    PairKey,
    PairValue,
    PairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Reads events from a part of a text.
pub(crate) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    /// Where the open collections begin.
    marks: Vec<Mark>,
    tags: Vec<(&'a str, String)>,
    /// The `-` that was taken last.
    dash: Mark,
    /// Behind the `:` that was taken since the last key.
    colon: Option<Mark>,
}

type Parse<T> = Result<T, YamlError>;

impl<'a> Parser<'a> {
    /// A parser of `text[start..end]`, whose first byte is in line `line`.
    pub(crate) fn new(text: &'a str, start: usize, end: usize, line: u32, lenient: Leniency) -> Self {
        Self {
            scanner: Scanner::new(text, start, end, line, lenient),
            state: State::FirstDocument,
            states: Vec::new(),
            marks: Vec::new(),
            tags: Vec::new(),
            dash: Mark::default(),
            colon: None,
        }
    }

    /// Where the `-` of the item stands whose event came last; of no use where that was no item in block style.
    pub(crate) fn dash(&self) -> Mark {
        self.dash
    }

    /// Behind the `:` of the value whose event came last; `None` where the value has none.
    pub(crate) fn colon(&self) -> Option<Mark> {
        self.colon
    }

    /// An error at a place.
    pub(crate) fn error_at(&self, mark: Mark, message: impl Into<String>) -> YamlError {
        self.scanner.error_at(mark, message)
    }

    /// The next event. After the end of the stream, or an error, there is none: do not ask.
    pub(crate) fn next(&mut self) -> Parse<Event<'a>> {
        match self.state {
            State::FirstDocument => self.document_start(true),
            State::NextDocument => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceFirst => {
                self.open()?;
                self.block_sequence_entry()
            }
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessEntry => self.indentless_entry(),
            State::BlockMappingFirst => {
                self.open()?;
                self.block_mapping_key()
            }
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => {
                self.open()?;
                self.flow_sequence_entry(true)
            }
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::PairKey => self.pair_key(),
            State::PairValue => self.pair_value(),
            State::PairEnd => {
                self.state = State::FlowSequenceEntry;
                let mark = self.scanner.peek()?.start;
                Ok(event(EventKind::MappingEnd, mark, mark))
            }
            State::FlowMappingFirst => {
                self.open()?;
                self.flow_mapping_key(true)
            }
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(false),
            State::FlowMappingEmptyValue => self.flow_mapping_value(true),
            State::End => {
                let mark = self.scanner.peek()?.start;
                Ok(event(EventKind::StreamEnd, mark, mark))
            }
        }
    }

    fn take(&mut self) -> Parse<Token<'a>> {
        let token = self.scanner.take()?;
        match token.kind {
            TokenKind::BlockEntry => self.dash = token.start,
            TokenKind::Key => self.colon = None,
            TokenKind::Value => self.colon = Some(token.end),
            _ => {}
        }
        Ok(token)
    }

    /// Takes the token that opens a collection.
    fn open(&mut self) -> Parse<()> {
        let token = self.take()?;
        self.marks.push(token.start);
        if self.marks.len() > DEPTH_LIMIT {
            return Err(self.error_at(token.start, too_deep()));
        }
        Ok(())
    }

    /// Takes the token that closes a collection.
    fn close(&mut self, kind: EventKind<'a>) -> Parse<Event<'a>> {
        let token = self.take()?;
        self.pop();
        self.marks.pop();
        Ok(event(kind, token.start, token.end))
    }

    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn document_start(&mut self, first: bool) -> Parse<Event<'a>> {
        if !first {
            while self.scanner.peek()?.kind == TokenKind::DocumentEnd {
                self.take()?;
            }
        }
        let token = self.scanner.peek()?;
        let start = token.start;
        let implicit = !matches!(
            token.kind,
            TokenKind::VersionDirective { .. }
                | TokenKind::TagDirective { .. }
                | TokenKind::DocumentStart
                | TokenKind::StreamEnd
        );
        self.tags.clear();
        if first && implicit {
            self.states.push(State::DocumentEnd);
            self.state = State::BlockNode;
            return Ok(event(EventKind::DocumentStart, start, start));
        }
        if token.kind == TokenKind::StreamEnd {
            self.state = State::End;
            let token = self.take()?;
            return Ok(event(EventKind::StreamEnd, token.start, token.end));
        }
        self.directives()?;
        let token = self.scanner.peek()?;
        if token.kind != TokenKind::DocumentStart {
            let mark = token.start;
            return Err(self.error_at(mark, "expected `---` before the next document"));
        }
        let token = self.take()?;
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        Ok(event(EventKind::DocumentStart, token.start, token.end))
    }

    fn directives(&mut self) -> Parse<()> {
        let mut version_seen = false;
        while matches!(
            self.scanner.peek()?.kind,
            TokenKind::VersionDirective { .. } | TokenKind::TagDirective { .. }
        ) {
            let token = self.take()?;
            match token.kind {
                TokenKind::VersionDirective { .. } if version_seen => {
                    return Err(self.error_at(token.start, "a second %YAML directive"));
                }
                TokenKind::VersionDirective { major: 1, minor: 1 } => version_seen = true,
                TokenKind::VersionDirective { major, minor } => {
                    return Err(self.error_at(
                        token.start,
                        format!("Kubernetes tools read YAML 1.1 only, not {major}.{minor}; remove the %YAML directive"),
                    ));
                }
                TokenKind::TagDirective { handle, prefix } => {
                    if self.tags.iter().any(|(known, _)| *known == handle) {
                        return Err(
                            self.error_at(token.start, format!("a second %TAG directive for `{handle}`"))
                        );
                    }
                    self.tags.push((handle, prefix));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn document_content(&mut self) -> Parse<Event<'a>> {
        let token = self.scanner.peek()?;
        let mark = token.start;
        if matches!(
            token.kind,
            TokenKind::VersionDirective { .. }
                | TokenKind::TagDirective { .. }
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        ) {
            self.pop();
            return Ok(empty(mark, Properties::default(), mark));
        }
        self.node(true, false)
    }

    fn document_end(&mut self) -> Parse<Event<'a>> {
        let token = self.scanner.peek()?;
        let (start, mut end) = (token.start, token.start);
        if token.kind == TokenKind::DocumentEnd {
            end = self.take()?.end;
        }
        self.state = State::NextDocument;
        Ok(event(EventKind::DocumentEnd, start, end))
    }

    fn node(&mut self, block: bool, indentless: bool) -> Parse<Event<'a>> {
        let mut properties = Properties::default();
        let start = self.scanner.peek()?.start;
        let mut last = start;
        if let TokenKind::Alias(_) = self.scanner.peek()?.kind {
            let Token { kind: TokenKind::Alias(name), start, end } = self.take()? else {
                unreachable!("the token that was seen is the one that is taken");
            };
            self.pop();
            return Ok(event(EventKind::Alias(name), start, end));
        }
        loop {
            match &self.scanner.peek()?.kind {
                TokenKind::Anchor(name) if properties.anchor().is_none() => {
                    properties.written().anchor = Some(name);
                }
                TokenKind::Tag { handle, suffix } if properties.tag().is_none() => {
                    properties.written().tag = match *handle {
                        "" => Some(suffix.clone()),
                        handle => match self.tags.iter().find(|(known, _)| *known == handle) {
                            Some((_, prefix)) => Some(format!("{prefix}{suffix}")),
                            None if handle == "!" => Some(format!("!{suffix}")),
                            None if handle == "!!" => Some(format!("tag:yaml.org,2002:{suffix}")),
                            None => {
                                let message = format!("no %TAG directive says what `{handle}` stands for");
                                return Err(self.error_at(start, message));
                            }
                        },
                    }
                }
                _ => break,
            }
            last = self.take()?.end;
        }
        let token = self.scanner.peek()?;
        let content = token.start;
        let kind = match token.kind {
            TokenKind::BlockEntry if indentless => {
                self.state = State::IndentlessEntry;
                self.marks.push(content);
                if self.marks.len() > DEPTH_LIMIT {
                    return Err(self.error_at(content, too_deep()));
                }
                EventKind::SequenceStart { flow: false, properties }
            }
            TokenKind::Scalar { .. } => {
                let Token { kind: TokenKind::Scalar { text, style }, end, .. } = self.take()? else {
                    unreachable!("the token that was seen is the one that is taken");
                };
                self.pop();
                let kind = EventKind::Scalar { text, style, properties };
                return Ok(Event { kind, start, content, end });
            }
            TokenKind::FlowSequenceStart => {
                self.state = State::FlowSequenceFirst;
                EventKind::SequenceStart { flow: true, properties }
            }
            TokenKind::FlowMappingStart => {
                self.state = State::FlowMappingFirst;
                EventKind::MappingStart { flow: true, properties }
            }
            TokenKind::BlockSequenceStart if block => {
                self.state = State::BlockSequenceFirst;
                EventKind::SequenceStart { flow: false, properties }
            }
            TokenKind::BlockMappingStart if block => {
                self.state = State::BlockMappingFirst;
                EventKind::MappingStart { flow: false, properties }
            }
            _ if properties != Properties::default() => {
                self.pop();
                return Ok(empty(start, properties, last));
            }
            _ => return self.misplaced("a value"),
        };
        Ok(Event { kind, start, content, end: content })
    }

    fn block_sequence_entry(&mut self) -> Parse<Event<'a>> {
        match self.scanner.peek()?.kind {
            TokenKind::BlockEntry => {
                let mark = self.take()?.end;
                if matches!(self.scanner.peek()?.kind, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                    self.state = State::BlockSequenceEntry;
                    return Ok(empty(mark, Properties::default(), mark));
                }
                self.states.push(State::BlockSequenceEntry);
                self.node(true, false)
            }
            TokenKind::BlockEnd => self.close(EventKind::SequenceEnd),
            _ => self.misplaced("`-` of the next item of the list"),
        }
    }

    fn indentless_entry(&mut self) -> Parse<Event<'a>> {
        if self.scanner.peek()?.kind == TokenKind::BlockEntry {
            let mark = self.take()?.end;
            if matches!(
                self.scanner.peek()?.kind,
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
            ) {
                self.state = State::IndentlessEntry;
                return Ok(empty(mark, Properties::default(), mark));
            }
            self.states.push(State::IndentlessEntry);
            return self.node(true, false);
        }
        self.pop();
        self.marks.pop();
        let mark = self.scanner.peek()?.start;
        Ok(event(EventKind::SequenceEnd, mark, mark))
    }

    fn block_mapping_key(&mut self) -> Parse<Event<'a>> {
        match self.scanner.peek()?.kind {
            TokenKind::Key => {
                let mark = self.take()?.end;
                if matches!(
                    self.scanner.peek()?.kind,
                    TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
                ) {
                    self.state = State::BlockMappingValue;
                    return Ok(empty(mark, Properties::default(), mark));
                }
                self.states.push(State::BlockMappingValue);
                self.node(true, true)
            }
            TokenKind::BlockEnd => self.close(EventKind::MappingEnd),
            _ => self.misplaced("the next key of the map"),
        }
    }

    fn block_mapping_value(&mut self) -> Parse<Event<'a>> {
        let token = self.scanner.peek()?;
        if token.kind != TokenKind::Value {
            let mark = token.start;
            self.state = State::BlockMappingKey;
            return Ok(empty(mark, Properties::default(), mark));
        }
        let mark = self.take()?.end;
        if matches!(self.scanner.peek()?.kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
            self.state = State::BlockMappingKey;
            return Ok(empty(mark, Properties::default(), mark));
        }
        self.states.push(State::BlockMappingKey);
        self.node(true, true)
    }

    fn flow_sequence_entry(&mut self, first: bool) -> Parse<Event<'a>> {
        if self.scanner.peek()?.kind != TokenKind::FlowSequenceEnd {
            if !first {
                if self.scanner.peek()?.kind != TokenKind::FlowEntry {
                    return self.misplaced("`,` or `]` of the list");
                }
                self.take()?;
            }
            match self.scanner.peek()?.kind {
                TokenKind::Key => {
                    let token = self.take()?;
                    self.state = State::PairKey;
                    let kind = EventKind::MappingStart { flow: true, properties: Properties::default() };
                    return Ok(event(kind, token.start, token.end));
                }
                TokenKind::FlowSequenceEnd => {}
                _ => {
                    self.states.push(State::FlowSequenceEntry);
                    return self.node(false, false);
                }
            }
        }
        self.close(EventKind::SequenceEnd)
    }

    fn pair_key(&mut self) -> Parse<Event<'a>> {
        let token = self.scanner.peek()?;
        let mark = token.start;
        if matches!(token.kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
            self.state = State::PairValue;
            return Ok(empty(mark, Properties::default(), mark));
        }
        self.states.push(State::PairValue);
        self.node(false, false)
    }

    fn pair_value(&mut self) -> Parse<Event<'a>> {
        if self.scanner.peek()?.kind == TokenKind::Value {
            self.take()?;
            if !matches!(self.scanner.peek()?.kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                self.states.push(State::PairEnd);
                return self.node(false, false);
            }
        }
        self.state = State::PairEnd;
        let mark = self.scanner.peek()?.start;
        Ok(empty(mark, Properties::default(), mark))
    }

    fn flow_mapping_key(&mut self, first: bool) -> Parse<Event<'a>> {
        if self.scanner.peek()?.kind != TokenKind::FlowMappingEnd {
            if !first {
                if self.scanner.peek()?.kind != TokenKind::FlowEntry {
                    return self.misplaced("`,` or `}` of the map");
                }
                self.take()?;
            }
            match self.scanner.peek()?.kind {
                TokenKind::Key => {
                    let mark = self.take()?.end;
                    if matches!(
                        self.scanner.peek()?.kind,
                        TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd
                    ) {
                        self.state = State::FlowMappingValue;
                        return Ok(empty(mark, Properties::default(), mark));
                    }
                    self.states.push(State::FlowMappingValue);
                    return self.node(false, false);
                }
                TokenKind::FlowMappingEnd => {}
                _ => {
                    self.states.push(State::FlowMappingEmptyValue);
                    return self.node(false, false);
                }
            }
        }
        self.close(EventKind::MappingEnd)
    }

    fn flow_mapping_value(&mut self, is_empty: bool) -> Parse<Event<'a>> {
        if is_empty {
            self.colon = None;
        }
        if !is_empty && self.scanner.peek()?.kind == TokenKind::Value {
            self.take()?;
            if !matches!(self.scanner.peek()?.kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                self.states.push(State::FlowMappingKey);
                return self.node(false, false);
            }
        }
        self.state = State::FlowMappingKey;
        let mark = self.scanner.peek()?.start;
        Ok(empty(mark, Properties::default(), mark))
    }

    /// The next token is not what has to be there.
    fn misplaced<T>(&mut self, expected: &str) -> Parse<T> {
        let token = self.scanner.peek()?;
        let (mark, found) = (token.start, name(&token.kind));
        let ends =
            matches!(token.kind, TokenKind::StreamEnd | TokenKind::DocumentStart | TokenKind::DocumentEnd);
        Err(match self.marks.last() {
            Some(open) if ends && self.scanner.in_flow() => {
                let bracket = self.scanner.character_at(*open);
                self.error_at(*open, format!("this `{bracket}` is never closed"))
            }
            Some(open) => {
                self.error_at(mark, format!("expected {expected}{}, found {found}", place(expected, *open)))
            }
            None => self.error_at(mark, format!("expected {expected}, found {found}")),
        })
    }
}

/// Says which collection is meant, where something of a collection is expected.
fn place(expected: &str, open: Mark) -> String {
    if expected == "a value" { String::new() } else { format!(" (it begins in line {})", open.line) }
}

fn event<'a>(kind: EventKind<'a>, start: Mark, end: Mark) -> Event<'a> {
    Event { kind, start, content: start, end }
}

/// A scalar that is not written.
fn empty<'a>(start: Mark, properties: Properties<'a>, content: Mark) -> Event<'a> {
    let kind = EventKind::Scalar { text: Cow::Borrowed(""), style: Style::Plain, properties };
    Event { kind, start, content, end: content }
}

/// How an error names a token.
fn name(kind: &TokenKind<'_>) -> &'static str {
    match kind {
        TokenKind::StreamEnd => "the end of the text",
        TokenKind::VersionDirective { .. } | TokenKind::TagDirective { .. } => "a directive",
        TokenKind::DocumentStart => "`---`",
        TokenKind::DocumentEnd => "`...`",
        TokenKind::BlockSequenceStart => "a list with other indentation",
        TokenKind::BlockMappingStart => "a key with other indentation",
        TokenKind::BlockEnd => "less indentation",
        TokenKind::FlowSequenceStart => "`[`",
        TokenKind::FlowSequenceEnd => "`]`",
        TokenKind::FlowMappingStart => "`{`",
        TokenKind::FlowMappingEnd => "`}`",
        TokenKind::BlockEntry => "`-`",
        TokenKind::FlowEntry => "`,`",
        TokenKind::Key => "a key",
        TokenKind::Value => "`:`",
        TokenKind::Alias(_) => "an alias",
        TokenKind::Anchor(_) => "an anchor",
        TokenKind::Tag { .. } => "a tag",
        TokenKind::Scalar { .. } => "a text",
    }
}
