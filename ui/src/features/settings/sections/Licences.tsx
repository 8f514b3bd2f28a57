import { type ReactNode, useState } from "react";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { FilterField } from "../../../components/Field";
import { EmptyState, ErrorState, Skeleton } from "../../../components/States";
import { VirtualStack } from "../../../components/VirtualStack";
import { type LicensedComponent, toApiError, useCommand } from "../../../ipc";
import { formatCount, plural } from "../../../lib/format";
import { useArrows } from "../../../lib/useArrows";
import styles from "../Settings.module.css";

/** Everything that is built in, with its licence; the texts are asked for one by one. */
export function Licences(): ReactNode {
  const list = useCommand("licences", {});
  const [filter, setFilter] = useState("");
  const arrows = useArrows();
  const [shown, setShown] = useState<LicensedComponent | null>(null);
  if (list.error !== null)
    return (
      <ErrorState
        title="The licences cannot be listed"
        error={toApiError(list.error)}
        onRetry={() => void list.refetch()}
      />
    );
  if (list.data === undefined) return <Skeleton label="Loading licences" rows={6} />;
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const { components } = list.data;
  const found = components.filter((component) => {
    const text = `${component.name} ${component.version} ${component.licence ?? ""} ${component.kind}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <>
      <div className={styles.row}>
        <FilterField
          label="Filter components"
          placeholder="Filter by name or licence…"
          value={filter}
          found={plural(found.length, "component")}
          onChange={setFilter}
        />
        <span className={styles.muted}>
          {words.length === 0
            ? `Built on ${plural(components.length, "component")}`
            : `${formatCount(found.length)} of ${plural(components.length, "component")}`}
        </span>
      </div>
      {found.length === 0 ? (
        <EmptyState
          title={components.length === 0 ? "No component is known" : "The filter hides everything"}
          text={components.length === 0 ? "The build did not find what it was built from." : `None holds “${filter}”.`}
        />
      ) : (
        <div {...arrows} className={styles.components} role="group" aria-label="Built-in components">
          <VirtualStack
            label="Components"
            items={found}
            keyOf={keyOf}
            estimate={33}
            render={(component) => (
              <div className={styles.component} data-row={component.name}>
                <span className={styles.componentName}>
                  {component.name} <span className={styles.muted}>{component.version}</span>
                </span>
                <span className={styles.muted}>{component.licence ?? "no licence named"}</span>
                <Button
                  kind="ghost"
                  tabIndex={-1}
                  aria-label={`Licence text of ${component.name} ${component.version}`}
                  onClick={() => setShown(component)}
                  disabledReason={component.texts === 0 ? "It brings no text; its licence is named beside it" : null}
                >
                  Text
                </Button>
              </div>
            )}
          />
        </div>
      )}
      {shown !== null && <TextDialog component={shown} onClose={() => setShown(null)} />}
    </>
  );
}

function keyOf(component: LicensedComponent): string {
  return `${component.kind} ${component.name} ${component.version}`;
}

function TextDialog({ component, onClose }: { component: LicensedComponent; onClose: () => void }): ReactNode {
  const { name, version, kind, home } = component;
  const text = useCommand("licence_text", { name, version, kind });
  return (
    <Dialog open onClose={onClose} size="large" title={`${name} ${version}`}>
      {home !== null && <p className={styles.muted}>{home}</p>}
      {text.error !== null ? (
        <ErrorState title="The text cannot be read" error={toApiError(text.error)} />
      ) : text.data === undefined ? (
        <Skeleton label="Loading the text" rows={8} height={20} />
      ) : (
        <pre className={styles.licence} tabIndex={0} role="region" aria-label={`Licence text of ${name}`}>
          {text.data.text}
        </pre>
      )}
    </Dialog>
  );
}
