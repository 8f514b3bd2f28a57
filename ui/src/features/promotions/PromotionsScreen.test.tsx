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
  expect(await find("region", "Deployment/payments-api of payments-api@production: image")).toHaveTextContent(
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
});

test("c marks a cell, c on another compares the two, Escape unmarks", async () => {
  const { user, path } = await showApp("promotions?q=payments");
  (await find("grid", "Promotion matrix")).focus();
  await user.keyboard("{ArrowRight}c");
  expect(await find("button", "Compare with payments-api@development")).toHaveAttribute("aria-pressed", "true");
  expect(screen.getByRole("gridcell", { name: /^payments-api@development.*marked for comparing/ })).toBeInTheDocument();
  await user.keyboard("{Escape}");
  await user.keyboard("{ArrowRight}c{ArrowDown}{ArrowRight}c");
  await waitFor(() =>
    expect(path()).toMatch(
      /^\/review\?from=instance%3Apayments-api%40staging&to=instance%3Apayments-gateway%40production/,
    ),
  );
});

test("c twice on one cell compares it with the environment before", async () => {
  const { user, path } = await showApp("promotions?q=checkout");
  (await find("grid", "Promotion matrix")).focus();
  await user.keyboard("{End}cc");
  await waitFor(() =>
    expect(path()).toMatch(/^\/review\?from=instance%3Acheckout%40staging&to=instance%3Acheckout%40production/),
  );
});

test("the button compares as the key does", async () => {
  const { user, path } = await showApp("promotions?q=checkout");
  const button = await find("button", "Compare");
  expect(button).toHaveAttribute("aria-disabled", "true");
  await user.click(screen.getByRole("gridcell", { name: /^checkout@production/ }));
  await user.click(button);
  await user.click(await find("button", "Compare with checkout@production"));
  await waitFor(() => expect(path()).toContain("/review?from=instance%3Acheckout%40staging"));
});

test("applications are chosen in the pane as well, with the keyboard", async () => {
  const { user, path } = await showApp("promotions?step=choose");
  const list = await find("listbox", "Applications to promote to production");
  list.focus();
  await user.keyboard("{Home} {Shift>}{ArrowDown}{/Shift}");
  await user.click(screen.getByRole("button", { name: "Review 2 applications" }));
  await waitFor(() => expect(path()).toContain("step=review"));
  expect(await find("tab", /^Changes/)).toBeVisible();
});

test("what the review left out is unticked in the plan", async () => {
  const { core } = await showApp(
    `promotions?applications=payments-worker&step=review&without=${encodeURIComponent("payments-worker@production /ConfigMap/payments/payments-worker")}`,
  );
  await waitFor(() =>
    expect(core.calls.filter((call) => call.name === "promotion_plan").at(-1)?.request).toMatchObject({
      exclude: ["payments-worker@production ConfigMap/payments-worker /data/LOG_LEVEL"],
    }),
  );
  expect(
    await find("checkbox", "LOG_LEVEL of ConfigMap/payments-worker in payments-worker@production"),
  ).not.toBeChecked();
});

test("the preview says what causes what, and closes", async () => {
  const { user } = await showApp("promotions?applications=payments-api%2Cpayments-ledger&step=review");
  await user.click(await find("tab", /^Rendered preview/));
  const causes = await screen.findAllByRole("button", { name: /^image/ });
  expect(causes).toHaveLength(2);
  expect(causes[0]).toHaveAttribute("aria-expanded", "true");
  expect(screen.getAllByRole("region", { name: /of payments-api@production: image$/ }).length).toBeGreaterThan(0);
  await user.click(screen.getByRole("button", { name: "Close all" }));
  expect(screen.queryByRole("region", { name: /of payments-api@production: image$/ })).toBeNull();
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

test("a large promotion paints what is on screen, and no more", async () => {
  const { user } = await showApp("promotions", { scale: 300 });
  const grid = await find("grid", "Promotion matrix");
  grid.focus();
  await user.keyboard("{Control>}a{/Control}p");
  await find("list", "Applications");
  // In a page without layout every card is 20 pixels high, so that more of them fit than on a screen.
  const cards = screen.getAllByRole("button", { name: /^View YAML diff of/ });
  expect(cards.length).toBeLessThan(150);
  expect(Number(cards[0]?.closest("[aria-setsize]")?.getAttribute("aria-setsize"))).toBeGreaterThan(300);
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

test("a press with Shift selects everything up to the row", async () => {
  const { user } = await showApp("promotions?q=payments");
  const [first, , third] = await screen.findAllByRole("rowheader");
  if (first === undefined || third === undefined) throw new Error("there are three rows");
  await user.click(first);
  await user.keyboard("{Shift>}");
  await user.click(third);
  await user.keyboard("{/Shift}");
  expect(await screen.findByText("3 selected")).toBeVisible();
});

test("a setting is pinned: the file is shown before it is committed", async () => {
  const { core, user } = await showApp("promotions?applications=payments-api&step=review");
  await user.click(await find("button", /^Pin replicas of Deployment\/payments-api in payments-api@production$/));
  const dialog = within(await find("dialog", "Pin replicas of Deployment/payments-api"));
  await user.type(dialog.getByRole("textbox", { name: "Reason" }), "sized by hand");
  const shown = await dialog.findByRole("region", { name: /^now compared with with the change/ });
  await waitFor(() => expect(shown).toHaveTextContent(/path: \/spec\/replicas, class: D, reason: sized by hand/));
  await waitFor(() =>
    expect(dialog.getByRole("button", { name: "Commit the pin" })).not.toHaveAttribute("aria-disabled"),
  );
  await user.click(dialog.getByRole("button", { name: "Commit the pin" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(core.calls.find((call) => call.name === "pin_commit")?.request).toMatchObject({
    request: {
      change: {
        kind: "set",
        target: { application: "payments-api", environment: "production", kind: "Deployment", path: "/spec/replicas" },
        class: "d",
        reason: "sized by hand",
      },
    },
  });
});

test("a pin says why and where, opens its file, and is taken away", async () => {
  const pinned = {
    application: "*",
    environment: "production",
    kind: "Deployment",
    path: "/spec/replicas",
    class: "b" as const,
    reason: "sized for each site",
    file: ".slipway.yaml",
    line: 7,
  };
  const { core, user } = await showApp("promotions");
  const answer = await core.call("promotion_plan", {
    repository: "repository-1",
    from: "staging",
    to: ["production"],
    applications: ["payments-api"],
    include: [],
    exclude: [],
  });
  core.handle({
    promotion_plan: () => ({
      ...answer,
      items: answer.items.map((item) => (item.path === "/spec/replicas" ? { ...item, pinned } : item)),
    }),
  });
  await user.click(await find("checkbox", "Select payments-api"));
  await user.click(screen.getByRole("button", { name: /^Promote 1 to production…$/ }));
  expect(await screen.findByText(/^Pinned: sized for each site/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: ".slipway.yaml:7" }));
  expect(core.calls.find((call) => call.name === "file_edit")?.request).toMatchObject({ line: 7 });
  await user.click(screen.getByRole("button", { name: /^Change the pin of replicas/ }));
  const dialog = within(await find("dialog", "Pin of replicas of Deployment/payments-api"));
  await user.click(dialog.getByRole("button", { name: "Remove the pin…" }));
  await waitFor(() =>
    expect(dialog.getByRole("button", { name: "Commit without the pin" })).not.toHaveAttribute("aria-disabled"),
  );
  await user.click(dialog.getByRole("button", { name: "Commit without the pin" }));
  await waitFor(() =>
    expect(core.calls.find((call) => call.name === "pin_commit")?.request).toMatchObject({
      request: { change: { kind: "remove", target: { application: "*", path: "/spec/replicas" } } },
    }),
  );
});
