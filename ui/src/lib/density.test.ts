import { readFileSync } from "node:fs";
import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { setDensity, useRowHeight } from "./density";

afterEach(() => setDensity("comfortable"));

test("rows follow the density at once", () => {
  const { result } = renderHook(() => useRowHeight("tree"));
  expect(result.current).toBe(28);
  act(() => setDensity("compact"));
  expect(result.current).toBe(24);
  expect(document.documentElement.dataset.density).toBe("compact");
  act(() => setDensity("comfortable"));
  expect(document.documentElement.dataset.density).toBeUndefined();
});

test("the tokens of the styles are the same heights", () => {
  const tokens = readFileSync("src/styles/tokens.css", "utf8");
  const compact = tokens.slice(tokens.indexOf('[data-density="compact"]'));
  for (const [text, wanted] of [
    [tokens, { tree: 28, matrix: 32, changes: 36 }],
    [compact, { tree: 24, matrix: 28, changes: 32 }],
  ] as const) {
    for (const [surface, height] of Object.entries(wanted)) expect(text).toContain(`--line-${surface}: ${height}px;`);
  }
});
