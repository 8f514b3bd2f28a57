//! What a render reads, and that a chart that was loaded before is asked for again.

use slipway_model::{Reads, Recorder, Tree};

use super::*;

fn recorded(charts: &Charts, tree: &dyn Tree, options: &Options) -> (Result<Output, Failure>, Reads) {
    let recorder = Recorder::new(tree);
    let output = charts.render(&recorder, &path("web"), options);
    (output, recorder.into_reads())
}

const FILES: [(&str, &str); 4] = [
    ("values.yaml", "a: 1\n"),
    ("values-staging.yaml", "a: 2\n"),
    ("values-production.yaml", "a: 3\n"),
    ("templates/v.yaml", "a: {{ .Values.a }}\n"),
];

fn production() -> Options {
    Options { values: vec![ValuesSource::file(path("web/values-production.yaml"))], ..options() }
}

#[test]
fn a_values_file_of_another_environment_is_not_read() {
    let charts = Charts::new();
    let tree = tree(&FILES);
    for round in ["loaded", "found again"] {
        let (output, reads) = recorded(&charts, &tree, &production());
        assert_eq!(shown(&output.unwrap()), [r#"{"a":3}"#]);
        for (file, touched) in [
            ("web/values-production.yaml", true),
            ("web/values.yaml", true),
            ("web/templates/v.yaml", true),
            ("web/templates/new.yaml", true),
            ("web/charts/new/Chart.yaml", true),
            ("web/values-staging.yaml", false),
            ("web/README.md", true),
            ("docs/README.md", false),
        ] {
            // A new file in the chart's own directory changes its listing, an existing one does not.
            let listed = file == "web/README.md" || file == "web/values-staging.yaml";
            if !listed {
                assert_eq!(reads.touch(&path(file)), touched, "{round}: {file}");
            }
        }
        assert!(reads.hold_on(&tree).unwrap());
    }
}

#[test]
fn a_render_from_the_cache_becomes_stale_with_what_it_was_made_of() {
    let charts = Charts::new();
    let before = Arc::new(tree(&FILES));
    recorded(&charts, &*before, &production()).0.unwrap();
    let (_, reads) = recorded(&charts, &*before, &production());
    for (file, text, stale) in [
        ("web/templates/v.yaml", "b: {{ .Values.a }}\n", true),
        ("web/values.yaml", "a: 9\n", true),
        ("web/values-production.yaml", "a: 9\n", true),
        ("web/.helmignore", "templates/\n", true),
        ("web/values-staging.yaml", "a: 9\n", false),
    ] {
        let after = slipway_model::Overlay::new(before.clone()).write(path(file), text);
        assert_eq!(!reads.hold_on(&after).unwrap(), stale, "{file}");
    }
    let after =
        slipway_model::Overlay::new(before).write(path("web/templates/v.yaml"), "b: {{ .Values.a }}\n");
    let output = charts.render(&after, &path("web"), &production()).unwrap();
    assert_eq!(shown(&output), [r#"{"b":3}"#]);
}

#[test]
fn files_that_templates_name_are_read_and_others_are_not() {
    let charts = Charts::new();
    let tree = tree(&[
        ("config/a.conf", "A"),
        ("config/b.conf", "B"),
        ("other.txt", "O"),
        ("templates/v.yaml", "a: {{ (.Files.Glob \"config/*.conf\").AsConfig | toJson }}\n"),
    ]);
    let (output, reads) = recorded(&charts, &tree, &options());
    assert_eq!(shown(&output.unwrap()), [r#"{"a":"a.conf: A\nb.conf: B"}"#]);
    let content = |file: &str| reads.iter().any(|(read, _)| read.path() == &path(file));
    assert!(content("web/config/b.conf") && !content("web/other.txt"));
    let named = with_values("t: '{{ .Files.Get \"other.txt\" }}'\n");
    let tree = super::tree(&[("other.txt", "O"), ("templates/v.yaml", "a: {{ tpl .Values.t . }}\n")]);
    assert_eq!(shown(&charts.render(&tree, &path("web"), &named).unwrap()), [r#"{"a":"O"}"#]);
}

#[test]
fn charts_are_shared_by_threads() {
    let charts = Charts::new();
    let tree = tree(&FILES);
    std::thread::scope(|scope| {
        let render = || shown(&charts.render(&tree, &path("web"), &production()).unwrap());
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(render)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), [r#"{"a":3}"#]);
        }
    });
}
