import {
  Cloud,
  CloudDownload,
  GitBranch,
  Info,
  KeyRound,
  Keyboard,
  type LucideIcon,
  Palette,
  UserRound,
  Wrench,
} from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { VisuallyHidden } from "../../components/Mark";
import { ErrorState, Skeleton } from "../../components/States";
import { type ApiError, toApiError, useCommand } from "../../ipc";
import { type ScreenProps, usePlaces } from "../../lib/places";
import { readPreference } from "../../lib/preferences";
import type { bodies as Bodies, SectionName } from "./sections";
import styles from "./Settings.module.css";

const sections: readonly { key: SectionName; label: string; icon: LucideIcon }[] = [
  { key: "repositories", label: "Repositories", icon: GitBranch },
  { key: "credentials", label: "Credentials", icon: KeyRound },
  { key: "identity", label: "Identity", icon: UserRound },
  { key: "clusters", label: "Clusters", icon: Cloud },
  { key: "fetched", label: "Fetched content", icon: CloudDownload },
  { key: "tools", label: "Tools", icon: Wrench },
  { key: "appearance", label: "Appearance", icon: Palette },
  { key: "shortcuts", label: "Shortcuts", icon: Keyboard },
  { key: "about", label: "About", icon: Info },
];

/** The sections once they are loaded: nobody waits for them before the first screen. */
let loaded: typeof Bodies | null = null;

function useBodies(): { bodies: typeof Bodies | null; error: ApiError | null } {
  const [bodies, setBodies] = useState(loaded);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    if (loaded !== null) return;
    import("./sections").then(
      (module) => {
        loaded = module.bodies;
        setBodies(module.bodies);
      },
      (reason: unknown) => setError(toApiError(reason)),
    );
  }, []);
  return { bodies, error };
}

export function SettingsScreen(props: ScreenProps<"settings">): ReactNode {
  const { search } = props;
  const places = usePlaces();
  const settings = useCommand("settings", {});
  const { bodies, error } = useBodies();
  const section = sections.find((entry) => entry.key === search.section)?.key ?? "repositories";
  const { data } = settings;
  return (
    <div className={styles.screen}>
      <nav className={styles.nav} aria-label="Settings" data-pane>
        {sections.map(({ key, label, icon: Icon }) => (
          <a
            key={key}
            className={styles.link}
            href={places.href("settings", { section: key })}
            aria-current={key === section ? "page" : undefined}
            data-pane-focus={key === section || undefined}
          >
            <Icon aria-hidden size={14} strokeWidth={1.75} />
            {label}
          </a>
        ))}
      </nav>
      <div className={styles.content} data-pane>
        <div className={styles.column}>
          {(error !== null || settings.error !== null || data === undefined || bodies === null) && (
            <h1>
              <VisuallyHidden>Settings</VisuallyHidden>
            </h1>
          )}
          {error !== null ? (
            <ErrorState title="The settings cannot be shown" error={error} />
          ) : settings.error !== null ? (
            <ErrorState
              title="The settings cannot be read"
              error={toApiError(settings.error)}
              onRetry={() => void settings.refetch()}
            />
          ) : data === undefined || bodies === null ? (
            <Skeleton label="Loading settings" rows={6} height={36} />
          ) : (
            bodies[section](data, props)
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
