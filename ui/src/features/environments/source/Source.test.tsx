import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { ClusterUse, ParityInfo } from "../../../ipc";
import { failure } from "../../../ipc/fake";
import { find, showApp } from "../../../testing/render";

const chart = "environments?at=catalog%40staging&tab=source";
const overlay = "environments?at=payments-api%40staging&tab=source";

test("the source of a chart shows versions, dependencies and who wins each key", async () => {
  const { user, core } = await showApp("environments?at=catalog%40staging");
  await user.click(await find("tab", "Source"));
  const part = await find("region", /^Source apps\/shop\/catalog/);
  expect(within(part).getByRole("heading", { name: "helm v3.22.0" })).toBeVisible();
  expect(screen.getByText("Exact")).toBeVisible();
  const dependencies = within(part).getByRole("region", { name: "Dependencies" });
  expect(within(dependencies).getByText("Enabled")).toBeVisible();
  expect(within(dependencies).getByText("Missing")).toBeVisible();
  const row = within(part).getByRole("row", { name: /^image\.tag/ });
  const cells = within(row).getAllByRole("cell");
  expect(cells).toHaveLength(3);
  expect(within(row).getAllByRole("img", { name: "wins" })).toHaveLength(1);
  expect(cells[2]).toHaveTextContent("4.3.1");
  expect(within(cells[2] ?? row).getByRole("img", { name: "wins" })).toBeVisible();
  expect(within(part).getByRole("row", { name: /^redis\.password/ })).toHaveTextContent("••••");
  await user.click(within(cells[1] ?? row).getByRole("button", { name: /values-staging\.yaml:2$/ }));
  expect(core.calls.at(-1)).toMatchObject({ name: "file_edit", request: { line: 2 } });
});

test("a kustomization shows the chain with levels, and each file opens", async () => {
  const { user, core } = await showApp(overlay);
  const chain = await find("list", "Chain of kustomizations");
  const nodes = within(chain).getAllByRole("listitem");
  expect(nodes).toHaveLength(3);
  expect(nodes[1]).toHaveTextContent(/base.*level 2, used by .*overlays\/staging/);
  expect(nodes[2]).toHaveTextContent("component");
  const open = within(nodes[1] ?? chain).getByRole("button", { name: /^Open .*base\/kustomization\.yaml$/ });
  open.focus();
  await user.keyboard("{Enter}");
  expect(core.calls.at(-1)?.name).toBe("file_edit");
});

test("of hundreds of overridden keys the first are shown, and more when asked for", async () => {
  const { user, core } = await showApp("environments");
  const good = await core.call("source", { repository: "repository-1", instance: "catalog@staging" });
  const [part] = good.parts;
  if (part?.content.kind !== "chart") throw new Error("catalog is a chart");
  const { content } = part;
  const keys = Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, cells: [null, null, null], winner: 0 }));
  const large = { ...content, chart: { ...content.chart, keys, keysTotal: 700 } };
  core.handle({ source: () => ({ ...good, parts: [{ ...part, content: large }] }) });
  await user.click(await find("treeitem", /^catalog@staging/));
  await user.click(await find("tab", "Source"));
  expect(await screen.findByText("100 of 700 overridden keys")).toBeVisible();
  expect(screen.getAllByRole("row", { name: /^k\d/ })).toHaveLength(40);
  await user.click(screen.getByRole("button", { name: "Show 60 more" }));
  expect(screen.getAllByRole("row", { name: /^k\d/ })).toHaveLength(100);
});

const answered = { context: "acme-staging", version: "v1.31.2", askedAt: Date.UTC(2026, 0, 1), connected: true };

test.each<[string, ClusterUse | null, RegExp | null]>([
  [
    "both",
    { lookups: 2, capabilities: true, answered, byArgocd: false },
    /^From acme-staging \(v1\.31\.2\) at [^ ]+: 2 objects looked up, Kubernetes version and API versions\.$/,
  ],
  [
    "a cluster that is gone, and Argo CD",
    { lookups: 1, capabilities: false, answered: { ...answered, connected: false }, byArgocd: true },
    /: 1 object looked up\. It does not answer now\. Argo CD renders without a cluster and looks up nothing\.$/,
  ],
  ["no cluster", { lookups: 1, capabilities: true, answered: null, byArgocd: false }, null],
  ["nothing", null, null],
])("what templates ask of a cluster: %s", async (_, cluster, text) => {
  const { user, core } = await showApp("environments");
  const good = await core.call("source", { repository: "repository-1", instance: "catalog@staging" });
  core.handle({ source: () => ({ ...good, cluster }) });
  await user.click(await find("treeitem", /^catalog@staging/));
  await user.click(await find("tab", "Source"));
  const fidelity = await find("region", "Fidelity");
  if (text === null) expect(within(fidelity).queryByText(/^From/)).toBeNull();
  else expect(within(fidelity).getByText(text)).toBeVisible();
});

const parity: ParityInfo = {
  instance: "catalog@staging",
  tool: "helm",
  toolVersion: "helm v3.22.0",
  status: "equal",
  first: null,
  lookedAt: [],
  problems: [],
};

test.each<[string, Partial<ParityInfo>, RegExp]>([
  ["equal", {}, /^Equal to helm v3\.22\.0$/],
  [
    "different",
    {
      status: "different",
      first: {
        resource: { group: "apps", kind: "Deployment", namespace: "", name: "catalog" },
        path: "/spec/replicas",
        ours: "1",
        theirs: "2",
        message: null,
      },
    },
    /^\/spec\/replicas$/,
  ],
  [
    "not installed",
    { status: "notInstalled", toolVersion: null, lookedAt: ["the setting `tools.helm`", "SLIPWAY_HELM", "PATH"] },
    /^SLIPWAY_HELM$/,
  ],
  ["not comparable", { status: "notComparable" }, /^It cannot be compared$/],
  ["failed", { status: "failed" }, /^Only one of Slipway and helm v3\.22\.0 renders it$/],
])("the comparison with the installed tool tells %s", async (_, answer, text) => {
  const { user, core } = await showApp(chart, { handlers: { parity: () => ({ ...parity, ...answer }) } });
  const button = await find("button", "Compare with installed helm");
  expect(core.calls.some((call) => call.name === "parity")).toBe(false);
  await user.click(button);
  expect(await screen.findByText(text)).toBeVisible();
});

test("a source that cannot be read says why and can be tried again", async () => {
  const { user, core } = await showApp(chart, {
    handlers: {
      source: () => {
        throw failure("the branch is gone", { hints: ["Fetch it."] });
      },
    },
  });
  expect(await screen.findByText("the branch is gone")).toBeVisible();
  core.handle({
    source: ({ instance }) => ({
      instance,
      fidelity: "opaque",
      fidelityReasons: ["only the cluster can render it"],
      declaredIn: null,
      branch: null,
      tool: null,
      cluster: null,
      parts: [],
    }),
  });
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No source")).toBeVisible();
});

test("loading says so after a while", async () => {
  await showApp(chart, { handlers: { source: () => new Promise(() => {}) } });
  expect(await screen.findByRole("status", { name: "Loading the source of catalog@staging" })).toBeInTheDocument();
});

test("a line of the YAML says where it comes from, by click and by arrow keys", async () => {
  const { user, core } = await showApp("environments?at=catalog%40staging&tab=yaml");
  const yaml = await find("region", "YAML of catalog@staging");
  expect(screen.getByText(/Click a line/)).toBeVisible();
  yaml.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}");
  const origin = await find("region", "Where it comes from");
  await waitFor(() =>
    expect(core.calls.filter((call) => call.name === "field_origin").at(-1)?.request).toMatchObject({
      instance: "catalog@staging",
      field: { kind: "line", line: 2 },
    }),
  );
  await waitFor(() => expect(origin).toHaveTextContent("/line/2"));
  await user.click(within(origin).getByRole("button", { name: "Open apps/shop/catalog/values.yaml:3" }));
  expect(core.calls.at(-1)).toMatchObject({ name: "file_edit", request: { line: 3 } });
  const before = core.calls.length;
  yaml.focus();
  await user.keyboard("{Enter}");
  expect(core.calls.slice(before)).toMatchObject([{ name: "file_edit", request: { line: 3 } }]);
  await user.click(within(yaml).getAllByText("metadata")[0] ?? yaml);
  await waitFor(() => expect(origin).toHaveTextContent("/line/3"));
  await user.click(within(origin).getByRole("button", { name: "Close where it comes from" }));
  expect(screen.queryByRole("region", { name: "Where it comes from" })).toBeNull();
});
