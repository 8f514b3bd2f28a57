import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useState } from "react";
import { clampWidth, type WidthLimits } from "../lib/panes";
import { readPreference, writePreference } from "../lib/preferences";
import styles from "./Splitter.module.css";

/** The width of a pane, remembered on this device under a name. */
export function usePaneWidth(
  name: string,
  initial: number,
  limits: WidthLimits,
): [number, (change: (width: number) => number) => void] {
  const [width, setWidth] = useState(() => clampWidth(Number(readPreference(`pane.${name}`) ?? initial), limits));
  useEffect(() => writePreference(`pane.${name}`, String(width)), [name, width]);
  return [width, (change) => setWidth((before) => clampWidth(change(before), limits))];
}

/** The edge of a pane: dragged, or moved with the arrow keys. */
export function Splitter({
  label,
  width,
  limits,
  side,
  onWidth,
}: {
  label: string;
  width: number;
  limits: WidthLimits;
  /** On which side of its pane the edge lies. */
  side: "left" | "right";
  onWidth: (change: (width: number) => number) => void;
}): ReactNode {
  const sign = side === "left" ? -1 : 1;

  function drag(event: PointerEvent<HTMLDivElement>): void {
    event.preventDefault();
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const from = event.clientX;
    const start = width;
    const move = (next: globalThis.PointerEvent): void => onWidth(() => start + sign * (next.clientX - from));
    const end = (): void => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  }

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 64 : 16;
    if (event.key === "ArrowLeft") onWidth((value) => value - sign * step);
    else if (event.key === "ArrowRight") onWidth((value) => value + sign * step);
    else if (event.key === "Home") onWidth(() => limits.least);
    else if (event.key === "End") onWidth(() => limits.most);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div
      className={side === "left" ? styles.left : styles.right}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={limits.least}
      aria-valuemax={limits.most}
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={key}
    />
  );
}
