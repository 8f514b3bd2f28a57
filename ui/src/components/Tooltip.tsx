import {
  cloneElement,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";
import { placeAt } from "../lib/floating";
import styles from "./Tooltip.module.css";

/** How long the pointer rests before a tooltip comes, and how long after one the next comes at once, in milliseconds. */
const rest = 400;
/** How long the pointer has to go over to the tooltip, which may be read at leisure (WCAG 1.4.13). */
const grace = 120;

/** Explains the element inside on hover and focus; without text it does nothing. Not for hot rows: those use `title`. */
export function Tooltip({
  text,
  children,
}: {
  text: string;
  children: ReactElement<Record<string, unknown>>;
}): ReactNode {
  // What the one that shows them looks for; elements with a tooltip cost nothing until they are pointed at.
  return cloneElement(children, { "data-tooltip": text === "" ? undefined : text });
}

function tipOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-tooltip]") : null;
}

/** Shows the tooltips of all elements, one at a time. Escape closes it and goes on to what the element is in. */
export function TooltipProvider({ children }: { children: ReactNode }): ReactNode {
  const id = useId();
  const popup = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<{ anchor: HTMLElement; text: string } | null>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current: HTMLElement | null = null;
    let lastSeen = -Infinity;
    const later = (delay: number, work: () => void): void => {
      clearTimeout(timer);
      timer = setTimeout(work, delay);
    };
    const hide = (): void => {
      clearTimeout(timer);
      if (current !== null) lastSeen = Date.now();
      current = null;
      setShown(null);
    };
    const show = (anchor: HTMLElement): void => {
      const text = anchor.dataset.tooltip;
      if (text === undefined || !anchor.isConnected) return;
      clearTimeout(timer);
      current = anchor;
      setShown({ anchor, text });
    };
    const over = (event: PointerEvent): void => {
      if (event.pointerType === "touch") return;
      const anchor = tipOf(event.target);
      if (anchor !== null && anchor === current) clearTimeout(timer);
      else if (anchor !== null) later(Date.now() - lastSeen < rest || current !== null ? 0 : rest, () => show(anchor));
      else if (popup.current?.contains(event.target instanceof Node ? event.target : null) === true)
        clearTimeout(timer);
      else if (current !== null) later(grace, hide);
      else clearTimeout(timer);
    };
    const focus = (event: FocusEvent): void => {
      const anchor = tipOf(event.target);
      if (anchor?.matches(":focus-visible") === true) show(anchor);
      else if (current !== null) hide();
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key === "Escape") hide();
    };
    document.addEventListener("pointerover", over);
    document.addEventListener("pointerdown", hide, true);
    document.addEventListener("focusin", focus);
    document.addEventListener("scroll", hide, true);
    document.addEventListener("keydown", key, true);
    document.documentElement.addEventListener("pointerleave", hide);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", over);
      document.removeEventListener("pointerdown", hide, true);
      document.removeEventListener("focusin", focus);
      document.removeEventListener("scroll", hide, true);
      document.removeEventListener("keydown", key, true);
      document.documentElement.removeEventListener("pointerleave", hide);
    };
  }, []);

  useLayoutEffect(() => {
    const own = popup.current;
    if (shown === null || own === null) return;
    const { anchor, text } = shown;
    const view = { width: document.documentElement.clientWidth, height: window.innerHeight };
    const size = own.getBoundingClientRect();
    const to = placeAt(anchor.getBoundingClientRect(), size, view, { gap: 6, side: "above", align: "center" });
    own.style.translate = `${Math.round(to.left)}px ${Math.round(to.top)}px`;
    // A screen reader says what the name does not.
    if (anchor.hasAttribute("aria-describedby") || anchor.getAttribute("aria-label") === text) return;
    anchor.setAttribute("aria-describedby", id);
    return () => anchor.removeAttribute("aria-describedby");
  }, [shown, id]);

  return (
    <>
      {children}
      {shown !== null &&
        createPortal(
          // In no landmark, and read as the description of its element.
          <div ref={popup} id={id} role="tooltip" aria-hidden className={styles.popup}>
            {shown.text}
          </div>,
          document.body,
        )}
    </>
  );
}
