import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { find, showApp } from "../../testing/render";

test("without a run the screen says what would be here", async () => {
  const { user, path } = await showApp("activity");
  await user.click(await find("button", "Plan a sync"));
  await waitFor(() => expect(path()).toBe("/waves"));
});

test("a run shows its steps, its failures first and its health", async () => {
  const { user } = await showApp("waves?instances=payments-api%40production%2Cpayments-ledger%40production", {
    failing: "Job/payments-ledger-migrate",
  });
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", /^Sync 2 applications/));
  await user.click(await find("button", "Open activity"));
  expect(await find("button", /^payments-ledger@production PreSync wave 0: Failed, 0 of 1/)).toBeVisible();
  const feed = screen.getByRole("region", { name: "Feed" });
  expect(within(feed).getAllByText(/Job payments-ledger-migrate failed/)).toHaveLength(1);
  const health = screen.getByRole("list", { name: "Health" });
  expect(within(health).getAllByRole("listitem")[0]).toHaveTextContent("Degraded");
  await user.click(screen.getByRole("tab", { name: "Messages 1" }));
  expect(await screen.findAllByText("Job has reached the specified backoff limit")).not.toHaveLength(0);
});

test("logs, events and a second try of what failed", async () => {
  const { user, core } = await showApp("waves?instances=payments-api%40production%2Cpayments-ledger%40production", {
    failing: "Job/payments-ledger-migrate",
  });
  await user.click(await find("button", "Sync…"));
  await user.click(await find("button", /^Sync 2 applications/));
  await user.click(await find("button", "Open activity"));
  await user.click(await find("tab", "Logs"));
  const log = await find("log", "Log");
  expect(await within(log).findByText(/migration 0042 failed/)).toBeVisible();
  expect(screen.getByText("ended, 2 lines")).toBeVisible();
  await user.type(screen.getByRole("textbox", { name: "Find in the log" }), "begins");
  expect(await screen.findByText("ended, 2 lines, 1 hidden")).toBeVisible();
  await user.click(screen.getByRole("tab", { name: "Events" }));
  const events = await find("list", "Events");
  expect(within(events).getByText(/Back-off restarting failed container/)).toBeVisible();
  await user.click(await find("button", "Retry 1 application"));
  await waitFor(() =>
    expect(core.calls.filter((call) => call.name === "run_retry").at(-1)?.request).toMatchObject({ confirmed: [] }),
  );
  await waitFor(() => expect(core.calls.some((call) => call.name === "log_close")).toBe(true));
});
