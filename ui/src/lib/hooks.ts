import { type RefObject, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";

/** True once `active` has lasted for `delay` milliseconds: loading shows only then. */
export function useDelayed(active: boolean, delay = 200): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) return;
    const timer = setTimeout(() => setLate(true), delay);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [active, delay]);
  return active && late;
}

/** The time, renewed every `interval` milliseconds while something is on screen that shows ages. */
export function useNow(interval: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}

/** The newest value of something, for handlers that are registered once. */
export function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value);
  useLayoutEffect(() => {
    ref.current = value;
  });
  return ref;
}

/**
 * Acts on what follows from what was typed, and not on what followed from the letters before: while it is not
 * `settled`, what is asked for waits. The last that was asked counts.
 */
export function useOnceSettled<T>(settled: boolean, act: (wish: T) => void): (wish: T) => void {
  const latest = useLatest({ settled, act });
  const waiting = useRef<{ wish: T } | null>(null);
  useEffect(() => {
    const asked = waiting.current;
    if (!settled || asked === null) return;
    waiting.current = null;
    latest.current.act(asked.wish);
  }, [settled, latest]);
  return (wish) => {
    if (latest.current.settled) latest.current.act(wish);
    else waiting.current = { wish };
  };
}

/** Handles keys that nothing below handled. While a modal dialog is open, what lies below it has none. */
export function useWindowKeys(handle: (event: KeyboardEvent) => void): void {
  const latest = useLatest(handle);
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (document.querySelector("[data-modal]") === null) latest.current(event);
    };
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, [latest]);
}

export function useMediaQuery(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}

/** A value that follows `value` after it has rested for `delay` milliseconds. */
export function useRested<T>(value: T, delay: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
  return rested;
}

/**
 * A value that lives in the address, known at once. The address follows a moment later, and a field whose text
 * came back only from there would lose keys.
 */
export function useMirrored(outside: string, write: (value: string) => void): [string, (value: string) => void] {
  const [state, setState] = useState({ outside, value: outside });
  if (state.outside !== outside) setState({ outside, value: outside });
  const set = (value: string): void => {
    setState((before) => ({ ...before, value }));
    write(value);
  };
  return [state.outside === outside ? state.value : outside, set];
}

/** The width of an element on screen in CSS pixels, in steps of 8 so that a drag paints seldom; 0 before it is known. */
export function useElementWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const own = element.current;
    if (own === null) return;
    const read = (): void => setWidth(Math.floor(own.clientWidth / 8) * 8);
    read();
    const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(read);
    observer?.observe(own);
    return () => observer?.disconnect();
  }, [element]);
  return width;
}

/**
 * When data were read, once newer ones are missing: a lost connection is tried again twice before what is on screen
 * counts as stale. `null` while it is fresh.
 */
export function useStaleSince(connected: boolean, readAt: number): number | null {
  const missed = useDelayed(!connected, 1500);
  return missed && readAt > 0 ? readAt : null;
}
