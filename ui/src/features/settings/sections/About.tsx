import { Copy, FolderSearch } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "../../../components/Button";
import { DiagnosticsButton, useCopy, useReveal } from "../Diagnostics";
import { ErrorState, Skeleton } from "../../../components/States";
import { toApiError, useCommand } from "../../../ipc";
import { Licences } from "./Licences";
import styles from "../Settings.module.css";

export function About(): ReactNode {
  const info = useCommand("app_info", {});
  const copy = useCopy();
  const reveal = useReveal();
  if (info.error !== null) return <ErrorState title="Nothing is known of the core" error={toApiError(info.error)} />;
  if (info.data === undefined) return <Skeleton label="Loading" rows={4} />;
  const { version, platform, shell, logFolder, settingsFile, licence } = info.data;
  const places = [
    ["Logs", logFolder],
    ["Settings", settingsFile],
  ] as const;
  return (
    <>
      <div className={styles.headRow}>
        <h1 className={styles.title}>Slipway {version}</h1>
        <DiagnosticsButton />
      </div>
      <p className={styles.muted}>
        No account, no telemetry. What you open stays on this machine. Diagnostics hold versions, counts and the last
        lines of the log, without passwords and tokens.
      </p>
      <dl>
        <div className={styles.fact}>
          <dt>Platform</dt>
          <dd>
            {platform}, in a {shell}
          </dd>
        </div>
        {places.map(([name, path]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd className={styles.row}>
              <code className={styles.mono}>{path}</code>
              <IconButton label={`Show ${name} in the file manager`} icon={FolderSearch} onClick={() => reveal(path)} />
              <IconButton label={`Copy path of ${name}`} icon={Copy} onClick={() => copy(path, "Path")} />
            </dd>
          </div>
        ))}
      </dl>
      <h2 className={styles.section}>Licences</h2>
      <pre className={styles.licence} tabIndex={0} role="region" aria-label="Licence of Slipway">
        {licence}
      </pre>
      <Licences />
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
