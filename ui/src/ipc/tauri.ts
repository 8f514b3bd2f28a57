import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import {
  CallError,
  type CommandName,
  type RequestOf,
  type ResponseOf,
  readBatch,
  type Transport,
  toApiError,
} from "./transport";

/** Calls the core that runs in the same process as the window. */
export function tauriTransport(): Transport {
  /** Ends when the first attempt to hear events has ended, in either way. */
  let listening: Promise<void> = Promise.resolve();
  return {
    async call<K extends CommandName>(name: K, request: RequestOf<K>): Promise<ResponseOf<K>> {
      await listening;
      try {
        return await invoke<ResponseOf<K>>("call", { name, request });
      } catch (reason) {
        throw new CallError(toApiError(reason));
      }
    },
    events(listener) {
      let ended = false;
      let unlisten: (() => void) | undefined;
      listening = listen<unknown>("slipway-events", (event) => {
        if (!ended) listener(readBatch(event.payload));
      }).then(
        (end) => {
          if (ended) end();
          else unlisten = end;
        },
        (reason: unknown) => console.error("events cannot be received:", reason),
      );
      return () => {
        ended = true;
        unlisten?.();
      };
    },
    connection(listener) {
      listener("connected");
      return () => {};
    },
  };
}

/** Whether the page runs in the window. */
export function inWindow(): boolean {
  return "__TAURI_INTERNALS__" in globalThis;
}
