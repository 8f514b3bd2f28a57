import { type FocusEvent, type KeyboardEvent, useRef } from "react";
import { typeAheadIn } from "./choice";
import { isTyped } from "./keymap";
import { useTyped } from "./useTyped";

/** How many rows a page is. */
const page = 10;
/** How many frames a virtual list has to paint the next rows. */
const patience = 4;

/** What a list of rows with controls needs to be one stop of Tab. */
export interface ArrowProps {
  tabIndex: 0;
  "data-arrows": true;
  onFocus: (event: FocusEvent<HTMLElement>) => void;
  onBlur: (event: FocusEvent<HTMLElement>) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

function rowsOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[data-row]")];
}

function controlsOf(row: HTMLElement | undefined): HTMLElement[] {
  return [...(row?.querySelectorAll<HTMLElement>("input, button") ?? [])];
}

/**
 * Rows with controls as one stop of Tab: arrows go through the rows and through the controls of a row, Home and End to
 * the first and last row, letters to a row by its name. Rows carry their name as `data-row`, their controls
 * `tabIndex={-1}`. The list hands the focus on to the row it was at; while a row has it, the list is no stop.
 */
export function useArrows(): ArrowProps {
  const last = useRef<Element | null>(null);
  /** Which control of a row is wanted, where a row has it. */
  const column = useRef(0);
  const typed = useTyped();

  function enter(row: HTMLElement | undefined): void {
    const own = controlsOf(row);
    own[Math.min(column.current, own.length - 1)]?.focus();
  }

  /** Of many rows only those on screen are painted: each that comes into view brings the next ones. */
  function toEnd(list: HTMLElement, end: 0 | -1, before?: HTMLElement, frames = 0): void {
    const row = rowsOf(list).at(end);
    if (row !== before) enter(row);
    const still = row === before ? frames + 1 : 0;
    if (still < patience && list.contains(document.activeElement))
      requestAnimationFrame(() => toEnd(list, end, row, still));
  }

  return {
    tabIndex: 0,
    "data-arrows": true,
    onFocus: ({ target, currentTarget: list }) => {
      if (target !== list) {
        last.current = target;
        list.tabIndex = -1;
      } else if (last.current !== null && list.contains(last.current) && last.current instanceof HTMLElement) {
        last.current.focus();
      } else if (list.matches(":focus-visible")) enter(rowsOf(list)[0]);
    },
    onBlur: ({ currentTarget: list, relatedTarget }) => {
      if (!list.contains(relatedTarget)) list.tabIndex = 0;
    },
    onKeyDown: (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const list = event.currentTarget;
      const rows = rowsOf(list);
      const own = document.activeElement;
      const at = rows.findIndex((row) => row.contains(own));
      const controls = controlsOf(rows[at]);
      const within = controls.findIndex((control) => control === own);
      const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
      const step = steps[event.key];
      if (step !== undefined) enter(rows[Math.min(Math.max(0, at + step), rows.length - 1)]);
      else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
        column.current = Math.min(Math.max(0, within + (event.key === "ArrowRight" ? 1 : -1)), controls.length - 1);
        controls[column.current]?.focus();
      } else if (event.key === "Home") toEnd(list, 0);
      else if (event.key === "End") toEnd(list, -1);
      else if (isTyped(event)) {
        const names = rows.map((row) => row.dataset.row ?? "");
        const found = typeAheadIn(names, at, typed.add(event.key));
        if (found === null) return;
        enter(rows[found]);
      } else return;
      event.preventDefault();
    },
  };
}
