import { Check } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "../../../components/Button";
import { VisuallyHidden } from "../../../components/Mark";
import { Notice } from "../../../components/States";
import type { ChartInfo, LayerInfo, ValueCell } from "../../../ipc";
import { cx } from "../../../lib/cx";
import { formatCount, plural } from "../../../lib/format";
import { PlaceButton } from "./PlaceButton";
import { layerTitles } from "./places";
import styles from "./Source.module.css";

/** Rows that are painted at once: a chart may have hundreds of overridden keys. */
const atOnce = 40;

/** The layers of values, and every key that more than one of them sets with the value of each. */
export function ValuesTable({ repository, chart }: { repository: string; chart: ChartInfo }): ReactNode {
  const { layers, keys, keysTotal } = chart;
  const titles = layerTitles(layers);
  const [shown, setShown] = useState(atOnce);
  const rest = keys.length - shown;
  return (
    <section className={styles.section} aria-label="Values">
      <h4 className={styles.heading}>Values, the strongest last</h4>
      {layers.length === 0 ? (
        <p className={styles.quiet}>Nothing sets a value.</p>
      ) : (
        <ol className={styles.section}>
          {layers.map((layer, index) => (
            <Layer
              key={`${layer.kind} ${layer.name}`}
              repository={repository}
              layer={layer}
              title={titles[index] ?? ""}
            />
          ))}
        </ol>
      )}
      {layers.length > 1 && keys.length === 0 && (
        <p className={styles.quiet}>No key is set by more than one of them.</p>
      )}
      {keys.length > 0 && (
        <div className={styles.tableBox} role="region" aria-label="Overridden keys" tabIndex={0}>
          <table className={styles.table}>
            <caption className={styles.caption}>
              {keysTotal > keys.length
                ? `${formatCount(keys.length)} of ${formatCount(keysTotal)} overridden keys`
                : plural(keysTotal, "overridden key")}
            </caption>
            <thead>
              <tr>
                <th scope="col">Key</th>
                {titles.map((title, index) => (
                  <th key={`${index} ${title}`} scope="col" title={layers[index]?.name}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {keys.slice(0, shown).map((row) => (
                <tr key={row.key}>
                  <th scope="row">{row.key}</th>
                  {row.cells.map((cell, index) => (
                    <Cell
                      key={`${index} ${titles[index]}`}
                      repository={repository}
                      cell={cell}
                      wins={index === row.winner}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rest > 0 && (
        <div>
          <Button kind="ghost" onClick={() => setShown(shown + 2 * atOnce)}>
            Show {formatCount(Math.min(rest, 2 * atOnce))} more
          </Button>
        </div>
      )}
    </section>
  );
}

function Layer({ repository, layer, title }: { repository: string; layer: LayerInfo; title: string }): ReactNode {
  return (
    <li className={styles.layer}>
      {layer.place === null ? (
        <span className={styles.strong}>{layer.kind === "dependencies" ? "Defaults of dependencies" : title}</span>
      ) : (
        <PlaceButton repository={repository} place={layer.place} />
      )}
      <span className={styles.quiet}>
        {plural(layer.keys, "key")}
        {layer.onlyHere > 0 && `, ${formatCount(layer.onlyHere)} only here`}
      </span>
      {layer.problem !== null && <Notice tone="warning">{layer.problem}</Notice>}
    </li>
  );
}

function Cell({ repository, cell, wins }: { repository: string; cell: ValueCell | null; wins: boolean }): ReactNode {
  if (cell === null) {
    return (
      <td className={styles.absent}>
        <span aria-hidden>—</span>
        <VisuallyHidden>not set</VisuallyHidden>
      </td>
    );
  }
  const line = cell.place?.line ?? null;
  return (
    <td className={cx(styles.cell, wins && styles.winner)}>
      <div className={styles.value}>
        {wins && <Check role="img" aria-label="wins" size={12} strokeWidth={2.25} className={styles.winnerIcon} />}
        <span title={cell.value}>{cell.value}</span>
      </div>
      {cell.place !== null && (
        <PlaceButton repository={repository} place={cell.place} {...(line === null ? {} : { short: `line ${line}` })} />
      )}
    </td>
  );
}
