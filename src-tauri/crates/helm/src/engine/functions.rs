//! The functions that Helm adds to Go's and sprig's, and those that it replaces.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use slipway_gotmpl::sprig::{self, Environment};
use slipway_gotmpl::{
    Args, Call, Function, FunctionError, FunctionResult, Functions, LimitReached, Map, Numbers, Signature,
    Str, TextError, Transparent, Value, from_json, go, types,
};
use slipway_model::Problem;

use super::objects::CapabilitiesUse;
use super::{encode, toml, yaml};
use crate::cluster::{ClusterReads, ClusterSnapshot, LookupAnswer, LookupQuestion};
use crate::decoded::Decoded;
use crate::failure::code;
use crate::options::Mode;

/// How often a template may include itself, directly or by others; Helm's own bound.
const RECURSION_LIMIT: usize = 1_000;

/// How deep `include` and `tpl` may be nested, whatever the names. Helm has no bound here and crashes at its own.
const NESTING_LIMIT: usize = 2_500;

/// From which depth on an error keeps its text only: each level holds the texts of all below it.
const DETAIL_LIMIT: usize = 64;

/// Marks the message of `fail` and `required` in the text of an error.
pub(crate) const MARK_START: &str = "HELM_ERR_START";
pub(crate) const MARK_END: &str = "HELM_ERR_END";

/// What functions ask of the render that calls them.
pub(crate) struct Host {
    pub(crate) environment: Environment,
    pub(crate) mode: Mode,
    pub(crate) cluster: Option<Arc<ClusterSnapshot>>,
    /// What was looked up, and what came of it.
    pub(crate) looked_up: RefCell<ClusterReads>,
    pub(crate) capabilities: CapabilitiesUse,
    pub(crate) log: RefCell<Vec<Problem>>,
    /// How deep each template is inside of itself.
    pub(crate) included: RefCell<HashMap<Str, usize>>,
    /// How deep `include` and `tpl` are nested.
    pub(crate) depth: Cell<usize>,
    /// Large texts that were decoded before.
    pub(crate) decoded: Arc<Decoded>,
}

impl Host {
    /// What was asked of the cluster so far.
    pub(crate) fn cluster_reads(&self) -> ClusterReads {
        let mut reads = self.looked_up.borrow().clone();
        if self.capabilities.happened() {
            reads.note_capabilities(self.cluster.as_deref());
        }
        reads
    }
}

/// All functions a chart may call. The table is made once.
pub(crate) fn functions() -> Arc<Functions> {
    static TABLE: LazyLock<Arc<Functions>> = LazyLock::new(|| Arc::new(table()));
    Arc::clone(&TABLE)
}

fn table() -> Functions {
    const ONE: Signature = Signature::fixed(&[types::INTERFACE]);
    const TEXT: Signature = Signature::fixed(&[types::STRING]);
    const TEXT_AND_VALUE: Signature = Signature::fixed(&[types::STRING, types::INTERFACE]);
    const FOUR_TEXTS: Signature =
        Signature::fixed(&[types::STRING, types::STRING, types::STRING, types::STRING]);
    let mut functions = Functions::builtin();
    sprig::register_with(&mut functions, |call| call.host::<Host>().map(|host| &host.environment));
    slipway_gotmpl::trace::mark_sprig(&mut functions);
    functions.remove("env");
    functions.remove("expandenv");
    functions.insert(Function::new("include", TEXT_AND_VALUE, include).transparent(Transparent::Template));
    functions.insert(Function::new("tpl", TEXT_AND_VALUE, tpl).transparent(Transparent::Template));
    functions
        .insert(Function::new("required", TEXT_AND_VALUE, required).transparent(Transparent::LastArgument));
    functions.insert(Function::new("toYaml", ONE, to_yaml).transparent(Transparent::LastArgument));
    functions
        .insert(Function::new("toYamlPretty", ONE, to_yaml_pretty).transparent(Transparent::LastArgument));
    functions.insert(Function::new("toJson", ONE, to_json).transparent(Transparent::LastArgument));
    functions.insert(Function::new("mustToJson", ONE, must_to_json).transparent(Transparent::LastArgument));
    functions.add("fail", TEXT, fail);
    functions.add("lookup", FOUR_TEXTS, lookup);
    functions.add("getHostByName", TEXT, |_, _| Ok(Value::from("")));
    functions.add("fromYaml", TEXT, |call, arguments| {
        read(call, arguments)?;
        Ok(Value::Map(yaml::from_yaml(arguments.string(0), decoded(call))))
    });
    functions.add("fromYamlArray", TEXT, |call, arguments| {
        read(call, arguments)?;
        Ok(Value::List(yaml::from_yaml_array(arguments.string(0), decoded(call))))
    });
    functions.add("toToml", ONE, to_toml);
    functions.add("fromToml", TEXT, from_toml);
    if let Some(must) = functions.get("mustFromJson").cloned() {
        let array = must.clone();
        functions.insert(Function::shared("fromJson", TEXT, move |call, arguments| {
            from_json_as(call, arguments, &must, Wanted::Map)
        }));
        functions.insert(Function::shared("fromJsonArray", TEXT, move |call, arguments| {
            from_json_as(call, arguments, &array, Wanted::List)
        }));
    }
    functions
}

fn decoded<'set>(call: &Call<'_, 'set>) -> Option<&'set Decoded> {
    call.host::<Host>().map(|host| &*host.decoded)
}

/// Accounts for reading a text.
fn read(call: &mut Call<'_, '_>, arguments: Args<'_>) -> Result<(), FunctionError> {
    call.charge(arguments.string(0).len() as u64 / 4 + 1)
}

fn include(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let name = arguments.string(0);
    let host = call.host::<Host>();
    if let Some(host) = host {
        let mut included = host.included.borrow_mut();
        let count = included.entry(name.clone()).or_default();
        if *count > RECURSION_LIMIT {
            return Err(FunctionError::new(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            )));
        }
        *count += 1;
    }
    let result = nested(call, |call| call.execute_template(name, arguments.any(1)));
    if let Some(host) = host
        && let Some(count) = host.included.borrow_mut().get_mut(name)
    {
        *count -= 1;
    }
    result.map(Value::String)
}

fn tpl(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let text = arguments.string(0);
    // Most texts hold no action: they are what they say.
    if memchr::memmem::find(text, b"{{").is_none() {
        return Ok(Value::String(without_no_value(text.clone())));
    }
    let name = call.set_name().to_owned();
    let printed = nested(call, |call| {
        call.execute_text(&name, text, arguments.any(1)).map_err(|error| match error {
            TextError::Parse(error) => error.context(&format!("cannot parse template {}", go::quote(text))),
            TextError::Execute(error) => {
                error.context(&format!("error during tpl function execution for {}", go::quote(text)))
            }
        })
    });
    Ok(Value::String(without_no_value(printed?)))
}

/// Executes a template inside of a function, within the bound on how deep that goes.
fn nested(
    call: &mut Call<'_, '_>,
    execute: impl FnOnce(&mut Call<'_, '_>) -> Result<Str, FunctionError>,
) -> Result<Str, FunctionError> {
    let Some(host) = call.host::<Host>() else { return execute(call) };
    let depth = host.depth.get() + 1;
    if depth > NESTING_LIMIT {
        let message = format!(
            "templates include each other, or themselves by `tpl`, deeper than {NESTING_LIMIT} levels"
        );
        return Err(FunctionError::limit(LimitReached::Depth, message));
    }
    host.depth.set(depth);
    let result = execute(call);
    host.depth.set(depth - 1);
    result.map_err(|error| match error.limit_reached() {
        _ if depth <= DETAIL_LIMIT => error,
        Some(limit) => FunctionError::limit(limit, error.to_string()),
        None => FunctionError::new(error.to_string()),
    })
}

/// Removes what Go prints for a value that is missing.
pub(crate) fn without_no_value(text: Str) -> Str {
    const NO_VALUE: &[u8] = b"<no value>";
    let mut found = memchr::memmem::find_iter(&text, NO_VALUE).peekable();
    if found.peek().is_none() {
        drop(found);
        return text;
    }
    let mut kept = Vec::with_capacity(text.len());
    let mut from = 0;
    for at in found {
        kept.extend_from_slice(&text[from..at]);
        from = at + NO_VALUE.len();
    }
    kept.extend_from_slice(&text[from..]);
    Str::from(kept)
}

fn marked(message: &Str) -> FunctionError {
    FunctionError::new(format!("{MARK_START}{message}{MARK_END}"))
}

fn note(call: &Call<'_, '_>, message: String) {
    if let Some(host) = call.host::<Host>() {
        host.log.borrow_mut().push(Problem::info(code::LOG, message));
    }
}

fn is_lint(call: &Call<'_, '_>) -> bool {
    call.host::<Host>().is_some_and(|host| host.mode == Mode::Lint)
}

fn required(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let (message, value) = (arguments.string(0), arguments.any(1));
    let missing = match value {
        Value::Nil => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    if !missing {
        return Ok(value.clone());
    }
    if is_lint(call) {
        note(call, format!("[INFO] Missing required value: {message}"));
        return Ok(Value::from(""));
    }
    Err(marked(message))
}

fn fail(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let message = arguments.string(0);
    if is_lint(call) {
        note(call, format!("[INFO] Fail: {message}"));
        return Ok(Value::from(""));
    }
    Err(marked(message))
}

/// `lookup`, as `pkg/engine/lookup_func.go` has it: what is not there is an empty map, and any other refusal of the cluster
/// an error. What the snapshot does not hold is noted and empty too.
fn lookup(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let empty = || Ok(Value::Map(Map::new()));
    let Some(host) = call.host::<Host>().filter(|host| host.mode != Mode::Lint) else { return empty() };
    let text = |index: usize| arguments.string(index).to_lossy().into_owned();
    let question = LookupQuestion { api_version: text(0), kind: text(1), namespace: text(2), name: text(3) };
    let cluster = host.cluster.as_deref();
    let answer = cluster.and_then(|cluster| cluster.answer(&question));
    host.looked_up.borrow_mut().note_lookup(question, cluster);
    match answer {
        None | Some(LookupAnswer::Nothing) => empty(),
        // The client of Kubernetes decodes whole numbers as int64.
        Some(LookupAnswer::Found(object)) => Ok(from_json(object, Numbers::Integers)),
        Some(LookupAnswer::Failed(why)) => Err(FunctionError::new(why.clone())),
    }
}

fn to_yaml(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let text = yaml::to_yaml(arguments.any(0));
    call.charge(text.len() as u64 / 4 + 1)?;
    Ok(Value::String(text))
}

fn to_yaml_pretty(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let text = yaml::to_yaml_pretty(arguments.any(0));
    call.charge(text.len() as u64 / 4 + 1)?;
    Ok(Value::String(text))
}

fn to_json(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let text = encode::json_text(arguments.any(0)).unwrap_or_default();
    call.charge(text.len() as u64 / 8 + 1)?;
    Ok(Value::from(text))
}

fn must_to_json(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    let text = encode::json_text(arguments.any(0)).map_err(FunctionError::new)?;
    call.charge(text.len() as u64 / 8 + 1)?;
    Ok(Value::from(text))
}

fn to_toml(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    if matches!(arguments.any(0), Value::Nil) {
        return Err(FunctionError::panic("reflect: call of reflect.Value.Type on zero Value"));
    }
    let text = toml::encode(arguments.any(0)).unwrap_or_else(|error| error);
    call.charge(text.len() as u64 / 4 + 1)?;
    Ok(Value::from(text))
}

fn from_toml(call: &mut Call<'_, '_>, arguments: Args<'_>) -> FunctionResult {
    read(call, arguments)?;
    let text = arguments.string(0).to_lossy();
    Ok(Value::Map(toml::decode(&text).unwrap_or_else(|error| [("Error", error)].into_iter().collect())))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Map,
    List,
}

/// `fromJson` and `fromJsonArray`: sprig's `mustFromJson`, but a mistake is told in the result.
fn from_json_as(
    call: &mut Call<'_, '_>,
    arguments: Args<'_>,
    must: &Function,
    wanted: Wanted,
) -> FunctionResult {
    let must = Value::Function(std::rc::Rc::new(must.clone()));
    let decoded = call.call_value("mustFromJson", &must, &[arguments.any(0).clone()]);
    let message = match (decoded, wanted) {
        (Err(error), _) if error.limit_reached().is_some() => return Err(error),
        (Err(error), _) => error.to_string(),
        (Ok(map @ Value::Map(_)), Wanted::Map) => return Ok(map),
        (Ok(list @ Value::List(_)), Wanted::List) => return Ok(list),
        (Ok(Value::Nil), Wanted::Map) => return Ok(Value::Map(Map::nil(types::MAP))),
        (Ok(Value::Nil), Wanted::List) => return Ok(Value::List(slipway_gotmpl::List::nil(types::LIST))),
        (Ok(other), wanted) => {
            let found = match other {
                Value::Bool(_) => "bool",
                Value::String(_) => "string",
                Value::List(_) => "array",
                Value::Map(_) => "object",
                _ => "number",
            };
            let into = if wanted == Wanted::Map { "map[string]interface {}" } else { "[]interface {}" };
            format!("json: cannot unmarshal {found} into Go value of type {into}")
        }
    };
    Ok(match wanted {
        Wanted::Map => Value::Map([("Error", message)].into_iter().collect()),
        Wanted::List => Value::List(slipway_gotmpl::List::new(vec![Value::from(message)])),
    })
}
