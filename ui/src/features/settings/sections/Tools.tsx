import type { ReactNode } from "react";
import { ErrorState, Skeleton } from "../../../components/States";
import { Prose } from "../../../components/Prose";
import { type Settings, toApiError, type ToolInfo, useCommand } from "../../../ipc";
import { SettingField, useSave } from "../fields";
import styles from "../Settings.module.css";

/** The programs that are used, where each was found, and which one shall be used instead. */
export function Tools({ settings }: { settings: Settings }): ReactNode {
  const save = useSave();
  const tools = useCommand("tools", {});
  const find = (name: string): ToolInfo | undefined => tools.data?.tools.find((tool) => tool.name === name);
  return (
    <>
      <h1 className={styles.title}>Tools</h1>
      <p className={styles.muted}>Programs of this machine that Slipway uses. Nothing is installed by itself.</p>
      {tools.error !== null && <ErrorState title="The tools cannot be looked for" error={toApiError(tools.error)} />}
      {tools.data === undefined && tools.error === null && <Skeleton label="Looking for tools" rows={4} height={36} />}
      <Tool tool={find("helm")} />
      <SettingField
        label="helm"
        hint="By default SLIPWAY_HELM, then PATH."
        value={settings.helm}
        onSave={(helm) => save({ ...settings, helm })}
      />
      <Tool tool={find("kustomize")} />
      <SettingField
        label="kustomize"
        hint="By default SLIPWAY_KUSTOMIZE, then PATH. May name a kubectl of version 1.27 or later."
        value={settings.kustomize}
        onSave={(kustomize) => save({ ...settings, kustomize })}
      />
      <Tool tool={find("git")} />
      <Tool tool={find("editor")} />
      <SettingField
        label="Editor"
        hint="By default VISUAL, EDITOR, then one that is known. A program with a window of its own; {file}, {line} and {column} are put in. No shell is used."
        value={settings.editor}
        onSave={(editor) => save({ ...settings, editor })}
      />
      <h2 className={styles.section}>Network</h2>
      <ul className={styles.list}>
        <li>git reads its own proxies and certificates: http.proxy, http.sslCAInfo and HTTPS_PROXY.</li>
        <li>
          Without git, the built-in one takes http.proxy of your configuration, then HTTPS_PROXY, and the certificates
          of the system.
        </li>
        <li>
          Clusters are reached through proxy-url of the kubeconfig, then HTTPS_PROXY; they are checked by the
          certificate authority of the kubeconfig, else by the system's.
        </li>
      </ul>
    </>
  );
}

function Tool({ tool }: { tool: ToolInfo | undefined }): ReactNode {
  if (tool === undefined) return null;
  return (
    <section className={styles.tool} aria-label={`Found: ${tool.name}`}>
      <h2 className={styles.section}>{tool.name}</h2>
      <p className={styles.muted}>It {tool.purpose}.</p>
      {tool.problem === null ? (
        <p>
          {tool.version !== null && <>{tool.version}, </>}
          <code className={styles.mono}>{tool.path}</code>
          <span className={styles.muted}> found by {tool.foundBy === "setting" ? "the setting" : tool.foundBy}</span>
        </p>
      ) : (
        <>
          <p>
            <Prose text={tool.problem} />
          </p>
          {tool.hints.map((hint) => (
            <p key={hint} className={styles.muted}>
              <Prose text={hint} />
            </p>
          ))}
        </>
      )}
    </section>
  );
}
