import {
  type QueryClient,
  QueryClient as Client,
  QueryClientProvider,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { ApiError, ApiEvent, CacheTag, FleetProgress, RepositoryInfo } from "./bindings";
import { changedBy, commandKey, isAffected } from "./cache";
import { identityFirst } from "./identity";
import { applyAnswer, applyTold, type ObservedRun, runStore } from "./runs";
import { KeyedStore } from "./store";
import {
  type CommandName,
  type Connection,
  type RequestOf,
  type ResponseOf,
  type Transport,
  toApiError,
} from "./transport";

const TransportContext = createContext<Transport | null>(null);

/** How far rendering of a repository is, by its id. */
const progressStore = new KeyedStore<FleetProgress>();
/** How far a long operation is, by the id that this client chose. */
const operationStore = new KeyedStore<{ step: string; done: number; total: number }>();

export function createQueryClient(): QueryClient {
  return new Client({
    defaultOptions: {
      // The core says what changed; asking again on a timer or on focus would only be noise.
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        // The core is on this machine: it answers without a network as well.
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** The least time between two readings of the same thing while events say that it changes, in milliseconds. */
const refreshInterval = 400;

/** Applies batches of events: values that were pushed go to their stores, the rest marks answers as outdated. */
export function eventSink(client: QueryClient, now: () => number): { apply(batch: ApiEvent[]): void; end(): void } {
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  const last = new Map<string, number>();
  const invalidate = (tag: CacheTag, repository?: string): void => {
    const key = `${tag} ${repository ?? ""}`;
    if (waiting.has(key)) return;
    const rest = Math.max(0, (last.get(key) ?? 0) + refreshInterval - now());
    waiting.set(
      key,
      setTimeout(() => {
        waiting.delete(key);
        last.set(key, now());
        void client.invalidateQueries({ predicate: (query) => isAffected(query.queryKey, [tag], repository) });
      }, rest),
    );
  };
  return {
    apply(batch) {
      for (const event of batch) {
        switch (event.event) {
          case "fleetChanged":
            progressStore.set(event.repository, event.progress);
            invalidate("fleet", event.repository);
            break;
          case "repositoryChanged":
            invalidate("repository", event.repository);
            break;
          case "runChanged": {
            const known = runStore.get(event.run.id)?.run;
            applyTold(event, now());
            if (known?.phase !== event.run.phase) invalidate("runs", event.run.repository);
            break;
          }
          case "draftsChanged":
            // Another window changed them; this one's own changes are known already.
            void client.invalidateQueries({
              predicate: (query) => query.queryKey[0] === "drafts" && query.state.fetchStatus === "idle",
            });
            break;
          case "logGrew":
            // Who follows a log listens by itself.
            break;
          case "operationProgress":
            operationStore.set(event.operation, { step: event.step, done: event.done, total: event.total });
            break;
        }
      }
    },
    end() {
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}

export function CoreProvider({
  transport,
  client,
  children,
}: {
  transport: Transport;
  client: QueryClient;
  children: ReactNode;
}): ReactNode {
  useEffect(() => {
    const sink = eventSink(client, () => Date.now());
    const endEvents = transport.events((batch) => sink.apply(batch));
    let was: Connection = "connected";
    const endConnection = transport.connection((state) => {
      // Facts were missed while the connection was down: everything may be outdated.
      if (was === "reconnecting" && state === "connected") void client.invalidateQueries();
      was = state;
    });
    return () => {
      endEvents();
      endConnection();
      sink.end();
    };
  }, [transport, client]);
  return (
    <TransportContext value={transport}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </TransportContext>
  );
}

export function useTransport(): Transport {
  const transport = use(TransportContext);
  if (transport === null) throw new Error("a component that calls the core is outside CoreProvider");
  return transport;
}

/** The answer of a command that only reads, kept until the core says that it changed. */
export function useCommand<K extends CommandName>(
  name: K,
  request: RequestOf<K> | null,
  options: { keepPrevious?: boolean; refreshEvery?: number } = {},
): UseQueryResult<ResponseOf<K>, unknown> {
  const transport = useTransport();
  return useQuery<ResponseOf<K>, unknown>({
    queryKey: request === null ? [name, null] : commandKey(name, request),
    queryFn: () => {
      if (request === null) throw new Error(`${name} has no request`);
      return transport.call(name, request);
    },
    enabled: request !== null,
    // For what no event tells of, such as a cluster that is gone; in milliseconds.
    ...(options.refreshEvery === undefined ? {} : { refetchInterval: options.refreshEvery }),
    ...(options.keepPrevious === true ? { placeholderData: keepPrevious } : {}),
  });
}

/** The answer to the question of before, until there is one to this. */
export function keepPrevious<T>(previous: T | undefined): T | undefined {
  return previous;
}

function isRepository(value: object): value is RepositoryInfo {
  return "branches" in value && "head" in value;
}

/** The question that the result of a command answers as well, so that it is known at once. */
function answerOf(name: CommandName, answer: object): { key: readonly unknown[]; data: object } | null {
  if (name === "settings_save") return { key: commandKey("settings", {}), data: answer };
  if (name === "repository_forget") return { key: commandKey("repository_recent", {}), data: answer };
  if (name.startsWith("credential_")) return { key: commandKey("credentials", {}), data: answer };
  return isRepository(answer) ? { key: commandKey("repository_info", { repository: answer.id }), data: answer } : null;
}

/** A command that changes something. Answers made of what it changes are read again. */
export function useAction<K extends CommandName>(name: K): UseMutationResult<ResponseOf<K>, unknown, RequestOf<K>> {
  const transport = useTransport();
  const client = useQueryClient();
  // Settings are saved as a whole: the next choice builds on the one before it, which may still be on its way.
  const whole = name === "settings_save";
  return useMutation({
    mutationKey: [name],
    ...(whole ? { scope: { id: name } } : {}),
    onMutate: (request) => {
      if (whole) client.setQueryData(commandKey("settings", {}), request);
    },
    onError: () => {
      if (whole) void client.invalidateQueries({ queryKey: ["settings"] });
    },
    mutationFn: async (request: RequestOf<K>) => {
      await identityFirst(name, request, transport, client);
      return transport.call(name, request);
    },
    onSuccess: (answer) => {
      if (whole && client.isMutating({ mutationKey: [name] }) > 1) return;
      const known = answerOf(name, answer);
      if (known !== null) client.setQueryData(known.key, known.data);
      const tags = changedBy(name);
      // After the caller has shown the result: a question that it no longer asks is then not asked again.
      if (tags.length > 0) {
        setTimeout(() => void client.invalidateQueries({ predicate: (query) => isAffected(query.queryKey, tags) }));
      }
    },
  });
}

/** Reads everything again. */
export function useInvalidateAll(): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(() => client.invalidateQueries(), [client]);
}

export function useConnection(): Connection {
  const transport = useTransport();
  const [state, setState] = useState<Connection>("connected");
  useEffect(() => transport.connection(setState), [transport]);
  return state;
}

function useStored<T>(store: KeyedStore<T>, key: string | null): T | undefined {
  return useSyncExternalStore(
    useCallback((listener) => (key === null ? () => {} : store.subscribe(key, listener)), [store, key]),
    () => (key === null ? undefined : store.get(key)),
  );
}

export function useFleetProgress(repository: string): FleetProgress | undefined {
  return useStored(progressStore, repository);
}

export function useOperation(operation: string | null): { step: string; done: number; total: number } | undefined {
  return useStored(operationStore, operation);
}

/** A run as it stands: what was asked for once, then what events tell. */
export function useRun(id: string | null): { observed: ObservedRun | undefined; error: ApiError | null } {
  const observed = useStored(runStore, id);
  const query = useCommand("run", id === null ? null : { run: id });
  const answer = query.data;
  useEffect(() => {
    if (answer !== undefined) applyAnswer(answer, Date.now());
  }, [answer]);
  return { observed, error: query.error === null ? null : toApiError(query.error) };
}

export { toApiError };
