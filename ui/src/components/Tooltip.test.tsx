import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Button } from "./Button";
import { TooltipProvider } from "./Tooltip";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function wait(milliseconds: number): void {
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });
}

function show(): { over: (element: Element) => void; escapes: () => number } {
  let escapes = 0;
  render(
    // What a pane does with the key.
    <div role="presentation" onKeyDown={(event) => event.key === "Escape" && escapes++}>
      <TooltipProvider>
        <Button disabledReason="Nothing is selected">Promote</Button>
        <Button hint="D">Review</Button>
        <Button>Plain</Button>
      </TooltipProvider>
    </div>,
  );
  return { over: (element) => fireEvent.pointerOver(element), escapes: () => escapes };
}

test("a tooltip comes when the pointer rests, and the next one at once", () => {
  const { over } = show();
  const promote = screen.getByRole("button", { name: "Promote" });
  over(promote);
  wait(300);
  expect(screen.queryByText("Nothing is selected")).toBeNull();
  wait(150);
  expect(screen.getByText("Nothing is selected")).toBeVisible();
  expect(promote).toHaveAccessibleDescription("Nothing is selected");
  over(screen.getByRole("button", { name: "Review" }));
  wait(10);
  expect(screen.getByText("D")).toBeVisible();
  expect(promote).not.toHaveAttribute("aria-describedby");
});

test("it goes when the pointer goes elsewhere, but not while it is on the tooltip", () => {
  const { over } = show();
  over(screen.getByRole("button", { name: "Promote" }));
  wait(500);
  over(screen.getByText("Nothing is selected"));
  wait(1000);
  expect(screen.getByText("Nothing is selected")).toBeVisible();
  over(screen.getByRole("button", { name: "Plain" }));
  wait(200);
  expect(screen.queryByText("Nothing is selected")).toBeNull();
});

test("Escape closes it and still does what it does elsewhere", () => {
  const { over, escapes } = show();
  const promote = screen.getByRole("button", { name: "Promote" });
  over(promote);
  wait(500);
  fireEvent.keyDown(promote, { key: "Escape" });
  expect(screen.queryByText("Nothing is selected")).toBeNull();
  expect(escapes()).toBe(1);
});
