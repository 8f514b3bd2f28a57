import { describe, expect, test } from "vitest";
import {
  fieldLabel,
  formatAge,
  formatPair,
  formatValue,
  plural,
  shortCommit,
  splitAtTail,
  splitInstance,
} from "./format";

describe("fieldLabel says what people call a field", () => {
  test.each([
    ["/spec/template/spec/containers/[name=api]/image", "image"],
    ["/spec/replicas", "replicas"],
    ["/spec/jobTemplate/spec/template/spec/containers/[name=sync]/image", "image"],
    ["/spec/template/spec/containers/[name=api]/resources/requests/cpu", "resources.requests.cpu"],
    ["/spec/template/spec/containers/[name=api]/env/[name=LOG_LEVEL]/value", "LOG_LEVEL"],
    ["/data/LOG_LEVEL", "LOG_LEVEL"],
    ["/data/app~1config.yaml", "app/config.yaml"],
    ["/metadata/labels/team", "labels.team"],
    ["/spec/rules/[host=shop.example.com]/http", "rules.shop.example.com.http"],
    ["", "whole resource"],
  ])("%s", (path, label) => expect(fieldLabel(path)).toBe(label));
});

describe("formatPair leaves out what two image references share", () => {
  test.each([
    ["ghcr.io/acme/api:2.11.4", "ghcr.io/acme/api:2.12.0", "2.11.4", "2.12.0"],
    ["ghcr.io/acme/api:1", "ghcr.io/acme/web:1", "ghcr.io/acme/api:1", "ghcr.io/acme/web:1"],
    [3, 5, "3", "5"],
    [null, "debug", "not set", "debug"],
  ])("%s → %s", (before, after, left, right) =>
    expect(formatPair(before, after)).toEqual({ before: left, after: right }),
  );
});

test("a name is split at the last @", () => {
  expect(splitInstance("a@b@production/eu")).toEqual({ application: "a@b", environment: "production/eu" });
  expect(splitInstance("a@prod#apps/a")).toEqual({ application: "a", environment: "prod" });
  expect(splitInstance("a@x%40y")).toEqual({ application: "a", environment: "x@y" });
});

test("ages are short in tables", () => {
  expect([5, 59, 60, 7_300, 200_000].map(formatAge)).toEqual(["5s", "59s", "1m", "2h", "2d"]);
});

test("counts have the right number", () => {
  expect(plural(1, "resource")).toBe("1 resource");
  expect(plural(0, "resource")).toBe("0 resources");
  expect(plural(2, "entry", "entries")).toBe("2 entries");
});

test("values are one line", () => {
  expect(formatValue({ a: [1] })).toBe('{"a":[1]}');
  expect(formatValue("x".repeat(300))).toHaveLength(300);
  expect(formatValue("")).toBe('""');
});

test("only commit ids are cut", () => {
  expect(shortCommit("9f2c1ab0d4e57f1122334455667788990011aabb")).toBe("9f2c1ab");
  expect(shortCommit("working directory")).toBe("working directory");
});

test("of a long name the tail stays whole, signs of several code points with it", () => {
  expect(splitAtTail("payments-api")).toEqual(["payments-api", ""]);
  expect(splitAtTail("payments-reconciliation-worker")).toEqual(["payments-reconciliatio", "n-worker"]);
  const family = "👨‍👩‍👧";
  expect(splitAtTail(family.repeat(12))).toEqual([family.repeat(12), ""]);
  expect(splitAtTail(family.repeat(30))).toEqual([family.repeat(22), family.repeat(8)]);
});
