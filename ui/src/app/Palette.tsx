import {
  Box,
  CloudDownload,
  CloudUpload,
  GitBranchPlus,
  GitCompareArrows,
  Keyboard,
  type LucideIcon,
  Moon,
  RefreshCw,
  Settings as SettingsIcon,
  SquareStack,
  UserRound,
} from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
import { BareDialog } from "../components/Dialog";
import { FilterList, type ListEntry } from "../components/FilterList";
import { type Theme, useCommand, useRepositoryId } from "../ipc";
import { fuzzyFilter } from "../lib/fuzzy";
import { keyLabel } from "../lib/keymap";
import { usePlaces } from "../lib/places";
import { type GitRequest, requestGit } from "./gitRequests";
import { places } from "./Shell";

const gitCommands: readonly { request: GitRequest; label: string; icon: LucideIcon }[] = [
  { request: "fetch", label: "Git: fetch", icon: RefreshCw },
  { request: "pull", label: "Git: pull", icon: CloudDownload },
  { request: "push", label: "Git: push", icon: CloudUpload },
  { request: "newBranch", label: "Git: new branch here…", icon: GitBranchPlus },
  { request: "identity", label: "Git: who makes commits…", icon: UserRound },
];

/** Finds applications, instances and commands by a few letters. */
export function Palette({
  open,
  onClose,
  onHelp,
  onRefresh,
  onTheme,
}: {
  open: boolean;
  onClose: () => void;
  onHelp: () => void;
  onRefresh: () => void;
  onTheme: (theme: Theme) => void;
}): ReactNode {
  return (
    <BareDialog open={open} onClose={onClose} label="Search">
      <Search onClose={onClose} onHelp={onHelp} onRefresh={onRefresh} onTheme={onTheme} />
    </BareDialog>
  );
}

function Search({
  onClose,
  onHelp,
  onRefresh,
  onTheme,
}: {
  onClose: () => void;
  onHelp: () => void;
  onRefresh: () => void;
  onTheme: (theme: Theme) => void;
}): ReactNode {
  const repository = useRepositoryId();
  const fleet = useCommand("fleet", { repository });
  const go = usePlaces();
  const [query, setQuery] = useState("");
  const rested = useDeferredValue(query);

  const commands: ListEntry[] = [
    ...places.map((entry, index) => ({
      key: `place ${entry.place}`,
      group: "Commands",
      label: `Go to ${entry.label}`,
      keys: keyLabel(`Mod+${index + 1}`),
      icon: entry.icon,
      onSelect: () => go.go(entry.place),
    })),
    {
      key: "refresh",
      group: "Commands",
      label: "Read again from disk",
      keys: keyLabel("Mod+R"),
      icon: RefreshCw,
      onSelect: onRefresh,
    },
    ...gitCommands.map(({ request, label, icon }) => ({
      key: `git ${request}`,
      group: "Commands",
      label,
      icon,
      onSelect: () => requestGit(request),
    })),
    ...["credentials", "identity", "clusters", "tools", "shortcuts", "about"].map((section) => ({
      key: `settings ${section}`,
      group: "Commands",
      label: `Settings: ${section}`,
      icon: SettingsIcon,
      onSelect: () => go.go("settings", { section }),
    })),
    {
      key: "fetched",
      group: "Commands",
      label: "Open fetched content",
      icon: SettingsIcon,
      onSelect: () => go.go("settings", { section: "fetched" }),
    },
    {
      key: "fetch missing",
      group: "Commands",
      label: "Fetch missing content",
      icon: CloudDownload,
      onSelect: () => go.go("settings", { section: "fetched", start: "1" }),
    },
    {
      key: "help",
      group: "Commands",
      label: "Keyboard shortcuts",
      keys: keyLabel("?"),
      icon: Keyboard,
      onSelect: onHelp,
    },
    ...(["dark", "light", "system"] as const).map((theme) => ({
      key: `theme ${theme}`,
      group: "Commands",
      label: `Theme: ${theme}`,
      icon: Moon,
      onSelect: () => onTheme(theme),
    })),
  ];
  const applications = fleet.data?.applications ?? [];
  const names: ListEntry[] = fuzzyFilter(
    applications,
    rested,
    (application) => `${application.directory}/${application.name}`,
    12,
  ).map((application) => ({
    key: `application ${application.directory}/${application.name}`,
    group: "Applications",
    label: application.name,
    detail: application.instances.map((instance) => instance.environment).join(" · "),
    icon: Box,
    onSelect: () =>
      go.go("environments", {
        q: application.name,
        ...(application.instances[0] === undefined ? {} : { at: application.instances[0].instance }),
      }),
  }));
  const instances =
    rested.trim() === ""
      ? []
      : fuzzyFilter(
          applications.flatMap((application) => application.instances),
          rested,
          (instance) => instance.instance,
          6,
        );
  const found: ListEntry[] = instances.flatMap((instance) => [
    {
      key: `instance ${instance.instance}`,
      group: "Instances",
      label: instance.instance,
      detail: instance.version,
      icon: SquareStack,
      onSelect: () => go.go("environments", { at: instance.instance }),
    },
  ]);
  const reviews: ListEntry[] = instances.slice(0, 2).flatMap((instance) => {
    const application = applications.find((entry) => entry.instances.includes(instance));
    const index = application?.instances.indexOf(instance) ?? 0;
    const previous = application?.instances[index - 1];
    return previous === undefined
      ? []
      : [
          {
            key: `review ${instance.instance}`,
            group: "Commands",
            label: `Review ${instance.instance} against ${previous.environment}`,
            keys: keyLabel("d"),
            icon: GitCompareArrows,
            onSelect: () =>
              go.go("review", { from: `instance:${instance.instance}`, to: `instance:${previous.instance}` }),
          },
        ];
  });
  const entries =
    rested.trim() === ""
      ? [...commands, ...names]
      : [...fuzzyFilter(commands, rested, (entry) => entry.label, 4), ...reviews, ...names, ...found];
  return (
    <FilterList
      label="Search"
      placeholder="Search apps, resources, commands"
      query={query}
      onQuery={setQuery}
      settled={rested === query}
      entries={entries}
      empty={`Nothing is called “${rested}”.`}
      onClose={onClose}
    />
  );
}
