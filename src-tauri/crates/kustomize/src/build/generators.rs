//! The generators of a kustomization, in the order in which kustomize runs them.

use std::sync::Arc;

use super::Context;
use super::accumulator::Accumulator;
use super::origin::Origin;
use super::target::Target;
use crate::failure::Failure;
use crate::generate::{self, Generated};
use crate::helm::{self, Made};
use crate::kustomization::{GeneratorArgs, GeneratorOptions, HelmChart, HelmGlobals, Place};
use crate::resource::{Resource, Source};
use crate::trace::Written;

/// What a generator makes.
pub(crate) enum Work {
    Pairs(Generated, Box<GeneratorArgs>),
    Chart(Box<HelmChart>, HelmGlobals),
    Resource(Box<Resource>),
}

/// A generator, ready to run.
pub(crate) struct Generator {
    pub(crate) kind: &'static str,
    pub(crate) work: Work,
    pub(crate) origin: Option<Origin>,
    pub(crate) place: Place,
    /// The configuration, of a plugin.
    pub(crate) config: Option<Resource>,
}

impl Target<'_, '_> {
    /// Runs all generators and adds what they make.
    pub(crate) fn generate(&self, gathered: &mut Accumulator) -> Result<(), Failure> {
        let mut generators = self.own_generators()?;
        generators.extend(
            self.plugin_generators().map_err(|failure| failure.context("loading generator plugins"))?,
        );
        for generator in generators {
            let place = self.file.locate(&generator.place);
            let made = self
                .context
                .unless_missing(self.run(&generator.work), || place.clone())
                .map_err(|failure| failure.at(place.clone()))?;
            let keys = std::cell::OnceCell::new();
            let Some(made) = made.filter(|_| !self.context.lacks()) else { continue };
            let source = Arc::new(Source {
                file: slipway_model::RepoPath::new(&place.file).unwrap_or_else(|_| self.file.path.clone()),
                document: 0,
                line: place.line,
            });
            for (mut resource, chart) in made {
                resource.set_number(None);
                if resource.source().is_none() {
                    resource = resource.with_source(Arc::clone(&source));
                }
                if let Some(origin) = &generator.origin {
                    origin.note(&mut resource);
                }
                self.context.step(
                    &mut gathered.resources,
                    generator.kind,
                    || place.clone(),
                    |_| match &chart {
                        Some(chart) => Written::Chart(Arc::clone(chart)),
                        None => Written::Keys(Arc::clone(
                            keys.get_or_init(|| Arc::new(self.generated_keys(&generator))),
                        )),
                    },
                    |resources, _| {
                        generate::absorb(resources, resource).map_err(|failure| {
                            failure.context(format_args!("merging from generator {}", generator.kind))
                        })
                    },
                )?;
            }
        }
        Ok(())
    }

    fn run(&self, work: &Work) -> Result<Made, Failure> {
        match work {
            Work::Pairs(what, args) => Ok(vec![(generate::generate(*what, args, &self.root)?, None)]),
            Work::Chart(chart, globals) => {
                let Context { helpers, options, .. } = self.context;
                helm::inflate(chart, globals, &self.root, helpers.charts, options.trace)
            }
            Work::Resource(resource) => Ok(vec![(Resource::clone(resource), None)]),
        }
    }

    /// The generators that fields of the kustomization ask for.
    fn own_generators(&self) -> Result<Vec<Generator>, Failure> {
        let kustomization = &self.file.kustomization;
        let origin = |kind: &str| self.origin.as_ref().map(|origin| origin.of_field(&self.file_name, kind));
        let mut generators = Vec::new();
        for (what, kind, field, all) in [
            (
                Generated::ConfigMap,
                "ConfigMapGenerator",
                "configMapGenerator",
                &kustomization.config_map_generator,
            ),
            (Generated::Secret, "SecretGenerator", "secretGenerator", &kustomization.secret_generator),
        ] {
            for (index, args) in all.iter().enumerate() {
                let mut args = args.clone();
                args.options =
                    GeneratorOptions::merged(args.options.as_ref(), kustomization.generator_options.as_ref());
                generators.push(Generator {
                    kind,
                    work: Work::Pairs(what, Box::new(args)),
                    origin: origin(kind),
                    place: Place::Entry(field, index),
                    config: None,
                });
            }
        }
        for (index, chart) in kustomization.helm_charts.iter().enumerate() {
            let place = Place::Entry("helmCharts", index);
            if self.context.helpers.charts.is_none() {
                // Kustomize finds this out before it generates anything.
                let failure = helm::inflate(chart, &HelmGlobals::default(), &self.root, None, false).err();
                if let Some(failure) = failure {
                    let config = format!("name: {}", chart.name);
                    return Err(failure.at(self.file.locate(&place)).context(format_args!(
                        "trouble configuring builtin HelmChartInflationGenerator with config: `\n{config}\n`"
                    )));
                }
            }
            let mut chart = chart.clone();
            if chart.namespace.is_empty() {
                self.namespace_for_charts().clone_into(&mut chart.namespace);
                if kustomization.namespace.is_empty() {
                    self.context.inherits_chart_namespace.set(true);
                }
            }
            let globals = kustomization.helm_globals.clone().unwrap_or_default();
            generators.push(Generator {
                kind: "HelmChartInflationGenerator",
                work: Work::Chart(Box::new(chart), globals),
                origin: origin("HelmChartInflationGenerator"),
                place,
                config: None,
            });
        }
        Ok(generators)
    }
}
