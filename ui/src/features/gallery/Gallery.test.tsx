import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { ToastProvider } from "../../components/Toast";
import { TooltipProvider } from "../../components/Tooltip";
import { showApp } from "../../testing/render";
import { Components, screens } from "./entries";

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

test.each(screens.filter((entry) => entry.name.endsWith("error")))(
  "$name says why and offers the details",
  async (entry) => {
    await showApp(entry.path, {
      ...entry.options,
      ...(entry.handlers === undefined ? {} : { handlers: entry.handlers }),
    });
    expect(await screen.findByRole("alert")).toHaveTextContent(
      "the index of the repository is locked by another process",
    );
    expect(screen.getByRole("button", { name: "Copy details" })).toBeVisible();
  },
);

test.each(screens.filter((entry) => entry.name.endsWith("loading")))(
  "$name shows rows of the real height after a while",
  async (entry) => {
    await showApp(entry.path, {
      ...entry.options,
      ...(entry.handlers === undefined ? {} : { handlers: entry.handlers }),
    });
    expect(
      (await screen.findAllByRole("status", { name: /^(Loading|Comparing|Planning|Rendering)/ })).length,
    ).toBeGreaterThan(0);
  },
);
