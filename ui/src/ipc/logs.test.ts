import { expect, test } from "vitest";
import { addLines, logLimit } from "./logs";

function lines(from: number, to: number): { number: number; time: string; text: string }[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    number: from + index,
    time: "",
    text: `line ${from + index}`,
  }));
}

test("an answer that overlaps adds only what is new", () => {
  const before = lines(1, 3);
  const after = addLines(before, lines(2, 5));
  expect(after.map((line) => line.number)).toEqual([1, 2, 3, 4, 5]);
  expect(addLines(after, lines(1, 4))).toBe(after);
});

test("the oldest lines go where there are too many", () => {
  const kept = addLines(lines(1, logLimit), lines(logLimit + 1, logLimit + 7));
  expect(kept).toHaveLength(logLimit);
  expect(kept[0]?.number).toBe(8);
});
