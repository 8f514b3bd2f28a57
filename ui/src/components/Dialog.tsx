import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, type RefObject, useRef } from "react";
import { cx } from "../lib/cx";
import styles from "./Dialog.module.css";

/** What of a dialog takes the focus first: the first control of its body, else of its foot, else the text itself. */
function firstControl(body: HTMLElement | null): HTMLElement | true {
  if (body === null) return true;
  const control = "input:not(:disabled), textarea, button, [role='combobox'], [tabindex='0']";
  const footer = body.parentElement?.querySelector<HTMLElement>("footer");
  return body.querySelector<HTMLElement>(control) ?? footer?.querySelector<HTMLElement>(control) ?? body;
}

/** A modal dialog. Opening moves the focus in, to `initialFocus` where it is given; closing returns it. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  footer,
  initialFocus,
  size = "medium",
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  footer?: ReactNode;
  initialFocus?: RefObject<HTMLElement | null>;
  size?: "medium" | "large";
}): ReactNode {
  const body = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup
          className={cx(styles.popup, size === "large" && styles.large)}
          data-modal
          initialFocus={initialFocus ?? (() => firstControl(body.current))}
        >
          <header className={styles.header}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            {/* No tooltip: it would take the first Escape. */}
            <Base.Close className={styles.close} aria-label="Close" title="Close">
              <X aria-hidden size={15} strokeWidth={1.75} />
            </Base.Close>
          </header>
          <div ref={body} className={styles.body} tabIndex={0} role="group" aria-label={title}>
            {children}
          </div>
          {footer !== undefined && <footer className={styles.footer}>{footer}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** A dialog without header, for the palette. */
export function BareDialog({
  open,
  onClose,
  label,
  children,
}: {
  open: boolean;
  onClose: () => void;
  label: string;
  children: ReactNode;
}): ReactNode {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={cx(styles.popup, styles.bare)} aria-label={label} data-modal>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
