import { Copy, RotateCw, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { ApiError, ProblemInfo } from "../ipc";
import { copyText } from "../lib/clipboard";
import { plural } from "../lib/format";
import { useDelayed } from "../lib/hooks";
import { visible } from "../lib/visible";
import { Button } from "./Button";
import { Prose } from "./Prose";
import styles from "./States.module.css";
import { useToast } from "./Toast";

/** Nothing to show, and the one thing that can be done about it. */
export function EmptyState({
  title,
  text,
  action,
}: {
  title: string;
  text?: ReactNode;
  action?: ReactNode;
}): ReactNode {
  return (
    <div className={styles.centre} data-state>
      <h2 className={styles.title}>{title}</h2>
      {text !== undefined && <p className={styles.text}>{text}</p>}
      {action}
    </div>
  );
}

/** An error as text that can be sent to someone. */
export function errorReport(error: ApiError): string {
  return [
    `${error.code}: ${error.message}`,
    ...(error.location === null ? [] : [`at ${error.location}`]),
    ...error.hints.map((hint) => `hint: ${hint}`),
  ].join("\n");
}

/** What failed, why, and what to do. */
export function ErrorState({
  title,
  error,
  onRetry,
}: {
  title: string;
  error: ApiError;
  onRetry?: () => void;
}): ReactNode {
  const toast = useToast();
  return (
    <div className={styles.error} role="alert" data-state>
      <TriangleAlert aria-hidden size={16} strokeWidth={1.75} className={styles.errorIcon} />
      <div className={styles.errorBody}>
        <h2 className={styles.errorTitle}>{title}</h2>
        <p className={styles.errorText}>
          <Prose text={error.message} />
        </p>
        {error.location !== null && <p className={styles.location}>{error.location}</p>}
        {error.hints.length > 0 && (
          <ul className={styles.hints}>
            {error.hints.map((hint) => (
              <li key={hint}>
                <Prose text={hint} />
              </li>
            ))}
          </ul>
        )}
        <div className={styles.actions}>
          {onRetry !== undefined && (
            <Button icon={RotateCw} onClick={onRetry}>
              Try again
            </Button>
          )}
          <Button
            icon={Copy}
            onClick={() => {
              void copyText(errorReport(error)).then((done) =>
                toast(done ? "Details copied" : "The clipboard cannot be written"),
              );
            }}
          >
            Copy details
          </Button>
        </div>
      </div>
    </div>
  );
}

/** Rows of the height that the content will have; only after 200 ms, so that fast answers do not flicker. */
export function Skeleton({
  label,
  rows = 12,
  height = 28,
}: {
  label: string;
  rows?: number;
  height?: 20 | 28 | 32 | 36;
}): ReactNode {
  const late = useDelayed(true);
  if (!late) return <div className={styles.skeleton} />;
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      <p className={styles.skeletonLabel}>{label}…</p>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={styles.skeletonRow} style={{ height }}>
          <span className={styles.bone} style={{ width: `${18 + ((index * 37) % 30)}%` }} />
          <span className={styles.bone} style={{ width: `${8 + ((index * 13) % 10)}%` }} />
        </div>
      ))}
    </div>
  );
}

const severities = { error: styles.severityError, warning: styles.severityWarning, info: styles.severityInfo };

/** Problems with their place and the lines around it. */
export function ProblemList({ problems }: { problems: ProblemInfo[] }): ReactNode {
  return (
    <ul className={styles.problems}>
      {problems.map((problem, index) => {
        const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(":");
        return (
          <li key={`${problem.code} ${place} ${index}`} className={styles.problem}>
            <p className={styles.problemHead}>
              <span className={severities[problem.severity]}>{problem.severity}</span>
              <code className={styles.code}>{problem.code}</code>
              {problem.instance !== null && <span className={styles.instance}>{problem.instance}</span>}
            </p>
            <p className={styles.message}>
              <Prose text={problem.message} />
            </p>
            {place !== "" && <p className={styles.location}>{visible(place)}</p>}
            {problem.excerpt !== null && (
              <pre className={styles.excerpt} tabIndex={0} role="region" aria-label="Excerpt">
                {visible(problem.excerpt)}
              </pre>
            )}
            {problem.hints.map((hint) => (
              <p key={hint} className={styles.hint}>
                <Prose text={hint} />
              </p>
            ))}
          </li>
        );
      })}
    </ul>
  );
}

/** Many problems in one line above what they are about; they unfold. Remarks are quieter than what is in the way. */
export function ProblemNotice({
  problems,
  what,
  tone,
}: {
  problems: ProblemInfo[];
  /** The sentence, where it is not their number. */
  what?: string;
  tone?: "warning" | "degraded" | "info";
}): ReactNode {
  const [open, setOpen] = useState(false);
  const count = (severity: ProblemInfo["severity"]): number =>
    problems.filter((problem) => problem.severity === severity).length;
  const [errors, warnings, remarks] = [count("error"), count("warning"), count("info")];
  const sentence = [
    errors > 0 && plural(errors, "problem"),
    warnings > 0 && plural(warnings, "warning"),
    remarks > 0 && plural(remarks, "remark"),
  ]
    .filter((part) => part !== false)
    .join(", ");
  return (
    <>
      <Notice
        tone={tone ?? (errors > 0 ? "degraded" : warnings > 0 ? "warning" : "info")}
        action={
          <Button aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide" : "Show"}
          </Button>
        }
      >
        {what ?? `${sentence}.`}
      </Notice>
      {open && <ProblemList problems={problems} />}
    </>
  );
}

/** A sentence that needs attention, above the content it is about. */
export function Notice({
  tone,
  children,
  action,
}: {
  tone: "warning" | "degraded" | "info";
  children: ReactNode;
  action?: ReactNode;
}): ReactNode {
  const look = { warning: styles.noticeWarning, degraded: styles.noticeDegraded, info: styles.noticeInfo }[tone];
  return (
    <div className={look} role={tone === "degraded" ? "alert" : "note"}>
      <div className={styles.noticeText}>{children}</div>
      {action}
    </div>
  );
}
