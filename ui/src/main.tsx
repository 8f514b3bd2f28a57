import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./styles/global.css";
import { App } from "./app/App";
import { createAppRouter } from "./app/router";
import { applyDiffColours } from "./features/settings/SettingsScreen";
import { createQueryClient, defaultTransport, type Transport } from "./ipc";
import { setSingleCharacters } from "./lib/keymap";
import { setDensity } from "./lib/density";
import { readPreference } from "./lib/preferences";
import { effectiveTheme, isTheme } from "./lib/theme";

const stored = readPreference("theme");
document.documentElement.dataset.theme = effectiveTheme(
  isTheme(stored) ? stored : "system",
  window.matchMedia("(prefers-color-scheme: light)").matches,
);
applyDiffColours();
setSingleCharacters(readPreference("single-characters") !== "off");
setDensity(readPreference("density") === "compact" ? "compact" : "comfortable");

async function chooseTransport(): Promise<Transport> {
  if (import.meta.env.DEV) {
    const parameters = new URLSearchParams(window.location.search);
    if (parameters.get("transport") === "fake") {
      const { fakeCore } = await import("./testing/core");
      const failing = parameters.get("failing");
      return fakeCore({
        scale: Number(parameters.get("scale") ?? 0),
        pace: Number(parameters.get("pace") ?? 400),
        readOnly: parameters.get("readonly"),
        initial: parameters.has("welcome") ? null : "/home/ada/gitops",
        ...(failing === null ? {} : { failing }),
      });
    }
  }
  return defaultTransport();
}

async function start(): Promise<void> {
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no element #root");
  const transport = await chooseTransport();
  const gallery = import.meta.env.DEV ? (await import("./features/gallery/Gallery")).Gallery : undefined;
  const router = createAppRouter(undefined, gallery);
  createRoot(root).render(
    <StrictMode>
      <App transport={transport} client={createQueryClient()} router={router} />
    </StrictMode>,
  );
  // Two frames: the first paints what was just rendered.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      transport.call("ui_ready", {}).catch((reason: unknown) => console.error("ui_ready failed:", reason));
    }),
  );
}

void start();
