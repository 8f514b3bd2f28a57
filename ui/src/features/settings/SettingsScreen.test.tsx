import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { Settings } from "../../ipc";
import { setKeys } from "../../lib/keymap";
import { choose } from "../../testing/choose";
import { find, showApp } from "../../testing/render";

afterEach(() => setKeys({}));

test("the theme is saved and shown at once", async () => {
  const { user, core } = await showApp("settings?section=appearance");
  await user.click(await find("radio", "Light"));
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe("light"));
  expect(core.calls.find((call) => call.name === "settings_save")?.request).toMatchObject({ theme: "light" });
});

test("choices that follow each other quickly all stay, though the first is still being saved", async () => {
  let end: (() => void) | undefined;
  const saved: Settings[] = [];
  const { user } = await showApp("settings?section=appearance", {
    handlers: {
      settings_save: (next) =>
        new Promise((resolve) => {
          saved.push(next);
          end = () => resolve(next);
        }),
    },
  });
  await user.click(await find("radio", "Light"));
  expect(screen.getByRole("radio", { name: "Light" })).toBeChecked();
  await user.click(screen.getByRole("radio", { name: "Compact" }));
  expect(screen.getByRole("radio", { name: "Compact" })).toBeChecked();
  expect(saved, "one after the other").toHaveLength(1);
  end?.();
  await waitFor(() => expect(saved).toHaveLength(2));
  expect(screen.getByRole("radio", { name: "Compact" }), "the first answer takes nothing back").toBeChecked();
  expect(saved[1]).toMatchObject({ theme: "light", density: "compact" });
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
  expect(screen.getByRole("region", { name: "Licence of Slipway" })).toHaveTextContent("Apache License");
});

test("a repository is forgotten and its folder stays", async () => {
  const { user, core } = await showApp("settings?section=repositories");
  await user.click(await find("button", "Forget old/gitops"));
  await waitFor(() => expect(screen.queryByText("old/gitops")).toBeNull());
  expect(core.calls.find((call) => call.name === "repository_forget")?.request).toEqual({ path: "/mnt/old/gitops" });
  await user.click(screen.getByRole("button", { name: "Show acme/shop-config in the file manager" }));
  expect(core.calls.find((call) => call.name === "reveal")?.request).toEqual({ path: "/home/ada/shop-config" });
});

test("a credential goes in and is never shown", async () => {
  const { user, core } = await showApp("settings?section=credentials");
  expect(await find("region", "https://git.acme.example")).toHaveTextContent("keyring");
  await user.click(screen.getByRole("button", { name: "Add a server…" }));
  await user.type(screen.getByRole("textbox", { name: "Server" }), "https://git.other.example/x");
  await user.type(screen.getByRole("textbox", { name: "User" }), "ada");
  const password = screen.getByLabelText("Password or token");
  expect(password).toHaveAttribute("type", "password");
  await user.type(password, "hunter2{Enter}");
  expect(await find("region", "https://git.other.example")).toBeVisible();
  expect(screen.queryByDisplayValue("hunter2")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Remove https://git.other.example" }));
  await waitFor(() => expect(screen.queryByRole("region", { name: "https://git.other.example" })).toBeNull());
  expect(core.calls.filter((call) => call.name === "credential_save")).toHaveLength(1);
});

test("a locked keyring has its own words, and the encrypted file stands in", async () => {
  const { user } = await showApp("settings?section=credentials", { keyring: "locked" });
  expect(await screen.findByText(/the keyring is locked/)).toBeVisible();
  await user.click(await find("button", "Replace https://git.acme.example"));
  await user.type(screen.getByLabelText("Password or token"), "token{Enter}");
  const failed = await find("alert", "");
  expect(failed).toHaveTextContent("unlock the keyring of the desktop");
  await user.type(screen.getByLabelText("Passphrase"), "open sesame{Enter}");
  expect(await find("button", "Turn off")).toBeVisible();
});

test("a context that fits by name is proposed and used only when taken", async () => {
  const { user, core } = await showApp("settings?section=clusters");
  const production = await find("region", "production");
  expect(core.calls.some((call) => call.name === "settings_save")).toBe(false);
  await user.click(within(production).getByRole("button", { name: "Use acme-production-eu" }));
  await waitFor(() =>
    expect(core.calls.find((call) => call.name === "settings_save")?.request).toMatchObject({
      contexts: { "/home/ada/gitops": { production: "acme-production-eu" } },
    }),
  );
  await user.click(screen.getByRole("button", { name: "Check acme-production-eu" }));
  expect(await screen.findByText("no answer within 5 s")).toBeVisible();
});

test("tools say where they were found, and why not", async () => {
  await showApp("settings?section=tools");
  expect(await find("region", "Found: helm")).toHaveTextContent("helm v3.22.0, /usr/bin/helm found by PATH");
  expect(screen.getByRole("region", { name: "Found: kustomize" })).toHaveTextContent("kustomize is not installed");
});

test("a key is moved, a key that is taken is refused with what has it", async () => {
  const { user, core } = await showApp("settings?section=shortcuts");
  await user.click(await find("button", "Change Search applications and commands"));
  await user.keyboard("{Control>}r{/Control}");
  expect(await screen.findByText(/It is the key of: Read again from disk/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Use" })).toHaveAttribute("aria-disabled", "true");
  screen.getByRole("button", { name: /^New key: / }).focus();
  await user.keyboard("{Control>}j{/Control}");
  await user.click(screen.getByRole("button", { name: "Use" }));
  await waitFor(() =>
    expect(core.calls.find((call) => call.name === "settings_save")?.request).toMatchObject({
      keys: { "Mod+K": "Mod+J" },
    }),
  );
  await find("button", "Reset Search applications and commands");
  await user.keyboard("{Control>}k{/Control}");
  expect(screen.queryByRole("combobox", { name: "Search" })).toBeNull();
  await user.keyboard("{Control>}j{/Control}");
  expect(await find("combobox", "Search")).toBeVisible();
});

test("diagnostics are copied", async () => {
  const { user, core } = await showApp("settings?section=about");
  await user.click(await find("button", "Copy diagnostics"));
  await waitFor(() => expect(core.calls.some((call) => call.name === "diagnostics")).toBe(true));
});

test("rows become lower at once, and the choice is kept", async () => {
  const { user, core } = await showApp("settings?section=appearance");
  await user.click(await find("radio", "Compact"));
  await waitFor(() => expect(document.documentElement.dataset.density).toBe("compact"));
  expect(core.calls.find((call) => call.name === "settings_save")?.request).toMatchObject({ density: "compact" });
  await user.click(screen.getByRole("radio", { name: "Comfortable" }));
  await waitFor(() => expect(document.documentElement.dataset.density).toBeUndefined());
});

test("what is built in is listed, and a text is asked for when it is opened", async () => {
  const { user, core } = await showApp("settings?section=about");
  await user.type(await find("searchbox", "Filter components"), "apache");
  expect(await screen.findByText("1 of 3 components")).toBeVisible();
  expect(core.calls.some((call) => call.name === "licence_text")).toBe(false);
  await user.click(screen.getByRole("button", { name: "Licence text of serde 1.0.230" }));
  const dialog = within(await find("dialog", "serde 1.0.230"));
  expect(await dialog.findByText(/Copyright of the authors of serde/)).toBeVisible();
});
