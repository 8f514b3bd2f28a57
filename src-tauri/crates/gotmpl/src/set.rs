//! Named templates that can call each other.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::ParseError;
use crate::function::Functions;
use crate::parse::{self, Node, NodeId, Tree};

/// One parsed template: the body of a text, or of a `define` or `block` in it. `Send + Sync`.
#[derive(Clone, Debug)]
pub struct Template {
    pub(crate) tree: Tree,
}

impl Template {
    /// The name it is executed by.
    pub fn name(&self) -> &str {
        &self.tree.name
    }

    /// The name of the text it stands in.
    pub fn file(&self) -> &str {
        &self.tree.source.name
    }

    #[inline]
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        self.tree.source.node(id)
    }
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
        for tree in parse::parse(name, text, &self.functions)? {
            if tree.empty && self.templates.contains_key(&tree.name) {
                continue;
            }
            self.templates.insert(Arc::clone(&tree.name), Template { tree });
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
