import { type ReactNode, useDeferredValue, useMemo } from "react";
import { ArrowUp } from "lucide-react";
import { Button } from "../../components/Button";
import { Chip, ConfigChip, Kbd } from "../../components/Chip";
import { CheckField, FilterField, SelectField } from "../../components/Field";
import { EmptyState, ErrorState, Skeleton } from "../../components/States";
import { type Matrix, type MatrixRow, toApiError, useCommand, useRepositoryId } from "../../ipc";
import { plural } from "../../lib/format";
import { useMirrored } from "../../lib/hooks";
import { readList, type ScreenProps, usePlaces, writeList } from "../../lib/places";
import { MatrixGrid } from "./MatrixGrid";
import { filterRows, readWay, wayInto } from "./matrix";
import styles from "./Promotions.module.css";
import { PromotionPane } from "./PromotionPane";
import { stepNames } from "./steps/names";

export function PromotionsScreen(props: ScreenProps<"promotions">): ReactNode {
  const repository = useRepositoryId();
  const matrix = useCommand("matrix", { repository });
  return (
    <div className={styles.screen}>
      {matrix.data !== undefined ? (
        <PromotionsView matrix={matrix.data} {...props} />
      ) : matrix.error !== null ? (
        <ErrorState
          title="The matrix cannot be shown"
          error={toApiError(matrix.error)}
          onRetry={() => void matrix.refetch()}
        />
      ) : (
        <Skeleton label="Loading promotions" rows={20} height={32} />
      )}
    </div>
  );
}

function PromotionsView({ matrix, search, onSearch }: ScreenProps<"promotions"> & { matrix: Matrix }): ReactNode {
  const places = usePlaces();
  const [text, setText] = useMirrored(search.q ?? "", (q) => onSearch({ q }, { replace: true }));
  const [list, setList] = useMirrored(search.applications ?? "", (applications) =>
    onSearch({ applications }, { replace: true }),
  );
  const rested = useDeferredValue(text);
  const way = useMemo(() => readWay(matrix, search.from, search.to), [matrix, search.from, search.to]);
  const only = search.rows === "differing" && way !== null;
  const rows = useMemo(() => filterRows(matrix, rested, only ? way : null), [matrix, rested, only, way]);
  const selected = useMemo(() => {
    const known = new Set(matrix.rows.map((row) => row.application));
    return new Set(readList(list).filter((name) => known.has(name)));
  }, [matrix, list]);
  const step = stepNames.find((name) => name === search.step) ?? null;

  const onSelect = (next: ReadonlySet<string>): void => setList(writeList([...next].sort()) ?? "");
  const promote = (): void => {
    if (way !== null) onSearch({ step: selected.size === 0 ? "choose" : "review", from: way.from, to: way.to });
  };
  const compare = (row: MatrixRow, environment: string): void => {
    const into = wayInto(matrix, environment);
    if (into === null) return;
    places.go("review", {
      from: `instance:${row.application}@${into.from}`,
      to: `instance:${row.application}@${environment}`,
    });
  };
  const names = matrix.environments.map((environment) => ({ value: environment.name, label: environment.name }));
  const close = (): void => {
    onSearch({ step: "" });
    document.querySelector<HTMLElement>("[role='grid']")?.focus();
  };
  const hidden = matrix.rows.length - rows.length;
  return (
    <>
      <div className={styles.left} data-pane>
        <div className={styles.bar} role="toolbar" aria-label="Promotions">
          <h1 className={styles.title}>Promotions</h1>
          <FilterField label="Filter applications" placeholder="Filter…" value={text} onChange={setText} />
          <span className={styles.only}>
            <CheckField
              label="Only rows with something to promote"
              checked={only}
              onChange={(checked) => onSearch({ rows: checked ? "differing" : "" }, { replace: true })}
            />
          </span>
          {hidden > 0 && <span className={styles.muted}>{hidden} hidden</span>}
          <span className={styles.legend}>
            Legend
            <Chip tone="warning">
              <ArrowUp aria-hidden size={11} strokeWidth={1.75} />n
            </Chip>
            versions behind
            <ConfigChip title="Settings differ from the previous environment" />
            config drift
          </span>
        </div>
        {rows.length === 0 ? (
          matrix.rows.length === 0 ? (
            <EmptyState
              title="No applications"
              text="Environments says what was looked at and why nothing was found."
              action={<Button onClick={() => places.go("environments")}>Open Environments</Button>}
            />
          ) : (
            <EmptyState
              title={text === "" ? "Nothing to promote" : "The filter hides everything"}
              text={
                text === "" && way !== null
                  ? `Nothing differs between ${way.from} and ${way.to} that promotion would carry.`
                  : `${plural(matrix.rows.length, "application")} ${matrix.rows.length === 1 ? "does" : "do"} not match.`
              }
              action={<Button onClick={() => onSearch({ q: "", rows: "" })}>Clear filter</Button>}
            />
          )
        ) : (
          <MatrixGrid
            environments={matrix.environments}
            rows={rows}
            way={way}
            selected={selected}
            onSelect={onSelect}
            onTarget={(environment) => {
              const into = wayInto(matrix, environment);
              if (into !== null) onSearch({ from: into.from, to: into.to }, { replace: true });
            }}
            onPromote={promote}
            onCompare={compare}
            onOpen={(cell) => places.go("environments", { at: cell.instance })}
          />
        )}
        <div className={styles.selection} role="group" aria-label="Selection">
          <span className={styles.strong}>{selected.size} selected</span>
          {way !== null && (
            <>
              <SelectField
                inline
                label="From"
                value={way.from}
                options={names.filter((name) => name.value !== way.to)}
                onChange={(from) => onSearch({ from, to: way.to }, { replace: true })}
              />
              <SelectField
                inline
                label="to"
                value={way.to}
                options={names.filter((name) => name.value !== way.from)}
                onChange={(to) => onSearch({ from: way.from, to }, { replace: true })}
              />
            </>
          )}
          <span className={styles.hints}>
            <Kbd>Space</Kbd> select <Kbd>P</Kbd> promote <Kbd>Esc</Kbd> clear
          </span>
          <Button
            onClick={() => onSelect(new Set())}
            disabledReason={selected.size === 0 ? "Nothing is selected" : null}
          >
            Clear
          </Button>
          <Button
            kind="primary"
            onClick={promote}
            disabledReason={
              way === null ? "There is only one environment" : selected.size === 0 ? "Select rows first" : null
            }
          >
            {way === null ? "Promote…" : `Promote ${selected.size} to ${way.to}…`}
          </Button>
        </div>
      </div>
      {step !== null && way !== null && (
        <PromotionPane
          key={`${way.from} ${way.to}`}
          repository={matrix.repository}
          matrix={matrix}
          way={way}
          applications={[...selected]}
          step={step}
          onStep={(next) => onSearch({ step: next })}
          onApplications={(names) => onSelect(new Set(names))}
          onClose={close}
        />
      )}
    </>
  );
}
