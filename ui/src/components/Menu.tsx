import { Popover } from "@base-ui/react/popover";
import { Check, type LucideIcon } from "lucide-react";
import { type KeyboardEvent, type ReactElement, type ReactNode, useRef, useState } from "react";
import { typeAheadIn } from "../lib/choice";
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
  const [open, setOpen] = useState(false);
  const popup = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: "", at: 0 });
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
      const now = Date.now();
      typed.current = { text: now - typed.current.at < 700 ? typed.current.text + event.key : event.key, at: now };
      const names = all.map((item) => item.dataset.label ?? "");
      to = typeAheadIn(names, at, typed.current.text);
    }
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    all[to]?.focus();
  }

  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        render={trigger}
        aria-haspopup="menu"
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key !== "ArrowDown" || open) return;
          event.preventDefault();
          setOpen(true);
        }}
      />
      <Popover.Portal>
        <Popover.Positioner className={styles.positioner} sideOffset={4} align="start">
          <Popover.Popup
            ref={popup}
            role="menu"
            className={styles.popup}
            initialFocus={() => items()[0] ?? true}
            onKeyDown={key}
          >
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
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
