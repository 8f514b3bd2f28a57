import { useState } from "react";
import type { ApiError, FetchedRemotes, FetchedResult, MissingRemotes } from "./bindings";
import { toApiError, useAction, useCommand, useConnection, useOperation } from "./client";

/** What is asked for: every reference, or one. */
interface Asked {
  what: "fetch" | "update";
  key: string | null;
}

/** What can be done about content from elsewhere, and how it goes. */
export interface Fetching {
  /** What is being fetched or updated now. */
  going: Asked | null;
  progress: { step: string; done: number; total: number } | undefined;
  isForgetting: boolean;
  /** The references that were not fetched, by key. */
  failures: ReadonlyMap<string, FetchedResult>;
  /** Why the last thing was not done at all. */
  refused: ApiError | null;
  /** Fetches one reference, or all that is missing. */
  fetch: (key: string | null, onEnded: (results: FetchedResult[]) => void) => void;
  /** Fetches one reference again, or all of them. */
  update: (key: string | null, keys: string[], onEnded: (results: FetchedResult[]) => void) => void;
  forget: (keys: string[], onEnded: () => void) => void;
  cancel: () => void;
}

/** What was fetched from elsewhere and what is missing, and what can be done about it. */
export interface FetchedState extends Fetching {
  list: FetchedRemotes | undefined;
  missing: MissingRemotes | undefined;
  /** Why neither can be told. */
  error: ApiError | null;
  refetch: () => void;
  connected: boolean;
}

/** Of a repository, or of one instance of it. */
export function useFetching(repository: string, instance: string | null): Fetching {
  const fetch = useAction("remotes_fetch");
  const update = useAction("remotes_update");
  const forget = useAction("remotes_forget");
  const cancel = useAction("operation_cancel");
  const [failures, setFailures] = useState<ReadonlyMap<string, FetchedResult>>(new Map());
  const [asked, setAsked] = useState<Asked | null>(null);
  const operation = fetch.isPending ? fetch.variables.operation : update.isPending ? update.variables.operation : null;
  const progress = useOperation(operation);
  const refused = [fetch.error, update.error, forget.error].find((reason) => reason !== null);
  const refusal = refused === undefined ? null : toApiError(refused);
  const remember = (results: FetchedResult[]): void =>
    setFailures((before) => {
      const next = new Map(before);
      for (const result of results) {
        const { remote, failure } = result;
        if (failure === null || failure.code === "cancelled") next.delete(remote.key);
        else next.set(remote.key, result);
      }
      return next;
    });
  return {
    going: operation === null ? null : asked,
    progress,
    isForgetting: forget.isPending,
    failures,
    refused: refusal?.code === "cancelled" ? null : refusal,
    fetch: (key, onEnded) => {
      setAsked({ what: "fetch", key });
      const request = {
        repository,
        operation: `fetch ${instance ?? ""} ${Date.now()}`,
        keys: key === null ? [] : [key],
        instances: key !== null || instance === null ? [] : [instance],
      };
      fetch.mutate(request, {
        onSuccess: ({ results }) => {
          remember(results);
          onEnded(results);
        },
      });
    },
    update: (key, keys, onEnded) => {
      setAsked({ what: "update", key });
      update.mutate(
        { operation: `update ${Date.now()}`, keys },
        {
          onSuccess: ({ results }) => {
            remember(results);
            onEnded(results);
          },
        },
      );
    },
    forget: (keys, onEnded) => forget.mutate({ keys }, { onSuccess: onEnded }),
    cancel: () => operation !== null && cancel.mutate({ operation }),
  };
}

/** Of a repository, or of one instance of it. */
export function useFetched(repository: string, instance: string | null): FetchedState {
  const connected = useConnection() === "connected";
  const list = useCommand("remotes_list", { repository });
  const missing = useCommand("remotes_missing", { repository, instance });
  const failed = list.error ?? missing.error;
  return {
    ...useFetching(repository, instance),
    list: list.data,
    missing: missing.data,
    error: failed === null ? null : toApiError(failed),
    refetch: () => {
      void list.refetch();
      void missing.refetch();
    },
    connected,
  };
}
