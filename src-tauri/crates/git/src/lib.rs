//! Git repositories: trees, commits, history, clone, fetch and push.
