import {
  type ComponentProps,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";
import { cx } from "../lib/cx";
import { placeAt } from "../lib/floating";
import { useLatest } from "../lib/hooks";
import styles from "./Floating.module.css";

/** The part of a window that may be as high as something that floats. */
const most = 0.6;

/**
 * Where something floats in the page: in the dialog of its anchor, which holds the focus, else in the landmark of the
 * anchor, so that a screen reader knows where it belongs. Panes would cut it.
 */
function hostOf(anchor: HTMLElement | null): Element {
  const dialog = anchor?.closest("[role='dialog']") ?? null;
  if (dialog !== null) return dialog;
  let host: Element = document.body;
  for (let at = anchor?.parentElement ?? null; at !== null; at = at.parentElement)
    if (at.matches("header, main, footer")) host = at;
  return host;
}

/**
 * A panel at an element, rendered while it is open. Escape, a press outside and a focus that goes elsewhere close it;
 * a focus that was in it goes back to the element.
 */
export function Floating({
  anchor,
  onClose,
  initialFocus,
  at: point,
  className,
  children,
  ...rest
}: ComponentProps<"div"> & {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  /** What in the panel takes the focus; without it the focus stays where it is. */
  initialFocus?: (panel: HTMLElement) => HTMLElement | null;
  /** Where it floats instead of at the element, which may be a long list. */
  at?: DOMRectReadOnly;
}): ReactNode {
  const panel = useRef<HTMLDivElement>(null);
  const [host] = useState(() => hostOf(anchor.current));
  const latest = useLatest({ onClose, initialFocus });

  useLayoutEffect(() => {
    const own = panel.current;
    const at = anchor.current;
    if (own === null || at === null) return;
    const place = (): void => {
      own.style.maxHeight = `${most * 100}vh`;
      own.style.left = "0";
      own.style.top = "0";
      const view = { width: document.documentElement.clientWidth, height: window.innerHeight };
      const box = own.getBoundingClientRect();
      const to = placeAt(point ?? at.getBoundingClientRect(), box, view, { gap: 4, side: "below", align: "start" });
      // Left and top count from what holds it, which a dialog is.
      own.style.left = `${Math.round(to.left - box.left)}px`;
      own.style.top = `${Math.round(to.top - box.top)}px`;
      own.style.maxHeight = `${Math.min(to.room, view.height * most)}px`;
    };
    place();
    latest.current.initialFocus?.(own)?.focus({ preventScroll: true });
    const follow = (event: Event): void => {
      if (!(event.target instanceof Node && own.contains(event.target))) place();
    };
    window.addEventListener("resize", place);
    window.addEventListener("scroll", follow, true);
    const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(place);
    observer?.observe(own);
    return () => {
      window.removeEventListener("resize", place);
      window.removeEventListener("scroll", follow, true);
      observer?.disconnect();
      if (own.contains(document.activeElement)) at.focus({ preventScroll: true });
    };
  }, [anchor, latest, point]);

  useEffect(() => {
    // A press on a button that opened it closes it by itself; in a list, the next row is elsewhere.
    const own = point === undefined ? anchor.current : null;
    const isInside = (target: EventTarget | null): boolean =>
      target instanceof Node && (panel.current?.contains(target) === true || own?.contains(target) === true);
    const press = (event: Event): void => {
      if (!isInside(event.target)) latest.current.onClose();
    };
    const focus = (event: FocusEvent): void => {
      // What it floats over may have the focus, or get it back.
      const isHome = event.target === document.body || event.target === anchor.current;
      if (!isHome && !isInside(event.target)) latest.current.onClose();
    };
    // Before a dialog around it hears of the key.
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      latest.current.onClose();
    };
    document.addEventListener("pointerdown", press, true);
    document.addEventListener("focusin", focus);
    window.addEventListener("keydown", key, true);
    return () => {
      document.removeEventListener("pointerdown", press, true);
      document.removeEventListener("focusin", focus);
      window.removeEventListener("keydown", key, true);
    };
  }, [anchor, latest, point]);

  return createPortal(
    <div {...rest} ref={panel} className={cx(styles.floating, className)}>
      {children}
    </div>,
    host,
  );
}
