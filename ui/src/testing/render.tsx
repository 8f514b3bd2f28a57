import { act, render, screen } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { App } from "../app/App";
import { createAppRouter } from "../app/router";
import { createQueryClient } from "../ipc";
import type { FakeTransport, Handlers } from "../ipc/fake";
import { type CoreOptions, fakeCore } from "./core";

/** A moment for tests: 23 November 2026, noon. */
export const noon = Date.UTC(2026, 10, 23, 12, 0, 0);

/** Shows the application at a place, with the fake core. `handlers` replaces answers of the core. */
export async function showApp(
  path: string,
  options: CoreOptions & { handlers?: Handlers } = {},
): Promise<{ core: FakeTransport; user: UserEvent; path: () => string }> {
  const { handlers, ...rest } = options;
  const core = fakeCore({ now: noon, pace: 0, initial: "/home/ada/gitops", ...rest });
  if (handlers !== undefined) core.handle(handlers);
  window.location.hash = `#/${path}`;
  const router = createAppRouter();
  const user = userEvent.setup();
  await act(async () => {
    render(<App transport={core} client={createQueryClient()} router={router} />);
    await router.load();
  });
  return { core, user, path: () => router.state.location.href };
}

/** Waits for an element that has this role and name. */
export function find(role: string, name: string | RegExp): Promise<HTMLElement> {
  return screen.findByRole(role, { name }, { timeout: 3000 });
}
