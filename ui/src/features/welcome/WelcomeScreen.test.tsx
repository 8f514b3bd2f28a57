import { screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { failure } from "../../ipc/fake";
import { find, showApp } from "../../testing/render";
import { folderOf } from "./WelcomeScreen";

const closed = { initial: null };
const ready = { state: "ready" as const, message: null };

test("the sample opens with one click", async () => {
  const { user, core } = await showApp("environments", closed);
  await user.click(await find("button", "Open sample"));
  expect(await find("tree", "Environments")).toBeVisible();
  expect(core.calls.some((call) => call.name === "sample_create")).toBe(true);
});

test("a folder that is no repository gets the core's reason and hint", async () => {
  const { user } = await showApp("environments", closed);
  await user.type(await find("textbox", "Folder"), "/mnt/music");
  await user.click(screen.getByRole("button", { name: "Open repository" }));
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("/mnt/music is not in a Git repository");
  expect(alert).toHaveTextContent("Open a folder that git init or git clone made.");
});

test("a clone shows its progress and can be cancelled", async () => {
  let fail: ((reason: unknown) => void) | undefined;
  const { user, core } = await showApp("environments", {
    ...closed,
    handlers: {
      repository_clone: ({ operation }) =>
        new Promise((_resolve, reject) => {
          fail = reject;
          core.emit({ event: "operationProgress", operation, step: "Receiving objects", done: 50, total: 200 });
        }),
      operation_cancel: () => {
        fail?.(failure("the clone was cancelled", { code: "cancelled" }));
        return {};
      },
    },
  });
  await user.type(await find("textbox", "URL"), "https://git.example.com/acme/gitops.git");
  await user.type(screen.getByRole("textbox", { name: "Into folder" }), "/tmp/gitops");
  await user.click(screen.getByRole("button", { name: "Clone" }));
  expect(await screen.findByText("Receiving objects 25 %")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(await screen.findByText("the clone was cancelled")).toBeVisible();
});

test("recent repositories open; those whose folder is gone do not", async () => {
  const { user, core } = await showApp("environments", closed);
  await user.click(await find("button", /^old\/gitops/));
  expect(core.calls.some((call) => call.name === "repository_open")).toBe(false);
  await user.click(screen.getByRole("button", { name: /^acme\/shop-config/ }));
  await waitFor(() =>
    expect(core.calls.find((call) => call.name === "repository_open")?.request).toEqual({
      path: "/home/ada/shop-config",
    }),
  );
});

describe("the folder of a clone", () => {
  test.each([
    ["https://git.example.com/acme/gitops.git", "gitops"],
    ["git@git.example.com:acme/shop.git", "shop"],
    ["/srv/git/config/", "config"],
    ["", ""],
  ])("%s", (url, folder) => expect(folderOf(url)).toBe(folder));
});

test("a server that wants a login gets it, and the clone goes on", async () => {
  let known = false;
  const { user, core } = await showApp("environments", {
    ...closed,
    handlers: {
      credential_save: ({ password }) => {
        known = password === "token";
        return { servers: [], keyring: ready, file: ready, filePath: "", used: "keyring", message: "" };
      },
      repository_clone: async () => {
        if (!known) throw failure("the server did not accept the credentials", { code: "authentication" });
        return core.call("repository_open", { path: "/home/ada/gitops" });
      },
    },
  });
  await user.type(await find("textbox", "URL"), "https://git.acme.example/x.git");
  await user.type(screen.getByRole("textbox", { name: "Into folder" }), "/home/ada/x");
  await user.click(screen.getByRole("button", { name: "Clone" }));
  await find("region", "Log in");
  await user.type(screen.getByLabelText("Password or token"), "token{Enter}");
  expect(await find("tree", "Environments")).toBeVisible();
});

test("a repository is forgotten from the list", async () => {
  const { user } = await showApp("environments", closed);
  await user.click(await find("button", "Forget old/gitops"));
  await waitFor(() => expect(screen.queryByText("old/gitops")).toBeNull());
});
