import { describe, expect, test } from "vitest";
import { placeAt } from "./floating";

const view = { width: 1000, height: 600 };
const below = { gap: 4, side: "below", align: "start" } as const;
const above = { gap: 6, side: "above", align: "center" } as const;

describe("something floats at a box", () => {
  test.each([
    ["below it, at its beginning", { left: 100, top: 50, width: 80, height: 28 }, below, { left: 100, top: 82 }],
    ["above it, in its middle", { left: 100, top: 300, width: 80, height: 28 }, above, { left: 40, top: 194 }],
    ["inside the window on the right", { left: 950, top: 50, width: 40, height: 28 }, below, { left: 794, top: 82 }],
    ["inside the window on the left", { left: 0, top: 300, width: 20, height: 28 }, above, { left: 6, top: 194 }],
    ["above, where there is no room below", { left: 0, top: 560, width: 80, height: 28 }, below, { left: 6, top: 456 }],
    [
      "below, where there is no room above",
      { left: 200, top: 10, width: 80, height: 28 },
      above,
      { left: 140, top: 44 },
    ],
  ] as const)("%s", (_what, anchor, how, expected) =>
    expect(placeAt(anchor, { width: 200, height: 100 }, view, how)).toMatchObject(expected),
  );
  test("and is no higher than its side has room", () => {
    const anchor = { left: 0, top: 200, width: 80, height: 28 };
    expect(placeAt(anchor, { width: 200, height: 900 }, view, below)).toEqual({ left: 6, top: 232, room: 362 });
  });
});
