import type {
  CommitInfo,
  Contexts,
  DiffSide,
  GroupInfo,
  ProblemInfo,
  RecentRepository,
  ResourceChangeInfo,
} from "../ipc";
import type { Application, Environment } from "./company";
import { type Manifest, resourceOf } from "./manifests";

export const commits: CommitInfo[] = [
  {
    id: "9f2c1ab0d4e57f1122334455667788990011aabb",
    subject: "payments: bump payments-api to 2.13.0 in development",
    author: "Ada Okafor",
    time: 0,
  },
  {
    id: "41d07e5577aa8899bbccddeeff00112233445566",
    subject: "shop: web 12.1.0 in development",
    author: "Jonas Lind",
    time: -7_200,
  },
  {
    id: "b7f75ab1c2d3e4f5061728394a5b6c7d8e9f0011",
    subject: "platform: cert-manager 1.18.2 in staging",
    author: "Mei Tanaka",
    time: -93_000,
  },
  {
    id: "d6e7f40aa11bb22cc33dd44ee55ff66778899001",
    subject: "payments: raise worker log level in staging",
    author: "Ada Okafor",
    time: -260_000,
  },
];

export function masked(manifest: Manifest): Manifest {
  if (manifest.kind !== "Secret") return manifest;
  return { ...manifest, stringData: { DATABASE_URL: "••••••••" } };
}

export function groupsOf(resources: ResourceChangeInfo[]): GroupInfo[] {
  const groups = new Map<string, GroupInfo>();
  for (const change of resources) {
    const entries =
      change.change === "changed"
        ? change.fields.map((field) => ({
            path: `${change.resource.kind} ${field.path.replace(/\[name=[^\]]*\]/, "[]")}`,
            change: field.path.endsWith("/image") ? "image moves" : `${String(field.old)} → ${String(field.new)}`,
          }))
        : [{ path: change.resource.kind, change: change.change }];
    for (const entry of entries) {
      const key = `${entry.path} ${entry.change}`;
      const group = groups.get(key) ?? { ...entry, count: 0, instances: [] };
      group.count += 1;
      if (!group.instances.includes(change.instance)) group.instances.push(change.instance);
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort((left, right) => right.count - left.count);
}

export function pathOf(app: Application, environment: Environment): string {
  return app.engine === "helm"
    ? `${app.directory}/${app.name}`
    : `${app.directory}/${app.name}/overlays/${environment}`;
}

/** Which of the commits changed it last. */
export function changeOf(app: Application, environment: Environment): number {
  return (app.name.length + environment.length) % commits.length;
}

/** What its render reads. */
export function filesOf(app: Application, environment: Environment): string[] {
  const root = `${app.directory}/${app.name}`;
  return app.engine === "helm"
    ? ["Chart.yaml", "templates/", `values-${environment}.yaml`, "values.yaml"].map((file) => `${root}/${file}`)
    : [
        ...["deployment", "kustomization", "service"].map((file) => `${root}/base/${file}.yaml`),
        `${root}/overlays/${environment}/kustomization.yaml`,
      ];
}

export function problemsOf(app: Application, environment: Environment): ProblemInfo[] {
  const message = app.broken[environment];
  if (message === undefined) return [];
  return [
    {
      code: "helm-template",
      severity: "error",
      message: "`schedule` is a required value",
      hints: ["Set `schedule` in values-production.yaml."],
      instance: `${app.name}@${environment}`,
      file: `${app.directory}/${app.name}/templates/cronjob.yaml`,
      line: 14,
      column: 15,
      excerpt:
        '12 | spec:\n13 |   concurrencyPolicy: Forbid\n14 |   schedule: {{ required "`schedule` is a required value" .Values.schedule }}\n   |               ^',
    },
  ];
}

export function sideName(side: DiffSide): string {
  switch (side.kind) {
    case "environment":
      return side.environment;
    case "instance":
      return side.instance;
    case "revision":
      return side.revision;
    case "workingDirectory":
      return "working directory";
  }
}

export function nameOf(manifest: Manifest): string {
  return `${String(manifest.kind)}/${resourceOf(manifest).name}`;
}

/** The contexts of the kubeconfig. */
export const kubeconfig: Contexts = {
  files: ["/home/ada/.kube/config"],
  contexts: [
    {
      name: "acme-staging",
      server: "https://staging.k8s.acme.example:6443",
      namespace: null,
      current: true,
      program: null,
    },
    {
      name: "acme-production-eu",
      server: "https://eu.k8s.acme.example:6443",
      namespace: "default",
      current: false,
      program: null,
    },
  ],
  problems: [],
};

/** Repositories that were open before, in seconds before `now` (in milliseconds). */
export function recentRepositories(now: number): RecentRepository[] {
  const at = (ago: number): number => Math.floor(now / 1000) - ago;
  return [
    { path: "/home/ada/gitops", name: "acme/gitops", openedAt: at(3_600), exists: true },
    { path: "/home/ada/shop-config", name: "acme/shop-config", openedAt: at(400_000), exists: true },
    { path: "/mnt/old/gitops", name: "old/gitops", openedAt: at(9_000_000), exists: false },
  ];
}
