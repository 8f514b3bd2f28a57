//! `std.manifestIni`, `std.manifestPython`, `std.manifestPythonVars` and `std.manifestXmlJsonml`, with texts as
//! go-jsonnet writes them: numbers with 17 digits, nothing escaped in XML.

use jrsonnet_evaluator::function::builtin;
use jrsonnet_evaluator::{IStr, ObjValue, Result, ResultExt as _, Val, ensure_sufficient_stack, error};

use super::depth::evaluated;
use super::{json_text, text_of};

/// The visible fields of an object with their values, in order.
pub(super) fn fields(object: &ObjValue) -> Result<Vec<(IStr, Val)>> {
    object.run_assertions()?;
    object
        .iter()
        .map(|(key, value)| {
            let value = value.with_description(|| format!("field <{key}> evaluation"))?;
            Ok((key, value))
        })
        .collect()
}

fn object_of(value: Val, what: &str) -> Result<ObjValue> {
    match value {
        Val::Obj(object) => Ok(object),
        other => Err(error!("{what} must be an object, got {}", other.value_type().name())),
    }
}

#[builtin]
pub(super) fn manifest_ini(ini: ObjValue) -> Result<String> {
    evaluated(&Val::Obj(ini.clone()))?;
    let mut text = String::new();
    if let Some(main) = ini.get("main".into())? {
        push_ini_section(object_of(main, "the main section")?, &mut text)?;
    }
    let sections = ini.get("sections".into())?.ok_or_else(|| error!("no such field: sections"))?;
    for (name, section) in fields(&object_of(sections, "`sections`")?)? {
        text.push_str(&format!("[{name}]\n"));
        push_ini_section(object_of(section, "a section")?, &mut text)?;
    }
    Ok(text)
}

fn push_ini_section(section: ObjValue, text: &mut String) -> Result<()> {
    for (key, value) in fields(&section)? {
        let mut push = |value: &Val| -> Result<()> {
            text.push_str(&format!("{key} = {}\n", text_of(value)?));
            Ok(())
        };
        match &value {
            Val::Arr(values) => values.iter().try_for_each(|value| push(&value?))?,
            value => push(value)?,
        }
    }
    Ok(())
}

#[builtin]
pub(super) fn manifest_python(v: Val) -> Result<String> {
    evaluated(&v)?;
    python(&v)
}

#[builtin]
pub(super) fn manifest_python_vars(conf: ObjValue) -> Result<String> {
    evaluated(&Val::Obj(conf.clone()))?;
    let mut text = String::new();
    for (key, value) in fields(&conf)? {
        text.push_str(&format!("{key} = {}\n", python(&value)?));
    }
    Ok(text)
}

fn python(value: &Val) -> Result<String> {
    Ok(match value {
        Val::Null => "None".to_owned(),
        Val::Bool(true) => "True".to_owned(),
        Val::Bool(false) => "False".to_owned(),
        Val::Func(_) => return Err(error!("cannot manifest function")),
        Val::Str(string) => json_text(&string.clone().into_flat()),
        Val::Arr(items) => {
            let items: Vec<String> =
                items.iter().map(|item| ensure_sufficient_stack(|| python(&item?))).collect::<Result<_>>()?;
            format!("[{}]", items.join(", "))
        }
        Val::Obj(object) => {
            let mut items = Vec::new();
            for (key, value) in fields(object)? {
                let value = ensure_sufficient_stack(|| python(&value))?;
                items.push(format!("{}: {value}", json_text(&key)));
            }
            format!("{{{}}}", items.join(", "))
        }
        other => text_of(other)?,
    })
}

#[builtin]
pub(super) fn manifest_xml_jsonml(value: Val) -> Result<String> {
    if !matches!(value, Val::Arr(_)) {
        let kind = value.value_type().name();
        return Err(error!("Expected a JSONML value (an array), got {kind}"));
    }
    evaluated(&value)?;
    let mut text = String::new();
    push_element(&value, &mut text)?;
    Ok(text)
}

fn push_element(element: &Val, text: &mut String) -> Result<()> {
    let parts = match element {
        Val::Str(string) => {
            text.push_str(&string.clone().into_flat());
            return Ok(());
        }
        Val::Arr(parts) => parts.iter().collect::<Result<Vec<Val>>>()?,
        other => {
            return Err(error!(
                "an element of JSONML is an array or text, got {}",
                other.value_type().name()
            ));
        }
    };
    let (tag, children) = match &parts[..] {
        [Val::Str(tag), children @ ..] => (tag.clone().into_flat(), children),
        [other, ..] => {
            return Err(error!("the tag of an element is text, got {}", other.value_type().name()));
        }
        [] => return Err(error!("an element of JSONML begins with its tag")),
    };
    text.push_str(&format!("<{tag}"));
    let children = match children {
        [Val::Obj(attributes), children @ ..] => {
            for (name, value) in fields(attributes)? {
                text.push_str(&format!(" {name}=\"{}\"", text_of(&value)?));
            }
            children
        }
        children => children,
    };
    text.push('>');
    children.iter().try_for_each(|child| ensure_sufficient_stack(|| push_element(child, text)))?;
    text.push_str(&format!("</{tag}>"));
    Ok(())
}
