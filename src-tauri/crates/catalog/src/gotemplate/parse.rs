//! From tokens to nodes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::TemplateError;
use super::scan::{Piece, Token, TokenKind, pieces, tokens};

/// Nested deeper than this is refused.
const MAXIMUM_DEPTH: usize = 100;

/// A part of a template.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    /// Prints, declares or assigns.
    Action(Pipeline),
    /// Conditions with their bodies; the last body is for none of them.
    If(Vec<(Pipeline, Vec<Node>)>, Vec<Node>),
    Range(Pipeline, Vec<Node>, Vec<Node>),
    With(Pipeline, Vec<Node>, Vec<Node>),
    Template(String, Option<Pipeline>),
    Break,
    Continue,
}

/// `$x := a | b c`.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    /// The variables on the left.
    pub(super) variables: Vec<String>,
    /// Whether they are new.
    pub(super) declares: bool,
    /// Commands; each result is the last argument of the next.
    pub(super) commands: Vec<Vec<Term>>,
}

/// An operand, with the fields taken of it.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) operand: Operand,
    pub(super) fields: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Operand {
    Dot,
    Variable(String),
    Literal(Value),
    Function(String),
    Pipeline(Box<Pipeline>),
}

type Defined = BTreeMap<String, Vec<Node>>;

/// Parses a text to its body and the templates it defines.
pub(super) fn parse(text: &str) -> Result<(Vec<Node>, Defined), TemplateError> {
    let mut parser = Parser { pieces: pieces(text)?, place: 0, defined: Defined::new() };
    let (body, end) = parser.body(0)?;
    match end {
        End::Text => Ok((body, parser.defined)),
        End::Done | End::Else(_) => Err(TemplateError::new("`end` or `else` without a beginning")),
    }
}

struct Parser<'t> {
    pieces: Vec<Piece<'t>>,
    place: usize,
    defined: Defined,
}

/// What ended a body.
enum End {
    Text,
    Done,
    /// `else`, and what follows it in the same action.
    Else(Vec<Token>),
}

impl Parser<'_> {
    fn body(&mut self, depth: usize) -> Result<(Vec<Node>, End), TemplateError> {
        if depth > MAXIMUM_DEPTH {
            return Err(TemplateError::new("nested too deeply"));
        }
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.get(self.place) {
            self.place += 1;
            let action = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text((*text).to_owned()));
                    continue;
                }
                Piece::Action(action) => *action,
            };
            let found = tokens(action)?;
            let word = match found.first().map(|token| &token.kind) {
                Some(TokenKind::Word(word)) => word.as_str(),
                Some(_) => "",
                None => continue,
            };
            let rest = || found[1..].to_vec();
            match word {
                "end" => return Ok((nodes, End::Done)),
                "else" => return Ok((nodes, End::Else(rest()))),
                "if" => nodes.push(self.condition(rest(), depth)?),
                "range" => {
                    let pipeline = pipeline(&rest())?;
                    let (body, otherwise) = self.branches(depth)?;
                    nodes.push(Node::Range(pipeline, body, otherwise));
                }
                "with" => {
                    let pipeline = pipeline(&rest())?;
                    let (body, otherwise) = self.branches(depth)?;
                    nodes.push(Node::With(pipeline, body, otherwise));
                }
                "define" => {
                    let name = name(&found)?;
                    let (body, _) = self.body(depth + 1)?;
                    self.defined.insert(name, body);
                }
                "block" => {
                    let name = name(&found)?;
                    let argument = pipeline(&found[2..])?;
                    let (body, _) = self.body(depth + 1)?;
                    self.defined.entry(name.clone()).or_insert(body);
                    nodes.push(Node::Template(name, Some(argument)));
                }
                "template" => {
                    let argument = if found.len() > 2 { Some(pipeline(&found[2..])?) } else { None };
                    nodes.push(Node::Template(name(&found)?, argument));
                }
                "break" => nodes.push(Node::Break),
                "continue" => nodes.push(Node::Continue),
                _ => nodes.push(Node::Action(pipeline(&found)?)),
            }
        }
        Ok((nodes, End::Text))
    }

    fn condition(&mut self, tokens: Vec<Token>, depth: usize) -> Result<Node, TemplateError> {
        let mut branches = Vec::new();
        let mut tokens = tokens;
        loop {
            let condition = pipeline(&tokens)?;
            let (body, end) = self.body(depth + 1)?;
            branches.push((condition, body));
            match end {
                End::Done => return Ok(Node::If(branches, Vec::new())),
                End::Else(rest) if is_word(rest.first(), "if") => tokens = rest[1..].to_vec(),
                End::Else(_) => {
                    let (otherwise, _) = self.body(depth + 1)?;
                    return Ok(Node::If(branches, otherwise));
                }
                End::Text => return Err(TemplateError::new("`if` without `end`")),
            }
        }
    }

    fn branches(&mut self, depth: usize) -> Result<(Vec<Node>, Vec<Node>), TemplateError> {
        let (body, end) = self.body(depth + 1)?;
        match end {
            End::Done => Ok((body, Vec::new())),
            End::Else(rest) if is_word(rest.first(), "with") => {
                let pipeline = pipeline(&rest[1..])?;
                let (inner, otherwise) = self.branches(depth + 1)?;
                Ok((body, vec![Node::With(pipeline, inner, otherwise)]))
            }
            End::Else(_) => Ok((body, self.body(depth + 1)?.0)),
            End::Text => Err(TemplateError::new("`range` or `with` without `end`")),
        }
    }
}

fn is_word(token: Option<&Token>, expected: &str) -> bool {
    matches!(token, Some(Token { kind: TokenKind::Word(word), .. }) if word == expected)
}

fn name(tokens: &[Token]) -> Result<String, TemplateError> {
    match tokens.get(1).map(|token| &token.kind) {
        Some(TokenKind::Literal(Value::String(name))) => Ok(name.clone()),
        _ => Err(TemplateError::new("a template needs a quoted name")),
    }
}

fn pipeline(tokens: &[Token]) -> Result<Pipeline, TemplateError> {
    let mut place = 0;
    let pipeline = pipeline_at(tokens, &mut place, 0)?;
    if place < tokens.len() {
        return Err(TemplateError::new("unexpected `)` in an action"));
    }
    Ok(pipeline)
}

fn pipeline_at(tokens: &[Token], place: &mut usize, depth: usize) -> Result<Pipeline, TemplateError> {
    if depth > MAXIMUM_DEPTH {
        return Err(TemplateError::new("nested too deeply"));
    }
    let (variables, declares) = variables(tokens, place);
    let mut commands = vec![Vec::new()];
    while let Some(token) = tokens.get(*place) {
        match &token.kind {
            TokenKind::Pipe => commands.push(Vec::new()),
            TokenKind::Close => break,
            _ => {
                let term = term(tokens, place, depth)?;
                if let Some(command) = commands.last_mut() {
                    command.push(term);
                }
                continue;
            }
        }
        *place += 1;
    }
    if commands.iter().any(Vec::is_empty) {
        return Err(TemplateError::new("an action or a part of a pipeline is empty"));
    }
    Ok(Pipeline { variables, declares, commands })
}

/// `$x :=`, `$key, $value :=`, `$x =`.
fn variables(tokens: &[Token], place: &mut usize) -> (Vec<String>, bool) {
    let mut names = Vec::new();
    let mut at = *place;
    while let Some(Token { kind: TokenKind::Variable(name), .. }) = tokens.get(at) {
        names.push(name.clone());
        at += 1;
        match tokens.get(at).map(|token| &token.kind) {
            Some(TokenKind::Comma) => at += 1,
            Some(kind @ (TokenKind::Declare | TokenKind::Assign)) => {
                *place = at + 1;
                return (names, *kind == TokenKind::Declare);
            }
            _ => break,
        }
    }
    (Vec::new(), false)
}

fn term(tokens: &[Token], place: &mut usize, depth: usize) -> Result<Term, TemplateError> {
    let token = &tokens[*place];
    *place += 1;
    let mut fields = Vec::new();
    let operand = match &token.kind {
        TokenKind::Dot => Operand::Dot,
        TokenKind::Field(name) => {
            fields.push(name.clone());
            Operand::Dot
        }
        TokenKind::Variable(name) => Operand::Variable(name.clone()),
        TokenKind::Literal(value) => Operand::Literal(value.clone()),
        TokenKind::Word(word) => match word.as_str() {
            "true" => Operand::Literal(Value::Bool(true)),
            "false" => Operand::Literal(Value::Bool(false)),
            "nil" => Operand::Literal(Value::Null),
            _ => Operand::Function(word.clone()),
        },
        TokenKind::Open => {
            let inner = pipeline_at(tokens, place, depth + 1)?;
            if tokens.get(*place).map(|token| &token.kind) != Some(&TokenKind::Close) {
                return Err(TemplateError::new("`(` without `)`"));
            }
            *place += 1;
            Operand::Pipeline(Box::new(inner))
        }
        other => return Err(TemplateError::new(format!("unexpected {other:?} in an action"))),
    };
    while let Some(Token { kind: TokenKind::Field(name), glued: true }) = tokens.get(*place) {
        fields.push(name.clone());
        *place += 1;
    }
    Ok(Term { operand, fields })
}
