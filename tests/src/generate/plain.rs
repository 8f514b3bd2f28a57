//! Applications that are written as plain manifests.

use super::{Facts, Files};

/// A Deployment, a Service with an Ingress, settings, and a disruption budget.
pub(super) fn write(facts: &Facts, files: &mut Files) {
    let folder = facts.folder();
    files.add(&format!("{folder}/deployment.yaml"), deployment(facts));
    files.add(&format!("{folder}/service.yaml"), service(facts));
    files.add(&format!("{folder}/config.yaml"), config(facts));
    files.add(&format!("{folder}/disruption-budget.yaml"), budget(facts));
}

fn deployment(facts: &Facts) -> String {
    let Facts { application, environment, team, tag, replicas, memory, .. } = facts;
    format!(
        "# {application} in {environment}.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {application}
  labels:
    app.kubernetes.io/name: {application}
    app.kubernetes.io/part-of: harbour
    harbour.example/team: {team}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: {application}
  strategy:
    rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {application}
      annotations:
        prometheus.io/scrape: \"true\"
        prometheus.io/port: \"9090\"
    spec:
      serviceAccountName: {application}
      securityContext:
        runAsNonRoot: true
        seccompProfile: {{type: RuntimeDefault}}
      containers:
        - name: {application}
          image: registry.harbour.example/{application}:{tag}
          args: [\"--listen=:8080\", \"--metrics=:9090\"]
          ports:
            - name: http
              containerPort: 8080
            - name: metrics
              containerPort: 9090
          envFrom:
            - configMapRef:
                name: {application}
          env:
            - name: ENVIRONMENT
              value: {environment}
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
          readinessProbe:
            httpGet: {{path: /ready, port: http}}
            periodSeconds: 5
          livenessProbe:
            httpGet: {{path: /healthz, port: http}}
            initialDelaySeconds: 20
          resources:
            requests: {{cpu: 100m, memory: {memory}Mi}}
            limits: {{memory: {memory}Mi}}
          volumeMounts:
            - name: scratch
              mountPath: /tmp
      volumes:
        - name: scratch
          emptyDir: {{}}
"
    )
}

fn service(facts: &Facts) -> String {
    let Facts { application, .. } = facts;
    let host = facts.host();
    format!(
        "apiVersion: v1
kind: Service
metadata:
  name: {application}
spec:
  selector:
    app.kubernetes.io/name: {application}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {application}
  annotations:
    argocd.argoproj.io/sync-wave: \"1\"
spec:
  ingressClassName: public
  rules:
    - host: {host}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {application}
                port:
                  name: http
"
    )
}

fn config(facts: &Facts) -> String {
    let Facts { application, environment, limit, .. } = facts;
    format!(
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: {application}
data:
  LOG_LEVEL: info
  RATE_LIMIT: \"{limit}\"
  DATABASE_URL: postgres://{application}@postgres.{environment}.svc/{application}
  FEATURES: |
    checkout-v2
    saved-baskets
"
    )
}

fn budget(facts: &Facts) -> String {
    let Facts { application, .. } = facts;
    format!(
        "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {application}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {application}
"
    )
}
