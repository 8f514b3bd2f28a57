import { describe, expect, test } from "vitest";
import type { ResourceChangeInfo } from "../ipc";
import { compareVersions, summarizeFields } from "./changes";

function change(application: string, kind: string, path: string, before: unknown, after: unknown): ResourceChangeInfo {
  return {
    instance: `${application}@production`,
    resource: { group: "apps", kind, namespace: "shop", name: application },
    change: "changed",
    fields: [{ path, old: before, new: after, secret: false }],
  };
}

const image = "/spec/template/spec/containers/[name=app]/image";

describe("versions", () => {
  test.each([
    ["1.2.0", "1.10.0", -1],
    ["v2.0.0", "2.0.0", 0],
    ["1.2.0-rc.1", "1.2.0", -1],
    ["1.2.0", "1.2.0.1", -1],
    ["3.1", "3.0.9", 1],
    ["latest", "stable", 0],
    ["", "1.0", -1],
  ])("%s and %s", (left, right, order) => expect(Math.sign(compareVersions(left, right))).toBe(order));
});

function texts(changes: ResourceChangeInfo[]): string[] {
  return summarizeFields(changes).map((entry) => `${entry.label} ${entry.text}`);
}

describe("what a comparison comes down to", () => {
  test("images that move the same way", () =>
    expect(
      texts([
        change("api", "Deployment", image, "r/api:1.0", "r/api:1.1"),
        change("web", "Deployment", image, "r/web:4.0", "r/web:4.2"),
      ]),
    ).toEqual(["image moves forward in 2 Deployments"]));

  test("images that move both ways", () =>
    expect(
      texts([
        change("api", "Deployment", image, "r/api:1.0", "r/api:1.1"),
        change("web", "Deployment", image, "r/web:4.2", "r/web:4.0"),
        change("job", "Job", image, "r/job:a1", "q/job:b2"),
      ]),
    ).toEqual(["image moves forward in 1, back in 1, differently in 1"]));

  test("one change says its values", () =>
    expect(texts([change("api", "Ingress", "/spec/replicas", 2, 5)])).toEqual(["replicas 2 → 5 in 1 Ingress"]));

  test("one new value in many", () =>
    expect(
      texts([change("a", "Deployment", "/spec/replicas", 2, 7), change("b", "StatefulSet", "/spec/replicas", 3, 7)]),
    ).toEqual(["replicas set to 7 in 2 resources"]));

  test("different values in many", () =>
    expect(
      texts([change("a", "NetworkPolicy", "/spec/x", 1, 2), change("b", "NetworkPolicy", "/spec/x", 3, 4)]),
    ).toEqual(["x differs in 2 NetworkPolicies"]));

  test("the most frequent first", () =>
    expect(
      texts([
        change("a", "Deployment", "/spec/replicas", 1, 2),
        change("a", "ConfigMap", "/data/LEVEL", "a", "b"),
        change("b", "ConfigMap", "/data/LEVEL", "a", "b"),
      ]),
    ).toEqual(["LEVEL a → b in 2 ConfigMaps", "replicas 1 → 2 in 1 Deployment"]));
});

test("ten thousand changes are summed up while one waits", () => {
  const many = Array.from({ length: 10_000 }, (_, index) =>
    change(`app-${index}`, "Deployment", image, `r/app-${index}:1.${index}`, `r/app-${index}:1.${index + 1}`),
  );
  const start = performance.now();
  expect(summarizeFields(many)).toHaveLength(1);
  expect(performance.now() - start).toBeLessThan(500);
});

test("a text that is no part of a sentence is left to the difference", () => {
  const long = { path: "/data/blob", old: "a".repeat(1_000), new: "b".repeat(1_000), secret: false };
  const resource = { group: "", kind: "ConfigMap", namespace: "", name: "blob" };
  const [line] = summarizeFields([{ instance: "app@production", resource, change: "changed", fields: [long] }]);
  expect(line?.text).toBe("differs in 1 ConfigMap");
});
