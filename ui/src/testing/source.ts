import type {
  FieldOriginInfo,
  FieldOriginRequest,
  InstanceSource,
  ParityInfo,
  PlaceInfo,
  ResourceInfo,
  SourceContent,
  ValueCell,
} from "../ipc";
import type { Application, Environment } from "./company";

function place(file: string, line: number | null = null): PlaceInfo {
  return { file, line, column: line === null ? null : 1, opens: true };
}

function cell(value: string, file: string, line: number): ValueCell {
  const masked = value === "••••";
  return { value, masked, place: place(file, line) };
}

function content(app: Application, environment: Environment): SourceContent {
  const directory = `${app.directory}/${app.name}`;
  const version = app.versions[environment] ?? "";
  if (app.broken[environment] !== undefined) {
    return {
      kind: "failed",
      problem: {
        code: "helm-template",
        severity: "error",
        message: app.broken[environment] ?? "",
        hints: [],
        instance: null,
        file: `${directory}/templates/cronjob.yaml`,
        line: 14,
        column: 15,
        excerpt: null,
      },
    };
  }
  if (app.engine === "kustomize") {
    const node = (path: string, role: string, usedBy: number | null) => ({
      directory: path,
      place: place(`${path}/kustomization.yaml`),
      usedBy,
      role,
      resources: role === "base" ? 4 : 0,
      generated: role === "target" ? 1 : 0,
      changes: role === "base" ? [] : [{ field: "patches", count: 2 }],
    });
    return {
      kind: "kustomization",
      nodes: [
        node(`${directory}/overlays/${environment}`, "target", null),
        node(`${directory}/base`, "base", 0),
        node(`${directory}/components/metrics`, "component", 0),
      ],
      total: 3,
    };
  }
  if (app.engine !== "helm") return { kind: "files" };
  const [defaults, own] = [`${directory}/values.yaml`, `${directory}/values-${environment}.yaml`];
  return {
    kind: "chart",
    problem: null,
    chart: {
      name: app.name,
      version: "1.4.0",
      appVersion: version,
      place: place(`${directory}/Chart.yaml`),
      kubeVersion: "v1.37.0",
      accepts: "",
      dependencies: [
        {
          name: "redis",
          wanted: "^20.0.0",
          version: "20.1.3",
          repository: "https://charts.acme.example",
          place: place(`${directory}/charts/redis-20.1.3.tgz`),
          condition: "redis.enabled",
          enabled: true,
        },
        {
          name: "metrics",
          wanted: "1.0.0",
          version: null,
          repository: "file://../metrics",
          place: null,
          condition: "",
          enabled: null,
        },
      ],
      layers: [
        { name: defaults, kind: "defaults", place: place(defaults), keys: 31, onlyHere: 29, problem: null },
        { name: own, kind: "file", place: place(own), keys: 3, onlyHere: 1, problem: null },
        { name: "parameters", kind: "parameters", place: null, keys: 1, onlyHere: 0, problem: null },
      ],
      keys: [
        {
          key: "image.tag",
          cells: [cell("latest", defaults, 4), cell("stable", own, 2), { value: version, masked: false, place: null }],
          winner: 2,
        },
        { key: "redis.password", cells: [cell("••••", defaults, 18), cell("••••", own, 6), null], winner: 1 },
      ],
      keysTotal: 2,
    },
  };
}

/** What the fake company's applications are rendered from. */
export function sourceOf(app: Application, environment: Environment): InstanceSource {
  return {
    instance: `${app.name}@${environment}`,
    fidelity: app.name === "search" ? "approximated" : "exact",
    fidelityReasons: app.name === "search" ? ["uses a native function that only Tanka has"] : [],
    declaredIn: null,
    branch: null,
    cluster: null,
    tool: app.engine === "helm" || app.engine === "kustomize" ? app.engine : null,
    parts: [
      {
        engine: app.engine,
        version: app.engine === "helm" ? "helm v3.22.0" : app.engine === "kustomize" ? "kustomize v5.8.2" : null,
        path: `${app.directory}/${app.name}`,
        content: content(app, environment),
      },
    ],
  };
}

/** Where a line of the fake company's YAML comes from. */
export function originOf(
  app: Application,
  resource: ResourceInfo,
  field: FieldOriginRequest["field"],
): FieldOriginInfo {
  const path = field.kind === "path" ? field.path : `/line/${field.line}`;
  const directory = `${app.directory}/${app.name}`;
  return {
    resource,
    path,
    engine: app.engine,
    kind: "value",
    summary: "It is the value `.Values.replicas`.",
    places: [
      { role: "Value", place: place(`${directory}/values.yaml`, 3) },
      { role: "Template", place: place(`${directory}/templates/deployment.yaml`, 12) },
    ],
  };
}

/** The render of the fake company is as good as that of the tools. */
export function parityOf(app: Application, environment: Environment): ParityInfo {
  const tool = app.engine === "helm" || app.engine === "kustomize" ? app.engine : null;
  return {
    instance: `${app.name}@${environment}`,
    tool,
    toolVersion: tool === "helm" ? "helm v3.22.0" : tool === "kustomize" ? "kustomize v5.8.2" : null,
    status: tool === null ? "notComparable" : "equal",
    first: null,
    lookedAt: [],
    problems: [],
  };
}
