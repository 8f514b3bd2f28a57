//! Measures rendering of a template of realistic size: `cargo run --release --example benchmark -p slipway-gotmpl`.
//!
//! Prints nanoseconds per render and per parse. With `--print` it writes what the comparison with Go needs: the
//! template, the data as JSON and the output.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::sync::Arc;
use std::time::Instant;

use slipway_gotmpl::{Functions, Numbers, Options, TemplateSet, Value, execute, from_json};

const HELPERS: &str = r#"{{- define "name" -}}{{ .Values.nameOverride | or .Chart.Name }}{{- end -}}
{{- define "labels" -}}
app.kubernetes.io/name: {{ template "name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ printf "%q" .Chart.AppVersion }}
{{- end -}}"#;

const MAIN: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ template "name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- template "labels" . }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  template:
    metadata:
      annotations:
        {{- range $key, $value := .Values.podAnnotations }}
        {{ $key }}: {{ printf "%q" $value }}
        {{- end }}
    spec:
      containers:
        {{- range $index, $container := .Values.containers }}
        - name: {{ $container.name }}
          image: "{{ $container.image.repository }}:{{ or $container.image.tag $.Chart.AppVersion }}"
          {{- with $container.ports }}
          ports:
            {{- range . }}
            - containerPort: {{ .port }}
              name: {{ .name | printf "%s-%d" "p" | len }}
              protocol: {{ if eq .protocol "UDP" }}UDP{{ else }}TCP{{ end }}
            {{- end }}
          {{- end }}
          env:
            {{- range $name, $value := $container.env }}
            {{- if and $value (ne $name "SKIP") }}
            - name: {{ $name }}
              value: {{ printf "%q" $value }}
            {{- end }}
            {{- end }}
          {{- if and $container.resources $container.resources.limits }}
          resources:
            limits:
              cpu: {{ $container.resources.limits.cpu }}
              memory: {{ $container.resources.limits.memory }}
          {{- end }}
        {{- end }}
"#;

fn data() -> serde_json::Value {
    let container = |index: usize| {
        let env: serde_json::Map<_, _> =
            (0..12).map(|n| (format!("VARIABLE_{n}"), format!("value {n} of {index}").into())).collect();
        serde_json::json!({
            "name": format!("container-{index}"),
            "image": { "repository": "registry.example.com/team/service", "tag": "1.2.3" },
            "ports": [
                { "port": 8080, "name": "http", "protocol": "TCP" },
                { "port": 9090, "name": "metrics", "protocol": "TCP" },
                { "port": 53, "name": "dns", "protocol": "UDP" }
            ],
            "env": env,
            "resources": { "limits": { "cpu": "500m", "memory": "256Mi" } }
        })
    };
    serde_json::json!({
        "Release": { "Name": "rel", "Namespace": "shop" },
        "Chart": { "Name": "service", "AppVersion": "4.5.6" },
        "Values": {
            "nameOverride": "",
            "replicaCount": 3,
            "autoscaling": { "enabled": false },
            "podAnnotations": { "checksum/config": "abc", "prometheus.io/scrape": "true" },
            "containers": (0..4).map(container).collect::<Vec<_>>()
        }
    })
}

fn parse() -> TemplateSet {
    let mut set = TemplateSet::new("benchmark", Arc::new(Functions::builtin()));
    for (name, text) in [("helpers", HELPERS), ("main", MAIN)] {
        set.parse(name, text.as_bytes()).expect("the template is well formed");
    }
    set
}

/// The least nanoseconds that a run took, over batches short enough to pass between two turns of other programs.
fn measure(mut run: impl FnMut()) -> u128 {
    const RUNS: u128 = 8;
    let start = Instant::now();
    let mut best = u128::MAX;
    while start.elapsed().as_millis() < 2_000 {
        let batch = Instant::now();
        for _ in 0..RUNS {
            run();
        }
        best = best.min(batch.elapsed().as_nanos() / RUNS);
    }
    best
}

fn main() {
    let set = parse();
    let json = data();
    let value: Value = from_json(&json, Numbers::Float);
    let options = Options::default();
    let output = execute(&set, "main", &value, &options).expect("the data fits the template");
    if std::env::args().any(|argument| argument == "--print") {
        let output = String::from_utf8_lossy(&output);
        println!(
            "{}",
            serde_json::json!({ "helpers": HELPERS, "main": MAIN, "data": json, "output": output })
        );
        return;
    }
    println!("output: {} bytes", output.len());
    println!("render: {} ns", measure(|| drop(execute(&set, "main", &value, &options))));
    println!("parse:  {} ns", measure(|| drop(parse())));
    println!("data:   {} ns", measure(|| drop(from_json(&json, Numbers::Float))));
}
