//! Applications that are written as templates with common values.

use super::{Facts, Files};

/// The template and the values that all of them share.
pub(super) fn common(files: &mut Files) {
    files.add(
        "common.yaml",
        "# For every application that is written as a template.
registry: registry.harbour.example
part_of: harbour
probes:
  path: /healthz
  periodSeconds: 10
resources:
  requests: {cpu: 100m, memory: 128Mi}
  limits: {memory: 256Mi}
settings:
  LOG_LEVEL: info
  TRACING: \"on\"
"
        .to_owned(),
    );
    files.add("templates/web-service.j2", WEB_SERVICE.to_owned());
}

/// A template that includes the shared one, one of its own, values, and a manifest as it is.
pub(super) fn write(facts: &Facts, files: &mut Files) {
    let Facts { application, team, tag, replicas, memory, limit, .. } = facts;
    let folder = facts.folder();
    let host = facts.host();
    files.add(
        &format!("apps/{application}/common.yaml"),
        format!(
            "# {application}: what is the same in every environment.\nteam: {team}\nrate_limit: {limit}\n"
        ),
    );
    files.add(
        &format!("{folder}/common.yaml"),
        format!(
            "image:\n  tag: {tag}\nreplicas: {replicas}\nhost: {host}\n\
             resources:\n  requests: {{memory: {memory}Mi}}\n  limits: {{memory: {memory}Mi}}\n\
             rate_limit: {limit}\n"
        ),
    );
    files.add(
        &format!("{folder}/web-service.yaml.j2"),
        "{% include \"templates/web-service.j2\" %}\n".to_owned(),
    );
    files.add(
        &format!("{folder}/config.yaml.j2"),
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ application }}
data:
  RATE_LIMIT: \"{{ rate_limit }}\"
{%- for name, value in settings | items %}
  {{ name }}: {{ value | tojson }}
{%- endfor %}
"
        .to_owned(),
    );
    files.add(
        &format!("{folder}/network-policy.yaml"),
        format!(
            "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {application}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {application}
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ingress
      ports:
        - port: http
"
        ),
    );
}

const WEB_SERVICE: &str = "\
{#- A web application: a Deployment, a Service, and an Ingress where it has a host. -#}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ application }}
  labels:
    app.kubernetes.io/name: {{ application }}
    app.kubernetes.io/part-of: {{ part_of }}
    harbour.example/team: {{ team }}
spec:
  replicas: {{ replicas }}
  selector:
    matchLabels:
      app.kubernetes.io/name: {{ application }}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {{ application }}
    spec:
      containers:
        - name: {{ application }}
          image: {{ registry }}/{{ application }}:{{ image.tag }}
          ports:
            - name: http
              containerPort: 8080
          envFrom:
            - configMapRef:
                name: {{ application }}
          env:
            - name: ENVIRONMENT
              value: {{ environment }}
          readinessProbe:
            httpGet:
              path: {{ probes.path }}
              port: http
            periodSeconds: {{ probes.periodSeconds }}
          resources: {{ resources | tojson }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ application }}
spec:
  selector:
    app.kubernetes.io/name: {{ application }}
  ports:
    - name: http
      port: 80
      targetPort: http
{%- if host is defined %}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ application }}
  annotations:
    argocd.argoproj.io/sync-wave: \"1\"
spec:
  rules:
    - host: {{ host }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ application }}
                port:
                  name: http
{%- endif %}
";
