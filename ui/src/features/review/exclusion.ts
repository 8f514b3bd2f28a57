import type { ResourceChangeInfo } from "../../ipc";
import { changeKey } from "./resources";

/**
 * What the promotion leaves out: whole resources as `INSTANCE RESOURCE`, single fields as `INSTANCE RESOURCE PATH`.
 * A resource of which every field is out is out as a whole.
 */
export type LeftOut = ReadonlySet<string>;

function fieldKey(change: ResourceChangeInfo, path: string): string {
  return `${changeKey(change)} ${path}`;
}

export function isOut(out: LeftOut, change: ResourceChangeInfo): boolean {
  return out.has(changeKey(change));
}

/** Whether all of these fields stay behind; of no fields none does. */
export function areOut(out: LeftOut, change: ResourceChangeInfo, paths: readonly string[]): boolean {
  return paths.length > 0 && (isOut(out, change) || paths.every((path) => out.has(fieldKey(change, path))));
}

/** How many fields of a resource stay behind while others go along. */
export function partlyOut(out: LeftOut, change: ResourceChangeInfo): number {
  if (out.size === 0 || isOut(out, change)) return 0;
  return change.fields.filter((field) => out.has(fieldKey(change, field.path))).length;
}

/** Leaves a resource out as a whole, or takes all of it in again. */
export function toggleResource(out: LeftOut, change: ResourceChangeInfo): LeftOut {
  const next = new Set(out);
  for (const field of change.fields) next.delete(fieldKey(change, field.path));
  const key = changeKey(change);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** Leaves fields of a resource out, or takes them in again. An empty path is the whole resource. */
export function toggleFields(out: LeftOut, change: ResourceChangeInfo, paths: readonly string[]): LeftOut {
  if (paths.length === 0) return out;
  if (paths.includes("")) return toggleResource(out, change);
  const takeIn = areOut(out, change, paths);
  const next = new Set(out);
  if (next.delete(changeKey(change))) {
    for (const field of change.fields) next.add(fieldKey(change, field.path));
  }
  for (const path of paths) {
    if (takeIn) next.delete(fieldKey(change, path));
    else next.add(fieldKey(change, path));
  }
  const all = change.fields.every((field) => next.has(fieldKey(change, field.path)));
  return all && change.fields.length > 0 ? toggleResource(next, change) : next;
}

/** `2 left out` of resources, `2 resources and 1 change left out`; empty where everything goes along. */
export function leftOutSentence(out: LeftOut, changes: readonly ResourceChangeInfo[]): string {
  if (out.size === 0) return "";
  const resources = changes.filter((change) => isOut(out, change)).length;
  const fields = changes.reduce((sum, change) => sum + partlyOut(out, change), 0);
  if (fields === 0) return resources === 0 ? "" : `${resources} left out`;
  const parts = [
    resources > 0 && `${resources} ${resources === 1 ? "resource" : "resources"}`,
    `${fields} ${fields === 1 ? "change" : "changes"}`,
  ].filter((part) => part !== false);
  return `${parts.join(" and ")} left out`;
}
