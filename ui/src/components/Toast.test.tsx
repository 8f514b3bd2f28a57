import { act, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { ToastProvider, useToast } from "./Toast";

function Speaker({ words }: { words: [string, string?][] }): ReactNode {
  const say = useToast();
  return (
    <button type="button" onClick={() => words.forEach(([title, text]) => say(title, text))}>
      Speak
    </button>
  );
}

function show(...words: [string, string?][]): void {
  vi.useFakeTimers();
  render(
    <ToastProvider>
      <Speaker words={words} />
    </ToastProvider>,
  );
  act(() => screen.getByRole("button", { name: "Speak" }).click());
}

afterEach(() => vi.useRealTimers());

test("a message is there for a while, then goes", () => {
  show(["Pushed", "main is at origin/main now."]);
  expect(screen.getByRole("region", { name: "Notifications" })).toHaveTextContent("Pushed");
  act(() => vi.advanceTimersByTime(4_900));
  expect(screen.getByText("main is at origin/main now.")).toBeVisible();
  act(() => vi.advanceTimersByTime(200));
  expect(screen.queryByText("Pushed")).toBeNull();
});

test("while a person is at it, it stays", () => {
  show(["Pushed"]);
  act(() => screen.getByRole("button", { name: "Dismiss" }).focus());
  act(() => vi.advanceTimersByTime(20_000));
  expect(screen.getByText("Pushed")).toBeVisible();
});

test("of many the newest three are shown", () => {
  show(["one"], ["two"], ["three"], ["four"]);
  expect(screen.queryByText("one")).toBeNull();
  expect(screen.getAllByRole("button", { name: "Dismiss" })).toHaveLength(3);
});
