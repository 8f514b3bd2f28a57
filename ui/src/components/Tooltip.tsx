import { Tooltip as Base } from "@base-ui/react/tooltip";
import { type ReactElement, type ReactNode, useState } from "react";
import styles from "./Tooltip.module.css";

export function TooltipProvider({ children }: { children: ReactNode }): ReactNode {
  return <Base.Provider delay={400}>{children}</Base.Provider>;
}

/**
 * Explains the element inside on hover and focus; without text it does nothing. Not for hot rows: those use `title`.
 * Escape closes it and goes on to what the element is in: a pane or a dialog closes with one press.
 */
export function Tooltip({
  text,
  children,
}: {
  text: string;
  children: ReactElement<Record<string, unknown>>;
}): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <Base.Root
      disabled={text === ""}
      open={open}
      onOpenChange={(next, details) => {
        setOpen(next);
        if (details.reason !== "escape-key") return;
        details.cancel();
        details.allowPropagation();
      }}
    >
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className={styles.positioner}>
          <Base.Popup className={styles.popup}>{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
