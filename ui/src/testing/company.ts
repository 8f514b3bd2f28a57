import type { ClassCounts, Lane, LaneColumn, SettingClassInfo, StateInfo, TaskInfo } from "../ipc";
import { fieldChanges, type Manifest, resourceOf } from "./manifests";

/** The environments of the fake company, in promotion order. */
export const environments = ["development", "staging", "production"] as const;
export type Environment = (typeof environments)[number];

export interface Application {
  name: string;
  directory: string;
  engine: "kustomize" | "helm" | "plain" | "jsonnet";
  namespace: string;
  image: string;
  /** By environment; an absent one does not have the application. */
  versions: Partial<Record<Environment, string>>;
  replicas: Record<Environment, number>;
  logLevel: Record<Environment, string>;
  cpu: Record<Environment, string>;
  host: string | null;
  migrates: boolean;
  /** Why it does not render, by environment. */
  broken: Partial<Record<Environment, string>>;
}

function application(
  directory: string,
  name: string,
  versions: [string | null, string | null, string | null],
  more: Partial<Application> = {},
): Application {
  const [development, staging, production] = versions;
  return {
    name,
    directory,
    engine: "kustomize",
    namespace: directory.split("/").at(-1) ?? "default",
    image: `registry.acme.example/${name}`,
    versions: {
      ...(development === null ? {} : { development }),
      ...(staging === null ? {} : { staging }),
      ...(production === null ? {} : { production }),
    },
    replicas: { development: 1, staging: 2, production: 4 },
    logLevel: { development: "info", staging: "info", production: "info" },
    cpu: { development: "100m", staging: "250m", production: "500m" },
    host: null,
    migrates: false,
    broken: {},
    ...more,
  };
}

/** A small company: payments, a shop and the platform below them. */
export function company(scale = 0): Application[] {
  const own = [
    application("apps/payments", "payments-api", ["2.13.0", "2.12.0", "2.11.4"], { migrates: true, host: "pay" }),
    application("apps/payments", "payments-gateway", ["3.13.1", "3.13.1", "3.13.1"]),
    application("apps/payments", "payments-ledger", ["1.8.0", "1.8.0", "1.6.2"], { migrates: true }),
    application("apps/payments", "payments-worker", ["5.12.4", "5.10.4", "5.8.2"], {
      logLevel: { development: "debug", staging: "debug", production: "info" },
    }),
    application("apps/shop", "catalog", ["4.4.0", "4.3.1", "4.3.1"], { engine: "helm" }),
    application("apps/shop", "checkout", ["7.2.0", "7.2.0", "7.1.3"], { host: "checkout" }),
    application("apps/shop", "search", ["0.9.7", "0.9.7", null], { engine: "jsonnet" }),
    application("apps/shop", "web", ["12.1.0", "12.0.4", "12.0.4"], { host: "www" }),
    application("apps/insight", "reporting", ["1.3.0", "1.3.0", "1.2.9"], {
      engine: "helm",
      broken: { production: "values.yaml:14:5: `schedule` is a required value" },
    }),
    application("apps/insight", "warehouse-loader", ["2.0.0", "2.0.0", "2.0.0"], { migrates: true }),
    application("platform", "cert-manager", ["1.18.2", "1.18.2", "1.17.4"], {
      engine: "helm",
      namespace: "cert-manager",
    }),
    application("platform", "external-dns", ["0.18.0", "0.18.0", "0.18.0"], {
      engine: "helm",
      namespace: "external-dns",
    }),
    application("platform", "ingress-nginx", ["4.13.0", "4.13.0", "4.12.2"], { engine: "helm", namespace: "ingress" }),
    application("platform", "monitoring", ["77.1.0", "76.4.0", "76.4.0"], { engine: "helm", namespace: "monitoring" }),
  ];
  const names = ["api", "worker", "web", "gateway", "scheduler", "indexer", "cache", "router", "mailer", "ledger"];
  for (let index = 0; index < scale; index += 1) {
    const team = `team-${String(Math.floor(index / 50) + 1).padStart(2, "0")}`;
    const minor = 3 + ((index * 7) % 9);
    own.push(
      application(`apps/${team}`, `${team}-${names[index % names.length]}-${Math.floor((index % 50) / 10) + 1}`, [
        `${1 + (index % 6)}.${minor}.0`,
        `${1 + (index % 6)}.${minor - (index % 3 === 0 ? 1 : 0)}.0`,
        `${1 + (index % 6)}.${minor - (index % 4 === 0 ? 2 : 1)}.${index % 5}`,
      ]),
    );
  }
  return own.sort((left, right) => compare(left.directory, right.directory) || compare(left.name, right.name));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const domains: Record<Environment, string> = {
  development: "dev.acme.example",
  staging: "staging.acme.example",
  production: "acme.example",
};

/** What an instance renders. */
export function manifests(app: Application, environment: Environment): Manifest[] {
  const version = app.versions[environment];
  if (version === undefined || app.broken[environment] !== undefined) return [];
  const labels = { "app.kubernetes.io/name": app.name, "app.kubernetes.io/version": version };
  const metadata = { name: app.name, namespace: app.namespace, labels };
  const wave = (value: number): Manifest => ({
    ...metadata,
    annotations: { "argocd.argoproj.io/sync-wave": String(value) },
  });
  const list: Manifest[] = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: wave(-1) },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: wave(-1),
      data: {
        LOG_LEVEL: app.logLevel[environment],
        REGION: environment === "production" ? "eu-west-1" : "eu-central-1",
      },
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: wave(-1),
      type: "Opaque",
      stringData: { DATABASE_URL: `postgres://${app.name}.${environment}` },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: app.replicas[environment],
        selector: { matchLabels: { "app.kubernetes.io/name": app.name } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: app.name,
            containers: [
              {
                name: app.name,
                image: `${app.image}:${version}`,
                ports: [{ name: "http", containerPort: 8080 }],
                envFrom: [{ name: app.name }],
                resources: { requests: { cpu: app.cpu[environment], memory: "256Mi" } },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { "app.kubernetes.io/name": app.name }, ports: [{ name: "http", port: 80 }] },
    },
  ];
  if (app.host !== null) {
    list.push({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: wave(1),
      spec: { rules: [{ name: "main", host: `${app.host}.${domains[environment]}` }] },
    });
  }
  if (app.migrates) {
    list.push({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { ...metadata, name: `${app.name}-migrate`, annotations: { "argocd.argoproj.io/hook": "PreSync" } },
      spec: {
        backoffLimit: 2,
        template: { spec: { containers: [{ name: "migrate", image: `${app.image}:${version}` }] } },
      },
    });
  }
  return list;
}

export interface Difference {
  resource: ReturnType<typeof resourceOf>;
  path: string;
  old: unknown;
  new: unknown;
  secret: boolean;
  class: SettingClassInfo;
  reason: string;
}

export function settingClass(path: string, value: unknown): { class: SettingClassInfo; reason: string } {
  if (path.endsWith("/image")) return { class: "a", reason: "an image tag is a version" };
  if (/host$|REGION|DATABASE_URL/.test(path) || environments.some((name) => String(value).includes(name))) {
    return { class: "c", reason: "kept: it names the environment or its addresses" };
  }
  if (/replicas|resources/.test(path)) return { class: "b", reason: "kept: sized for each environment" };
  return { class: "d", reason: "a business setting that nothing marks as kept" };
}

/** What promotion would carry or keep, from one environment to another. */
export function differences(app: Application, from: Environment, to: Environment): Difference[] {
  const source = manifests(app, from);
  return manifests(app, to).flatMap((target) => {
    const resource = resourceOf(target);
    const other = source.find(
      (manifest) => manifest.kind === target.kind && resourceOf(manifest).name === resource.name,
    );
    if (other === undefined) return [];
    return fieldChanges(target, other).map((field) => ({ resource, ...field, ...settingClass(field.path, field.new) }));
  });
}

export function previousOf(app: Application, environment: Environment): Environment | null {
  const before = environments
    .slice(0, environments.indexOf(environment))
    .filter((name) => app.versions[name] !== undefined);
  return before.at(-1) ?? null;
}

function steps(newer: string, older: string): number {
  const [left, right] = [newer, older].map((version) => version.split(".").map(Number));
  if (left === undefined || right === undefined) return 0;
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function stateOf(app: Application, environment: Environment): StateInfo {
  if (app.broken[environment] !== undefined) return { kind: "failed" };
  const version = app.versions[environment];
  if (version === undefined) return { kind: "notThere" };
  const previous = previousOf(app, environment);
  const before = previous === null ? undefined : app.versions[previous];
  if (previous === null || before === undefined) return { kind: "first" };
  const ahead = steps(before, version);
  if (ahead > 0) return { kind: "behind", count: ahead, byNumber: false };
  if (ahead < 0) return { kind: "ahead", count: -ahead, byNumber: false };
  const open = differences(app, previous, environment).filter((field) => field.class === "a" || field.class === "d");
  return open.length === 0 ? { kind: "equal" } : { kind: "drifted", count: open.length, intended: false };
}

export function classCounts(app: Application, environment: Environment): ClassCounts {
  const counts: ClassCounts = { a: 0, b: 0, c: 0, d: 0 };
  const previous = previousOf(app, environment);
  if (previous !== null) for (const field of differences(app, previous, environment)) counts[field.class] += 1;
  return counts;
}

function annotation(manifest: Manifest, name: string): string | undefined {
  const metadata = manifest.metadata;
  if (typeof metadata !== "object" || metadata === null || !("annotations" in metadata)) return undefined;
  const annotations = metadata.annotations;
  if (typeof annotations !== "object" || annotations === null) return undefined;
  const found: unknown = Object.entries(annotations).find(([key]) => key === name)?.[1];
  return typeof found === "string" ? found : undefined;
}

export function waveOf(manifest: Manifest): number | null {
  const text = annotation(manifest, "argocd.argoproj.io/sync-wave");
  return text === undefined ? null : Number(text);
}

export function hooksOf(manifest: Manifest): string[] {
  const text = annotation(manifest, "argocd.argoproj.io/hook");
  return text === undefined ? [] : [text];
}

/** The lane of an instance before a sync. */
export function laneOf(app: Application, environment: Environment): Lane {
  const columns = new Map<string, LaneColumn>();
  for (const manifest of manifests(app, environment)) {
    const hooks = hooksOf(manifest);
    const phase = hooks[0] ?? "Sync";
    const wave = waveOf(manifest) ?? 0;
    const key = `${phase} ${wave}`;
    const column: LaneColumn = columns.get(key) ?? { phase, wave, tasks: [], gate: "open", gateText: null };
    const resource = resourceOf(manifest);
    const task: TaskInfo = {
      key: `${resource.kind}/${resource.name}`,
      resource,
      action: hooks.length > 0 ? "create" : "apply",
      hooks,
      waitsForHealth: true,
      status: "waiting",
      message: null,
    };
    columns.set(key, { ...column, tasks: [...column.tasks, task] });
  }
  const order = ["PreSync", "Sync", "PostSync"];
  return {
    instance: `${app.name}@${environment}`,
    application: app.name,
    environment,
    columns: [...columns.values()].sort(
      (left, right) => order.indexOf(left.phase) - order.indexOf(right.phase) || left.wave - right.wave,
    ),
    message: null,
    phase: "planned",
  };
}
