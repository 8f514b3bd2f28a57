import { createMemoryHistory, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo } from "react";
import { App } from "../../app/App";
import { createAppRouter } from "../../app/router";
import { createQueryClient } from "../../ipc";
import { fakeCore } from "../../testing/core";
import { Components } from "./entries";
import { pressAll } from "./press";
import { type ScreenEntry, screens } from "./screens";
import styles from "./Gallery.module.css";

/** Every screen in every state, and every component. For development; production builds do not hold it. */
export function Gallery(): ReactNode {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const chosen = typeof search.entry === "string" ? search.entry : "Components";
  const screen = screens.find((entry) => entry.name === chosen);
  const stage = screen === undefined ? <Components /> : <Screen key={screen.name} entry={screen} />;
  // By itself an entry has the size and the landmarks that it has in the application.
  if (search.alone !== undefined) return stage;
  return (
    <div className={styles.gallery}>
      <nav className={styles.nav} aria-label="Gallery">
        {["Components", ...screens.map((entry) => entry.name)].map((name) => (
          <button
            key={name}
            type="button"
            className={styles.link}
            aria-current={name === chosen ? "page" : undefined}
            onClick={() => void navigate({ to: "/gallery", search: { entry: name } })}
          >
            {name}
          </button>
        ))}
      </nav>
      <div className={styles.stage}>{stage}</div>
    </div>
  );
}

function Screen({ entry }: { entry: ScreenEntry }): ReactNode {
  const parts = useMemo(() => {
    sessionStorage.clear();
    const transport = fakeCore({ initial: "/home/ada/gitops", ...entry.options });
    if (entry.handlers !== undefined) transport.handle(entry.handlers);
    if (entry.offline === true) setTimeout(() => transport.setConnection("reconnecting"), 300);
    return {
      transport,
      client: createQueryClient(),
      router: createAppRouter(createMemoryHistory({ initialEntries: [`/${entry.path}`] })),
    };
  }, [entry]);
  useEffect(() => (entry.press === undefined ? undefined : pressAll(entry.press)), [entry]);
  return <App {...parts} />;
}
