//! What a kustomization gathers: resources, where transformers write, variables.

use std::sync::{Arc, OnceLock};

use crate::failure::Failure;
use crate::reference::names::References;
use crate::reference::variables::Variables;
use crate::resource::ResourceMap;
use crate::transform::TransformerConfig;

/// Where transformers write, with the name references made ready once.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) specs: TransformerConfig,
    references: OnceLock<References>,
}

impl Config {
    /// The built-in configuration.
    pub(crate) fn defaults() -> Arc<Self> {
        static DEFAULTS: OnceLock<Arc<Config>> = OnceLock::new();
        Arc::clone(DEFAULTS.get_or_init(|| {
            let gathered = Self::gathered(&TransformerConfig::defaults());
            Arc::new(gathered.unwrap_or_else(|_| Self::new(TransformerConfig::defaults())))
        }))
    }

    /// A configuration as it is once it was gathered: added to nothing, by which a field spec of all kinds is dropped
    /// where one of some kinds has the same path. Kustomize does it by accident, and own configurations rely on it.
    pub(crate) fn gathered(specs: &TransformerConfig) -> Result<Self, Failure> {
        let mut gathered = TransformerConfig::default();
        gathered.merge(specs)?;
        Ok(Self::new(gathered))
    }

    pub(crate) fn new(specs: TransformerConfig) -> Self {
        Self { specs, references: OnceLock::new() }
    }

    pub(crate) fn references(&self) -> &References {
        self.references.get_or_init(|| References::new(&self.specs.name_reference))
    }
}

/// What a kustomization gathers. A clone shares the objects.
#[derive(Clone, Default)]
pub(crate) struct Accumulator {
    pub(crate) resources: ResourceMap,
    /// `None` where nothing was gathered yet.
    pub(crate) config: Option<Arc<Config>>,
    pub(crate) variables: Variables,
}

impl Accumulator {
    /// Adds a configuration.
    ///
    /// # Errors
    /// When two field specs contradict each other.
    pub(crate) fn merge_config(&mut self, other: &Arc<Config>) -> Result<(), Failure> {
        match &self.config {
            None => self.config = Some(Arc::clone(other)),
            Some(own) if Arc::ptr_eq(own, other) => {}
            Some(own) => {
                let mut specs = own.specs.clone();
                specs.merge(&other.specs)?;
                if specs != own.specs {
                    self.config = Some(Arc::new(Config::new(specs)));
                }
            }
        }
        Ok(())
    }

    /// Adds what another kustomization gathered.
    ///
    /// # Errors
    /// When a resource or a variable is there already, or field specs contradict each other.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Failure> {
        self.resources.append_all(other.resources.into_resources())?;
        if let Some(config) = &other.config {
            self.merge_config(config)?;
        }
        self.variables.merge(&other.variables)
    }
}
