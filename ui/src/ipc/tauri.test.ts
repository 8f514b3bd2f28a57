import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, test } from "vitest";
import { emit } from "@tauri-apps/api/event";
import type { ApiEvent } from "./bindings";
import { tauriTransport } from "./tauri";
import { CallError } from "./transport";

afterEach(clearMocks);

test("a call invokes one command with its name and request", async () => {
  const seen: unknown[] = [];
  mockIPC((command, payload) => {
    seen.push([command, payload]);
    return { repositories: [] };
  });
  expect(await tauriTransport().call("repository_recent", {})).toEqual({ repositories: [] });
  expect(seen).toEqual([["call", { name: "repository_recent", request: {} }]]);
});

test("a rejection keeps the error of the façade", async () => {
  mockIPC(() => {
    throw { code: "not-found", message: "no such run", hints: ["See `runs`."], location: null };
  });
  const reason: unknown = await tauriTransport()
    .call("run", { run: "x" })
    .catch((error: unknown) => error);
  expect(reason instanceof CallError ? reason.error : null).toMatchObject({
    code: "not-found",
    hints: ["See `runs`."],
  });
});

test("events arrive until nobody listens", async () => {
  mockIPC(() => {}, { shouldMockEvents: true });
  const seen: ApiEvent[] = [];
  const end = tauriTransport().events((batch) => seen.push(...batch));
  await new Promise((resolve) => setTimeout(resolve));
  await emit("slipway-events", [{ event: "repositoryChanged", repository: "r" }]);
  end();
  await emit("slipway-events", [{ event: "repositoryChanged", repository: "s" }]);
  expect(seen).toEqual([{ event: "repositoryChanged", repository: "r" }]);
});

test("a call waits until events are heard", async () => {
  const order: string[] = [];
  mockIPC(
    (command) => {
      order.push(command);
      return {};
    },
    { shouldMockEvents: true },
  );
  const transport = tauriTransport();
  let heard = false;
  const end = transport.events(() => {
    heard = true;
  });
  await transport.call("repository_recent", {});
  await emit("slipway-events", []);
  expect([order, heard]).toEqual([["call"], true]);
  end();
});
