//! Evaluates parsed templates, with a limit on everything.

use serde_json::Value;

use super::parse::{Node, Operand, Pipeline, Term};
use super::{TemplateError, Templates, functions, print};

/// Steps of evaluation before a template is taken for one that never ends.
const FUEL: u64 = 500_000;
/// Bytes that a template may print.
const MAXIMUM_OUTPUT: usize = 8 * 1024 * 1024;
/// Bodies, pipelines and templates inside each other deeper than this are refused, long before the stack ends.
const MAXIMUM_DEPTH: usize = 250;

/// What a key that is not there gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// An error, as with `missingkey=error`.
    Error,
    /// Nothing.
    Nothing,
}

pub(super) fn evaluate(
    templates: &Templates,
    name: &str,
    data: &Value,
    missing: Missing,
) -> Result<String, TemplateError> {
    let mut evaluator = Evaluator { templates, missing, fuel: FUEL, depth: 0 };
    evaluator.call(name, data)
}

/// The state of an evaluation; functions call back into it for `include` and `tpl`.
pub(super) struct Evaluator<'t> {
    templates: &'t Templates,
    missing: Missing,
    fuel: u64,
    depth: usize,
}

/// The variables and the dot of a template.
struct Scope {
    dot: Value,
    variables: Vec<(String, Value)>,
}

/// How a body ended.
#[derive(PartialEq)]
enum Flow {
    Next,
    Break,
    Continue,
}

impl Evaluator<'_> {
    /// Evaluates the template of a name with its own variables.
    pub(super) fn call(&mut self, name: &str, data: &Value) -> Result<String, TemplateError> {
        let templates = self.templates;
        let body = templates
            .bodies
            .get(name)
            .ok_or_else(|| TemplateError::new(format!("no template is called `{name}`")))?;
        self.enter(body, data)
    }

    /// Evaluates a text as a template, as `tpl` does.
    pub(super) fn text(&mut self, text: &str, data: &Value) -> Result<String, TemplateError> {
        let (body, _) = super::parse::parse(text)?;
        self.enter(&body, data)
    }

    fn enter(&mut self, body: &[Node], data: &Value) -> Result<String, TemplateError> {
        let mut scope = Scope { dot: data.clone(), variables: vec![(String::new(), data.clone())] };
        let mut output = String::new();
        self.body(body, &mut scope, &mut output).map(|_| output)
    }

    fn body(
        &mut self,
        nodes: &[Node],
        scope: &mut Scope,
        output: &mut String,
    ) -> Result<Flow, TemplateError> {
        self.descend()?;
        let outer = scope.variables.len();
        let mut flow = Flow::Next;
        for node in nodes {
            self.burn()?;
            flow = self.node(node, scope, output)?;
            if output.len() > MAXIMUM_OUTPUT {
                return Err(TemplateError::new("prints too much"));
            }
            if flow != Flow::Next {
                break;
            }
        }
        scope.variables.truncate(outer);
        self.depth -= 1;
        Ok(flow)
    }

    fn node(&mut self, node: &Node, scope: &mut Scope, output: &mut String) -> Result<Flow, TemplateError> {
        match node {
            Node::Text(text) => output.push_str(text),
            Node::Action(pipeline) => {
                let value = self.pipeline(pipeline, scope)?;
                if pipeline.variables.is_empty() {
                    output.push_str(&print::text(&value));
                }
            }
            Node::If(branches, otherwise) => {
                for (condition, body) in branches {
                    let outer = scope.variables.len();
                    let value = self.pipeline(condition, scope)?;
                    if print::is_true(&value) {
                        let flow = self.body(body, scope, output)?;
                        scope.variables.truncate(outer);
                        return Ok(flow);
                    }
                    scope.variables.truncate(outer);
                }
                return self.body(otherwise, scope, output);
            }
            Node::With(pipeline, body, otherwise) => {
                let outer = scope.variables.len();
                let value = self.pipeline(pipeline, scope)?;
                let flow = if print::is_true(&value) {
                    let dot = std::mem::replace(&mut scope.dot, value);
                    let flow = self.body(body, scope, output);
                    scope.dot = dot;
                    flow
                } else {
                    self.body(otherwise, scope, output)
                };
                scope.variables.truncate(outer);
                return flow;
            }
            Node::Range(pipeline, body, otherwise) => self.range(pipeline, body, otherwise, scope, output)?,
            Node::Template(name, argument) => {
                let data = match argument {
                    Some(pipeline) => self.pipeline(pipeline, scope)?,
                    None => Value::Null,
                };
                output.push_str(&self.call(name, &data)?);
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn range(
        &mut self,
        pipeline: &Pipeline,
        body: &[Node],
        otherwise: &[Node],
        scope: &mut Scope,
        output: &mut String,
    ) -> Result<(), TemplateError> {
        let bare = Pipeline { variables: Vec::new(), declares: false, commands: pipeline.commands.clone() };
        let entries: Vec<(Value, Value)> = match self.pipeline(&bare, scope)? {
            Value::Array(items) => {
                items.into_iter().enumerate().map(|(place, item)| (Value::from(place), item)).collect()
            }
            Value::Object(map) => {
                let mut entries: Vec<(String, Value)> = map.into_iter().collect();
                entries.sort_by(|left, right| left.0.cmp(&right.0));
                entries.into_iter().map(|(key, value)| (Value::from(key), value)).collect()
            }
            Value::Number(number) => {
                let count = number.as_u64().unwrap_or(0).min(10_000);
                (0..count).map(|place| (Value::from(place), Value::from(place))).collect()
            }
            Value::Null => Vec::new(),
            other => return Err(TemplateError::new(format!("cannot range over `{}`", print::text(&other)))),
        };
        if entries.is_empty() {
            self.body(otherwise, scope, output)?;
            return Ok(());
        }
        for (key, value) in entries {
            self.burn()?;
            let outer = scope.variables.len();
            match pipeline.variables.as_slice() {
                [name] => scope.variables.push((name.clone(), value.clone())),
                [first, second] => {
                    scope.variables.push((first.clone(), key));
                    scope.variables.push((second.clone(), value.clone()));
                }
                _ => {}
            }
            let dot = std::mem::replace(&mut scope.dot, value);
            let flow = self.body(body, scope, output);
            scope.dot = dot;
            scope.variables.truncate(outer);
            if flow? == Flow::Break {
                break;
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, scope: &mut Scope) -> Result<Value, TemplateError> {
        self.descend()?;
        let mut result: Option<Value> = None;
        for command in &pipeline.commands {
            result = Some(self.command(command, result, scope)?);
        }
        self.depth -= 1;
        let value = result.unwrap_or_default();
        if let Some(name) = pipeline.variables.first() {
            if pipeline.declares {
                scope.variables.push((name.clone(), value.clone()));
            } else if let Some(variable) = scope.variables.iter_mut().rev().find(|(other, _)| other == name) {
                variable.1 = value.clone();
            } else {
                return Err(TemplateError::new(format!("`${name}` is not declared")));
            }
        }
        Ok(value)
    }

    fn command(
        &mut self,
        command: &[Term],
        last: Option<Value>,
        scope: &mut Scope,
    ) -> Result<Value, TemplateError> {
        self.burn()?;
        let Some((first, rest)) = command.split_first() else { return Ok(last.unwrap_or_default()) };
        let Operand::Function(name) = &first.operand else {
            if rest.is_empty() && last.is_none() {
                return self.term(first, scope);
            }
            // A method with arguments: those of Helm's objects that declarations use.
            let mut arguments = Vec::new();
            for term in rest {
                arguments.push(self.term(term, scope)?);
            }
            arguments.extend(last);
            return functions::method(&first.fields, &arguments);
        };
        // `and` and `or` stop at the first argument that decides.
        if matches!(name.as_str(), "and" | "or") {
            let mut value = Value::Null;
            for term in rest {
                value = self.term(term, scope)?;
                if print::is_true(&value) == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut arguments = Vec::with_capacity(rest.len() + 1);
        for term in rest {
            arguments.push(self.term(term, scope)?);
        }
        arguments.extend(last);
        let value = functions::call(self, name, &arguments)?;
        self.fields(value, &first.fields)
    }

    fn term(&mut self, term: &Term, scope: &mut Scope) -> Result<Value, TemplateError> {
        match &term.operand {
            Operand::Dot => self.fields_of(&scope.dot, &term.fields),
            Operand::Variable(name) => {
                let value = scope
                    .variables
                    .iter()
                    .rev()
                    .find(|(other, _)| other == name)
                    .map(|(_, value)| value)
                    .ok_or_else(|| TemplateError::new(format!("`${name}` is not declared")))?;
                self.fields_of(value, &term.fields)
            }
            Operand::Literal(value) => Ok(value.clone()),
            Operand::Function(name) => {
                let value = functions::call(self, name, &[])?;
                self.fields(value, &term.fields)
            }
            Operand::Pipeline(pipeline) => {
                let outer = scope.variables.len();
                let value = self.pipeline(pipeline, scope)?;
                scope.variables.truncate(outer);
                self.fields(value, &term.fields)
            }
        }
    }

    fn fields(&self, value: Value, fields: &[String]) -> Result<Value, TemplateError> {
        if fields.is_empty() { Ok(value) } else { self.fields_of(&value, fields) }
    }

    /// Takes fields of a value. Only the last may be missing without an error where the ones before are there.
    fn fields_of(&self, value: &Value, fields: &[String]) -> Result<Value, TemplateError> {
        let mut value = value;
        for (place, field) in fields.iter().enumerate() {
            match value.get(field) {
                Some(found) => value = found,
                None if self.missing == Missing::Error => {
                    return Err(TemplateError::new(format!("there is no `.{}`", fields.join("."))));
                }
                None if value.is_null() && place > 0 => {
                    return Err(TemplateError::new(format!(
                        "nil pointer evaluating `.{}`",
                        fields.join(".")
                    )));
                }
                None => value = &Value::Null,
            }
        }
        Ok(value.clone())
    }

    /// Counts a level. After an error the count no longer matters: the evaluation is over.
    fn descend(&mut self) -> Result<(), TemplateError> {
        if self.depth >= MAXIMUM_DEPTH {
            return Err(TemplateError::new("nested too deeply, or templates call each other without end"));
        }
        self.depth += 1;
        Ok(())
    }

    fn burn(&mut self) -> Result<(), TemplateError> {
        self.fuel = self.fuel.checked_sub(1).ok_or_else(|| TemplateError::new("takes too long"))?;
        Ok(())
    }
}
