import { useMemo, useState } from "react";
import type { ContextInfo, EnvironmentInfo, PrunePreview, SandboxInfo, SyncTarget } from "./bindings";
import { useAction, useCommand } from "./client";
import { toApiError } from "./transport";

export interface SyncTargets {
  environments: EnvironmentInfo[];
  contexts: ContextInfo[];
  sandbox: SandboxInfo | undefined;
  setContext: (environment: string, context: string) => void;
}

/** Where a sync of a repository can go. The context of an environment is a setting of the person. */
export function useSyncTargets(repository: string): SyncTargets {
  const fleet = useCommand("fleet", { repository });
  const info = useCommand("repository_info", { repository });
  const settings = useCommand("settings", {});
  const contexts = useCommand("contexts", {});
  const sandbox = useCommand("sandbox", { repository });
  const save = useAction("settings_save");
  const path = info.data?.path;
  const chosen = path === undefined ? undefined : settings.data?.contexts[path];
  const environments = useMemo(
    () =>
      (fleet.data?.environments ?? []).map((environment) => ({
        ...environment,
        context: chosen?.[environment.name] ?? (settings.data === undefined ? environment.context : null),
      })),
    [fleet.data, chosen, settings.data],
  );
  return {
    environments,
    contexts: contexts.data?.contexts ?? [],
    sandbox: sandbox.data,
    setContext: (environment, context) => {
      if (settings.data === undefined || path === undefined) return;
      const others = Object.entries(settings.data.contexts[path] ?? {}).filter(([name]) => name !== environment);
      const own = context === "" ? others : [...others, [environment, context] as const];
      save.mutate({ ...settings.data, contexts: { ...settings.data.contexts, [path]: Object.fromEntries(own) } });
    },
  };
}

/** What a sync with prune would remove, once it is asked. */
export interface PruneAnswer {
  /** Asks for a target; `null` asks no more. */
  ask: (target: SyncTarget | null) => void;
  preview: PrunePreview | undefined;
  /** Why it is not known. */
  error: string | null;
  retry: () => void;
}

export function usePrunePreview(repository: string, instances: string[], revision: string | null): PruneAnswer {
  const [target, ask] = useState<SyncTarget | null>(null);
  const request = target === null || instances.length === 0 ? null : { repository, instances, revision, target };
  const query = useCommand("sync_prune_preview", request);
  return {
    ask,
    preview: query.data,
    error: query.error === null ? null : toApiError(query.error).message,
    retry: () => void query.refetch(),
  };
}
