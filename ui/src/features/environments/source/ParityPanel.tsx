import { Scale } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "../../../components/Button";
import { MarkLabel } from "../../../components/Mark";
import { Prose } from "../../../components/Prose";
import { ErrorState, ProblemList } from "../../../components/States";
import { type FirstDifferenceInfo, type ParityInfo, toApiError, useCommand } from "../../../ipc";
import { resourceName } from "../../../lib/format";
import type { Mark } from "../../../lib/state";
import styles from "./Source.module.css";

/** Compares the render with that of the installed tool, when it is asked to: starting a tool takes its time. */
export function ParityPanel({
  repository,
  instance,
  tool,
}: {
  repository: string;
  instance: string;
  tool: string;
}): ReactNode {
  const [asked, setAsked] = useState(false);
  const query = useCommand("parity", asked ? { repository, instance } : null);
  const busy = asked && query.isFetching;
  return (
    <section className={styles.section} aria-label={`Comparison with ${tool}`}>
      <div>
        <Button
          icon={Scale}
          disabledReason={busy ? `${tool} is rendering` : null}
          onClick={() => {
            if (asked) void query.refetch();
            else setAsked(true);
          }}
        >
          Compare with installed {tool}
        </Button>
      </div>
      <div role="status" className={styles.section}>
        {busy && <p className={styles.quiet}>Comparing with {tool}…</p>}
        {!busy && query.data !== undefined && <Answer parity={query.data} />}
      </div>
      {!busy && query.error !== null && (
        <ErrorState
          title="The comparison failed"
          error={toApiError(query.error)}
          onRetry={() => void query.refetch()}
        />
      )}
    </section>
  );
}

function markOf(parity: ParityInfo): Mark {
  const tool = parity.toolVersion ?? parity.tool ?? "the tool";
  switch (parity.status) {
    case "equal":
      return { shape: "equal", tone: "healthy", word: `Equal to ${tool}` };
    case "different":
      return { shape: "triangle", tone: "warning", word: `Differs from ${tool}` };
    case "failed":
      return { shape: "failed", tone: "degraded", word: `Only one of Slipway and ${tool} renders it` };
    case "notInstalled":
      return { shape: "dashed", tone: "none", word: `${parity.tool ?? "The tool"} is not installed` };
    case "notComparable":
      return { shape: "minus", tone: "none", word: "It cannot be compared" };
  }
}

function Answer({ parity }: { parity: ParityInfo }): ReactNode {
  return (
    <>
      <MarkLabel mark={markOf(parity)} />
      {parity.lookedAt.length > 0 && (
        <>
          <p className={styles.quiet}>These places were looked at, in this order:</p>
          <ol className={styles.lookedAt}>
            {parity.lookedAt.map((place) => (
              <li key={place}>
                <Prose text={place} />
              </li>
            ))}
          </ol>
        </>
      )}
      {parity.first !== null && <First first={parity.first} tool={parity.tool ?? "the tool"} />}
      {parity.problems.length > 0 && <ProblemList problems={parity.problems} />}
    </>
  );
}

function First({ first, tool }: { first: FirstDifferenceInfo; tool: string }): ReactNode {
  return (
    <div className={styles.card}>
      <div className={styles.strong}>First difference</div>
      {first.resource !== null && <div>{resourceName(first.resource)}</div>}
      {first.path !== "" && <div className={styles.mono}>{first.path}</div>}
      {first.message !== null && <div className={styles.quiet}>{first.message}</div>}
      {(first.ours !== null || first.theirs !== null) && (
        <dl className={styles.facts}>
          <dt>Slipway</dt>
          <dd className={styles.mono}>{first.ours ?? "nothing"}</dd>
          <dt>{tool}</dt>
          <dd className={styles.mono}>{first.theirs ?? "nothing"}</dd>
        </dl>
      )}
    </div>
  );
}
