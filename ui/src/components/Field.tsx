import { Search } from "lucide-react";
import { type ComponentProps, type ReactNode, type Ref, useEffect, useId } from "react";
import { announce } from "../lib/announce";
import { cx } from "../lib/cx";
import { useRested } from "../lib/hooks";
import { keyLabel } from "../lib/keymap";
import { Kbd } from "./Chip";
import styles from "./Field.module.css";

interface Around {
  label: string;
  hint?: string;
  /** What is wrong with the value, in a sentence. */
  error?: string | null;
}

/** A labelled text field. */
export function TextField({
  label,
  hint,
  error,
  mono,
  trailing,
  ...rest
}: Around & { mono?: boolean; trailing?: ReactNode } & Omit<ComponentProps<"input">, "id" | "className">): ReactNode {
  const id = useId();
  const described =
    error !== undefined && error !== null ? `${id}-error` : hint === undefined ? undefined : `${id}-hint`;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <div className={styles.line}>
        <input
          {...rest}
          id={id}
          spellCheck={false}
          autoComplete="off"
          className={cx(styles.input, mono === true && styles.mono)}
          aria-invalid={error !== undefined && error !== null ? true : undefined}
          aria-describedby={described}
        />
        {trailing}
      </div>
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  );
}

export function TextArea({
  label,
  hint,
  error,
  rows = 4,
  ...rest
}: Around & Omit<ComponentProps<"textarea">, "id" | "className">): ReactNode {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <textarea
        {...rest}
        id={id}
        rows={rows}
        spellCheck={false}
        className={cx(styles.input, styles.area, styles.mono)}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      />
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  );
}

function FieldNotes({
  id,
  hint,
  error,
}: {
  id: string;
  hint: string | undefined;
  error: string | null | undefined;
}): ReactNode {
  if (error !== undefined && error !== null) {
    return (
      <p id={`${id}-error`} className={styles.error} role="alert">
        {error}
      </p>
    );
  }
  return hint === undefined ? null : (
    <p id={`${id}-hint`} className={styles.hint}>
      {hint}
    </p>
  );
}

export { type Option, SelectField } from "./Select";

/** A box that is ticked or not, with its words. */
export function CheckField({
  label,
  hint,
  checked,
  onChange,
  disabled,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}): ReactNode {
  const id = useId();
  return (
    <div className={styles.check}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id} className={styles.checkLabel}>
        {label}
      </label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className={cx(styles.hint, styles.checkHint)}>
          {hint}
        </p>
      )}
    </div>
  );
}

export interface RadioEntry<K extends string> {
  value: K;
  label: string;
  hint?: string;
  disabledReason?: string | null;
}

/** One of a few, each explained. */
export function RadioGroup<K extends string>({
  label,
  value,
  entries,
  onChange,
}: {
  label: string;
  value: K;
  entries: RadioEntry<K>[];
  onChange: (value: K) => void;
}): ReactNode {
  const name = useId();
  return (
    <fieldset className={styles.radios}>
      <legend className={styles.label}>{label}</legend>
      {entries.map((entry) => {
        const disabled = entry.disabledReason !== undefined && entry.disabledReason !== null;
        const note = disabled ? entry.disabledReason : entry.hint;
        return (
          <div key={entry.value} className={styles.check}>
            <input
              type="radio"
              id={`${name}-${entry.value}`}
              name={name}
              value={entry.value}
              checked={value === entry.value}
              disabled={disabled}
              aria-describedby={note === undefined || note === null ? undefined : `${name}-${entry.value}-hint`}
              onChange={() => onChange(entry.value)}
            />
            <label htmlFor={`${name}-${entry.value}`} className={styles.checkLabel}>
              {entry.label}
            </label>
            {note !== undefined && note !== null && (
              <p id={`${name}-${entry.value}-hint`} className={cx(styles.hint, styles.checkHint)}>
                {note}
              </p>
            )}
          </div>
        );
      })}
    </fieldset>
  );
}

/** The filter of a screen. `/` moves the focus here. */
export function FilterField({
  label,
  placeholder,
  value,
  found,
  onChange,
  ref,
  onKeyDown,
}: {
  label: string;
  placeholder: string;
  value: string;
  /** How much fits, in words: said to screen readers once the typing has rested. */
  found: string;
  onChange: (value: string) => void;
  ref?: Ref<HTMLInputElement>;
  onKeyDown?: ComponentProps<"input">["onKeyDown"];
}): ReactNode {
  const said = useRested(value === "" ? "" : found, 600);
  useEffect(() => {
    if (said !== "") announce(said);
  }, [said]);
  return (
    <div className={styles.filter}>
      <Search aria-hidden size={14} strokeWidth={1.75} className={styles.filterIcon} />
      <input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        spellCheck={false}
        autoComplete="off"
        data-filter
        className={styles.filterInput}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value !== "") {
            event.preventDefault();
            event.stopPropagation();
            onChange("");
            return;
          }
          onKeyDown?.(event);
        }}
        onChange={(event) => onChange(event.target.value)}
      />
      {value === "" && <Kbd>{keyLabel("/")}</Kbd>}
    </div>
  );
}
