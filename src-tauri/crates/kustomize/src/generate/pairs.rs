//! The keys and values of a generator: from lines of files, from the kustomization, from whole files.

use slipway_model::FieldPath;

use crate::failure::Failure;
use crate::kustomization::{GeneratorArgs, go_quote};
use crate::source::Root;

/// Go reads no longer line of a file, and stops without a word where one is.
const LONGEST_LINE: usize = 64 * 1024;

/// All pairs in the order in which kustomize reads them.
pub(super) fn load(args: &GeneratorArgs, root: &Root<'_>) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut pairs = Vec::new();
    let mut missing = Vec::new();
    for path in &args.envs {
        let context = || format!("env source files: {}", go_list(&args.envs));
        let Some((file, content)) =
            Failure::kept(root.load(path), &mut missing).map_err(|failure| failure.context(context()))?
        else {
            continue;
        };
        lines(&content, &mut pairs).map_err(|failure| failure.in_file(&file).context(context()))?;
    }
    for literal in &args.literals {
        let pair = split_literal(literal)
            .map_err(|failure| failure.context(format!("literal sources {}", go_list(&args.literals))))?;
        pairs.push((pair.0.to_owned(), pair.1.as_bytes().to_vec()));
    }
    for source in &args.files {
        let context = || format!("file sources: {}", go_list(&args.files));
        let (key, path) = split_file(source).map_err(|failure| failure.context(context()))?;
        let loaded =
            Failure::kept(root.load(path), &mut missing).map_err(|failure| failure.context(context()))?;
        pairs.extend(loaded.map(|(_, content)| (key.to_owned(), content.to_vec())));
    }
    Failure::first(missing).map_or(Ok(pairs), Err)
}

/// Where a pair of a generator comes from.
pub(crate) enum Source {
    /// A literal with this key.
    Literal(String),
    /// A whole file: key and path.
    File(String, String),
    /// The lines of a file.
    Lines(String),
}

/// Where the pairs of a generator come from: the path of the entry in its arguments, and what it is.
pub(crate) fn sources(args: &GeneratorArgs) -> Vec<(FieldPath, Source)> {
    let at = |field: &str, index: usize| FieldPath::root().key(field).index(index);
    let envs = args.envs.iter().enumerate();
    let mut sources: Vec<_> =
        envs.map(|(index, path)| (at("envs", index), Source::Lines(path.clone()))).collect();
    for (index, literal) in args.literals.iter().enumerate() {
        if let Ok((key, _)) = split_literal(literal) {
            sources.push((at("literals", index), Source::Literal(key.to_owned())));
        }
    }
    for (index, file) in args.files.iter().enumerate() {
        if let Ok((key, path)) = split_file(file) {
            sources.push((at("files", index), Source::File(key.to_owned(), path.to_owned())));
        }
    }
    sources
}

/// The keys of a file of lines, each with its line from 1.
pub(crate) fn keys_with_lines(content: &[u8]) -> Vec<(String, u32)> {
    let mut keys = Vec::new();
    for (number, line) in (1..).zip(content.split(|byte| *byte == b'\n')) {
        let mut pairs = Vec::new();
        if lines(line, &mut pairs).is_ok() {
            keys.extend(pairs.into_iter().map(|(key, _)| (key, number)));
        }
    }
    keys
}

/// A list as Go prints it: `[a b]`.
fn go_list(items: &[String]) -> String {
    format!("[{}]", items.join(" "))
}

fn lines(content: &[u8], pairs: &mut Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    let mut rest = content;
    let mut first = true;
    while !rest.is_empty() {
        let (line, after) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        if line.len() >= LONGEST_LINE {
            return Ok(());
        }
        rest = after;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(text) = std::str::from_utf8(line) else {
            let message = format!("line has invalid utf8 bytes : {}", String::from_utf8_lossy(line));
            return Err(Failure::new("kustomize-generator", message));
        };
        let text =
            if std::mem::take(&mut first) { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        let text = text.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if !key.is_empty() {
            pairs.push((key.to_owned(), value.as_bytes().to_vec()));
        }
    }
    Ok(())
}

fn split_literal(literal: &str) -> Result<(&str, &str), Failure> {
    match literal.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key, unquote(value))),
        _ => {
            let message = format!("invalid literal source {literal}, expected key=value");
            Err(Failure::new("kustomize-generator", message))
        }
    }
}

fn unquote(text: &str) -> &str {
    for quote in ['"', '\''] {
        if text.len() >= 2
            && let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
        {
            return inner;
        }
    }
    text
}

/// Key and path of a file.
fn split_file(source: &str) -> Result<(&str, &str), Failure> {
    let fail = |message: String| Err(Failure::new("kustomize-generator", message));
    let Some((key, path)) = source.split_once('=') else {
        let trimmed = source.trim_end_matches('/');
        let name = match trimmed.rsplit_once('/') {
            Some((_, name)) => name,
            None if trimmed.is_empty() => {
                if source.is_empty() {
                    "."
                } else {
                    "/"
                }
            }
            None => trimmed,
        };
        return Ok((name, source));
    };
    let quoted = go_quote(source);
    if path.contains('=') {
        return fail(format!("source {quoted} key name or file path contains '='"));
    }
    if key.is_empty() {
        return fail(format!("missing key name for file path {} in source {quoted}", go_quote(path)));
    }
    if path.is_empty() {
        return fail(format!("missing file path for key name {} in source {quoted}", go_quote(key)));
    }
    Ok((key, path))
}
