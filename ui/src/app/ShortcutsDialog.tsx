import type { ReactNode } from "react";
import { Kbd } from "../components/Chip";
import { Dialog } from "../components/Dialog";
import { hasWindows } from "../ipc";
import { keyLabel, shortcuts } from "../lib/keymap";
import styles from "./Shell.module.css";

const scopes = [...new Set(shortcuts.map((shortcut) => shortcut.scope))];

export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }): ReactNode {
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" size="large">
      <div className={styles.shortcuts}>
        {scopes.map((scope) => (
          <section key={scope}>
            <h3 className={styles.shortcutScope}>{scope}</h3>
            <dl>
              {shortcuts
                .filter((shortcut) => shortcut.scope === scope && (hasWindows || shortcut.window !== true))
                .map((shortcut) => (
                  <div key={shortcut.keys} className={styles.shortcut}>
                    <dt>{shortcut.label}</dt>
                    <dd>
                      <Kbd>{keyLabel(shortcut.keys)}</Kbd>
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
