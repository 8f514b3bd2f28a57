import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../../../components/Button";
import { EmptyState } from "../../../components/States";
import type { Matrix } from "../../../ipc";
import { plural } from "../../../lib/format";
import { filterRows, type Way } from "../matrix";
import { StepFooter } from "./StepFooter";
import styles from "../Wizard.module.css";

/** Which applications go along. The matrix beside it is where they are ticked. */
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
  const candidates = filterRows(matrix, "", way).map((row) => row.application);
  return (
    <>
      <div className={styles.content}>
        <p className={styles.intro}>
          Tick applications in the matrix. They are promoted from <strong>{way.from}</strong> to{" "}
          <strong>{way.to}</strong>.
        </p>
        {applications.length === 0 ? (
          <EmptyState
            title="Nothing is chosen"
            text={
              candidates.length === 0
                ? `Nothing differs between ${way.from} and ${way.to}.`
                : `${plural(candidates.length, "application")} differ${candidates.length === 1 ? "s" : ""} from ${way.from}.`
            }
            action={
              candidates.length === 0 ? undefined : (
                <Button onClick={() => onApplications(candidates)}>Choose all that differ</Button>
              )
            }
          />
        ) : (
          <ul className={styles.card} aria-label="Chosen applications">
            {applications.map((application) => (
              <li key={application} className={styles.chosen}>
                {application}
                <IconButton
                  label={`Leave out ${application}`}
                  icon={X}
                  onClick={() => onApplications(applications.filter((other) => other !== application))}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
      <StepFooter
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
