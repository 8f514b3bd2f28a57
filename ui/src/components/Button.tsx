import type { LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "../lib/cx";
import { keyLabel } from "../lib/keymap";
import styles from "./Button.module.css";
import { Tooltip } from "./Tooltip";

interface Look {
  kind?: "plain" | "primary" | "ghost" | "danger";
  icon?: LucideIcon;
  /** Why the button can do nothing now. The button stays visible and can be reached; it does not act. */
  disabledReason?: string | null;
  /** What the tooltip says besides the name. */
  hint?: string;
  /** The shortcut that does the same, as the table names it; the tooltip tells the person's own key. */
  keys?: string;
}

type Props = Omit<ComponentProps<"button">, "type" | "title" | "disabled"> & Look;

const kinds = { plain: styles.plain, primary: styles.primary, ghost: styles.ghost, danger: styles.danger };

/** A button with words. */
export function Button({
  kind = "plain",
  icon: Icon,
  disabledReason,
  hint,
  keys,
  className,
  onClick,
  children,
  ...rest
}: Props): ReactNode {
  const disabled = disabledReason !== undefined && disabledReason !== null;
  const button = (
    <button
      {...rest}
      type="button"
      className={cx(styles.button, kinds[kind], className)}
      aria-disabled={disabled || undefined}
      onClick={disabled ? undefined : onClick}
    >
      {Icon !== undefined && <Icon aria-hidden size={14} strokeWidth={1.75} className={styles.icon} />}
      {children}
    </button>
  );
  // The tooltip is always there, so that a button which becomes able to act stays the same element with its focus.
  return <Tooltip text={disabled ? disabledReason : hintOf(hint, keys)}>{button}</Tooltip>;
}

/** What a tooltip adds to a name. */
function hintOf(hint: string | undefined, keys: string | undefined): string {
  return [hint, keys && keyLabel(keys)].filter(Boolean).join(" · ");
}

/** A button without words: its name is read out and shown as a tooltip. */
export function IconButton({
  label,
  icon: Icon,
  kind = "ghost",
  hint,
  keys,
  disabledReason,
  className,
  onClick,
  size = 15,
  ...rest
}: Omit<Props, "children" | "icon"> & { label: string; icon: LucideIcon; size?: number }): ReactNode {
  const disabled = disabledReason !== undefined && disabledReason !== null;
  const more = hintOf(hint, keys);
  const tip = disabled ? `${label}: ${disabledReason}` : more === "" ? label : `${label} · ${more}`;
  return (
    <Tooltip text={tip}>
      <button
        {...rest}
        type="button"
        aria-label={label}
        aria-disabled={disabled || undefined}
        className={cx(styles.button, styles.square, kinds[kind], className)}
        onClick={disabled ? undefined : onClick}
      >
        <Icon aria-hidden size={size} strokeWidth={1.75} />
      </button>
    </Tooltip>
  );
}
