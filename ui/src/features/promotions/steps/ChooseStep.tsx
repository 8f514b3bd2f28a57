import type { ReactNode } from "react";
import { Button } from "../../../components/Button";
import { EmptyState } from "../../../components/States";
import { TickList } from "../../../components/TickList";
import type { Matrix } from "../../../ipc";
import { plural } from "../../../lib/format";
import { stateSentence } from "../../../lib/state";
import { filterRows, type Way } from "../matrix";
import { StepFooter } from "./StepFooter";
import styles from "../Wizard.module.css";

/** Which applications go along: ticked here or in the matrix. */
export function ChooseStep({
  matrix,
  way,
  applications,
  onApplications,
  onNext,
}: {
  matrix: Matrix;
  way: Way;
  applications: string[];
  onApplications: (applications: string[]) => void;
  onNext: () => void;
}): ReactNode {
  const chosen = new Set(applications);
  const differing = new Set(filterRows(matrix, "", way).map((row) => row.application));
  const indexOf = (name: string): number => matrix.environments.findIndex((environment) => environment.name === name);
  const [from, to] = [indexOf(way.from), indexOf(way.to)];
  const entries = matrix.rows
    .filter((row) => differing.has(row.application) || chosen.has(row.application))
    .map((row) => {
      const source = row.cells[from] ?? null;
      const target = row.cells[to] ?? null;
      const versions =
        source === null
          ? `not in ${way.from}`
          : target === null
            ? `${source.version}, new in ${way.to}`
            : source.version === target.version
              ? stateSentence(target.state, way.from)
              : `${target.version} → ${source.version}`;
      return { key: row.application, label: row.application, detail: versions };
    });
  const missing = [...differing].filter((name) => !chosen.has(name)).length;
  return (
    <>
      <div className={styles.content}>
        <p className={styles.intro}>
          Tick applications here or in the matrix. They are promoted from <strong>{way.from}</strong> to{" "}
          <strong>{way.to}</strong>. Listed is what differs.
        </p>
        {entries.length === 0 ? (
          <EmptyState
            title="Nothing to promote"
            text={`Nothing differs between ${way.from} and ${way.to} that promotion would carry.`}
          />
        ) : (
          <>
            <div className={styles.rowActions}>
              <Button
                onClick={() => onApplications([...new Set([...applications, ...differing])].sort())}
                disabledReason={missing === 0 ? "All that differ are chosen" : null}
              >
                Choose all {differing.size} that differ
              </Button>
              <Button
                onClick={() => onApplications([])}
                disabledReason={applications.length === 0 ? "Nothing is chosen" : null}
              >
                Choose none
              </Button>
            </div>
            <TickList
              label={`Applications to promote to ${way.to}`}
              entries={entries}
              ticked={chosen}
              onTicked={(next) => onApplications([...next].sort())}
            />
          </>
        )}
      </div>
      <StepFooter
        note={`${applications.length} chosen`}
        next={
          <Button
            kind="primary"
            onClick={onNext}
            disabledReason={applications.length === 0 ? "Nothing is chosen" : null}
          >
            Review {plural(applications.length, "application")}
          </Button>
        }
      />
    </>
  );
}
