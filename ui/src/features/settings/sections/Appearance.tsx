import type { ReactNode } from "react";
import { CheckField, RadioGroup, SelectField } from "../../../components/Field";
import { hasWindows, type Settings } from "../../../ipc";
import { useSave } from "../fields";
import styles from "../Settings.module.css";

const sizes = [70, 80, 90, 100, 110, 120, 130, 150, 170, 200];

export function Appearance({ settings }: { settings: Settings }): ReactNode {
  const save = useSave({ quiet: true });
  return (
    <>
      <h1 className={styles.title}>Appearance</h1>
      <RadioGroup
        label="Theme"
        value={settings.theme}
        onChange={(theme) => save({ ...settings, theme })}
        entries={[
          { value: "system", label: "System", hint: "Follows the platform." },
          { value: "dark", label: "Dark" },
          { value: "light", label: "Light" },
        ]}
      />
      <RadioGroup
        label="Rows"
        value={settings.density}
        onChange={(density) => save({ ...settings, density })}
        entries={[
          { value: "comfortable", label: "Comfortable" },
          { value: "compact", label: "Compact", hint: "More applications, changes and environments on a screen." },
        ]}
      />
      <CheckField
        label="Classic green and red in differences"
        hint="Blue and orange stay apart for people who do not tell red from green."
        checked={settings.diffColours === "classic"}
        onChange={(checked) => save({ ...settings, diffColours: checked ? "classic" : "safe" })}
      />
      {hasWindows ? (
        <SelectField
          label="Size of everything"
          value={String(settings.zoom)}
          options={[...new Set([...sizes, settings.zoom])]
            .sort((left, right) => left - right)
            .map((size) => ({ value: String(size), label: `${size} %` }))}
          onChange={(size) => save({ ...settings, zoom: Number(size) })}
        />
      ) : (
        <p className={styles.muted}>The size of everything is set by the browser: Ctrl + and Ctrl −.</p>
      )}
    </>
  );
}
