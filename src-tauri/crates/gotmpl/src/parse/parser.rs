//! The parser: Go's grammar, its error texts and the lines it reports them on.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use super::lex::{Kind, Lexer, Token};
use super::{Branch, Node, NodeId, Pipe, Source, Tree, literal};
use crate::error::ParseError;
use crate::function::Functions;
use crate::go;
use crate::value::TextLiteral;

/// Go's limit of nested parentheses.
const MAX_PARENTHESES: usize = 10_000;
/// Nested `if`, `range`, `with` and `block`. Go has no limit; this one keeps hostile text from using up memory.
const MAX_BLOCKS: usize = 10_000;

/// Parses a text into the template of its name and those that it defines, in the order of their definition.
pub(crate) fn parse(name: &str, text: &[u8], functions: &Functions) -> Result<Vec<Tree>, ParseError> {
    if u32::try_from(text.len()).is_err() {
        return Err(ParseError {
            template: name.into(),
            line: 1,
            message: "text is larger than 4 GiB".into(),
        });
    }
    let mut lexer = Lexer::new(text);
    lexer.break_is_keyword = functions.index_of("break").is_none();
    lexer.continue_is_keyword = functions.index_of("continue").is_none();
    let mut parser = Parser {
        name,
        text,
        functions,
        lexer,
        nodes: Vec::new(),
        positions: Vec::new(),
        variables: HashMap::new(),
        variable_names: Vec::new(),
        trees: Vec::new(),
        defined: HashMap::new(),
        blocks: 0,
        scope: Scope::new(),
    };
    parser.variable("$");
    let root = parser.template()?;
    parser.define(name.into(), root)?;
    let source = Arc::new(Source {
        name: name.into(),
        text: text.into(),
        nodes: parser.nodes,
        positions: parser.positions,
        variables: parser.variable_names,
    });
    let trees = parser.trees.into_iter();
    Ok(trees.map(|(name, root, empty)| Tree { name, source: Arc::clone(&source), root, empty }).collect())
}

/// What Go keeps per template while parsing: look-ahead, variables, nesting.
struct Scope {
    tokens: [Token; 3],
    peeked: usize,
    variables: Vec<u32>,
    action_line: usize,
    ranges: usize,
    parentheses: usize,
}

impl Scope {
    fn new() -> Scope {
        Scope {
            tokens: [Token::none(), Token::none(), Token::none()],
            peeked: 0,
            variables: vec![0],
            action_line: 0,
            ranges: 0,
            parentheses: 0,
        }
    }
}

struct Parser<'a> {
    name: &'a str,
    text: &'a [u8],
    functions: &'a Functions,
    lexer: Lexer<'a>,
    nodes: Vec<Node>,
    positions: Vec<u32>,
    variables: HashMap<Box<[u8]>, u32>,
    variable_names: Vec<Arc<str>>,
    /// Name, root and whether it is blank, of each template.
    trees: Vec<(Arc<str>, NodeId, bool)>,
    /// Where in `trees` a name is.
    defined: HashMap<Arc<str>, usize>,
    blocks: usize,
    scope: Scope,
}

/// What ends a list of nodes; the position is that of Go's node.
enum End {
    End,
    Else(usize),
}

impl End {
    fn text(&self) -> &'static str {
        match self {
            End::End => "{{end}}",
            End::Else(_) => "{{else}}",
        }
    }
}

enum Item {
    Node(NodeId),
    End(End),
}

type Parsed<T> = Result<T, ParseError>;

impl<'a> Parser<'a> {
    fn next(&mut self) -> Token {
        if self.scope.peeked > 0 {
            self.scope.peeked -= 1;
        } else {
            self.scope.tokens[0] = self.lexer.next_token();
        }
        self.scope.tokens[self.scope.peeked].clone()
    }

    fn backup(&mut self) {
        self.scope.peeked += 1;
    }

    fn peek(&mut self) -> &Token {
        if self.scope.peeked == 0 {
            self.scope.peeked = 1;
            self.scope.tokens[0] = self.lexer.next_token();
        }
        &self.scope.tokens[self.scope.peeked - 1]
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.backup();
        token
    }

    fn value(&self, token: &Token) -> &'a [u8] {
        &self.text[token.start..token.end]
    }

    fn lossy(&self, token: &Token) -> String {
        String::from_utf8_lossy(self.value(token)).into_owned()
    }

    fn add(&mut self, position: usize, node: Node) -> NodeId {
        // The text fits 32 bits, and no node is made of nothing but a delimiter.
        let id = self.nodes.len() as NodeId;
        self.nodes.push(node);
        self.positions.push(position as u32);
        id
    }

    fn variable(&mut self, name: &str) -> u32 {
        self.variable_of(name.as_bytes())
    }

    fn variable_of(&mut self, name: &[u8]) -> u32 {
        if let Some(&index) = self.variables.get(name) {
            return index;
        }
        let index = self.variable_names.len() as u32;
        self.variables.insert(name.into(), index);
        self.variable_names.push(String::from_utf8_lossy(name).into());
        index
    }

    fn fail<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(ParseError {
            template: self.name.to_owned(),
            line: self.scope.tokens[0].line,
            message: message.into(),
        })
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Parsed<T> {
        if let (Kind::Error, Some(message)) = (token.kind, &token.message) {
            let started = self.scope.action_line;
            if started == 0 || started == token.line {
                return self.fail(&**message);
            }
            let action = if message.ends_with(" action") { "" } else { " in action" };
            return self.fail(format!("{message}{action} started at {}:{started}", self.name));
        }
        self.fail(format!("unexpected {} in {context}", self.describe(token)))
    }

    fn describe(&self, token: &Token) -> String {
        let value = self.value(token);
        if token.kind == Kind::Eof {
            "EOF".into()
        } else if token.kind.is_keyword() {
            format!("<{}>", String::from_utf8_lossy(value))
        } else if value.len() > 10 {
            let end = go::runes(value).nth(10).map_or(value.len(), |(at, ..)| at);
            format!("{}...", go::quote(&value[..end]))
        } else {
            go::quote(value)
        }
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    /// A whole text: nodes and definitions.
    fn template(&mut self) -> Parsed<NodeId> {
        let position = self.peek().start;
        let mut list = Vec::new();
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelimiter {
                let delimiter = self.next();
                if self.next_non_space().kind == Kind::Define {
                    let outer = mem::replace(&mut self.scope, Scope::new());
                    self.definition()?;
                    self.scope = outer;
                    continue;
                }
                self.scope.tokens[1] = delimiter;
                self.scope.peeked = 2;
            }
            match self.text_or_action()? {
                Item::Node(node) => list.push(node),
                Item::End(end) => return self.fail(format!("unexpected {}", end.text())),
            }
        }
        Ok(self.add(position, Node::List(list.into())))
    }

    /// What follows `{{define`.
    fn definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(Kind::RightDelimiter, CONTEXT)?;
        let (root, end) = self.list()?;
        if !matches!(end, End::End) {
            return self.fail(format!("unexpected {} in {CONTEXT}", end.text()));
        }
        self.define(name, root)
    }

    /// Keeps a finished template. A blank one gives way to another of its name.
    fn define(&mut self, name: Arc<str>, root: NodeId) -> Parsed<()> {
        let empty = self.is_empty(root);
        let Some(&at) = self.defined.get(&name) else {
            self.defined.insert(Arc::clone(&name), self.trees.len());
            self.trees.push((name, root, empty));
            return Ok(());
        };
        if self.trees[at].2 {
            self.trees[at] = (name, root, empty);
        } else if !empty {
            let quoted = go::quote(name.as_bytes());
            return self.fail(format!("template: multiple definition of template {quoted}"));
        }
        Ok(())
    }

    fn is_empty(&self, list: NodeId) -> bool {
        let Node::List(nodes) = &self.nodes[list as usize] else { return false };
        nodes.iter().all(|&node| match self.nodes[node as usize] {
            Node::Text(start, end) => go::trim_space(&self.text[start as usize..end as usize]).is_empty(),
            _ => false,
        })
    }

    /// Nodes up to `end` or `else`.
    fn list(&mut self) -> Parsed<(NodeId, End)> {
        if self.blocks == MAX_BLOCKS {
            return self.fail(format!("more than {MAX_BLOCKS} nested blocks"));
        }
        self.blocks += 1;
        let position = self.peek_non_space().start;
        let mut list = Vec::new();
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => list.push(node),
                Item::End(end) => {
                    self.blocks -= 1;
                    return Ok((self.add(position, Node::List(list.into())), end));
                }
            }
        }
        self.fail("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => {
                Ok(Item::Node(self.add(token.start, Node::Text(token.start as u32, token.end as u32))))
            }
            Kind::LeftDelimiter => {
                self.scope.action_line = token.line;
                let item = go_deep(self, Parser::action);
                self.scope.action_line = 0;
                item
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Block => self.block()?,
            Kind::Break => self.loop_control(&token, "{{break}}", Node::Break)?,
            Kind::Continue => self.loop_control(&token, "{{continue}}", Node::Continue)?,
            Kind::Else => {
                let peeked = self.peek_non_space();
                if matches!(peeked.kind, Kind::If | Kind::With) {
                    return Ok(Item::End(End::Else(peeked.start)));
                }
                let delimiter = self.expect(Kind::RightDelimiter, "else")?;
                return Ok(Item::End(End::Else(delimiter.start)));
            }
            Kind::End => {
                self.expect(Kind::RightDelimiter, "end")?;
                return Ok(Item::End(End::End));
            }
            Kind::If => self.control("if")?,
            Kind::Range => self.control("range")?,
            Kind::With => self.control("with")?,
            Kind::Template => self.template_call()?,
            _ => {
                self.backup();
                let position = self.peek().start;
                let pipe = self.pipeline("command", Kind::RightDelimiter)?;
                self.add(position, Node::Action(pipe))
            }
        };
        Ok(Item::Node(node))
    }

    fn loop_control(&mut self, token: &Token, text: &str, node: Node) -> Parsed<NodeId> {
        let next = self.next_non_space();
        if next.kind != Kind::RightDelimiter {
            return self.unexpected(&next, text);
        }
        if self.scope.ranges == 0 {
            return self.fail(format!("{text} outside {{{{range}}}}"));
        }
        Ok(self.add(token.start, node))
    }

    fn control(&mut self, keyword: &'static str) -> Parsed<NodeId> {
        let variables = self.scope.variables.len();
        let pipe = self.pipeline(keyword, Kind::RightDelimiter)?;
        let ranges = usize::from(keyword == "range");
        self.scope.ranges += ranges;
        let (list, end) = self.list()?;
        self.scope.ranges -= ranges;
        let otherwise = match end {
            End::End => None,
            End::Else(position) => Some(self.otherwise(keyword, position)?),
        };
        self.scope.variables.truncate(variables);
        let position = self.positions[pipe as usize] as usize;
        let branch = Branch { pipe, list, otherwise };
        Ok(self.add(
            position,
            match keyword {
                "if" => Node::If(branch),
                "with" => Node::With(branch),
                _ => Node::Range(branch),
            },
        ))
    }

    fn otherwise(&mut self, keyword: &'static str, position: usize) -> Parsed<NodeId> {
        let next = self.peek().kind;
        if (keyword == "if" && next == Kind::If) || (keyword == "with" && next == Kind::With) {
            self.next();
            // A chain of `else if` nests as deep as it is long.
            if self.blocks == MAX_BLOCKS {
                return self.fail(format!("more than {MAX_BLOCKS} nested blocks"));
            }
            self.blocks += 1;
            let inner = go_deep(self, |parser| parser.control(keyword))?;
            self.blocks -= 1;
            return Ok(self.add(position, Node::List([inner].into())));
        }
        let (list, end) = self.list()?;
        match end {
            End::End => Ok(list),
            End::Else(_) => self.fail(format!("expected end; found {}", end.text())),
        }
    }

    fn block(&mut self) -> Parsed<NodeId> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelimiter)?;
        let outer = mem::replace(&mut self.scope, Scope::new());
        let (root, end) = self.list()?;
        if !matches!(end, End::End) {
            self.scope = outer;
            return self.fail(format!("unexpected {} in {CONTEXT}", end.text()));
        }
        self.define(Arc::clone(&name), root)?;
        self.scope = outer;
        Ok(self.add(token.start, Node::Template { name, pipe: Some(pipe) }))
    }

    fn template_call(&mut self) -> Parsed<NodeId> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let mut pipe = None;
        if self.next_non_space().kind != Kind::RightDelimiter {
            self.backup();
            pipe = Some(self.pipeline(CONTEXT, Kind::RightDelimiter)?);
        }
        Ok(self.add(token.start, Node::Template { name, pipe }))
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Parsed<Arc<str>> {
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return self.unexpected(token, context);
        }
        match go::unquote(self.value(token)) {
            Some(name) => Ok(String::from_utf8_lossy(&name).into()),
            None => self.fail("invalid syntax"),
        }
    }

    fn pipeline(&mut self, context: &'static str, end: Kind) -> Parsed<NodeId> {
        let position = self.peek_non_space().start;
        let (assign, declarations) = self.declarations(context)?;
        let mut commands = Vec::new();
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParenthesis => {
                    self.backup();
                    commands.push(self.command()?);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        self.check_pipeline(&commands, context)?;
        let only = self.only(&declarations, &commands);
        let pipe = Pipe { assign, declarations: declarations.into(), commands: commands.into(), only };
        Ok(self.add(position, Node::Pipe(pipe)))
    }

    fn only(&self, declarations: &[u32], commands: &[NodeId]) -> Option<NodeId> {
        let ([], [command]) = (declarations, commands) else { return None };
        let Node::Command(words) = &self.nodes[*command as usize] else { return None };
        match **words {
            [word]
                if matches!(self.nodes[word as usize], Node::Dot | Node::Field(_) | Node::Variable(..)) =>
            {
                Some(word)
            }
            _ => None,
        }
    }

    /// `$x :=`, `$x =`, and in a range `$i, $x :=`.
    fn declarations(&mut self, context: &str) -> Parsed<(bool, Vec<u32>)> {
        let mut declared = Vec::new();
        loop {
            let variable = self.peek_non_space();
            if variable.kind != Kind::Variable {
                return Ok((false, declared));
            }
            self.next();
            // Blanks are tokens: what follows the variable is kept to be read again.
            let after = self.peek().clone();
            let next = self.peek_non_space();
            let name = self.value(&variable);
            if matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.next_non_space();
                self.declare(&mut declared, name);
                return Ok((next.kind == Kind::Assign, declared));
            }
            if next.kind == Kind::Char && self.value(&next) == b"," {
                self.next_non_space();
                self.declare(&mut declared, name);
                if context == "range" && declared.len() < 2 {
                    match self.peek_non_space().kind {
                        Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis => continue,
                        _ => return self.fail("range can only initialize variables"),
                    }
                }
                return self.fail(format!("too many declarations in {context}"));
            }
            if after.kind == Kind::Space {
                self.scope.tokens[1] = after;
                self.scope.tokens[2] = variable;
                self.scope.peeked = 3;
            } else {
                self.scope.tokens[1] = variable;
                self.scope.peeked = 2;
            }
            return Ok((false, declared));
        }
    }

    fn declare(&mut self, declared: &mut Vec<u32>, name: &[u8]) {
        let index = self.variable_of(name);
        declared.push(index);
        self.scope.variables.push(index);
    }

    fn check_pipeline(&self, commands: &[NodeId], context: &str) -> Parsed<()> {
        if commands.is_empty() {
            return self.fail(format!("missing value for {context}"));
        }
        for (stage, &command) in commands.iter().enumerate().skip(1) {
            let Node::Command(arguments) = &self.nodes[command as usize] else { continue };
            let first = arguments.first().map(|&node| &self.nodes[node as usize]);
            if let Some(Node::Bool(_) | Node::Dot | Node::Nil | Node::Number(_) | Node::String(..)) = first {
                return self.fail(format!("non executable command in pipeline stage {}", stage + 1));
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Parsed<NodeId> {
        let position = self.peek_non_space().start;
        let mut arguments = Vec::new();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                arguments.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelimiter | Kind::RightParenthesis => self.backup(),
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if arguments.is_empty() {
            return self.fail("empty command");
        }
        Ok(self.add(position, Node::Command(arguments.into())))
    }

    /// A term with the fields that follow it.
    fn operand(&mut self) -> Parsed<Option<NodeId>> {
        let Some(node) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(node));
        }
        let position = self.peek().start;
        let mut fields = Vec::new();
        while self.peek().kind == Kind::Field {
            let token = self.next();
            fields.push(self.field_name(&token));
        }
        // Go makes one node of the whole chain, at the place of its second element.
        match &mut self.nodes[node as usize] {
            Node::Field(names) | Node::Variable(_, names) => {
                let mut all = mem::take(names).into_vec();
                all.append(&mut fields);
                *names = all.into();
                self.positions[node as usize] = position as u32;
                Ok(Some(node))
            }
            Node::Bool(_) | Node::String(..) | Node::Number(_) | Node::Nil | Node::Dot => {
                let term = self.printed(node);
                self.fail(format!("unexpected . after term {}", go::quote(term.as_bytes())))
            }
            _ => Ok(Some(self.add(position, Node::Chain(node, fields.into())))),
        }
    }

    fn printed(&self, node: NodeId) -> String {
        match &self.nodes[node as usize] {
            Node::Bool(truth) => truth.to_string(),
            Node::Nil => "nil".into(),
            Node::Dot => ".".into(),
            Node::Number(literal) => literal.text.to_string(),
            Node::String(start, end, _) => {
                String::from_utf8_lossy(&self.text[*start as usize..*end as usize]).into_owned()
            }
            _ => String::new(),
        }
    }

    fn field_name(&self, token: &Token) -> Box<str> {
        String::from_utf8_lossy(&self.text[token.start + 1..token.end]).into()
    }

    fn term(&mut self) -> Parsed<Option<NodeId>> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Identifier => {
                let name = self.lossy(&token);
                match self.functions.index_of(&name) {
                    Some(index) => Node::Identifier(name.into(), index),
                    None => {
                        let quoted = go::quote(name.as_bytes());
                        return self.fail(format!("function {quoted} not defined"));
                    }
                }
            }
            Kind::Dot => Node::Dot,
            Kind::Nil => Node::Nil,
            Kind::Variable => {
                let name = self.value(&token);
                let index = self.variable_of(name);
                if !self.scope.variables.contains(&index) {
                    return self.fail(format!("undefined variable {}", go::quote(name)));
                }
                Node::Variable(index, Box::default())
            }
            Kind::Field => Node::Field([self.field_name(&token)].into()),
            Kind::Bool => Node::Bool(self.value(&token) == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                match literal::number(self.value(&token), token.kind) {
                    Ok(literal) => Node::Number(literal.into()),
                    Err(message) => return self.fail(message),
                }
            }
            Kind::LeftParenthesis => {
                if self.scope.parentheses >= MAX_PARENTHESES {
                    return self.fail("max expression depth exceeded");
                }
                self.scope.parentheses += 1;
                let pipe = go_deep(self, |parser| {
                    parser.pipeline("parenthesized pipeline", Kind::RightParenthesis)
                })?;
                self.scope.parentheses -= 1;
                return Ok(Some(pipe));
            }
            Kind::String | Kind::RawString => match go::unquote(self.value(&token)) {
                Some(text) => Node::String(token.start as u32, token.end as u32, TextLiteral::new(text)),
                None => return self.fail("invalid syntax"),
            },
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(self.add(token.start, node)))
    }
}

/// Recursion of the parser, on more stack where little is left.
fn go_deep<'a, T>(parser: &mut Parser<'a>, run: impl FnOnce(&mut Parser<'a>) -> T) -> T {
    go::deep(|| run(parser))
}
