import { describe, expect, test } from "vitest";
import { moveChoice, typeAheadIn } from "./choice";

describe("keys in a list of choices", () => {
  test.each([
    [0, "ArrowDown", 1],
    [2, "ArrowDown", 2],
    [0, "ArrowUp", 0],
    [2, "Home", 0],
    [0, "End", 2],
    [1, "a", null],
  ])("from %s, %s leads to %s", (at, key, expected) => expect(moveChoice(at, 3, key)).toBe(expected));

  test("an empty list has nowhere to go", () => expect(moveChoice(0, 0, "ArrowDown")).toBeNull());
});

describe("typing ahead", () => {
  const names = ["production", "staging", "preview", "development"];
  test.each([
    [0, "p", 2],
    [2, "p", 0],
    [0, "pr", 0],
    [0, "pre", 2],
    [-1, "D", 3],
    [0, "x", null],
    [0, "", null],
  ])("at %s, %s finds %s", (at, typed, expected) => expect(typeAheadIn(names, at, typed)).toBe(expected));
});
