import { expect, test } from "vitest";
import type { ResourceChangeInfo } from "../../ipc";
import { areOut, isOut, type LeftOut, leftOutSentence, partlyOut, toggleFields, toggleResource } from "./exclusion";

function change(...paths: string[]): ResourceChangeInfo {
  return {
    instance: "web@production",
    resource: { group: "apps", kind: "Deployment", namespace: "", name: "web" },
    change: "changed",
    fields: paths.map((path) => ({ path, old: 1, new: 2, secret: false })),
  };
}

const key = "web@production apps/Deployment//web";
const none: LeftOut = new Set();

test("a hunk is left out and taken in by its fields", () => {
  const web = change("/a", "/b", "/c");
  const out = toggleFields(none, web, ["/a", "/b"]);
  expect([...out]).toEqual([`${key} /a`, `${key} /b`]);
  expect(areOut(out, web, ["/a"])).toBe(true);
  expect(areOut(out, web, ["/b", "/c"])).toBe(false);
  expect(partlyOut(out, web)).toBe(2);
  expect([...toggleFields(out, web, ["/a", "/b"])]).toEqual([]);
  expect(toggleFields(out, web, ["/b", "/c"]).has(`${key} /c`)).toBe(false);
});

test("every field out is the resource out, and one taken in again leaves the others out", () => {
  const web = change("/a", "/b");
  const out = toggleFields(toggleFields(none, web, ["/a"]), web, ["/b"]);
  expect([...out]).toEqual([key]);
  expect(partlyOut(out, web)).toBe(0);
  expect([...toggleFields(out, web, ["/a"])]).toEqual([`${key} /b`]);
});

test("a resource left out as a whole forgets what was left out of it", () => {
  const web = change("/a", "/b");
  const out = toggleResource(toggleFields(none, web, ["/a"]), web);
  expect([...out]).toEqual([key]);
  expect([...toggleResource(out, web)]).toEqual([]);
});

test("the hunk of a new resource is the resource; a hunk without a field is nothing", () => {
  const added: ResourceChangeInfo = { ...change(), change: "added" };
  expect(isOut(toggleFields(none, added, [""]), added)).toBe(true);
  expect(areOut(none, added, [])).toBe(false);
  expect(toggleFields(none, added, [])).toBe(none);
});

test("what is left out is counted in words", () => {
  const [web, two] = [change("/a", "/b"), { ...change("/a"), instance: "api@production" }];
  expect(leftOutSentence(none, [web])).toBe("");
  expect(leftOutSentence(toggleFields(none, web, ["/a"]), [web, two])).toBe("1 change left out");
  expect(leftOutSentence(toggleResource(toggleFields(none, web, ["/a"]), two), [web, two])).toBe(
    "1 resource and 1 change left out",
  );
});
