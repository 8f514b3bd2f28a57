{{- /* Labels that select the pods, and those that only describe them. */ -}}
{{- define "model-service.selector" -}}
app.kubernetes.io/name: {{ .Values.name }}
{{- end }}

{{- define "model-service.labels" -}}
{{ include "model-service.selector" . }}
app.kubernetes.io/part-of: tidewater
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
