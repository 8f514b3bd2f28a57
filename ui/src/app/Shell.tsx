import {
  Activity,
  GitCompareArrows,
  ListTree,
  type LucideIcon,
  Monitor,
  Moon,
  RefreshCw,
  Search,
  Settings,
  Sun,
  Table2,
  Workflow,
} from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Button, IconButton } from "../components/Button";
import { Kbd } from "../components/Chip";
import { VisuallyHidden } from "../components/Mark";
import { Prose } from "../components/Prose";
import { ErrorState, Notice } from "../components/States";
import { useToast } from "../components/Toast";
import {
  hasWindows,
  onFolderDrop,
  openWindow,
  toApiError,
  useAction,
  useCommand,
  useRepositoryId,
  useSession,
} from "../ipc";
import { onAnnounce } from "../lib/announce";
import { cx } from "../lib/cx";
import { useLatest, useWindowKeys } from "../lib/hooks";
import { dispatchKey, keyLabel } from "../lib/keymap";
import { type Place, usePlaces } from "../lib/places";
import { nextTheme } from "../lib/theme";
import { BottomBar } from "./BottomBar";
import { CrashNotice } from "./CrashNotice";
import { enterPlace, movePane, useFocusKeeper } from "./focus";
import { IdentityDialog } from "./IdentityDialog";
import { Palette } from "./Palette";
import styles from "./Shell.module.css";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { TopBar } from "./TopBar";
import { useAppearance } from "./useAppearance";
import { useTheme } from "./useTheme";

export const places: readonly { place: Place; label: string; icon: LucideIcon }[] = [
  { place: "environments", label: "Environments", icon: ListTree },
  { place: "waves", label: "Waves", icon: Workflow },
  { place: "promotions", label: "Promotions", icon: Table2 },
  { place: "review", label: "Review", icon: GitCompareArrows },
  { place: "activity", label: "Activity", icon: Activity },
  { place: "settings", label: "Settings", icon: Settings },
];

/** The frame around every screen: where one is, what the repository and the core are doing. */
export function Shell({ place, children }: { place: Place | null; children: ReactNode }): ReactNode {
  const repository = useRepositoryId();
  const go = usePlaces();
  const info = useCommand("repository_info", { repository });
  const refresh = useAction("repository_refresh");
  const toast = useToast();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const { theme, setTheme } = useTheme();
  const { zoomBy } = useAppearance();
  const session = useSession();
  const open = useAction("repository_open");
  const failed = info.error === null ? null : toApiError(info.error);
  const gone = failed?.code === "repository-gone" ? failed : null;

  // A folder that is dropped on the window is opened: in a window of its own, where there are windows.
  const dropped = useLatest((path: string) => {
    const fail = (reason: unknown): void => toast("The folder cannot be opened", toApiError(reason).message);
    if (hasWindows) void openWindow(path).catch(fail);
    else open.mutate({ path }, { onSuccess: session.open, onError: fail });
  });
  useEffect(() => onFolderDrop((path) => dropped.current(path)), [dropped]);

  const readAgain = (): void =>
    refresh.mutate(
      { repository },
      { onError: (reason) => toast("The repository cannot be read", toApiError(reason).message) },
    );

  useFocusKeeper();
  useWindowKeys((event) => {
    const handlers: Record<string, () => void> = {
      "Mod+K": () => setPalette(true),
      "Mod+R": readAgain,
      "Alt+ArrowLeft": () => window.history.back(),
      "Alt+ArrowRight": () => window.history.forward(),
      F6: () => movePane(1),
      "Shift+F6": () => movePane(-1),
      "?": () => setHelp(true),
      "/": () => document.querySelector<HTMLInputElement>("[data-filter]")?.focus(),
      ...(zoomBy === null
        ? {}
        : {
            "Mod++": () => zoomBy(10),
            "Mod+=": () => zoomBy(10),
            "Mod+-": () => zoomBy(-10),
            "Mod+0": () => zoomBy(0),
          }),
    };
    places.forEach((entry, index) => {
      handlers[`Mod+${index + 1}`] = () => {
        go.go(entry.place);
        // Until the place is there; then its list gets the focus.
        if (place === entry.place) enterPlace();
        else document.getElementById("main")?.focus();
      };
    });
    dispatchKey(event, handlers);
  });

  const nextLabel = { dark: "Use the light theme", light: "Use the theme of the system", system: "Use the dark theme" }[
    theme
  ];
  return (
    <div className={styles.shell}>
      <a
        className={styles.skip}
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          enterPlace();
        }}
      >
        Skip to content
      </a>
      <header className={styles.top} data-pane>
        <div className={styles.topSide}>
          {info.data !== undefined && <TopBar info={info.data} onRefresh={readAgain} />}
        </div>
        <button type="button" className={styles.search} onClick={() => setPalette(true)} aria-keyshortcuts="Control+K">
          <Search aria-hidden size={14} strokeWidth={1.75} />
          <span className={styles.searchText}>Search apps, resources, commands</span>
          <Kbd>{keyLabel("Mod+K")}</Kbd>
        </button>
        <div className={cx(styles.topSide, styles.topEnd)}>
          <IconButton
            label="Refresh"
            keys="Mod+R"
            icon={RefreshCw}
            onClick={readAgain}
            disabledReason={refresh.isPending ? "reading the repository" : null}
          />
          <IconButton
            label="Theme"
            hint={nextLabel}
            icon={theme === "dark" ? Moon : theme === "light" ? Sun : Monitor}
            onClick={() => setTheme(nextTheme(theme))}
          />
        </div>
      </header>
      <nav className={styles.rail} aria-label="Places" data-pane>
        {places.map(({ place: target, label, icon: Icon }) => (
          <a
            key={target}
            className={styles.place}
            href={go.href(target)}
            aria-current={place === target ? "page" : undefined}
            data-pane-focus={place === target || undefined}
          >
            <Icon aria-hidden size={18} strokeWidth={1.75} />
            {label}
          </a>
        ))}
      </nav>
      <main id="main" className={styles.main} tabIndex={-1}>
        <div className={styles.notices}>
          <CrashNotice />
          {gone !== null && (
            <Notice
              tone="degraded"
              action={
                <span className={styles.noticeActions}>
                  <Button icon={RefreshCw} onClick={() => void info.refetch()}>
                    Look again
                  </Button>
                  <Button onClick={session.leave}>Open another repository</Button>
                </span>
              }
            >
              <Prose text={gone.message} />. What is shown is what was read last.
            </Notice>
          )}
        </div>
        {gone === null && info.error !== null && info.data === undefined ? (
          <ErrorState
            title="The repository cannot be read"
            error={toApiError(info.error)}
            onRetry={() => void info.refetch()}
          />
        ) : (
          <div className={styles.screen}>{children}</div>
        )}
      </main>
      <BottomBar onHelp={() => setHelp(true)} />
      <Palette
        open={palette}
        onClose={() => setPalette(false)}
        onHelp={() => setHelp(true)}
        onRefresh={readAgain}
        onTheme={setTheme}
      />
      <ShortcutsDialog open={help} onClose={() => setHelp(false)} />
      <IdentityDialog />
      <LiveRegion />
    </div>
  );
}

function LiveRegion(): ReactNode {
  const [text, setText] = useState("");
  useEffect(() => onAnnounce(setText), []);
  return (
    <VisuallyHidden>
      <span role="status" aria-live="polite">
        {text}
      </span>
    </VisuallyHidden>
  );
}
