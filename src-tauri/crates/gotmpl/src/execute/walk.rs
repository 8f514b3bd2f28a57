//! Walking the nodes that make output.

use super::{Executor, Fault, Flow, Operand, Site, Variable};
use crate::format;
use crate::go;
use crate::parse::{Branch, Node, NodeId};
use crate::set::Template;
use crate::value::Value;

impl Executor<'_> {
    pub(super) fn list(&mut self, template: &Template, dot: &Operand, id: NodeId) -> Result<Flow, Fault> {
        let Node::List(nodes) = template.node(id) else { return Ok(Flow::Next) };
        for &node in nodes {
            let flow = self.walk(template, dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn walk(&mut self, template: &Template, dot: &Operand, id: NodeId) -> Result<Flow, Fault> {
        self.at = id;
        if let Err(reached) = self.charge(1) {
            return Err(self.limit_error(template, reached));
        }
        let site = Site { template, dot };
        match template.node(id) {
            Node::Text(start, end) => {
                self.out.extend_from_slice(&template.tree.source.text[*start as usize..*end as usize]);
                self.check_size().map_err(|reached| self.limit_error(template, reached))?;
            }
            Node::Action(pipe) => {
                if let Some(tracing) = &mut self.tracing {
                    tracing.begin_action();
                }
                let start = self.out.len();
                if self.print_simply(site, *pipe) {
                    return self.printed(template, id, *pipe, start).map(|()| Flow::Next);
                }
                if self.print_directly(site, *pipe)? {
                    return self.printed(template, id, *pipe, start).map(|()| Flow::Next);
                }
                let value = self.pipeline(site, *pipe)?;
                if !matches!(template.node(*pipe), Node::Pipe(pipe) if !pipe.declarations.is_empty()) {
                    self.print(template, id, *pipe, &value)?;
                }
            }
            Node::If(branch) => return go::deep(|| self.if_or_with(template, dot, branch, false)),
            Node::With(branch) => return go::deep(|| self.if_or_with(template, dot, branch, true)),
            Node::Range(branch) => return go::deep(|| self.range(template, dot, id, branch)),
            Node::Template { name, pipe } => self.template_call(template, dot, name, *pipe)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
            Node::List(_) => return self.list(template, dot, id),
            _ => {
                return Err(self.error(template, format!("unknown node: {}", template.tree.source.print(id))));
            }
        }
        Ok(Flow::Next)
    }

    fn if_or_with(
        &mut self,
        template: &Template,
        dot: &Operand,
        branch: &Branch,
        with: bool,
    ) -> Result<Flow, Fault> {
        let site = Site { template, dot };
        if !with {
            // Nothing is declared, so there is nothing to forget.
            match self.truth_simply(site, branch.pipe) {
                Some(true) => return self.branch(template, dot, branch.list),
                Some(false) => {
                    return branch.otherwise.map_or(Ok(Flow::Next), |list| self.branch(template, dot, list));
                }
                None => {}
            }
        }
        let mark = self.variables.len();
        let value = self.pipeline(site, branch.pipe)?;
        let flow = if value.is_true() {
            if with {
                let outer = self.enter_dot(template, branch.pipe);
                let flow = self.list(template, &Operand::concrete(value), branch.list)?;
                self.leave_dot(outer);
                flow
            } else {
                self.list(template, dot, branch.list)?
            }
        } else if let Some(otherwise) = branch.otherwise {
            self.list(template, dot, otherwise)?
        } else {
            Flow::Next
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// A list with the variables that it declares.
    fn branch(&mut self, template: &Template, dot: &Operand, list: NodeId) -> Result<Flow, Fault> {
        let mark = self.variables.len();
        let flow = self.list(template, dot, list)?;
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn template_call(
        &mut self,
        template: &Template,
        dot: &Operand,
        name: &str,
        pipe: Option<NodeId>,
    ) -> Result<(), Fault> {
        let Some(found) = self.find(name) else {
            return Err(self.error(template, format!("template {} not defined", go::quote(name.as_bytes()))));
        };
        if self.depth >= self.options.limits.depth {
            let limit = self.options.limits.depth;
            let mut error = self.error(template, format!("exceeded maximum template depth ({limit})"));
            error.limit = Some(crate::error::LimitReached::Depth);
            return Err(error);
        }
        let inner = match pipe {
            Some(pipe) => Operand::concrete(self.pipeline(Site { template, dot }, pipe)?),
            None => Operand::NONE,
        };
        let outer = pipe.and_then(|pipe| self.enter_dot(template, pipe));
        self.depth += 1;
        self.run(found.template(), &inner)?;
        self.depth -= 1;
        self.leave_dot(outer);
        Ok(())
    }

    fn print(&mut self, template: &Template, id: NodeId, pipe: NodeId, value: &Value) -> Result<(), Fault> {
        self.at = id;
        let start = self.out.len();
        match value {
            Value::Nil => self.out.extend_from_slice(b"<no value>"),
            Value::Function(_) => {
                let node = template.tree.source.print(id);
                return Err(self.error(template, format!("can't print {node} of type {}", value.type_name())));
            }
            other => format::append(&mut self.out, other, self.options.limits.size.saturating_add(1)),
        }
        self.printed(template, id, pipe, start)
    }

    /// Output was made from `start` on.
    fn printed(&mut self, template: &Template, id: NodeId, pipe: NodeId, start: usize) -> Result<(), Fault> {
        if self.tracing.is_some() {
            self.trace_print(template, id, pipe, start);
        }
        self.check_size().map_err(|reached| self.limit_error(template, reached))
    }

    /// The value of a variable.
    pub(super) fn variable(&self, template: &Template, name: u32) -> Result<&Operand, Fault> {
        match self.variables[self.frame..].iter().rev().find(|variable| variable.name == name) {
            Some(variable) => Ok(&variable.value),
            None => Err(self.undefined(template, name)),
        }
    }

    pub(super) fn set_variable(
        &mut self,
        template: &Template,
        name: u32,
        value: Operand,
    ) -> Result<(), Fault> {
        match self.variables[self.frame..].iter_mut().rev().find(|variable| variable.name == name) {
            Some(variable) => {
                variable.value = value;
                Ok(())
            }
            None => Err(self.undefined(template, name)),
        }
    }

    pub(super) fn push_variable(&mut self, name: u32, value: Operand) {
        if let Some(tracing) = &mut self.tracing {
            tracing.set_variable(self.variables.len(), crate::trace::Origin::Computed);
        }
        self.variables.push(Variable { name, value });
    }

    fn undefined(&self, template: &Template, name: u32) -> Fault {
        let name = &template.tree.source.variables[name as usize];
        self.error(template, format!("undefined variable: {name}"))
    }
}
