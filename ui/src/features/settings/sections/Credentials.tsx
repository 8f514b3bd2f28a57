import { KeyRound, Trash2 } from "lucide-react";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Button, IconButton } from "../../../components/Button";
import { Chip } from "../../../components/Chip";
import { TextField } from "../../../components/Field";
import { LoginForm } from "../../../components/LoginForm";
import { ErrorState, Notice, Skeleton } from "../../../components/States";
import { useToast } from "../../../components/Toast";
import { type CredentialPlace, toApiError, useAction, useCommand } from "../../../ipc";
import styles from "../Settings.module.css";

const words: Record<CredentialPlace["state"], string> = {
  ready: "ready",
  off: "off",
  locked: "locked",
  missing: "not there",
  timedOut: "did not answer",
  failed: "failed",
};

/** Passwords and tokens of Git servers. They go in and never come out. */
export function Credentials(): ReactNode {
  const credentials = useCommand("credentials", {});
  if (credentials.error !== null) {
    return (
      <ErrorState
        title="The credentials cannot be listed"
        error={toApiError(credentials.error)}
        onRetry={() => void credentials.refetch()}
      />
    );
  }
  const { data } = credentials;
  return (
    <>
      <h1 className={styles.title}>Credentials</h1>
      <p className={styles.muted}>
        For Git servers over https, where Git's own helpers know none. ssh uses your agent and your configuration.
      </p>
      {data === undefined ? (
        <Skeleton label="Asking the keyring" rows={4} height={36} />
      ) : (
        <>
          {data.used === null ? (
            <Notice tone="warning" action={<Button onClick={() => void credentials.refetch()}>Ask again</Button>}>
              {data.message}
            </Notice>
          ) : (
            <p className={styles.muted}>{data.message}</p>
          )}
          <h2 className={styles.section}>Servers</h2>
          {data.servers.length === 0 && (
            <p className={styles.muted}>
              {data.used === null && data.keyring.state !== "ready"
                ? "Which servers the keyring has cannot be read now."
                : "None yet."}
            </p>
          )}
          {data.servers.map((server) => (
            <Server key={`${server.place} ${server.origin}`} origin={server.origin} place={server.place} />
          ))}
          <Add />
          <h2 className={styles.section}>Where they are kept</h2>
          <div className={styles.fact}>
            <span>Keyring of the desktop</span>
            <span className={styles.muted}>{words[data.keyring.state]}</span>
          </div>
          <File place={data.file} path={data.filePath} />
        </>
      )}
    </>
  );
}

function Server({ origin, place }: { origin: string; place: string }): ReactNode {
  const toast = useToast();
  const remove = useAction("credential_remove");
  const [replacing, setReplacing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <section className={styles.cardColumn} aria-label={origin}>
      <div className={styles.headRow}>
        <span className={styles.row}>
          <KeyRound aria-hidden size={14} strokeWidth={1.75} />
          <code className={styles.mono}>{origin}</code>
          <Chip>{place}</Chip>
        </span>
        <span className={styles.row}>
          <Button
            ref={button}
            aria-label={`Replace ${origin}`}
            aria-expanded={replacing}
            onClick={() => setReplacing(!replacing)}
          >
            Replace…
          </Button>
          <IconButton
            label={`Remove ${origin}`}
            icon={Trash2}
            onClick={() =>
              remove.mutate(
                { origin },
                {
                  onSuccess: () => toast(`Credentials of ${origin} removed`),
                  onError: (reason) => toast("They were not removed", toApiError(reason).message),
                },
              )
            }
          />
        </span>
      </div>
      {replacing && (
        <Login
          url={origin}
          onDone={() => {
            setReplacing(false);
            button.current?.focus();
          }}
        />
      )}
    </section>
  );
}

function Add(): ReactNode {
  const [adding, setAdding] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  // The form stands in the place of the button, and gives the focus back to it.
  const done = (): void => {
    flushSync(() => setAdding(false));
    button.current?.focus();
  };
  return adding ? (
    <section className={styles.cardColumn} aria-label="New credential">
      <Login url={null} onDone={done} />
    </section>
  ) : (
    <div>
      <Button ref={button} onClick={() => setAdding(true)}>
        Add a server…
      </Button>
    </div>
  );
}

function Login({ url, onDone }: { url: string | null; onDone: () => void }): ReactNode {
  const toast = useToast();
  const save = useAction("credential_save");
  return (
    <LoginForm
      url={url}
      save="Keep"
      busy={save.isPending}
      error={save.error === null ? null : toApiError(save.error)}
      onCancel={onDone}
      onSave={(login) =>
        save.mutate(login, {
          onSuccess: () => {
            toast("Credential kept");
            onDone();
          },
        })
      }
    />
  );
}

function File({ place, path }: { place: CredentialPlace; path: string }): ReactNode {
  const toast = useToast();
  const change = useAction("credential_file");
  const [passphrase, setPassphrase] = useState("");
  const isOpen = place.state === "ready";
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (passphrase === "" || change.isPending) return;
    change.mutate(
      { passphrase },
      {
        onSuccess: () => {
          setPassphrase("");
          toast("The encrypted file is open");
        },
      },
    );
  };
  return (
    <section className={styles.cardColumn} aria-label="Encrypted file">
      <div className={styles.headRow}>
        <div className={styles.cardText}>
          <span className={styles.strong}>Encrypted file</span>
          <code className={styles.mono}>{path}</code>
          <span className={styles.muted}>
            {place.message ?? words[place.state]}. It is used only while the keyring cannot be.
          </span>
        </div>
        {place.state !== "off" && (
          <Button
            onClick={() =>
              change.mutate(
                { passphrase: null },
                { onError: (reason) => toast("It was not turned off", toApiError(reason).message) },
              )
            }
          >
            Turn off
          </Button>
        )}
      </div>
      {!isOpen && (
        <form onSubmit={submit}>
          <TextField
            label="Passphrase"
            type="password"
            value={passphrase}
            hint={
              place.state === "off"
                ? "Turns the file on. Without the passphrase nobody can read it, neither can Slipway; it is asked for after every start."
                : "Opens the file until Slipway ends."
            }
            onChange={(event) => setPassphrase(event.target.value)}
            trailing={
              <Button onClick={() => submit()} disabledReason={passphrase === "" ? "Enter the passphrase" : null}>
                {place.state === "off" ? "Turn on" : "Open"}
              </Button>
            }
          />
        </form>
      )}
      {change.error !== null && <ErrorState title="The file cannot be used" error={toApiError(change.error)} />}
    </section>
  );
}
