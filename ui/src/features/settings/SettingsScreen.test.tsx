import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { choose } from "../../testing/choose";
import { find, showApp } from "../../testing/render";

test("the theme is saved and shown at once", async () => {
  const { user, core } = await showApp("settings?section=appearance");
  await user.click(await find("radio", "Light"));
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe("light"));
  expect(core.calls.find((call) => call.name === "settings_save")?.request).toMatchObject({ theme: "light" });
});

test("the context of an environment is kept by repository and environment", async () => {
  const { user, core } = await showApp("settings?section=clusters");
  await find("combobox", "Context of production");
  await choose(user, screen.getByRole("combobox", { name: "Context of production" }), /^acme-production-eu/);
  await waitFor(() =>
    expect(core.calls.find((call) => call.name === "settings_save")?.request).toMatchObject({
      contexts: { "/home/ada/gitops": { staging: "acme-staging", production: "acme-production-eu" } },
    }),
  );
  await waitFor(() =>
    expect(screen.getByRole("combobox", { name: "Context of production" })).toHaveTextContent(/^acme-production-eu/),
  );
});

test("a text setting is saved on purpose; empty means the default", async () => {
  const { user, core } = await showApp("settings?section=tools");
  const field = await find("textbox", "helm");
  const save = screen.getByRole("button", { name: "Save helm" });
  expect(save).toHaveAttribute("aria-disabled", "true");
  await user.type(field, "/opt/helm{Enter}");
  await waitFor(() =>
    expect(core.calls.find((call) => call.name === "settings_save")?.request).toMatchObject({ helm: "/opt/helm" }),
  );
});

test("single letters can be switched off", async () => {
  const { user } = await showApp("settings?section=shortcuts");
  await user.click(await find("checkbox", "Shortcuts of a single letter"));
  await user.keyboard("?");
  expect(screen.queryByRole("dialog")).toBeNull();
  await user.click(screen.getByRole("checkbox", { name: "Shortcuts of a single letter" }));
  await user.click(document.body);
  await user.keyboard("?");
  expect(await find("dialog", "Keyboard shortcuts")).toBeVisible();
});

test("about shows the version and the licences", async () => {
  await showApp("settings?section=about");
  expect(await find("heading", "Slipway 0.1.0")).toBeVisible();
  expect(screen.getByRole("region", { name: "Licences" })).toHaveTextContent("Apache License 2.0");
});
