import { describe, expect, test } from "vitest";
import type { PromotionItemInfo, PromotionPlanInfo, ResourceChangeInfo, ResourceInfo } from "../../ipc";
import { causesOf, previewRows } from "./causes";

const deployment = (name: string): ResourceInfo => ({ group: "apps", kind: "Deployment", namespace: "shop", name });
const image = "/spec/template/spec/containers/[name=app]/image";

function item(application: string, more: Partial<PromotionItemInfo> = {}): PromotionItemInfo {
  return {
    key: `${application} image`,
    instance: `${application}@production`,
    resource: deployment(application),
    path: image,
    old: `registry/${application}:1.0.0`,
    new: `registry/${application}:1.1.0`,
    secret: false,
    class: "a",
    reason: "an image tag is a version",
    chosen: true,
    edits: [0],
    problem: null,
    ...more,
  };
}

function changed(application: string, paths: string[], environment = "production"): ResourceChangeInfo {
  return {
    instance: `${application}@${environment}`,
    resource: deployment(application),
    change: "changed",
    fields: paths.map((path) => ({ path, old: "1", new: "2", secret: false })),
  };
}

function plan(more: Partial<PromotionPlanInfo>): PromotionPlanInfo {
  return {
    from: "staging",
    to: ["production"],
    base: "0".repeat(40),
    baseBranch: "main",
    items: [],
    edits: [{ file: "apps/values.yaml", operation: "set", path: "/image/tag", old: "1.0.0", new: "1.1.0" }],
    preview: { from: "now", to: "after", groups: [], resources: [], problems: [] },
    alsoChanged: [],
    problems: [],
    branch: "promote/x",
    message: "promote",
    ...more,
  };
}

const preview = (resources: ResourceChangeInfo[]): PromotionPlanInfo["preview"] => ({
  from: "now",
  to: "after",
  groups: [],
  resources,
  problems: [],
});

describe("the preview is grouped by cause", () => {
  test("the same tick of two applications is one cause, with where it is written", () => {
    const [cause, ...others] = causesOf(
      plan({ items: [item("api"), item("web")], preview: preview([changed("api", [image]), changed("web", [image])]) }),
    );
    expect(others).toEqual([]);
    expect(cause).toMatchObject({
      kind: "ticked",
      label: "image",
      before: "1.0.0",
      after: "1.1.0",
      class: "a",
      edits: ["apps/values.yaml: /image/tag"],
    });
    expect(cause?.changes.map((change) => change.instance)).toEqual(["api@production", "web@production"]);
  });

  test("what no tick explains follows from the edits and comes last", () => {
    const causes = causesOf(
      plan({ items: [item("api")], preview: preview([changed("api", [image, "/metadata/labels/version"])]) }),
    );
    expect(causes.map((cause) => [cause.kind, cause.changes.length])).toEqual([
      ["ticked", 1],
      ["follows", 1],
    ]);
  });

  test("instances that were not chosen come first", () => {
    const causes = causesOf(
      plan({
        items: [item("api")],
        alsoChanged: ["api@canary"],
        preview: preview([changed("api", [image]), changed("api", [image], "canary")]),
      }),
    );
    expect(causes.map((cause) => cause.kind)).toEqual(["also", "ticked"]);
    expect(causes[0]?.changes[0]?.instance).toBe("api@canary");
  });

  test("a new resource is caused by its own tick", () => {
    const monitor = { group: "monitoring", kind: "ServiceMonitor", namespace: "shop", name: "api" };
    const causes = causesOf(
      plan({
        items: [item("api", { resource: monitor, path: "", old: null, new: {}, class: "d" })],
        preview: preview([{ instance: "api@production", resource: monitor, change: "added", fields: [] }]),
      }),
    );
    expect(causes).toMatchObject([{ label: "+ ServiceMonitor/api", changes: [{ field: null, change: "added" }] }]);
  });

  test("versions come before settings, unticked items cause nothing", () => {
    const causes = causesOf(
      plan({
        items: [
          item("api", { path: "/data/LEVEL", class: "d", old: "info", new: "debug" }),
          item("api"),
          item("web", { chosen: false }),
        ],
      }),
    );
    expect(causes.map((cause) => cause.label)).toEqual(["image", "LEVEL"]);
  });

  test("a closed cause hides its changes", () => {
    const causes = causesOf(plan({ items: [item("api")], preview: preview([changed("api", [image])]) }));
    expect(previewRows(causes, new Set()).map((row) => row.kind)).toEqual(["cause", "change"]);
    expect(previewRows(causes, new Set(causes.map((cause) => cause.key))).map((row) => row.kind)).toEqual(["cause"]);
  });
});
