use super::*;

const EVERYTHING: &str = r#"
version: 1
environments:             # promotion order
- {name: production/eu, aliases: [prod-eu], protected: true, namespace: payments}
applications:
- name: payments-api
  environments: [{name: staging, path: apps/payments/staging, engine: helm, values: [values-staging.yaml], release: payments, namespace: payments}]
ignore: [docs/**]
pins:   [{application: "*", environment: production, kind: Deployment, path: /spec/replicas, class: B, reason: sized per site}]
drift:  [{application: search, environment: production, path: /spec/replicas, reason: sale, expires: 2027-01-31}]
versionGroups: [[release, monitoring-grafana]]
freeze: [{environment: production, from: 2026-12-20T00:00:00Z, to: 2027-01-02T00:00:00Z, reason: holidays}]
lessons: {missing-resource-limits: {severity: warning, reason: "known"}}
"#;

#[test]
fn every_key_is_read() {
    let (settings, problems) = parse(EVERYTHING);
    assert_eq!(problems, []);
    let settings = settings.unwrap();
    assert_eq!(settings.environments[0].protected, Some(true));
    assert_eq!(settings.applications[0].environments[0].engine, Some(EngineKind::Helm));
    assert_eq!(settings.pins[0].class, Class::B);
    assert_eq!(settings.drift[0].kind, "*");
    assert_eq!(settings.version_groups, [["release", "monitoring-grafana"]]);
    assert_eq!(settings.lessons["missing-resource-limits"].severity, Some(slipway_model::Severity::Warning));
}

/// The first problem as `line:column code message`, and whether the file is used.
fn first(text: &str) -> (String, bool) {
    let (settings, problems) = parse(text);
    let problem = &problems[0];
    let place = problem.location.clone().unwrap();
    let place = format!("{}:{}", place.line.unwrap(), place.column.unwrap());
    (format!("{place} {} {}", problem.code, problem.message), settings.is_some())
}

#[test]
fn mistakes_are_told_with_their_place() {
    let cases = [
        ("version: 1\ncolour: red\n", "2:1 unknown-setting `colour` is no key of the settings", true),
        (
            "version: 2\n",
            "1:10 invalid-settings `version` must be 1: this program reads no later settings",
            false,
        ),
        ("ignore: []\n", "1:1 invalid-settings `version: 1` is missing", false),
        (
            "version: 1\nignore: docs\n",
            "2:9 invalid-settings expected a list for `ignore`, found a single value",
            false,
        ),
        (
            "version: 1\nenvironments:\n- {nam: x}\n",
            "3:4 unknown-setting `nam` is no key of an environment",
            false,
        ),
        (
            "version: 1\napplications: [{name: a, environments: [{name: e, path: ../x}]}]\n",
            "2:57 invalid-settings `path`: `../x` leads out of the repository",
            false,
        ),
        (
            "version: 1\npins: [{path: /a, class: E}]\n",
            "2:26 invalid-settings `E` is no class: expected A, B, C or D",
            false,
        ),
        ("version: 1\nversion: 1\n", "2:1 invalid-settings `version` is there twice", false),
        (
            "version: 1\ndrift: [{path: /a, expires: soon}]\n",
            "2:29 invalid-settings `soon` is no date: expected YYYY-MM-DD",
            false,
        ),
        ("- 1\n", "1:1 invalid-settings expected a map for the settings, found a list", false),
    ];
    for (text, expected, used) in cases {
        assert_eq!(first(text), (expected.to_owned(), used), "{text}");
    }
}

#[test]
fn broken_yaml_is_told_with_its_place() {
    let (settings, problems) = parse("version: [1\n");
    assert!(settings.is_none());
    assert_eq!(problems[0].code, "yaml-syntax");
    assert!(problems[0].location.as_ref().unwrap().line.is_some());
}

#[test]
fn an_empty_file_says_nothing() {
    assert_eq!(parse("# later\n"), (Some(Settings::default()), Vec::new()));
}

#[test]
fn the_schema_knows_the_same_keys() {
    let schema: serde_json::Value = serde_json::from_str(schema_json()).unwrap();
    let known: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    for line in EVERYTHING.lines() {
        if let Some((key, _)) = line.split_once(':').filter(|(key, _)| !key.starts_with([' ', '-'])) {
            assert!(known.iter().any(|each| *each == key), "{key}");
        }
    }
}
