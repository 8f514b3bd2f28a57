import type { ResponseOf } from "../ipc/transport";
import type { Settings } from "../ipc";

/** The installed tools of the core in memory: helm is there, kustomize is not. */
export function toolsOf(settings: Settings): ResponseOf<"tools"> {
  return {
    tools: [
      {
        name: "helm",
        purpose: "renders charts, and is compared with in parity",
        path: settings.helm ?? "/usr/bin/helm",
        version: "helm v3.22.0",
        foundBy: settings.helm === null ? "PATH" : "setting",
        problem: null,
        hints: [],
      },
      {
        name: "kustomize",
        purpose: "renders kustomizations, and is compared with in parity",
        path: null,
        version: null,
        foundBy: null,
        problem: "kustomize is not installed: neither the setting nor PATH names one",
        hints: ["install kustomize, or set `tools.kustomize`"],
      },
    ],
  };
}

/** What a cluster answers: production lies far away. */
export function clusterAnswer(context: string, askedAt: number): ResponseOf<"cluster_check"> {
  return {
    context,
    state: context === "acme-production-eu" ? "timedOut" : "connected",
    version: context === "acme-production-eu" ? null : "v1.36.1",
    milliseconds: context === "acme-production-eu" ? null : 42,
    message: context === "acme-production-eu" ? "no answer within 5 s" : null,
    hints: [],
    askedAt,
  };
}
