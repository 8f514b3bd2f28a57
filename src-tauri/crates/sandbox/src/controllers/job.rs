//! Jobs: pods until enough have succeeded or too many have failed.

use std::time::Duration;

use serde_json::{Value, json};

use super::{events, is_active, is_true, pod_of, pods, set_condition, set_counts};
use crate::state::{BORN, State, number, text};
use crate::store::Key;

pub(super) fn reconcile(state: &mut State, key: &Key, job: &Value) {
    if is_true(job, "Complete") || is_true(job, "Failed") {
        clean_up(state, key, job);
        return;
    }
    let all = state.controlled(job, &pods());
    let phase = |name: &str| all.iter().filter(|(_, pod)| pod["status"]["phase"] == name).count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (succeeded, failed) = (count(phase("Succeeded")), count(phase("Failed")));
    let active: Vec<_> = all.iter().filter(|(_, pod)| is_active(pod)).collect();
    let now = state.time();
    if job["spec"]["suspend"] == true {
        for (pod, _) in &active {
            super::delete(state, pod);
        }
        state.modify(key, |job| {
            set_counts(job, &[("active", 0), ("succeeded", succeeded), ("failed", failed)], &[]);
            set_condition(job, "Suspended", "True", "JobSuspended", "Job suspended", &now);
        });
        return;
    }
    let parallelism = number(job, &["spec", "parallelism"]).unwrap_or(1).max(0);
    let completions = number(job, &["spec", "completions"]);
    let backoff_limit = number(job, &["spec", "backoffLimit"]).unwrap_or(6);
    let deadline = number(job, &["spec", "activeDeadlineSeconds"])
        .map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    let is_late = deadline.is_some_and(|deadline| state.has_passed(key, job, BORN, deadline));
    let is_complete = match completions {
        Some(completions) => succeeded >= completions,
        None => succeeded > 0 && active.is_empty(),
    };
    let failure = if failed > backoff_limit {
        Some(("BackoffLimitExceeded", "Job has reached the specified backoff limit"))
    } else if is_late && !is_complete {
        Some(("DeadlineExceeded", "Job was active longer than specified deadline"))
    } else {
        None
    };
    if let Some((reason, message)) = failure {
        for (pod, _) in &active {
            super::delete(state, pod);
        }
        events::record(state, job, "Warning", reason, message);
        state.modify(key, |job| {
            set_counts(
                job,
                &[
                    ("active", 0),
                    ("ready", 0),
                    ("succeeded", succeeded),
                    ("failed", failed),
                    ("terminating", 0),
                ],
                &["ready", "terminating"],
            );
            set_condition(job, "FailureTarget", "True", reason, message, &now);
            set_condition(job, "Failed", "True", reason, message, &now);
        });
        clean_up(state, key, job);
        return;
    }
    if is_complete {
        events::record(state, job, "Normal", "Completed", "Job completed");
        state.modify(key, |job| {
            set_counts(
                job,
                &[
                    ("active", 0),
                    ("ready", 0),
                    ("succeeded", succeeded),
                    ("failed", failed),
                    ("terminating", 0),
                ],
                &["ready", "terminating"],
            );
            job["status"]["completionTime"] = json!(now);
            let message = "Reached expected number of succeeded pods";
            set_condition(job, "SuccessCriteriaMet", "True", "CompletionsReached", message, &now);
            set_condition(job, "Complete", "True", "CompletionsReached", message, &now);
        });
        clean_up(state, key, job);
        return;
    }
    let remaining = completions.map_or(parallelism, |completions| (completions - succeeded).max(0));
    let wanted = if completions.is_none() && succeeded > 0 { 0 } else { parallelism.min(remaining) };
    let running = count(active.len());
    for index in running..wanted {
        let mut pod = pod_of(job, &job["spec"]["template"], None);
        if job["spec"]["completionMode"] == "Indexed" {
            let completion = (succeeded + index).to_string();
            crate::state::set(
                &mut pod,
                &["metadata", "annotations", "batch.kubernetes.io/job-completion-index"],
                json!(completion),
            );
        }
        let Some(pod) = super::create(state, job, &pods(), pod) else { break };
        let message = format!("Created pod: {}", text(&pod, &["metadata", "name"]));
        events::record(state, job, "Normal", "SuccessfulCreate", &message);
    }
    for (pod, _) in active.iter().skip(usize::try_from(wanted).unwrap_or(0)) {
        super::delete(state, pod);
    }
    let ready = count(active.iter().filter(|(_, pod)| is_true(pod, "Ready")).count());
    state.modify(key, |job| {
        let list = [
            ("active", wanted.max(running.min(wanted))),
            ("ready", ready),
            ("succeeded", succeeded),
            ("failed", failed),
            ("terminating", 0),
        ];
        set_counts(job, &list, &["ready", "terminating"]);
        if job["status"]["startTime"].is_null() {
            job["status"]["startTime"] = json!(now);
        }
        job["status"]["uncountedTerminatedPods"] = json!({});
        if is_true(job, "Suspended") {
            set_condition(job, "Suspended", "False", "JobResumed", "Job resumed", &now);
        }
    });
}

/// A finished job goes some time after its end, if it says so.
fn clean_up(state: &mut State, key: &Key, job: &Value) {
    let Some(seconds) = number(job, &["spec", "ttlSecondsAfterFinished"]) else { return };
    let after = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    if state.has_passed(key, job, "finished", after) {
        super::delete(state, key);
    }
}
