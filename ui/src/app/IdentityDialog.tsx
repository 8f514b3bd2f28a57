import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { RadioGroup, TextField } from "../components/Field";
import { ErrorState } from "../components/States";
import { type IdentityScope, onIdentityNeeded, type RepositoryInfo, toApiError, useAction } from "../ipc";
import styles from "./Git.module.css";

let show: ((info: RepositoryInfo) => Promise<boolean>) | null = null;

/** Shows the dialog for a repository; the answer is whether somebody was entered. */
export function askWho(info: RepositoryInfo): void {
  void show?.(info);
}

/** Asks who makes commits, where Git knows nobody or the person wants to change it. */
export function IdentityDialog(): ReactNode {
  const [info, setInfo] = useState<RepositoryInfo | null>(null);
  const answer = useRef<((known: boolean) => void) | null>(null);
  const ask = useCallback((next: RepositoryInfo) => {
    answer.current?.(false);
    setInfo(next);
    return new Promise<boolean>((resolve) => {
      answer.current = resolve;
    });
  }, []);
  useEffect(() => {
    show = ask;
    const end = onIdentityNeeded(ask);
    return () => {
      show = null;
      end();
      answer.current?.(false);
    };
  }, [ask]);
  const end = (known: boolean): void => {
    answer.current?.(known);
    answer.current = null;
    setInfo(null);
  };
  return info === null ? null : <Form key={info.id} info={info} onEnd={end} />;
}

function Form({ info, onEnd }: { info: RepositoryInfo; onEnd: (known: boolean) => void }): ReactNode {
  const save = useAction("identity_save");
  const known = info.identity;
  const [name, setName] = useState(known?.name ?? "");
  const [email, setEmail] = useState(known?.email ?? "");
  const [scope, setScope] = useState<IdentityScope>(known?.source === "repository" ? "repository" : "user");
  const missing = name.trim() === "" ? "Enter a name" : email.trim() === "" ? "Enter a mail address" : null;
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (missing !== null || save.isPending) return;
    save.mutate({ repository: info.id, name, email, scope }, { onSuccess: () => onEnd(true) });
  };
  return (
    <Dialog
      open
      onClose={() => onEnd(false)}
      title="Who makes commits"
      footer={
        <>
          <Button onClick={() => onEnd(false)}>Cancel</Button>
          <Button kind="primary" onClick={() => submit()} disabledReason={missing}>
            Save
          </Button>
        </>
      }
    >
      <form className={styles.body} onSubmit={submit}>
        <p>
          {known === null
            ? "Git knows nobody who makes commits on this machine. Every commit carries a name and a mail address."
            : `Commits are made by ${known.name} <${known.email}>${known.source === "environment" ? ", from the environment, which goes before what is saved here" : ""}.`}
        </p>
        <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} />
        <TextField label="Mail address" value={email} onChange={(event) => setEmail(event.target.value)} />
        <RadioGroup
          label="Save for"
          value={scope}
          onChange={setScope}
          entries={[
            { value: "user", label: "All my repositories", hint: "Writes your own Git configuration." },
            { value: "repository", label: "This repository only", hint: `Writes ${info.path}/.git/config.` },
          ]}
        />
        {save.error !== null && <ErrorState title="It was not saved" error={toApiError(save.error)} />}
        {/* Enter in a field submits; the visible button is in the footer. */}
        <button type="submit" hidden aria-label="Save" />
      </form>
    </Dialog>
  );
}
