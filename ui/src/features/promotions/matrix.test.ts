import { describe, expect, test } from "vitest";
import type { Matrix, MatrixCell, StateInfo } from "../../ipc";
import { columnsOf, comparedCells, defaultWay, filterRows, moveCursor, readWay, selectRange } from "./matrix";

function cell(application: string, environment: string, version: string, state: StateInfo): MatrixCell {
  return { instance: `${application}@${environment}`, version, state, classes: { a: 0, b: 0, c: 0, d: 0 } };
}

const matrix: Matrix = {
  repository: "r",
  generation: 1,
  environments: [
    { name: "staging", protected: false },
    { name: "production", protected: true },
  ],
  rows: [
    {
      application: "api",
      cells: [
        cell("api", "staging", "2.0", { kind: "first" }),
        cell("api", "production", "1.0", { kind: "behind", count: 1, byNumber: false }),
      ],
    },
    {
      application: "drifted",
      cells: [
        cell("drifted", "staging", "1.0", { kind: "first" }),
        cell("drifted", "production", "1.0", { kind: "drifted", count: 2, intended: false }),
      ],
    },
    { application: "gone", cells: [null, cell("gone", "production", "1.0", { kind: "first" })] },
    { application: "new", cells: [cell("new", "staging", "0.1", { kind: "first" }), null] },
    {
      application: "same",
      cells: [cell("same", "staging", "3.1", { kind: "first" }), cell("same", "production", "3.1", { kind: "equal" })],
    },
  ],
};
const way = { from: "staging", to: "production" };
const names = (rows: Matrix["rows"]): string[] => rows.map((row) => row.application);

test("the proposed way leads into the last environment", () => {
  expect(defaultWay(matrix)).toEqual(way);
  expect(defaultWay({ ...matrix, environments: matrix.environments.slice(0, 1) })).toBeNull();
});

test.each([
  ["staging", "production", way],
  [undefined, "production", way],
  ["nowhere", undefined, way],
  ["production", "staging", { from: "production", to: "staging" }],
  ["staging", "staging", way],
])("the address %s → %s is the way %o", (from, to, expected) => expect(readWay(matrix, from, to)).toEqual(expected));

test("rows with something to promote: behind, drifted or new in the target", () => {
  expect(names(filterRows(matrix, "", way))).toEqual(["api", "drifted", "new"]);
  expect(names(filterRows(matrix, "", null))).toHaveLength(5);
});

function rowOf(application: string, ...states: StateInfo["kind"][]): Matrix["rows"][number] {
  const cells = ["dev", "staging", "production"].map((name, index) => {
    const kind = states[index] ?? "first";
    return cell(application, name, "1.0", { kind, count: 2, intended: false } as StateInfo);
  });
  return { application, cells };
}

test("a way over several environments has what any of its steps has", () => {
  const far = { from: "dev", to: "production" };
  const long: Matrix = {
    ...matrix,
    environments: ["dev", "staging", "production"].map((name) => ({ name, protected: false })),
    rows: [
      rowOf("early", "first", "drifted", "equal"),
      rowOf("late", "first", "equal", "drifted"),
      rowOf("same", "first", "equal", "equal"),
    ],
  };
  expect(names(filterRows(long, "", far))).toEqual(["early", "late"]);
  expect(names(filterRows(long, "", { from: far.to, to: far.from }))).toEqual(["early", "late"]);
  expect(names(filterRows(long, "", { from: "staging", to: "production" }))).toEqual(["late"]);
});

test("the text looks at names and versions", () => {
  expect(names(filterRows(matrix, "3.1", null))).toEqual(["same"]);
  expect(names(filterRows(matrix, "AP 2.0", null))).toEqual(["api"]);
});

test("environments that hold none of the filtered rows have no column, but for those on the way", () => {
  const wide: Matrix = {
    ...matrix,
    environments: ["first", "second", "third", "fourth"].map((name) => ({ name, protected: false })),
    rows: [
      { application: "one", cells: [cell("one", "first", "1.0", { kind: "first" }), null, null, null] },
      { application: "two", cells: [null, cell("two", "second", "1.0", { kind: "first" }), null, null] },
    ],
  };
  const to = { from: "third", to: "fourth" };
  expect(columnsOf(wide, filterRows(wide, "two", null), null)).toEqual([1]);
  expect(columnsOf(wide, filterRows(wide, "two", null), to)).toEqual([1, 2, 3]);
  expect(columnsOf(wide, filterRows(wide, "", null), null)).toEqual([0, 1, 2, 3]);
});

test("a range takes both ends", () => {
  expect([...selectRange(matrix.rows, new Set(["same"]), 2, 0)].sort()).toEqual(["api", "drifted", "gone", "same"]);
});

describe("the cell moves and stays inside", () => {
  test.each([
    ["ArrowDown", { row: 4, column: 1 }, { row: 4, column: 1 }],
    ["ArrowUp", { row: 1, column: 1 }, { row: 0, column: 1 }],
    ["End", { row: 1, column: 0 }, { row: 1, column: 2 }],
    ["x", { row: 1, column: 0 }, null],
  ])("%s", (key, from, to) => expect(moveCursor(from, key, 5, 3)).toEqual(to));
});

test("the proposed way leaves out environments that no application goes through", () => {
  const odd: Matrix = {
    ...matrix,
    environments: [...matrix.environments, { name: "system", protected: false }],
    rows: [
      ...matrix.rows.map((row) => ({ ...row, cells: [...row.cells, null] })),
      { application: "operator", cells: [null, null, cell("operator", "system", "1.0", { kind: "first" })] },
    ],
  };
  expect(defaultWay(odd)).toEqual(way);
});

function at(application: string, environment: string): { application: string; environment: string } {
  return { application, environment };
}

describe("two cells are compared", () => {
  test("of different applications or environments", () =>
    expect(comparedCells(matrix, at("api", "staging"), at("drifted", "production"))).toEqual({
      from: "api@staging",
      to: "drifted@production",
    }));
  test("one alone with the environment before it", () =>
    expect(comparedCells(matrix, at("api", "production"), at("api", "production"))).toEqual({
      from: "api@staging",
      to: "api@production",
    }));
  test.each([
    ["the first environment has none before it", at("api", "staging"), at("api", "staging")],
    ["an empty cell is nothing", at("gone", "staging"), at("api", "production")],
    ["the one before may be empty", at("gone", "production"), at("gone", "production")],
  ])("but %s", (_why, marked, cellAt) => expect(comparedCells(matrix, marked, cellAt)).toBeNull());
});
