import { expect, test } from "vitest";
import type { KustomizationNode, LayerInfo } from "../../../ipc";
import { chainRows, contributions, layerTitles, placeText } from "./places";

function node(directory: string, usedBy: number | null, more: Partial<KustomizationNode> = {}): KustomizationNode {
  return {
    directory,
    place: { file: `${directory}/kustomization.yaml`, line: null, column: null, opens: true },
    usedBy,
    role: usedBy === null ? "target" : "base",
    resources: 0,
    generated: 0,
    changes: [],
    ...more,
  };
}

function layer(name: string, kind: LayerInfo["kind"]): LayerInfo {
  return { name, kind, place: null, keys: 0, onlyHere: 0, problem: null };
}

test("each kustomization stands below the one that uses it", () => {
  const rows = chainRows([node("top", null), node("a", 0), node("b", 0), node("a/base", 1)]);
  expect(rows.map((row) => [row.node.directory, row.level, row.usedBy])).toEqual([
    ["top", 1, null],
    ["a", 2, "top"],
    ["a/base", 3, "a"],
    ["b", 2, "top"],
  ]);
});

test("a chain of ten thousand has an end", () => {
  const long = Array.from({ length: 10_000 }, (_, index) => node(String(index), index === 0 ? null : index - 1));
  expect(chainRows(long).at(-1)?.level).toBe(10_000);
});

test("what a kustomization contributes is said in words", () => {
  const changes = [
    { field: "patches", count: 2 },
    { field: "namePrefix", count: 1 },
  ];
  expect(contributions(node("a", 0, { resources: 3, generated: 1, changes }))).toEqual([
    "3 resources",
    "1 generated",
    "patches × 2",
    "namePrefix",
  ]);
});

test("layers have short titles while no two are the same", () => {
  expect(layerTitles([layer("web/values.yaml", "defaults"), layer("env/prod.yaml", "file")])).toEqual([
    "Chart: values.yaml",
    "prod.yaml",
  ]);
  expect(layerTitles([layer("a/prod.yaml", "file"), layer("b/prod.yaml", "file")])).toEqual([
    "a/prod.yaml",
    "b/prod.yaml",
  ]);
});

test("a place without a line is its file", () => {
  expect(placeText({ file: "a.yaml", line: null, column: null, opens: true })).toBe("a.yaml");
  expect(placeText({ file: "a.yaml", line: 3, column: 1, opens: true })).toBe("a.yaml:3");
});
