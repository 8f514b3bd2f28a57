import { useMemo } from "react";
import type { ContextInfo, EnvironmentInfo, SandboxInfo } from "./bindings";
import { useAction, useCommand } from "./client";

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
