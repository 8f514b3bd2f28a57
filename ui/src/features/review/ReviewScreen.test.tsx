import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { failure } from "../../ipc/fake";
import { find, showApp } from "../../testing/render";

test("staging is compared with production: the summary first, then resources, then text", async () => {
  const { user } = await showApp("review");
  expect(await find("button", "First side: staging")).toBeVisible();
  expect(screen.getByRole("button", { name: "Second side: production" })).toBeVisible();
  const summary = screen.getByRole("region", { name: "What changes" });
  expect(await within(summary).findByRole("button", { name: /^replicas 2 → 4 in \d+ Deployments$/ })).toBeVisible();
  await user.click(
    within(summary).getByRole("option", { name: "Deployment payments-api of payments-api@production: changed" }),
  );
  const text = await find("region", /^staging compared with production/);
  expect(text).toHaveTextContent("removed: ");
  expect(text).toHaveTextContent("image: registry.acme.example/payments-api:2.12.0");
});

test("another side is chosen from a list that can be filtered", async () => {
  const { user, path } = await showApp("review");
  await user.click(await find("button", "First side: staging"));
  await user.type(await find("combobox", "First side"), "develop{Enter}");
  await waitFor(() => expect(path()).toContain("from=environment%3Adevelopment"));
  expect(await find("button", "First side: development")).toBeVisible();
});

test("brackets go to the next resource, u changes the columns", async () => {
  const { user, path } = await showApp(
    "review?from=instance%3Apayments-api%40staging&to=instance%3Apayments-api%40production",
  );
  (await find("region", /compared with/)).focus();
  await user.keyboard("]");
  await waitFor(() => expect(path()).toContain("at=payments-api%40production+%2FSecret"));
  await waitFor(() => expect(screen.getByRole("region", { name: /compared with/ })).toHaveFocus());
  await user.keyboard("u");
  await waitFor(() => expect(path()).toContain("view=unified"));
});

test("two sides that are the same say so", async () => {
  await showApp("review", {
    handlers: { diff: () => ({ from: "staging", to: "production", groups: [], resources: [], problems: [] }) },
  });
  expect(await screen.findByText("No difference")).toBeVisible();
});

test("a revision that does not exist is an error with its reason", async () => {
  await showApp("review?from=revision%3Anope&to=working", {
    handlers: {
      diff: () => {
        throw failure("there is no revision `nope`", { code: "unknown-revision" });
      },
    },
  });
  expect(await screen.findByRole("alert")).toHaveTextContent("there is no revision nope");
});

test("the comparison of two environments leads to promotion", async () => {
  const { user, path } = await showApp("review");
  await user.click(await find("button", "Promote to production…"));
  await waitFor(() => expect(path()).toMatch(/^\/promotions\?from=staging&to=production&rows=differing/));
});

test("a resource that is left out stays out of the promotion", async () => {
  const { user, path } = await showApp("review");
  const list = await find("listbox", "Resources that differ");
  list.focus();
  await user.keyboard("{Shift>}X{/Shift}");
  expect(await screen.findByText("1 left out")).toBeVisible();
  const [first] = screen.getAllByRole("option");
  expect(first).toHaveAccessibleName(/, left out$/);
  await user.click(screen.getByRole("button", { name: "Promote to production…" }));
  await waitFor(() => expect(path()).toMatch(/^\/promotions\?.*without=reporting%40production/));
});

test("leaving out is taken back with the button, and is not offered where nothing can be promoted", async () => {
  const { user, path } = await showApp("review");
  await user.click(await find("button", "Leave resource out"));
  await waitFor(() => expect(path()).toContain("without="));
  await user.click(await find("button", "Take resource in"));
  await waitFor(() => expect(path()).not.toContain("without="));
  await user.click(screen.getByRole("button", { name: /^First side/ }));
  await user.type(await find("combobox", "First side"), "working{Enter}");
  await waitFor(() => expect(screen.queryByRole("button", { name: "Leave resource out" })).toBeNull());
});

test("Ctrl F finds with counts, Enter goes from place to place, Escape ends it", async () => {
  const { user } = await showApp(
    "review?from=instance%3Apayments-api%40staging&to=instance%3Apayments-api%40production",
  );
  (await find("region", /compared with/)).focus();
  await user.keyboard("{Control>}f{/Control}");
  const field = await find("searchbox", "Find in this resource");
  await user.type(field, "name");
  const count = screen.getByText(/^\d+ lines$/);
  expect(count).toBeVisible();
  await user.keyboard("{Enter}");
  expect(await screen.findByText(/^1 of \d+ lines$/)).toBeVisible();
  await user.keyboard("{Enter}");
  expect(await screen.findByText(/^2 of \d+ lines$/)).toBeVisible();
  await user.keyboard("{Shift>}{Enter}{/Shift}");
  expect(await screen.findByText(/^1 of \d+ lines$/)).toBeVisible();
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("searchbox", { name: "Find in this resource" })).toBeNull();
});

test("the filter lives in the address and names what hides everything", async () => {
  const { user, path } = await showApp("review?q=nothing-like-this");
  expect(await screen.findByText(/not match “nothing-like-this”/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear filter" }));
  await waitFor(() => expect(path()).not.toContain("q="));
  expect(await find("listbox", "Resources that differ")).toBeVisible();
});

test("a comparison is copied as a patch", async () => {
  const { user } = await showApp(
    "review?from=instance%3Apayments-api%40staging&to=instance%3Apayments-api%40production",
  );
  await user.click(await find("button", "Copy"));
  await user.click(await find("menuitem", "Copy as a patch"));
  await waitFor(async () => expect(await navigator.clipboard.readText()).toMatch(/^--- .*\n\+\+\+ .*\n@@ /));
});

test("without an answer the page says that it is stale", async () => {
  const { core } = await showApp("review");
  await find("listbox", "Resources that differ");
  core.setConnection("reconnecting");
  expect(await screen.findByText(/^Not refreshed/, {}, { timeout: 3000 })).toBeVisible();
});

const deployment = "Deployment payments-api of payments-api@production: changed";

test("x leaves the change at hand out, of which the promotion is told", async () => {
  const { user, path } = await showApp("review");
  await user.click(await find("option", deployment));
  (await find("region", /^staging compared with production/)).focus();
  await user.keyboard("nnx");
  await waitFor(() => expect(path()).toMatch(/without=payments-api%40production.*%2Fspec/));
  expect(await screen.findByText("1 change left out", { selector: "p span" })).toBeVisible();
  expect(await find("option", `${deployment}, 1 left out`)).toBeVisible();
  expect(screen.getByRole("checkbox", { name: "Change 2: goes along" })).not.toBeChecked();
  await user.click(screen.getByRole("checkbox", { name: "Change 4: goes along" }));
  await waitFor(() => expect(screen.getByRole("checkbox", { name: "Change 4: goes along" })).not.toBeChecked());
  (await find("region", /^staging compared with production/)).focus();
  await user.keyboard("x");
  await waitFor(() => expect(screen.getByRole("checkbox", { name: "Change 2: goes along" })).toBeChecked());
  await user.click(screen.getByRole("button", { name: "Promote to production…" }));
  await waitFor(() => expect(path()).toMatch(/^\/promotions\?.*without=payments-api%40production.*%2Fspec/));
});

test("a fold opens with a click and with z, and finding looks into it", async () => {
  const { user } = await showApp("review");
  await user.click(await find("option", deployment));
  const text = await find("region", /^staging compared with production/);
  const lines = (): number => text.querySelectorAll("code").length;
  const folded = lines();
  const [fold] = screen.getAllByRole("button", { name: /^\d+ unchanged lines$/ });
  if (fold === undefined) throw new Error("nothing is folded");
  await user.click(fold);
  expect(lines()).toBeGreaterThan(folded);
  expect(text).toHaveFocus();
  await user.keyboard("z");
  expect(screen.queryByRole("button", { name: /^\d+ unchanged/ })).toBeNull();
  await user.keyboard("z{Control>}f{/Control}");
  await user.type(await find("searchbox", "Find in this resource"), "apiVersion");
  expect(screen.getByText("1 line")).toBeVisible();
});

test("a comparison that takes its time says how far it is and is cancelled in the core", async () => {
  const { core, user } = await showApp("review", { handlers: { diff: () => new Promise(() => {}) } });
  const cancel = await find("button", "Cancel");
  const request = core.calls.find((call) => call.name === "diff")?.request;
  const operation =
    request !== undefined && request !== null && typeof request === "object" && "operation" in request
      ? String(request.operation)
      : "";
  core.emit({ event: "operationProgress", operation, step: "Rendering main", done: 38, total: 210 });
  expect(await screen.findByText("Rendering main 38 of 210")).toBeVisible();
  await user.click(cancel);
  expect(await screen.findByText("Cancelled")).toBeVisible();
  expect(core.calls).toContainEqual({ name: "operation_cancel", request: { operation } });
  await user.click(screen.getByRole("button", { name: "Start again" }));
  expect(core.calls.filter((call) => call.name === "diff")).toHaveLength(2);
});

test("an environment at a revision is typed", async () => {
  const { user, path } = await showApp("review");
  await user.click(await find("button", "First side: staging"));
  await user.type(await find("combobox", "First side"), "staging@v1.2{Enter}");
  await waitFor(() => expect(path()).toContain("from=environment%3Astaging%23v1.2"));
});
