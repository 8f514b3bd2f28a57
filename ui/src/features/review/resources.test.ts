import { expect, test } from "vitest";
import type { ResourceChangeInfo } from "../../ipc";
import { changeKey, changesSentence, filterChanges, onlyOnOneSide } from "./resources";

function change(
  instance: string,
  kind: string,
  fields: string[],
  what: ResourceChangeInfo["change"] = "changed",
): ResourceChangeInfo {
  return {
    instance,
    resource: { group: "", kind, namespace: "shop", name: instance.split("@")[0] ?? "" },
    change: what,
    fields: fields.map((path) => ({ path, old: 1, new: 2, secret: false })),
  };
}

const changes = [
  change("api@production", "Deployment", ["/spec/replicas", "/spec/image"]),
  change("api@production", "ConfigMap", ["/data/LOG_LEVEL"]),
  change("web@production", "Ingress", [], "added"),
];

test("a whole resource counts as one change", () => {
  expect(changesSentence(changes)).toBe("3 resources · 4 changes");
});

test("the filter looks at instances, resources and fields", () => {
  expect(filterChanges(changes, "api log").map((entry) => entry.resource.kind)).toEqual(["ConfigMap"]);
  expect(filterChanges(changes, "  ")).toHaveLength(3);
});

test("keys tell resources of the same name apart", () => {
  expect(new Set(changes.map(changeKey)).size).toBe(3);
});

test("resources of one side are counted", () => {
  expect(onlyOnOneSide({ from: "a", to: "b", groups: [], problems: [], resources: changes })).toEqual({
    added: 1,
    removed: 0,
  });
});
