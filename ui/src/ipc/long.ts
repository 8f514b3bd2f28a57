import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { commandKey } from "./cache";
import { keepPrevious, useOperation, useTransport } from "./client";
import { KeyedStore } from "./store";
import type { RequestOf, ResponseOf } from "./transport";

/** Commands that take an operation: they tell how far they are, and can be cancelled. */
export type LongCommand = "diff" | "promotion_plan";

/** The operation under which a question is being answered, by the question. */
const running = new KeyedStore<string>();
let operations = 0;

export interface LongAnswer<T> {
  query: UseQueryResult<T, unknown>;
  /** How far it is, while it is being answered. */
  progress: { step: string; done: number; total: number } | undefined;
  /** Whether it was given up and has no answer. */
  cancelled: boolean;
  cancel: () => void;
}

/**
 * As `useCommand`, for answers that take their time. A question that nobody asks any more, because the screen is left
 * or something else is asked, is given up in the core as well.
 */
export function useLongCommand<K extends LongCommand>(
  name: K,
  request: RequestOf<K> | null,
  options: { keepPrevious?: boolean } = {},
): LongAnswer<ResponseOf<K>> {
  const transport = useTransport();
  const client = useQueryClient();
  const queryKey: readonly unknown[] = request === null ? [name, null] : commandKey(name, request);
  const question = JSON.stringify(queryKey);
  const query = useQuery<ResponseOf<K>, unknown>({
    queryKey,
    queryFn: async ({ signal }) => {
      if (request === null) throw new Error(`${name} has no request`);
      operations += 1;
      const operation = `${name} ${Date.now()} ${Math.random().toString(36).slice(2)} ${operations}`;
      running.set(question, operation);
      signal.addEventListener("abort", () => {
        // It has ended already, or ends with the core.
        transport.call("operation_cancel", { operation }).catch(() => {});
      });
      try {
        return await transport.call(name, { ...request, operation });
      } finally {
        if (running.get(question) === operation) running.delete(question);
      }
    },
    enabled: request !== null,
    ...(options.keepPrevious === true ? { placeholderData: keepPrevious } : {}),
  });
  const operation = useSyncExternalStore(
    useCallback((listener) => running.subscribe(question, listener), [question]),
    () => running.get(question),
  );
  const progress = useOperation(operation ?? null);
  const cancel = (): void => void client.cancelQueries({ queryKey, exact: true });
  const cancelled = request !== null && query.status === "pending" && query.fetchStatus === "idle";
  return { query, progress, cancelled, cancel };
}
