import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ApiEvent } from "./bindings";
import { httpTransport, nextDelay } from "./http";
import { CallError, type Connection } from "./transport";

class FakeSocket extends EventTarget {
  static all: FakeSocket[] = [];
  closed = false;
  constructor(readonly url: URL) {
    super();
    FakeSocket.all.push(this);
  }
  close(): void {
    this.closed = true;
    this.dispatchEvent(new Event("close"));
  }
}

const base = new URL("http://127.0.0.1:7878/");

beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a call posts its request and reads the answer", async () => {
  const fetch = vi.fn(async (..._arguments: unknown[]) => new Response('{"repositories":[]}', { status: 200 }));
  vi.stubGlobal("fetch", fetch);
  expect(await httpTransport(base).call("repository_recent", {})).toEqual({ repositories: [] });
  const [url, init] = fetch.mock.calls[0] ?? [];
  expect(String(url)).toBe("http://127.0.0.1:7878/ipc/repository_recent");
  expect(init).toMatchObject({ method: "POST", credentials: "same-origin", body: "{}" });
});

test.each([
  [
    new Response('{"code":"not-found","message":"no such run","hints":[],"location":null}', { status: 404 }),
    "not-found",
    "no such run",
  ],
  [new Response("Bad gateway", { status: 502 }), "unexpected", "run failed with status 502: Bad gateway"],
])("a refusal is an error of the façade", async (response, code, message) => {
  vi.stubGlobal("fetch", async () => response);
  const reason: unknown = await httpTransport(base)
    .call("run", { run: "x" })
    .catch((error: unknown) => error);
  expect(reason).toBeInstanceOf(CallError);
  expect(reason instanceof CallError ? reason.error : null).toMatchObject({ code, message });
});

test("a core that does not answer says what to do", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("connection refused");
  });
  const reason: unknown = await httpTransport(base)
    .call("run", { run: "x" })
    .catch((error: unknown) => error);
  expect(reason instanceof CallError ? reason.error.code : "").toBe("unreachable");
});

test("batches of events arrive; what is no event is dropped", () => {
  const seen: ApiEvent[] = [];
  httpTransport(base).events((batch) => seen.push(...batch));
  const [socket] = FakeSocket.all;
  expect(String(socket?.url)).toBe("ws://127.0.0.1:7878/events");
  const message = (data: string): void => void socket?.dispatchEvent(new MessageEvent("message", { data }));
  message('[{"event":"repositoryChanged","repository":"r"},{"event":"fromTheFuture"},7]');
  vi.spyOn(console, "error").mockImplementation(() => {});
  message("not json");
  expect(seen).toEqual([{ event: "repositoryChanged", repository: "r" }]);
});

test("a lost connection is tried again, with growing pauses, and says so", () => {
  const states: Connection[] = [];
  const transport = httpTransport(base);
  const end = transport.events(() => {});
  transport.connection((state) => states.push(state));
  FakeSocket.all[0]?.close();
  expect(states).toEqual(["connected", "reconnecting"]);
  vi.advanceTimersByTime(500);
  expect(FakeSocket.all).toHaveLength(2);
  FakeSocket.all[1]?.close();
  vi.advanceTimersByTime(999);
  expect(FakeSocket.all).toHaveLength(2);
  vi.advanceTimersByTime(1);
  FakeSocket.all[2]?.dispatchEvent(new Event("open"));
  expect(states).toEqual(["connected", "reconnecting", "connected"]);
  end();
  expect(FakeSocket.all[2]?.closed).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(3);
});

test("pauses are bounded", () => {
  expect([0, 1, 2, 20].map(nextDelay)).toEqual([500, 1000, 2000, 15_000]);
});

test("a call waits until events are heard, and does not where that fails", async () => {
  const fetch = vi.fn(async (..._arguments: unknown[]) => new Response("{}", { status: 200 }));
  vi.stubGlobal("fetch", fetch);
  for (const outcome of ["open", "close"]) {
    fetch.mockClear();
    const transport = httpTransport(base);
    const end = transport.events(() => {});
    const answer = transport.call("repository_recent", {});
    await vi.advanceTimersByTimeAsync(1);
    expect(fetch).not.toHaveBeenCalled();
    FakeSocket.all.at(-1)?.dispatchEvent(new Event(outcome));
    await answer;
    expect(fetch).toHaveBeenCalledOnce();
    end();
  }
});
