//! Nodes as text, as Go prints them in error messages.

use std::fmt::Write;

use super::{Branch, Node, NodeId, Source};
use crate::go;

pub(super) fn print(source: &Source, id: NodeId) -> String {
    let mut out = String::new();
    write(source, id, &mut out);
    out
}

fn write(source: &Source, id: NodeId, out: &mut String) {
    go::deep(|| write_node(source, id, out));
}

fn write_node(source: &Source, id: NodeId, out: &mut String) {
    let lossy = |start: u32, end: u32| go::to_lossy(&source.text[start as usize..end as usize]);
    match source.node(id) {
        Node::List(nodes) => nodes.iter().for_each(|&node| write(source, node, out)),
        Node::Text(start, end) => out.push_str(&lossy(*start, *end)),
        Node::Action(pipe) => {
            out.push_str("{{");
            write(source, *pipe, out);
            out.push_str("}}");
        }
        Node::If(branch) => write_branch(source, "if", branch, out),
        Node::With(branch) => write_branch(source, "with", branch, out),
        Node::Range(branch) => write_branch(source, "range", branch, out),
        Node::Template { name, pipe } => {
            out.push_str("{{template ");
            out.push_str(&go::quote(name.as_bytes()));
            if let Some(pipe) = pipe {
                out.push(' ');
                write(source, *pipe, out);
            }
            out.push_str("}}");
        }
        Node::Break => out.push_str("{{break}}"),
        Node::Continue => out.push_str("{{continue}}"),
        Node::Pipe(pipe) => {
            for (index, variable) in pipe.declarations.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&source.variables[*variable as usize]);
            }
            if !pipe.declarations.is_empty() {
                out.push_str(if pipe.assign { " = " } else { " := " });
            }
            for (index, &command) in pipe.commands.iter().enumerate() {
                out.push_str(if index > 0 { " | " } else { "" });
                write(source, command, out);
            }
        }
        Node::Command(arguments) => {
            for (index, &argument) in arguments.iter().enumerate() {
                out.push_str(if index > 0 { " " } else { "" });
                write_operand(source, argument, out);
            }
        }
        Node::Dot => out.push('.'),
        Node::Nil => out.push_str("nil"),
        Node::Bool(truth) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{truth}");
        }
        Node::Number(literal) => out.push_str(&literal.text),
        Node::String(start, end, _) => out.push_str(&lossy(*start, *end)),
        Node::Field(names) => write_fields(names, out),
        Node::Variable(name, fields) => {
            out.push_str(&source.variables[*name as usize]);
            write_fields(fields, out);
        }
        Node::Chain(node, fields) => {
            write_operand(source, *node, out);
            write_fields(fields, out);
        }
        Node::Identifier(name, _) => out.push_str(name),
    }
}

/// A pipeline inside a command or chain stands in parentheses.
fn write_operand(source: &Source, id: NodeId, out: &mut String) {
    if matches!(source.node(id), Node::Pipe(_)) {
        out.push('(');
        write(source, id, out);
        out.push(')');
    } else {
        write(source, id, out);
    }
}

fn write_fields(names: &[Box<str>], out: &mut String) {
    for name in names {
        out.push('.');
        out.push_str(name);
    }
}

fn write_branch(source: &Source, keyword: &str, branch: &Branch, out: &mut String) {
    out.push_str("{{");
    out.push_str(keyword);
    out.push(' ');
    write(source, branch.pipe, out);
    out.push_str("}}");
    write(source, branch.list, out);
    if let Some(otherwise) = branch.otherwise {
        out.push_str("{{else}}");
        write(source, otherwise, out);
    }
    out.push_str("{{end}}");
}
