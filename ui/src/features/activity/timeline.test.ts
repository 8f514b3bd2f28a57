import { expect, test } from "vitest";
import { observe } from "../../ipc/runs";
import type { RunInfo, TaskStatus } from "../../ipc";
import { messages, report, steps, ticks } from "./timeline";

function run(statuses: TaskStatus[], more: Partial<RunInfo> = {}): RunInfo {
  return {
    id: "run-1",
    repository: "r",
    target: "sandbox",
    revision: "9f2c1ab",
    phase: "running",
    startedAt: 1000,
    finishedAt: null,
    lanes: [
      {
        instance: "api@production",
        application: "api",
        environment: "production",
        phase: "running",
        message: null,
        columns: statuses.map((status, wave) => ({
          phase: "Sync",
          wave,
          gate: wave === 0 ? "open" : "waiting",
          gateText: null,
          tasks: [
            {
              key: `Job/j${wave}`,
              resource: { group: "batch", kind: "Job", namespace: "a", name: `j${wave}` },
              action: "apply",
              hooks: [],
              waitsForHealth: true,
              status,
              message: status === "failed" ? "backoff limit" : null,
            },
          ],
        })),
      },
    ],
    total: statuses.length,
    done: 0,
    failed: 0,
    message: null,
    health: [],
    ...more,
  };
}

test("steps that this page saw have a bar, others have none", () => {
  let seen = observe(undefined, run(["inProgress", "waiting"]), 1000);
  seen = observe(seen, run(["synced", "inProgress"]), 2000);
  const list = steps(seen, 3000);
  expect(list.map((step) => step.bar)).toEqual([
    { start: 0, end: 0.5 },
    { start: 0.5, end: 1 },
  ]);
  expect(list.map((step) => step.mark.word)).toEqual(["Synced", "In progress"]);
  expect(
    steps(observe(undefined, run(["synced", "synced"], { phase: "succeeded", finishedAt: 4000 }), 9000), 9000).map(
      (step) => step.bar,
    ),
  ).toEqual([null, null]);
});

test("a failure is seen once, with its message", () => {
  let seen = observe(undefined, run(["inProgress"]), 1000);
  seen = observe(seen, run(["failed"]), 1500);
  seen = observe(seen, run(["failed"], { done: 0, failed: 1 }), 1600);
  expect(seen.sightings.filter((entry) => entry.kind === "failed")).toHaveLength(1);
  expect(seen.sightings.at(-1)).toMatchObject({
    title: "api@production: Job j0 failed",
    text: "backoff limit",
    at: 1500,
  });
  expect(messages(seen.run).map((entry) => entry.text)).toEqual(["backoff limit"]);
});

test("what did not change keeps its identity", () => {
  const first = observe(undefined, run(["synced", "inProgress"]), 1000);
  const second = observe(first, run(["synced", "synced"]), 1100);
  expect(second.run.lanes[0]?.columns[0]).toBe(first.run.lanes[0]?.columns[0]);
  expect(second.run.lanes[0]?.columns[1]).not.toBe(first.run.lanes[0]?.columns[1]);
  expect(observe(second, run(["synced", "synced"]), 1200)).toBe(second);
});

test("the axis goes from the beginning to the end", () => {
  expect(ticks(run([], { finishedAt: 4000 }), 9000)).toEqual([1000, 2000, 3000, 4000]);
  expect(ticks(run([], { finishedAt: 2500 }), 9000)).toEqual([1000, 2500]);
  expect(ticks(run([], { finishedAt: 1200 }), 9000)).toEqual([1000]);
});

test("the report says what failed", () => {
  const text = report(run(["failed"], { phase: "failed" }), String);
  expect(text).toContain("Sync to sandbox: failed");
  expect(text).toContain("Job/j0 failed: backoff limit");
});

test("what a lane waits for as a whole stands at its first step", () => {
  const going = run(["waiting", "waiting"]);
  const [lane] = going.lanes;
  if (lane === undefined) throw new Error("the run has a lane");
  lane.waitsFor = [
    {
      state: "waiting",
      lanes: ["database@production"],
      more: 0,
      text: "waiting for database",
      by: "`dependsOn` of the Kustomization `api`",
      unenforced: null,
      file: null,
      line: null,
    },
  ];
  expect(steps(observe(undefined, going, 1000), 2000).map((step) => step.text)).toEqual(["waiting for database", null]);
});
