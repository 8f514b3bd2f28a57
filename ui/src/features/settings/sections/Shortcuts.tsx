import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../../../components/Button";
import { Kbd } from "../../../components/Chip";
import { CheckField } from "../../../components/Field";
import { Notice } from "../../../components/States";
import { hasWindows, type Settings } from "../../../ipc";
import { isFixedKey, keyConflicts, keyLabel, keyName, keyText, type Shortcut, shortcuts } from "../../../lib/keymap";
import { useSave } from "../fields";
import styles from "../Settings.module.css";

interface Row {
  keys: string;
  uses: Shortcut[];
}

/** The keys of the table, each once with everything it does: a key that is moved is moved everywhere. */
export function keyRows(table: readonly Shortcut[]): Row[] {
  const rows = new Map<string, Shortcut[]>();
  for (const shortcut of table) rows.set(shortcut.keys, [...(rows.get(shortcut.keys) ?? []), shortcut]);
  return [...rows].map(([keys, uses]) => ({ keys, uses }));
}

function usesText(uses: readonly Shortcut[]): string {
  return uses.map((use) => (use.scope === "Everywhere" ? use.label : `${use.label} (${use.scope})`)).join(" · ");
}

/** What was pressed goes away with what it has ended: the keyboard goes on at the button of its shortcut. */
function focusChange(list: HTMLElement | null, key: string): void {
  list?.querySelector<HTMLElement>(`[data-keys="${CSS.escape(key)}"]`)?.focus();
}

export function Shortcuts({ settings }: { settings: Settings }): ReactNode {
  const save = useSave({ quiet: true });
  const list = useRef<HTMLUListElement>(null);
  const [changing, setChanging] = useState<string | null>(null);
  const ended = useRef<string | null>(null);
  const set = (key: string, own: string | null): void => {
    const others = Object.entries(settings.keys).filter(([name]) => name !== key);
    const keys = own === null || own === key ? others : [...others, [key, own] as const];
    save({ ...settings, keys: Object.fromEntries(keys) });
    if (changing === null) focusChange(list.current, key);
    else done(key);
  };
  const done = (key: string): void => {
    ended.current = key;
    setChanging(null);
  };
  useEffect(() => {
    if (changing === null && ended.current !== null) focusChange(list.current, ended.current);
  }, [changing, ended, list]);
  return (
    <>
      <h1 className={styles.title}>Shortcuts</h1>
      <CheckField
        label="Shortcuts of a single letter"
        hint="They act only while their pane has the focus. Each is a button as well."
        checked={settings.singleLetters}
        onChange={(singleLetters) => save({ ...settings, singleLetters })}
      />
      <ul ref={list} aria-label="Shortcuts">
        {keyRows(shortcuts.filter((shortcut) => hasWindows || shortcut.window !== true)).map(({ keys, uses }) => (
          <li key={keys} className={styles.fact}>
            <span>{usesText(uses)}</span>
            <span className={styles.row}>
              {settings.keys[keys] === "" ? <span className={styles.muted}>off</span> : <Kbd>{keyLabel(keys)}</Kbd>}
              {!isFixedKey(keys) &&
                (changing === keys ? (
                  <Capture
                    keys={keys}
                    settings={settings}
                    onDone={(own) => set(keys, own)}
                    onCancel={() => done(keys)}
                  />
                ) : (
                  <Button data-keys={keys} aria-label={`Change ${usesText(uses)}`} onClick={() => setChanging(keys)}>
                    Change…
                  </Button>
                ))}
              {settings.keys[keys] !== undefined && changing !== keys && (
                <Button aria-label={`Reset ${usesText(uses)}`} onClick={() => set(keys, null)}>
                  Reset
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Waits for the key that is to be used; says which others it would get in the way of. */
function Capture({
  keys,
  settings,
  onDone,
  onCancel,
}: {
  keys: string;
  settings: Settings;
  onDone: (own: string) => void;
  onCancel: () => void;
}): ReactNode {
  const [wanted, setWanted] = useState<string | null>(null);
  const conflicts = wanted === null ? [] : keyConflicts(keys, wanted, settings.keys);
  const taken = shortcuts.filter((shortcut) => conflicts.includes(shortcut.keys));
  function key(event: KeyboardEvent): void {
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") onCancel();
    else if (!["Control", "Shift", "Alt", "Meta"].includes(event.key)) setWanted(keyName(event));
  }
  return (
    <span className={styles.capture}>
      <button
        type="button"
        className={styles.captureField}
        aria-label={
          wanted === null ? "Press the new key" : `New key: ${keyText(wanted)}. Press another, or Tab to use it`
        }
        ref={(element) => element?.focus()}
        onKeyDown={key}
      >
        {wanted === null ? "Press a key…" : <Kbd>{keyText(wanted)}</Kbd>}
      </button>
      <span role="status">
        {taken.length > 0 && <Notice tone="warning">It is the key of: {usesText(taken)}</Notice>}
      </span>
      <span className={styles.row}>
        <Button
          disabledReason={
            wanted === null ? "Press a key first" : taken.length > 0 ? "Another shortcut has this key" : null
          }
          onClick={() => wanted !== null && onDone(wanted)}
        >
          Use
        </Button>
        <Button onClick={() => onDone("")}>No key</Button>
        <Button onClick={onCancel}>Cancel</Button>
      </span>
    </span>
  );
}
