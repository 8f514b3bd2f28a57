import { memo, type ReactNode, useMemo, useRef } from "react";
import { cx } from "../lib/cx";
import { useVirtualRows } from "../lib/useVirtualRows";
import { tokenizeYaml } from "../lib/yaml";
import styles from "./YamlText.module.css";

const kinds = {
  key: styles.key,
  string: styles.string,
  number: styles.number,
  comment: styles.comment,
  plain: undefined,
};

/** One line of YAML in colours. */
export const YamlLine = memo(function YamlLine({ text }: { text: string }): ReactNode {
  return tokenizeYaml(text).map((token, index) =>
    kinds[token.kind] === undefined ? (
      token.text
    ) : (
      <span key={index} className={kinds[token.kind]}>
        {token.text}
      </span>
    ),
  );
});

/** Rendered YAML with line numbers; only the lines on screen are painted. */
export function YamlText({ text, label }: { text: string; label: string }): ReactNode {
  const lines = useMemo(() => text.replace(/\n$/, "").split("\n"), [text]);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualRows({ count: lines.length, scroller, size: 20, overscan: 20 });
  const longest = useMemo(() => lines.reduce((most, line) => Math.max(most, line.length), 0), [lines]);
  return (
    <div ref={scroller} className={styles.scroller} role="region" aria-label={label} tabIndex={0}>
      <div className={styles.body} style={{ height: list.total, minWidth: `${longest + 8}ch` }}>
        {list.rows.map((row) => (
          <div key={row.index} className={styles.line} style={{ transform: `translateY(${row.start}px)` }}>
            <span className={styles.lineNumber}>{row.index + 1}</span>
            <code className={cx(styles.text)}>
              <YamlLine text={lines[row.index] ?? ""} />
            </code>
          </div>
        ))}
      </div>
    </div>
  );
}
