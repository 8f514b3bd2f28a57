type Listener = (text: string) => void;

const listeners = new Set<Listener>();
let last = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something to screen readers: at most one message a second, of several the newest. */
export function announce(text: string): void {
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      last = Date.now();
      for (const listener of listeners) listener(text);
    },
    Math.max(0, last + 1000 - Date.now()),
  );
}

export function onAnnounce(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
