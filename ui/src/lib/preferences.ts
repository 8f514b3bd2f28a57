/** What this device remembers: sizes of panes and the like. Storage may be refused; then nothing is remembered. */
export function readPreference(key: string): string | null {
  try {
    return localStorage.getItem(`slipway.${key}`);
  } catch {
    return null;
  }
}

export function writePreference(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`slipway.${key}`);
    else localStorage.setItem(`slipway.${key}`, value);
  } catch {
    // Private windows refuse storage; the choice then lasts as long as the page.
  }
}
