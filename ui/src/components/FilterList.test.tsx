import { fireEvent, render, screen } from "@testing-library/react";
import { Box } from "lucide-react";
import { expect, test, vi } from "vitest";
import { FilterList, type ListEntry } from "./FilterList";

test("Enter that comes before the list takes what was typed, not what the list held before", () => {
  const chosen = vi.fn();
  const list = (names: string[], query: string, settled: boolean) => (
    <FilterList
      label="Search"
      placeholder=""
      query={query}
      onQuery={() => undefined}
      settled={settled}
      entries={names.map(
        (name): ListEntry => ({ key: name, group: "Commands", label: name, icon: Box, onSelect: () => chosen(name) }),
      )}
      empty="Nothing."
      onClose={() => undefined}
    />
  );
  const { rerender } = render(list(["Go to Environments", "Go to Review"], "go to review", false));
  fireEvent.keyDown(screen.getByRole("combobox"), { key: "Enter" });
  expect(chosen).not.toHaveBeenCalled();
  rerender(list(["Go to Review"], "go to review", true));
  expect(chosen.mock.calls).toEqual([["Go to Review"]]);
  fireEvent.keyDown(screen.getByRole("combobox"), { key: "Enter" });
  expect(chosen).toHaveBeenCalledTimes(2);
});
