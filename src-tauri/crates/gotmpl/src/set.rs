//! Named templates that can call each other.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

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
    texts: Arc<Texts>,
}

/// How many bytes of texts are kept parsed for a set; emptied when full. What is parsed takes several times as much.
const KEPT_TEXTS: usize = 256 << 10;
/// Longer texts are not kept.
const LONGEST_TEXT: usize = 16 << 10;

/// Texts that were parsed on top of a set (`tpl`): a chart executes the same few in each render.
#[derive(Default)]
pub(crate) struct Texts(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    trees: HashMap<Box<[u8]>, Arc<[Tree]>>,
    bytes: usize,
}

impl Texts {
    /// What a text was parsed to under a name.
    pub(crate) fn get(&self, name: &str, text: &[u8]) -> Option<Arc<[Tree]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let trees = kept.trees.get(text)?;
        trees.first().is_some_and(|tree| &*tree.source.name == name).then(|| Arc::clone(trees))
    }

    pub(crate) fn insert(&self, text: &[u8], trees: &Arc<[Tree]>) {
        if text.len() > LONGEST_TEXT {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + text.len() > KEPT_TEXTS {
            *kept = Kept::default();
        }
        if kept.trees.insert(text.into(), Arc::clone(trees)).is_none() {
            kept.bytes += text.len();
        }
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Texts").field("kept", &kept.trees.len()).finish()
    }
}

impl TemplateSet {
    /// An empty set; the name shows in errors about missing templates (`associated with template "NAME"`).
    pub fn new(name: &str, functions: Arc<Functions>) -> TemplateSet {
        TemplateSet { name: name.into(), functions, templates: HashMap::new(), texts: Arc::default() }
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

    /// Texts that were parsed on top of it.
    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
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
