import type { ApiError, ApiEvent, Commands } from "./bindings";

export type CommandName = keyof Commands;
export type RequestOf<K extends CommandName> = Commands[K]["request"];
export type ResponseOf<K extends CommandName> = Commands[K]["response"];

/** Whether facts from the core arrive: a client that is not connected shows what it last knew. */
export type Connection = "connected" | "reconnecting";

/** The way to the core. Adapters: the window (`tauri`), a browser (`http`), tests and the gallery (`fake`). */
export interface Transport {
  /**
   * Asks the core; where events are listened to, once they are heard. An answer from before could be outdated without
   * anyone saying so.
   */
  call<K extends CommandName>(name: K, request: RequestOf<K>): Promise<ResponseOf<K>>;
  /** Listens to batches of events; the answer ends it. */
  events(listener: (batch: ApiEvent[]) => void): () => void;
  /** Listens to the state of the connection; called at once with the state as it is. */
  connection(listener: (state: Connection) => void): () => void;
}

/** What a failed call rejects with. */
export class CallError extends Error {
  readonly error: ApiError;
  constructor(error: ApiError) {
    super(error.message);
    this.name = "CallError";
    this.error = error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isApiError(value: unknown): value is ApiError {
  return (
    isRecord(value) && typeof value.code === "string" && typeof value.message === "string" && Array.isArray(value.hints)
  );
}

/** Reads whatever a call rejected with as an error of the façade. */
export function toApiError(reason: unknown): ApiError {
  if (reason instanceof CallError) return reason.error;
  if (isApiError(reason)) return reason;
  const message =
    reason instanceof Error ? reason.message : typeof reason === "string" ? reason : JSON.stringify(reason);
  return { code: "unexpected", message: message ?? "the call failed without a reason", hints: [], location: null };
}

const eventNames: ReadonlySet<string> = new Set<ApiEvent["event"]>([
  "fleetChanged",
  "repositoryChanged",
  "runChanged",
  "draftsChanged",
  "logGrew",
  "operationProgress",
]);

function isApiEvent(value: unknown): value is ApiEvent {
  return isRecord(value) && typeof value.event === "string" && eventNames.has(value.event);
}

/** Checks a batch at the boundary; what is not an event that this client knows is dropped. */
export function readBatch(value: unknown): ApiEvent[] {
  return Array.isArray(value) ? value.filter(isApiEvent) : [];
}
