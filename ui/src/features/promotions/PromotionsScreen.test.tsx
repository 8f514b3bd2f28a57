import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { failure } from "../../ipc/fake";
import { find, showApp } from "../../testing/render";

test("two applications go from choosing to healthy", async () => {
  const { user, core } = await showApp("promotions");
  await user.click(await find("checkbox", "Select payments-api"));
  await user.click(screen.getByRole("checkbox", { name: "Select payments-ledger" }));
  await user.click(await find("button", "Promote 2 to production…"));

  const card = await find("region", "payments-api");
  expect(
    within(card).getByRole("checkbox", { name: "image of Deployment/payments-api in payments-api@production" }),
  ).toBeChecked();
  expect(
    within(card).getByRole("checkbox", { name: "replicas of Deployment/payments-api in payments-api@production" }),
  ).not.toBeChecked();
  expect(within(card).getAllByText("kept: sized for each environment")).toHaveLength(2);

  await user.click(screen.getByRole("tab", { name: /^Rendered preview/ }));
  expect(await find("region", "Deployment/payments-api of payments-api@production")).toHaveTextContent(
    "registry.acme.example/payments-api:2.12.0",
  );

  await user.click(screen.getByRole("button", { name: "Continue to commit" }));
  await user.click(await find("radio", "Current branch (main)"));
  await user.click(screen.getByRole("button", { name: "Commit to main" }));
  expect(await screen.findByText("Committed to main.")).toBeVisible();
  expect(screen.getByRole("gridcell", { name: "payments-api@production: 2.12.0, Equal" })).toBeInTheDocument();

  await user.click(screen.getByRole("button", { name: "Continue to sync" }));
  await user.click(await find("button", "Sync 2 applications, 13 resources"));
  await waitFor(() => expect(screen.getByRole("button", { name: "Verify" })).not.toHaveAttribute("aria-disabled"), {
    timeout: 3000,
  });
  await user.click(screen.getByRole("button", { name: "Verify" }));
  expect(await screen.findByText("All 13 resources healthy")).toBeVisible();
  expect(core.calls.find((call) => call.name === "sync_start")?.request).toMatchObject({
    instances: ["payments-api@production", "payments-ledger@production"],
    target: { kind: "sandbox" },
    revision: "c0ffee1234567890aabbccddeeff001122334455",
  });
});

test("a tick plans again with the item included", async () => {
  const { user, core } = await showApp("promotions?applications=payments-api&step=review");
  await user.click(await find("checkbox", "replicas of Deployment/payments-api in payments-api@production"));
  await waitFor(() =>
    expect(
      screen.getByRole("checkbox", { name: "replicas of Deployment/payments-api in payments-api@production" }),
    ).toBeChecked(),
  );
  expect(core.calls.filter((call) => call.name === "promotion_plan").at(-1)?.request).toMatchObject({
    include: ["payments-api@production Deployment/payments-api /spec/replicas"],
    exclude: [],
  });
});

test("where the base moved nothing is written and the plan is made again", async () => {
  const { user, core } = await showApp("promotions?applications=payments-api&step=commit", {
    handlers: {
      promotion_commit: () => {
        throw failure("main moved from 9f2c1ab to 1234567", { code: "base-moved" });
      },
    },
  });
  await user.click(await find("button", /^Commit to promote\//));
  expect(await screen.findByText(/The branch moved since this was planned/)).toBeVisible();
  const before = core.calls.filter((call) => call.name === "promotion_plan").length;
  await user.click(screen.getByRole("button", { name: "Plan again" }));
  await waitFor(() => expect(core.calls.filter((call) => call.name === "promotion_plan").length).toBe(before + 1));
  expect(await find("tab", /^Changes/)).toBeVisible();
});

test("a commit is undone while it is the tip", async () => {
  const { user, core } = await showApp("promotions?applications=payments-api&step=commit");
  await user.click(await find("button", /^Commit to promote\//));
  await user.click(await find("button", "Undo commit"));
  expect(await find("button", /^Commit to promote\//)).toBeVisible();
  expect(core.calls.find((call) => call.name === "commit_undo")?.request).toMatchObject({
    commit: "c0ffee1234567890aabbccddeeff001122334455",
  });
});

test("a read-only repository disables writing and says why; a patch stays possible", async () => {
  const { user, core } = await showApp("promotions?applications=payments-api&step=commit", {
    readOnly: "the .git directory is not writable",
  });
  const commit = await find("button", /^Commit to/);
  await waitFor(() => expect(commit).toHaveAttribute("aria-disabled", "true"));
  await user.click(commit);
  expect(core.calls.some((call) => call.name === "promotion_commit")).toBe(false);
  expect(screen.getByRole("radio", { name: "New branch" })).toBeDisabled();
  await user.click(screen.getByRole("radio", { name: "Patch file" }));
  await user.click(screen.getByRole("button", { name: "Write patch" }));
  expect(await screen.findByText(/^The patch is written to/)).toBeVisible();
});

test("the matrix is a grid that the keyboard walks", async () => {
  const { user, path } = await showApp("promotions");
  const grid = await find("grid", "Promotion matrix");
  grid.focus();
  await user.keyboard("{ArrowDown}{ArrowRight}{ArrowRight}{ArrowRight}");
  expect(document.getElementById(grid.getAttribute("aria-activedescendant") ?? "")).toHaveAccessibleName(
    /^cert-manager@production: 1\.17\.4, Behind 1/,
  );
  await user.keyboard(" {Shift>}{ArrowDown}{/Shift}");
  await waitFor(() => expect(path()).toContain("applications=cert-manager%2Ccheckout"));
  expect(screen.getByText("2 selected")).toBeVisible();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.getByText("0 selected")).toBeVisible());
  await user.keyboard("c");
  await waitFor(() =>
    expect(path()).toMatch(/^\/review\?from=instance%3Acheckout%40staging&to=instance%3Acheckout%40production/),
  );
});

test("rows without anything to promote can be hidden", async () => {
  const { user } = await showApp("promotions");
  await find("grid", "Promotion matrix");
  expect(screen.getByRole("checkbox", { name: "Select external-dns" })).toBeInTheDocument();
  await user.click(screen.getByRole("checkbox", { name: "Only rows with something to promote" }));
  await waitFor(() => expect(screen.queryByRole("checkbox", { name: "Select external-dns" })).toBeNull());
  expect(screen.getByText(/hidden$/)).toBeVisible();
});

test("a plan that fails says why", async () => {
  await showApp("promotions?applications=payments-api&step=review", {
    handlers: {
      promotion_plan: () => {
        throw failure("the tip of main does not render", { location: "apps/payments/kustomization.yaml:3:1" });
      },
    },
  });
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("the tip of main does not render");
  expect(alert).toHaveTextContent("apps/payments/kustomization.yaml:3:1");
});

test("a large promotion is shown in parts and says how much is left", async () => {
  const { user } = await showApp("promotions", { scale: 60 });
  const grid = await find("grid", "Promotion matrix");
  grid.focus();
  await user.keyboard("{Control>}a{/Control}p");
  const more = await find("button", /^Show 25 of \d+ applications more$/);
  const before = screen.getAllByRole("button", { name: /^View YAML diff of/ }).length;
  await user.click(more);
  expect(screen.getAllByRole("button", { name: /^View YAML diff of/ })).toHaveLength(before + 25);
});

test("what was ticked and written so far survives a reload", async () => {
  const place = "promotions?from=staging&to=production&applications=payments-api";
  const first = await showApp(`${place}&step=review`);
  const boxes = await screen.findAllByRole("checkbox", { name: /image/ }, { timeout: 5000 });
  await first.user.click(boxes[0] as HTMLElement);
  await waitFor(() =>
    expect(first.core.calls.filter((call) => call.name === "draft_save").at(-1)?.request).toMatchObject({
      draft: { id: "staging>production", request: { exclude: [expect.stringContaining("image")] } },
    }),
  );
  const kept = await first.core.call("drafts", { repository: "repository-1" });
  cleanup();
  await showApp(`${place}&step=review`, { handlers: { drafts: () => kept } });
  const again = await screen.findAllByRole("checkbox", { name: /image/ }, { timeout: 5000 });
  expect(again[0]).not.toBeChecked();
});
