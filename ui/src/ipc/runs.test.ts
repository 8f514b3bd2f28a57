import { expect, test } from "vitest";
import type { Lane, RunInfo, TaskInfo } from "./bindings";
import { applyTold, runStore } from "./runs";

function task(key: string): TaskInfo {
  return {
    key,
    resource: { group: "", kind: "Service", namespace: "shop", name: key },
    action: "apply",
    hooks: [],
    waitsForHealth: false,
    status: "waiting",
    message: null,
  };
}

function lane(application: string): Lane {
  const column = (wave: number): Lane["columns"][number] => ({
    phase: "Sync",
    wave,
    tasks: [task(`${application}-${wave}-a`), task(`${application}-${wave}-b`)],
    gate: "open",
    gateText: null,
  });
  return {
    instance: `${application}@staging`,
    application,
    environment: "staging",
    columns: [column(0), column(1)],
    message: null,
    phase: "running",
  };
}

function run(id: string): RunInfo {
  return {
    id,
    repository: "repository-1",
    target: "sandbox",
    revision: "9f2c1ab",
    phase: "running",
    startedAt: 0,
    finishedAt: null,
    lanes: [lane("api"), lane("web")],
    total: 8,
    done: 0,
    failed: 0,
    message: null,
    health: [],
  };
}

/** What the core tells after `web`'s second task of wave 1 was synced. */
function changed(id: string): RunInfo {
  const whole = run(id);
  const web = lane("web");
  const column = web.columns[1];
  if (column === undefined) throw new Error("a lane has two columns");
  const synced: TaskInfo = { ...task("web-1-b"), status: "synced" };
  return { ...whole, done: 1, lanes: [{ ...web, columns: [{ ...column, tasks: [synced] }] }] };
}

function event(sequence: number): NonNullable<RunInfo["events"]>[number] {
  return { sequence, at: sequence, kind: "progress", instance: null, title: `event ${sequence}`, text: null };
}

test("only what changed gets a new identity", () => {
  applyTold({ run: run("run-a"), since: null, version: 1 }, 0);
  const before = runStore.get("run-a")?.run;
  applyTold({ run: changed("run-a"), since: 1, version: 2 }, 1);
  const after = runStore.get("run-a")?.run;
  expect(after?.done).toBe(1);
  expect(after?.lanes.map((each) => each.columns.map((column) => column.tasks.map((entry) => entry.status)))).toEqual([
    [
      ["waiting", "waiting"],
      ["waiting", "waiting"],
    ],
    [
      ["waiting", "waiting"],
      ["waiting", "synced"],
    ],
  ]);
  expect(after?.lanes[0]).toBe(before?.lanes[0]);
  expect(after?.lanes[1]?.columns[0]).toBe(before?.lanes[1]?.columns[0]);
  expect(after?.lanes[1]?.columns[1]?.tasks[0]).toBe(before?.lanes[1]?.columns[1]?.tasks[0]);
});

test("changes on a state that was missed wait for the whole run", () => {
  applyTold({ run: changed("run-b"), since: 4, version: 5 }, 0);
  expect(runStore.get("run-b")).toBeUndefined();
  applyTold({ run: run("run-b"), since: null, version: 6 }, 0);
  applyTold({ run: changed("run-b"), since: 7, version: 8 }, 0);
  expect(runStore.get("run-b")?.run.done).toBe(0);
  applyTold({ run: changed("run-b"), since: 6, version: 7 }, 0);
  expect(runStore.get("run-b")?.run.done).toBe(1);
});

test("events are added, each once", () => {
  applyTold({ run: { ...run("run-c"), events: [event(1), event(2)] }, since: null, version: 1 }, 0);
  applyTold({ run: { ...changed("run-c"), events: [event(2), event(3)] }, since: 1, version: 2 }, 0);
  expect(runStore.get("run-c")?.run.events?.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
});
