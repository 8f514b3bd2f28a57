//! `range`: over lists, maps in the order of their keys, and integers.

use super::{Executor, Fault, Flow, Operand, Site};
use crate::parse::{Branch, Node, NodeId, Pipe};
use crate::set::Template;
use crate::trace::Step;
use crate::value::{Kind, Number, Plain, Type, Value, types};

/// What stays the same for all iterations of one `range`.
struct Loop<'t> {
    template: &'t Template,
    pipe: &'t Pipe,
    list: NodeId,
    /// The height of the variables after the declarations.
    mark: usize,
}

impl Executor<'_> {
    pub(super) fn range(
        &mut self,
        template: &Template,
        dot: &Operand,
        id: NodeId,
        branch: &Branch,
    ) -> Result<Flow, Fault> {
        self.at = id;
        let start = self.variables.len();
        let value = self.pipeline(Site { template, dot }, branch.pipe)?;
        let Node::Pipe(pipe) = template.node(branch.pipe) else { return Ok(Flow::Next) };
        let mark = self.variables.len();
        let round = Loop { template, pipe, list: branch.list, mark };
        let outer = self.enter_range(template, branch.pipe, pipe.declarations.len(), pipe.assign);
        let ran = self.iterate(&round, &value)?;
        self.leave_range(outer);
        let mut flow = Flow::Next;
        if let (false, Some(otherwise)) = (ran, branch.otherwise) {
            flow = self.list(template, dot, otherwise)?;
        }
        self.variables.truncate(start);
        // A `break` in the else branch stops this range, as Go's does; one that escapes it is of no other.
        Ok(if flow == Flow::Continue { flow } else { Flow::Next })
    }

    /// Runs the body for each element; false where there was none.
    fn iterate(&mut self, round: &Loop<'_>, value: &Value) -> Result<bool, Fault> {
        match value {
            Value::Nil => return Ok(false),
            Value::Int(n) => return self.count(round, value, *n, Value::Int),
            Value::Int64(n) => return self.count(round, value, *n, Value::Int64),
            Value::List(list) => {
                let element = list.element_type();
                for (index, item) in list.iter().enumerate() {
                    let item = Operand::element(item.clone(), element);
                    if self.iteration(round, Value::Int(index as i64), &item, |_| Some(Step::Index(index)))? {
                        break;
                    }
                }
                return Ok(!list.is_empty());
            }
            Value::Bytes(bytes) => {
                for (index, byte) in bytes.iter().enumerate() {
                    let item = Operand::concrete(Value::Number(Number::Uint8(*byte)));
                    if self.iteration(round, Value::Int(index as i64), &item, |_| Some(Step::Index(index)))? {
                        break;
                    }
                }
                return Ok(!bytes.is_empty());
            }
            Value::Map(map) => {
                let element = map.element_type();
                // The body may change the map; Go goes over what was there at the start.
                let entries = map.snapshot();
                for (key, item) in entries.iter() {
                    let item = Operand::element(item.clone(), element);
                    if self.iteration(round, Value::String(key.clone()), &item, Step::key)? {
                        break;
                    }
                }
                return Ok(!entries.is_empty());
            }
            Value::Number(number) => match number.plain() {
                Plain::Signed(n) => {
                    return self.count(round, value, n, |n| sized(n as u64, number.type_of()));
                }
                Plain::Unsigned(n) => {
                    let n = i64::try_from(n).unwrap_or(i64::MAX);
                    return self.count(round, value, n, |n| sized(n as u64, number.type_of()));
                }
                Plain::Float(_) | Plain::Complex(..) => {}
            },
            Value::Object(object) if object.is_nil() => return Ok(false),
            _ => {}
        }
        Err(self.error(round.template, format!("range can't iterate over {}", value.to_text())))
    }

    fn count(
        &mut self,
        round: &Loop<'_>,
        value: &Value,
        n: i64,
        number: impl Fn(i64) -> Value,
    ) -> Result<bool, Fault> {
        if round.pipe.declarations.len() > 1 {
            let text = value.to_text();
            let message = format!("can't use {text} to iterate over more than one variable");
            return Err(self.error(round.template, message));
        }
        for item in 0..n {
            if self.iteration(round, Value::Nil, &Operand::concrete(number(item)), |_| None)? {
                break;
            }
        }
        Ok(n > 0)
    }

    /// One round; true where it was the last by `break`.
    fn iteration(
        &mut self,
        round: &Loop<'_>,
        index: Value,
        item: &Operand,
        step: impl FnOnce(&Value) -> Option<Step>,
    ) -> Result<bool, Fault> {
        if let Err(reached) = self.charge(1) {
            return Err(self.limit_error(round.template, reached));
        }
        if let Some(tracing) = &mut self.tracing {
            tracing.iterate(round.mark, step(&index));
        }
        match (&*round.pipe.declarations, round.pipe.assign) {
            ([], _) => {}
            ([only], true) => self.set_variable(round.template, *only, item.clone())?,
            ([first, second, ..], true) => {
                self.set_variable(round.template, *first, Operand::concrete(index))?;
                self.set_variable(round.template, *second, item.clone())?;
            }
            ([_], false) => self.set_top(round.mark, 1, item.clone()),
            ([_, _, ..], false) => {
                self.set_top(round.mark, 1, item.clone());
                self.set_top(round.mark, 2, Operand::concrete(index));
            }
        }
        let flow = self.list(round.template, item, round.list)?;
        self.variables.truncate(round.mark);
        Ok(flow == Flow::Break)
    }

    /// The variable that stands so far below the top.
    fn set_top(&mut self, mark: usize, below: usize, value: Operand) {
        if let Some(variable) = mark.checked_sub(below).and_then(|at| self.variables.get_mut(at)) {
            variable.value = value;
        }
    }
}

fn sized(n: u64, kind: &'static Type) -> Value {
    Value::Number(match kind.kind() {
        Kind::Int8 => Number::Int8(n as i8),
        Kind::Int16 => Number::Int16(n as i16),
        Kind::Int32 => Number::Int32(n as i32),
        Kind::Uint8 => Number::Uint8(n as u8),
        Kind::Uint16 => Number::Uint16(n as u16),
        Kind::Uint32 => Number::Uint32(n as u32),
        _ if kind == types::UINT => Number::Uint(n),
        _ => Number::Uint64(n),
    })
}
