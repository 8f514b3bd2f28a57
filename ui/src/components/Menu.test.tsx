import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Menu } from "./Menu";

function show() {
  const chosen = vi.fn();
  render(
    <Menu
      trigger={<button type="button">Git</button>}
      groups={[
        [
          { label: "Fetch", onSelect: () => chosen("fetch") },
          { label: "Push", disabledReason: "The branch follows no remote", onSelect: () => chosen("push") },
        ],
        [],
        [{ label: "Read again", onSelect: () => chosen("read") }],
      ]}
    />,
  );
  return { chosen, user: userEvent.setup() };
}

test("arrows walk around, Enter chooses, the focus goes back to the button", async () => {
  const { chosen, user } = show();
  screen.getByRole("button", { name: "Git" }).focus();
  await user.keyboard("{ArrowDown}");
  await waitFor(() => expect(screen.getByRole("menuitem", { name: "Fetch" })).toHaveFocus());
  await user.keyboard("{ArrowUp}");
  expect(screen.getByRole("menuitem", { name: "Read again" })).toHaveFocus();
  await user.keyboard("{Enter}");
  expect(chosen).toHaveBeenCalledExactlyOnceWith("read");
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  await waitFor(() => expect(screen.getByRole("button", { name: "Git" })).toHaveFocus());
});

test("typing goes to a name, Escape closes without choosing", async () => {
  const { chosen, user } = show();
  await user.click(screen.getByRole("button", { name: "Git" }));
  await screen.findByRole("menu");
  await user.keyboard("re");
  expect(screen.getByRole("menuitem", { name: "Read again" })).toHaveFocus();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  expect(chosen).not.toHaveBeenCalled();
});

test("what is disabled can be reached and says why, but does nothing", async () => {
  const { chosen, user } = show();
  await user.click(screen.getByRole("button", { name: "Git" }));
  const push = await screen.findByRole("menuitem", { name: "Push" });
  expect(push).toHaveAttribute("title", "The branch follows no remote");
  await user.click(push);
  expect(chosen).not.toHaveBeenCalled();
  expect(screen.getByRole("menu")).toBeVisible();
});
