import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef, useState } from "react";
import { keyName, pressedAs } from "../lib/keymap";
import { type MenuEntry, MenuPopup } from "./Menu";

/** What can be done with one row, and what the row is called. */
export interface RowMenu {
  label: string;
  groups: MenuEntry[][];
}

interface Opened extends RowMenu {
  at: DOMRect;
}

/**
 * The menu of a row in a list: by the secondary button of the mouse, and by Menu or Shift F10 for the row that the
 * keyboard is at. `menuOf` says what is at an element of the list; the list, or what in it had the focus, gets it back.
 */
export function useContextMenu(menuOf: (element: Element) => RowMenu | null): {
  /** For the list. */
  props: {
    onContextMenu: (event: MouseEvent<HTMLElement>) => void;
    onKeyDownCapture: (event: KeyboardEvent<HTMLElement>) => void;
  };
  /** Belongs beside the list, not into it. */
  menu: ReactNode;
} {
  const [opened, setOpened] = useState<Opened | null>(null);
  const back = useRef<HTMLElement | null>(null);

  function open(list: HTMLElement, element: Element | null, at: DOMRect | undefined): boolean {
    const menu = element === null ? null : menuOf(element);
    if (menu === null || at === undefined) return false;
    const own = document.activeElement;
    back.current = own instanceof HTMLElement && list.contains(own) ? own : list;
    setOpened({ ...menu, at });
    return true;
  }

  return {
    props: {
      onContextMenu: (event) => {
        const point = new DOMRect(event.clientX, event.clientY, 0, 0);
        if (event.target instanceof Element && open(event.currentTarget, event.target, point)) event.preventDefault();
      },
      onKeyDownCapture: (event) => {
        if (event.key !== "ContextMenu" && pressedAs(keyName(event)) !== "Shift+F10") return;
        const list = event.currentTarget;
        const row = document.getElementById(list.getAttribute("aria-activedescendant") ?? "") ?? document.activeElement;
        // A row is as wide as its list: the menu stands below its beginning.
        if (!open(list, row, row?.getBoundingClientRect())) return;
        event.preventDefault();
        event.stopPropagation();
      },
    },
    menu: opened !== null && (
      <MenuPopup
        anchor={back}
        at={opened.at}
        groups={opened.groups}
        onClose={() => setOpened(null)}
        aria-label={opened.label}
      />
    ),
  };
}
