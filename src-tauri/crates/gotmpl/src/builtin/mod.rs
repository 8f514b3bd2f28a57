//! Go's own template functions.

mod compare;
mod escape;
mod index;

pub(crate) use compare::equal_to;
pub(crate) use index::slice;

use crate::call::Call;
use crate::error::FunctionError;
use crate::execute::{Executor, Operand};
use crate::format::Printer;
use crate::function::{Args, Code, Function, FunctionResult, Functions, Signature, Transparent};
use crate::value::{Kind, Value, types};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    And,
    Call,
    Eq,
    Ge,
    Gt,
    Html,
    Index,
    Js,
    Le,
    Len,
    Lt,
    Ne,
    Not,
    Or,
    Print,
    Printf,
    Println,
    Slice,
    UrlQuery,
}

pub(crate) fn register(functions: &mut Functions) {
    const ONE: Signature = Signature::fixed(&[types::INTERFACE]);
    const TWO: Signature = Signature::fixed(&[types::INTERFACE, types::INTERFACE]);
    const ANY: Signature = Signature::variadic(&[types::INTERFACE]);
    const ONE_AND_ANY: Signature = Signature::variadic(&[types::INTERFACE, types::INTERFACE]);
    const FORMAT: Signature = Signature::variadic(&[types::STRING, types::INTERFACE]);
    let all = [
        ("and", Builtin::And, ONE_AND_ANY),
        ("call", Builtin::Call, ONE_AND_ANY),
        ("eq", Builtin::Eq, ONE_AND_ANY),
        ("ge", Builtin::Ge, TWO),
        ("gt", Builtin::Gt, TWO),
        ("html", Builtin::Html, ANY),
        ("index", Builtin::Index, ONE_AND_ANY),
        ("js", Builtin::Js, ANY),
        ("le", Builtin::Le, TWO),
        ("len", Builtin::Len, ONE),
        ("lt", Builtin::Lt, TWO),
        ("ne", Builtin::Ne, TWO),
        ("not", Builtin::Not, ONE),
        ("or", Builtin::Or, ONE_AND_ANY),
        ("print", Builtin::Print, ANY),
        ("printf", Builtin::Printf, FORMAT),
        ("println", Builtin::Println, ANY),
        ("slice", Builtin::Slice, ONE_AND_ANY),
        ("urlquery", Builtin::UrlQuery, ANY),
    ];
    for (name, builtin, signature) in all {
        let transparent = if builtin == Builtin::Or { Transparent::FirstTrue } else { Transparent::No };
        functions.insert(Function {
            name: name.into(),
            signature,
            code: Code::Builtin(builtin),
            transparent,
        });
    }
}

/// Runs a builtin on arguments that were checked.
pub(crate) fn run(builtin: Builtin, call: &mut Call<'_, '_>, values: &[Value]) -> FunctionResult {
    let [first, rest @ ..] = values else {
        return match builtin {
            Builtin::Print | Builtin::Html | Builtin::Js | Builtin::UrlQuery => Ok(Value::from("")),
            Builtin::Println => Ok(Value::from("\n")),
            // Every other one has an argument by its signature.
            _ => Ok(Value::Nil),
        };
    };
    let second = rest.first().unwrap_or(&Value::Nil);
    match builtin {
        Builtin::Eq => compare::equal(first, rest).map(Value::Bool),
        Builtin::Ne => compare::equal(first, rest).map(|equal| Value::Bool(!equal)),
        Builtin::Lt => compare::less(first, second).map(Value::Bool),
        Builtin::Le => compare::less_or_equal(first, second).map(Value::Bool),
        Builtin::Gt => compare::less_or_equal(first, second).map(|less| Value::Bool(!less)),
        Builtin::Ge => compare::less(first, second).map(|less| Value::Bool(!less)),
        Builtin::Not => Ok(Value::Bool(!first.is_true())),
        Builtin::Index => index::index(first, rest),
        Builtin::Slice => {
            let indexes: Vec<Operand> = rest.iter().cloned().map(Operand::concrete).collect();
            index::slice(first, &indexes)
        }
        Builtin::Len => length(&Operand::concrete(first.clone())),
        Builtin::And | Builtin::Or => {
            let or = builtin == Builtin::Or;
            let decides = values.iter().find(|value| value.is_true() == or);
            Ok(decides.or(values.last()).cloned().unwrap_or_default())
        }
        Builtin::Call => call.call_value("call", first, rest),
        Builtin::Print | Builtin::Println | Builtin::Printf => {
            print(call, |printer| print_with(printer, builtin, values))
        }
        Builtin::Html => text(call, values).map(|text| escape::html(&text).into()),
        Builtin::Js => text(call, values).map(|text| escape::javascript(&text).into()),
        Builtin::UrlQuery => text(call, values).map(|text| escape::url_query(&text).into()),
    }
}

/// The work of `print`, `println` and `printf`.
pub(crate) fn print_with(printer: &mut Printer, builtin: Builtin, values: &[Value]) {
    match (builtin, values) {
        (Builtin::Println, _) => printer.println(values),
        (Builtin::Printf, [Value::String(format), rest @ ..]) => printer.printf(format, rest),
        _ => printer.print(values),
    }
}

/// Prints within the limit of one text.
fn print(call: &mut Call<'_, '_>, run: impl FnOnce(&mut Printer)) -> FunctionResult {
    let limit = call.size_limit();
    let mut printer = Printer::new(call.take_scratch(), limit.saturating_add(1));
    run(&mut printer);
    let text = printer.finish();
    let result = call.allocate(text.len()).map(|()| Value::String(text.as_slice().into()));
    call.give_scratch(text);
    result
}

fn text(call: &mut Call<'_, '_>, values: &[Value]) -> Result<crate::Str, FunctionError> {
    if let [Value::String(text)] = values {
        return Ok(text.clone());
    }
    // What prints as `<no value>` in an action does so here.
    let values: Vec<Value> = values
        .iter()
        .map(|value| if matches!(value, Value::Nil) { Value::from("<no value>") } else { value.clone() })
        .collect();
    match print(call, |printer| printer.print(&values))? {
        Value::String(text) => Ok(text),
        _ => Ok(crate::Str::empty()),
    }
}

/// `len`.
pub(crate) fn length(operand: &Operand) -> FunctionResult {
    let length = match &operand.value {
        Value::Nil if operand.interface => return Err(FunctionError::new("len of nil pointer")),
        Value::Nil => return Err(FunctionError::panic("reflect: call of reflect.Value.Type on zero Value")),
        Value::String(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Object(object) if object.is_nil() => return Err(FunctionError::new("len of nil pointer")),
        other => {
            let name = other.type_name().trim_start_matches('*');
            return Err(FunctionError::new(format!("len of type {name}")));
        }
    };
    Ok(Value::Int(length as i64))
}

/// `call`: a function value with arguments; `name` is what the template calls it.
pub(crate) fn call_value(
    executor: &mut Executor<'_>,
    name: &str,
    called: &Value,
    values: &[Value],
) -> FunctionResult {
    let function = match called {
        Value::Nil => return Err(FunctionError::new("call of nil")),
        Value::Function(function) => function,
        other => {
            let found = other.type_name();
            return Err(FunctionError::new(format!("non-function {name} of type {found}")));
        }
    };
    let signature = &function.signature;
    let (given, wanted) = (values.len(), signature.fixed_count());
    if signature.is_variadic() && given < wanted {
        let text = format!("wrong number of args for {name}: got {given} want at least {wanted}");
        return Err(FunctionError::new(text));
    }
    if !signature.is_variadic() && given != wanted {
        return Err(FunctionError::new(format!(
            "wrong number of args for {name}: got {given} want {wanted}"
        )));
    }
    for (index, value) in values.iter().enumerate() {
        let parameter = signature.parameter(index);
        let problem = match value.type_of() {
            None if parameter.kind().can_be_nil() => continue,
            None => format!("value is nil; should be of type {parameter}"),
            Some(found)
                if found.assignable_to(parameter) || both_integers(found.kind(), parameter.kind()) =>
            {
                continue;
            }
            Some(found) => format!("value has type {found}; should be {parameter}"),
        };
        return Err(FunctionError::new(format!("arg {index}: {problem}")));
    }
    function.run(&mut Call::new(executor), Args::new(values))
}

fn both_integers(a: Kind, b: Kind) -> bool {
    (a.is_signed() || a.is_unsigned()) && (b.is_signed() || b.is_unsigned())
}
