import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import { splitAtTail } from "../lib/format";
import { visible } from "../lib/visible";
import { VisuallyHidden } from "./Mark";
import styles from "./MiddleText.module.css";

/** A name on one line. Where it does not fit its middle is left out, since names differ at their ends. */
export function MiddleText({ text: raw, className }: { text: string; className?: string | undefined }): ReactNode {
  const text = visible(raw);
  const [head, tail] = splitAtTail(text);
  if (tail === "") {
    return (
      <span className={cx(styles.whole, className)} title={text} dir="auto">
        {head}
      </span>
    );
  }
  return (
    <span className={cx(styles.name, className)} title={text} dir="auto">
      <VisuallyHidden>{text}</VisuallyHidden>
      <span aria-hidden className={styles.head}>
        {head}
      </span>
      <span aria-hidden className={styles.tail}>
        {tail}
      </span>
    </span>
  );
}
