import { expect, test } from "vitest";
import type { Lane, LaneGate, LaneGateState } from "../../ipc";
import { laneBlockers, lanesBehind, orderNote, railsOf, stopOf } from "./order";

function gate(state: LaneGateState, names: string[], text = ""): LaneGate {
  return {
    state,
    lanes: names.map((name) => `${name}@production`),
    more: 0,
    text,
    by: "the sync waves of the Application `root`",
    unenforced: state === "notEnforced" ? "nothing checks the health of Applications" : null,
    file: "apps/root.yaml",
    line: null,
  };
}

function lane(application: string, waitsFor?: LaneGate[]): Lane {
  return {
    instance: `${application}@production`,
    application,
    environment: "production",
    columns: [],
    message: null,
    phase: "planned",
    ...(waitsFor === undefined ? {} : { waitsFor }),
  };
}

const chain = [
  lane("database"),
  lane("cache"),
  lane("backend", [gate("waiting", ["database"], "waiting for database")]),
  lane("frontend", [gate("passed", ["cache"]), gate("waiting", ["backend"], "waiting for backend")]),
];

test("the gate before a lane is the one that says something, never one about what is not here", () => {
  expect(chain.map((each) => stopOf(each)?.text)).toEqual([
    undefined,
    undefined,
    "waiting for database",
    "waiting for backend",
  ]);
  expect(stopOf(lane("a", [gate("outside", ["b"], "comes after b, which is not synced here")]))).toBeNull();
  expect(stopOf(lane("a", [gate("passed", ["b"])]))?.state).toBe("passed");
});

test("what is waited for and who waits are found among the lanes on screen", () => {
  const [database, , backend] = chain as [Lane, Lane, Lane, Lane];
  expect(laneBlockers(chain, backend).map((each) => each.lanes.map((other) => other.application))).toEqual([
    ["database"],
  ]);
  expect(lanesBehind(chain, database).map((each) => each.application)).toEqual(["backend"]);
  expect(lanesBehind([lane("a"), lane("b", [gate("notEnforced", ["a"])])], lane("a"))).toEqual([]);
});

test("the note says whether anything is enforced", () => {
  expect(orderNote(chain).text).toBe("some wait for others");
  expect(orderNote([lane("a"), lane("b", [gate("notEnforced", ["a"])])]).text).toBe("order not enforced");
  expect(orderNote([lane("a"), lane("b")]).text).toBe("lanes are independent");
});

test("a line leads from what is waited for to what waits, past those between", () => {
  const rails = railsOf(chain);
  expect(rails[0]).toEqual([{ track: 0, up: false, down: true, end: "from", state: "waiting" }]);
  expect(rails[1]).toEqual([
    { track: 0, up: true, down: true, end: null, state: "waiting" },
    { track: 1, up: false, down: true, end: "from", state: "passed" },
  ]);
  expect(rails[2]?.map((part) => [part.track, part.end])).toEqual([
    [0, "to"],
    [1, null],
    [0, "from"],
  ]);
  expect(rails[3]?.map((part) => [part.track, part.end, part.up])).toEqual([
    [1, "to", true],
    [0, "to", true],
  ]);
});

test("all that wait for the same share a line, and lines without room are left out", () => {
  const shared = railsOf([lane("a"), lane("b", [gate("waiting", ["a"])]), lane("c", [gate("waiting", ["a"])])]);
  expect(shared.map((parts) => parts.length)).toEqual([1, 1, 1]);
  expect(shared[1]?.[0]).toMatchObject({ end: "to", down: true });
  const many = Array.from({ length: 6 }, (_, index) => lane(`early${index}`));
  const late = many.map((each, index) => lane(`late${index}`, [gate("waiting", [each.application])]));
  for (const parts of railsOf([...many, ...late])) expect(parts.length).toBeLessThanOrEqual(3);
});
