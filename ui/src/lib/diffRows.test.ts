import { describe, expect, test } from "vitest";
import type { DiffRow } from "../ipc";
import {
  findRows,
  searchTexts,
  foldRows,
  hunkStarts,
  nextOf,
  summarize,
  textOf,
  textOfSide,
  unifiedPatch,
  unifyRows,
} from "./diffRows";

function context(line: number): DiffRow {
  const segments = [{ text: `line ${line}`, marked: false }];
  return { kind: "context", leftLine: line, rightLine: line, left: segments, right: segments, hunk: null, folded: 0 };
}

function changed(line: number, hunk: number): DiffRow {
  return {
    kind: "changed",
    leftLine: line,
    rightLine: line,
    left: [{ text: `old ${line}`, marked: true }],
    right: [{ text: `new ${line}`, marked: true }],
    hunk,
    folded: 0,
  };
}

const rows = [
  ...Array.from({ length: 20 }, (_, index) => context(index + 1)),
  changed(21, 0),
  changed(22, 0),
  ...Array.from({ length: 12 }, (_, index) => context(index + 23)),
  changed(35, 1),
  context(36),
];

function outline(view: ReturnType<typeof foldRows>): string[] {
  return view.map((row) =>
    row.kind === "fold" ? `… ${row.folded}` : `${row.kind[0]} ${row.leftLine ?? row.rightLine}`,
  );
}

describe("unchanged lines", () => {
  test("three stay on each side of a change", () => {
    expect(outline(foldRows(rows, new Set()))).toEqual([
      "… 17",
      "c 18",
      "c 19",
      "c 20",
      "c 21",
      "c 22",
      "c 23",
      "c 24",
      "c 25",
      "… 6",
      "c 32",
      "c 33",
      "c 34",
      "c 35",
      "c 36",
    ]);
  });

  test("a fold is opened by its name, or all together", () => {
    const fold = foldRows(rows, new Set()).find((row) => row.kind === "fold")?.fold ?? -1;
    expect(foldRows(rows, new Set([fold])).filter((row) => row.kind === "fold")).toHaveLength(1);
    expect(foldRows(rows, "all")).toHaveLength(rows.length);
  });

  test("what the core folded stays folded", () => {
    const fold: DiffRow = {
      kind: "fold",
      leftLine: null,
      rightLine: null,
      left: [],
      right: [],
      hunk: null,
      folded: 66,
    };
    expect(foldRows([fold, changed(1, 0)], "all")[0]).toMatchObject({ kind: "fold", folded: 66, fold: null });
  });

  test("short runs are not worth a fold", () => {
    expect(
      foldRows(
        [changed(1, 0), ...Array.from({ length: 8 }, (_, index) => context(index + 2)), changed(10, 1)],
        new Set(),
      ).some((row) => row.kind === "fold"),
    ).toBe(false);
  });
});

test("in one column a hunk says first what is gone", () => {
  const unified = unifyRows([...foldRows([changed(1, 0), changed(2, 0)], new Set())]);
  expect(unified.map((row) => `${row.kind} ${textOf(row.left)}${textOf(row.right)}`)).toEqual([
    "removed old 1",
    "removed old 2",
    "added new 1",
    "added new 2",
  ]);
});

test("neighbouring hunks keep their lines apart", () => {
  const unified = unifyRows(foldRows([changed(1, 0), changed(2, 1)], new Set()));
  expect(unified.map((row) => row.kind)).toEqual(["removed", "added", "removed", "added"]);
});

test("next and previous go around the ends", () => {
  const starts = hunkStarts(foldRows(rows, new Set()));
  expect(starts).toEqual([4, 13]);
  expect(nextOf(starts, 4, 1)).toBe(13);
  expect(nextOf(starts, 13, 1)).toBe(4);
  expect(nextOf(starts, 4, -1)).toBe(13);
  expect(nextOf([], 0, 1)).toBeNull();
});

test("find looks at both sides", () => {
  const view = foldRows(rows, "all");
  expect(findRows(searchTexts(view), "NEW 35")).toEqual([34]);
  expect(findRows(searchTexts(view), "")).toEqual([]);
});

test("the summary counts lines", () => {
  expect(summarize(rows)).toBe("lines: 3 changed");
  expect(summarize([context(1)])).toBe("no lines differ");
});

test("a side is copied as it is", () => {
  const sides = [context(1), changed(2, 0)];
  expect(textOfSide(sides, "left")).toBe("line 1\nold 2\n");
  expect(textOfSide(sides, "right")).toBe("line 1\nnew 2\n");
});

test("a comparison is copied as a patch with a hunk for each change", () => {
  const patch = unifiedPatch({ left: "staging", right: "production", rows }, "Deployment/api");
  expect(patch.split("\n").slice(0, 4)).toEqual([
    "--- Deployment/api (staging)",
    "+++ Deployment/api (production)",
    "@@ -18,8 +18,8 @@",
    " line 18",
  ]);
  expect(patch).toContain("-old 21\n-old 22\n+new 21\n+new 22\n");
  expect(patch.match(/^@@/gm)).toHaveLength(2);
});
