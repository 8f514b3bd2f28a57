import { expect, test } from "vitest";
import type { PromotionItemInfo } from "../../ipc";
import { groupItems, leaveOut, noTicks, toggleTick } from "./ticks";

function item(key: string, chosen: boolean, instance = "api@production"): PromotionItemInfo {
  return {
    key,
    instance,
    resource: { group: "apps", kind: "Deployment", namespace: "shop", name: "api" },
    path: "/spec/replicas",
    old: 1,
    new: 2,
    secret: false,
    class: "b",
    reason: "sized for each environment",
    chosen,
    edits: [],
    problem: null,
  };
}

test("a tick and its return leave no trace", () => {
  const ticked = toggleTick(noTicks, item("k", false));
  expect(ticked).toEqual({ include: ["k"], exclude: [] });
  expect(toggleTick(ticked, item("k", true))).toEqual(noTicks);
});

test("an unticked default is excluded until it is ticked again", () => {
  const unticked = toggleTick(noTicks, item("k", true));
  expect(unticked).toEqual({ include: [], exclude: ["k"] });
  expect(toggleTick(unticked, item("k", false))).toEqual(noTicks);
});

test("items are grouped by target, in order", () => {
  const groups = groupItems([item("a", true), item("b", true, "web@production"), item("c", false)]);
  expect(groups.map((group) => [group.instance, group.items.map((entry) => entry.key)])).toEqual([
    ["api@production", ["a", "c"]],
    ["web@production", ["b"]],
  ]);
});

test("what the review left out is unticked, resource by resource", () => {
  const items = [item("a", true), item("b", false), item("c", true, "web@production")];
  expect(leaveOut(noTicks, items, new Set(["api@production apps/Deployment/shop/api"]))).toEqual({
    include: [],
    exclude: ["a"],
  });
  expect(leaveOut(noTicks, items, new Set())).toEqual(noTicks);
});

test("what the review left out is unticked: resources as a whole, and single fields", () => {
  const [replicas, image] = [item("a", true), { ...item("b", true), path: "/spec/image" }];
  const resource = "api@production apps/Deployment/shop/api";
  const items = [replicas, image];
  expect(leaveOut(noTicks, items, new Set([resource])).exclude).toEqual(["a", "b"]);
  expect(leaveOut(noTicks, items, new Set([`${resource} /spec/image`])).exclude).toEqual(["b"]);
  expect(leaveOut(noTicks, items, new Set(["web@production apps/Deployment/shop/web"])).exclude).toEqual([]);
});
