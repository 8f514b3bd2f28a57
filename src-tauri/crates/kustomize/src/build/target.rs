//! One kustomization of a build: how it is found, and in which order it acts.

use std::sync::Arc;

use slipway_model::{Location, RepoPath, readable_path};

use super::Context;
use super::accumulator::{Accumulator, Config};
use super::origin::Origin;
use crate::failure::Failure;
use crate::graph::{Node, Role};
use crate::kustomization::{FILE_NAMES, KustomizationFile};
use crate::source::Root;
use crate::transform::{TransformerConfig, parse_crds};

/// A kustomization and where it stands.
pub(crate) struct Target<'c, 'a> {
    pub(crate) context: &'c Context<'a>,
    pub(crate) root: Root<'a>,
    pub(crate) file: KustomizationFile,
    /// The name of its file.
    pub(crate) file_name: String,
    /// Where it is, for builds that note it.
    pub(crate) origin: Option<Origin>,
    /// The namespace that charts get which name none: that of the nearest kustomization above that has one.
    pub(crate) chart_namespace: String,
    /// Its place in the graph.
    pub(crate) node: usize,
}

impl<'c, 'a> Target<'c, 'a> {
    /// Finds and reads the kustomization file of a directory.
    ///
    /// # Errors
    /// When there is none, or several, or it cannot be read.
    pub(crate) fn load(
        context: &'c Context<'a>,
        root: Root<'a>,
        used_by: Option<(&Target<'c, 'a>, Option<Origin>)>,
        role: Role,
    ) -> Result<Self, Failure> {
        let (path, content, file_name) = find(&root)?;
        let text = slipway_yaml::text(&content)
            .map_err(|error| {
                let message = format!("invalid Kustomization: yaml: {}", error.message);
                Failure::new("kustomization-invalid", message).at(Location::at(
                    &path,
                    error.line,
                    error.column,
                ))
            })?
            .into_owned();
        let mut file = KustomizationFile::read(text, &path)?;
        context.warnings.borrow_mut().append(&mut file.warnings.clone());
        let (origin, chart_namespace, parent) = match used_by {
            None => {
                let notes = !file.kustomization.build_metadata.is_empty();
                (notes.then(Origin::default), String::new(), None)
            }
            Some((parent, origin)) => {
                let metadata = &parent.file.kustomization.build_metadata;
                file.kustomization.build_metadata.clone_from(metadata);
                (origin, parent.namespace_for_charts().to_owned(), Some(parent.node))
            }
        };
        if origin.is_some() {
            context.is_shareable.set(false);
        }
        let node = {
            let mut nodes = context.nodes.borrow_mut();
            nodes.push(node(&root, &file, parent, role));
            nodes.len() - 1
        };
        Ok(Self { context, root, file, file_name, origin, chart_namespace, node })
    }

    /// The namespace that charts below get which name none.
    pub(crate) fn namespace_for_charts(&self) -> &str {
        let own = &self.file.kustomization.namespace;
        if own.is_empty() { &self.chart_namespace } else { own }
    }

    /// Gathers what the kustomization and those below it make. A component is given what was gathered before it, a
    /// kustomization nothing.
    ///
    /// # Errors
    /// For any reason that a build fails for.
    pub(crate) fn accumulate(&self, mut gathered: Accumulator) -> Result<Accumulator, Failure> {
        let kustomization = &self.file.kustomization;
        self.accumulate_resources(&mut gathered, "resources", &kustomization.resources, Role::Base)
            .map_err(|failure| failure.context("accumulating resources"))?;
        gathered.merge_config(&self.config()?)?;
        for (index, path) in kustomization.crds.iter().enumerate() {
            let place = || self.file.entry("crds", index);
            let config = self.context.unless_missing(self.crd_config(path), place).map_err(|failure| {
                failure.at(place()).context(format_args!("loading CRDs [{}]", kustomization.crds.join(" ")))
            })?;
            if let Some(config) = config {
                gathered
                    .merge_config(&Arc::new(Config::new(config)))
                    .map_err(|failure| failure.at(place()))?;
            }
        }
        self.generate(&mut gathered)?;
        let mut gathered = self
            .accumulate_components(gathered, &kustomization.components)
            .map_err(|failure| failure.context("accumulating components"))?;
        self.transform(&mut gathered)?;
        self.validate(&mut gathered)?;
        if self.context.options.trace {
            let place = |index| self.file.entry("vars", index);
            let named = kustomization.vars.iter().enumerate();
            let places = named.map(|(index, variable)| (variable.name.clone(), place(index)));
            self.context.variables.borrow_mut().extend(places);
        }
        let Accumulator { resources, variables, .. } = &mut gathered;
        let added = variables
            .add(&kustomization.vars, resources)
            .map_err(|failure| failure.at(self.file.field("vars")).context("merging vars"));
        self.context.joined(added)?;
        Ok(gathered)
    }

    /// Where the transformers of this kustomization write: the defaults and what `configurations` add.
    fn config(&self) -> Result<Arc<Config>, Failure> {
        let configurations = &self.file.kustomization.configurations;
        if configurations.is_empty() {
            return Ok(Config::defaults());
        }
        let mut own = TransformerConfig::default();
        for (index, path) in configurations.iter().enumerate() {
            let place = || self.file.entry("configurations", index);
            let loaded = self.context.unless_missing(self.root.load(path), place);
            let Some((file, content)) = loaded.map_err(|failure| failure.at(place()))? else { continue };
            let text = String::from_utf8_lossy(&content);
            let document = slipway_yaml::decode_strict(&text).map_err(|error| {
                let message =
                    format!("error converting YAML to JSON: yaml: line {}: {}", error.line, error.message);
                Failure::new("yaml-syntax", message).at(Location::at(&file, error.line, error.column))
            })?;
            let config = TransformerConfig::parse(&document).map_err(|failure| failure.in_file(&file))?;
            own.merge(&config).map_err(|failure| failure.in_file(&file))?;
        }
        let mut specs = TransformerConfig::defaults();
        specs.merge(&own).map_err(|failure| failure.at(self.file.field("configurations")))?;
        let gathered = Config::gathered(&specs);
        Ok(Arc::new(gathered.map_err(|failure| failure.at(self.file.field("configurations")))?))
    }

    fn crd_config(&self, path: &str) -> Result<TransformerConfig, Failure> {
        let (file, content) = self.root.load(path)?;
        let text = String::from_utf8_lossy(&content);
        let document = slipway_yaml::decode(&text).map_err(|error| {
            let message = format!(
                "unable to parse open API definition from '{path}': yaml: line {}: {}",
                error.line, error.message
            );
            Failure::new("yaml-syntax", message).at(Location::at(&file, error.line, error.column))
        })?;
        parse_crds(&document).map_err(|failure| failure.in_file(&file))
    }
}

/// The kustomization file of a directory: its path, its content, its name.
fn find(root: &Root<'_>) -> Result<(RepoPath, bytes::Bytes, String), Failure> {
    let mut found = Vec::new();
    for name in FILE_NAMES {
        if let Some((path, content)) = root.own_file(name)? {
            found.push((path, content, name.to_owned()));
        }
    }
    let directory = &root.directory;
    if found.len() > 1 {
        let message = format!("Found multiple kustomization files under: {}", readable_path(directory));
        let names: Vec<&str> = found.iter().map(|(_, _, name)| name.as_str()).collect();
        return Err(Failure::new("kustomization-ambiguous", message)
            .at(Location::file(directory))
            .hint(format!("keep one of {}", names.join(", "))));
    }
    if let Some(found) = found.pop() {
        return Ok(found);
    }
    root.check_exists()?;
    let message = format!(
        "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{}'",
        readable_path(directory)
    );
    Err(Failure::new("kustomization-missing", message).at(Location::file(directory)))
}

fn node(root: &Root<'_>, file: &KustomizationFile, used_by: Option<usize>, role: Role) -> Node {
    let kustomization = &file.kustomization;
    let one = |is: bool| usize::from(is);
    let changes = [
        ("patchesStrategicMerge", kustomization.patches_strategic_merge.len()),
        ("patches", kustomization.patches.len()),
        ("namespace", one(!kustomization.namespace.is_empty())),
        ("namePrefix", one(!kustomization.name_prefix.is_empty())),
        ("nameSuffix", one(!kustomization.name_suffix.is_empty())),
        ("labels", kustomization.labels.len()),
        ("commonLabels", kustomization.common_labels.len()),
        ("commonAnnotations", kustomization.common_annotations.len()),
        ("patchesJson6902", kustomization.patches_json6902.len()),
        ("replicas", kustomization.replicas.len()),
        ("images", kustomization.images.len()),
        ("replacements", kustomization.replacements.len()),
        ("transformers", kustomization.transformers.len()),
        ("validators", kustomization.validators.len()),
        ("vars", kustomization.vars.len()),
    ];
    Node {
        directory: root.directory.clone(),
        file: file.path.clone(),
        used_by,
        role,
        remote: root.url().map(str::to_owned),
        resources: 0,
        generated: kustomization.config_map_generator.len()
            + kustomization.secret_generator.len()
            + kustomization.helm_charts.len()
            + kustomization.generators.len(),
        changes: changes
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name.to_owned(), count))
            .collect(),
    }
}
