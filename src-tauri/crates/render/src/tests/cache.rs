use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use slipway_model::{MemoryTree, Problem, RepoPath, Tree};

use super::source;
use crate::{
    CacheOutcome, Engine, EngineKind, Engines, MemoryRenderStore, RenderInputs, Rendered, Source,
    TreeAnswers, render_cached, render_source,
};

/// Counts its renders, and fails as it is told.
struct Counting {
    renders: AtomicUsize,
    problem: Option<Problem>,
}

impl Engine for Counting {
    fn kind(&self) -> EngineKind {
        EngineKind::Plain
    }
    fn version(&self) -> String {
        "counting".to_owned()
    }
    fn render(&self, tree: &dyn Tree, source: &Source, _inputs: &RenderInputs) -> Rendered {
        self.renders.fetch_add(1, Ordering::SeqCst);
        tree.read(&source.path).unwrap();
        assert!(source.path.as_str() != "panic", "on purpose");
        Rendered { problems: self.problem.clone().into_iter().collect(), ..Rendered::empty() }
    }
}

fn engines(problem: Option<Problem>) -> (Arc<Counting>, Engines) {
    let engine = Arc::new(Counting { renders: AtomicUsize::new(0), problem });
    (Arc::clone(&engine), Engines::default().with(engine))
}

#[test]
fn a_render_is_kept_until_something_it_read_changes() {
    let (engine, engines) = engines(None);
    let store = MemoryRenderStore::new(100);
    let sources = [source(EngineKind::Plain, "a")];
    let inputs = RenderInputs::default();
    let outcome = |tree: &MemoryTree| {
        let answers = TreeAnswers::new(tree);
        let (_, outcome) = render_cached(&engines, &store, &answers, &sources, &inputs);
        (format!("{outcome:?}"), engine.renders.load(Ordering::SeqCst))
    };
    let first = MemoryTree::new([("a", "1"), ("b", "1")]);
    let other = MemoryTree::new([("a", "1"), ("b", "2")]);
    let changed = MemoryTree::new([("a", "2")]);
    assert_eq!(outcome(&first), ("Stored".to_owned(), 1));
    assert_eq!(outcome(&other), ("Hit".to_owned(), 1));
    assert_eq!(outcome(&changed), ("Stored".to_owned(), 2));
    assert_eq!(outcome(&first), ("Hit".to_owned(), 2), "both are kept");
    let named = RenderInputs { namespace: Some("shop".to_owned()), ..RenderInputs::default() };
    let (_, fresh) = render_cached(&engines, &store, &first, &sources, &named);
    assert!(matches!(fresh, CacheOutcome::Stored), "other inputs have another key");
}

#[test]
fn what_passes_is_not_kept() {
    let (engine, engines) = engines(Some(Problem::error("tool-stopped", "took too long")));
    let store = MemoryRenderStore::new(100);
    let tree = MemoryTree::new([("a", "1")]);
    for _ in 0..2 {
        let (_, outcome) = render_cached(
            &engines,
            &store,
            &tree,
            &[source(EngineKind::Plain, "a")],
            &RenderInputs::default(),
        );
        assert!(matches!(outcome, CacheOutcome::Transient));
    }
    assert_eq!(engine.renders.load(Ordering::SeqCst), 2);
}

#[test]
fn the_store_forgets_the_longest_unused() {
    let (engine, engines) = engines(None);
    // Each empty render weighs one.
    let store = MemoryRenderStore::new(2);
    let tree = MemoryTree::new([("a", "1"), ("b", "1"), ("c", "1")]);
    for path in ["a", "b", "a", "c", "a", "b"] {
        let _ = render_cached(
            &engines,
            &store,
            &tree,
            &[source(EngineKind::Plain, path)],
            &RenderInputs::default(),
        );
    }
    assert_eq!(engine.renders.load(Ordering::SeqCst), 4, "a, b, c, and b again");
}

#[test]
fn a_panic_is_a_problem_and_its_reads_are_known() {
    let (_, engines) = engines(None);
    let tree = MemoryTree::new([("panic", "1")]);
    let rendered =
        render_source(&engines, &tree, &source(EngineKind::Plain, "panic"), &RenderInputs::default());
    assert_eq!(rendered.problems[0].code, "engine-crashed");
    assert!(rendered.problems[0].message.contains("on purpose"));
    assert!(rendered.is_failed() && rendered.is_transient());
    assert!(rendered.reads.touch(&RepoPath::new("panic").unwrap()));
}
