import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { failure } from "../../ipc/fake";
import { find, showApp } from "../../testing/render";

test("staging is compared with production: the summary first, then resources, then text", async () => {
  const { user } = await showApp("review");
  expect(await find("button", "First side: staging")).toBeVisible();
  expect(screen.getByRole("button", { name: "Second side: production" })).toBeVisible();
  const summary = screen.getByRole("region", { name: "What changes" });
  expect(await within(summary).findByText("Deployment replicas")).toBeVisible();
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
