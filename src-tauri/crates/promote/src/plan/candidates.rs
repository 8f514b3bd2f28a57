//! Changes to the target's files that could carry differences.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use slipway_diff::{EnvironmentWords, is_secret_path};
use slipway_model::{Edit, FieldPath, RepoPath, Segment, Tree, read_text};

use super::documents::{Content, Lone, content, is_manifest, lone, pair_documents, without_document};
use super::files::PairedFiles;
use super::items::{Item, stays};
use super::lines::{Carry, LineChange, line_changes, with_changes};
use super::structure::{Difference, differences};
use crate::class::SettingClass;
use crate::version::Image;

/// Larger files are not looked into.
const MOST_BYTES: usize = 2_000_000;

/// One change that could carry differences, as a whole or not at all.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    /// What is changed.
    pub(super) changes: Vec<Change>,
    /// How likely it is to carry a chosen difference: the greater, the sooner it is tried.
    pub(super) score: u32,
}

/// A change of one place of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// An edit as it is.
    Edit(Edit),
    /// Lines of a text: of a whole file, or of a value in a document.
    Lines {
        file: RepoPath,
        place: Option<(usize, FieldPath)>,
        /// The text as it is now.
        text: Arc<str>,
        change: LineChange,
    },
}

impl Change {
    pub(super) fn file(&self) -> &RepoPath {
        match self {
            Self::Edit(edit) => edit.file(),
            Self::Lines { file, .. } => file,
        }
    }
}

/// Which text: a file, or a value of one of its documents.
type TextPlace<'a> = (&'a RepoPath, &'a Option<(usize, FieldPath)>);

/// The edits of several candidates together: changes of lines of the same text become one edit.
pub(super) fn edits_of<'a>(candidates: impl IntoIterator<Item = &'a Candidate>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut texts: Vec<(TextPlace<'_>, &Arc<str>, Vec<&LineChange>)> = Vec::new();
    for change in candidates.into_iter().flat_map(|candidate| &candidate.changes) {
        match change {
            Change::Edit(edit) => {
                if !edits.contains(edit) {
                    edits.push(edit.clone());
                }
            }
            Change::Lines { file, place, text, change } => {
                match texts.iter_mut().find(|(at, _, _)| *at == (file, place)) {
                    Some((_, _, changes)) => changes.push(change),
                    None => texts.push(((file, place), text, vec![change])),
                }
            }
        }
    }
    for ((file, place), text, changes) in texts {
        let content = with_changes(text, &changes);
        edits.push(match place {
            Some((document, path)) => Edit::Set {
                file: file.clone(),
                document: *document,
                path: path.clone(),
                old: Some(Value::String(text.to_string())),
                new: Value::String(content),
            },
            None => Edit::Write { file: file.clone(), content },
        });
    }
    edits.sort_by_key(order);
    number_inserts(&mut edits);
    edits
}

/// Each item that is added to the end of a list makes the list longer for the next one.
fn number_inserts(edits: &mut [Edit]) {
    let mut seen: Vec<(RepoPath, usize, FieldPath)> = Vec::new();
    for edit in edits {
        let Edit::Insert { file, document, path, .. } = edit else { continue };
        let Some((Segment::Index(index), parent)) = path.0.split_last() else { continue };
        let list = (file.clone(), *document, FieldPath(parent.to_vec()));
        let before = seen.iter().filter(|other| **other == list).count();
        let last = Segment::Index(index + before);
        let Some(place) = path.0.last_mut() else { continue };
        *place = last;
        seen.push(list);
    }
}

/// Files first that others name; then by file and document. Inside a list the last item is removed first, so
/// that the positions of the others hold.
fn order(edit: &Edit) -> (u8, RepoPath, usize, std::cmp::Reverse<Option<FieldPath>>) {
    let reversed = |path: Option<&FieldPath>| std::cmp::Reverse(path.cloned());
    match edit {
        Edit::Copy { file, .. } | Edit::Write { file, .. } => (0, file.clone(), 0, reversed(None)),
        Edit::Set { file, document, path, .. } => (1, file.clone(), *document, reversed(Some(path))),
        Edit::Insert { file, document, path, .. } => (2, file.clone(), *document, reversed(Some(path))),
        Edit::Remove { file, document, path, .. } => (3, file.clone(), *document, reversed(Some(path))),
        Edit::Delete { file } => (4, file.clone(), 0, reversed(None)),
    }
}

/// All candidates for the chosen items, the likeliest first.
pub(super) fn candidates(
    tree: &dyn Tree,
    files: &PairedFiles,
    items: &[Item],
    words: &EnvironmentWords,
) -> Vec<Candidate> {
    let chosen: Vec<&Item> = items.iter().filter(|item| item.chosen).collect();
    let mut found = Finder { tree, files, words, chosen: &chosen, found: Vec::new(), used: BTreeSet::new() };
    for (from, to) in &files.pairs {
        found.pair(from, to);
    }
    for file in files.pairs.iter().map(|(_, to)| to).chain(&files.only_to) {
        found.literals(file);
    }
    found.lone_files();
    let mut candidates = found.found;
    // Stable: candidates of the same score stay in the order of files and places.
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.score));
    let mut seen: Vec<&Vec<Change>> = Vec::new();
    let mut keep = Vec::with_capacity(candidates.len());
    for candidate in &candidates {
        let is_new = !seen.contains(&&candidate.changes);
        if is_new {
            seen.push(&candidate.changes);
        }
        keep.push(is_new);
    }
    drop(seen);
    let mut keep = keep.into_iter();
    candidates.retain(|_| keep.next().unwrap_or(false));
    candidates
}

struct Finder<'a> {
    tree: &'a dyn Tree,
    files: &'a PairedFiles,
    words: &'a EnvironmentWords,
    chosen: &'a [&'a Item],
    found: Vec<Candidate>,
    /// Lone files of the source that came along with an entry that names them.
    used: BTreeSet<RepoPath>,
}

impl Finder<'_> {
    fn text(&self, file: &RepoPath) -> Option<String> {
        // A file that cannot be read is no candidate; the render has named it.
        read_text(self.tree, file).ok().flatten().filter(|text| text.len() <= MOST_BYTES)
    }

    fn pair(&mut self, from: &RepoPath, to: &RepoPath) {
        let (Some(source), Some(target)) = (self.text(from), self.text(to)) else { return };
        let target_text = target.clone();
        match (content(from, &source), content(to, &target)) {
            (Content::Documents(source), Content::Documents(target)) => {
                if target.is_empty() {
                    self.first_content(to, &target_text, &source);
                }
                for (document, left, right) in pair_documents(&source, &target, self.words) {
                    for difference in differences(left, right, self.words) {
                        self.difference(from, to, document, right, &difference);
                    }
                }
                self.lone_documents(to, &source, &target, &lone(&source, &target, self.words));
            }
            _ => {
                let text: Arc<str> = target.as_str().into();
                for change in line_changes(&target, &source, carry(to), self.words) {
                    self.lines(to, None, &text, change);
                }
            }
        }
    }

    fn difference(
        &mut self,
        from: &RepoPath,
        to: &RepoPath,
        document: usize,
        target: &Value,
        difference: &Difference,
    ) {
        if is_secret_path(target, &difference.path) {
            return;
        }
        let file = to.clone();
        let path = difference.path.clone();
        match (&difference.old, &difference.new) {
            (Some(old), Some(new)) => {
                if let (Value::String(old), Value::String(new)) = (old, new)
                    && old.contains('\n')
                {
                    let text: Arc<str> = old.as_str().into();
                    for change in line_changes(old, new, Carry::Any, self.words) {
                        self.lines(to, Some((document, path.clone())), &text, change);
                    }
                }
                if let Some(part) = self.asked_for(new, 0).filter(|part| new.is_object() && part != new) {
                    let edit = Edit::Set {
                        file: file.clone(),
                        document,
                        path: path.clone(),
                        old: Some(old.clone()),
                        new: part,
                    };
                    self.add(vec![Change::Edit(edit)], 2);
                }
                let edit = Edit::Set { file, document, path, old: Some(old.clone()), new: new.clone() };
                self.add(
                    vec![Change::Edit(edit)],
                    self.score(difference.old.as_ref(), difference.new.as_ref()),
                );
            }
            (None, Some(new)) => {
                let score = self.score(None, Some(new));
                // Of a map that the target lacks, what the chosen items ask for: the rest may belong to the
                // environment of the source.
                if let Some(part) = self.asked_for(new, 0).filter(|part| part != new) {
                    let edit = Edit::Insert { file: file.clone(), document, path: path.clone(), new: part };
                    self.add(vec![Change::Edit(edit)], score.max(2));
                }
                let mut changes = self.named_file(from, to, new);
                changes.push(Change::Edit(Edit::Insert { file, document, path, new: new.clone() }));
                self.add(changes, score);
            }
            (Some(old), None) => {
                let score = self.score(Some(old), None);
                let mut changes =
                    vec![Change::Edit(Edit::Remove { file, document, path, old: Some(old.clone()) })];
                changes.extend(self.named_lone_file(to, old));
                // Setting a value is safer than to inherit it from what all environments share: the next change
                // of that would arrive without a promotion. So a removal comes first only where an item goes.
                let goes = self.chosen.iter().any(|item| item.new.is_none() && item.old.is_some());
                self.add(changes, if goes { score } else { 1 });
                self.parts(to, document, &difference.path, old);
            }
            (None, None) => {}
        }
    }

    /// The part of a map whose values occur in what chosen items shall become; `None` where nothing does.
    fn asked_for(&self, value: &Value, depth: usize) -> Option<Value> {
        match value {
            Value::Object(map) if depth < 30 => {
                let part: serde_json::Map<String, Value> = map
                    .iter()
                    .filter_map(|(key, value)| Some((key.clone(), self.asked_for(value, depth + 1)?)))
                    .collect();
                (!part.is_empty()).then_some(Value::Object(part))
            }
            Value::Object(_) | Value::Array(_) => Some(value.clone()),
            scalar => {
                let text = slipway_model::field_path::scalar_text(scalar);
                let holds = |item: &&Item| item.new.as_ref().is_some_and(|new| holds_text(new, &text, 0));
                self.chosen.iter().any(holds).then(|| scalar.clone())
            }
        }
    }

    /// A map that only the target has may hold settings that go and settings that stay.
    fn parts(&mut self, file: &RepoPath, document: usize, path: &FieldPath, old: &Value) {
        let Some(map) = old.as_object().filter(|map| map.len() > 1) else { return };
        let mut keys: Vec<&String> = map.keys().collect();
        keys.sort();
        for key in keys {
            let edit = Edit::Remove {
                file: file.clone(),
                document,
                path: path.key(key),
                old: map.get(key).cloned(),
            };
            self.add(vec![Change::Edit(edit)], 1);
        }
    }

    /// The file of the source that a new entry names, copied to where the entry looks for it.
    fn named_file(&mut self, from: &RepoPath, to: &RepoPath, entry: &Value) -> Vec<Change> {
        let mut names = Vec::new();
        texts(entry, &mut names, 0);
        let (Some(source), Some(target)) = (from.parent(), to.parent()) else { return Vec::new() };
        let mut changes = Vec::new();
        for name in names {
            // A generator writes `key=file`.
            let name = name.rsplit('=').next().unwrap_or(name);
            let (Ok(named), Ok(place)) = (source.join(name), target.join(name)) else { continue };
            let is_lone = self.files.only_from.iter().any(|(file, at)| *file == named && *at == place);
            if is_lone {
                self.used.insert(named.clone());
                changes.push(Change::Edit(Edit::Copy { file: place, from: named }));
            }
        }
        changes
    }

    /// The file of the target that a removed entry named and nothing of the source's answers to.
    fn named_lone_file(&mut self, to: &RepoPath, entry: &Value) -> Vec<Change> {
        let mut names = Vec::new();
        texts(entry, &mut names, 0);
        let Some(directory) = to.parent() else { return Vec::new() };
        names
            .into_iter()
            .filter_map(|name| directory.join(name.rsplit('=').next().unwrap_or(name)).ok())
            .filter(|file| self.files.only_to.contains(file) && file.is_inside(&directory))
            .map(|file| {
                self.used.insert(file.clone());
                Change::Edit(Edit::Delete { file })
            })
            .collect()
    }

    /// Documents that only one of two files has.
    fn lone_documents(&mut self, to: &RepoPath, source: &[Value], target: &[Value], paired: &Lone) {
        // Such an edit holds the whole file, and so would hold every secret in it.
        if target.iter().any(|document| is_secret_path(document, &FieldPath::root())) {
            return;
        }
        for index in paired.target.iter().rev() {
            let Some(old) = target.get(*index).filter(|value| !value.is_null()) else { continue };
            if !is_manifest(old) {
                continue;
            }
            // The document goes; what is left of the file stays as it is.
            if let Some(text) = self.text(to).and_then(|text| without_document(&text, *index)) {
                let edit = Edit::Write { file: to.clone(), content: text };
                self.add(vec![Change::Edit(edit)], 1);
            }
        }
        for index in &paired.source {
            let Some(new) = source.get(*index).filter(|value| is_manifest(value)) else { continue };
            if is_secret_path(new, &FieldPath::root()) {
                continue;
            }
            if let Some(text) = self.text(to) {
                let start = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
                let content = format!("{text}{start}---\n{}", slipway_yaml::emit(new));
                self.add(vec![Change::Edit(Edit::Write { file: to.clone(), content })], 1);
            }
        }
    }

    /// Files that only one side has, in directories whose files are read as they are.
    fn lone_files(&mut self) {
        for (from, to) in &self.files.only_from {
            if !self.used.contains(from) && !self.is_secret_file(from) {
                if let Some(Content::Documents(documents)) = self.text(from).map(|text| content(from, &text))
                {
                    self.first_content(to, "", &documents);
                }
                let edit = Edit::Copy { file: to.clone(), from: from.clone() };
                self.add(vec![Change::Edit(edit)], 1);
            }
        }
        for file in &self.files.only_to {
            if !self.used.contains(file) {
                self.add(vec![Change::Edit(Edit::Delete { file: file.clone() })], 0);
            }
        }
    }

    /// A file that is not there, or says nothing, gets what the chosen items ask for of the source's values.
    fn first_content(&mut self, to: &RepoPath, before: &str, source: &[Value]) {
        if let [values] = source
            && !is_manifest(values)
            && let Some(part) = self.asked_for(values, 0)
            && part.is_object()
        {
            let content = format!("{before}{}", slipway_yaml::emit(&part));
            self.add(vec![Change::Edit(Edit::Write { file: to.clone(), content })], 2);
        }
    }

    fn is_secret_file(&self, file: &RepoPath) -> bool {
        let Some(text) = self.text(file) else { return true };
        match content(file, &text) {
            Content::Documents(documents) => {
                documents.iter().any(|document| is_secret_path(document, &FieldPath::root()))
            }
            Content::Text => false,
        }
    }

    /// Values of a file of the target alone that are the present value of a chosen item, or the part of it that
    /// differs: they are set to what the item shall become.
    fn literals(&mut self, file: &RepoPath) {
        let Some(text) = self.text(file) else { return };
        let Content::Documents(documents) = content(file, &text) else { return };
        for (document, value) in documents.iter().enumerate() {
            let mut leaves = Vec::new();
            scalars(value, &FieldPath::root(), &mut leaves);
            for (path, leaf) in leaves {
                for item in self.chosen {
                    let (Some(old), Some(new)) = (&item.old, &item.new) else { continue };
                    let Some(wanted) = substituted(leaf, old, new) else { continue };
                    if is_secret_path(value, &path) {
                        continue;
                    }
                    let edit = Edit::Set {
                        file: file.clone(),
                        document,
                        path: path.clone(),
                        old: Some(leaf.clone()),
                        new: wanted,
                    };
                    self.add(vec![Change::Edit(edit)], 2);
                }
            }
        }
    }

    fn lines(
        &mut self,
        file: &RepoPath,
        place: Option<(usize, FieldPath)>,
        text: &Arc<str>,
        change: LineChange,
    ) {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let moves_static = self.chosen.iter().any(|item| item.class == SettingClass::C);
        if !moves_static && stays(&change, &lines, self.words) {
            return;
        }
        let old: String =
            text.split_inclusive('\n').skip(change.start).take(change.end - change.start).collect();
        let new = change.with.concat();
        let score = self
            .chosen
            .iter()
            .filter(|item| {
                let holds = |text: &str, value: &Option<Value>| {
                    value.as_ref().is_none_or(|value| {
                        let value = slipway_model::field_path::scalar_text(value);
                        text.contains(&value) || value.contains(text.trim())
                    })
                };
                holds(&old, &item.old) && holds(&new, &item.new)
            })
            .count();
        // Between a value of its own (more) and a difference that says nothing (less).
        let score = if score > 0 { 4 } else { 1 };
        let change = Change::Lines { file: file.clone(), place, text: text.clone(), change };
        self.add(vec![change], score);
    }

    fn add(&mut self, changes: Vec<Change>, score: u32) {
        self.found.push(Candidate { changes, score });
    }

    /// How closely a difference of source files resembles a chosen difference of the renders.
    fn score(&self, old: Option<&Value>, new: Option<&Value>) -> u32 {
        let resembles = |item: &&&Item| -> u32 {
            let (item_old, item_new) = (item.old.as_ref(), item.new.as_ref());
            if item_old == old && item_new == new {
                return 6;
            }
            let part = |part: Option<&Value>, whole: Option<&Value>| match (part, whole) {
                (Some(part), Some(whole)) => match (part.as_str(), whole.as_str()) {
                    (Some(part), Some(whole)) => !part.is_empty() && whole.contains(part),
                    _ => {
                        slipway_model::field_path::scalar_text(part)
                            == slipway_model::field_path::scalar_text(whole)
                    }
                },
                (None, _) => true,
                (Some(_), None) => false,
            };
            match (part(old, item_old), part(new, item_new)) {
                (true, true) => 5,
                (false, true) => 2,
                _ => 0,
            }
        };
        let best = self.chosen.iter().map(|item| resembles(&item)).max().unwrap_or(0);
        // What names an environment belongs there.
        let names =
            [old, new].into_iter().flatten().filter_map(Value::as_str).any(|text| self.words.are_in(text));
        if names { best.min(1) } else { best.max(1) }
    }
}

/// The present value of a place with the difference of an item carried over: the same value, or a part of it
/// around which the item's value does not differ.
fn substituted(leaf: &Value, old: &Value, new: &Value) -> Option<Value> {
    if leaf == old {
        return (!new.is_object() && !new.is_array()).then(|| new.clone());
    }
    let (old, new) = (old.as_str()?, new.as_str()?);
    let (old_image, new_image) = (Image::parse(old), Image::parse(new));
    let text = slipway_model::field_path::scalar_text(leaf);
    for (old, new) in [
        (old_image.tag, new_image.tag),
        (old_image.digest, new_image.digest),
        (Some(old_image.repository), Some(new_image.repository)),
    ] {
        if let (Some(old), Some(new)) = (old, new)
            && old == text
            && old != new
        {
            return Some(Value::String(new.to_owned()));
        }
    }
    let leaf = leaf.as_str()?;
    if leaf.len() < 3 {
        return None;
    }
    let (head, tail) = old.split_once(leaf)?;
    let middle = new.strip_prefix(head)?.strip_suffix(tail)?;
    (!middle.is_empty() && middle != leaf).then(|| Value::String(middle.to_owned()))
}

/// Whether a text occurs in a value: as a part of a text, or as a number or truth value.
fn holds_text(value: &Value, text: &str, depth: usize) -> bool {
    match value {
        Value::String(whole) => !text.is_empty() && whole.contains(text),
        Value::Array(items) if depth < 30 => items.iter().any(|item| holds_text(item, text, depth + 1)),
        Value::Object(map) if depth < 30 => map.values().any(|item| holds_text(item, text, depth + 1)),
        scalar => slipway_model::field_path::scalar_text(scalar) == text,
    }
}

fn scalars<'a>(value: &'a Value, path: &FieldPath, leaves: &mut Vec<(FieldPath, &'a Value)>) {
    if path.segments().len() > 60 || leaves.len() > 5_000 {
        return;
    }
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            for key in keys {
                scalars(&map[key], &path.key(key), leaves);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                scalars(item, &path.index(index), leaves);
            }
        }
        Value::Null | Value::Bool(_) => {}
        scalar => leaves.push((path.clone(), scalar)),
    }
}

fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>, depth: usize) {
    match value {
        Value::String(text) if text.len() < 500 => found.push(text),
        Value::Array(items) if depth < 20 => items.iter().for_each(|item| texts(item, found, depth + 1)),
        Value::Object(map) if depth < 20 => map.values().for_each(|item| texts(item, found, depth + 1)),
        _ => {}
    }
}

/// Files of data may change by any stretch of lines, programs and templates by literals only.
fn carry(file: &RepoPath) -> Carry {
    let ending = file.file_name().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    match ending {
        Some("env" | "properties" | "conf" | "cfg" | "ini" | "toml" | "txt" | "csv") => Carry::Any,
        _ => Carry::Literals,
    }
}
