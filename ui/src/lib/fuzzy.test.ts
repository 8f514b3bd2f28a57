import { expect, test } from "vitest";
import { fuzzyFilter, fuzzyScore } from "./fuzzy";

test("characters must occur in order", () => {
  expect(fuzzyScore("pyw", "payments-worker")).not.toBeNull();
  expect(fuzzyScore("wyp", "payments-worker")).toBeNull();
});

test("a whole word beats scattered letters", () => {
  const names = ["web-order-runner-kit", "checkout-worker", "payments-worker", "ledger"];
  expect(fuzzyFilter(names, "work", (name) => name, 10).slice(0, 2)).toEqual(["checkout-worker", "payments-worker"]);
  expect(fuzzyFilter(names, "work", (name) => name, 10)).not.toContain("ledger");
});

test("an empty query keeps the order and the limit", () => {
  expect(fuzzyFilter([3, 1, 2], " ", String, 2)).toEqual([3, 1]);
});
