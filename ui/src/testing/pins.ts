import type { PinChange, PrunePreview, RepositoryInfo } from "../ipc";
import type { Handlers } from "../ipc/fake";
import { textRows } from "./manifests";

const empty = "version: 1\n";

function withPin(change: PinChange): string {
  const { application, environment, kind, path } = change.target;
  const rest = change.kind === "set" ? `, class: ${change.class.toUpperCase()}, reason: ${change.reason}` : "";
  const of = `application: ${application}, environment: ${environment}, kind: ${kind}, path: ${path}`;
  return `${empty}pins:\n- {${of}${rest}}\n`;
}

/** One object of each third application is there and no longer rendered. */
function prunePreview(instances: readonly string[]): PrunePreview {
  const pruned = instances
    .filter((_, index) => index % 3 === 0)
    .map((instance) => ({
      instance,
      resource: {
        group: "autoscaling",
        kind: "HorizontalPodAutoscaler",
        namespace: "payments",
        name: instance.split("@")[0] ?? "",
      },
    }));
  return { pruned, problems: [] };
}

/** Pins that are shown and committed, and are not kept; and what pruning would remove. */
export function pinCommands(base: () => string, info: () => RepositoryInfo): Handlers {
  return {
    pin_plan: ({ change }) => {
      const [left, right] = change.kind === "set" ? [empty, withPin(change)] : [withPin(change), empty];
      const { rows, hunks } = textRows(left, right);
      const hunkFields = Array.from({ length: hunks }, () => []);
      return {
        base: base(),
        file: ".slipway.yaml",
        creates: false,
        diff: { left: "now", right: "with the change", rows, hunks, hunkFields },
        message: `${change.kind === "set" ? "pin" : "unpin"} ${change.target.kind} ${change.target.path}\n`,
      };
    },
    pin_commit: () => info(),
    sync_prune_preview: ({ instances }) => prunePreview(instances),
  };
}
