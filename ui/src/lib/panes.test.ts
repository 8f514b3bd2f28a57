import { expect, test } from "vitest";
import { clampWidth, detailLimits } from "./panes";

test.each([
  [500.4, 500],
  [100, 340],
  [5000, 760],
  [Number.NaN, 430],
  [-20, 430],
  [Number.POSITIVE_INFINITY, 430],
])("a width of %s becomes %s", (width, expected) => expect(clampWidth(width, detailLimits)).toBe(expected));
