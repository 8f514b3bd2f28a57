import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import styles from "./TickBox.module.css";

/** The box of a row that is ticked as a whole: a picture of what the row says to screen readers. */
export function TickBox({ ticked }: { ticked: boolean }): ReactNode {
  return (
    <span aria-hidden className={cx(styles.box, ticked && styles.ticked)}>
      {ticked && <Check size={12} strokeWidth={2.5} />}
    </span>
  );
}
