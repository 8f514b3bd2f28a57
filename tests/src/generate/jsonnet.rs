//! Applications that are written in Jsonnet.

use super::{Facts, Files};

/// The library that all of them import.
pub(super) fn common(files: &mut Files) {
    files.add("lib/scheduled.libsonnet", LIBRARY.to_owned());
}

/// A program, its settings, a dashboard and a text.
pub(super) fn write(facts: &Facts, files: &mut Files) {
    let Facts { application, environment, team, tag, memory, limit, .. } = facts;
    let folder = facts.folder();
    files.add(
        &format!("{folder}/main.jsonnet"),
        format!(
            "local scheduled = import '../../../lib/scheduled.libsonnet';
local settings = import 'settings.libsonnet';

scheduled.job('{application}', settings)
+ scheduled.dashboard('{application}', import 'dashboard.json')
+ scheduled.notes('{application}', importstr 'notes.txt')
"
        ),
    );
    files.add(
        &format!("{folder}/settings.libsonnet"),
        format!(
            "{{
  environment: '{environment}',
  team: '{team}',
  image: 'registry.harbour.example/{application}:{tag}',
  schedule: '*/{} * * * *',
  memory: '{memory}Mi',
  data: {{
    RATE_LIMIT: '{limit}',
    SOURCE_URL: 'https://{}',
  }},
}}
",
            if *environment == "production" { 15 } else { 30 },
            facts.host()
        ),
    );
    files.add(
        &format!("{folder}/dashboard.json"),
        format!(
            "{{\n  \"title\": \"{application}\",\n  \"panels\": [\n    {{\"title\": \"Runs\", \"metric\": \"runs_total\"}},\n    \
             {{\"title\": \"Failures\", \"metric\": \"failures_total\"}},\n    \
             {{\"title\": \"Duration\", \"metric\": \"duration_seconds\"}}\n  ]\n}}\n"
        ),
    );
    files.add(
        &format!("{folder}/notes.txt"),
        format!("{application} runs on a schedule.\nAsk the team {team} before it is stopped.\n"),
    );
}

const LIBRARY: &str = "\
// A program that runs on a schedule, with its settings.
local labels(name, team) = {
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': 'harbour',
  'harbour.example/team': team,
};

local map(name, data) = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: name },
  data: data,
};

{
  job(name, settings):: [
    map(name, { [key]: settings.data[key] for key in std.objectFields(settings.data) }),
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: name, labels: labels(name, settings.team) },
      spec: {
        schedule: settings.schedule,
        concurrencyPolicy: 'Forbid',
        jobTemplate: {
          spec: {
            backoffLimit: 2,
            template: {
              metadata: { labels: labels(name, settings.team) },
              spec: {
                restartPolicy: 'OnFailure',
                containers: [{
                  name: name,
                  image: settings.image,
                  env: [{ name: 'ENVIRONMENT', value: settings.environment }],
                  envFrom: [{ configMapRef: { name: name } }],
                  resources: { limits: { memory: settings.memory } },
                }],
              },
            },
          },
        },
      },
    },
  ],

  dashboard(name, content):: [
    map(name + '-dashboard', { 'dashboard.json': std.manifestJsonEx(content, '  ') }),
  ],

  notes(name, text):: [
    map(name + '-notes', { 'notes.txt': text }),
  ],
}
";
