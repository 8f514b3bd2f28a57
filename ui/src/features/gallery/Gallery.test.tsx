import { render, screen, waitFor } from "@testing-library/react";
import { expect, onTestFinished, test } from "vitest";
import { ToastProvider } from "../../components/Toast";
import { TooltipProvider } from "../../components/Tooltip";
import { showApp } from "../../testing/render";
import { Components } from "./entries";
import { pressAll } from "./press";
import { type ScreenEntry, screens } from "./screens";

/** What a page may hold, of `ui.md`; a page without layout holds a little more, since its rows are 20 pixels high. */
const mostElements = 2500;

async function show(entry: ScreenEntry): Promise<void> {
  const { core } = await showApp(entry.path, {
    ...entry.options,
    ...(entry.handlers === undefined ? {} : { handlers: entry.handlers }),
  });
  if (entry.press !== undefined) onTestFinished(pressAll(entry.press));
  if (entry.offline === true) {
    await waitFor(() => expect(core.calls.some((call) => call.name === "fleet")).toBe(true));
    core.setConnection("reconnecting");
  }
}

test("every component is drawn", () => {
  render(
    <TooltipProvider>
      <ToastProvider>
        <Components />
      </ToastProvider>
    </TooltipProvider>,
  );
  expect(screen.getByRole("region", { name: "Buttons" })).toBeVisible();
  expect(screen.getByRole("textbox", { name: "Folder" })).toBeInvalid();
});

test("names of entries are unique", () => {
  expect(new Set(screens.map((entry) => entry.name)).size).toBe(screens.length);
});

const errors = screens.filter((entry) => /error$|plan fails$/.test(entry.name));
const loading = screens.filter((entry) => /loading$|planning$/.test(entry.name));

test.each(screens.filter((entry) => !loading.includes(entry)))("$name says so", async (entry) => {
  await show(entry);
  expect((await screen.findAllByText(entry.says, {}, { timeout: 5000 })).length).toBeGreaterThan(0);
  expect(document.querySelectorAll("*").length).toBeLessThanOrEqual(2 * mostElements);
});

test.each(errors)("$name says why and offers the details", async (entry) => {
  await show(entry);
  expect(await screen.findByRole("alert")).toHaveTextContent(
    "the index of the repository is locked by another process",
  );
  expect(screen.getByRole("button", { name: "Copy details" })).toBeVisible();
});

test.each(loading)("$name shows rows of the real height after a while", async (entry) => {
  await show(entry);
  expect(
    (await screen.findAllByRole("status", { name: /^(Loading|Comparing|Planning|Rendering)/ })).length,
  ).toBeGreaterThan(0);
});
