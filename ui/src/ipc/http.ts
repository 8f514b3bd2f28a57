import type { ApiEvent } from "./bindings";
import {
  CallError,
  type CommandName,
  type Connection,
  type RequestOf,
  type ResponseOf,
  readBatch,
  type Transport,
  toApiError,
} from "./transport";

const firstDelay = 500;
const lastDelay = 15_000;

/** The delay before the next attempt, in milliseconds: doubles up to a quarter of a minute. */
export function nextDelay(attempt: number): number {
  return Math.min(lastDelay, firstDelay * 2 ** Math.min(attempt, 10));
}

/** Calls `slipway serve` at the address that served the page. */
export function httpTransport(base: URL): Transport {
  const eventListeners = new Set<(batch: ApiEvent[]) => void>();
  const connectionListeners = new Set<(state: Connection) => void>();
  let state: Connection = "connected";
  let socket: WebSocket | undefined;
  let attempt = 0;
  /** Ends when the first attempt to hear events has ended, in either way. */
  let listening: Promise<void> = Promise.resolve();

  function setState(next: Connection): void {
    if (state === next) return;
    state = next;
    for (const listener of connectionListeners) listener(next);
  }

  function connect(): void {
    const address = new URL("events", base);
    address.protocol = base.protocol === "https:" ? "wss:" : "ws:";
    const current = new WebSocket(address);
    socket = current;
    if (attempt === 0) {
      listening = new Promise((resolve) => {
        current.addEventListener("open", () => resolve(), { once: true });
        current.addEventListener("close", () => resolve(), { once: true });
      });
    }
    current.addEventListener("open", () => {
      attempt = 0;
      setState("connected");
    });
    current.addEventListener("message", (message: MessageEvent<unknown>) => {
      if (typeof message.data !== "string") return;
      try {
        const batch = readBatch(JSON.parse(message.data));
        for (const listener of eventListeners) listener(batch);
      } catch (reason) {
        console.error("a batch of events cannot be read:", reason);
      }
    });
    current.addEventListener("close", () => {
      if (socket !== current) return;
      setState("reconnecting");
      setTimeout(() => {
        if (socket === current && eventListeners.size > 0) connect();
      }, nextDelay(attempt++));
    });
  }

  return {
    async call<K extends CommandName>(name: K, request: RequestOf<K>): Promise<ResponseOf<K>> {
      await listening;
      let response: Response;
      try {
        response = await fetch(new URL(`ipc/${name}`, base), {
          method: "POST",
          headers: { "content-type": "application/json" },
          credentials: "same-origin",
          body: JSON.stringify(request),
        });
      } catch (reason) {
        throw new CallError({
          code: "unreachable",
          message: `the Slipway process does not answer (${reason instanceof Error ? reason.message : String(reason)})`,
          hints: ["See whether `slipway serve` still runs, and start it again."],
          location: null,
        });
      }
      const text = await response.text();
      let body: unknown = {};
      try {
        body = text === "" ? {} : JSON.parse(text);
      } catch {
        body = text;
      }
      if (!response.ok) {
        throw new CallError(
          typeof body === "object"
            ? toApiError(body)
            : {
                code: "unexpected",
                message: `${name} failed with status ${response.status}: ${text}`,
                hints: [],
                location: null,
              },
        );
      }
      // The server and this type are generated from the same table of commands.
      return body as ResponseOf<K>;
    },
    events(listener) {
      eventListeners.add(listener);
      if (socket === undefined) connect();
      return () => {
        eventListeners.delete(listener);
        if (eventListeners.size === 0) {
          const last = socket;
          socket = undefined;
          last?.close();
        }
      };
    },
    connection(listener) {
      connectionListeners.add(listener);
      listener(state);
      return () => connectionListeners.delete(listener);
    },
  };
}
