//! Where `import` looks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jrsonnet_evaluator::error::ErrorKind;
use jrsonnet_evaluator::{AsPathLike, Error, ImportResolver, ResolvePath, Result, SourcePath};
use jrsonnet_gcmodule::Acyclic;
use jrsonnet_ir::SourceFile;
use slipway_model::{Location, RepoPath};

use super::comprehension::fixed_field_at;
use super::escapes::without_foreign_escapes;
use super::nesting::too_deep_at;
use super::token::{Kind, Token, tokens};
use crate::bridge::RemoteTree;
use crate::problems::place_of;

thread_local! {
    /// What the resolver of this thread reads from. The evaluator wants resolvers that its garbage collector
    /// knows to hold no values, which it can tell of no type of ours; each evaluation has a thread of its own.
    static SCOPE: RefCell<Option<Scope>> = const { RefCell::new(None) };
    /// Why a program of this thread is not even parsed.
    static REFUSED: RefCell<Option<Refusal>> = const { RefCell::new(None) };
}

/// Why a program is not even parsed.
pub(super) struct Refusal {
    /// The code of the problem.
    pub(super) code: &'static str,
    /// What is wrong.
    pub(super) message: &'static str,
    /// Where.
    pub(super) place: Location,
}

/// Why a program of this thread was refused by [`check_program`].
pub(super) fn refused_program() -> Option<Refusal> {
    REFUSED.take()
}

struct Scope {
    tree: RemoteTree,
    /// Where text that is in no file imports from: the directory of the program.
    directory: RepoPath,
    /// In the order of searching.
    libraries: Vec<RepoPath>,
    /// What was read while resolving, until it is loaded.
    contents: BTreeMap<RepoPath, Vec<u8>>,
    /// What each file that was loaded imports, by the text of the import.
    imports: BTreeMap<RepoPath, Imports>,
    /// The import that failed: the importing file and the text of the import.
    failed: Option<(RepoPath, String)>,
}

/// The texts of a file's imports.
#[derive(Default)]
struct Imports {
    code: BTreeSet<String>,
    data: BTreeSet<String>,
}

impl Imports {
    fn of(tokens: &[Token]) -> Self {
        let mut imports = Self::default();
        for pair in tokens.windows(2) {
            let [Token { kind: Kind::Word(keyword), .. }, Token { kind: Kind::Text(text), .. }] = pair else {
                continue;
            };
            match keyword.as_str() {
                "import" => imports.code.insert(text.clone()),
                "importstr" | "importbin" => imports.data.insert(text.clone()),
                _ => continue,
            };
        }
        imports
    }

    /// Whether a text is imported as data only. One with escapes is in neither set and counts as code.
    fn is_data(&self, text: &str) -> bool {
        self.data.contains(text) && !self.code.contains(text)
    }
}

/// Refuses a program that nests deeper than the evaluator can take, or that go-jsonnet refuses and the evaluator does not.
pub(super) fn check_program(name: &str, tokens: &[Token], code: &str) -> Result<()> {
    let (offset, code_of_problem, message) = match (too_deep_at(tokens), fixed_field_at(tokens)) {
        (Some(offset), _) => (offset, "jsonnet-limit", "the program nests too deep"),
        (None, Some(offset)) => (offset, "jsonnet-syntax", "Object comprehensions can only have [e] fields"),
        (None, None) => return Ok(()),
    };
    let (line, column) = place_of(code, offset);
    let place = Location { file: name.to_owned(), line: Some(line), column: Some(column) };
    REFUSED.set(Some(Refusal { code: code_of_problem, message, place }));
    Err(Error::new(ErrorKind::StackOverflow))
}

/// Where the import stands that failed on this thread: the evaluator's error does not say.
pub(super) fn failed_import() -> Option<(RepoPath, u32, u32)> {
    SCOPE.with_borrow(|scope| {
        let scope = scope.as_ref()?;
        let (file, text) = scope.failed.as_ref()?;
        let code = scope.read(file).ok()??;
        let code = String::from_utf8_lossy(&code).into_owned();
        let quoted = [format!("'{text}'"), format!("\"{text}\"")];
        let offset = quoted
            .iter()
            .flat_map(|literal| code.match_indices(literal.as_str()))
            .map(|(offset, _)| offset)
            .filter(|offset| {
                let before = code[..*offset].trim_end();
                ["import", "importstr", "importbin"].iter().any(|keyword| before.ends_with(keyword))
            })
            .min()?;
        let (line, column) = place_of(&code, offset);
        Some((file.clone(), line, column))
    })
}

/// Resolves imports inside the tree of this thread.
#[derive(Acyclic)]
pub(super) struct TreeResolver;

impl TreeResolver {
    /// The resolver for a program in `directory`; of `libraries` the last is searched first. For a thread that
    /// evaluates one program.
    pub(super) fn new(tree: RemoteTree, directory: RepoPath, libraries: &[RepoPath]) -> Self {
        let libraries = libraries.iter().rev().cloned().collect();
        SCOPE.set(Some(Scope {
            tree,
            directory,
            libraries,
            contents: BTreeMap::new(),
            imports: BTreeMap::new(),
            failed: None,
        }));
        Self
    }
}

impl Scope {
    /// Looks at a program before it is parsed, and gives its text for the parser.
    fn check(&mut self, file: &RepoPath, content: &[u8]) -> Result<Vec<u8>> {
        // What is no UTF-8 is reported by the evaluator.
        let Ok(code) = std::str::from_utf8(content) else { return Ok(content.to_vec()) };
        let code = without_foreign_escapes(code);
        if self.imports.contains_key(file) {
            return Ok(code.into_owned().into_bytes());
        }
        let tokens = tokens(&code);
        check_program(file.as_str(), &tokens, &code)?;
        self.imports.insert(file.clone(), Imports::of(&tokens));
        Ok(code.into_owned().into_bytes())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
        let content =
            self.tree.read(path).map_err(|error| Error::new(ErrorKind::ImportIo(error.to_string())))?;
        Ok(content.map(|bytes| bytes.to_vec()))
    }
}

/// The id that a file of the tree has in the evaluator.
pub(super) fn source_path(path: &RepoPath) -> SourcePath {
    SourcePath::new(SourceFile::new(PathBuf::from(path.as_str())))
}

/// The file of the tree that an id means; `None` for text that is in no file.
pub(super) fn tree_path(source: &SourcePath) -> Option<RepoPath> {
    RepoPath::new(source.downcast_ref::<SourceFile>()?.path().to_str()?).ok()
}

fn in_scope<T>(work: impl FnOnce(&mut Scope) -> Result<T>) -> Result<T> {
    SCOPE.with_borrow_mut(|scope| match scope {
        Some(scope) => work(scope),
        None => Err(Error::new(ErrorKind::ImportIo("there is no tree on this thread".to_owned()))),
    })
}

impl ImportResolver for TreeResolver {
    fn resolve_from(&self, from: &SourcePath, path: &dyn AsPathLike) -> Result<SourcePath> {
        let wanted = path.as_path();
        let text = match wanted {
            ResolvePath::Str(text) => text.to_owned(),
            ResolvePath::Path(path) => path.to_string_lossy().into_owned(),
        };
        in_scope(|scope| {
            let directory = tree_path(from)
                .map_or_else(|| scope.directory.clone(), |file| file.parent().unwrap_or_default());
            let mut refused = None;
            for base in std::iter::once(&directory).chain(&scope.libraries) {
                match base.join(&text) {
                    Ok(candidate) => {
                        if let Some(content) = scope.read(&candidate)? {
                            let importer = tree_path(from).and_then(|file| scope.imports.get(&file));
                            let is_data = importer.is_some_and(|imports| imports.is_data(&text));
                            let is_both = importer.is_some_and(|imports| imports.data.contains(&text));
                            let content = if is_data {
                                content
                            } else {
                                let plain = scope.check(&candidate, &content)?;
                                // As data a file must stay as it is, and the evaluator keeps one text of it.
                                if is_both { content } else { plain }
                            };
                            let id = source_path(&candidate);
                            scope.contents.insert(candidate, content);
                            return Ok(id);
                        }
                    }
                    Err(error) => refused = refused.or(Some(error)),
                }
            }
            if let Some(file) = tree_path(from) {
                scope.failed = Some((file, text));
            }
            Err(Error::new(match refused {
                Some(error) => ErrorKind::ImportIo(error.to_string()),
                None => ErrorKind::ImportFileNotFound(from.clone(), wanted.to_owned()),
            }))
        })
    }

    fn load_file_contents(&self, resolved: &SourcePath) -> Result<Vec<u8>> {
        // Text that was given as an argument has an id too, which holds it.
        if let Some(inline) = resolved.downcast_ref::<jrsonnet_ir::SourceFifo>() {
            return Ok(inline.1.to_vec());
        }
        let missing = || Error::new(ErrorKind::ResolvedFileNotFound(resolved.clone()));
        let path = tree_path(resolved).ok_or_else(missing)?;
        in_scope(|scope| match scope.contents.remove(&path) {
            Some(content) => Ok(content),
            // The program itself, which nothing imported.
            None => {
                let content = scope.read(&path)?.ok_or_else(missing)?;
                scope.check(&path, &content)
            }
        })
    }
}
