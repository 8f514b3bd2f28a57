//! Calling functions: counting and checking arguments, and the builtin functions that need more than values.

use super::{Executor, Fault, Operand};
use crate::builtin::{self, Builtin};
use crate::call::Call;
use crate::function::{Args, Code, FunctionResult, Signature, Transparent};
use crate::parse::NodeId;
use crate::set::Template;
use crate::value::{Value, types};

impl Executor<'_> {
    /// A function by its index; `id` is the node that its errors are reported at.
    pub(super) fn call_function(
        &mut self,
        template: &Template,
        dot: &Operand,
        function: u32,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        if let Err(reached) = self.charge(1) {
            return Err(self.limit_error(template, reached));
        }
        let function = self.functions.at(function);
        if self.tracing.is_some() && function.transparent == Transparent::Template {
            self.trace_call(template, arguments, last.is_some());
        }
        let signature = &function.signature;
        match function.code {
            Code::Builtin(builtin @ (Builtin::And | Builtin::Or)) => {
                self.count_arguments(template, &function.name, signature, arguments, &last)?;
                self.short_circuit(template, dot, builtin == Builtin::Or, arguments, last)
            }
            Code::Builtin(Builtin::Len) => {
                self.count_arguments(template, &function.name, signature, arguments, &last)?;
                let operand = match (arguments, last) {
                    ([argument], _) => self.untyped(template, dot, *argument)?,
                    (_, last) => last.unwrap_or(Operand::NONE),
                };
                let result = builtin::length(&operand);
                self.returned(template, id, &function.name, result)
            }
            Code::Builtin(Builtin::Slice) => {
                self.count_arguments(template, &function.name, signature, arguments, &last)?;
                let mut operands = Vec::with_capacity(arguments.len() + 1);
                for &argument in arguments {
                    operands.push(self.operand(template, dot, argument)?);
                }
                operands.extend(last);
                let result = match operands.split_first() {
                    Some((item, indexes)) => builtin::slice(&item.value, indexes),
                    None => Ok(Value::Nil),
                };
                self.returned(template, id, &function.name, result)
            }
            Code::Builtin(Builtin::Call) => {
                let values = self.arguments(template, dot, &function.name, signature, arguments, last)?;
                let callee = match arguments.first() {
                    Some(&first) => template.tree.source.print(first),
                    None => values.first().map(|value| value.to_text().to_string()).unwrap_or_default(),
                };
                let result = match values.split_first() {
                    Some((called, rest)) => builtin::call_value(self, &callee, called, rest),
                    None => Ok(Value::Nil),
                };
                self.returned(template, id, &function.name, result)
            }
            _ => {
                if let (Code::Builtin(builtin), None) = (&function.code, &last)
                    && let Some(result) = self.builtin_simply(template, dot, *builtin, arguments)
                {
                    return Ok(Operand::concrete(Value::Bool(result)));
                }
                let values = self.arguments(template, dot, &function.name, signature, arguments, last)?;
                let result = function.run(&mut Call::new(self), Args::new(&values));
                self.give_back(values);
                self.returned(template, id, &function.name, result)
            }
        }
    }

    fn count_arguments(
        &self,
        template: &Template,
        name: &str,
        signature: &Signature,
        arguments: &[NodeId],
        last: &Option<Operand>,
    ) -> Result<(), Fault> {
        let given = arguments.len() + usize::from(last.is_some());
        let wanted = signature.fixed_count();
        if signature.is_variadic() {
            if given < wanted {
                let written = arguments.len();
                let message =
                    format!("wrong number of args for {name}: want at least {wanted} got {written}");
                return Err(self.error(template, message));
            }
        } else if given != wanted {
            return Err(
                self.error(template, format!("wrong number of args for {name}: want {wanted} got {given}"))
            );
        }
        Ok(())
    }

    /// The evaluated and checked arguments; the value from the pipeline is the last.
    pub(super) fn arguments(
        &mut self,
        template: &Template,
        dot: &Operand,
        name: &str,
        signature: &Signature,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Vec<Value>, Fault> {
        self.count_arguments(template, name, signature, arguments, &last)?;
        let mut values = self.spare.pop().unwrap_or_default();
        for (index, &argument) in arguments.iter().enumerate() {
            values.push(self.argument(template, dot, signature.parameter(index), argument)?);
        }
        if let Some(last) = last {
            values.push(self.assign(template, last, signature.parameter(arguments.len()))?);
        }
        Ok(values)
    }

    /// Keeps a vector of arguments for the next call.
    pub(super) fn give_back(&mut self, mut values: Vec<Value>) {
        if values.capacity() <= 64 && self.spare.len() < 64 {
            values.clear();
            self.spare.push(values);
        }
    }

    /// `and` and `or`: the arguments behind the one that decides are not evaluated.
    fn short_circuit(
        &mut self,
        template: &Template,
        dot: &Operand,
        or: bool,
        arguments: &[NodeId],
        last: Option<Operand>,
    ) -> Result<Operand, Fault> {
        let mut value = Operand::NONE;
        for &argument in arguments {
            if let Some((simple, truth)) =
                self.scope(template, dot).look(argument, |value| (value.clone(), value.is_true()))
            {
                // Whether an interface held it matters for a nil only.
                value = Operand { interface: matches!(simple, Value::Nil), value: simple };
                if truth == or {
                    return Ok(value);
                }
                continue;
            }
            value = self.operand(template, dot, argument)?;
            if value.value.is_true() == or {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    /// An argument of a builtin that looks at how Go sees a value.
    fn operand(&mut self, template: &Template, dot: &Operand, id: NodeId) -> Result<Operand, Fault> {
        if matches!(template.node(id), crate::parse::Node::Nil) {
            self.argument(template, dot, types::INTERFACE, id)?;
            return Ok(Operand::NONE);
        }
        self.untyped(template, dot, id)
    }

    /// The result of a function, or its error at the node of the call.
    pub(super) fn returned(
        &mut self,
        template: &Template,
        id: NodeId,
        name: &str,
        result: FunctionResult,
    ) -> Result<Operand, Fault> {
        match result {
            // A nil can come out of a result of type `interface {}` only.
            Ok(value) => Ok(Operand { interface: matches!(value, Value::Nil), value }),
            Err(error) => {
                self.at = id;
                let (text, inner, limit) = error.into_parts();
                Err(self.full_error(template, format!("error calling {name}: {text}"), inner, limit))
            }
        }
    }
}
