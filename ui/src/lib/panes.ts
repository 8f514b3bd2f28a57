/** How wide a pane may be, in CSS pixels. */
export interface WidthLimits {
  least: number;
  most: number;
  /** What is taken where no sensible width is known. */
  usual: number;
}

/** The detail beside a list. */
export const detailLimits: WidthLimits = { least: 340, most: 760, usual: 430 };
/** A list beside what is chosen in it. */
export const sideLimits: WidthLimits = { least: 240, most: 520, usual: 310 };

export function clampWidth(width: number, limits: WidthLimits): number {
  return Number.isFinite(width) && width > 0
    ? Math.min(limits.most, Math.max(limits.least, Math.round(width)))
    : limits.usual;
}
