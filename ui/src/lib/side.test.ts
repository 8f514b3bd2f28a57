import { expect, test } from "vitest";
import { readList, writeList } from "./places";
import { readSide, writeSide } from "./side";

test.each([
  "environment:staging",
  "environment:production/eu#v1.2",
  "instance:payments-api@production",
  "instance:a@b#main",
  "revision:main",
  "working",
])("%s is read as it was written", (text) => {
  const side = readSide(text);
  expect(side).not.toBeNull();
  if (side !== null) expect(writeSide(side)).toBe(text);
});

test.each([undefined, "", "environment:", "nothing", "other:thing"])("%s is no side", (text) =>
  expect(readSide(text)).toBeNull(),
);

test("lists keep names with commas and per cent signs", () => {
  const names = ["a@b", "x,y@z", "p%40q@r"];
  expect(readList(writeList(names))).toEqual(names);
  expect(readList(undefined)).toEqual([]);
  expect(writeList([])).toBeUndefined();
});
