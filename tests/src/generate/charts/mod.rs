//! A fleet of Helm charts: forty charts, and applications that an ApplicationSet each puts into every environment.
//!
//! Values lie in four layers: of everything, of the environment, of the application, of the application in the
//! environment. Charts are of four kinds, as companies write them: helpers in a file of their own, blocks of values
//! that templates pass on with `toYaml`, a schema for half of them, a chart inside every fourth.

mod templates;

use std::collections::BTreeMap;

use bytes::Bytes;
use slipway_model::RepoPath;

use super::{Files, mixed, names};

/// What is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartFleet {
    /// How many charts there are; applications use them in turn.
    pub charts: usize,
    /// How many applications.
    pub applications: usize,
    /// In how many environments each is, at most 40.
    pub environments: usize,
}

/// What a chart is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Web,
    Worker,
    Store,
    Job,
}

const STAGES: [&str; 4] = ["development", "testing", "staging", "production"];

fn environment(position: usize) -> String {
    format!("{}-r{:02}", STAGES[position % STAGES.len()], position / STAGES.len() + 1)
}

fn chart_name(position: usize) -> String {
    let kind = match kind(position) {
        Kind::Web => "web",
        Kind::Worker => "worker",
        Kind::Store => "store",
        Kind::Job => "job",
    };
    format!("{kind}-{:02}", position / 4 + 1)
}

fn kind(position: usize) -> Kind {
    [Kind::Web, Kind::Worker, Kind::Store, Kind::Job][position % 4]
}

impl ChartFleet {
    /// Instances in all.
    #[must_use]
    pub fn instances(self) -> usize {
        self.applications * self.environments
    }

    /// The values file that every instance of an environment reads.
    #[must_use]
    pub fn shared_values(self) -> String {
        format!("values/environments/{}.yaml", environment(self.environments - 1))
    }

    /// The values file that one instance reads.
    #[must_use]
    pub fn own_values(self) -> String {
        let application = names::application(self.applications - 1);
        format!("values/applications/{application}/{}.yaml", environment(self.environments - 1))
    }

    /// The files.
    #[must_use]
    pub fn files(self) -> BTreeMap<RepoPath, Bytes> {
        let mut files = Files::default();
        let environments: Vec<String> = (0..self.environments).map(environment).collect();
        let listed: String = environments.iter().map(|each| format!("- {{name: {each}}}\n")).collect();
        files.add(".slipway.yaml", format!("version: 1\nenvironments:\n{listed}"));
        files.add("values/common.yaml", COMMON.to_owned());
        for (position, name) in environments.iter().enumerate() {
            let seed = mixed(position as u64);
            files.add(
                &format!("values/environments/{name}.yaml"),
                format!(
                    "environment: {name}\ndomain: {name}.harbour.example\nreplicas: {}\nlogLevel: {}\n\
                     resources:\n  requests: {{memory: {}Mi}}\nsettings:\n  REGION: r{:02}\n  TRACING: \"{}\"\n",
                    1 + position % STAGES.len(),
                    ["debug", "info"][position % 2],
                    64 << (seed % 3),
                    position / STAGES.len() + 1,
                    ["off", "on"][(seed % 2) as usize],
                ),
            );
        }
        for position in 0..self.charts {
            templates::chart(&mut files, &chart_name(position), kind(position), position);
        }
        for position in 0..self.applications {
            self.application(&mut files, position, &environments);
        }
        files.0
    }

    fn application(self, files: &mut Files, position: usize, environments: &[String]) {
        let name = names::application(position);
        let seed = mixed(position as u64);
        let elements: String =
            environments.iter().map(|each| format!("      - {{environment: {each}}}\n")).collect();
        let chart = chart_name(position % self.charts);
        files.add(
            &format!("applications/{name}.yaml"),
            format!(
                "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: {name}
spec:
  goTemplate: true
  generators:
  - list:
      elements:
{elements}  template:
    metadata:
      name: '{name}-{{{{.environment}}}}'
    spec:
      project: default
      source:
        repoURL: https://git.harbour.example/platform/fleet
        targetRevision: HEAD
        path: charts/{chart}
        helm:
          releaseName: {name}
          valueFiles:
          - ../../values/common.yaml
          - ../../values/environments/{{{{.environment}}}}.yaml
          - ../../values/applications/{name}.yaml
          - ../../values/applications/{name}/{{{{.environment}}}}.yaml
      destination:
        server: https://kubernetes.default.svc
        namespace: {name}
"
            ),
        );
        files.add(
            &format!("values/applications/{name}.yaml"),
            format!(
                "team: {}\nimage:\n  repository: registry.harbour.example/{name}\nsettings:\n  RATE_LIMIT: \"{}\"\n\
                 podAnnotations:\n  harbour.example/owner: \"{{{{ .Values.team }}}}\"\n\
                 extraEnvironment:\n- name: APPLICATION\n  value: {name}\n- name: QUEUE\n  value: {name}.work\n",
                names::team(seed),
                100 + 50 * (mixed(seed ^ 3) % 8),
            ),
        );
        for (place, environment) in environments.iter().enumerate() {
            let own = mixed(seed ^ place as u64);
            files.add(
                &format!("values/applications/{name}/{environment}.yaml"),
                format!(
                    "image:\n  tag: {}.{}.{}\nreplicas: {}\nresources:\n  limits: {{memory: {}Mi}}\n",
                    1 + seed % 4,
                    mixed(seed ^ 7) % 20,
                    own % 5,
                    1 + own % 4,
                    128 << (own % 3)
                ),
            );
        }
    }
}

/// What every instance of every chart starts from.
const COMMON: &str = "\
registry: registry.harbour.example
partOf: harbour
commonLabels:
  harbour.example/managed: \"true\"
podSecurityContext:
  runAsNonRoot: true
  runAsUser: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources:
  requests: {cpu: 50m, memory: 64Mi}
tolerations:
- {key: harbour.example/pool, operator: Equal, value: general, effect: NoSchedule}
";

#[cfg(test)]
mod tests {
    use slipway_catalog::ScanOptions;
    use slipway_model::MemoryTree;
    use slipway_render::{EngineKind, Engines, RenderInputs};

    use super::*;

    #[test]
    fn every_instance_of_every_chart_is_found_and_renders() {
        let fleet = ChartFleet { charts: 8, applications: 9, environments: 3 };
        let tree = MemoryTree::new(fleet.files().into_iter().map(|(path, bytes)| (path.to_string(), bytes)));
        let catalog = slipway_catalog::scan(&tree, &ScanOptions::default());
        assert!(catalog.problems.is_empty(), "{:?}", catalog.problems);
        assert_eq!(catalog.instances().count(), fleet.instances());
        let engines = Engines::built_in();
        for instance in catalog.instances() {
            assert_eq!(instance.sources[0].engine, EngineKind::Helm);
            assert_eq!(instance.sources[0].values.len(), 4, "{}", instance.id);
            let inputs = RenderInputs {
                instance: Some(instance.id.clone()),
                namespace: instance.destination.namespace.clone(),
                ..RenderInputs::default()
            };
            let rendered = slipway_render::render_sources(&engines, &tree, &instance.sources, &inputs);
            assert!(rendered.problems.is_empty(), "{}: {:?}", instance.id, rendered.problems);
            assert!(rendered.manifests.len() >= 4, "{} has {}", instance.id, rendered.manifests.len());
        }
        let files = fleet.files();
        for file in [fleet.shared_values(), fleet.own_values()] {
            assert!(files.contains_key(&RepoPath::new(&file).unwrap()), "{file}");
        }
    }
}
