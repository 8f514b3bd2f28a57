import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import { splitAtTail } from "../lib/format";
import styles from "./MiddleText.module.css";

/** A name on one line. Where it does not fit its middle is left out, since names differ at their ends. */
export function MiddleText({ text, className }: { text: string; className?: string | undefined }): ReactNode {
  const [head, tail] = splitAtTail(text);
  return (
    <span className={cx(styles.name, className)} title={text} dir="auto">
      <span className={styles.head}>{head}</span>
      {tail !== "" && <span className={styles.tail}>{tail}</span>}
    </span>
  );
}
