/** A shortcut: where it acts, its keys, what it does. The help dialog, tooltips and handlers share this table. */
export interface Shortcut {
  scope: "Everywhere" | "Environments" | "Promotions" | "Review" | "Waves" | "Logs";
  keys: string;
  label: string;
  /** Whether only the window has it; a browser has its own. */
  window?: true;
}

/** What every place that shows files can do with them. */
function files(scope: Shortcut["scope"]): Shortcut[] {
  return [
    { scope, keys: "Alt+O", label: "Open its file in the editor" },
    { scope, keys: "Alt+R", label: "Show its file in the file manager" },
    { scope, keys: "Alt+P", label: "Copy its path" },
    { scope, keys: "Alt+N", label: "Copy its name" },
    { scope, keys: "Alt+Y", label: "Copy its YAML" },
  ];
}

export const shortcuts: readonly Shortcut[] = [
  { scope: "Everywhere", keys: "Mod+K", label: "Search applications and commands" },
  { scope: "Everywhere", keys: "Mod+1…6", label: "Go to a screen" },
  { scope: "Everywhere", keys: "/", label: "Filter" },
  { scope: "Everywhere", keys: "?", label: "Keyboard shortcuts" },
  { scope: "Everywhere", keys: "F6", label: "Next pane" },
  { scope: "Everywhere", keys: "Shift+F6", label: "Previous pane" },
  { scope: "Everywhere", keys: "Escape", label: "Close or clear" },
  { scope: "Everywhere", keys: "Shift+F10", label: "Menu of the row" },
  { scope: "Everywhere", keys: "Alt+ArrowLeft", label: "Back" },
  { scope: "Everywhere", keys: "Alt+ArrowRight", label: "Forward" },
  { scope: "Everywhere", keys: "Mod+R", label: "Read again from disk" },
  { scope: "Everywhere", keys: "Mod++", label: "Larger", window: true },
  { scope: "Everywhere", keys: "Mod+-", label: "Smaller", window: true },
  { scope: "Everywhere", keys: "Mod+0", label: "As large as designed", window: true },
  { scope: "Everywhere", keys: "Mod+Q", label: "Close the window", window: true },
  { scope: "Environments", keys: "ArrowRight", label: "Open, or go to the first child" },
  { scope: "Environments", keys: "ArrowLeft", label: "Close, or go to the parent" },
  { scope: "Environments", keys: "*", label: "Open all siblings" },
  { scope: "Environments", keys: "A…Z", label: "Type the beginning of a name to go to it" },
  { scope: "Environments", keys: "Enter", label: "Open the detail" },
  { scope: "Environments", keys: "d", label: "Review the difference to the previous environment" },
  { scope: "Environments", keys: "s", label: "Plan a sync" },
  { scope: "Environments", keys: "p", label: "Promote" },
  { scope: "Environments", keys: "r", label: "Read again from disk" },
  ...files("Environments"),
  { scope: "Promotions", keys: "Space", label: "Select the row" },
  { scope: "Promotions", keys: "Shift+ArrowDown", label: "Extend the selection" },
  { scope: "Promotions", keys: "Mod+A", label: "Select all filtered rows" },
  {
    scope: "Promotions",
    keys: "c",
    label: "Mark a cell, then compare it with another one (twice: with the one before)",
  },
  { scope: "Promotions", keys: "p", label: "Promote the selection" },
  ...files("Promotions"),
  { scope: "Review", keys: "n", label: "Next change" },
  { scope: "Review", keys: "Shift+N", label: "Previous change" },
  { scope: "Review", keys: "]", label: "Next resource" },
  { scope: "Review", keys: "[", label: "Previous resource" },
  { scope: "Review", keys: "x", label: "Leave the change out of the promotion, or take it in again" },
  { scope: "Review", keys: "Shift+X", label: "Leave the resource out of the promotion, or take it in again" },
  { scope: "Review", keys: "u", label: "Split or unified" },
  { scope: "Review", keys: "w", label: "Wrap long lines" },
  { scope: "Review", keys: "z", label: "Fold or unfold unchanged lines" },
  { scope: "Review", keys: "Mod+F", label: "Find" },
  { scope: "Review", keys: "Mod+Enter", label: "Promote what is compared" },
  ...files("Review"),
  { scope: "Waves", keys: "ArrowDown", label: "Next task; arrows move between neighbours" },
  { scope: "Waves", keys: "]", label: "Next wave" },
  { scope: "Waves", keys: "[", label: "Previous wave" },
  { scope: "Waves", keys: "f", label: "Follow what is in progress" },
  { scope: "Waves", keys: "b", label: "Show what this waits for, and what waits for it" },
  { scope: "Waves", keys: "l", label: "Activity of the run" },
  ...files("Waves"),
  { scope: "Logs", keys: "f", label: "Follow the newest line" },
  { scope: "Logs", keys: "g", label: "Go to the first line" },
  { scope: "Logs", keys: "Shift+G", label: "Go to the last line" },
];

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The name of a pressed key as the table writes it: `Mod+K`, `Shift+N`, `ArrowDown`, `/`. */
export function keyName(press: KeyPress): string {
  const modifier = press.ctrlKey || press.metaKey;
  let key = press.key === " " ? "Space" : press.key;
  const letter = /^[a-z]$/i.test(key);
  // Of characters that need Shift on some keyboards (`?`, `*`, `]`) only the character counts.
  const shift = press.shiftKey && (letter || key.length > 1);
  if (letter) key = modifier || shift || press.altKey ? key.toUpperCase() : key.toLowerCase();
  return `${modifier ? "Mod+" : ""}${press.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${key}`;
}

/** Whether a key name is a single character, which a person may have switched off (WCAG 2.1.4). */
export function isSingleCharacter(name: string): boolean {
  return name.length === 1 || /^Shift\+[A-Z]$/.test(name);
}

let singleCharacters = true;

/** Switches shortcuts of a single character on or off. */
export function setSingleCharacters(on: boolean): void {
  singleCharacters = on;
}

/** Keys that a person moved: from the key of the table to their own; empty text takes the key away. */
let moved: ReadonlyMap<string, string> = new Map();
let back: ReadonlyMap<string, string> = new Map();

/** Uses a person's own keys from now on. */
export function setKeys(keys: Readonly<Record<string, string>>): void {
  moved = new Map(Object.entries(keys));
  back = new Map([...moved].filter(([, own]) => own !== "").map(([key, own]) => [own, key]));
}

/** The key of the table that a pressed key stands for; `null` where the person took it away. */
export function pressedAs(name: string): string | null {
  return back.get(name) ?? (moved.has(name) ? null : name);
}

/** The key that a person presses for a key of the table; empty where they took it away. */
export function ownKey(keys: string): string {
  return moved.get(keys) ?? keys;
}

/** Keys that every program has, or that stand for several: they stay where they are. */
export function isFixedKey(keys: string): boolean {
  return /^(Shift\+)?(Arrow\w+|Escape|Enter|Space|Tab|Home|End)$|…/.test(keys);
}

/** The keys of the table that a key would get in the way of, given what else was moved. */
export function keyConflicts(key: string, wanted: string, keys: Readonly<Record<string, string>>): string[] {
  if (wanted === "") return [];
  const all = [...new Set(shortcuts.map((shortcut) => shortcut.keys))];
  return all.filter((other) => other !== key && standsFor(keys[other] ?? other, wanted));
}

/** Whether keys of the table hold a key: `Mod+1…6` holds `Mod+3`. Letters that are typed are in nobody's way. */
function standsFor(keys: string, key: string): boolean {
  const range = /^(.*)(\d)…(\d)$/.exec(keys);
  if (range === null) return keys === key;
  const [, start = "", first = "", last = ""] = range;
  const digit = key.slice(start.length);
  return key.startsWith(start) && /^\d$/.test(digit) && digit >= first && digit <= last;
}

/** Whether a pressed key types a character into a list, to go to what begins with it: it is nobody's shortcut then. */
export function isTyped(press: KeyPress): boolean {
  if (press.key.length !== 1 || press.key === " " || press.ctrlKey || press.metaKey || press.altKey) return false;
  const meant = singleCharacters ? pressedAs(keyName(press)) : null;
  return !shortcuts.some(({ scope, keys }) => scope === "Everywhere" && keys === meant);
}

export type KeyHandlers = Readonly<Record<string, (() => void) | undefined>>;

interface HandledPress extends KeyPress {
  defaultPrevented: boolean;
  target: EventTarget | null;
  preventDefault(): void;
}

/** Runs the handler of a pressed key. Typing into a field is left alone. */
export function dispatchKey(event: HandledPress, handlers: KeyHandlers): boolean {
  if (event.defaultPrevented) return false;
  const name = keyName(event);
  if (isSingleCharacter(name) && (!singleCharacters || isEditable(event.target))) return false;
  const meant = pressedAs(name);
  const handler = meant === null ? undefined : handlers[meant];
  if (handler === undefined) return false;
  event.preventDefault();
  handler();
  return true;
}

export function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

const signs: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  plus: "+",
};

export function isApple(platform: string): boolean {
  return /mac|iphone|ipad/i.test(platform);
}

const onApple = isApple(globalThis.navigator?.platform ?? "");

/** The keys of a shortcut for reading: `Ctrl K`, `⌘ K`, `Shift F6`; empty where a person took them away. */
export function keyLabel(keys: string, apple = onApple): string {
  return keyText(ownKey(keys), apple);
}

/** A key for reading. */
export function keyText(key: string, apple = onApple): string {
  return key
    .replace(/\+$/, "plus")
    .split("+")
    .map((part) =>
      part === "Mod" ? (apple ? "⌘" : "Ctrl") : (signs[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
    )
    .join(" ");
}
