import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import type { ApiError, RepositoryInfo } from "./bindings";
import { toApiError, useTransport } from "./client";
import { windowShows } from "./window";

interface Opened {
  id: string;
  path: string;
}

interface Session {
  /** The opened repository; `null` before one is open. */
  repository: string | null;
  /** Whether the repository of before is being opened again. */
  restoring: boolean;
  /** Why it could not be. */
  error: ApiError | null;
  open: (info: RepositoryInfo) => void;
  leave: () => void;
}

const SessionContext = createContext<Session | null>(null);
const key = "slipway.repository";

function remembered(): Opened | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
    if (typeof value === "object" && value !== null && "id" in value && "path" in value) {
      if (typeof value.id === "string" && typeof value.path === "string") return { id: value.id, path: value.path };
    }
  } catch {
    // Storage may be refused or hold something else: then nothing is remembered.
  }
  return null;
}

function remember(opened: Opened | null): void {
  try {
    if (opened === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(opened));
  } catch {
    // The repository is then chosen again after a reload.
  }
}

function show(info: RepositoryInfo | null): void {
  windowShows(info?.path ?? null, info?.name ?? null).catch((reason: unknown) =>
    console.error("the window cannot be told what it shows:", reason),
  );
}

/** Knows which repository is open, across reloads of the page. The core may name one to open at the start. */
export function SessionProvider({ children }: { children: ReactNode }): ReactNode {
  const transport = useTransport();
  const [repository, setRepository] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [restoring, setRestoring] = useState(true);

  useEffect(() => {
    let current = true;
    const start = async (): Promise<RepositoryInfo | null> => {
      const before = remembered();
      if (before !== null) {
        try {
          return await transport.call("repository_info", { repository: before.id });
        } catch {
          // The core was restarted since: the id is gone, the path is not.
          return await transport.call("repository_open", { path: before.path });
        }
      }
      // A window that was made for a repository names it in its address.
      const named = new URLSearchParams(window.location.search).get("repository");
      if (named !== null && named !== "") return await transport.call("repository_open", { path: named });
      const { initialRepository } = await transport.call("app_info", {});
      return initialRepository === null ? null : await transport.call("repository_open", { path: initialRepository });
    };
    start().then(
      (info) => {
        if (!current) return;
        if (info !== null) {
          remember({ id: info.id, path: info.path });
          show(info);
          setRepository(info.id);
        }
        setRestoring(false);
      },
      (reason: unknown) => {
        if (!current) return;
        remember(null);
        setError(toApiError(reason));
        setRestoring(false);
      },
    );
    return () => {
      current = false;
    };
  }, [transport]);

  const open = useCallback((info: RepositoryInfo) => {
    remember({ id: info.id, path: info.path });
    show(info);
    setError(null);
    setRepository(info.id);
  }, []);
  const leave = useCallback(() => {
    remember(null);
    show(null);
    setRepository(null);
  }, []);
  const session = useMemo(
    () => ({ repository, restoring, error, open, leave }),
    [repository, restoring, error, open, leave],
  );
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error("a component that needs the session is outside SessionProvider");
  return session;
}

/** The id of the opened repository, for screens that are shown only when one is open. */
export function useRepositoryId(): string {
  const { repository } = useSession();
  if (repository === null) throw new Error("a screen of a repository is shown while none is open");
  return repository;
}
