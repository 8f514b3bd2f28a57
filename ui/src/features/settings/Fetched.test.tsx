import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { lackingChart, remoteCommands, unreachable } from "../../testing/remotes";
import { find, showApp } from "../../testing/render";

const path = "settings?section=fetched";
const lacking = (): ReturnType<typeof remoteCommands> => remoteCommands(Date.now, { lacking: [lackingChart] });

test("what was fetched is listed with version, size, age and users", async () => {
  await showApp(path);
  const list = await find("list", "Fetched");
  const [chart, base, file] = within(list).getAllByRole("listitem");
  expect(chart).toHaveTextContent(/16\.4\.1 · 73 KiB · fetched \d+[dhms] ago · used by 2 instances/);
  expect(base).toHaveTextContent(/1d77c06\w* · 2\.3 MiB/);
  expect(base).toHaveTextContent("the submodule vendor was not fetched");
  expect(file).toHaveTextContent("used by nothing here");
  expect(screen.getByText("3 references, 2.9 MiB on disk.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Fetch what is missing" })).toHaveAttribute("aria-disabled", "true");
});

test("what is missing is fetched, and moves to what was fetched", async () => {
  const { user, core } = await showApp(path, { handlers: lacking() });
  await find("list", "Missing");
  await user.click(screen.getByRole("button", { name: "Fetch 1 missing" }));
  await waitFor(() => expect(screen.queryByRole("list", { name: "Missing" })).toBeNull());
  expect(within(screen.getByRole("list", { name: "Fetched" })).getAllByRole("listitem")).toHaveLength(4);
  expect(core.calls.find((call) => call.name === "remotes_fetch")?.request).toMatchObject({ keys: [], instances: [] });
});

test("a reference that cannot be fetched says why, where it stands", async () => {
  const { user } = await showApp(path, {
    handlers: {
      ...lacking(),
      remotes_fetch: () => ({
        results: [{ remote: lackingChart.remote, resolved: null, failure: unreachable, notes: [] }],
      }),
    },
  });
  await user.click(await find("button", `Fetch ${lackingChart.remote.text}`));
  const list = await find("list", "Missing");
  expect(await within(list).findByRole("alert")).toHaveTextContent(
    "Not fetched: charts.acme.example does not answer. Check the network, the proxy, or the VPN.",
  );
});

test("a fetch tells how far it is and is cancelled", async () => {
  const { user, core } = await showApp(path, {
    handlers: { ...lacking(), remotes_fetch: () => new Promise(() => {}) },
  });
  await user.click(await find("button", "Fetch 1 missing"));
  const cancel = await find("button", "Cancel");
  const { request } = core.calls.find((call) => call.name === "remotes_fetch") ?? { request: {} };
  const { operation } = request as { operation: string };
  core.emit({ event: "operationProgress", operation, step: "Receiving objects", done: 250, total: 1000 });
  expect(await screen.findByText("Receiving objects 250 of 1,000")).toBeVisible();
  expect(screen.getByRole("button", { name: "Update all" })).toHaveAttribute("aria-disabled", "true");
  await user.click(cancel);
  await waitFor(() => expect(core.calls.at(-1)).toEqual({ name: "operation_cancel", request: { operation } }));
});

test("one is updated, all are updated", async () => {
  const { user, core } = await showApp(path);
  await user.click(await find("button", /^Update chart postgresql/));
  expect(await screen.findAllByText("Updated 1 reference")).not.toHaveLength(0);
  await user.click(screen.getByRole("button", { name: "Update all" }));
  await waitFor(() =>
    expect(core.calls.filter((call) => call.name === "remotes_update").map((call) => call.request)).toMatchObject([
      { keys: ["chart postgresql"] },
      { keys: ["chart postgresql", "bases", "crds"] },
    ]),
  );
});

test("nothing is forgotten without being asked, and Cancel has the focus", async () => {
  const { user, core } = await showApp(path);
  await user.click(await find("button", /^Forget chart postgresql/));
  const dialog = await find("dialog", "Forget what was fetched?");
  await waitFor(() => expect(within(dialog).getByRole("button", { name: "Cancel" })).toHaveFocus());
  expect(dialog).toHaveTextContent("2 instances of this repository cannot be rendered until it is fetched again.");
  await user.click(within(dialog).getByRole("button", { name: "Forget it" }));
  await waitFor(() =>
    expect(within(screen.getByRole("list", { name: "Fetched" })).getAllByRole("listitem")).toHaveLength(2),
  );
  expect(core.calls.find((call) => call.name === "remotes_forget")?.request).toEqual({ keys: ["chart postgresql"] });
});

test("a palette command fetches what is missing at once, and only once", async () => {
  const { user, core, path: address } = await showApp("environments", { handlers: lacking() });
  await user.keyboard("{Control>}k{/Control}");
  await user.keyboard("fetch missing{Enter}");
  await find("list", "Fetched");
  await waitFor(() => expect(core.calls.filter((call) => call.name === "remotes_fetch")).toHaveLength(1));
  await waitFor(() => expect(address()).toBe("/settings?section=fetched"));
});

test("a source shows what it reads from elsewhere", async () => {
  await showApp("environments?at=payments-ledger%40production&tab=source");
  const panel = await find("region", "Read from elsewhere");
  await waitFor(() => expect(within(panel).getAllByRole("listitem")).toHaveLength(1));
  expect(panel).toHaveTextContent("chart postgresql 16.4.1");
  expect(within(panel).queryByRole("button", { name: "Forget all…" })).toBeNull();
});
