import { Check, ChevronsUpDown } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { moveChoice, typeAheadIn } from "../lib/choice";
import { cx } from "../lib/cx";
import { useTyped } from "../lib/useTyped";
import { Floating } from "./Floating";
import styles from "./Select.module.css";

export interface Option {
  value: string;
  label: string;
}

/**
 * A choice of few. The focus stays on the button while the list is open, as in the native control (WAI-ARIA calls it
 * a select-only combobox); Base UI's own Select would cost another 8 KB of the first page.
 */
export function SelectField({
  label,
  value,
  options,
  onChange,
  inline,
  disabled,
}: {
  label: string;
  value: string;
  options: Option[];
  onChange: (value: string) => void;
  /** Whether the label stands before the button instead of above it. */
  inline?: boolean;
  disabled?: boolean;
}): ReactNode {
  const id = useId();
  const [open, setOpen] = useState(false);
  const chosen = options.findIndex((option) => option.value === value);
  const [active, setActive] = useState(chosen);
  const anchor = useRef<HTMLButtonElement>(null);
  const typed = useTyped();
  useEffect(() => {
    if (open) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [open, active, id]);

  function show(next: boolean): void {
    if (next) setActive(chosen);
    setOpen(next);
  }

  function choose(index: number): void {
    const option = options[index];
    setOpen(false);
    if (option !== undefined && option.value !== value) onChange(option.value);
  }

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey) return;
    const printable = event.key.length === 1 && (event.key !== " " || typed.going()) && !event.altKey;
    const to = moveChoice(active, options.length, event.key);
    if (printable) {
      const names = options.map((option) => option.label);
      const found = typeAheadIn(names, open ? active : chosen, typed.add(event.key));
      if (found !== null) {
        if (!open) show(true);
        setActive(found);
      }
    } else if (event.key === "Enter" || event.key === " ") {
      if (open) choose(active);
      else show(true);
    } else if (open && event.key === "Tab") {
      choose(active);
      return;
    } else if (to !== null) {
      if (open && !event.altKey) setActive(to);
      else show(!open);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className={inline === true ? styles.inline : styles.field}>
      <span id={`${id}-label`} className={cx(styles.label, inline === true && styles.inlineLabel)}>
        {label}
      </span>
      <button
        ref={anchor}
        type="button"
        className={styles.trigger}
        role="combobox"
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
        aria-labelledby={`${id}-label`}
        disabled={disabled}
        onClick={() => show(!open)}
        onKeyDown={key}
      >
        <span className={styles.value}>{options[chosen]?.label ?? value}</span>
        <ChevronsUpDown aria-hidden size={13} strokeWidth={1.75} className={styles.icon} />
      </button>
      {open && (
        <Floating
          anchor={anchor}
          onClose={() => setOpen(false)}
          id={`${id}-list`}
          role="listbox"
          aria-labelledby={`${id}-label`}
          className={styles.popup}
          // The focus stays on the button.
          onMouseDown={(event) => event.preventDefault()}
        >
          {options.map((option, index) => (
            <div
              key={option.value}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className={cx(styles.item, index === active && styles.active)}
              onPointerMove={() => setActive(index)}
              onClick={() => choose(index)}
            >
              <span className={styles.indicator}>
                {index === chosen && <Check aria-hidden size={14} strokeWidth={1.75} />}
              </span>
              <span className={styles.text}>{option.label}</span>
            </div>
          ))}
        </Floating>
      )}
    </div>
  );
}
