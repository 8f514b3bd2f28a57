import { type KeyboardEvent, type MouseEvent, memo, type ReactNode, useMemo, useRef } from "react";
import { cx } from "../lib/cx";
import { longestLine, withoutMiddle } from "../lib/longText";
import { useVirtualRows } from "../lib/useVirtualRows";
import { visible } from "../lib/visible";
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
  return tokenizeYaml(visible(withoutMiddle(text))).map((token, index) =>
    kinds[token.kind] === undefined ? (
      token.text
    ) : (
      <span key={index} className={kinds[token.kind]}>
        {token.text}
      </span>
    ),
  );
});

/** Where a key moves the cursor; `null` for keys that do not move it. */
function moved(key: string, line: number | null, count: number): number | null {
  const at = line ?? 0;
  const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 1, End: count };
  const target = moves[key];
  return target === undefined ? null : Math.min(Math.max(target, 1), count);
}

/**
 * Rendered YAML with line numbers; only the lines on screen are painted. With `onLine` it has a cursor that clicks and
 * arrow keys move.
 */
export function YamlText({
  text,
  label,
  line = null,
  onLine,
  onEnter,
}: {
  text: string;
  label: string;
  /** The line that the cursor is on, from 1. */
  line?: number | null;
  onLine?: (line: number) => void;
  /** Enter was pressed with the cursor on a line. */
  onEnter?: () => void;
}): ReactNode {
  const lines = useMemo(() => text.replace(/\n$/, "").split("\n"), [text]);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualRows({ count: lines.length, scroller, size: 20, overscan: 20 });
  const longest = useMemo(
    () =>
      Math.min(
        longestLine,
        lines.reduce((most, content) => Math.max(most, content.length), 0),
      ),
    [lines],
  );
  const handlers =
    onLine === undefined
      ? {}
      : {
          onKeyDown: (event: KeyboardEvent): void => {
            if (event.key === "Enter" && line !== null && onEnter !== undefined) {
              event.preventDefault();
              onEnter();
              return;
            }
            const target = event.altKey || event.ctrlKey || event.metaKey ? null : moved(event.key, line, lines.length);
            if (target === null) return;
            event.preventDefault();
            list.scrollTo(target - 1);
            onLine(target);
          },
          onClick: (event: MouseEvent): void => {
            const row = event.target instanceof Element ? event.target.closest("[data-line]") : null;
            const number = Number(row?.getAttribute("data-line"));
            if (number > 0) onLine(number);
          },
        };
  return (
    <div ref={scroller} className={styles.scroller} role="region" aria-label={label} tabIndex={0} {...handlers}>
      <div className={styles.body} style={{ height: list.total, minWidth: `${longest + 8}ch` }}>
        {list.rows.map((row) => (
          <div
            key={row.index}
            className={cx(styles.line, row.index + 1 === line && styles.current)}
            aria-current={row.index + 1 === line || undefined}
            data-line={row.index + 1}
            style={{ transform: `translateY(${row.start}px)` }}
          >
            <span className={styles.lineNumber}>{row.index + 1}</span>
            <code className={styles.text}>
              <YamlLine text={lines[row.index] ?? ""} />
            </code>
          </div>
        ))}
      </div>
    </div>
  );
}
