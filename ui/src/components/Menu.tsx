import { Menu as Base } from "@base-ui/react/menu";
import { Check, type LucideIcon } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
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
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles.positioner} sideOffset={4} align="start">
          <Base.Popup className={styles.popup}>
            {groups
              .filter((group) => group.length > 0)
              .map((group, index) => (
                <div key={group[0]?.label} className={index === 0 ? undefined : styles.group}>
                  {group.map(({ label, detail, icon: Icon, checked, disabledReason, onSelect }) => (
                    <Base.Item
                      key={label}
                      className={styles.item}
                      disabled={disabledReason !== undefined}
                      title={disabledReason}
                      onClick={onSelect}
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
                    </Base.Item>
                  ))}
                </div>
              ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
