import { Boxes, CornerDownRight, GitBranch, Layers, Puzzle, Target } from "lucide-react";
import type { ReactNode } from "react";
import { Chip } from "../../../components/Chip";
import { PathText } from "../../../components/PathText";
import { EmptyState } from "../../../components/States";
import { VisuallyHidden } from "../../../components/Mark";
import type { KustomizationNode } from "../../../ipc";
import { formatCount } from "../../../lib/format";
import { PlaceButton } from "./PlaceButton";
import { chainRows, contributions, fileName } from "./places";
import styles from "./Source.module.css";

const icons = { target: Target, base: Layers, component: Puzzle, plugins: Boxes, flux: GitBranch } as const;

function iconOf(role: string): (typeof icons)[keyof typeof icons] {
  const known = role === "target" || role === "component" || role === "plugins" || role === "flux";
  return known ? icons[role] : Layers;
}

/** Deeper levels are drawn at the same place, so that the words keep their room. */
const deepest = 8;

/** The chain from the overlay that is built to its bases and components, and what each contributes. */
export function KustomizationChain({
  repository,
  nodes,
  total,
}: {
  repository: string;
  nodes: KustomizationNode[];
  total: number;
}): ReactNode {
  if (nodes.length === 0) return <EmptyState title="No kustomization took part" />;
  return (
    <>
      <ol className={styles.chain} aria-label="Chain of kustomizations">
        {chainRows(nodes).map(({ node, level, usedBy }, index) => {
          const Icon = iconOf(node.role);
          const parts = contributions(node);
          return (
            <li
              key={`${node.place.file} ${index}`}
              className={styles.node}
              style={{ paddingLeft: (Math.min(level, deepest) - 1) * 20 }}
            >
              {level > 1 && <CornerDownRight aria-hidden size={14} strokeWidth={1.75} className={styles.chainLine} />}
              <div className={styles.nodeCard}>
                <div className={styles.line}>
                  <Icon aria-hidden size={14} strokeWidth={1.75} className={styles.nodeIcon} />
                  <PathText text={node.directory === "" ? "." : node.directory} />
                  <Chip>{node.role}</Chip>
                  <VisuallyHidden>
                    level {level}
                    {usedBy !== null && `, used by ${usedBy}`}
                  </VisuallyHidden>
                </div>
                <div className={styles.quiet}>{parts.length === 0 ? "changes nothing" : parts.join(" · ")}</div>
                <PlaceButton repository={repository} place={node.place} short={fileName(node.place.file)} />
              </div>
            </li>
          );
        })}
      </ol>
      {total > nodes.length && (
        <p className={styles.quiet}>
          {formatCount(nodes.length)} of {formatCount(total)} directories.
        </p>
      )}
    </>
  );
}
