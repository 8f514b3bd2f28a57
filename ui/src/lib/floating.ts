/** A box on the screen, in CSS pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What floats keeps this far from the edges of the window. */
const edge = 6;

/**
 * Where something of a size floats at a box: on the wished side where it has room there, or where there is more room
 * than on the other; always in the window. `room` is the height it may have.
 */
export function placeAt(
  anchor: Box,
  size: { width: number; height: number },
  view: { width: number; height: number },
  { gap, side, align }: { gap: number; side: "above" | "below"; align: "start" | "center" },
): { left: number; top: number; room: number } {
  const above = anchor.top - gap - edge;
  const below = view.height - anchor.top - anchor.height - gap - edge;
  const [wished, other] = side === "above" ? [above, below] : [below, above];
  const flipped = size.height > wished && other > wished;
  const isAbove = (side === "above") !== flipped;
  const room = Math.max(0, isAbove ? above : below);
  const height = Math.min(size.height, room);
  const left = align === "start" ? anchor.left : anchor.left + (anchor.width - size.width) / 2;
  return {
    left: Math.max(edge, Math.min(left, view.width - edge - size.width)),
    top: isAbove ? anchor.top - gap - height : anchor.top + anchor.height + gap,
    room,
  };
}
