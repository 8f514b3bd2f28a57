import type { ChangeKind, FieldChangeInfo, PromotionItemInfo, PromotionPlanInfo, ResourceInfo } from "../../ipc";
import { fieldLabel, formatPair, resourceKey, resourceName } from "../../lib/format";

/** One difference in what is rendered. */
export interface RenderedChange {
  instance: string;
  resource: ResourceInfo;
  change: ChangeKind;
  /** `null` for a resource that appears or goes. */
  field: FieldChangeInfo | null;
}

/** What was ticked, the same in one application or many, and everything that renders differently because of it. */
export interface Cause {
  key: string;
  kind: "ticked" | "follows" | "also";
  /** What people call the field, or the resource that comes or goes. */
  label: string;
  before: string;
  after: string;
  class: PromotionItemInfo["class"] | null;
  reason: string;
  /** Where it is written: `FILE: PATH`. */
  edits: string[];
  changes: RenderedChange[];
}

const order = { a: 0, d: 1, b: 2, c: 3 } as const;

function placeOf(instance: string, resource: ResourceInfo, path: string): string {
  return `${instance}\n${resourceKey(resource)}\n${path}`;
}

export function itemLabel(item: PromotionItemInfo): string {
  if (item.path !== "") return fieldLabel(item.path);
  return `${item.old === null || item.old === undefined ? "+" : "−"} ${resourceName(item.resource)}`;
}

/** Groups the rendered preview of a plan by what causes it. Whatever no tick explains is told apart, never left out. */
export function causesOf(plan: PromotionPlanInfo): Cause[] {
  const causes = new Map<string, Cause>();
  const byPlace = new Map<string, Cause>();
  for (const item of plan.items) {
    if (!item.chosen) continue;
    const pair = item.path === "" ? { before: "", after: "" } : formatPair(item.old, item.new);
    const label = itemLabel(item);
    const key = [item.class, label, pair.before, pair.after].join("\n");
    let cause = causes.get(key);
    if (cause === undefined) {
      cause = {
        key,
        kind: "ticked",
        label,
        ...pair,
        class: item.class,
        reason: item.reason,
        edits: [],
        changes: [],
      };
      causes.set(key, cause);
    }
    for (const index of item.edits) {
      const edit = plan.edits[index];
      if (edit === undefined) continue;
      const place = edit.path === undefined || edit.path === "" ? edit.file : `${edit.file}: ${edit.path}`;
      if (!cause.edits.includes(place)) cause.edits.push(place);
    }
    byPlace.set(placeOf(item.instance, item.resource, item.path), cause);
  }
  const follows: RenderedChange[] = [];
  const also: RenderedChange[] = [];
  const notChosen = new Set(plan.alsoChanged);
  for (const change of plan.preview.resources) {
    const whole = byPlace.get(placeOf(change.instance, change.resource, ""));
    const fields: (FieldChangeInfo | null)[] = change.change === "changed" ? change.fields : [null, ...change.fields];
    for (const field of fields) {
      const entry: RenderedChange = {
        instance: change.instance,
        resource: change.resource,
        change: change.change,
        field,
      };
      const cause =
        field === null ? whole : (byPlace.get(placeOf(change.instance, change.resource, field.path)) ?? whole);
      if (notChosen.has(change.instance)) also.push(entry);
      else if (cause === undefined) follows.push(entry);
      else cause.changes.push(entry);
    }
  }
  const ticked = [...causes.values()].sort(
    (left, right) =>
      order[left.class ?? "c"] - order[right.class ?? "c"] ||
      right.changes.length - left.changes.length ||
      (left.label < right.label ? -1 : 1),
  );
  const rest = (kind: "follows" | "also", label: string, changes: RenderedChange[]): Cause[] =>
    changes.length === 0
      ? []
      : [{ key: kind, kind, label, before: "", after: "", class: null, reason: "", edits: [], changes }];
  return [
    ...rest("also", "In instances that were not chosen", also),
    ...ticked,
    ...rest("follows", "Follows from the same edits", follows),
  ];
}

/** The rows of the preview: each cause, and below it what it changes. */
export type PreviewRow = { kind: "cause"; cause: Cause } | { kind: "change"; cause: Cause; change: RenderedChange };

export function previewRows(causes: readonly Cause[], closed: ReadonlySet<string>): PreviewRow[] {
  return causes.flatMap((cause) => [
    { kind: "cause" as const, cause },
    ...(closed.has(cause.key) ? [] : cause.changes.map((change) => ({ kind: "change" as const, cause, change }))),
  ]);
}

export function previewRowKey(row: PreviewRow): string {
  return row.kind === "cause"
    ? row.cause.key
    : `${row.cause.key}\n${placeOf(row.change.instance, row.change.resource, row.change.field?.path ?? "")}`;
}
