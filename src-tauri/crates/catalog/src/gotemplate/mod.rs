//! Go templates as far as declarations need them: ApplicationSets with `goTemplate: true`, and charts whose
//! templates hold Applications. The language is whole; of the functions, the usual ones of sprig and Helm.
//!
//! It is no replacement for a Helm engine: an unknown function is an error, and the caller says that the
//! result is approximated.

mod evaluate;
mod functions;
mod parse;
mod print;
mod scan;

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use evaluate::Missing;
pub(crate) use functions::merged;
use parse::Node;

/// Why a template gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct TemplateError(pub(crate) String);

impl TemplateError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Parsed templates by name.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    bodies: BTreeMap<String, Vec<Node>>,
}

impl Templates {
    /// Parses a text under a name; templates that it defines are added under their own names.
    ///
    /// # Errors
    /// When the text is no template.
    pub(crate) fn add(&mut self, name: &str, text: &str) -> Result<(), TemplateError> {
        let (body, defined) = parse::parse(text)?;
        self.bodies.insert(name.to_owned(), body);
        self.bodies.extend(defined);
        Ok(())
    }

    /// Evaluates the template of a name.
    ///
    /// # Errors
    /// When it calls what is not there, fails by itself, or never ends.
    pub(crate) fn evaluate(
        &self,
        name: &str,
        data: &Value,
        missing: Missing,
    ) -> Result<String, TemplateError> {
        evaluate::evaluate(self, name, data, missing)
    }
}

/// Evaluates one text.
///
/// # Errors
/// As [`Templates::add`] and [`Templates::evaluate`].
pub(crate) fn evaluate_text(text: &str, data: &Value, missing: Missing) -> Result<String, TemplateError> {
    if !text.contains("{{") {
        return Ok(text.to_owned());
    }
    let mut templates = Templates::default();
    templates.add("", text)?;
    templates.evaluate("", data, missing)
}

#[cfg(test)]
mod tests;
