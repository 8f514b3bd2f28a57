import { useSyncExternalStore } from "react";

/** How much room rows take: what the person chose. */
export type RowDensity = "comfortable" | "compact";

/** The height of a row of each dense surface in CSS pixels; the same numbers are tokens of the styles. */
const heights = {
  comfortable: { tree: 28, matrix: 32, changes: 36 },
  compact: { tree: 24, matrix: 28, changes: 32 },
} as const;

let density: RowDensity = "comfortable";
const listeners = new Set<() => void>();

/** Uses a density from now on, everywhere. */
export function setDensity(next: RowDensity): void {
  if (next === "compact") document.documentElement.dataset.density = "compact";
  else delete document.documentElement.dataset.density;
  if (next === density) return;
  density = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The height of a row, for what places rows by itself. */
export function useRowHeight(surface: keyof (typeof heights)["compact"]): number {
  return useSyncExternalStore(subscribe, () => heights[density][surface]);
}
