import { type FormEvent, type ReactNode, useState } from "react";
import type { ApiError } from "../ipc";
import { Button } from "./Button";
import { TextField } from "./Field";
import styles from "./LoginForm.module.css";
import { ErrorState } from "./States";

export interface Login {
  url: string;
  username: string;
  password: string;
}

/** Asks for the user and the password or token of a server; the server as well where it is not known. */
export function LoginForm({
  url,
  save,
  busy,
  error,
  onSave,
  onCancel,
}: {
  url: string | null;
  /** What the button says: `Keep`, `Keep and try again`. */
  save: string;
  busy: boolean;
  error: ApiError | null;
  onSave: (login: Login) => void;
  onCancel: () => void;
}): ReactNode {
  const [address, setAddress] = useState(url ?? "");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const missing =
    address.trim() === ""
      ? "Enter the server"
      : password === ""
        ? "Enter the password or token"
        : busy
          ? "It is being kept"
          : null;
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (missing === null) onSave({ url: address.trim(), username: username.trim(), password });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {url === null && (
        <TextField
          label="Server"
          mono
          autoFocus
          value={address}
          placeholder="https://git.example.com"
          onChange={(event) => setAddress(event.target.value)}
        />
      )}
      <TextField
        label="User"
        autoFocus={url !== null}
        value={username}
        hint="Some servers take any name together with a token."
        onChange={(event) => setUsername(event.target.value)}
      />
      <TextField
        label="Password or token"
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        trailing={
          <>
            <Button onClick={onCancel}>Cancel</Button>
            <Button kind="primary" onClick={() => submit()} disabledReason={missing}>
              {save}
            </Button>
          </>
        }
      />
      {error !== null && <ErrorState title="It was not kept" error={error} />}
      {/* Enter in a field submits; the visible button is a plain one. */}
      <button type="submit" hidden aria-label={`${save} the credential`} />
    </form>
  );
}
