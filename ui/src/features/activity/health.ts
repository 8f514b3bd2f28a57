import type { RunInfo } from "../../ipc";
import { plural, resourceKey } from "../../lib/format";

/**
 * Why health speaks of fewer resources than were synced: many kinds have no health of their own. Which they are is
 * named, so that nobody looks for what is missing. Nothing where every resource has one.
 */
export function healthExplanation(run: RunInfo): string | null {
  const known = new Set(run.health.map((entry) => `${entry.instance} ${resourceKey(entry.resource)}`));
  const kinds = new Map<string, number>();
  let applied = 0;
  let hooks = 0;
  const seen = new Set<string>();
  for (const lane of run.lanes) {
    for (const column of lane.columns) {
      for (const task of column.tasks) {
        const key = `${lane.instance} ${resourceKey(task.resource)}`;
        if (task.action === "prune" || task.status !== "synced" || seen.has(key)) continue;
        seen.add(key);
        applied += 1;
        if (task.hooks.length > 0 && !known.has(key)) hooks += 1;
        else if (!known.has(key)) kinds.set(task.resource.kind, (kinds.get(task.resource.kind) ?? 0) + 1);
      }
    }
  }
  const without = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  const done = hooks === 0 ? "" : hooks === 1 ? " 1 is a hook, which is done." : ` ${hooks} are hooks, which are done.`;
  if (without === 0) return hooks === 0 ? null : `Of the ${plural(applied, "synced resource")}${done}`;
  const names = [...kinds]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`));
  const list = names.join(", ");
  const fine = without === 1 ? "it is fine once it is applied" : "they are fine once they are applied";
  const what =
    without === applied
      ? `None of the ${plural(applied, "synced resource")} has a health check`
      : `${without} of the ${plural(applied, "synced resource")} ${without === 1 ? "has" : "have"} no health check`;
  return `${what} (${list}): ${fine}.${done}`;
}
