//! The files of a generated chart.

use super::super::Files;
use super::Kind;

/// Writes a chart.
pub(super) fn chart(files: &mut Files, name: &str, kind: Kind, position: usize) {
    let folder = format!("charts/{name}");
    let has_cache = position.is_multiple_of(4);
    let dependencies = if has_cache {
        "dependencies:\n- name: cache\n  version: 1.0.0\n  condition: cache.enabled\n"
    } else {
        ""
    };
    files.add(
        &format!("{folder}/Chart.yaml"),
        format!("apiVersion: v2\nname: {name}\nversion: 1.{position}.0\nappVersion: \"2.{position}\"\n{dependencies}"),
    );
    files.add(
        &format!("{folder}/values.yaml"),
        VALUES.replace("CACHE", if has_cache { "true" } else { "false" }),
    );
    if position.is_multiple_of(2) {
        files.add(&format!("{folder}/values.schema.json"), SCHEMA.to_owned());
    }
    let mut template = |file: &str, text: &str| {
        files.add(&format!("{folder}/templates/{file}"), text.replace("CHART", name));
    };
    template("_helpers.tpl", HELPERS);
    template("configmap.yaml", CONFIG_MAP);
    template("serviceaccount.yaml", SERVICE_ACCOUNT);
    match kind {
        Kind::Web => {
            template("deployment.yaml", DEPLOYMENT);
            template("service.yaml", SERVICE);
            template("ingress.yaml", INGRESS);
            template("autoscaler.yaml", AUTOSCALER);
            template("disruption.yaml", DISRUPTION);
            template("network.yaml", NETWORK_POLICY);
        }
        Kind::Worker => {
            template("deployment.yaml", DEPLOYMENT);
            template("autoscaler.yaml", AUTOSCALER);
            template("disruption.yaml", DISRUPTION);
            template("network.yaml", NETWORK_POLICY);
        }
        Kind::Store => {
            let stateful = DEPLOYMENT.replace("kind: Deployment", "kind: StatefulSet");
            template("statefulset.yaml", &stateful.replace(DEPLOYMENT_ONLY, STATEFUL_SET_ONLY));
            template("service.yaml", SERVICE);
            template("network.yaml", NETWORK_POLICY);
            template("cronjob.yaml", CRON_JOB);
        }
        Kind::Job => {
            template("cronjob.yaml", CRON_JOB);
            template("rbac.yaml", ROLE);
        }
    }
    if has_cache {
        files.add(
            &format!("{folder}/charts/cache/Chart.yaml"),
            "apiVersion: v2\nname: cache\nversion: 1.0.0\nappVersion: \"7.4\"\n".to_owned(),
        );
        files.add(
            &format!("{folder}/charts/cache/values.yaml"),
            "enabled: true\nreplicas: 1\nimage: {repository: registry.harbour.example/cache, tag: \"7.4\"}\nmaxMemory: 64mb\n"
                .to_owned(),
        );
        files.add(&format!("{folder}/charts/cache/templates/cache.yaml"), CACHE.to_owned());
    }
}

const VALUES: &str = "\
environment: none
team: none
image:
  repository: registry.harbour.example/unnamed
  tag: \"\"
  pullPolicy: IfNotPresent
replicas: 1
logLevel: info
domain: harbour.example
commonLabels: {}
podAnnotations: {}
podSecurityContext: {}
securityContext: {}
settings:
  FEATURES: \"\"
extraEnvironment: []
resources:
  requests: {cpu: 10m}
tolerations: []
nodeSelector: {}
affinity: {}
service:
  port: 80
  targetPort: 8080
ingress:
  enabled: true
  className: public
  paths:
  - {path: /, type: Prefix}
  - {path: /api, type: Prefix}
autoscaling:
  enabled: true
  maximum: 8
  cpu: 75
schedule: \"17 3 * * *\"
probes:
  liveness: {httpGet: {path: /alive, port: http}, periodSeconds: 20}
  readiness: {httpGet: {path: /ready, port: http}, periodSeconds: 5}
cache:
  enabled: CACHE
";

const SCHEMA: &str = r#"{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["image", "replicas"],
  "properties": {
    "replicas": {"type": "integer", "minimum": 0, "maximum": 100},
    "logLevel": {"enum": ["debug", "info", "warning", "error"]},
    "image": {
      "type": "object",
      "required": ["repository"],
      "properties": {
        "repository": {"type": "string", "pattern": "^[a-z0-9./-]+$"},
        "tag": {"type": "string"},
        "pullPolicy": {"enum": ["Always", "IfNotPresent", "Never"]}
      }
    },
    "settings": {"type": "object", "additionalProperties": {"type": "string"}},
    "service": {"type": "object", "properties": {"port": {"type": "integer"}, "targetPort": {"type": "integer"}}}
  }
}
"#;

const HELPERS: &str = r#"{{- define "CHART.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "CHART.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "CHART.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "CHART.selector" -}}
app.kubernetes.io/name: {{ include "CHART.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "CHART.labels" -}}
helm.sh/chart: {{ include "CHART.chart" . }}
{{ include "CHART.selector" . }}
{{- if .Chart.AppVersion }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: {{ .Values.partOf | default "harbour" }}
harbour.example/team: {{ .Values.team }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "CHART.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "CHART.pod" -}}
metadata:
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
  annotations:
    checksum/config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
    {{- range $key, $value := .Values.podAnnotations }}
    {{ $key }}: {{ tpl $value $ | quote }}
    {{- end }}
spec:
  serviceAccountName: {{ include "CHART.fullname" . }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  containers:
  - name: {{ include "CHART.name" . }}
    image: {{ include "CHART.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    securityContext:
      {{- toYaml .Values.securityContext | nindent 6 }}
    ports:
    - name: http
      containerPort: {{ .Values.service.targetPort }}
      protocol: TCP
    envFrom:
    - configMapRef:
        name: {{ include "CHART.fullname" . }}
    env:
    - name: ENVIRONMENT
      value: {{ .Values.environment | quote }}
    {{- with .Values.extraEnvironment }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- if ne (.restartPolicy | default "Always") "OnFailure" }}
    livenessProbe:
      {{- toYaml .Values.probes.liveness | nindent 6 }}
    readinessProbe:
      {{- toYaml .Values.probes.readiness | nindent 6 }}
    {{- end }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    volumeMounts:
    - {name: temporary, mountPath: /tmp}
  volumes:
  - name: temporary
    emptyDir: {}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
"#;

const CONFIG_MAP: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "CHART.fullname" . }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
data:
  LOG_LEVEL: {{ .Values.logLevel | quote }}
  {{- range $name, $value := .Values.settings }}
  {{ $name | upper }}: {{ $value | quote }}
  {{- end }}
  application.yaml: |
    {{- $settings := dict "environment" .Values.environment "replicas" .Values.replicas "service" .Values.service }}
    {{- toYaml (merge $settings (dict "team" .Values.team)) | nindent 4 }}
"#;

const SERVICE_ACCOUNT: &str = r#"apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "CHART.fullname" . }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
automountServiceAccountToken: false
"#;

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "CHART.fullname" . }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "CHART.selector" . | nindent 6 }}
  template:
    {{- include "CHART.pod" . | nindent 4 }}
"#;

const DEPLOYMENT_ONLY: &str = "spec:\n  {{- if not";
const STATEFUL_SET_ONLY: &str = "spec:\n  serviceName: {{ include \"CHART.fullname\" . }}\n  {{- if not";

const SERVICE: &str = r#"apiVersion: v1
kind: Service
metadata:
  name: {{ include "CHART.fullname" . }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
spec:
  ports:
  - name: http
    port: {{ .Values.service.port }}
    targetPort: http
  selector:
    {{- include "CHART.selector" . | nindent 4 }}
"#;

const INGRESS: &str = r#"{{- if .Values.ingress.enabled }}
{{- $name := include "CHART.fullname" . }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $name }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
spec:
  ingressClassName: {{ .Values.ingress.className }}
  tls:
  - hosts: [{{ printf "%s.%s" .Release.Name .Values.domain | quote }}]
    secretName: {{ $name }}-tls
  rules:
  - host: {{ printf "%s.%s" .Release.Name .Values.domain | quote }}
    http:
      paths:
      {{- range .Values.ingress.paths }}
      - path: {{ .path }}
        pathType: {{ .type }}
        backend:
          service:
            name: {{ $name }}
            port: {number: {{ $.Values.service.port }}}
      {{- end }}
{{- end }}
"#;

const AUTOSCALER: &str = r#"{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "CHART.fullname" . }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "CHART.fullname" . }}
  minReplicas: {{ .Values.replicas }}
  maxReplicas: {{ max .Values.autoscaling.maximum .Values.replicas }}
  metrics:
  - type: Resource
    resource:
      name: cpu
      target: {type: Utilization, averageUtilization: {{ .Values.autoscaling.cpu }}}
{{- end }}
"#;

const DISRUPTION: &str = r#"{{- if gt (int .Values.replicas) 1 }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "CHART.fullname" . }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "CHART.selector" . | nindent 6 }}
{{- end }}
"#;

const NETWORK_POLICY: &str = r#"apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "CHART.fullname" . }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "CHART.selector" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
  - from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: ingress
    ports:
    - {port: http, protocol: TCP}
"#;

const CRON_JOB: &str = r#"apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "CHART.fullname" . }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
spec:
  schedule: {{ .Values.schedule | quote }}
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        {{- include "CHART.pod" (merge (dict "restartPolicy" "OnFailure") .) | nindent 8 }}
          restartPolicy: OnFailure
"#;

const ROLE: &str = r#"{{- $name := include "CHART.fullname" . }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ $name }}}
subjects:
- {kind: ServiceAccount, name: {{ $name }}, namespace: {{ .Release.Namespace }}}
"#;

const CACHE: &str = r#"{{- $name := printf "%s-cache" .Release.Name }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app.kubernetes.io/name: {{ $name }}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: {{ $name }}}
    spec:
      containers:
      - name: cache
        image: {{ printf "%s:%s" .Values.image.repository .Values.image.tag | quote }}
        args: ["--maxmemory", {{ .Values.maxMemory | quote }}]
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
spec:
  ports: [{port: 6379}]
  selector: {app.kubernetes.io/name: {{ $name }}}
"#;
