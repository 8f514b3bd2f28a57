import { FolderGit2, GitBranch, GitCommitHorizontal, Layers, SquareStack } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import type { ListEntry } from "../../components/FilterList";
import { Picker } from "../../components/Picker";
import { type DiffSide, type Fleet, useCommand } from "../../ipc";
import { shortCommit } from "../../lib/format";
import { fuzzyFilter } from "../../lib/fuzzy";
import { sideLabel } from "../../lib/side";

/** Chooses what is compared: an environment, an instance, a branch, a commit, or the files on disk. */
export function SidePicker({
  label,
  side,
  fleet,
  repository,
  onPick,
}: {
  label: string;
  side: DiffSide;
  fleet: Fleet;
  repository: string;
  onPick: (side: DiffSide) => void;
}): ReactNode {
  const info = useCommand("repository_info", { repository });
  const history = useCommand("history", { repository, revision: null, path: null, limit: 50 });
  const all = useMemo(() => {
    const pick = (
      key: string,
      group: string,
      icon: ListEntry["icon"],
      name: string,
      target: DiffSide,
      detail?: string,
    ): ListEntry & { search: string } => ({
      key,
      group,
      icon,
      label: name,
      search: `${name} ${detail ?? ""}`,
      ...(detail === undefined ? {} : { detail }),
      onSelect: () => onPick(target),
    });
    return [
      ...fleet.environments.map((environment) =>
        pick(`environment ${environment.name}`, "Environments", Layers, environment.name, {
          kind: "environment",
          environment: environment.name,
          revision: null,
        }),
      ),
      pick("working", "Repository", FolderGit2, "working directory", { kind: "workingDirectory" }),
      ...(info.data?.branches ?? []).map((branch) =>
        pick(`branch ${branch}`, "Repository", GitBranch, branch, { kind: "revision", revision: branch }, "branch"),
      ),
      ...(history.data?.commits ?? []).map((commit) =>
        pick(
          `commit ${commit.id}`,
          "Commits",
          GitCommitHorizontal,
          shortCommit(commit.id),
          { kind: "revision", revision: commit.id },
          commit.subject,
        ),
      ),
      ...fleet.applications.flatMap((application) =>
        application.instances.map((instance) =>
          pick(`instance ${instance.instance}#${instance.path}`, "Instances", SquareStack, instance.instance, {
            kind: "instance",
            instance: instance.instance,
            revision: null,
          }),
        ),
      ),
    ];
  }, [fleet, info.data, history.data, onPick]);
  return (
    <Picker
      label={label}
      value={sideLabel(side)}
      empty="Nothing has this name."
      entries={(query) => {
        const found: ListEntry[] = fuzzyFilter(all, query, (entry) => entry.search, 60);
        const typed = typedEntry(query.trim(), fleet, onPick);
        return found.length < 60 && typed !== null && !found.some((entry) => entry.label === query.trim())
          ? [...found, typed]
          : found;
      }}
    />
  );
}

const revision = /^[\w./~^-]{2,}$/;

/** What was typed and is in no list: a revision, or an environment at one as `staging@main`. */
function typedEntry(typed: string, fleet: Fleet, onPick: (side: DiffSide) => void): ListEntry | null {
  const at = typed.indexOf("@");
  const environment = fleet.environments.find((entry) => entry.name === typed.slice(0, at))?.name;
  const rest = typed.slice(at + 1);
  if (at > 0 && environment !== undefined && revision.test(rest)) {
    return {
      key: "typed",
      group: "Revision",
      icon: Layers,
      label: `${environment} at ${rest}`,
      onSelect: () => onPick({ kind: "environment", environment, revision: rest }),
    };
  }
  if (!revision.test(typed)) return null;
  return {
    key: "typed",
    group: "Revision",
    icon: GitCommitHorizontal,
    label: `Revision ${typed}`,
    onSelect: () => onPick({ kind: "revision", revision: typed }),
  };
}
