import { Cloud, GitBranch, Info, KeyRound, Keyboard, type LucideIcon, Palette, UserRound, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { ErrorState, Skeleton } from "../../components/States";
import { type Settings, toApiError, useCommand } from "../../ipc";
import { type ScreenProps, usePlaces } from "../../lib/places";
import { readPreference } from "../../lib/preferences";
import { About } from "./sections/About";
import { Appearance } from "./sections/Appearance";
import { Clusters } from "./sections/Clusters";
import { Credentials } from "./sections/Credentials";
import { Identity } from "./sections/Identity";
import { Repositories } from "./sections/Repositories";
import { Shortcuts } from "./sections/Shortcuts";
import { Tools } from "./sections/Tools";
import styles from "./Settings.module.css";

interface Section {
  key: string;
  label: string;
  icon: LucideIcon;
  body: (settings: Settings) => ReactNode;
}

const sections: readonly Section[] = [
  {
    key: "repositories",
    label: "Repositories",
    icon: GitBranch,
    body: (settings) => <Repositories settings={settings} />,
  },
  { key: "credentials", label: "Credentials", icon: KeyRound, body: () => <Credentials /> },
  { key: "identity", label: "Identity", icon: UserRound, body: (settings) => <Identity settings={settings} /> },
  { key: "clusters", label: "Clusters", icon: Cloud, body: (settings) => <Clusters settings={settings} /> },
  { key: "tools", label: "Tools", icon: Wrench, body: (settings) => <Tools settings={settings} /> },
  { key: "appearance", label: "Appearance", icon: Palette, body: (settings) => <Appearance settings={settings} /> },
  { key: "shortcuts", label: "Shortcuts", icon: Keyboard, body: (settings) => <Shortcuts settings={settings} /> },
  { key: "about", label: "About", icon: Info, body: () => <About /> },
];

export function SettingsScreen({ search }: ScreenProps<"settings">): ReactNode {
  const places = usePlaces();
  const settings = useCommand("settings", {});
  const section = sections.find((entry) => entry.key === search.section) ?? sections[0];
  return (
    <div className={styles.screen}>
      <nav className={styles.nav} aria-label="Settings" data-pane>
        {sections.map(({ key, label, icon: Icon }) => (
          <a
            key={key}
            className={styles.link}
            href={places.href("settings", { section: key })}
            aria-current={key === section?.key ? "page" : undefined}
          >
            <Icon aria-hidden size={14} strokeWidth={1.75} />
            {label}
          </a>
        ))}
      </nav>
      <div className={styles.content} data-pane>
        <div className={styles.column}>
          {settings.error !== null ? (
            <ErrorState
              title="The settings cannot be read"
              error={toApiError(settings.error)}
              onRetry={() => void settings.refetch()}
            />
          ) : settings.data === undefined ? (
            <Skeleton label="Loading settings" rows={6} height={36} />
          ) : (
            section?.body(settings.data)
          )}
        </div>
      </div>
    </div>
  );
}

/** Shows the colours of differences that were chosen last, before the settings are read. */
export function applyDiffColours(): void {
  if (readPreference("diff-colours") === "classic") document.documentElement.dataset.diff = "classic";
  else delete document.documentElement.dataset.diff;
}
