import { X } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { IconButton } from "../../../components/Button";
import { Prose } from "../../../components/Prose";
import { type ResourceInfo, toApiError, useCommand } from "../../../ipc";
import { resourceName } from "../../../lib/format";
import { useDelayed, useRested } from "../../../lib/hooks";
import { PlaceButton } from "./PlaceButton";
import styles from "./Source.module.css";

/** Where the line of the YAML comes from that the cursor is on. */
export function FieldOriginBar({
  repository,
  instance,
  resource,
  line,
  openerRef,
  onClose,
}: {
  repository: string;
  instance: string;
  /** The resource whose YAML is shown; `null` for all. */
  resource: ResourceInfo | null;
  /** From 1. */
  line: number;
  /** Takes what opens the place that decides, for as long as one is shown. */
  openerRef?: RefObject<(() => void) | null>;
  onClose: () => void;
}): ReactNode {
  // The instance is rendered for an answer, so lines that the cursor only passes ask for none.
  const rested = useRested(line, 120);
  const query = useCommand(
    "field_origin",
    { repository, instance, resource, field: { kind: "line", line: rested } },
    { keepPrevious: true },
  );
  // The answer for the line before stays until the next one is there, so that nothing jumps.
  const isOld = query.isPlaceholderData || rested !== line;
  const late = useDelayed(query.isPending);
  const origin = query.error === null ? query.data : undefined;
  const places = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (openerRef === undefined) return undefined;
    // The first that can be opened decides. Of a line whose answer is not there yet nothing is opened.
    openerRef.current = () => {
      if (!isOld) places.current?.querySelector("button")?.click();
    };
    return () => {
      openerRef.current = null;
    };
  }, [openerRef, isOld]);
  return (
    <section className={styles.origin} aria-label="Where it comes from" aria-busy={isOld}>
      <div className={styles.originHead}>
        <span className={styles.originPath}>
          {origin === undefined || isOld
            ? `Line ${line}`
            : `${resourceName(origin.resource)} ${origin.path === "" ? "(the whole object)" : origin.path}`}
        </span>
        <IconButton label="Close where it comes from" icon={X} onClick={onClose} />
      </div>
      <div role="status" className={styles.section}>
        {late && <p className={styles.quiet}>Looking where it comes from…</p>}
        {query.error !== null && <p className={styles.quiet}>{toApiError(query.error).message}</p>}
        {origin !== undefined && (
          <>
            <p className={styles.originText}>
              <Prose text={origin.summary} />
            </p>
            <ul ref={places} className={styles.originPlaces}>
              {origin.places.map((entry) => (
                <li key={`${entry.role} ${entry.place.file}`} className={styles.originPlace}>
                  <span className={styles.quiet}>{entry.role}</span>
                  <PlaceButton repository={repository} place={entry.place} />
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}
