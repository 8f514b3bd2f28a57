//! From text to a tree in compact form: nodes in one vector, names resolved as far as the text decides them.

mod lex;
mod literal;
mod parser;
mod print;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub(crate) use parser::parse;

use crate::value::TextLiteral;

/// The index of a node in its [`Source`].
pub(crate) type NodeId = u32;

/// One parsed text with the nodes of all templates in it.
pub(crate) struct Source {
    /// The name it was parsed under; the file in error texts.
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<[u8]>,
    pub(crate) nodes: Vec<Node>,
    /// Where each node stands, as Go counts it.
    pub(crate) positions: Vec<u32>,
    /// The names of variables, `$` first.
    pub(crate) variables: Vec<Arc<str>>,
}

/// One template of a [`Source`].
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<Source>,
    pub(crate) root: NodeId,
    /// Nothing but blanks and definitions.
    pub(crate) empty: bool,
}

#[derive(Debug)]
pub(crate) enum Node {
    List(Box<[NodeId]>),
    /// A range of the text.
    Text(u32, u32),
    Action(NodeId),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template {
        name: Arc<str>,
        pipe: Option<NodeId>,
    },
    Break,
    Continue,
    Pipe(Pipe),
    Command(Box<[NodeId]>),
    Dot,
    Nil,
    Bool(bool),
    Number(Box<Literal>),
    /// The literal as written (a range of the text) and what it says.
    String(u32, u32, TextLiteral),
    Field(Box<[Box<str>]>),
    Variable(u32, Box<[Box<str>]>),
    Chain(NodeId, Box<[Box<str>]>),
    /// A function by name and its index in the table.
    Identifier(Box<str>, u32),
}

#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) pipe: NodeId,
    pub(crate) list: NodeId,
    pub(crate) otherwise: Option<NodeId>,
}

#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) assign: bool,
    /// Indexes of variable names.
    pub(crate) declarations: Box<[u32]>,
    pub(crate) commands: Box<[NodeId]>,
    /// The node of a pipeline that is nothing but dot, a field or a variable.
    pub(crate) only: Option<NodeId>,
}

/// A number as written and as all the kinds it can be, as Go's ideal constants.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Literal {
    pub(crate) text: Box<str>,
    pub(crate) signed: Option<i64>,
    pub(crate) unsigned: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
}

impl Source {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// Line from 1 and column in bytes from 0 of a node.
    pub(crate) fn place(&self, id: NodeId) -> (usize, usize) {
        let before = &self.text[..self.positions[id as usize] as usize];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        (line, column)
    }

    /// The node as Go prints it.
    pub(crate) fn print(&self, id: NodeId) -> String {
        print::print(self, id)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({} of {})", self.name, self.source.name)
    }
}
