import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import { visible } from "../lib/visible";
import styles from "./PathText.module.css";

/** A path on one line. Where it does not fit its start is left out, since its end says more; the tooltip has it all. */
export function PathText({ text, quiet }: { text: string; quiet?: boolean }): ReactNode {
  return (
    <span className={cx(styles.path, quiet === true && styles.quiet)} title={visible(text)}>
      {/* The text runs from right to left only for being cut at its start; the mark keeps its signs in place. */}
      <bdi className={styles.text}>{visible(text)}</bdi>
    </span>
  );
}
