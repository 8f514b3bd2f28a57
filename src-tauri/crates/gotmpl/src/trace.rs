//! Where each piece of the output comes from: which action printed it, and from which value.
//!
//! A [`Tracer`] in [`Options`](crate::Options) is told about every action that prints. A piece has a path where the
//! action prints a value of the data as it is (`{{ .Values.image.tag }}`), or through functions that are marked as
//! [`Transparent`]: `quote`, `default`, `toYaml`, `include` and the like. What is computed has none.
//! Without a tracer nothing of this runs.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use crate::function::{Functions, Transparent};
use crate::go;
use crate::value::{Str, Value};

/// Marks those functions of sprig in a table that a trace looks through: what writes a value in another notation, picks
/// one of several, or gathers them. Go's own are marked from the start.
pub fn mark_sprig(functions: &mut Functions) {
    const NOTATIONS: [&str; 25] = [
        "b64enc",
        "b32enc",
        "deepCopy",
        "float64",
        "indent",
        "int",
        "int64",
        "lower",
        "mustDeepCopy",
        "nindent",
        "nospace",
        "quote",
        "squote",
        "title",
        "toDecimal",
        "toJson",
        "toPrettyJson",
        "toRawJson",
        "toString",
        "trim",
        "trimAll",
        "trimPrefix",
        "trimSuffix",
        "trunc",
        "upper",
    ];
    for name in NOTATIONS {
        functions.mark(name, Transparent::LastArgument);
    }
    functions.mark("default", Transparent::Default);
    functions.mark("coalesce", Transparent::FirstTrue);
    functions.mark("get", Transparent::Index);
    functions.mark("dict", Transparent::Dict);
}

/// Is told where the output comes from.
pub trait Tracer {
    /// An action has printed. Pieces come in the order of the output; a piece inside of an earlier one (an action of an
    /// included template inside the `include`) comes after it and is the more exact.
    fn printed(&self, piece: &Piece<'_>);
}

/// A piece of the output and where it comes from.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// The bytes of the output.
    pub range: Range<usize>,
    /// The text that the action stands in.
    pub file: &'a str,
    /// The template that the action stands in (a `define`'s name).
    pub template: &'a str,
    /// The line of the action, from 1.
    pub line: usize,
    /// Its column in bytes, from 0.
    pub column: usize,
    /// The value it prints, from the data of the execution; `None` where that is computed.
    pub path: Option<&'a ValuePath>,
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A key of a map, or a field.
    Key(Str),
    /// An element of a list.
    Index(usize),
}

impl Step {
    pub(crate) fn key(value: &Value) -> Option<Step> {
        value.as_string().map(|key| Step::Key(key.clone()))
    }
}

/// The way from the data of an execution to a value. Displays as `.Values.hosts[0].name`; a key that is no word is
/// quoted: `.Values.labels["app.kubernetes.io/name"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValuePath(pub Vec<Step>);

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(".");
        }
        for step in &self.0 {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    let word = !key.is_empty()
                        && key.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
                    if word {
                        write!(f, ".{key}")?;
                    } else {
                        write!(f, "[{}]", go::quote(key))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Where a value comes from, as far as it is followed.
#[derive(Clone, Debug, Default)]
pub(crate) enum Origin {
    #[default]
    Computed,
    Path(Rc<ValuePath>),
    /// A map made of values whose origins are known, as `dict` makes it.
    Made(Rc<BTreeMap<Str, Origin>>),
}

impl Origin {
    pub(crate) fn step(&self, step: Step) -> Origin {
        match (self, step) {
            (Origin::Path(path), step) => {
                let mut steps = path.0.clone();
                steps.push(step);
                Origin::Path(Rc::new(ValuePath(steps)))
            }
            (Origin::Made(entries), Step::Key(key)) => entries.get(&key).cloned().unwrap_or_default(),
            _ => Origin::Computed,
        }
    }

    pub(crate) fn fields(&self, names: &[Box<str>]) -> Origin {
        let key = |name: &str| Step::Key(Str::from(name));
        match (self, names.split_first()) {
            (Origin::Path(path), Some(_)) => {
                let steps = path.0.iter().cloned().chain(names.iter().map(|name| key(name)));
                Origin::Path(Rc::new(ValuePath(steps.collect())))
            }
            (Origin::Made(_), Some((first, rest))) => self.step(key(first)).fields(rest),
            (Origin::Computed, Some(_)) => Origin::Computed,
            (_, None) => self.clone(),
        }
    }
}

/// A piece that waits for its place in the output.
#[derive(Clone, Debug)]
pub(crate) struct Printed {
    pub(crate) range: Range<usize>,
    pub(crate) file: std::sync::Arc<str>,
    pub(crate) template: std::sync::Arc<str>,
    pub(crate) place: (usize, usize),
    pub(crate) path: Option<Rc<ValuePath>>,
}

/// The output of an `include` with its pieces, until the action around it prints.
struct Captured {
    text: Vec<u8>,
    pieces: Vec<Printed>,
}

/// A range that is running.
struct Loop {
    origin: Origin,
    declarations: usize,
    assign: bool,
}

/// What is kept beside an execution that is traced.
pub(crate) struct Tracing<'a> {
    tracer: &'a dyn Tracer,
    /// The origin of dot.
    pub(crate) dot: Origin,
    /// The origins of the variables, at the same positions as these.
    variables: Vec<Origin>,
    loops: Vec<Loop>,
    /// The origin of the data that the next execution by a function gets.
    pub(crate) next: Option<Origin>,
    /// The data of the outermost execution, for looking whether a value is empty.
    pub(crate) root: Value,
    captures: Vec<Vec<Printed>>,
    captured: Vec<Captured>,
}

impl<'a> Tracing<'a> {
    pub(crate) fn new(tracer: &'a dyn Tracer) -> Tracing<'a> {
        Tracing {
            tracer,
            dot: Origin::Computed,
            variables: Vec::new(),
            loops: Vec::new(),
            next: Some(Origin::Path(Rc::default())),
            root: Value::Nil,
            captures: Vec::new(),
            captured: Vec::new(),
        }
    }

    pub(crate) fn variable(&self, at: usize) -> Origin {
        self.variables.get(at).cloned().unwrap_or_default()
    }

    pub(crate) fn set_variable(&mut self, at: usize, origin: Origin) {
        if self.variables.len() <= at {
            self.variables.resize_with(at + 1, Origin::default);
        }
        self.variables[at] = origin;
    }

    pub(crate) fn begin_loop(&mut self, origin: Origin, declarations: usize, assign: bool) {
        self.loops.push(Loop { origin, declarations, assign });
    }

    pub(crate) fn end_loop(&mut self) {
        self.loops.pop();
    }

    /// A round of the innermost range begins; its variables end at `mark`.
    pub(crate) fn iterate(&mut self, mark: usize, step: Option<Step>) {
        let Some(round) = self.loops.last() else { return };
        let origin = step.map_or(Origin::Computed, |step| round.origin.step(step));
        let (declarations, assign) = (round.declarations, round.assign);
        self.dot = origin.clone();
        if declarations > 0 && !assign {
            self.set_variable(mark.saturating_sub(1), origin);
        }
        if declarations > 1 && !assign {
            self.set_variable(mark.saturating_sub(2), Origin::Computed);
        }
    }

    pub(crate) fn begin_action(&mut self) {
        self.captured.clear();
    }

    pub(crate) fn begin_capture(&mut self) {
        self.captures.push(Vec::new());
    }

    /// Ends what [`Tracing::begin_capture`] began: `text` was printed from `start` on.
    pub(crate) fn end_capture(&mut self, start: usize, text: Option<&[u8]>) {
        let mut pieces = self.captures.pop().unwrap_or_default();
        let Some(text) = text else { return };
        for piece in &mut pieces {
            piece.range = piece.range.start.saturating_sub(start)..piece.range.end.saturating_sub(start);
        }
        self.captured.push(Captured { text: text.to_vec(), pieces });
    }

    /// An action has printed `output`: reports it, and then what it captured, where that can be found in it.
    pub(crate) fn print(&mut self, piece: Printed, output: &[u8]) {
        let start = piece.range.start;
        self.report(piece);
        for captured in std::mem::take(&mut self.captured) {
            let Some(places) = align(&captured.text, output) else { continue };
            for inner in captured.pieces {
                let range = start + places.at(inner.range.start)..start + places.end(inner.range.end);
                if range.start <= range.end {
                    self.report(Printed { range, ..inner });
                }
            }
        }
    }

    fn report(&mut self, piece: Printed) {
        if let Some(capture) = self.captures.last_mut() {
            capture.push(piece);
            return;
        }
        self.tracer.printed(&Piece {
            range: piece.range,
            file: &piece.file,
            template: &piece.template,
            line: piece.place.0,
            column: piece.place.1,
            path: piece.path.as_deref(),
        });
    }
}

/// Where the bytes of a text went in an output.
enum Places {
    /// All moved by the same distance; negative where the text lost its beginning.
    Moved { by: isize, length: usize },
    /// One by one.
    Each(Vec<usize>),
}

impl Places {
    fn at(&self, offset: usize) -> usize {
        match self {
            Places::Moved { by, length } => offset.saturating_add_signed(*by).min(*length),
            Places::Each(places) => places.get(offset).or(places.last()).copied().unwrap_or(0),
        }
    }

    fn end(&self, offset: usize) -> usize {
        match (self, offset.checked_sub(1)) {
            (Places::Each(places), Some(last)) => places.get(last).map_or(0, |place| place + 1),
            _ => self.at(offset),
        }
    }
}

/// Finds a text in an output that may be indented, trimmed or surrounded otherwise.
fn align(text: &[u8], output: &[u8]) -> Option<Places> {
    let trimmed = go::trim_space(text);
    if trimmed.is_empty() {
        return None;
    }
    if let Some(found) = memchr::memmem::find(output, trimmed) {
        let lead = memchr::memmem::find(text, trimmed).unwrap_or(0);
        return Some(Places::Moved { by: found as isize - lead as isize, length: output.len() });
    }
    let mut places = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    for &byte in text {
        if byte.is_ascii_whitespace() {
            places.push(at);
            at += usize::from(output.get(at) == Some(&byte));
            continue;
        }
        while output.get(at).is_some_and(|other| *other != byte && other.is_ascii_whitespace()) {
            at += 1;
        }
        if output.get(at) != Some(&byte) {
            return None;
        }
        places.push(at);
        at += 1;
    }
    places.push(at);
    Some(Places::Each(places))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;

    use super::*;
    use crate::{
        Functions, Map, Numbers, Options, Signature, TemplateSet, Transparent, execute, from_json, types,
    };

    #[derive(Default)]
    struct Log(RefCell<Vec<Entry>>);

    /// Range, template and path of a piece.
    type Entry = (Range<usize>, String, Option<String>);

    impl Tracer for Log {
        fn printed(&self, piece: &Piece<'_>) {
            let path = piece.path.map(ValuePath::to_string);
            self.0.borrow_mut().push((piece.range.clone(), piece.template.to_owned(), path));
        }
    }

    fn functions() -> Functions {
        let mut functions = Functions::builtin();
        let text = Signature::fixed(&[types::STRING, types::INTERFACE]);
        functions.add("include", text, |call, arguments| {
            call.execute_template(arguments.string(0), arguments.any(1)).map(Value::String)
        });
        functions.add("indent", Signature::fixed(&[types::INT, types::STRING]), |_, arguments| {
            let blanks = " ".repeat(usize::try_from(arguments.int(0)).unwrap_or(0));
            Ok(format!("{blanks}{}", arguments.string(1).to_lossy().replace('\n', &format!("\n{blanks}")))
                .into())
        });
        functions.add("quote", Signature::fixed(&[types::INTERFACE]), |_, arguments| {
            Ok(format!("\"{}\"", arguments.any(0).to_text()).into())
        });
        functions.add("default", Signature::fixed(&[types::INTERFACE, types::INTERFACE]), |_, arguments| {
            Ok(arguments.any(usize::from(arguments.any(1).is_true())).clone())
        });
        functions.add("dict", Signature::variadic(&[types::INTERFACE]), |_, arguments| {
            let pairs = arguments.all().chunks(2).map(|pair| (pair[0].to_text(), pair[1].clone()));
            Ok(pairs.collect::<Map>().into())
        });
        mark_sprig(&mut functions);
        functions.mark("include", Transparent::Template);
        functions
    }

    /// Each printed piece as its text, its template and its path.
    fn trace(text: &str) -> Vec<(String, String, Option<String>)> {
        let mut set = TemplateSet::new("set", Arc::new(functions()));
        set.parse("main", text.as_bytes()).unwrap();
        let data = serde_json::json!({
            "Values": {
                "image": { "tag": "1.2", "name": "web" },
                "empty": "",
                "hosts": [{ "name": "a" }, { "name": "b" }],
                "labels": { "app.kubernetes.io/name": "web", "tier": "front" }
            },
            "Release": { "Name": "rel" }
        });
        let log = Log::default();
        let options = Options { tracer: Some(&log), ..Options::default() };
        let output = execute(&set, "main", &from_json(&data, Numbers::Float), &options).unwrap();
        let pieces = log.0.into_inner().into_iter();
        pieces
            .map(|(range, template, path)| {
                (String::from_utf8(output[range].to_vec()).unwrap(), template, path)
            })
            .collect()
    }

    fn check(text: &str, expected: &[(&str, &str, Option<&str>)]) {
        let found = trace(text);
        let found: Vec<_> =
            found.iter().map(|(text, template, path)| (&**text, &**template, path.as_deref())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn direct_values_have_their_path_and_computed_ones_have_none() {
        check(
            "image: {{ .Values.image.name }}:{{ .Values.image.tag | quote }} {{ print .Values.image.tag }}",
            &[
                ("web", "main", Some(".Values.image.name")),
                ("\"1.2\"", "main", Some(".Values.image.tag")),
                ("1.2", "main", None),
            ],
        );
    }

    #[test]
    fn with_range_and_variables_carry_the_path() {
        check(
            "{{ $v := .Values }}{{ with $v.image }}{{ .tag }}{{ end }}{{ range $i, $h := .Values.hosts }}{{ $h.name }}{{ .name }}{{ end }}\
             {{ range $k, $l := .Values.labels }}{{ $l }}{{ end }}{{ (index .Values.hosts 1).name }}{{ $.Release.Name }}",
            &[
                ("1.2", "main", Some(".Values.image.tag")),
                ("a", "main", Some(".Values.hosts[0].name")),
                ("a", "main", Some(".Values.hosts[0].name")),
                ("b", "main", Some(".Values.hosts[1].name")),
                ("b", "main", Some(".Values.hosts[1].name")),
                ("web", "main", Some(".Values.labels[\"app.kubernetes.io/name\"]")),
                ("front", "main", Some(".Values.labels.tier")),
                ("b", "main", Some(".Values.hosts[1].name")),
                ("rel", "main", Some(".Release.Name")),
            ],
        );
    }

    #[test]
    fn default_counts_as_the_value_that_it_gives() {
        check(
            "{{ default \"x\" .Values.empty }}{{ .Values.image.tag | default \"y\" }}{{ or .Values.empty .Values.image.name }}",
            &[
                ("x", "main", None),
                ("1.2", "main", Some(".Values.image.tag")),
                ("web", "main", Some(".Values.image.name")),
            ],
        );
    }

    #[test]
    fn included_templates_report_their_own_actions_at_their_place_in_the_output() {
        check(
            "{{ define \"t\" }}name: {{ .Release.Name }}\ntag: {{ .Values.image.tag }}{{ end }}labels:\n{{ include \"t\" . | indent 2 }}\n\
             {{ define \"u\" }}<{{ .v.image.tag }}>{{ end }}{{ include \"u\" (dict \"v\" .Values) }}{{ template \"u\" (dict \"v\" $.Values) }}",
            &[
                ("  name: rel\n  tag: 1.2", "main", None),
                ("rel", "t", Some(".Release.Name")),
                ("1.2", "t", Some(".Values.image.tag")),
                ("<1.2>", "main", None),
                ("1.2", "u", Some(".Values.image.tag")),
                ("1.2", "u", Some(".Values.image.tag")),
            ],
        );
    }
}
