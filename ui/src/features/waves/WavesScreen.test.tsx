import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { LaneGate } from "../../ipc";
import { failure, type Handlers } from "../../ipc/fake";
import { choose } from "../../testing/choose";
import { fakeCore } from "../../testing/core";
import { find, showApp } from "../../testing/render";

const plan = "waves?instances=payments-api%40production%2Cpayments-ledger%40production";

test("applications are chosen, then their waves are shown", async () => {
  const { user, path } = await showApp("waves");
  await choose(user, await find("combobox", "Environment"), "production");
  await user.click(await find("option", /^payments-api /));
  await user.click(screen.getByRole("button", { name: "Plan 1 application" }));
  await waitFor(() => expect(path()).toContain("instances=payments-api%40production"));
  const lane = await find("group", "payments-api@production: Planned");
  expect(
    within(lane).getByRole("button", { name: "Job payments-api-migrate: Waiting, Pre-sync wave 0" }),
  ).toBeVisible();
  expect(within(lane).getByRole("button", { name: "Ingress payments-api: Waiting, Sync wave 1" })).toBeVisible();
});

test("what does not render is told, and shown where it says why", async () => {
  const other = fakeCore({ initial: "/home/ada/gitops" });
  const fleet = await other.call("fleet", { repository: "repository-1" });
  const broken = fleet.applications.map((application, index) => ({
    ...application,
    instances: application.instances.map((instance) =>
      index < 2 && instance.environment === "staging" ? { ...instance, status: "failed" as const } : instance,
    ),
  }));
  const { user, path } = await showApp("waves", { handlers: { fleet: () => ({ ...fleet, applications: broken }) } });
  expect(await screen.findByText("2 applications of staging do not render and cannot be synced.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show" }));
  await waitFor(() => expect(path()).toMatch(/^\/environments\?/));
  expect(path()).toContain("state=failed");
  expect(path()).toMatch(/at=[^&]+%40staging/);
});

test("a task says what waits for it", async () => {
  const { user } = await showApp(plan);
  await user.click(await find("button", "ConfigMap payments-api: Waiting, Sync wave -1"));
  const pane = await find("complementary", "Detail of ConfigMap/payments-api");
  const waits = within(pane).getByRole("region", { name: "What waits for it" });
  expect(waits).toHaveTextContent("Sync · wave 0 · 2 resources");
  expect(waits).toHaveTextContent("Other applications run independently");
});

test("what waits says for which tasks, and leads to them", async () => {
  const { user, path } = await showApp(plan, { pace: 60_000 });
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", /^Sync 2 applications/));
  await user.click(await find("button", "Ingress payments-api: Waiting, Sync wave 1"));
  const pane = await find("complementary", "Detail of Ingress/payments-api");
  const waits = within(pane).getByRole("region", { name: "What it waits for" });
  await user.click(within(waits).getByRole("button", { name: /^Deployment\/payments-api · Sync wave 0 · Waiting/ }));
  await waitFor(() => expect(path()).toContain("Deployment"));
  expect(await find("complementary", "Detail of Deployment/payments-api")).toBeVisible();
});

test("applications are chosen by keyboard: type ahead, a range, all", async () => {
  const { user } = await showApp("waves");
  const list = await find("listbox", "Applications in staging");
  list.focus();
  await user.keyboard("web");
  await waitFor(() =>
    expect(document.getElementById(list.getAttribute("aria-activedescendant") ?? "")).toHaveTextContent(/^web/),
  );
  await user.keyboard(" ");
  expect(screen.getByRole("button", { name: "Plan 1 application" })).toBeVisible();
  await user.keyboard("{Home}{Shift>}{ArrowDown}{ArrowDown}{/Shift}");
  expect(screen.getByRole("button", { name: "Plan 4 applications" })).toBeVisible();
  await user.keyboard("{Control>}a{/Control}");
  expect(screen.getByRole("button", { name: /^Plan 1[0-9] applications$/ })).toBeVisible();
});

test("the filter of the chooser names what hides everything", async () => {
  const { user } = await showApp("waves");
  await user.type(await find("searchbox", "Filter applications"), "nothing");
  expect(await screen.findByText(/do not match “nothing”/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear filter" }));
  expect(await find("listbox", "Applications in staging")).toBeVisible();
});

test("three densities: names, squares, counts", async () => {
  const { user, path } = await showApp(plan);
  await user.click(await find("button", "Compact"));
  await waitFor(() => expect(path()).toContain("density=compact"));
  expect(screen.getByRole("button", { name: "Ingress payments-api: Waiting, Sync wave 1" })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Summary" }));
  const lane = await find("group", "payments-api@production: Planned");
  await user.click(within(lane).getByRole("button", { name: "Sync wave 0: Waiting, 0 of 2 synced" }));
  const pane = await find("complementary", "Detail of Sync wave 0 of payments-api@production");
  expect(within(pane).getByRole("button", { name: /^Deployment\/payments-api · Waiting/ })).toBeVisible();
});

test("arrows walk between neighbours", async () => {
  const { user } = await showApp(plan);
  (await find("button", /^Job payments-api-migrate/)).focus();
  await user.keyboard("{ArrowRight}");
  await waitFor(() => expect(screen.getByRole("button", { name: /^ServiceAccount payments-api:/ })).toHaveFocus());
  await user.keyboard("]");
  await waitFor(() => expect(screen.getByRole("button", { name: /^Deployment payments-api:/ })).toHaveFocus());
});

test("a sync to the sandbox runs until everything is healthy", async () => {
  const { user, path } = await showApp(plan);
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", "Sync 2 applications, 13 resources"));
  await waitFor(() => expect(path()).toContain("run=run-1"));
  expect(await screen.findByText(/All 13 resources healthy/, {}, { timeout: 3000 })).toBeVisible();
  expect(screen.getByRole("button", { name: "Abort…" })).toHaveAttribute("aria-disabled", "true");
});

test("after a failure later waves of that lane will not start, other lanes go on", async () => {
  const { user, path } = await showApp(plan, { failing: "Job/payments-ledger-migrate" });
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", /^Sync 2 applications/));
  expect(await screen.findByText(/1 degraded, 5 missing, 7 healthy/, {}, { timeout: 3000 })).toBeVisible();
  const failed = screen.getByRole("group", { name: "payments-ledger@production: Failed" });
  expect(within(failed).getAllByText("will not start: Job/payments-ledger-migrate failed")).toHaveLength(2);
  expect(screen.getByRole("group", { name: "payments-api@production: Succeeded" })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Plan what did not succeed again" }));
  await waitFor(() => expect(path()).toMatch(/^\/waves\?instances=payments-ledger%40production$/));
});

test("while nothing answers, states are stale and the sync cannot be aborted", async () => {
  const { user, core } = await showApp(plan, { pace: 60_000 });
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", /^Sync 2 applications/));
  await find("button", "Abort…");
  core.setConnection("reconnecting");
  expect(await screen.findByText(/^Not refreshed: states and versions are as of/, {}, { timeout: 3000 })).toBeVisible();
  expect(screen.getByRole("button", { name: "Abort…" })).toHaveAttribute("aria-disabled", "true");
});

test("a protected environment is typed before a cluster is touched", async () => {
  const { user, core } = await showApp("waves?instances=payments-api%40production");
  await user.click(await find("button", "Sync…"));
  await user.click(await find("radio", "Clusters of the kubeconfig"));
  await choose(user, await find("combobox", "Context of production"), /^acme-production-eu/);
  const exactly = within(screen.getByRole("group", { name: "What is applied" }));
  expect(exactly.getByText("payments-api@production: Deployment/payments-api")).toBeVisible();
  expect(exactly.getAllByRole("listitem")).toHaveLength(7);
  const start = screen.getByRole("button", { name: "Sync 1 application, 7 resources" });
  await user.click(start);
  expect(core.calls.some((call) => call.name === "sync_start")).toBe(false);
  await user.type(screen.getByRole("textbox", { name: "Type production to confirm" }), "production");
  await waitFor(() => expect(start).not.toHaveAttribute("aria-disabled"));
  await user.click(start);
  await waitFor(() =>
    expect(core.calls.find((call) => call.name === "sync_start")?.request).toMatchObject({
      target: { kind: "contexts" },
      confirmed: ["production"],
    }),
  );
});

test("abort asks first, with the focus on the way back", async () => {
  const { user, core } = await showApp(plan, { pace: 60_000 });
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", /^Sync 2 applications/));
  await user.click(await find("button", "Abort…"));
  await waitFor(() => expect(screen.getByRole("button", { name: "Keep running" })).toHaveFocus());
  expect(core.calls.some((call) => call.name === "run_abort")).toBe(false);
  await user.click(screen.getByRole("button", { name: "Abort sync" }));
  expect(await screen.findByText(/Aborted; what was applied stays applied/)).toBeVisible();
});

test("pruning lists the exact resources before anything is deleted", async () => {
  const { core, user } = await showApp("waves?instances=payments-api%40production&sync=1");
  const dialog = within(await find("dialog", "Sync 1 application"));
  expect(core.calls.some((call) => call.name === "sync_prune_preview")).toBe(false);
  await user.click(dialog.getByRole("checkbox", { name: "Prune" }));
  const list = within(await dialog.findByRole("list", { name: "Pruned resources" }));
  expect(list.getByText("payments-api@production: HorizontalPodAutoscaler/payments-api in payments")).toBeVisible();
  expect(dialog.getByText("1 resource will be pruned")).toBeVisible();
});

test("a cluster that cannot tell what it would prune says why and is asked again", async () => {
  let asked = 0;
  const { user } = await showApp("waves?instances=payments-api%40production&sync=1", {
    handlers: {
      sync_prune_preview: () => {
        asked += 1;
        if (asked === 1) throw failure("the cluster does not answer");
        return { pruned: [], problems: [] };
      },
    },
  });
  const dialog = within(await find("dialog", "Sync 1 application"));
  await user.click(dialog.getByRole("checkbox", { name: "Prune" }));
  expect(await dialog.findByText("What would be pruned is not known: the cluster does not answer")).toBeVisible();
  await user.click(dialog.getByRole("button", { name: "Ask again" }));
  expect(await dialog.findByText("Nothing would be pruned now.")).toBeVisible();
});

test("a task tells when it began and how long it took", async () => {
  const { user } = await showApp(plan);
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", /^Sync 2 applications/));
  await find("button", "Open activity");
  await user.click(
    (await screen.findAllByRole("button", { name: /^Job payments-ledger-migrate: Synced/ }))[0] ?? document.body,
  );
  const detail = within(await find("complementary", /^Detail of Job\/payments-ledger-migrate$/));
  expect(detail.getByText("Took")).toBeVisible();
  expect(detail.getByText("4 s")).toBeVisible();
});

test("what did not succeed is started again with what the run was started with", async () => {
  const { core, user } = await showApp(plan, { failing: "Job/payments-ledger-migrate" });
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", /^Sync 2 applications/));
  await user.click(await find("button", "Retry 1 application"));
  await waitFor(() =>
    expect(core.calls).toContainEqual({ name: "run_retry", request: { run: "run-1", confirmed: [] } }),
  );
});

/** A plan whose second lane comes after the first. */
function afterTheFirst(gate: Partial<LaneGate>): Handlers {
  const core = fakeCore();
  return {
    sync_plan: async (request) => {
      const answer = await core.call("sync_plan", request);
      return {
        ...answer,
        lanes: answer.lanes.map((lane, index) =>
          index === 0
            ? lane
            : {
                ...lane,
                waitsFor: [
                  {
                    state: "waiting",
                    lanes: ["payments-api@production"],
                    more: 0,
                    text: "waiting for payments-api",
                    by: "the sync waves of the Application `payments`",
                    unenforced: null,
                    file: "apps/payments.yaml",
                    line: 7,
                    ...gate,
                  },
                ],
              },
        ),
      };
    },
  };
}

test("a lane that waits for another says so, and b shows what blocks it", async () => {
  const { user, path } = await showApp(plan, { handlers: afterTheFirst({}) });
  const lane = await find("group", "payments-ledger@production: Planned, waiting for payments-api");
  expect(within(lane).getByText("waiting for payments-api")).toBeVisible();
  expect(screen.getByText("some wait for others")).toBeVisible();
  screen.getByRole("button", { name: /^Job payments-api-migrate/ }).focus();
  await user.keyboard("{ArrowDown}");
  await user.keyboard("b");
  const order = await find("region", "Order among applications");
  expect(order).toHaveTextContent("By the sync waves of the Application payments. Declared in apps/payments.yaml:7.");
  await user.click(within(order).getByRole("button", { name: "payments-api@production · Planned" }));
  await waitFor(() => expect(path()).toContain("payments-api%40production"));
  const waits = await find("region", "What waits for it");
  expect(within(waits).getByRole("button", { name: "payments-ledger@production · Planned" })).toBeVisible();
});

test("an order that nothing enforces is said with the reason", async () => {
  const loose = {
    state: "notEnforced" as const,
    text: "not enforced: comes after payments-api",
    unenforced: "nothing checks the health of Applications",
  };
  const { user } = await showApp(plan, { handlers: afterTheFirst(loose) });
  await find("group", "payments-ledger@production: Planned, not enforced: comes after payments-api");
  expect(screen.getByText("order not enforced")).toBeVisible();
  await user.click(screen.getByRole("button", { name: /^Job payments-ledger-migrate/ }));
  expect(await find("region", "Order among applications")).toHaveTextContent(
    "Not enforced: nothing checks the health of Applications.",
  );
});

test("what cannot be rendered is told in place of an empty plan", async () => {
  const problem = {
    severity: "error" as const,
    code: "cluster",
    message: "secrets “web” is forbidden",
    hints: [],
    instance: "payments-api@production",
    file: null,
    line: null,
    column: null,
    excerpt: null,
  };
  await showApp(plan, { handlers: { sync_plan: () => ({ lanes: [], problems: [problem] }) } });
  expect(await screen.findByRole("heading", { name: "It cannot be planned" })).toBeVisible();
  expect(screen.getByText(problem.message)).toBeVisible();
});
