import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { Dialog } from "./Dialog";
import { SelectField } from "./Select";

function Field() {
  const [value, setValue] = useState("staging");
  return (
    <SelectField
      label="Environment"
      value={value}
      options={["development", "staging", "production"].map((name) => ({ value: name, label: name }))}
      onChange={setValue}
    />
  );
}

test("it opens and chooses by keyboard, with the focus on the button", async () => {
  const user = userEvent.setup();
  render(<Field />);
  const field = screen.getByRole("combobox", { name: "Environment" });
  field.focus();
  await user.keyboard("{ArrowDown}");
  expect(await screen.findByRole("option", { name: "staging" })).toHaveAttribute("aria-selected", "true");
  await user.keyboard("{ArrowDown}");
  expect(field).toHaveAttribute("aria-activedescendant", screen.getByRole("option", { name: "production" }).id);
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.queryByRole("listbox")).toBeNull());
  expect(field).toHaveTextContent("production");
  expect(field).toHaveFocus();
});

test("typing goes to a name; Escape keeps what was chosen", async () => {
  const user = userEvent.setup();
  render(<Field />);
  const field = screen.getByRole("combobox", { name: "Environment" });
  field.focus();
  await user.keyboard("pro");
  const wanted = await screen.findByRole("option", { name: "production" });
  await waitFor(() => expect(field).toHaveAttribute("aria-activedescendant", wanted.id));
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("listbox")).toBeNull());
  expect(field).toHaveTextContent("staging");
});

test("a press on an option chooses it", async () => {
  const user = userEvent.setup();
  render(<Field />);
  await user.click(screen.getByRole("combobox", { name: "Environment" }));
  await user.click(await screen.findByRole("option", { name: "development" }));
  expect(screen.getByRole("combobox", { name: "Environment" })).toHaveTextContent("development");
});

test("in a dialog Escape closes the list, and only then the dialog", async () => {
  const user = userEvent.setup();
  const onClose = vi.fn();
  render(
    <Dialog open title="A dialog" onClose={onClose}>
      <Field />
    </Dialog>,
  );
  const field = await screen.findByRole("combobox", { name: "Environment" });
  await user.click(field);
  const list = await screen.findByRole("listbox");
  expect(screen.getByRole("dialog")).toContainElement(list);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("listbox")).toBeNull());
  expect(onClose).not.toHaveBeenCalled();
  await user.click(field);
  await user.click(await screen.findByRole("option", { name: "production" }));
  expect(onClose).not.toHaveBeenCalled();
  expect(field).toHaveTextContent("production");
  await user.keyboard("{Escape}");
  expect(onClose).toHaveBeenCalled();
});

test("a press elsewhere closes it", async () => {
  const user = userEvent.setup();
  render(<Field />);
  await user.click(screen.getByRole("combobox", { name: "Environment" }));
  await screen.findByRole("listbox");
  await user.click(document.body);
  expect(screen.queryByRole("listbox")).toBeNull();
});
