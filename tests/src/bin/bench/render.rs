//! Rendering and comparing, each by itself.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::bail;
use rayon::prelude::*;
use slipway_catalog::{Catalog, Instance};
use slipway_model::{InstanceId, Manifest, Tree};
use slipway_render::{EngineKind, Engines, RenderInputs, Rendered};
use slipway_workspace::Revision;

use crate::figure::Figures;
use crate::repository::Generated;

pub(crate) fn measure(generated: &Generated, figures: &mut Figures) -> anyhow::Result<()> {
    let workspace = generated.open()?;
    let tree = workspace.tree(&Revision::WorkingDirectory)?;
    let catalog = workspace.scan(&tree)?;
    let mut rendered = BTreeMap::new();
    for engine in [EngineKind::Plain, EngineKind::Minijinja, EngineKind::Jsonnet] {
        one_engine(engine, &tree, &catalog, figures, &mut rendered)?;
    }
    let instances: Vec<&Instance> = catalog.instances().collect();
    let runs = figures.runs();
    figures.time("render everything, all cores", None, runs, || {
        let engines = Engines::built_in();
        Ok(instances.par_iter().map(|instance| render(&engines, &tree, instance)).collect::<Vec<_>>())
    })?;
    rate(instances.len(), figures);
    compare(&catalog, &rendered, figures);
    Ok(())
}

/// Renders every instance of an engine, one after the other. What an engine keeps is thrown away before each
/// run.
fn one_engine(
    engine: EngineKind,
    tree: &dyn Tree,
    catalog: &Catalog,
    figures: &mut Figures,
    all: &mut BTreeMap<InstanceId, Vec<Manifest>>,
) -> anyhow::Result<()> {
    let instances: Vec<&Instance> = catalog
        .instances()
        .filter(|instance| instance.sources.iter().all(|each| each.engine == engine))
        .collect();
    let mut spent = Vec::new();
    for _ in 0..figures.runs() {
        let engines = Engines::built_in();
        let started = Instant::now();
        let rendered: Vec<Rendered> =
            instances.iter().map(|instance| render(&engines, tree, instance)).collect();
        spent.push(started.elapsed());
        for (instance, rendered) in instances.iter().zip(rendered) {
            if rendered.is_failed() {
                bail!("{} does not render: {:?}", instance.id, rendered.problems);
            }
            all.insert(instance.id.clone(), rendered.manifests);
        }
    }
    figures.each(&format!("render {engine}, one thread"), instances.len(), &spent);
    Ok(())
}

fn render(engines: &Engines, tree: &dyn Tree, instance: &Instance) -> Rendered {
    let inputs = RenderInputs {
        instance: Some(instance.id.clone()),
        namespace: instance.destination.namespace.clone(),
        ..RenderInputs::default()
    };
    slipway_render::render_sources(engines, tree, &instance.sources, &inputs)
}

/// Compares staging with production, one after the other, from trees of values.
fn compare(catalog: &Catalog, rendered: &BTreeMap<InstanceId, Vec<Manifest>>, figures: &mut Figures) {
    let pairs: Vec<(&Vec<Manifest>, &Vec<Manifest>)> = catalog
        .applications
        .iter()
        .filter_map(|application| {
            let find = |name: &str| {
                let instance =
                    application.instances.iter().find(|each| each.id.environment.as_str() == name)?;
                rendered.get(&instance.id)
            };
            Some((find("staging")?, find("production")?))
        })
        .collect();
    let spent: Vec<Duration> = (0..figures.runs())
        .map(|_| {
            let started = Instant::now();
            for (from, to) in &pairs {
                black_box(slipway_diff::compare(from, to));
            }
            started.elapsed()
        })
        .collect();
    figures.each("compare staging with production, one thread", pairs.len(), &spent);
}

/// Says how many instances a second the last figure, in milliseconds, makes.
pub(crate) fn rate(instances: usize, figures: &mut Figures) {
    let median = figures.all.last().and_then(crate::figure::Figure::median).filter(|median| *median > 0.0);
    if let Some(median) = median {
        let rate = instances as f64 * 1e3 / median;
        figures.note(format!("{} instances per second", crate::figure::grouped(rate as usize)));
    }
}
