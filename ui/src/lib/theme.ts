import type { Theme } from "../ipc";

/** Which of the two themes is shown. */
export function effectiveTheme(theme: Theme, systemIsLight: boolean): "dark" | "light" {
  return theme === "system" ? (systemIsLight ? "light" : "dark") : theme;
}

/** The theme that the button goes to next. */
export function nextTheme(theme: Theme): Theme {
  return theme === "dark" ? "light" : theme === "light" ? "system" : "dark";
}

export function isTheme(value: string | null): value is Theme {
  return value === "system" || value === "dark" || value === "light";
}
