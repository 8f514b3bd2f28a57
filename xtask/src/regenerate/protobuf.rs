//! The numbers of protocol buffer fields, read from the `generated.proto` and `types.go` files of the Go modules
//! `k8s.io/api` and `k8s.io/apimachinery`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The version of the modules that belongs to the facts.
const MODULE_VERSION: &str = "v0.37.0";

/// One field of a message.
struct Field {
    number: u32,
    name: String,
    /// `[]` for lists, `{}` for maps, else empty.
    container: &'static str,
    kind: String,
    /// Whether the Go type is a pointer, so that a zero is a value.
    pointer: bool,
}

type Messages = BTreeMap<String, Vec<Field>>;

/// Writes the table for the messages that objects of stable versions consist of. `modules` is the directory that
/// holds `api@VERSION` and `apimachinery@VERSION`; `types` the type table, which tells inlined fields from others.
pub(super) fn table(modules: &Path, types: &serde_json::Value) -> Result<String> {
    let mut messages = Messages::new();
    let mut pointers = BTreeSet::new();
    for module in ["api", "apimachinery"] {
        let root = modules.join(format!("{module}@{MODULE_VERSION}"));
        let mut directories = vec![root];
        while let Some(directory) = directories.pop() {
            let entries = std::fs::read_dir(&directory)
                .with_context(|| format!("cannot list {}; run `go mod download`", directory.display()))?;
            for entry in entries {
                let path = entry?.path();
                if path.is_dir() {
                    directories.push(path);
                } else if path.file_name().is_some_and(|name| name == "generated.proto") {
                    let text = std::fs::read_to_string(&path)?;
                    let package = read_messages(&text, &mut messages)?;
                    for source in ["types.go", "generated.pb.go"] {
                        if let Ok(text) = std::fs::read_to_string(directory.join(source)) {
                            read_pointers(&text, &package, &mut pointers);
                        }
                    }
                }
            }
        }
    }
    for (name, fields) in &mut messages {
        for field in fields {
            field.pointer = pointers.contains(&(name.clone(), field.name.clone()));
        }
    }
    let mut open: Vec<String> = messages
        .keys()
        .filter(|name| {
            types["kinds"].as_object().is_some_and(|kinds| kinds.values().any(|each| each == *name))
        })
        .filter(|name| !name.contains("alpha") && !name.contains("beta"))
        .cloned()
        .collect();
    open.extend(
        [
            "meta.v1.DeleteOptions",
            "policy.v1.Eviction",
            "authentication.v1.TokenRequest",
            "autoscaling.v1.Scale",
        ]
        .map(str::to_owned),
    );
    let mut wanted = BTreeSet::new();
    while let Some(name) = open.pop() {
        if wanted.insert(name.clone()) {
            let below = messages.get(&name).into_iter().flatten().map(|field| field.kind.clone());
            open.extend(below.filter(|kind| messages.contains_key(kind)));
        }
    }
    let mut out = String::from(
        "# A message, then its fields: number, name, type ([] list of, {} map of), ! where a zero is a value,\n\
         # ^ where the fields of the message belong to the one that holds it\n",
    );
    for name in &wanted {
        let Some(fields) = messages.get(name) else { continue };
        writeln!(out, "{name}")?;
        for field in fields {
            let declared = &types["types"][name];
            // One message spells a field with a capital letter; JSON never does.
            let mut name = field.name.clone();
            name.replace_range(..1, &field.name[..1].to_lowercase());
            let name = if declared[&name].is_null() { field.name.clone() } else { name };
            let inlined = field.container.is_empty()
                && declared.is_object()
                && declared[&name].is_null()
                && messages.contains_key(&field.kind);
            let flags = format!("{}{}", if field.pointer { "!" } else { "" }, if inlined { "^" } else { "" });
            let flags = if flags.is_empty() { String::new() } else { format!(" {flags}") };
            writeln!(out, " {} {} {}{}{flags}", field.number, name, field.container, field.kind)?;
        }
    }
    Ok(out)
}

/// `k8s.io.api.core.v1` → `core.v1`.
fn short(package: &str) -> &str {
    package
        .trim_start_matches('.')
        .trim_start_matches("k8s.io.")
        .trim_start_matches("apimachinery.pkg.apis.")
        .trim_start_matches("apimachinery.pkg.")
        .trim_start_matches("api.")
}

fn read_messages(text: &str, messages: &mut Messages) -> Result<String> {
    let package = text
        .lines()
        .find_map(|line| line.strip_prefix("package ")?.strip_suffix(';'))
        .map(|package| short(package).to_owned())
        .context("a proto file names its package")?;
    let mut current = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("message ").and_then(|rest| rest.strip_suffix(" {")) {
            current = format!("{package}.{name}");
            messages.insert(current.clone(), Vec::new());
        } else if let Some(field) = field(line, &package) {
            messages.entry(current.clone()).or_default().push(field);
        }
    }
    Ok(package)
}

fn field(line: &str, package: &str) -> Option<Field> {
    let line = line.strip_suffix(';')?;
    let (declaration, number) = line.split_once(" = ")?;
    let number = number.trim().parse().ok()?;
    let (container, declaration) = if let Some(rest) = declaration.strip_prefix("map<string, ") {
        ("{}", rest.replacen('>', "", 1))
    } else if let Some(rest) = declaration.strip_prefix("repeated ") {
        ("[]", rest.to_owned())
    } else {
        ("", declaration.strip_prefix("optional ")?.to_owned())
    };
    let (kind, name) = declaration.split_once(' ')?;
    let scalar = ["string", "bytes", "bool", "int32", "int64", "double", "uint32", "uint64"].contains(&kind);
    let kind = match short(kind) {
        kind if scalar => kind.to_owned(),
        kind if kind.contains('.') => kind.to_owned(),
        kind => format!("{package}.{kind}"),
    };
    Some(Field { number, name: name.to_owned(), container, kind, pointer: false })
}

/// Notes the fields of Go structures whose type is a pointer to a scalar.
fn read_pointers(text: &str, package: &str, pointers: &mut BTreeSet<(String, String)>) {
    let mut current = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("type ").and_then(|rest| rest.strip_suffix(" struct {")) {
            current = format!("{package}.{name}");
        }
        let mut words = line.split_whitespace();
        let (Some(_), Some(kind)) = (words.next(), words.next()) else { continue };
        let json = line.split("json:\"").nth(1).and_then(|rest| rest.split([',', '"']).next());
        if let (true, Some(json)) = (kind.starts_with('*'), json) {
            pointers.insert((current.clone(), json.to_owned()));
        }
    }
}
