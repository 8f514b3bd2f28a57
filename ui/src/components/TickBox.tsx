import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import styles from "./TickBox.module.css";

/** The box of a row that is ticked as a whole or partly: a picture of what the row says to screen readers. */
export function TickBox({ ticked }: { ticked: boolean | "partly" }): ReactNode {
  const Sign = ticked === "partly" ? Minus : Check;
  return (
    <span aria-hidden className={cx(styles.box, ticked !== false && styles.ticked)}>
      {ticked !== false && <Sign size={12} strokeWidth={2.5} />}
    </span>
  );
}
