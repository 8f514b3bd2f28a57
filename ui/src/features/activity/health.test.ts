import { expect, test } from "vitest";
import type { RunInfo, TaskInfo } from "../../ipc";
import { healthExplanation } from "./health";

function task(kind: string, name: string): TaskInfo {
  return {
    key: `${kind}/${name}`,
    resource: { group: "", kind, namespace: "shop", name },
    action: "apply",
    hooks: [],
    waitsForHealth: false,
    status: "synced",
    message: null,
  };
}

function run(tasks: TaskInfo[], healthy: string[]): RunInfo {
  const lane = {
    instance: "web@staging",
    application: "web",
    environment: "staging",
    columns: [{ phase: "Sync", wave: 0, tasks, gate: "open" as const, gateText: null }],
    message: null,
    phase: "succeeded" as const,
  };
  return {
    id: "1",
    repository: "r",
    target: "sandbox",
    revision: "working directory",
    phase: "succeeded",
    startedAt: 0,
    finishedAt: 1,
    lanes: [lane],
    total: tasks.length,
    done: tasks.length,
    failed: 0,
    message: null,
    health: tasks
      .filter((entry) => healthy.includes(entry.resource.name))
      .map((entry) => ({ instance: "web@staging", resource: entry.resource, status: "Healthy", message: null })),
  };
}

test("kinds without a health check are named, so that the counts add up", () => {
  const tasks = [task("Deployment", "web"), task("ConfigMap", "a"), task("ConfigMap", "b"), task("Namespace", "shop")];
  expect(healthExplanation(run(tasks, ["web"]))).toBe(
    "3 of the 4 synced resources have no health check (2 ConfigMap, Namespace): they are fine once they are applied.",
  );
  expect(healthExplanation(run(tasks, ["web", "a", "b"]))).toBe(
    "1 of the 4 synced resources has no health check (Namespace): it is fine once it is applied.",
  );
  expect(healthExplanation(run(tasks, []))).toContain("None of the 4 synced resources has a health check");
});

test("where every resource has health nothing is explained", () => {
  expect(healthExplanation(run([task("Deployment", "web")], ["web"]))).toBeNull();
});

test("what is pruned or did not come to pass is not counted", () => {
  const pruned = { ...task("ConfigMap", "old"), action: "prune" };
  const failed: TaskInfo = { ...task("ConfigMap", "bad"), status: "failed" };
  expect(healthExplanation(run([task("Deployment", "web"), pruned, failed], ["web"]))).toBeNull();
});

test("hooks are done and have no health any more", () => {
  const hook = { ...task("Job", "migrate"), hooks: ["PreSync"] };
  expect(healthExplanation(run([task("Deployment", "web"), task("Secret", "a"), hook], ["web"]))).toBe(
    "1 of the 3 synced resources has no health check (Secret): it is fine once it is applied. 1 is a hook, which is done.",
  );
  expect(healthExplanation(run([task("Deployment", "web"), hook], ["web"]))).toBe(
    "Of the 2 synced resources 1 is a hook, which is done.",
  );
});
