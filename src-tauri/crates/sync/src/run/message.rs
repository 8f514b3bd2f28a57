//! What a running sync says it is waiting for, in Argo CD's words.

use crate::options::SyncOptions;
use crate::tasks::Task;

/// Names the first task that is waited for, hooks before others, and counts the rest.
pub(super) fn waiting_for(tasks: &[&Task], pending_deletion: bool, options: &SyncOptions) -> String {
    let hook = tasks.iter().find(|task| task.is_hook);
    let Some(mut first) = hook.or_else(|| tasks.first()) else { return String::new() };
    let others = if tasks.iter().all(|task| task.is_hook) { "hooks" } else { "resources" };
    let mut reason = match (pending_deletion, hook) {
        (false, None) => "healthy state of",
        (false, Some(_)) => "completion of hook",
        (true, None) => "deletion of",
        (true, Some(_)) => "deletion of hook",
    };
    let mut more = tasks.len() - 1;
    if !options.prune_confirmed {
        let unconfirmed: Vec<&&Task> = tasks.iter().filter(|task| task.needs_confirmation(options)).collect();
        if let Some(task) = unconfirmed.first() {
            reason = "pruning confirmation of";
            first = task;
            more = unconfirmed.len() - 1;
        }
    }
    let id = &first.id;
    let named = format!("waiting for {reason} {}/{}/{}", id.group, id.kind, id.name);
    if more > 0 { format!("{named} and {more} more {others}") } else { named }
}

/// A failure with the distinct messages of the tasks that caused it.
pub(super) fn with_reasons(message: &str, tasks: &[&Task]) -> String {
    let mut reasons: Vec<&str> = tasks.iter().map(|task| task.state.message.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    if reasons.is_empty() { message.to_owned() } else { format!("{message}, reason: {}", reasons.join(",")) }
}
