import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { readPreference, writePreference } from "../lib/preferences";
import styles from "./DetailPane.module.css";

const least = 340;
const most = 760;

/** The pane beside a list. Its left edge resizes it; Esc closes it. */
export function DetailPane({
  label,
  name,
  initial = 430,
  onClose,
  children,
}: {
  label: string;
  /** Under which the width is remembered. */
  name: string;
  initial?: number;
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  const [width, setWidth] = useState(() => clampWidth(Number(readPreference(`pane.${name}`) ?? initial)));
  const pane = useRef<HTMLElement>(null);
  useEffect(() => writePreference(`pane.${name}`, String(width)), [name, width]);

  function drag(event: PointerEvent<HTMLDivElement>): void {
    event.preventDefault();
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const from = event.clientX;
    const start = width;
    const move = (next: globalThis.PointerEvent): void => setWidth(clampWidth(start + from - next.clientX));
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
    const step = event.shiftKey ? 64 : 16;
    if (event.key === "ArrowLeft") setWidth((value) => clampWidth(value + step));
    else if (event.key === "ArrowRight") setWidth((value) => clampWidth(value - step));
    else return;
    event.preventDefault();
  }

  return (
    <aside
      ref={pane}
      className={styles.pane}
      style={{ width }}
      aria-label={label}
      data-pane
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <div
        className={styles.handle}
        role="separator"
        aria-orientation="vertical"
        aria-label={`Width of ${label}`}
        aria-valuenow={width}
        aria-valuemin={least}
        aria-valuemax={most}
        tabIndex={0}
        onPointerDown={drag}
        onKeyDown={key}
      />
      {children}
    </aside>
  );
}

export function clampWidth(width: number): number {
  return Number.isFinite(width) ? Math.min(most, Math.max(least, Math.round(width))) : 430;
}
