import type { DiffResult, ResourceChangeInfo } from "../../ipc";
import { plural, resourceKey } from "../../lib/format";

/** Names a change in an address. */
export function changeKey(change: ResourceChangeInfo): string {
  return `${change.instance} ${resourceKey(change.resource)}`;
}

/** The sign of a kind of change, and its word. */
export const changeSigns = {
  added: { sign: "+", word: "added" },
  removed: { sign: "−", word: "removed" },
  changed: { sign: "~", word: "changed" },
  renamed: { sign: "→", word: "renamed" },
} as const;

/** How much a change is: the fields that differ, or one for a whole resource. */
export function changeCount(change: ResourceChangeInfo): number {
  return Math.max(1, change.fields.length);
}

/** What the filter looks at, made once for each change of an answer. */
const searchTexts = new WeakMap<ResourceChangeInfo, string>();

function searchText(change: ResourceChangeInfo): string {
  let text = searchTexts.get(change);
  if (text === undefined) {
    text =
      `${change.instance} ${change.resource.kind}/${change.resource.name} ${change.fields.map((field) => field.path).join(" ")}`.toLowerCase();
    searchTexts.set(change, text);
  }
  return text;
}

/** The changes that hold every word. */
export function filterChanges(changes: readonly ResourceChangeInfo[], text: string): ResourceChangeInfo[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...changes];
  return changes.filter((change) => {
    const text = searchText(change);
    return words.every((word) => text.includes(word));
  });
}

/** `7 resources · 108 changes`. */
export function changesSentence(changes: readonly ResourceChangeInfo[]): string {
  return `${plural(changes.length, "resource")} · ${plural(
    changes.reduce((sum, change) => sum + changeCount(change), 0),
    "change",
  )}`;
}

/** Resources that one side does not have. Syncing the second side over the first would prune or create them. */
export function onlyOnOneSide(diff: DiffResult): { added: number; removed: number } {
  const count = (kind: ResourceChangeInfo["change"]): number =>
    diff.resources.filter((change) => change.change === kind).length;
  return { added: count("added"), removed: count("removed") };
}
