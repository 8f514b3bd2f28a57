import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../../../components/Button";
import { RadioGroup, TextField } from "../../../components/Field";
import { ErrorState, Notice, Skeleton } from "../../../components/States";
import { useToast } from "../../../components/Toast";
import {
  type IdentityInfo,
  type IdentityScope,
  type RepositoryInfo,
  type Settings,
  toApiError,
  useAction,
  useCommand,
  useRepositoryId,
} from "../../../ipc";
import { EnterSubmits, SettingField, useSave } from "../fields";
import styles from "../Settings.module.css";

const sources: Record<string, string> = {
  repository: "from the configuration of this repository",
  user: "from your own Git configuration",
  environment: "from GIT_COMMITTER_NAME and GIT_COMMITTER_EMAIL, which go before what is saved here",
  settings: "from the fallback below, because Git knows nobody",
};

/** Who makes commits. */
export function Identity({ settings }: { settings: Settings }): ReactNode {
  const repository = useRepositoryId();
  const save = useSave();
  const info = useCommand("repository_info", { repository });
  return (
    <>
      <h1 className={styles.title}>Identity</h1>
      {info.error !== null && <ErrorState title="It cannot be read" error={toApiError(info.error)} />}
      {info.data === undefined ? (
        info.error === null && <Skeleton label="Reading the identity" rows={3} height={36} />
      ) : (
        <>
          <Known identity={info.data.identity} />
          <Form key={`${info.data.identity?.name} ${info.data.identity?.email}`} info={info.data} />
        </>
      )}
      <h2 className={styles.section}>Where Git knows nobody</h2>
      <p className={styles.muted}>Used for commits of Slipway alone; Git's own configuration goes first.</p>
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

function Known({ identity }: { identity: IdentityInfo | null }): ReactNode {
  return identity === null ? (
    <Notice tone="warning">Nobody is known who makes commits. The first commit asks.</Notice>
  ) : (
    <p>
      {identity.name} &lt;{identity.email}&gt; <span className={styles.muted}>{sources[identity.source]}</span>
    </p>
  );
}

function Form({ info }: { info: RepositoryInfo }): ReactNode {
  const toast = useToast();
  const save = useAction("identity_save");
  const [name, setName] = useState(info.identity?.name ?? "");
  const [email, setEmail] = useState(info.identity?.email ?? "");
  const [scope, setScope] = useState<IdentityScope>(info.identity?.source === "repository" ? "repository" : "user");
  const changed = name.trim() !== (info.identity?.name ?? "") || email.trim() !== (info.identity?.email ?? "");
  const missing =
    name.trim() === ""
      ? "Enter a name"
      : email.trim() === ""
        ? "Enter a mail address"
        : changed
          ? null
          : "Nothing changed";
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (missing !== null || save.isPending) return;
    save.mutate(
      { repository: info.id, name, email, scope },
      { onSuccess: () => toast("Saved in Git's configuration") },
    );
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label="Git's configuration">
      <TextField label="user.name" value={name} onChange={(event) => setName(event.target.value)} />
      <TextField label="user.email" value={email} onChange={(event) => setEmail(event.target.value)} />
      <RadioGroup
        label="Save for"
        value={scope}
        onChange={setScope}
        entries={[
          { value: "user", label: "All my repositories" },
          { value: "repository", label: `${info.name} only` },
        ]}
      />
      <div>
        <Button onClick={() => submit()} disabledReason={missing}>
          Save in Git's configuration
        </Button>
      </div>
      <EnterSubmits label="Save the identity" />
      {save.error !== null && <ErrorState title="It was not saved" error={toApiError(save.error)} />}
    </form>
  );
}
