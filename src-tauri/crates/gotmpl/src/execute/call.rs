//! Calling functions: counting and checking arguments, and the builtin functions that need more than values.

use super::{Evaluated, Executor, Fault, Operand, Site};
use crate::builtin::{self, Builtin};
use crate::call::Call;
use crate::format::Printer;
use crate::function::{Args, Code, Function, FunctionResult, Signature, Transparent};
use crate::parse::{Node, NodeId};
use crate::set::Template;
use crate::value::Value;

impl Executor<'_> {
    /// A function by its index; `id` is the node that its errors are reported at.
    pub(super) fn call_function(
        &mut self,
        site: Site<'_>,
        function: u32,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Evaluated {
        if let Err(reached) = self.charge(1) {
            return Err(self.limit_error(site.template, reached));
        }
        let function = self.functions.at(function);
        if self.tracing.is_some() && function.transparent == Transparent::Template {
            self.trace_call(site.template, arguments, last.is_some());
        }
        if let Code::Builtin(builtin) = function.code {
            if last.is_none()
                && let Some(result) = self.builtin_simply(site, builtin, arguments)
            {
                // Go stands at the argument that it has evaluated last.
                self.at = arguments.last().copied().unwrap_or(self.at);
                self.interface = false;
                return Ok(Value::Bool(result));
            }
            if let Builtin::And | Builtin::Or | Builtin::Len | Builtin::Slice | Builtin::Call = builtin {
                self.count_arguments(
                    site.template,
                    &function.name,
                    &function.signature,
                    arguments,
                    last.as_ref(),
                )?;
                return self.call_special(site, function, builtin, id, arguments, last);
            }
        }
        let values = self.arguments(site, &function.name, &function.signature, arguments, last)?;
        let result = function.run(&mut Call::at(self, site.template, id), Args::new(&values));
        self.give_back(values);
        self.returned(site.template, id, &function.name, result)
    }

    /// Where a pipeline is nothing but `print`, `printf` or `println`, prints into the output without making a string
    /// first; false for every other.
    pub(super) fn print_directly(&mut self, site: Site<'_>, id: NodeId) -> Result<bool, Fault> {
        let Node::Pipe(pipe) = site.node(id) else { return Ok(false) };
        let ([command], []) = (&*pipe.commands, &*pipe.declarations) else { return Ok(false) };
        let Node::Command(words) = site.node(*command) else { return Ok(false) };
        let Some((&first, arguments)) = words.split_first() else { return Ok(false) };
        let Node::Identifier(_, function) = site.node(first) else { return Ok(false) };
        let function = self.functions.at(*function);
        let Code::Builtin(builtin @ (Builtin::Print | Builtin::Printf | Builtin::Println)) = function.code
        else {
            return Ok(false);
        };
        self.at = first;
        let values = self.arguments(site, &function.name, &function.signature, arguments, None)?;
        let limit = self.options.limits.size.saturating_add(1);
        let mut printer = Printer::new(std::mem::take(&mut self.out), limit);
        builtin::print_with(&mut printer, builtin, &values);
        self.out = printer.finish();
        self.give_back(values);
        Ok(true)
    }

    /// Builtins that do not evaluate all arguments, or look at how Go sees them.
    fn call_special(
        &mut self,
        site: Site<'_>,
        function: &Function,
        builtin: Builtin,
        id: NodeId,
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Evaluated {
        if let Builtin::And | Builtin::Or = builtin {
            return self.short_circuit(site, builtin == Builtin::Or, arguments, last);
        }
        let mut operands = Vec::with_capacity(arguments.len() + 1);
        for &argument in arguments {
            let value = self.untyped(site, argument)?;
            operands.push(Operand { value, interface: self.interface });
        }
        operands.extend(last.map(Operand::concrete));
        let Some((first, rest)) = operands.split_first() else { return self.nothing() };
        let result = match builtin {
            Builtin::Len => builtin::length(first),
            Builtin::Slice => builtin::slice(&first.value, rest),
            _ => {
                let callee = match arguments.first() {
                    Some(&written) => site.template.tree.source.print(written),
                    None => first.value.to_text().to_string(),
                };
                let values: Vec<Value> = rest.iter().map(|operand| operand.value.clone()).collect();
                builtin::call_value(self, &callee, &first.value, &values)
            }
        };
        self.returned(site.template, id, &function.name, result)
    }

    fn count_arguments(
        &self,
        template: &Template,
        name: &str,
        signature: &Signature,
        arguments: &[NodeId],
        last: Option<&Value>,
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
            let message = format!("wrong number of args for {name}: want {wanted} got {given}");
            return Err(self.error(template, message));
        }
        Ok(())
    }

    /// The evaluated and checked arguments; the value from the pipeline is the last.
    pub(super) fn arguments(
        &mut self,
        site: Site<'_>,
        name: &str,
        signature: &Signature,
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Result<Vec<Value>, Fault> {
        self.count_arguments(site.template, name, signature, arguments, last.as_ref())?;
        let mut values = self.spare.pop().unwrap_or_default();
        for (index, &argument) in arguments.iter().enumerate() {
            values.push(self.argument(site, signature.parameter(index), argument)?);
        }
        if let Some(last) = last {
            values.push(self.assign(site.template, last, false, signature.parameter(arguments.len()))?);
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
        site: Site<'_>,
        or: bool,
        arguments: &[NodeId],
        last: Option<Value>,
    ) -> Evaluated {
        let mut value = Value::Nil;
        for &argument in arguments {
            value = self.untyped(site, argument)?;
            if value.is_true() == or {
                return Ok(value);
            }
        }
        self.interface = false;
        Ok(last.unwrap_or(value))
    }

    /// The result of a function, or its error at the node of the call.
    #[inline]
    pub(super) fn returned(
        &mut self,
        template: &Template,
        id: NodeId,
        name: &str,
        result: FunctionResult,
    ) -> Evaluated {
        match result {
            Ok(value) => {
                // A nil can come out of a result of type `interface {}` only.
                self.interface = matches!(value, Value::Nil);
                Ok(value)
            }
            Err(error) => {
                self.at = id;
                let (text, inner, limit) = error.into_parts();
                Err(self.full_error(template, format!("error calling {name}: {text}"), inner, limit))
            }
        }
    }
}
