import { useEffect } from "react";
import { type Theme, useAction, useCommand } from "../ipc";
import { useMediaQuery } from "../lib/hooks";
import { readPreference, writePreference } from "../lib/preferences";
import { effectiveTheme, isTheme } from "../lib/theme";

/** The theme of the settings, shown on the page. Until they are read, the one that was shown last. */
export function useTheme(): { theme: Theme; setTheme: (theme: Theme) => void } {
  const settings = useCommand("settings", {});
  const save = useAction("settings_save");
  const systemIsLight = useMediaQuery("(prefers-color-scheme: light)");
  const stored = readPreference("theme");
  const before = isTheme(stored) ? stored : "system";
  const theme = settings.data?.theme ?? before;
  useEffect(() => {
    document.documentElement.dataset.theme = effectiveTheme(theme, systemIsLight);
    writePreference("theme", theme);
  }, [theme, systemIsLight]);
  return {
    theme,
    setTheme: (next) => {
      if (settings.data !== undefined) save.mutate({ ...settings.data, theme: next });
    },
  };
}
