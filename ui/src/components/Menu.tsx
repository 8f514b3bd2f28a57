import { Check, type LucideIcon } from "lucide-react";
import { cloneElement, type KeyboardEvent, type ReactElement, type ReactNode, useId, useRef, useState } from "react";
import { typeAheadIn } from "../lib/choice";
import { useTyped } from "../lib/useTyped";
import { Floating } from "./Floating";
import styles from "./Menu.module.css";

export interface MenuEntry {
  label: string;
  detail?: string;
  icon?: LucideIcon;
  checked?: boolean;
  disabledReason?: string;
  onSelect: () => void;
}

/** A menu of commands below its button. Entries in different groups are set apart by a line. */
export function Menu({
  trigger,
  groups,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  groups: MenuEntry[][];
}): ReactNode {
  const id = useId();
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const popup = useRef<HTMLDivElement>(null);
  const typed = useTyped();
  const shown = groups.filter((group) => group.length > 0);

  function items(): HTMLElement[] {
    return [...(popup.current?.querySelectorAll<HTMLElement>("[role='menuitem']") ?? [])];
  }

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = items();
    const at = all.findIndex((item) => item === document.activeElement);
    const steps: Record<string, number> = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    let to = steps[event.key] ?? null;
    if (event.key === "Tab") {
      setOpen(false);
      return;
    }
    if (to === null && event.key.length === 1 && event.key !== " ") {
      const names = all.map((item) => item.dataset.label ?? "");
      to = typeAheadIn(names, at, typed.add(event.key));
    }
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    all[to]?.focus();
  }

  return (
    <>
      {cloneElement(trigger, {
        ref: anchor,
        id,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        onClick: () => setOpen(!open),
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key !== "ArrowDown" || open) return;
          event.preventDefault();
          setOpen(true);
        },
      })}
      {open && (
        <Floating
          anchor={anchor}
          onClose={() => setOpen(false)}
          initialFocus={(panel) => panel.querySelector<HTMLElement>("[role='menuitem']")}
          className={styles.popup}
          onKeyDown={key}
        >
          <div ref={popup} role="menu" aria-labelledby={id}>
            {shown.map((group, index) => (
              <div key={group[0]?.label} role="group" className={index === 0 ? undefined : styles.group}>
                {group.map(({ label, detail, icon: Icon, checked, disabledReason, onSelect }) => (
                  <button
                    key={label}
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    data-label={label}
                    className={styles.item}
                    aria-disabled={disabledReason === undefined ? undefined : true}
                    title={disabledReason}
                    onPointerMove={(event) => event.currentTarget.focus()}
                    onClick={() => {
                      if (disabledReason !== undefined) return;
                      setOpen(false);
                      onSelect();
                    }}
                  >
                    {checked === true ? (
                      <Check aria-label="current" role="img" size={14} strokeWidth={1.75} />
                    ) : Icon !== undefined ? (
                      <Icon aria-hidden size={14} strokeWidth={1.75} />
                    ) : (
                      <span className={styles.blank} />
                    )}
                    <span className={styles.label}>{label}</span>
                    {detail !== undefined && <span className={styles.detail}>{detail}</span>}
                  </button>
                ))}
              </div>
            ))}
          </div>
        </Floating>
      )}
    </>
  );
}
