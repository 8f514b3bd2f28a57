//! `std.manifestTomlEx`, blank lines and line breaks as go-jsonnet writes them.

use jrsonnet_evaluator::function::builtin;
use jrsonnet_evaluator::val::ArrValue;
use jrsonnet_evaluator::{
    Error, IStr, ObjValue, Result, ResultExt as _, Val, ensure_sufficient_stack, error, in_description_frame,
};

use super::depth::evaluated;
use super::formats::fields;
use super::json_text;
use super::numbers::number_text;

#[builtin]
pub(super) fn manifest_toml_ex(value: Val, indent: IStr) -> Result<String> {
    document(&value, &indent)
}

#[builtin]
pub(super) fn manifest_toml(value: Val) -> Result<String> {
    document(&value, "  ")
}

fn document(value: &Val, indent: &str) -> Result<String> {
    evaluated(value)?;
    match value {
        Val::Obj(object) => Writer { indent }.table(object, &mut Vec::new(), ""),
        other => Err(error!("TOML body must be an object. Got {}", other.value_type().name())),
    }
}

fn elements(array: &ArrValue) -> Result<Vec<Val>> {
    let evaluated = |(index, value): (usize, Result<Val>)| {
        value.with_description(|| format!("elem <{index}> evaluation"))
    };
    array.iter().enumerate().map(evaluated).collect()
}

/// What a field becomes.
enum Entry {
    Value(Val),
    Table(ObjValue),
    Tables(Vec<ObjValue>),
}

impl Entry {
    fn of(value: Val) -> Result<Self> {
        Ok(match value {
            Val::Obj(object) => Self::Table(object),
            Val::Arr(array) if !array.is_empty() => {
                let objects: Option<Vec<ObjValue>> = elements(&array)?
                    .into_iter()
                    .map(|element| match element {
                        Val::Obj(object) => Some(object),
                        _ => None,
                    })
                    .collect();
                objects.map_or(Self::Value(Val::Arr(array)), Self::Tables)
            }
            other => Self::Value(other),
        })
    }
}

struct Writer<'a> {
    indent: &'a str,
}

impl Writer<'_> {
    /// The fields of a table, then its sections, each after an empty line.
    fn table(&self, object: &ObjValue, path: &mut Vec<IStr>, indent: &str) -> Result<String> {
        let (mut lines, mut sections): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for (name, value) in fields(object)? {
            path.push(name.clone());
            let written = in_description_frame(
                || format!("field <{name}> manifestification"),
                || ensure_sufficient_stack(|| self.entry(&name, value, path, indent, &mut lines)),
            )?;
            sections.extend(written);
            path.pop();
        }
        let mut text = String::new();
        for (position, line) in lines.iter().enumerate() {
            text.push_str(if position > 0 { "\n" } else { "" });
            text.push_str(indent);
            text.push_str(line);
        }
        for section in sections {
            text.push_str("\n\n");
            text.push_str(&section);
        }
        Ok(text)
    }

    /// Adds the lines of a field, or gives the text of the section that it is.
    fn entry(
        &self,
        name: &str,
        value: Val,
        path: &mut Vec<IStr>,
        indent: &str,
        lines: &mut Vec<String>,
    ) -> Result<Option<String>> {
        match Entry::of(value)? {
            Entry::Value(value) => {
                let written = format!("{} = {}", key_text(name), self.value(&value, path, false)?);
                lines.extend(written.split('\n').map(str::to_owned));
                Ok(None)
            }
            Entry::Table(table) => self.section(&table, path, indent, ("[", "]")).map(Some),
            Entry::Tables(tables) => {
                let sections: Vec<String> = tables
                    .iter()
                    .map(|table| self.section(table, path, indent, ("[[", "]]")))
                    .collect::<Result<_>>()?;
                Ok(Some(sections.join("\n\n")))
            }
        }
    }

    fn section(
        &self,
        table: &ObjValue,
        path: &mut Vec<IStr>,
        indent: &str,
        (open, close): (&str, &str),
    ) -> Result<String> {
        let name: Vec<String> = path.iter().map(|part| key_text(part)).collect();
        let line_break = if table.is_empty() { "" } else { "\n" };
        let inner = self.table(table, path, &format!("{indent}{}", self.indent))?;
        Ok(format!("{indent}{open}{}{close}{line_break}{inner}", name.join(".")))
    }

    /// A value behind `=`; what is inside of another one stays in its line.
    fn value(&self, value: &Val, path: &mut Vec<IStr>, inline: bool) -> Result<String> {
        let refused = |what: &str, path: &[IStr]| -> Result<String> {
            let path: Vec<&str> = path.iter().map(|part| &**part).collect();
            Err(error!("Tried to manifest {what} at [{}]", path.join(" ")))
        };
        Ok(match value {
            Val::Null => return refused("\"null\"", path),
            Val::Func(_) => return refused("function", path),
            Val::Bool(value) => value.to_string(),
            Val::Num(number) => number_text(number.get()),
            Val::Str(text) => json_text(&text.clone().into_flat()),
            Val::Arr(array) if array.is_empty() => "[]".to_owned(),
            Val::Arr(array) => {
                let (indent, separator) = if inline { ("", " ") } else { (self.indent, "\n") };
                let mut items = Vec::new();
                for (index, element) in elements(array)?.iter().enumerate() {
                    items.push(format!("{indent}{}", self.inner(element, &index.to_string(), path)?));
                }
                format!("[{separator}{}{separator}]", items.join(&format!(",{separator}")))
            }
            Val::Obj(object) => {
                let mut items = Vec::new();
                for (name, value) in fields(object)? {
                    items.push(format!("{} = {}", key_text(&name), self.inner(&value, &name, path)?));
                }
                format!("{{ {} }}", items.join(", "))
            }
        })
    }

    fn inner(&self, value: &Val, step: &str, path: &mut Vec<IStr>) -> Result<String> {
        path.push(step.into());
        let written = ensure_sufficient_stack(|| self.value(value, path, true))?;
        path.pop();
        Ok::<_, Error>(written)
    }
}

/// A key, quoted where it has to be.
fn key_text(key: &str) -> String {
    if key.is_empty() {
        return "''".to_owned();
    }
    let is_bare = key.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character));
    if is_bare { key.to_owned() } else { json_text(key) }
}
