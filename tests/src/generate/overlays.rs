//! Kustomize overlays over shared bases: applications in many environments, each an overlay of the application's base,
//! which builds on a base that all share, and of a component of its environment.

use std::collections::BTreeMap;

use bytes::Bytes;
use slipway_model::RepoPath;

use super::{Files, mixed, names};

/// What is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlays {
    /// How many applications, each with a base.
    pub applications: usize,
    /// How many overlays each has.
    pub environments: usize,
}

fn environment(position: usize) -> String {
    format!("{}-{:02}", ["testing", "staging", "production"][position % 3], position / 3 + 1)
}

impl Overlays {
    /// Overlays in all.
    #[must_use]
    pub fn instances(self) -> usize {
        self.applications * self.environments
    }

    /// A file of the base that every overlay of one application builds on.
    #[must_use]
    pub fn base_file(self) -> String {
        format!("apps/{}/base/deployment.yaml", names::application(self.applications - 1))
    }

    /// The files.
    #[must_use]
    pub fn files(self) -> BTreeMap<RepoPath, Bytes> {
        let mut files = Files::default();
        files.add(
            "shared/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [network.yaml, account.yaml]\n"
                .to_owned(),
        );
        files.add(
            "shared/network.yaml",
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: policy}\nspec:\n  podSelector: {}\n  \
             policyTypes: [Ingress]\n  ingress:\n  - from:\n    - namespaceSelector:\n        matchLabels: {kubernetes.io/metadata.name: ingress}\n"
                .to_owned(),
        );
        files.add(
            "shared/account.yaml",
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: account}\n".to_owned(),
        );
        for position in 0..self.environments {
            let name = environment(position);
            files.add(
                &format!("components/{name}/kustomization.yaml"),
                format!(
                    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {{kind: Deployment}}\n  patch: |-\n    \
                     - op: add\n      path: /spec/template/spec/containers/0/env/-\n      value: {{name: ENVIRONMENT, value: {name}}}\n"
                ),
            );
        }
        for application in 0..self.applications {
            let name = names::application(application);
            base(&mut files, &name, mixed(application as u64));
            for position in 0..self.environments {
                let own = mixed((application * 100 + position) as u64);
                overlay(&mut files, &name, &environment(position), own);
            }
        }
        files.0
    }
}

fn base(files: &mut Files, name: &str, seed: u64) {
    files.add(
        &format!("apps/{name}/base/kustomization.yaml"),
        format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamePrefix: {name}-\nlabels:\n- pairs: {{app: {name}, team: {}}}\n  \
             includeSelectors: true\nresources: [../../../shared, deployment.yaml, service.yaml]\nconfigMapGenerator:\n- name: settings\n  \
             literals: [RATE_LIMIT={}]\n",
            names::team(seed),
            100 + 50 * (seed % 8)
        ),
    );
    files.add(
        &format!("apps/{name}/base/deployment.yaml"),
        format!(
            "apiVersion: apps/v1
kind: Deployment
metadata: {{name: server}}
spec:
  replicas: 1
  template:
    spec:
      serviceAccountName: account
      containers:
      - name: server
        image: {name}
        ports: [{{name: http, containerPort: 8080}}]
        env: [{{name: APPLICATION, value: {name}}}]
        envFrom: [{{configMapRef: {{name: settings}}}}]
        readinessProbe:
          httpGet: {{path: /ready, port: http}}
          periodSeconds: 5
"
        ),
    );
    files.add(
        &format!("apps/{name}/base/service.yaml"),
        "apiVersion: v1\nkind: Service\nmetadata: {name: server}\nspec:\n  ports: [{port: 80, targetPort: http}]\n".to_owned(),
    );
}

fn overlay(files: &mut Files, name: &str, environment: &str, seed: u64) {
    files.add(
        &format!("apps/{name}/overlays/{environment}/kustomization.yaml"),
        format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: {environment}\nresources: [../../base]\n\
             components: [../../../../components/{environment}]\nimages:\n- {{name: {name}, newName: registry.harbour.example/{name}, newTag: {}.{}.{}}}\n\
             replicas:\n- {{name: server, count: {}}}\npatches:\n- path: resources.yaml\n",
            1 + seed % 4,
            mixed(seed ^ 7) % 20,
            seed % 9,
            1 + seed % 5
        ),
    );
    files.add(
        &format!("apps/{name}/overlays/{environment}/resources.yaml"),
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: server}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: server\n        \
             resources: {{requests: {{memory: {}Mi}}}}\n",
            64 << (seed % 4)
        ),
    );
}

#[cfg(test)]
mod tests {
    use slipway_catalog::ScanOptions;
    use slipway_model::MemoryTree;
    use slipway_render::{EngineKind, Engines, RenderInputs};

    use super::*;

    #[test]
    fn every_overlay_is_found_and_builds() {
        let overlays = Overlays { applications: 3, environments: 4 };
        let files = overlays.files();
        assert!(files.contains_key(&RepoPath::new(&overlays.base_file()).unwrap()));
        let tree = MemoryTree::new(files.into_iter().map(|(path, bytes)| (path.to_string(), bytes)));
        let catalog = slipway_catalog::scan(&tree, &ScanOptions::default());
        assert!(catalog.problems.is_empty(), "{:?}", catalog.problems);
        assert_eq!(catalog.instances().count(), overlays.instances());
        let engines = Engines::built_in();
        for instance in catalog.instances() {
            assert_eq!(instance.sources[0].engine, EngineKind::Kustomize);
            let inputs = RenderInputs { instance: Some(instance.id.clone()), ..RenderInputs::default() };
            let rendered = slipway_render::render_sources(&engines, &tree, &instance.sources, &inputs);
            assert!(rendered.problems.is_empty(), "{}: {:?}", instance.id, rendered.problems);
            assert_eq!(rendered.manifests.len(), 5, "{}", instance.id);
        }
    }
}
