import type { RenderStatus, RunPhase, StateInfo, TaskStatus } from "../ipc";
import { plural } from "./format";

/** The tone of a status: which colour its shape takes. Colour is never the only carrier. */
export type Tone = "healthy" | "progressing" | "warning" | "degraded" | "paused" | "none";

/** The shapes of statuses, one meaning each. */
export type Shape =
  | "check"
  | "equal"
  | "up"
  | "down"
  | "fork"
  | "failed"
  | "spokes"
  | "dashed"
  | "question"
  | "start"
  | "hourglass"
  | "minus"
  | "heart"
  | "bars"
  | "triangle";

/** How a status is shown: shape, word, colour. */
export interface Mark {
  shape: Shape;
  word: string;
  tone: Tone;
}

/** The kinds of state, in the order of attention: what is broken comes first. */
export const stateKinds = ["failed", "drifted", "behind", "ahead", "pending", "notThere", "equal", "first"] as const;
export type StateKind = StateInfo["kind"];

/** How an instance stands to the previous environment. */
export function stateMark(state: StateInfo): Mark {
  switch (state.kind) {
    case "pending":
      return { shape: "spokes", word: "Pending", tone: "progressing" };
    case "first":
      return { shape: "start", word: "First", tone: "none" };
    case "equal":
      return { shape: "equal", word: "Equal", tone: "healthy" };
    case "behind":
      return { shape: "up", word: `Behind ${state.count}`, tone: "warning" };
    case "ahead":
      return { shape: "down", word: `Ahead ${state.count}`, tone: "progressing" };
    case "drifted":
      return { shape: "fork", word: `Drifted ${state.count}`, tone: "paused" };
    case "notThere":
      return { shape: "dashed", word: "Not there", tone: "none" };
    case "failed":
      return { shape: "failed", word: "Failed", tone: "degraded" };
  }
}

/** The state in a sentence, for tooltips and screen readers. */
export function stateSentence(state: StateInfo, previous: string | null): string {
  const than = previous ?? "the previous environment";
  switch (state.kind) {
    case "pending":
      return "Not rendered yet";
    case "first":
      return "The first environment that has it";
    case "equal":
      return `No difference to ${than} that promotion would carry`;
    case "behind":
      return `${plural(state.count, "version")} behind ${than}${state.byNumber ? ", compared by number" : ""}`;
    case "ahead":
      return `${plural(state.count, "version")} ahead of ${than}${state.byNumber ? ", compared by number" : ""}`;
    case "drifted":
      return `${plural(state.count, "setting")} differ${state.count === 1 ? "s" : ""} from ${than}`;
    case "notThere":
      return `Not in ${than}`;
    case "failed":
      return "It does not render";
  }
}

/**
 * The mark of a row. The core also calls an instance failed where only the one before it does not render: that is no
 * failure of its own, it just cannot be compared.
 */
export function rowMark(row: { state: StateInfo; status: RenderStatus }): Mark {
  return isIncomparable(row) ? { shape: "question", word: "Not comparable", tone: "none" } : stateMark(row.state);
}

/** Whether a row renders but the one it is compared with does not. */
export function isIncomparable(row: { state: StateInfo; status: RenderStatus }): boolean {
  return row.state.kind === "failed" && row.status !== "failed";
}

/** The state of a row in a sentence. */
export function rowSentence(row: { state: StateInfo; status: RenderStatus }, previous: string | null): string {
  return isIncomparable(row)
    ? `${previous ?? "The previous environment"} does not render, so there is nothing to compare with`
    : stateSentence(row.state, previous);
}

export const stateNames: Record<StateKind, string> = {
  failed: "Failed",
  drifted: "Drifted",
  behind: "Behind",
  ahead: "Ahead",
  pending: "Pending",
  notThere: "Not there",
  equal: "Equal",
  first: "First",
};

/** The mark of a kind of state, without its count. */
export function stateKindMark(kind: StateKind): Mark {
  const mark = stateMark(
    kind === "behind" || kind === "ahead"
      ? { kind, count: 0, byNumber: false }
      : kind === "drifted"
        ? { kind, count: 0, intended: false }
        : { kind },
  );
  return { ...mark, word: stateNames[kind] };
}

export function renderMark(status: RenderStatus): Mark {
  switch (status) {
    case "ok":
      return { shape: "check", word: "Rendered", tone: "healthy" };
    case "pending":
      return { shape: "spokes", word: "Rendering", tone: "progressing" };
    case "failed":
      return { shape: "failed", word: "Failed", tone: "degraded" };
    case "opaque":
      return { shape: "question", word: "Opaque", tone: "none" };
  }
}

export function taskMark(status: TaskStatus): Mark {
  switch (status) {
    case "waiting":
      return { shape: "hourglass", word: "Waiting", tone: "none" };
    case "inProgress":
      return { shape: "spokes", word: "In progress", tone: "progressing" };
    case "synced":
      return { shape: "check", word: "Synced", tone: "healthy" };
    case "failed":
      return { shape: "failed", word: "Failed", tone: "degraded" };
    case "skipped":
      return { shape: "minus", word: "Skipped", tone: "none" };
    case "pruned":
      return { shape: "minus", word: "Pruned", tone: "none" };
    case "willNotStart":
      return { shape: "dashed", word: "Will not start", tone: "warning" };
  }
}

export function phaseMark(phase: RunPhase): Mark {
  switch (phase) {
    case "planned":
      return { shape: "hourglass", word: "Planned", tone: "none" };
    case "running":
      return { shape: "spokes", word: "Running", tone: "progressing" };
    case "succeeded":
      return { shape: "check", word: "Succeeded", tone: "healthy" };
    case "failed":
      return { shape: "failed", word: "Failed", tone: "degraded" };
    case "error":
      return { shape: "failed", word: "Error", tone: "degraded" };
    case "aborted":
      return { shape: "minus", word: "Aborted", tone: "warning" };
    case "notStarted":
      return { shape: "dashed", word: "Not started", tone: "warning" };
  }
}

export function healthMark(status: string): Mark {
  switch (status) {
    case "Healthy":
      return { shape: "heart", word: "Healthy", tone: "healthy" };
    case "Progressing":
      return { shape: "spokes", word: "Progressing", tone: "progressing" };
    case "Degraded":
      return { shape: "failed", word: "Degraded", tone: "degraded" };
    case "Suspended":
      return { shape: "bars", word: "Suspended", tone: "paused" };
    case "Missing":
      return { shape: "dashed", word: "Missing", tone: "warning" };
    default:
      return { shape: "question", word: status === "" ? "Unknown" : status, tone: "none" };
  }
}
