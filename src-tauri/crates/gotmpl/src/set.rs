//! Named templates that can call each other.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::ParseError;
use crate::function::Functions;
use crate::parse::Tree;

/// One parsed template: the body of a text, or of a `define` or `block` in it. `Send + Sync`.
#[derive(Clone, Debug)]
pub struct Template {
    pub(crate) tree: Arc<Tree>,
}

/// Templates parsed with one table of functions, by name. Cloning is cheap (the parsed templates are shared); the set is
/// `Send + Sync`, so that a chart parsed once is executed on many threads.
#[derive(Clone, Debug)]
pub struct TemplateSet {
    name: Arc<str>,
    functions: Arc<Functions>,
    templates: HashMap<Arc<str>, Template>,
}

impl TemplateSet {
    /// An empty set; the name shows in errors about missing templates (`associated with template "NAME"`).
    pub fn new(name: &str, functions: Arc<Functions>) -> TemplateSet {
        TemplateSet { name: name.into(), functions, templates: HashMap::new() }
    }

    /// Parses a text under a name and adds it and all that it defines. A later definition of a name replaces an
    /// earlier one of another text, unless it is blank; two that are not blank in one text are an error.
    ///
    /// # Errors
    ///
    /// What Go's parser reports; the set is then as it was.
    pub fn parse(&mut self, name: &str, text: &[u8]) -> Result<(), ParseError> {
        for (name, template) in parse_text(name, text, &self.functions)? {
            add(&mut self.templates, name, template);
        }
        Ok(())
    }

    /// The template of that name.
    pub fn get(&self, name: &str) -> Option<&Template> {
        self.templates.get(name)
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.templates.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    /// The name of the set.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The functions its templates call.
    pub fn functions(&self) -> &Arc<Functions> {
        &self.functions
    }
}
