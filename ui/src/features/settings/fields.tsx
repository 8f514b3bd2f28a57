import { type ReactNode, useState } from "react";
import { Button } from "../../components/Button";
import { TextField } from "../../components/Field";
import { useToast } from "../../components/Toast";
import { type Settings, toApiError, useAction } from "../../ipc";

/** Keeps settings and says so; what is seen at once needs no word. */
export function useSave(options: { quiet?: boolean } = {}): (settings: Settings) => void {
  const save = useAction("settings_save");
  const toast = useToast();
  return (settings) =>
    save.mutate(settings, {
      ...(options.quiet === true ? {} : { onSuccess: () => toast("Settings saved") }),
      onError: (reason) => toast("The settings were not saved", toApiError(reason).message),
    });
}

/** A text setting with a default; it is saved on purpose, not on every key. */
export function SettingField({
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

/** Lets Enter in a field submit a form of several fields whose visible button is a plain one. */
export function EnterSubmits({ label }: { label: string }): ReactNode {
  return <button type="submit" hidden aria-label={label} />;
}
