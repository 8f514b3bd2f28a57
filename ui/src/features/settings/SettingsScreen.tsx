import { Cloud, Copy, GitBranch, Info, Keyboard, type LucideIcon, Palette, UserRound, Wrench } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { Chip, EnvironmentChip, Kbd } from "../../components/Chip";
import { CheckField, RadioGroup, SelectField, TextField } from "../../components/Field";
import { EmptyState, ErrorState, Notice, ProblemList, Skeleton } from "../../components/States";
import { useToast } from "../../components/Toast";
import {
  type Settings,
  toApiError,
  useAction,
  useCommand,
  useRepositoryId,
  useSession,
  useSyncTargets,
} from "../../ipc";
import { copyText } from "../../lib/clipboard";
import { formatDateTime, plural } from "../../lib/format";
import { isApple, keyLabel, setSingleCharacters, shortcuts } from "../../lib/keymap";
import { type ScreenProps, usePlaces } from "../../lib/places";
import { readPreference, writePreference } from "../../lib/preferences";
import styles from "./Settings.module.css";

const sections: readonly { key: string; label: string; icon: LucideIcon }[] = [
  { key: "repositories", label: "Repositories", icon: GitBranch },
  { key: "clusters", label: "Clusters", icon: Cloud },
  { key: "tools", label: "Tools", icon: Wrench },
  { key: "identity", label: "Identity", icon: UserRound },
  { key: "appearance", label: "Appearance", icon: Palette },
  { key: "shortcuts", label: "Shortcuts", icon: Keyboard },
  { key: "about", label: "About", icon: Info },
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
            <>
              {section?.key === "repositories" && <Repositories />}
              {section?.key === "clusters" && <Clusters settings={settings.data} />}
              {section?.key === "tools" && <Tools settings={settings.data} />}
              {section?.key === "identity" && <Identity settings={settings.data} />}
              {section?.key === "appearance" && <Appearance settings={settings.data} />}
              {section?.key === "shortcuts" && <Shortcuts />}
              {section?.key === "about" && <About />}
            </>
          )}
        </div>
      </div>
    </div>
  );
}

function Repositories(): ReactNode {
  const repository = useRepositoryId();
  const session = useSession();
  const toast = useToast();
  const info = useCommand("repository_info", { repository });
  const recent = useCommand("repository_recent", {});
  const open = useAction("repository_open");
  const close = useAction("repository_close");
  return (
    <>
      <div className={styles.headRow}>
        <h1 className={styles.title}>Repositories</h1>
        <Button kind="primary" onClick={session.leave}>
          Open another…
        </Button>
      </div>
      {info.data !== undefined && (
        <section className={styles.card} aria-label="Open repository">
          <div className={styles.cardText}>
            <span className={styles.strong}>
              {info.data.name} {info.data.sample && <Chip>sample</Chip>}
            </span>
            <code className={styles.mono}>{info.data.path}</code>
            {info.data.remote !== null && <code className={styles.mono}>{info.data.remote.url}</code>}
          </div>
          <Button
            onClick={() =>
              close.mutate(
                { repository },
                {
                  onSuccess: session.leave,
                  onError: (reason) => toast("The repository cannot be closed", toApiError(reason).message),
                },
              )
            }
          >
            Close
          </Button>
        </section>
      )}
      {info.data !== undefined && info.data.readOnly !== null && (
        <Notice tone="warning">Nothing can be written: {info.data.readOnly}</Notice>
      )}
      {info.data !== undefined && info.data.problems.length > 0 && <ProblemList problems={info.data.problems} />}
      <h2 className={styles.section}>Recent</h2>
      {recent.data !== undefined && recent.data.repositories.length === 0 && <EmptyState title="None yet" />}
      {(recent.data?.repositories ?? []).map((entry) => (
        <div key={entry.path} className={styles.card}>
          <div className={styles.cardText}>
            <span className={styles.strong}>{entry.name}</span>
            <code className={styles.mono}>{entry.path}</code>
            <span className={styles.muted}>
              {entry.exists ? `opened ${formatDateTime(entry.openedAt * 1000)}` : "the folder is gone"}
            </span>
          </div>
          <Button
            aria-label={`Open ${entry.name}`}
            disabledReason={entry.path === info.data?.path ? "It is open" : entry.exists ? null : "The folder is gone"}
            onClick={() =>
              open.mutate(
                { path: entry.path },
                {
                  onSuccess: session.open,
                  onError: (reason) => toast(`${entry.name} cannot be opened`, toApiError(reason).message),
                },
              )
            }
          >
            Open
          </Button>
        </div>
      ))}
    </>
  );
}

function Clusters({ settings }: { settings: Settings }): ReactNode {
  const repository = useRepositoryId();
  const toast = useToast();
  const targets = useSyncTargets(repository);
  const contexts = useCommand("contexts", {});
  const save = useSave();
  const { sandbox } = targets;
  return (
    <>
      <h1 className={styles.title}>Clusters</h1>
      <p className={styles.muted}>
        Which cluster an environment means differs from person to person. Slipway never guesses it.
      </p>
      <h2 className={styles.section}>Context of each environment</h2>
      {targets.environments.map((environment) => (
        <div key={environment.name} className={styles.card}>
          <div className={styles.cardText}>
            <EnvironmentChip name={environment.name} isProtected={environment.protected} />
            <span className={styles.muted}>{plural(environment.instances, "application")}</span>
          </div>
          <SelectField
            inline
            label={`Context of ${environment.name}`}
            value={environment.context ?? ""}
            options={[
              { value: "", label: "none" },
              ...targets.contexts.map((context) => ({
                value: context.name,
                label: `${context.name} (${context.server})`,
              })),
              ...(environment.context !== null &&
              !targets.contexts.some((context) => context.name === environment.context)
                ? [{ value: environment.context, label: `${environment.context} (not in the kubeconfig)` }]
                : []),
            ]}
            onChange={(context) => targets.setContext(environment.name, context)}
          />
        </div>
      ))}
      <h2 className={styles.section}>Kubeconfig</h2>
      <SettingField
        label="Kubeconfig file"
        hint={
          contexts.data === undefined || contexts.data.files.length === 0
            ? "By default KUBECONFIG, then ~/.kube/config."
            : `Read from ${contexts.data.files.join(", ")}.`
        }
        value={settings.kubeconfig}
        onSave={(kubeconfig) => save({ ...settings, kubeconfig })}
      />
      {contexts.error !== null && (
        <ErrorState title="The kubeconfig cannot be read" error={toApiError(contexts.error)} />
      )}
      {contexts.data !== undefined && contexts.data.problems.length > 0 && (
        <ProblemList problems={contexts.data.problems} />
      )}
      <ul>
        {targets.contexts.map((context) => (
          <li key={context.name} className={styles.fact}>
            <span className={styles.strong}>
              {context.name} {context.current && <Chip>current</Chip>}
            </span>
            <code className={styles.mono}>{context.server}</code>
          </li>
        ))}
      </ul>
      <h2 className={styles.section}>Sandbox</h2>
      {sandbox === undefined ? null : sandbox.running && sandbox.kubeconfig !== null ? (
        <>
          <div className={styles.card}>
            <div className={styles.cardText}>
              <span className={styles.strong}>Running</span>
              <code className={styles.mono}>{sandbox.kubeconfig}</code>
            </div>
            <IconButton
              label="Copy path of the sandbox kubeconfig"
              icon={Copy}
              onClick={() =>
                void copyText(sandbox.kubeconfig ?? "").then((done) =>
                  toast(done ? "Path copied" : "The clipboard cannot be written"),
                )
              }
            />
          </div>
          <ul>
            {sandbox.clusters.map((cluster) => (
              <li key={cluster.context} className={styles.fact}>
                <span>{cluster.environment}</span>
                <code className={styles.mono}>{cluster.context}</code>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p className={styles.muted}>Not running. The first sync to the sandbox starts it; it ends with Slipway.</p>
      )}
    </>
  );
}

function useSave(): (settings: Settings) => void {
  const save = useAction("settings_save");
  const toast = useToast();
  return (settings) =>
    save.mutate(settings, {
      onSuccess: () => toast("Settings saved"),
      onError: (reason) => toast("The settings were not saved", toApiError(reason).message),
    });
}

/** A text setting with a default; it is saved on purpose, not on every key. */
function SettingField({
  label,
  hint,
  value,
  onSave,
}: {
  label: string;
  hint?: string;
  value: string | null;
  onSave: (value: string | null) => void;
}): ReactNode {
  const [text, setText] = useState(value ?? "");
  const next = text.trim() === "" ? null : text.trim();
  const changed = next !== value;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) onSave(next);
      }}
    >
      <TextField
        label={label}
        mono
        value={text}
        {...(hint === undefined ? {} : { hint })}
        onChange={(event) => setText(event.target.value)}
        trailing={
          <Button
            aria-label={`Save ${label}`}
            onClick={() => onSave(next)}
            disabledReason={changed ? null : "Nothing changed"}
          >
            Save
          </Button>
        }
      />
    </form>
  );
}

function Tools({ settings }: { settings: Settings }): ReactNode {
  const save = useSave();
  return (
    <>
      <h1 className={styles.title}>Tools</h1>
      <p className={styles.muted}>
        Installed tools are only used to check parity, and where an engine is not built in.
      </p>
      <SettingField
        label="helm"
        hint="By default SLIPWAY_HELM, then PATH."
        value={settings.helm}
        onSave={(helm) => save({ ...settings, helm })}
      />
      <SettingField
        label="kustomize"
        hint="By default SLIPWAY_KUSTOMIZE, then PATH."
        value={settings.kustomize}
        onSave={(kustomize) => save({ ...settings, kustomize })}
      />
    </>
  );
}

function Identity({ settings }: { settings: Settings }): ReactNode {
  const save = useSave();
  return (
    <>
      <h1 className={styles.title}>Identity</h1>
      <p className={styles.muted}>Used for commits where Git has no user.name and user.email.</p>
      <SettingField
        label="Name"
        value={settings.identityName}
        onSave={(identityName) => save({ ...settings, identityName })}
      />
      <SettingField
        label="E-mail"
        value={settings.identityEmail}
        onSave={(identityEmail) => save({ ...settings, identityEmail })}
      />
    </>
  );
}

function Appearance({ settings }: { settings: Settings }): ReactNode {
  const save = useAction("settings_save");
  const [classic, setClassic] = useState(() => readPreference("diff-colours") === "classic");
  return (
    <>
      <h1 className={styles.title}>Appearance</h1>
      <RadioGroup
        label="Theme"
        value={settings.theme}
        onChange={(theme) => save.mutate({ ...settings, theme })}
        entries={[
          { value: "system", label: "System", hint: "Follows the platform." },
          { value: "dark", label: "Dark" },
          { value: "light", label: "Light" },
        ]}
      />
      <CheckField
        label="Classic green and red in differences"
        hint="Blue and orange stay apart for people who do not tell red from green."
        checked={classic}
        onChange={(checked) => {
          setClassic(checked);
          writePreference("diff-colours", checked ? "classic" : null);
          applyDiffColours();
        }}
      />
    </>
  );
}

/** Shows the chosen colours of differences on the page. */
export function applyDiffColours(): void {
  if (readPreference("diff-colours") === "classic") document.documentElement.dataset.diff = "classic";
  else delete document.documentElement.dataset.diff;
}

const apple = isApple(globalThis.navigator?.platform ?? "");

function Shortcuts(): ReactNode {
  const [single, setSingle] = useState(() => readPreference("single-characters") !== "off");
  return (
    <>
      <h1 className={styles.title}>Shortcuts</h1>
      <CheckField
        label="Shortcuts of a single letter"
        hint="They act only while their pane has the focus. Each is a button as well."
        checked={single}
        onChange={(checked) => {
          setSingle(checked);
          setSingleCharacters(checked);
          writePreference("single-characters", checked ? null : "off");
        }}
      />
      <dl>
        {shortcuts.map((shortcut) => (
          <div key={`${shortcut.scope} ${shortcut.keys}`} className={styles.fact}>
            <dt>
              {shortcut.label} <span className={styles.muted}>{shortcut.scope}</span>
            </dt>
            <dd>
              <Kbd>{keyLabel(shortcut.keys, apple)}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function About(): ReactNode {
  const info = useCommand("app_info", {});
  const toast = useToast();
  if (info.error !== null) return <ErrorState title="Nothing is known of the core" error={toApiError(info.error)} />;
  if (info.data === undefined) return <Skeleton label="Loading" rows={4} />;
  const { version, platform, shell, logFolder, licence } = info.data;
  return (
    <>
      <h1 className={styles.title}>Slipway {version}</h1>
      <p className={styles.muted}>No account, no telemetry. What you open stays on this machine.</p>
      <dl>
        <div className={styles.fact}>
          <dt>Platform</dt>
          <dd>
            {platform}, in a {shell}
          </dd>
        </div>
        <div className={styles.fact}>
          <dt>Logs</dt>
          <dd className={styles.row}>
            <code className={styles.mono}>{logFolder}</code>
            <IconButton
              label="Copy path of the logs"
              icon={Copy}
              onClick={() =>
                void copyText(logFolder).then((done) => toast(done ? "Path copied" : "The clipboard cannot be written"))
              }
            />
          </dd>
        </div>
      </dl>
      <h2 className={styles.section}>Licences</h2>
      <pre className={styles.licence} tabIndex={0} role="region" aria-label="Licences">
        {licence}
      </pre>
      <p className={styles.muted}>
        The fonts Inter and JetBrains Mono are under the SIL Open Font License:{" "}
        <a href="./licenses/inter-OFL.txt" target="_blank" rel="noreferrer">
          Inter
        </a>
        ,{" "}
        <a href="./licenses/jetbrains-mono-OFL.txt" target="_blank" rel="noreferrer">
          JetBrains Mono
        </a>
        .
      </p>
    </>
  );
}
