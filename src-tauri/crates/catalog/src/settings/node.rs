//! A YAML document with the position of every key and value, for error messages.

use granit_parser::{Event, Parser, ScalarStyle, Span};
use slipway_model::{Location, Problem};

/// Nested deeper than this is no settings file.
const MAXIMUM_DEPTH: usize = 32;

/// Where something is: line and column, from 1.
pub(super) type Place = (u32, u32);

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) content: Content,
}

/// What a value is. Aliases are refused: a settings file has no use for them.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Text and whether it stands without quotes.
    Scalar(String, bool),
    Sequence(Vec<Node>),
    Mapping(Vec<(String, Place, Node)>),
}

impl Node {
    /// What it is, for an error message.
    pub(super) fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(text, true) if matches!(text.as_str(), "" | "~" | "null") => "nothing",
            Content::Scalar(..) => "a single value",
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a map",
        }
    }

    /// Whether nothing is written.
    pub(super) fn is_null(&self) -> bool {
        self.kind() == "nothing"
    }
}

/// A problem at a place of the settings file.
pub(super) fn problem(place: Place, message: impl Into<String>) -> Problem {
    Problem::error("invalid-settings", message).at(Location::at(&super::file(), place.0, place.1))
}

/// Reads the only document of a text; `None` where it is empty.
pub(super) fn read(text: &str) -> Result<Option<Node>, Box<Problem>> {
    let mut parser = Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut root = None;
    while let Some((event, span)) = next(&mut parser)? {
        match event {
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) => {
                if root.is_some() {
                    return Err(Box::new(problem(
                        place(&span),
                        "a second document: the settings are one document",
                    )));
                }
                root = Some(node(&mut parser, event, &span, 0)?);
            }
            Event::StreamEnd => break,
            _ => {}
        }
    }
    Ok(root)
}

type Source<'t> = Parser<'t, granit_parser::StrInput<'t>>;

fn next<'t>(parser: &mut Source<'t>) -> Result<Option<(Event<'t>, Span)>, Box<Problem>> {
    match parser.next_event() {
        None => Ok(None),
        Some(Ok(found)) => Ok(Some(found)),
        Some(Err(error)) => {
            let marker = error.marker();
            let place = (number(marker.line()), number(marker.col() + 1));
            let mut problem = problem(place, error.to_string());
            problem.code = "yaml-syntax".to_owned();
            Err(Box::new(problem))
        }
    }
}

fn node<'t>(
    parser: &mut Source<'t>,
    event: Event<'t>,
    span: &Span,
    depth: usize,
) -> Result<Node, Box<Problem>> {
    let here = place(span);
    if depth > MAXIMUM_DEPTH {
        return Err(Box::new(problem(here, "nested too deeply for settings")));
    }
    let content = match event {
        Event::Scalar(text, style, ..) => Content::Scalar(text.into_owned(), style == ScalarStyle::Plain),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            while let Some((event, span)) = next_data(parser)? {
                if matches!(event, Event::SequenceEnd) {
                    break;
                }
                items.push(node(parser, event, &span, depth + 1)?);
            }
            Content::Sequence(items)
        }
        Event::MappingStart(..) => {
            let mut entries: Vec<(String, Place, Node)> = Vec::new();
            while let Some((event, span)) = next_data(parser)? {
                if matches!(event, Event::MappingEnd) {
                    break;
                }
                let key = node(parser, event, &span, depth + 1)?;
                let Content::Scalar(name, _) = key.content else {
                    return Err(Box::new(problem(key.place, "a key must be a single value")));
                };
                if entries.iter().any(|(other, ..)| *other == name) {
                    return Err(Box::new(problem(key.place, format!("`{name}` is there twice"))));
                }
                let Some((event, span)) = next_data(parser)? else { break };
                let value = node(parser, event, &span, depth + 1)?;
                entries.push((name, key.place, value));
            }
            Content::Mapping(entries)
        }
        Event::Alias(_) => {
            return Err(Box::new(problem(here, "aliases are not read in settings; write the value out")));
        }
        _ => return Err(Box::new(problem(here, "expected a value"))),
    };
    Ok(Node { place: here, content })
}

/// The next event that is no comment.
fn next_data<'t>(parser: &mut Source<'t>) -> Result<Option<(Event<'t>, Span)>, Box<Problem>> {
    while let Some((event, span)) = next(parser)? {
        if event.is_node()
            || matches!(event, Event::SequenceEnd | Event::MappingEnd | Event::StreamEnd | Event::DocumentEnd)
        {
            return Ok(Some((event, span)));
        }
    }
    Ok(None)
}

fn place(span: &Span) -> Place {
    (number(span.start.line()), number(span.start.col() + 1))
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
