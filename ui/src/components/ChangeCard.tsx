import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { fieldLabel, formatPair } from "../lib/format";
import { VisuallyHidden } from "./Mark";
import styles from "./ChangeCard.module.css";

/** One field that differs: where, what it is called, both values. */
export function ChangeCard({
  resource,
  path,
  before,
  after,
}: {
  resource: string;
  path: string;
  before: unknown;
  after: unknown;
}): ReactNode {
  const values = formatPair(before, after);
  return (
    <li className={styles.card}>
      <span className={styles.resource}>{resource}</span>
      <span className={styles.line}>
        <span className={styles.label} title={path}>
          {fieldLabel(path)}
        </span>
        <ValuePair before={values.before} after={values.after} />
      </span>
    </li>
  );
}

/** A short value is not cut to make room for a long one. */
function atLeast(value: string): string {
  return `${Math.min(value.length, 8)}ch`;
}

/** `2.11.4 → 2.12.0`. */
export function ValuePair({ before, after }: { before: string; after: string }): ReactNode {
  return (
    <span className={styles.values}>
      <span className={styles.value} style={{ minWidth: atLeast(before) }} title={before}>
        {before}
      </span>
      <ArrowRight aria-hidden size={11} strokeWidth={1.75} className={styles.arrow} />
      <VisuallyHidden>becomes</VisuallyHidden>
      <span className={styles.value} style={{ minWidth: atLeast(after) }} title={after}>
        {after}
      </span>
    </span>
  );
}

/** A resource that only one side has. */
export function ResourceCard({ resource, text }: { resource: string; text: string }): ReactNode {
  return (
    <li className={styles.card}>
      <span className={styles.line}>
        <span className={styles.label}>{resource}</span>
        <span className={styles.values}>{text}</span>
      </span>
    </li>
  );
}
