import { describe, expect, test } from "vitest";
import type { Lane, TaskInfo, TaskStatus } from "../../ipc";
import { blockedBy, followTask, layoutWaves, neighbour, sizes, visible, waveStep } from "./layout";

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

test("what is in progress blocks the later waves of its lane, what is synced blocks nothing", () => {
  const [api] = lanes;
  const [presync, sync] = api?.columns ?? [];
  const deploy = sync?.tasks[1];
  const migrate = presync?.tasks[0];
  if (api === undefined || deploy === undefined || migrate === undefined) throw new Error("the lane has both tasks");
  expect(blockedBy(api, deploy)).toEqual([{ phase: "Sync", wave: 5, tasks: 1 }]);
  expect(blockedBy(api, migrate)).toEqual([]);
});

test("following looks at what failed first", () => {
  expect(followTask(layout)).toContain("ConfigMap/config");
});

test("two thousand tasks are placed in a few milliseconds", () => {
  const many = Array.from({ length: 100 }, (_, index) =>
    lane(`app-${index}`, [["Sync", 0, Array.from({ length: 20 }, (_item, number) => task(`t${number}`))]]),
  );
  const start = performance.now();
  const { height } = layoutWaves(many, "compact");
  expect(performance.now() - start).toBeLessThan(100);
  expect(height).toBeGreaterThan(100 * sizes.compact.node.height);
});
