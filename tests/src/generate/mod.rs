//! Generated repositories: as large as asked for, laid out as real ones are, and equal bytes each time.
//!
//! Applications lie at `apps/NAME/ENVIRONMENT`. Of five, two are plain manifests, two are templates with
//! common values, one is a Jsonnet program; an instance has four files. Environments differ as they do in
//! practice: always in replicas and hosts, often in the image's tag, now and then in a setting.

pub mod charts;
mod jsonnet;
mod names;
pub mod overlays;
mod plain;
mod templates;

use std::collections::BTreeMap;

use bytes::Bytes;
use slipway_model::RepoPath;
use slipway_render::EngineKind;

/// The environments, in promotion order.
pub const ENVIRONMENTS: [&str; 3] = ["development", "staging", "production"];

/// What is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many instances there are: a third as many applications, each in every environment. What is left
    /// over is one application in the first environments only.
    pub instances: usize,
}

/// One application in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The application.
    pub application: String,
    /// The environment.
    pub environment: &'static str,
    /// The engine that renders it.
    pub engine: EngineKind,
    /// Its folder.
    pub path: RepoPath,
}

impl Shape {
    /// Every instance, by application, then in promotion order.
    #[must_use]
    pub fn generated(self) -> Vec<Generated> {
        (0..self.instances)
            .map(|position| {
                let facts = Facts::of(position / ENVIRONMENTS.len(), position % ENVIRONMENTS.len());
                Generated {
                    path: path(&facts.folder()),
                    engine: facts.engine,
                    environment: facts.environment,
                    application: facts.application,
                }
            })
            .collect()
    }

    /// The files.
    #[must_use]
    pub fn files(self) -> BTreeMap<RepoPath, Bytes> {
        let mut files = Files::default();
        common(&mut files);
        for position in 0..self.instances {
            let facts = Facts::of(position / ENVIRONMENTS.len(), position % ENVIRONMENTS.len());
            match facts.engine {
                EngineKind::Minijinja => templates::write(&facts, &mut files),
                EngineKind::Jsonnet => jsonnet::write(&facts, &mut files),
                _ => plain::write(&facts, &mut files),
            }
        }
        files.0
    }
}

/// What is written into the files of one instance.
struct Facts {
    application: String,
    environment: &'static str,
    engine: EngineKind,
    team: &'static str,
    tag: String,
    replicas: u64,
    memory: u64,
    /// A business setting; now and then production has another value.
    limit: u64,
}

impl Facts {
    fn of(application: usize, environment: usize) -> Self {
        let seed = mixed(application as u64);
        let is_production = environment + 1 == ENVIRONMENTS.len();
        // Each environment lags behind the one before in about every third application.
        let lag: u64 =
            (0..environment as u64).map(|step| u64::from(mixed(seed ^ (step + 1)).is_multiple_of(3))).sum();
        let patch = 2 + mixed(seed ^ 11) % 30;
        Self {
            application: names::application(application),
            environment: ENVIRONMENTS[environment],
            engine: match application % 5 {
                0 | 2 => EngineKind::Plain,
                1 | 3 => EngineKind::Minijinja,
                _ => EngineKind::Jsonnet,
            },
            team: names::team(seed),
            tag: format!("{}.{}.{}", 1 + seed % 4, mixed(seed ^ 7) % 20, patch - lag),
            replicas: [1, 2, 3 + seed % 6][environment],
            memory: 128 << environment,
            limit: 100
                + 50 * (mixed(seed ^ 3) % 8)
                + if is_production && seed.is_multiple_of(10) { 25 } else { 0 },
        }
    }

    fn folder(&self) -> String {
        format!("apps/{}/{}", self.application, self.environment)
    }

    fn host(&self) -> String {
        let Self { application, environment, .. } = self;
        match *environment {
            "production" => format!("{application}.harbour.example"),
            other => format!("{application}.{other}.harbour.example"),
        }
    }
}

/// What every application shares.
fn common(files: &mut Files) {
    files.add(".gitignore", "*.swp\n.direnv/\n".to_owned());
    files.add(
        ".slipway.yaml",
        "version: 1\nenvironments:\n\
         - {name: development, namespace: harbour-development}\n\
         - {name: staging, namespace: harbour-staging}\n\
         - {name: production, namespace: harbour-production, protected: true}\n"
            .to_owned(),
    );
    files.add(
        "README.md",
        "# Configuration\n\nOne folder for each application, one in it for each environment.\n".to_owned(),
    );
    templates::common(files);
    jsonnet::common(files);
}

/// Files that are being written.
#[derive(Default)]
struct Files(BTreeMap<RepoPath, Bytes>);

impl Files {
    fn add(&mut self, file: &str, text: String) {
        self.0.insert(path(file), Bytes::from(text));
    }
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).expect("generated paths are relative and inside the tree")
}

/// A number that looks random and depends on its argument only (the finaliser of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use slipway_catalog::{Catalog, ScanOptions};
    use slipway_model::MemoryTree;
    use slipway_render::{Engines, RenderInputs};

    use super::*;

    fn scanned(shape: Shape) -> (MemoryTree, Catalog) {
        let tree = MemoryTree::new(shape.files().into_iter().map(|(path, bytes)| (path.to_string(), bytes)));
        let catalog = slipway_catalog::scan(&tree, &ScanOptions::default());
        (tree, catalog)
    }

    #[test]
    fn a_scan_finds_exactly_the_instances_that_were_asked_for() {
        for instances in [1, 100, 301] {
            let shape = Shape { instances };
            let (_, catalog) = scanned(shape);
            let found: BTreeSet<_> = catalog
                .instances()
                .map(|each| (each.id.to_string(), each.sources[0].engine, each.sources[0].path.clone()))
                .collect();
            let expected: BTreeSet<_> = shape
                .generated()
                .into_iter()
                .map(|each| (format!("{}@{}", each.application, each.environment), each.engine, each.path))
                .collect();
            assert_eq!(found, expected, "{instances} instances");
            assert!(catalog.problems.is_empty(), "{:?}", catalog.problems);
        }
    }

    #[test]
    fn equal_shapes_have_equal_bytes() {
        assert_eq!(Shape { instances: 100 }.files(), Shape { instances: 100 }.files());
    }

    #[test]
    fn an_instance_has_four_files_and_names_do_not_repeat() {
        let shape = Shape { instances: 6_000 };
        let files = shape.files();
        let generated = shape.generated();
        let folders: BTreeSet<&RepoPath> = generated.iter().map(|each| &each.path).collect();
        assert_eq!(folders.len(), 6_000);
        let inside =
            files.keys().filter(|file| file.parent().is_some_and(|folder| folders.contains(&folder)));
        assert_eq!(inside.count(), 24_000);
    }

    #[test]
    fn every_generated_instance_renders_without_a_problem() {
        let (tree, catalog) = scanned(Shape { instances: 301 });
        let engines = Engines::built_in();
        for instance in catalog.instances() {
            let inputs = RenderInputs {
                instance: Some(instance.id.clone()),
                namespace: instance.destination.namespace.clone(),
                ..RenderInputs::default()
            };
            let rendered = slipway_render::render_sources(&engines, &tree, &instance.sources, &inputs);
            assert!(rendered.problems.is_empty(), "{}: {:?}", instance.id, rendered.problems);
            assert!(
                rendered.manifests.len() >= 3,
                "{} has {} manifests",
                instance.id,
                rendered.manifests.len()
            );
        }
    }

    #[test]
    fn environments_differ_in_versions_of_some_applications_only() {
        let tag = |application, environment| Facts::of(application, environment).tag;
        let behind = (0..1_000).filter(|each| tag(*each, 1) != tag(*each, 2)).count();
        assert!((200..500).contains(&behind), "{behind} of 1000 lag behind");
    }
}
