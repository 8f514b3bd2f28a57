import { describe, expect, test } from "vitest";
import type { ApplicationRow, InstanceRow, StateInfo } from "../../ipc";
import { applicationSummary, buildTree, openness, rowName, step, typeAhead } from "./tree";

function instance(application: string, environment: string, state: StateInfo = { kind: "equal" }): InstanceRow {
  return {
    instance: `${application}@${environment}`,
    environment,
    path: `${application}/${environment}`,
    engine: "kustomize",
    status: state.kind === "failed" ? "failed" : "ok",
    version: "1.0.0",
    state,
    resources: 3,
    errors: 0,
    warnings: 0,
    message: null,
    namespace: "shop",
  };
}

function application(
  directory: string,
  name: string,
  states: StateInfo[] = [{ kind: "first" }, { kind: "equal" }],
): ApplicationRow {
  const environments = ["staging", "production"];
  return {
    name,
    directory,
    instances: states.map((state, index) => instance(name, environments[index] ?? "x", state)),
  };
}

const fleet = [
  application("apps/payments", "api", [{ kind: "first" }, { kind: "behind", count: 2, byNumber: false }]),
  application("apps/payments", "worker", [{ kind: "first" }, { kind: "failed" }]),
  application("apps/shop", "web"),
  application("platform/base/dns", "external-dns"),
  application("", "root-app"),
];
const all = { text: "", states: new Set<never>() };
const open = openness(new Map(), fleet.length, false);

function outline(rows: ReturnType<typeof buildTree>["rows"]): string[] {
  return rows.map((row) => `${"  ".repeat(row.level - 1)}${rowName(row)}`);
}

test("directories hold applications, applications hold environments", () => {
  expect(outline(buildTree(fleet, all, open).rows)).toEqual([
    "apps",
    "  payments",
    "    api",
    "      staging",
    "      production",
    "    worker",
    "      staging",
    "      production",
    "  shop",
    "    web",
    "      staging",
    "      production",
    "platform/base/dns",
    "  external-dns",
    "    staging",
    "    production",
    "root-app",
    "  staging",
    "  production",
  ]);
});

test("the text filter looks at names, directories and environments; every word must be there", () => {
  const tree = buildTree(fleet, { ...all, text: "pay prod" }, open);
  expect(outline(tree.rows)).toEqual(["apps/payments", "  api", "    production", "  worker", "    production"]);
  expect([tree.shown, tree.hidden]).toEqual([2, 8]);
});

test("the state filter leaves instances in that state, counts stay those of the text", () => {
  const tree = buildTree(fleet, { text: "", states: new Set(["failed"] as const) }, open);
  expect(outline(tree.rows)).toEqual(["apps/payments", "  worker", "    production"]);
  expect(tree.counts.get("behind")).toBe(1);
  expect(tree.counts.get("failed")).toBe(1);
});

test("many applications start closed, unless something is filtered", () => {
  expect(openness(new Map(), 2000, false)("application a", "application")).toBe(false);
  expect(openness(new Map(), 2000, true)("application a", "application")).toBe(true);
  expect(openness(new Map([["application a", true]]), 2000, false)("application a", "application")).toBe(true);
});

describe("keys", () => {
  const { rows } = buildTree(fleet, all, open);
  const at = (name: string): number => rows.findIndex((row) => rowName(row) === name);
  test.each([
    ["ArrowDown", "api", { kind: "move", to: at("api") + 1 }],
    ["ArrowRight", "api", { kind: "move", to: at("api") + 1 }],
    ["ArrowLeft", "api", { kind: "close", keys: ["application apps/payments/api"] }],
    ["ArrowLeft", "staging", { kind: "move", to: at("api") }],
    ["Home", "web", { kind: "move", to: 0 }],
    ["End", "web", { kind: "move", to: rows.length - 1 }],
    ["ArrowUp", "apps", { kind: "none" }],
    ["*", "api", { kind: "open", keys: ["application apps/payments/api", "application apps/payments/worker"] }],
  ])("%s at %s", (key, name, result) => expect(step(rows, at(name), key)).toEqual(result));

  test("a closed row is opened by the right arrow", () => {
    const closed = buildTree(fleet, all, openness(new Map([["directory apps", false]]), 5, false)).rows;
    expect(step(closed, 0, "ArrowRight")).toEqual({ kind: "open", keys: ["directory apps"] });
  });

  test("typing ahead goes around the end", () => {
    expect(typeAhead(rows, at("web"), "p")).toBe(
      rows.findIndex((row, index) => index > at("web") && rowName(row).startsWith("p")),
    );
    expect(typeAhead(rows, rows.length - 1, "a")).toBe(0);
    expect(typeAhead(rows, 0, "zz")).toBeNull();
  });
});

test("eight thousand rows are built fast enough for a keystroke", () => {
  const many = Array.from({ length: 2000 }, (_, index) => application(`apps/team-${index % 40}`, `app-${index}`));
  const start = performance.now();
  const tree = buildTree(many, all, openness(new Map(), 0, true));
  expect(tree.rows.length).toBeGreaterThan(6000);
  expect(performance.now() - start).toBeLessThan(200);
});

describe("an instance whose previous one does not render", () => {
  const broken = application("apps", "loyalty", [{ kind: "failed" }, { kind: "failed" }]);
  const [first, second] = broken.instances;
  if (first === undefined || second === undefined) throw new Error("there are two instances");
  const fine = { ...broken, instances: [first, { ...second, status: "ok" as const }] };

  test("has not failed itself", () => {
    const tree = buildTree([fine], { text: "", states: new Set(["failed"] as const) }, open);
    expect(tree.counts.get("failed")).toBe(1);
    expect(outline(tree.rows)).toEqual(["apps", "  loyalty", "    staging"]);
  });
});

describe("a closed application tells", () => {
  test("the state that needs attention most, and the versions on the way", () => {
    const row = application("apps", "api", [{ kind: "equal" }, { kind: "behind", count: 1, byNumber: false }]);
    const [one, two] = row.instances;
    if (one === undefined || two === undefined) throw new Error("there are two instances");
    expect(applicationSummary([one, { ...two, version: "0.9.0" }])).toMatchObject({
      worst: { environment: "production" },
      versions: "1.0.0 · 0.9.0",
    });
  });
  test("one version once, and no state where all is well", () =>
    expect(applicationSummary(application("apps", "web").instances)).toEqual({ worst: null, versions: "1.0.0" }));
  test("nothing of nothing", () => expect(applicationSummary([])).toEqual({ worst: null, versions: "" }));
});
