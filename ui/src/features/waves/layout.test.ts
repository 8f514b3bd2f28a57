import { describe, expect, test } from "vitest";
import type { Lane, TaskInfo, TaskStatus } from "../../ipc";
import {
  blockedBy,
  blockersOf,
  columnWidth,
  findNamed,
  followSpot,
  layoutWaves,
  neighbour,
  progressOf,
  sizesFor,
  unfinished,
  visible,
  waveStep,
} from "./layout";

function task(name: string, status: TaskStatus = "waiting"): TaskInfo {
  return {
    key: `ConfigMap/${name}`,
    resource: { group: "", kind: "ConfigMap", namespace: "shop", name },
    action: "apply",
    hooks: [],
    waitsForHealth: true,
    status,
    message: null,
  };
}

function lane(application: string, columns: [string, number, TaskInfo[]][]): Lane {
  return {
    instance: `${application}@production`,
    application,
    environment: "production",
    columns: columns.map(([phase, wave, tasks], index) => ({
      phase,
      wave,
      tasks,
      gate: index === 0 ? "open" : "waiting",
      gateText: null,
    })),
    message: null,
    phase: "running",
  };
}

const lanes = [
  lane("api", [
    ["PreSync", 0, [task("migrate", "synced")]],
    ["Sync", 0, [task("config", "failed"), task("deploy", "inProgress")]],
    ["Sync", 5, [task("ingress")]],
  ]),
  lane("web", [["Sync", -1, [task("account", "synced"), task("secret", "inProgress")]]]),
];
const layout = layoutWaves(lanes, "resources");

test("columns are phases in order, then waves by number", () => {
  expect(layout.columns.map((column) => column.key)).toEqual(["PreSync 0", "Sync -1", "Sync 0", "Sync 5"]);
  expect(layout.columns.map((column) => column.state)).toEqual(["synced", "inProgress", "failed", "waiting"]);
});

test("gates belong to one lane: none before its first column, none in a lane with one", () => {
  expect(layout.lanes.map((placed) => placed.gates.map((gate) => gate.column))).toEqual([[2, 3], []]);
});

test("lanes do not overlap, and tasks lie inside them", () => {
  for (const density of ["resources", "compact"] as const) {
    const { lanes: placed, sizes: size } = layoutWaves(lanes, density);
    placed.forEach((entry, index) => {
      const next = placed[index + 1];
      if (next !== undefined) expect(next.y).toBe(entry.y + entry.height);
      for (const node of entry.tasks) expect(node.y + size.node.height).toBeLessThanOrEqual(entry.height);
    });
  }
});

test("only what is on screen is painted", () => {
  const wide = layoutWaves(
    Array.from({ length: 100 }, (_, index) =>
      lane(`app-${index}`, [["Sync", 0, Array.from({ length: 20 }, (_item, number) => task(`t${number}`))]]),
    ),
    "resources",
  );
  const seen = visible(wide, { left: 0, top: 5000, width: 1200, height: 800 }, 0);
  expect(seen.length).toBeLessThan(4);
  expect(seen.flatMap((entry) => entry.tasks).length).toBeLessThan(40);
});

function key(application: string, column: string, name: string): string {
  return `${application}@production ${column} ConfigMap/${name}`;
}

describe("keys", () => {
  test("right goes to the next wave of the same lane", () => {
    expect(neighbour(layout, key("api", "PreSync 0", "migrate"), "ArrowRight")).toBe(key("api", "Sync 0", "config"));
  });
  test("down goes to the next task, then to the next lane", () => {
    expect(neighbour(layout, key("api", "Sync 0", "config"), "ArrowDown")).toBe(key("api", "Sync 0", "deploy"));
    expect(neighbour(layout, key("api", "Sync 0", "deploy"), "ArrowDown")).toContain("web@production");
  });
  test("at the edge nothing happens", () => {
    expect(neighbour(layout, key("api", "Sync 5", "ingress"), "ArrowRight")).toBeNull();
  });
  test("brackets step through waves", () => {
    expect(waveStep(layout, key("api", "Sync 0", "deploy"), 1)).toBe(key("api", "Sync 5", "ingress"));
    expect(waveStep(layout, key("api", "PreSync 0", "migrate"), -1)).toBeNull();
  });
});

const [api, web] = lanes;
const [presync, sync, later] = api?.columns ?? [];
if (api === undefined || web === undefined || presync === undefined || sync === undefined || later === undefined)
  throw new Error("the lanes are there");

test("what is in progress blocks the later waves of its lane, what is synced blocks nothing", () => {
  expect(blockedBy(api, sync).map((column) => `${column.phase} ${column.wave}`)).toEqual(["Sync 5"]);
  expect(blockedBy(api, presync)).toEqual([]);
});

test("a wave waits for what failed before it, else for what the wave before has not finished", () => {
  expect(blockersOf(api, later).map((blocker) => blocker.task.resource.name)).toEqual(["config"]);
  const going = lane("api", [
    ["Sync", 0, [task("a", "synced"), task("b", "inProgress")]],
    ["Sync", 1, [task("c")]],
  ]);
  const [first, second] = going.columns;
  if (first === undefined || second === undefined) throw new Error("the lane has two columns");
  expect(blockersOf(going, second)).toMatchObject([{ key: "api@production Sync 0 ConfigMap/b" }]);
  expect(blockersOf(going, first)).toEqual([]);
});

test("a wave that has begun waits for nothing", () => expect(blockersOf(api, sync)).toEqual([]));

describe("progress", () => {
  test.each([
    [["waiting", "waiting"], "waiting"],
    [["synced", "waiting"], "inProgress"],
    [["inProgress", "waiting"], "inProgress"],
    [["synced", "pruned", "skipped"], "synced"],
    [["failed", "waiting"], "failed"],
    [["synced", "willNotStart"], "failed"],
    [[], "waiting"],
  ] as const)("%s is %s", (statuses, state) =>
    expect(progressOf(statuses.map((status, index) => task(`${index}`, status))).state).toBe(state),
  );
});

describe("an address names", () => {
  test("a task in every density", () =>
    expect(findNamed(lanes, "api@production Sync 0 ConfigMap/deploy")).toMatchObject({
      lane: { application: "api" },
      task: { key: "ConfigMap/deploy" },
    }));
  test("a wave", () => expect(findNamed(lanes, "web@production Sync -1")).toMatchObject({ task: null }));
  test("nothing that is gone", () => expect(findNamed(lanes, "api@production Sync 7 ConfigMap/deploy")).toBeNull());
});

describe("the room on screen", () => {
  test("is used: five columns fit into 1,364 pixels", () => {
    const { column, label } = sizesFor("resources", 5, 1364);
    expect(label + 5 * column).toBeLessThanOrEqual(1364);
  });
  test("never makes a column too narrow to read or too wide", () => {
    expect(sizesFor("resources", 20, 1364).column).toBe(columnWidth.least);
    expect(sizesFor("resources", 1, 1364).column).toBe(columnWidth.most);
  });
  test("decides how many squares stand beside each other", () => {
    expect(sizesFor("compact", 1, 1364).across).toBeGreaterThan(sizesFor("compact", 20, 1364).across);
  });
});

describe("the summary", () => {
  const summary = layoutWaves(lanes, "summary");
  test("has one node for each wave of a lane", () => {
    expect(summary.lanes.map((placed) => placed.waves.map((wave) => wave.key))).toEqual([
      ["api@production PreSync 0", "api@production Sync 0", "api@production Sync 5"],
      ["web@production Sync -1"],
    ]);
    expect(summary.lanes[0]?.waves[1]).toMatchObject({ total: 2, failed: 1, active: 1, state: "failed" });
  });
  test("is walked with the same keys", () => {
    expect(neighbour(summary, "api@production PreSync 0", "ArrowRight")).toBe("api@production Sync 0");
    expect(neighbour(summary, "api@production Sync 0", "ArrowDown")).toBe("web@production Sync -1");
    expect(waveStep(summary, "api@production Sync 0", 1)).toBe("api@production Sync 5");
  });
  test("is followed as well", () => expect(followSpot(summary)).toBe("api@production Sync 0"));
});

/** A lane whose second wave waits, with the words of its gate. */
function waitingLane(application: string, text: string): Lane {
  const made = lane(application, [
    ["Sync", 0, [task("a", "inProgress")]],
    ["Sync", 1, [task("b")]],
  ]);
  const [first, second] = made.columns;
  if (first === undefined || second === undefined) throw new Error("the lane has two columns");
  return { ...made, columns: [first, { ...second, gateText: text }] };
}

function columnsOfWaiting(texts: string[]): ReturnType<typeof layoutWaves>["columns"] {
  return layoutWaves(
    texts.map((text, index) => waitingLane(`app-${index}`, text)),
    "resources",
  ).columns;
}

test("a column says what its lanes wait for, in the words of the gates where they agree", () => {
  expect(columnsOfWaiting(["waiting for a", "waiting for a"])[1]?.waits).toBe("waiting for a");
  expect(columnsOfWaiting(["waiting for a", "waiting for b"])[1]?.waits).toBe("2 applications wait");
  expect(columnsOfWaiting(["waiting for a"])[0]?.waits).toBeNull();
});

test("following looks at what failed first", () => {
  expect(followSpot(layout)).toContain("ConfigMap/config");
});

test("what did not succeed can be planned again", () => {
  expect(
    unfinished([
      { ...api, phase: "succeeded" },
      { ...web, phase: "failed" },
    ]),
  ).toEqual(["web@production"]);
});

test("two thousand tasks are placed in a few milliseconds", () => {
  const many = Array.from({ length: 100 }, (_, index) =>
    lane(`app-${index}`, [["Sync", 0, Array.from({ length: 20 }, (_item, number) => task(`t${number}`))]]),
  );
  const start = performance.now();
  const { height } = layoutWaves(many, "compact");
  expect(performance.now() - start).toBeLessThan(100);
  expect(height).toBeGreaterThan(100 * sizesFor("compact", 1, 0).node.height);
});
