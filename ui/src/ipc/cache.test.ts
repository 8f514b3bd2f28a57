import { expect, test } from "vitest";
import { changedBy, commandKey, isAffected } from "./cache";

test("an answer is affected by the tags its command reads", () => {
  expect(isAffected(commandKey("fleet", { repository: "a" }), ["fleet"])).toBe(true);
  expect(isAffected(commandKey("fleet", { repository: "a" }), ["runs"])).toBe(false);
  expect(isAffected(commandKey("promotion_plan", plan("a")), ["repository"])).toBe(true);
});

test("a change in one repository leaves answers about another", () => {
  expect(isAffected(commandKey("matrix", { repository: "a" }), ["fleet"], "b")).toBe(false);
  expect(isAffected(commandKey("matrix", { repository: "a" }), ["fleet"], "a")).toBe(true);
});

test("keys of other libraries are never affected", () => {
  expect(isAffected(["palette", { repository: "a" }], ["fleet"])).toBe(false);
  expect(isAffected(["toString", {}], ["fleet"])).toBe(false);
});

test("a commit changes the repository and the fleet", () => {
  expect(changedBy("promotion_commit").sort()).toEqual(["fleet", "repository"]);
});

function plan(repository: string) {
  return { repository, from: "staging", to: ["production"], applications: null, include: [], exclude: [] };
}
