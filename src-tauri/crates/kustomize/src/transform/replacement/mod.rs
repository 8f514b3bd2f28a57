//! Replacements: a value of one resource is written into fields of others.

mod find;
mod structured;

#[cfg(test)]
mod tests;

use serde_json::Value;

use self::find::{Found, Kind, PathMatch};
use super::bounds::{Budget, check_path};
use super::path::split_field_path;
use super::selector::{CompiledSelector, Selector, parse_selector};
use super::watch::{Part, Watch};
use super::{decode, scalar};
use crate::failure::Failure;
use crate::resource::{Gvk, ResId, Resource, ResourceMap};

const DEFAULT_FIELD_PATH: &str = "metadata.name";

/// One replacement.
#[derive(Clone, Debug, Default)]
pub struct Replacement {
    /// Where the value comes from.
    pub source: Option<Source>,
    /// A value that is written out.
    pub source_value: Option<String>,
    /// Where it goes to; `None` where nothing is said.
    pub targets: Option<Vec<Target>>,
}

/// The field that a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The resource; what is empty matches everything.
    pub id: ResId,
    /// The field; `metadata.name` where it is empty.
    pub field_path: String,
    /// Which part of it.
    pub options: Option<FieldOptions>,
}

/// The fields that a value goes to.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Which resources.
    pub select: Option<Selector>,
    /// Which not.
    pub reject: Vec<Selector>,
    /// Which fields; `metadata.name` where there is none.
    pub field_paths: Vec<String>,
    /// Which part of them, and whether they are made.
    pub options: Option<FieldOptions>,
}

/// Which part of a field is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldOptions {
    /// What separates the parts; empty where the whole field is meant.
    pub delimiter: String,
    /// Which part.
    pub index: i64,
    /// Whether the field is made where it is absent.
    pub create: bool,
}

impl FieldOptions {
    fn parse(value: Option<&Value>) -> Result<Option<Self>, Failure> {
        let Some(value) = value else { return Ok(None) };
        Ok(Some(Self {
            delimiter: decode::text_field(value, "delimiter")?,
            index: decode::integer_field(value, "index")?,
            create: decode::bool_field(value, "create")?,
        }))
    }

    /// Index and length of the part that is meant, where a delimiter is given.
    fn parts<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        (!self.delimiter.is_empty()).then(|| text.split(&self.delimiter).collect())
    }
}

impl Replacement {
    /// Reads one replacement.
    ///
    /// # Errors
    /// When a field has the wrong type.
    pub fn parse(value: &Value) -> Result<Self, Failure> {
        let source = decode::field(value, "source").map(Source::parse).transpose()?;
        let targets = match decode::field(value, "targets") {
            None => None,
            Some(_) => {
                let items = decode::list_field(value, "targets")?;
                Some(items.iter().map(Target::parse).collect::<Result<_, _>>()?)
            }
        };
        let source_value = decode::field(value, "sourceValue");
        let source_value = source_value.map(|value| decode::text("sourceValue", value)).transpose()?;
        Ok(Self { source, source_value, targets })
    }

    /// Reads a file of replacements, decoded: one, or a list of them.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse_file(document: &Value) -> Result<Vec<Self>, Failure> {
        match document {
            Value::Array(items) => items.iter().map(Self::parse).collect(),
            Value::Object(_) => Ok(vec![Self::parse(document)?]),
            other => {
                let kind = match other {
                    Value::Null => "invalid",
                    Value::Bool(_) => "bool",
                    Value::Number(_) => "float64",
                    _ => "string",
                };
                let message =
                    format!("unsupported replacement type encountered within replacement path: {kind}");
                Err(Failure::new("kustomize-replacement", message))
            }
        }
    }
}

impl Source {
    fn parse(value: &Value) -> Result<Self, Failure> {
        let gvk = Gvk {
            group: decode::text_field(value, "group")?,
            version: decode::text_field(value, "version")?,
            kind: decode::text_field(value, "kind")?,
        };
        Ok(Self {
            id: ResId {
                gvk,
                name: decode::text_field(value, "name")?,
                namespace: decode::text_field(value, "namespace")?,
                cluster_scoped: false,
            },
            field_path: decode::text_field(value, "fieldPath")?,
            options: FieldOptions::parse(decode::field(value, "options"))?,
        })
    }

    /// As in kustomize's messages.
    fn shown(&self) -> String {
        let mut shown = self.id.to_string();
        if !self.field_path.is_empty() {
            shown.push(':');
            shown.push_str(&self.field_path);
        }
        if let Some(options) = &self.options
            && (!options.delimiter.is_empty() || options.create)
        {
            let FieldOptions { delimiter, index, create } = options;
            shown.push_str(&format!(":{delimiter}({index}), create={create}"));
        }
        shown
    }

    fn selects(&self, resource: &Resource) -> bool {
        let id = |kind: &str, name: &str, namespace: &str| ResId {
            gvk: Gvk::of(resource.api_version(), kind),
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            cluster_scoped: false,
        };
        let wanted = &self.id.gvk.kind;
        let kind_fits = |kind: &str| wanted.is_empty() || wanted == kind;
        kind_fits(resource.kind())
            && id(resource.kind(), resource.name(), resource.namespace()).is_selected_by(&self.id)
            || resource.previous().iter().any(|each| {
                kind_fits(&each.kind) && id(&each.kind, &each.name, &each.namespace).is_selected_by(&self.id)
            })
    }

    /// The value, as the source has it now.
    fn value(&self, map: &ResourceMap) -> Result<NewValue, Failure> {
        let failed = |message: String| Failure::new("kustomize-replacement", message);
        let mut selected = map.iter().filter(|resource| self.selects(resource));
        let Some(resource) = selected.next() else {
            return Err(failed(format!("nothing selected by {}", self.shown()))
                .hint("the source is looked up by its name before or after prefixes, among what this kustomization has so far"));
        };
        if selected.next().is_some() {
            return Err(failed(format!("multiple matches for selector {}", self.shown()))
                .hint("name group, version, kind, name and namespace until one resource is left"));
        }
        let field_path = if self.field_path.is_empty() { DEFAULT_FIELD_PATH } else { &self.field_path };
        let found = find::locate(resource.object(), &split_field_path(field_path))
            .map_err(|failure| failure.context("error looking up replacement source"))?;
        let empty = |value: &Value| match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        let Some((found, path)) = found.filter(|(value, _)| !empty(value)) else {
            let message = format!("fieldPath `{field_path}` is missing for replacement source {}", self.id);
            return Err(failed(message));
        };
        let text = match resource.written_number(&path) {
            Some(written) => Some(written.into()),
            None => scalar::text(found),
        };
        let Some(options) = self.options.as_ref().filter(|options| !options.delimiter.is_empty()) else {
            return Ok(NewValue { value: found.clone(), text: text.unwrap_or_default().into_owned() });
        };
        let Some(text) = text else {
            return Err(failed("delimiter option can only be used with scalar nodes".to_owned()));
        };
        let parts = options.parts(&text).unwrap_or_default();
        let part = usize::try_from(options.index).ok().and_then(|index| parts.get(index));
        match part {
            Some(part) => {
                let value = if found.is_string() { Value::from(*part) } else { scalar::resolve_plain(part) };
                Ok(NewValue { value, text: (*part).to_owned() })
            }
            None => Err(failed(format!("options.index {} is out of bounds for value {text}", options.index))),
        }
    }
}

impl Target {
    fn parse(value: &Value) -> Result<Self, Failure> {
        let reject =
            decode::list_field(value, "reject")?.iter().map(parse_selector).collect::<Result<_, _>>()?;
        let field_paths = decode::list_field(value, "fieldPaths")?;
        let field_paths = field_paths.iter().map(|path| decode::text("fieldPaths", path));
        Ok(Self {
            select: decode::field(value, "select").map(parse_selector).transpose()?,
            reject,
            field_paths: field_paths.collect::<Result<_, _>>()?,
            options: FieldOptions::parse(decode::field(value, "options"))?,
        })
    }
}

/// `ReplacementTransformer`, `replacements`.
#[derive(Clone, Debug, Default)]
pub struct Replacements {
    /// In the order in which they are carried out.
    pub replacements: Vec<Replacement>,
}

impl Replacements {
    /// Carries the replacements out, one after the other.
    ///
    /// # Errors
    /// When a source is not there or not the only one, or a field to be written is absent.
    pub fn apply(&self, map: &mut ResourceMap, watch: Option<&dyn Watch>) -> Result<(), Failure> {
        let mut budget = Budget::default();
        self.replacements.iter().enumerate().try_for_each(|(number, replacement)| {
            replacement.apply(map, &mut budget, &|map, target| {
                if let Some(watch) = watch {
                    watch.done(map, Part::Target { replacement: number, target });
                }
            })
        })
    }
}

impl Replacement {
    /// `done` is told each target, by its position.
    fn apply(
        &self,
        map: &mut ResourceMap,
        budget: &mut Budget,
        done: &dyn Fn(&mut ResourceMap, usize),
    ) -> Result<(), Failure> {
        let failed = |message: &str| Failure::new("kustomize-replacement", message);
        let Some(targets) = &self.targets else {
            return Err(failed("replacements must specify a source and at least one target"));
        };
        let value = match (&self.source, &self.source_value) {
            (None, None) => return Err(failed("replacements must specify a source and at least one target")),
            (Some(_), Some(_)) => return Err(failed("value and resource selectors are mutually exclusive")),
            (None, Some(text)) => NewValue { value: scalar::resolve_plain(text), text: text.clone() },
            (Some(source), None) => source.value(map)?,
        };
        targets.iter().enumerate().try_for_each(|(number, target)| {
            target.write(map, &value, budget)?;
            done(map, number);
            Ok(())
        })
    }
}

/// What is written: a node, and its text where it is a scalar.
struct NewValue {
    value: Value,
    text: String,
}

impl Target {
    fn write(&self, map: &mut ResourceMap, value: &NewValue, budget: &mut Budget) -> Result<(), Failure> {
        let in_selector = |failure: Failure| failure.context("error creating target selector");
        let Some(select) = &self.select else {
            let message = "target must specify resources to select";
            return Err(Failure::new("kustomize-replacement", message));
        };
        let select = select.compile().map_err(in_selector)?;
        let reject: Vec<(CompiledSelector, bool)> = self
            .reject
            .iter()
            .map(|selector| Ok((selector.compile()?, selector.names_nothing())))
            .collect::<Result<_, Failure>>()
            .map_err(in_selector)?;
        let default = [DEFAULT_FIELD_PATH.to_owned()];
        let paths: &[String] = if self.field_paths.is_empty() { &default } else { &self.field_paths };
        let paths: Vec<(&str, Vec<String>)> =
            paths.iter().map(|path| (path.as_str(), split_field_path(path))).collect();
        for resource in map.iter_mut() {
            if is_target(resource, &select, &reject)? {
                for (path, steps) in &paths {
                    budget.check_copy(&value.value, steps.len())?;
                    resource.change_texts(|resource| self.write_field(resource, path, steps, value))?;
                }
            }
        }
        Ok(())
    }

    fn write_field(
        &self,
        resource: &mut Resource,
        path: &str,
        steps: &[String],
        value: &NewValue,
    ) -> Result<(), Failure> {
        let options = self.options.clone().unwrap_or_default();
        let create = options.create.then(|| Kind::of(&value.value));
        let matching = PathMatch { create };
        if create.is_some() {
            check_path(steps.len())?;
        }
        let untyped = resource.is_untyped(steps);
        let made = std::cell::Cell::new(false);
        let set = |mut found: Found<'_>| {
            made.set(made.get() || found.made);
            found.made |= untyped;
            set_field(&options, found, value)
        };
        if structured::write(resource, steps, matching, &set) {
            return Ok(());
        }
        let name = resource.current_id();
        let not_found = |failure: Option<Failure>| {
            let or_create = if create.is_some() { " or create" } else { "" };
            let what =
                format!("unable to find{or_create} field {} in replacement target", super::quoted(path));
            match failure {
                Some(failure) => failure.context(what),
                None => Failure::new("kustomize-replacement", what)
                    .hint(format!("{name} has no such field; `options: {{create: true}}` makes it")),
            }
        };
        // Looking first keeps the object shared where nothing is written.
        if create.is_none() && !find::exists(resource.object(), steps) {
            return Err(not_found(None));
        }
        if create.is_some() && resource.leads_through_bare_null(steps) {
            return Err(not_found(Some(find::nothing_inside())));
        }
        let mut refused = None;
        let found = matching.visit(resource.object_mut(), steps, &mut |found| {
            set(found).inspect_err(|failure| refused = Some(failure.clone()))
        });
        match (found, refused) {
            (_, Some(failure)) => Err(failure),
            (Err(failure), None) => Err(not_found(Some(failure))),
            (Ok(0), None) => Err(not_found(None)),
            (Ok(_), None) => {
                if made.get() {
                    resource.add_untyped(steps);
                }
                Ok(())
            }
        }
    }
}

/// Whether a resource is written to: by any id that it has or had.
fn is_target(
    resource: &Resource,
    select: &CompiledSelector,
    reject: &[(CompiledSelector, bool)],
) -> Result<bool, Failure> {
    if !select.matches_labels(resource)? {
        return Ok(false);
    }
    for (selector, _) in reject.iter().filter(|(selector, _)| selector.has_labels()) {
        if selector.matches_labels(resource)? {
            return Ok(false);
        }
    }
    let api_version = resource.api_version();
    let matches = |selector: &CompiledSelector| {
        selector.matches_id(api_version, resource.kind(), resource.name(), resource.namespace())
            || resource
                .previous()
                .iter()
                .any(|each| selector.matches_id(api_version, &each.kind, &each.name, &each.namespace))
    };
    let rejected = reject.iter().any(|(selector, names_nothing)| !names_nothing && matches(selector));
    Ok(!rejected && matches(select))
}

/// Writes the value, or a part of it, into one field.
fn set_field(options: &FieldOptions, found: Found<'_>, value: &NewValue) -> Result<(), Failure> {
    let Found { target, made, detached } = found;
    let is_scalar = !target.is_array() && !target.is_object();
    let joined = if options.delimiter.is_empty() {
        None
    } else {
        if !is_scalar {
            let message = "delimiter option can only be used with scalar nodes";
            return Err(Failure::new("kustomize-replacement", message));
        }
        let old = scalar::text(target).unwrap_or_default();
        let mut parts = options.parts(&old).unwrap_or_default();
        match usize::try_from(options.index) {
            Err(_) => parts.insert(0, &value.text),
            Ok(index) if index < parts.len() => parts[index] = &value.text,
            Ok(_) => parts.push(&value.text),
        }
        Some(parts.join(&options.delimiter))
    };
    if !is_scalar {
        *target = value.value.clone();
        return Ok(());
    }
    let text = joined.as_deref().unwrap_or(&value.text);
    if made {
        // Nothing is written as an empty text, not as null.
        *target = if text.is_empty() { Value::from("") } else { scalar::resolve_plain(text) };
        return Ok(());
    }
    match scalar::set_text(target, text) {
        // What is written into a text that is thrown away is never read.
        Err(_) if detached => Ok(()),
        result => result,
    }
}
