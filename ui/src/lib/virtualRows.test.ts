import { describe, expect, test } from "vitest";
import { evenRows, rowsIn, scrollFor, unevenRows } from "./virtualRows";

const even = evenRows(1000, 28);
const uneven = unevenRows(4, 10, (index) => [20, 50, 30, 100][index] ?? 0);

describe("rows of one height", () => {
  test("begin one after the other", () =>
    expect([even.startOf(0), even.startOf(3), even.total]).toEqual([0, 84, 28_000]));
  test.each([
    [-50, 0],
    [0, 0],
    [27, 0],
    [28, 1],
    [99_999, 999],
  ])("at %s lies row %s", (offset, index) => expect(even.indexAt(offset)).toBe(index));
});

describe("rows of different heights", () => {
  test("begin after what is before them and the gap", () =>
    expect([0, 1, 2, 3].map((index) => uneven.startOf(index))).toEqual([0, 30, 90, 130]));
  test("have no gap after the last", () => expect(uneven.total).toBe(230));
  test.each([
    [0, 0],
    [29, 0],
    [30, 1],
    [89, 1],
    [130, 3],
    [5000, 3],
  ])("at %s lies row %s", (offset, index) => expect(uneven.indexAt(offset)).toBe(index));
});

describe("what is painted", () => {
  test("is the window and a few more", () => expect(rowsIn(even, 2800, 280, 5)).toEqual([95, 116]));
  test("stays inside", () => {
    expect(rowsIn(even, 0, 280, 5)).toEqual([0, 16]);
    expect(rowsIn(even, 28_000, 280, 5)).toEqual([994, 1000]);
  });
  test("is nothing where there is no room or no row", () => {
    expect(rowsIn(even, 0, 0, 5)).toEqual([0, 0]);
    expect(rowsIn(evenRows(0, 28), 0, 500, 5)).toEqual([0, 0]);
  });
});

describe("scrolling to a row", () => {
  const window = { top: 280, height: 280, before: 36, covered: 36 };
  test("does nothing where it is in view", () => expect(scrollFor(even, 12, "nearest", window)).toBeNull());
  test("goes no further than needed", () => {
    expect(scrollFor(even, 30, "nearest", window)).toBe(36 + 31 * 28 - 280);
    expect(scrollFor(even, 2, "nearest", window)).toBe(56);
  });
  test("brings it to the middle", () => expect(scrollFor(even, 100, "center", window)).toBe(36 + 2800 - 126));
  test("never goes above the top", () => expect(scrollFor(even, 0, "center", window)).toBe(0));
  test("of no row is nothing", () => expect(scrollFor(even, -1, "nearest", window)).toBeNull());
});
