import { Check, type LucideIcon } from "lucide-react";
import {
  cloneElement,
  type ComponentProps,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
  useId,
  useRef,
  useState,
} from "react";
import { typeAheadIn } from "../lib/choice";
import { keyLabel } from "../lib/keymap";
import { useTyped } from "../lib/useTyped";
import { Kbd } from "./Chip";
import { Floating } from "./Floating";
import styles from "./Menu.module.css";

export interface MenuEntry {
  label: string;
  detail?: string;
  /** The shortcut that does the same, as the table names it; the menu tells the person's own key. */
  keys?: string;
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
      {open && <MenuPopup anchor={anchor} groups={groups} onClose={() => setOpen(false)} aria-labelledby={id} />}
    </>
  );
}

/** The menu itself, open. */
export function MenuPopup({
  anchor,
  at,
  groups,
  onClose,
  ...name
}: {
  /** What gets the focus back. */
  anchor: RefObject<HTMLElement | null>;
  /** Where it stands, if not below the anchor. */
  at?: DOMRectReadOnly;
  groups: MenuEntry[][];
  onClose: () => void;
} & Pick<ComponentProps<"div">, "aria-label" | "aria-labelledby">): ReactNode {
  const popup = useRef<HTMLDivElement>(null);
  const typed = useTyped();
  const shown = groups.filter((group) => group.length > 0);

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...(popup.current?.querySelectorAll<HTMLElement>("[role='menuitem']") ?? [])];
    const own = all.findIndex((item) => item === document.activeElement);
    const steps: Record<string, number> = {
      ArrowDown: (own + 1) % all.length,
      ArrowUp: (own - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    let to = steps[event.key] ?? null;
    if (event.key === "Tab") {
      onClose();
      return;
    }
    if (to === null && event.key.length === 1 && event.key !== " ") {
      const names = all.map((item) => item.dataset.label ?? "");
      to = typeAheadIn(names, own, typed.add(event.key));
    }
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    all[to]?.focus();
  }

  return (
    <Floating
      anchor={anchor}
      {...(at === undefined ? {} : { at })}
      onClose={onClose}
      initialFocus={(panel) => panel.querySelector<HTMLElement>("[role='menuitem']")}
      className={styles.popup}
      onKeyDown={key}
    >
      <div ref={popup} role="menu" {...name}>
        {shown.map((group, index) => (
          <div key={group[0]?.label} role="group" className={index === 0 ? undefined : styles.group}>
            {group.map(({ label, detail, keys, icon: Icon, checked, disabledReason, onSelect }) => (
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
                  onClose();
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
                {keys !== undefined && <Kbd>{keyLabel(keys)}</Kbd>}
              </button>
            ))}
          </div>
        ))}
      </div>
    </Floating>
  );
}
