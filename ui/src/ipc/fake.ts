import type { ApiError, ApiEvent } from "./bindings";
import {
  CallError,
  type CommandName,
  type Connection,
  type RequestOf,
  type ResponseOf,
  type Transport,
} from "./transport";

/** Answers of a fake core, by command. A command without an answer fails, so that a test names what it needs. */
export type Handlers = {
  [K in CommandName]?: (request: RequestOf<K>) => ResponseOf<K> | Promise<ResponseOf<K>>;
};

export interface FakeTransport extends Transport {
  /** Every call, in order. */
  readonly calls: readonly { name: CommandName; request: unknown }[];
  /** Pushes events to all listeners. */
  emit(...batch: ApiEvent[]): void;
  setConnection(state: Connection): void;
  /** Replaces or adds answers. */
  handle(handlers: Handlers): void;
}

/** A core in memory, for tests and the gallery. */
export function fakeTransport(initial: Handlers): FakeTransport {
  const handlers: Handlers = { ...initial };
  const calls: { name: CommandName; request: unknown }[] = [];
  const eventListeners = new Set<(batch: ApiEvent[]) => void>();
  const connectionListeners = new Set<(state: Connection) => void>();
  let connection: Connection = "connected";
  return {
    calls,
    async call<K extends CommandName>(name: K, request: RequestOf<K>): Promise<ResponseOf<K>> {
      calls.push({ name, request });
      const handler = handlers[name];
      if (handler === undefined) throw new CallError(fakeError(`slipway-fake-transport has no answer to ${name}`));
      return structuredClone(await handler(request));
    },
    emit(...batch) {
      for (const listener of eventListeners) listener(structuredClone(batch));
    },
    setConnection(state) {
      connection = state;
      for (const listener of connectionListeners) listener(state);
    },
    handle(more) {
      Object.assign(handlers, more);
    },
    events(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    connection(listener) {
      connectionListeners.add(listener);
      listener(connection);
      return () => connectionListeners.delete(listener);
    },
  };
}

export function fakeError(message: string, more: Partial<ApiError> = {}): ApiError {
  return { code: "fake", message, hints: [], location: null, ...more };
}

/** Rejects as a core does. */
export function failure(message: string, more: Partial<ApiError> = {}): CallError {
  return new CallError(fakeError(message, more));
}
