import type { EditInfo, PromotionItemInfo, PromotionPlanInfo } from "../../ipc";
import { resourceKey } from "../../lib/format";

/** What the person ticked and unticked against the default. */
export interface Ticks {
  include: readonly string[];
  exclude: readonly string[];
}

export const noTicks: Ticks = { include: [], exclude: [] };

/** Turns one item around. A tick that goes back to the default leaves no trace. */
export function toggleTick(ticks: Ticks, item: PromotionItemInfo): Ticks {
  const without = (list: readonly string[]): string[] => list.filter((key) => key !== item.key);
  if (item.chosen) {
    return ticks.include.includes(item.key)
      ? { include: without(ticks.include), exclude: ticks.exclude }
      : { include: ticks.include, exclude: [...without(ticks.exclude), item.key] };
  }
  return ticks.exclude.includes(item.key)
    ? { include: ticks.include, exclude: without(ticks.exclude) }
    : { include: [...without(ticks.include), item.key], exclude: ticks.exclude };
}

/**
 * Unticks what was left out in the review: whole resources as `INSTANCE RESOURCE`, fields as `INSTANCE RESOURCE PATH`.
 */
export function leaveOut(ticks: Ticks, items: readonly PromotionItemInfo[], leftOut: ReadonlySet<string>): Ticks {
  return items
    .filter((item) => {
      const resource = `${item.instance} ${resourceKey(item.resource)}`;
      return item.chosen && (leftOut.has(resource) || leftOut.has(`${resource} ${item.path}`));
    })
    .reduce(toggleTick, ticks);
}

export interface ItemGroup {
  instance: string;
  items: PromotionItemInfo[];
}

const classOrder = { a: 0, d: 1, b: 2, c: 3 } as const;

/** The items of each target instance: what goes along by default first, then in the order of the plan. */
export function groupItems(items: readonly PromotionItemInfo[]): ItemGroup[] {
  const groups = new Map<string, PromotionItemInfo[]>();
  for (const item of items) {
    const group = groups.get(item.instance);
    if (group === undefined) groups.set(item.instance, [item]);
    else group.push(item);
  }
  return [...groups].map(([instance, group]) => ({
    instance,
    items: group.sort((left, right) => classOrder[left.class] - classOrder[right.class]),
  }));
}

export interface FileEdits {
  file: string;
  edits: EditInfo[];
}

/** The edits of each file, in the order of the plan. */
export function groupEdits(edits: readonly EditInfo[]): FileEdits[] {
  const files = new Map<string, EditInfo[]>();
  for (const edit of edits) {
    const file = files.get(edit.file);
    if (file === undefined) files.set(edit.file, [edit]);
    else file.push(edit);
  }
  return [...files].map(([file, list]) => ({ file, edits: list }));
}

/** What a plan amounts to. */
export function planCounts(plan: PromotionPlanInfo): { applications: number; files: number; changes: number } {
  const chosen = plan.items.filter((item) => item.chosen);
  return {
    applications: new Set(chosen.map((item) => item.instance)).size,
    files: new Set(plan.edits.map((edit) => edit.file)).size,
    changes: chosen.length,
  };
}

/** The classes of `contracts.md` §4, for reading. */
export const classNames = {
  a: "Version",
  b: "Sizing",
  c: "Environment",
  d: "Setting",
} as const;
