import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { setKeys } from "../lib/keymap";
import { useContextMenu } from "./ContextMenu";

const chosen = vi.fn();

function List() {
  const context = useContextMenu((element) => {
    const name = element.closest("[role='option']")?.textContent;
    if (name === undefined) return null;
    return { label: `Menu of ${name}`, groups: [[{ label: "Copy", keys: "Alt+N", onSelect: () => chosen(name) }]] };
  });
  return (
    <>
      {context.menu}
      <div role="listbox" {...context.props} tabIndex={0} aria-label="Fruit" aria-activedescendant="two">
        <div role="option" aria-selected="false">
          apple
        </div>
        <div id="two" role="option" aria-selected="true">
          pear
        </div>
      </div>
    </>
  );
}

afterEach(() => setKeys({}));

test("Shift F10 and Menu open that of the row the keyboard is at; the list gets the focus back", async () => {
  render(<List />);
  const user = userEvent.setup();
  const list = screen.getByRole("listbox", { name: "Fruit" });
  for (const key of ["{Shift>}{F10}{/Shift}", "{ContextMenu}"]) {
    list.focus();
    await user.keyboard(key);
    expect(await screen.findByRole("menu", { name: "Menu of pear" })).toBeVisible();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
    expect(list).toHaveFocus();
  }
});

test("the secondary button opens that of its row, and a press on another row closes it", async () => {
  render(<List />);
  fireEvent.contextMenu(screen.getByText("apple"));
  expect(await screen.findByRole("menu", { name: "Menu of apple" })).toBeVisible();
  fireEvent.pointerDown(screen.getByText("pear"));
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
});

test("a menu tells a person's own keys, and is opened by them", async () => {
  setKeys({ "Alt+N": "Alt+Q", "Shift+F10": "Mod+M" });
  render(<List />);
  const user = userEvent.setup();
  screen.getByRole("listbox", { name: "Fruit" }).focus();
  await user.keyboard("{Control>}m{/Control}");
  await user.click(await screen.findByRole("menuitem", { name: "Copy Alt Q" }));
  expect(chosen).toHaveBeenCalledExactlyOnceWith("pear");
});
