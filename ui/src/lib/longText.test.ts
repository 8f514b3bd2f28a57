import { expect, test } from "vitest";
import { longestLine, paintedSegments, withoutMiddle } from "./longText";

test("a text that is short enough stays as it is", () => {
  const text = "x".repeat(longestLine);
  expect(withoutMiddle(text)).toBe(text);
});

test("the middle of a long text is left out, and told", () => {
  expect(withoutMiddle(`${"a".repeat(50)}${"b".repeat(2_000)}`, 100)).toBe(
    `${"a".repeat(50)} … 1,950 characters … ${"b".repeat(50)}`,
  );
});

test("a character of two units is not cut", () => {
  for (const lead of ["", "x"]) {
    const cut = withoutMiddle(`${lead}${"😀".repeat(200)}`, 99);
    expect(cut).toMatch(/^x?😀+ … \d+ characters … 😀+$/u);
    expect(cut).not.toMatch(/\p{Cs}/u);
  }
});

test("what differs in a long line stays in sight", () => {
  const segments = [
    { text: "0".repeat(5_000_000), marked: false },
    { text: "staging", marked: true },
    { text: "1".repeat(5_000_000), marked: false },
  ];
  const painted = paintedSegments(segments);
  expect(painted[1]).toEqual({ text: "staging", marked: true });
  expect(painted.reduce((sum, segment) => sum + segment.text.length, 0)).toBeLessThan(longestLine + 100);
  expect(paintedSegments(segments.slice(1, 2))).toEqual([{ text: "staging", marked: true }]);
});
