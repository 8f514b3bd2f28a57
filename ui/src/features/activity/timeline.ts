import { columnKey, type Lane, type LaneColumn, type ObservedRun, type RunInfo } from "../../ipc";
import type { Mark } from "../../lib/state";
import { taskMark } from "../../lib/state";

/** A step of a run: one column of one lane. */
export interface Step {
  key: string;
  application: string;
  instance: string;
  phase: string;
  wave: number;
  mark: Mark;
  done: number;
  total: number;
  /** Parts of the whole run, from 0 to 1; `null` where this page did not see it happen. */
  bar: { start: number; end: number } | null;
  /** What it waits for or failed of. */
  text: string | null;
}

function columnMark(column: LaneColumn): Mark {
  const has = (status: string): boolean => column.tasks.some((task) => task.status === status);
  if (has("failed")) return taskMark("failed");
  if (has("willNotStart")) return taskMark("willNotStart");
  if (has("inProgress")) return taskMark("inProgress");
  if (has("waiting")) return taskMark("waiting");
  return taskMark("synced");
}

function stepText(lane: Lane, column: LaneColumn): string | null {
  if (column.gateText !== null) return column.gateText;
  // What a lane waits for as a whole stands at its first step.
  const gate = (lane.waitsFor ?? []).find(({ state }) => state === "waiting" || state === "failed");
  if (gate !== undefined && column === lane.columns[0]) return gate.text;
  return (
    column.tasks.find((task) => task.status === "failed")?.message ??
    (column === lane.columns.at(-1) ? lane.message : null)
  );
}

/** The steps of a run in the order of its lanes, on a scale from its beginning to its end or to now. */
export function steps(observed: ObservedRun, now: number): Step[] {
  const { run, columns } = observed;
  const start = run.startedAt;
  const span = Math.max(1, (run.finishedAt ?? now) - start);
  const place = (time: number): number => Math.min(1, Math.max(0, (time - start) / span));
  return run.lanes.flatMap((lane) =>
    lane.columns.map((column) => {
      const key = columnKey(lane.instance, column.phase, column.wave);
      const times = columns.get(key);
      return {
        key,
        application: lane.application,
        instance: lane.instance,
        phase: column.phase,
        wave: column.wave,
        mark: columnMark(column),
        done: column.tasks.filter(
          (task) => task.status === "synced" || task.status === "pruned" || task.status === "skipped",
        ).length,
        total: column.tasks.length,
        bar:
          times === undefined ? null : { start: place(times.began), end: place(times.ended ?? run.finishedAt ?? now) },
        text: stepText(lane, column),
      };
    }),
  );
}

/** The times that the axis shows: beginning, thirds, end. */
export function ticks(run: RunInfo, now: number): number[] {
  const span = (run.finishedAt ?? now) - run.startedAt;
  // The clock tells seconds: no two ticks say the same.
  const parts = span >= 3000 ? 3 : span >= 1000 ? 1 : 0;
  return Array.from({ length: parts + 1 }, (_, part) => run.startedAt + (span * part) / Math.max(1, parts));
}

/** What failed or is said of a run, for runs that this page did not watch. */
export function messages(run: RunInfo): { key: string; title: string; text: string }[] {
  return run.lanes.flatMap((lane) =>
    lane.columns.flatMap((column) =>
      column.tasks.flatMap((task) =>
        task.message === null
          ? []
          : [
              {
                key: `${lane.instance} ${column.phase} ${column.wave} ${task.key}`,
                title: `${lane.instance}: ${task.resource.kind} ${task.resource.name} ${taskMark(task.status).word.toLowerCase()}`,
                text: task.message,
              },
            ],
      ),
    ),
  );
}

/** A run as text that can be sent to someone. */
export function report(run: RunInfo, clock: (time: number) => string): string {
  const lines = [
    `Sync${run.number === undefined ? "" : ` #${run.number}`} to ${run.target}: ${run.phase}`,
    `revision ${run.revision}, started ${clock(run.startedAt)}${run.finishedAt === null ? "" : `, ended ${clock(run.finishedAt)}`}`,
    `${run.done} of ${run.total} synced, ${run.failed} failed`,
    ...(run.message === null ? [] : [run.message]),
  ];
  for (const lane of run.lanes) {
    lines.push("", `${lane.instance}: ${lane.phase}${lane.message === null ? "" : ` (${lane.message})`}`);
    for (const attempt of lane.attempts ?? [])
      lines.push(
        `  attempt ${attempt.number} failed, ${clock(attempt.startedAt)} to ${clock(attempt.finishedAt)}${attempt.message === null ? "" : `: ${attempt.message}`}`,
      );
    for (const column of lane.columns) {
      const done = column.tasks.filter((task) => task.status === "synced").length;
      const began = Math.min(...column.tasks.map((task) => task.startedAt ?? Number.POSITIVE_INFINITY));
      const ended = Math.max(...column.tasks.map((task) => task.finishedAt ?? Number.NEGATIVE_INFINITY));
      const times = [
        Number.isFinite(began) ? ` from ${clock(began)}` : "",
        Number.isFinite(ended) ? ` to ${clock(ended)}` : "",
      ].join("");
      lines.push(
        `  ${column.phase} wave ${column.wave}: ${done}/${column.tasks.length}${times}${column.gateText === null ? "" : `, ${column.gateText}`}`,
      );
      for (const task of column.tasks)
        if (task.message !== null) lines.push(`    ${task.key} ${task.status}: ${task.message}`);
    }
  }
  for (const entry of run.health) {
    if (entry.status !== "Healthy")
      lines.push(
        `${entry.instance} ${entry.resource.kind}/${entry.resource.name}: ${entry.status}${entry.message === null ? "" : `, ${entry.message}`}`,
      );
  }
  if (run.events !== undefined && run.events.length > 0) {
    lines.push("", "What happened:");
    for (const event of run.events)
      lines.push(`  ${clock(event.at)} ${event.title}${event.text === null ? "" : `: ${event.text}`}`);
  }
  return `${lines.join("\n")}\n`;
}
