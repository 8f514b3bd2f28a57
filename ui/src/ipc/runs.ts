import { replaceEqualDeep } from "@tanstack/react-query";
import type { RunInfo, TaskInfo } from "./bindings";
import { KeyedStore } from "./store";

/** Something that this client saw happen in a run, with the time at which it saw it. */
export interface Sighting {
  id: number;
  /** Milliseconds since 1970. */
  at: number;
  kind: "started" | "finished" | "failed" | "progress";
  title: string;
  text: string | null;
  instance: string | null;
}

/** When this client saw a column of a lane begin and end, in milliseconds since 1970. */
export interface ColumnTimes {
  began: number;
  ended: number | null;
}

/** A run with what happened in it. A core that tells no times of tasks is watched by this client instead. */
export interface ObservedRun {
  run: RunInfo;
  sightings: Sighting[];
  /** By `INSTANCE PHASE WAVE`. */
  columns: ReadonlyMap<string, ColumnTimes>;
}

/** The most sightings that are kept of a run; the oldest go first. */
export const sightingLimit = 500;

export function columnKey(instance: string, phase: string, wave: number): string {
  return `${instance} ${phase} ${wave}`;
}

export function isDone(task: TaskInfo): boolean {
  return task.status !== "waiting" && task.status !== "inProgress";
}

/** When each column began and ended, as the core tells it of its tasks. */
export function columnTimes(run: RunInfo): Map<string, ColumnTimes> {
  const columns = new Map<string, ColumnTimes>();
  for (const lane of run.lanes) {
    for (const column of lane.columns) {
      const began = column.tasks.flatMap((task) => (task.startedAt === undefined ? [] : [task.startedAt]));
      if (began.length === 0) continue;
      const ended = column.tasks.map((task) => task.finishedAt ?? null);
      columns.set(columnKey(lane.instance, column.phase, column.wave), {
        began: Math.min(...began),
        ended: ended.includes(null) ? null : Math.max(...ended.filter((time) => time !== null)),
      });
    }
  }
  return columns;
}

/** Adds the newest state of a run. What did not change keeps its identity, so that it is not painted again. */
export function observe(before: ObservedRun | undefined, incoming: RunInfo, now: number): ObservedRun {
  const run = before === undefined ? incoming : replaceEqualDeep(before.run, incoming);
  if (before !== undefined && run === before.run) return before;
  if (run.events !== undefined && run.events.length > 0) {
    const sightings = run.events.map(({ sequence, at, kind, title, text, instance }) => ({
      id: sequence,
      at,
      kind,
      title: instance === null ? title.charAt(0).toUpperCase() + title.slice(1) : title,
      text,
      instance,
    }));
    return { run, sightings: sightings.slice(-sightingLimit), columns: columnTimes(run) };
  }
  const sightings = [...(before?.sightings ?? [])];
  const columns = new Map(before?.columns ?? []);
  let next = (sightings.at(-1)?.id ?? 0) + 1;
  const see = (entry: Omit<Sighting, "id" | "at">): void => {
    sightings.push({ ...entry, id: next++, at: now });
  };
  if (before !== undefined || run.phase === "running" || run.phase === "planned") {
    if (before === undefined) {
      see({
        kind: "started",
        title: `Sync to ${run.target} started`,
        text: run.total === 0 ? null : `${run.total} resources`,
        instance: null,
      });
    }
    for (const lane of run.lanes) {
      const earlier = before?.run.lanes.find((other) => other.instance === lane.instance);
      if (earlier === lane) continue;
      for (const column of lane.columns) {
        const key = columnKey(lane.instance, column.phase, column.wave);
        const began = column.tasks.some((task) => task.status !== "waiting" && task.status !== "willNotStart");
        const ended = column.tasks.every(isDone);
        const times = columns.get(key);
        if (began && times === undefined) columns.set(key, { began: now, ended: ended ? now : null });
        else if (ended && times !== undefined && times.ended === null) columns.set(key, { ...times, ended: now });
        for (const task of column.tasks) {
          const old = earlier?.columns
            .find((other) => other.phase === column.phase && other.wave === column.wave)
            ?.tasks.find((other) => other.key === task.key);
          if (task.status === "failed" && old?.status !== "failed") {
            see({
              kind: "failed",
              title: `${lane.instance}: ${task.resource.kind} ${task.resource.name} failed`,
              text: task.message,
              instance: lane.instance,
            });
          }
        }
      }
      if (earlier !== undefined && earlier.phase !== lane.phase && lane.phase === "succeeded") {
        see({ kind: "finished", title: `${lane.instance} synced`, text: lane.message, instance: lane.instance });
      }
    }
    if (before !== undefined && before.run.phase !== run.phase && run.finishedAt !== null) {
      see({
        kind: run.phase === "succeeded" ? "finished" : "failed",
        title: `Sync to ${run.target} ${run.phase}`,
        text: run.message,
        instance: null,
      });
    }
  }
  return { run, sightings: sightings.slice(-sightingLimit), columns };
}

/** Runs by id, as events tell them. */
export const runStore: KeyedStore<ObservedRun> = new KeyedStore<ObservedRun>();

export function applyRun(run: RunInfo, now: number): void {
  runStore.set(run.id, observe(runStore.get(run.id), run, now));
}

/** Which state of a run the core told last, as it numbers them. */
const versions = new Map<string, number>();

/** A run with what changed in it: lanes, columns and tasks that `changed` does not hold stay as they were. */
export function withChanges(run: RunInfo, changed: RunInfo): RunInfo {
  const lanes = new Map(changed.lanes.map((lane) => [lane.instance, lane]));
  const seen = run.events ?? [];
  const last = seen.at(-1)?.sequence ?? 0;
  return {
    ...changed,
    lanes: run.lanes.map((lane) => {
      const next = lanes.get(lane.instance);
      if (next === undefined) return lane;
      return {
        ...next,
        ...(lane.attempts === undefined ? {} : { attempts: lane.attempts }),
        columns: lane.columns.map((column) => {
          const moved = next.columns.find((other) => other.phase === column.phase && other.wave === column.wave);
          if (moved === undefined) return column;
          const tasks = new Map(moved.tasks.map((task) => [task.key, task]));
          return { ...moved, tasks: column.tasks.map((task) => tasks.get(task.key) ?? task) };
        }),
      };
    }),
    events: [...seen, ...(changed.events ?? []).filter((event) => event.sequence > last)].slice(-sightingLimit),
  };
}

/**
 * Takes what the core tells of a run: all of it, or what changed since a state. Changes on a state that was missed are
 * left out; the core tells the whole run again within two seconds.
 */
export function applyTold(
  { run, since, version }: { run: RunInfo; since: number | null; version: number },
  now: number,
): void {
  if (since === null) {
    versions.set(run.id, version);
    applyRun(run, now);
    return;
  }
  const known = runStore.get(run.id)?.run;
  if (known === undefined || versions.get(run.id) !== since) return;
  versions.set(run.id, version);
  applyRun(withChanges(known, run), now);
}

/** How far a run is; it only grows, apart from tasks that are tried again. */
export function progressOf(run: RunInfo): number {
  let progress = run.finishedAt === null ? 0 : 1_000_000;
  for (const lane of run.lanes) {
    for (const column of lane.columns) {
      for (const task of column.tasks) progress += task.status === "waiting" ? 0 : isDone(task) ? 2 : 1;
    }
  }
  return progress;
}

/** Adds the answer to a question, which an event may have overtaken: an older state is left out. */
export function applyAnswer(run: RunInfo, now: number): void {
  const known = runStore.get(run.id)?.run;
  if (known === undefined || progressOf(run) >= progressOf(known)) applyRun(run, now);
}
