import type { ApplicationRow, InstanceRow } from "../../ipc";
import { isIncomparable, type StateKind, stateKinds } from "../../lib/state";

interface Base {
  /** Names the row among all; stays the same while data change. */
  key: string;
  /** From 1, as `aria-level`. */
  level: number;
  /** The index of the row that holds this one, or -1. */
  parent: number;
}

export interface DirectoryRow extends Base {
  kind: "directory";
  /** What is shown: `payments`, or `apps/payments` where nothing else lies in `apps`. */
  name: string;
  path: string;
  open: boolean;
  applications: number;
}

export interface ApplicationTreeRow extends Base {
  kind: "application";
  application: ApplicationRow;
  /** Those of its instances that the filter leaves. */
  instances: InstanceRow[];
  open: boolean;
}

export interface InstanceTreeRow extends Base {
  kind: "instance";
  application: ApplicationRow;
  instance: InstanceRow;
}

export type TreeRow = DirectoryRow | ApplicationTreeRow | InstanceTreeRow;

export interface Filter {
  text: string;
  /** Only instances in these states; all where it is empty. */
  states: ReadonlySet<StateKind>;
}

interface Directory {
  name: string;
  path: string;
  directories: Map<string, Directory>;
  applications: { application: ApplicationRow; instances: InstanceRow[] }[];
}

export interface Tree {
  rows: TreeRow[];
  /** How many instances the filter leaves. */
  shown: number;
  /** How many it hides. */
  hidden: number;
  /** How many of those that the text leaves are in each state. */
  counts: ReadonlyMap<StateKind, number>;
}

/** Whether a row is open: what the person chose, else directories always and applications while they are few. */
export type Openness = (key: string, kind: "directory" | "application") => boolean;

/** The most applications that are open at the start. */
export const openLimit = 60;

export function openness(chosen: ReadonlyMap<string, boolean>, applications: number, filtered: boolean): Openness {
  return (key, kind) => chosen.get(key) ?? (kind === "directory" || filtered || applications <= openLimit);
}

/** What the filter looks at, made once for each row of an answer: typing goes through thousands of them. */
const searchTexts = new WeakMap<InstanceRow, string>();

function searchText(application: ApplicationRow, instance: InstanceRow): string {
  let text = searchTexts.get(instance);
  if (text === undefined) {
    const own = `${application.directory}/${application.name}`;
    text =
      `${own} ${instance.environment} ${instance.version} ${instance.namespace ?? ""} ${instance.engine} ${instance.path} ${instance.message ?? ""}`.toLowerCase();
    searchTexts.set(instance, text);
  }
  return text;
}

/** The kind of state that a filter counts an instance under: one that only cannot be compared has not failed. */
export function filterKind(instance: InstanceRow): StateKind | null {
  return isIncomparable(instance) ? null : instance.state.kind;
}

/** What a closed application tells of its environments: the state that needs attention most, and the versions. */
export function applicationSummary(instances: readonly InstanceRow[]): { worst: InstanceRow | null; versions: string } {
  let worst: InstanceRow | null = null;
  const rank = (instance: InstanceRow): number => {
    const kind = filterKind(instance);
    return kind === null ? stateKinds.length : stateKinds.indexOf(kind);
  };
  for (const instance of instances) if (worst === null || rank(instance) < rank(worst)) worst = instance;
  const versions: string[] = [];
  for (const { version } of instances) if (version !== "" && versions.at(-1) !== version) versions.push(version);
  const kind = worst === null ? null : filterKind(worst);
  return {
    worst: kind === null || kind === "equal" || kind === "first" || kind === "notThere" ? null : worst,
    versions: versions.join(" · "),
  };
}

/** The instances of an application that hold every word of the filter, in the application or in themselves. */
export function matching(application: ApplicationRow, text: string): InstanceRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return application.instances;
  return application.instances.filter((instance) => {
    const text = searchText(application, instance);
    return words.every((word) => text.includes(word));
  });
}

/** Names the row of an application. */
export function applicationKey(application: ApplicationRow): string {
  return `application ${application.directory}/${application.name}`;
}

/** The rows of the tree, in the order of the screen: directory → application → environment. */
export function buildTree(applications: readonly ApplicationRow[], filter: Filter, isOpen: Openness): Tree {
  const root: Directory = { name: "", path: "", directories: new Map(), applications: [] };
  const counts = new Map<StateKind, number>();
  let shown = 0;
  let total = 0;
  const filtered = filter.text.trim() !== "" || filter.states.size > 0;
  for (const application of applications) {
    total += application.instances.length;
    const found = matching(application, filter.text);
    for (const instance of found) {
      const kind = filterKind(instance);
      if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const instances =
      filter.states.size === 0
        ? found
        : found.filter((instance) => {
            const kind = filterKind(instance);
            return kind !== null && filter.states.has(kind);
          });
    shown += instances.length;
    if (instances.length === 0 && (filtered || application.instances.length > 0)) continue;
    let directory = root;
    let path = "";
    for (const name of application.directory.split("/").filter(Boolean)) {
      path = path === "" ? name : `${path}/${name}`;
      let next = directory.directories.get(name);
      if (next === undefined) {
        next = { name, path, directories: new Map(), applications: [] };
        directory.directories.set(name, next);
      }
      directory = next;
    }
    directory.applications.push({ application, instances });
  }

  const rows: TreeRow[] = [];
  const size = (directory: Directory): number =>
    directory.applications.length + [...directory.directories.values()].reduce((sum, child) => sum + size(child), 0);

  const visit = (directory: Directory, level: number, parent: number): void => {
    for (let child of directory.directories.values()) {
      let name = child.name;
      // A directory that holds nothing but one directory is shown in one line with it.
      while (child.applications.length === 0 && child.directories.size === 1) {
        const [only] = child.directories.values();
        if (only === undefined) break;
        child = only;
        name = `${name}/${child.name}`;
      }
      const key = `directory ${child.path}`;
      const open = isOpen(key, "directory");
      const index = rows.length;
      rows.push({ kind: "directory", key, level, parent, name, path: child.path, open, applications: size(child) });
      if (open) visit(child, level + 1, index);
    }
    for (const { application, instances } of directory.applications) {
      const key = applicationKey(application);
      const open = isOpen(key, "application");
      const index = rows.length;
      rows.push({ kind: "application", key, level, parent, application, instances, open });
      if (!open) continue;
      for (const instance of instances) {
        rows.push({
          kind: "instance",
          key: `instance ${instance.instance}#${instance.path}`,
          level: level + 1,
          parent: index,
          application,
          instance,
        });
      }
    }
  };
  visit(root, 1, -1);
  return { rows, shown, hidden: total - shown, counts };
}

/** Where an arrow key goes, and what it opens or closes. */
export type Step = { kind: "move"; to: number } | { kind: "open" | "close"; keys: string[] } | { kind: "none" };

export function step(rows: readonly TreeRow[], at: number, key: string): Step {
  const row = rows[at];
  const move = (to: number): Step =>
    to === at || to < 0 || to >= rows.length ? { kind: "none" } : { kind: "move", to };
  if (row === undefined) return rows.length === 0 ? { kind: "none" } : { kind: "move", to: 0 };
  switch (key) {
    case "ArrowDown":
      return move(at + 1);
    case "ArrowUp":
      return move(at - 1);
    case "PageDown":
      return move(Math.min(rows.length - 1, at + 20));
    case "PageUp":
      return move(Math.max(0, at - 20));
    case "Home":
      return move(0);
    case "End":
      return move(rows.length - 1);
    case "ArrowRight":
      if (row.kind === "instance") return { kind: "none" };
      return row.open
        ? rows[at + 1]?.parent === at
          ? move(at + 1)
          : { kind: "none" }
        : { kind: "open", keys: [row.key] };
    case "ArrowLeft":
      return row.kind !== "instance" && row.open ? { kind: "close", keys: [row.key] } : move(row.parent);
    case "*": {
      const keys = rows
        .filter((other) => other.parent === row.parent && other.kind !== "instance")
        .map((other) => other.key);
      return keys.length === 0 ? { kind: "none" } : { kind: "open", keys };
    }
    default:
      return { kind: "none" };
  }
}

/** The text of a row that typing ahead looks at. */
export function rowName(row: TreeRow): string {
  return row.kind === "directory"
    ? row.name
    : row.kind === "application"
      ? row.application.name
      : row.instance.environment;
}

/** The next row whose name begins with what was typed, from `at` on, around the end. */
export function typeAhead(rows: readonly TreeRow[], at: number, typed: string): number | null {
  const wanted = typed.toLowerCase();
  const start = typed.length === 1 ? at + 1 : at;
  for (let offset = 0; offset < rows.length; offset += 1) {
    const index = (start + offset + rows.length) % rows.length;
    const row = rows[index];
    if (row !== undefined && rowName(row).toLowerCase().startsWith(wanted)) return index;
  }
  return null;
}
