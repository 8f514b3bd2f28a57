//! Where a field of a rendered manifest comes from: which action of which template printed it, and from which value of
//! which file.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map as JsonMap, Value as Json};
use slipway_gotmpl::trace::{Piece, Step, Tracer, ValuePath};
use slipway_model::{FieldPath, Location, RepoPath, Segment, Tree};
use slipway_yaml::Parsed;

use crate::charts::Charts;
use crate::engine;
use crate::failure::{Failure, code};
use crate::node::Node;
use crate::options::{Options, ValuesSource};
use crate::set::{self, Null, ValueSyntax};

/// Where a field comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOrigin {
    /// The action that prints it; for what is written in the template, the line where that is found.
    pub template: Location,
    /// What it prints.
    pub source: FieldSource,
}

/// What makes the value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldSource {
    /// It is written in the template.
    Literal,
    /// It is computed of several things, or in a way that is not followed.
    Computed,
    /// It is a value as it is, perhaps quoted, or in another notation.
    Value {
        /// The value as the template names it: `.Values.image.tag`, `.Release.Name`.
        key: String,
        /// Where it is set: in a values file, or in `Chart.yaml`.
        location: Option<Location>,
        /// The assignment that sets it: `--set image.tag=7`.
        assignment: Option<String>,
    },
}

/// A piece of the output.
struct Kept {
    range: Range<usize>,
    file: String,
    line: usize,
    column: usize,
    path: Option<ValuePath>,
}

#[derive(Default)]
struct Pieces(RefCell<Vec<Kept>>);

impl Tracer for Pieces {
    fn printed(&self, piece: &Piece<'_>) {
        self.0.borrow_mut().push(Kept {
            range: piece.range.clone(),
            file: piece.file.to_owned(),
            line: piece.line,
            column: piece.column,
            path: piece.path.cloned(),
        });
    }
}

impl Charts {
    /// Says where a field comes from: of the manifest at a position (from 0) among those that a template prints. The
    /// template is named as in [`Document::template`](crate::Document::template). The chart is rendered once more for it.
    ///
    /// `None` where the template prints no such manifest, or that has no such field.
    ///
    /// # Errors
    /// As [`Charts::render`].
    pub fn origin(
        &self,
        tree: &dyn Tree,
        path: &RepoPath,
        options: &Options,
        document: (&str, usize),
        field: &FieldPath,
    ) -> Result<Option<FieldOrigin>, Failure> {
        let (template, index) = document;
        let ready = self.ready(tree, path, options)?;
        let templates = &ready.prepared.templates;
        let Some(renderable) = templates.get(template) else { return Ok(None) };
        let pieces = Pieces::default();
        let printed = engine::run_traced(
            &ready.set,
            templates,
            &ready.prepared.host,
            options,
            Some((template, &pieces)),
        )?;
        let Some((_, bytes)) = printed.first() else { return Ok(None) };
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
        let manifests = slipway_yaml::split_manifests(text);
        let Some(manifest) = manifests.get(index) else { return Ok(None) };
        // Manifests are slices of the text.
        let begin = manifest.as_ptr() as usize - text.as_ptr() as usize;
        let parsed = Parsed::new(manifest.replace("<no value>", "          "))
            .map_err(|error| Failure::new(code::MANIFEST, error.message))?;
        let Some(place) = parsed.find(0, field) else { return Ok(None) };
        let span = |range: Range<usize>| begin + range.start..begin + range.end;
        let value = span(place.value.range());
        let pieces = pieces.0.into_inner();
        let Some(piece) = innermost(&pieces, &value) else {
            let at = literal(&String::from_utf8_lossy(&renderable.text), text, value.start);
            let location = match at {
                Some(line) => Location { line: Some(line), ..Location::file(&renderable.path) },
                None => Location::file(&renderable.path),
            };
            return Ok(Some(FieldOrigin { template: location, source: FieldSource::Literal }));
        };
        let file = templates.get(&piece.file).unwrap_or(renderable);
        let line = u32::try_from(piece.line).unwrap_or(u32::MAX);
        let source_text = String::from_utf8_lossy(&file.text);
        let location = Location::at(&file.path, line, engine::column(&source_text, piece.line, piece.column));
        let whole = piece.range.start <= value.start && value.end <= piece.range.end
            || trimmed(text, &piece.range) == trimmed(text, &value)
            || unquoted(text, &value) == trimmed(text, &piece.range);
        let source = match &piece.path {
            Some(path) if whole => {
                let refined = refine(&parsed, &span, piece, path, field);
                let finder = Finder { tree, root: &ready.root, options, template };
                finder.source(&refined, path)
            }
            _ => FieldSource::Computed,
        };
        Ok(Some(FieldOrigin { template: location, source }))
    }
}

/// The smallest piece that shares text with a range, the last of several.
fn innermost<'a>(pieces: &'a [Kept], value: &Range<usize>) -> Option<&'a Kept> {
    let shares =
        |piece: &&Kept| piece.range.start < value.end.max(value.start + 1) && value.start < piece.range.end;
    pieces.iter().filter(shares).rev().min_by_key(|piece| piece.range.len())
}

fn trimmed<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    text.get(range.clone()).unwrap_or("").trim()
}

/// The text of a scalar without its quotes.
fn unquoted<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    trimmed(text, range).trim_matches(['"', '\''])
}

/// The line of a template that a line of its output repeats, where there is one such line only.
fn literal(template: &str, output: &str, offset: usize) -> Option<u32> {
    let start = output[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = output[start..].lines().next().unwrap_or("").trim();
    let mut same = template.lines().enumerate().filter(|(_, content)| content.trim() == line);
    let (index, _) = same.next()?;
    same.next().is_none().then(|| u32::try_from(index + 1).unwrap_or(u32::MAX))
}

/// The value that a field inside of a printed block comes from: `.Values.resources` printed as YAML below the field
/// `/resources` makes `.Values.resources.limits` of `/resources/limits`.
fn refine(
    parsed: &Parsed,
    span: &dyn Fn(Range<usize>) -> Range<usize>,
    piece: &Kept,
    path: &ValuePath,
    field: &FieldPath,
) -> ValuePath {
    let segments = field.segments();
    for length in 0..segments.len() {
        let above = FieldPath(segments[..length].to_vec());
        let Some(place) = parsed.find(0, &above) else { continue };
        let value = span(place.value.range());
        if piece.range.start <= value.start
            && value.end <= piece.range.end.max(value.end.min(piece.range.end + 1))
        {
            let mut refined = path.clone();
            refined.0.extend(segments[length..].iter().filter_map(|segment| match segment {
                Segment::Key(key) => Some(Step::Key(key.as_str().into())),
                Segment::Index(index) => Some(Step::Index(*index)),
                Segment::Keyed(_) => None,
            }));
            return refined;
        }
    }
    path.clone()
}

/// Looks for where values are set.
struct Finder<'a> {
    tree: &'a dyn Tree,
    root: &'a Rc<Node>,
    options: &'a Options,
    template: &'a str,
}

impl Finder<'_> {
    /// The source of a value; of the one that holds it where it is set nowhere itself.
    fn source(&self, refined: &ValuePath, path: &ValuePath) -> FieldSource {
        for candidate in [refined, path] {
            let (location, assignment) = self.set_at(candidate);
            if location.is_some() || assignment.is_some() || candidate == path {
                return FieldSource::Value { key: candidate.to_string(), location, assignment };
            }
        }
        FieldSource::Computed
    }

    fn set_at(&self, path: &ValuePath) -> (Option<Location>, Option<String>) {
        let mut steps = path.0.iter();
        let first = match steps.next() {
            Some(Step::Key(key)) => key.to_lossy().into_owned(),
            _ => return (None, None),
        };
        let steps: Vec<Segment> = steps
            .map(|step| match step {
                Step::Key(key) => Segment::Key(key.to_lossy().into_owned()),
                Step::Index(index) => Segment::Index(*index),
            })
            .collect();
        match first.as_str() {
            "Values" => self.values(&steps),
            "Chart" => (self.chart(&steps), None),
            _ => (None, None),
        }
    }

    /// The charts from the root to the one whose template runs, the root left out.
    fn chain(&self) -> Vec<Rc<Node>> {
        let mut chain = Vec::new();
        let mut node = Rc::clone(self.root);
        let mut rest = self.template;
        while let Some((_, after)) = rest.split_once("/charts/") {
            let name = after.split('/').next().unwrap_or(after);
            let next = node.children().iter().find(|child| child.name() == name).cloned();
            let Some(next) = next else { break };
            chain.push(Rc::clone(&next));
            node = next;
            rest = after;
        }
        chain
    }

    fn values(&self, steps: &[Segment]) -> (Option<Location>, Option<String>) {
        let chain = self.chain();
        let names: Vec<Segment> = chain.iter().map(|node| Segment::Key(node.name().clone())).collect();
        let full = FieldPath([&names[..], steps].concat());
        // A global value is set anywhere above.
        let global = matches!(steps.first(), Some(Segment::Key(key)) if key == "global");
        let mut paths = vec![full];
        if global {
            paths.extend((0..chain.len()).rev().map(|depth| FieldPath([&names[..depth], steps].concat())));
        }
        if let Some(assignment) = paths.iter().find_map(|path| self.assignment(path)) {
            return (None, Some(assignment));
        }
        for source in self.options.values.iter().rev() {
            let (name, text) = match source {
                ValuesSource::Text { name, text } => (name.clone(), Some(text.clone())),
                ValuesSource::File { path, .. } => {
                    (path.to_string(), slipway_model::read_text(self.tree, path).ok().flatten())
                }
            };
            if let Some(location) = text.and_then(|text| find(&name, &text, &paths)) {
                return (Some(location), None);
            }
        }
        // Defaults: those of the root first, each chart knows the ones inside it by name.
        let mut nodes = vec![Rc::clone(self.root)];
        nodes.extend(chain);
        for (depth, node) in nodes.iter().enumerate() {
            let inner: Vec<FieldPath> = paths
                .iter()
                .filter(|path| path.segments().len() >= depth)
                .filter(|path| path.segments().iter().zip(&names[..depth]).all(|(left, right)| left == right))
                .map(|path| FieldPath(path.segments()[depth..].to_vec()))
                .collect();
            let Some(text) = &node.chart.values_text else { continue };
            let file = node.chart.path("values.yaml");
            if let Some(location) = find(file.as_str(), &String::from_utf8_lossy(text), &inner) {
                return (Some(location), None);
            }
        }
        (None, None)
    }

    /// The assignment that sets a value, or something that holds it.
    fn assignment(&self, path: &FieldPath) -> Option<String> {
        let options = self.options;
        let groups = [
            ("--set-file", &options.set_file, ValueSyntax::Text),
            ("--set-string", &options.set_string, ValueSyntax::Text),
            ("--set", &options.set, ValueSyntax::Typed),
            ("--set-json", &options.set_json, ValueSyntax::Json),
        ];
        groups.into_iter().find_map(|(flag, arguments, syntax)| {
            let sets = |argument: &&String| {
                let mut map = JsonMap::new();
                set::assign(&mut map, argument, syntax, Null::Keep).is_ok()
                    && path.get(&Json::Object(map)).is_some_and(|value| !value.is_null())
            };
            arguments.iter().rev().find(sets).map(|argument| format!("{flag} {argument}"))
        })
    }

    fn chart(&self, steps: &[Segment]) -> Option<Location> {
        let chain = self.chain();
        let node = chain.last().unwrap_or(self.root);
        let Some(Segment::Key(name)) = steps.first() else { return None };
        let key = engine::objects::json_name(name)?;
        let file = node.chart.path("Chart.yaml");
        let text = slipway_model::read_text(self.tree, &file).ok().flatten()?;
        find(file.as_str(), &text, &[FieldPath(vec![Segment::Key(key.to_owned())])])
    }
}

/// Where the first of some paths is written in a values file.
fn find(file: &str, text: &str, paths: &[FieldPath]) -> Option<Location> {
    let parsed = Parsed::new(text).ok()?;
    let place = paths.iter().find_map(|path| parsed.find(0, path))?;
    let at = place.key.unwrap_or(place.value).start;
    Some(Location { file: file.to_owned(), line: Some(at.line), column: Some(at.column) })
}
