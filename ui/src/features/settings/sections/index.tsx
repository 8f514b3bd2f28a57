import type { ReactNode } from "react";
import type { Settings } from "../../../ipc";
import type { ScreenProps } from "../../../lib/places";
import { About } from "./About";
import { Appearance } from "./Appearance";
import { Clusters } from "./Clusters";
import { Credentials } from "./Credentials";
import { Fetched } from "./Fetched";
import { Identity } from "./Identity";
import { Repositories } from "./Repositories";
import { Shortcuts } from "./Shortcuts";
import { Tools } from "./Tools";

export type SectionName =
  | "repositories"
  | "credentials"
  | "identity"
  | "clusters"
  | "fetched"
  | "tools"
  | "appearance"
  | "shortcuts"
  | "about";

/** What each section of the settings shows. */
export const bodies: Record<SectionName, (settings: Settings, props: ScreenProps<"settings">) => ReactNode> = {
  repositories: (settings) => <Repositories settings={settings} />,
  credentials: () => <Credentials />,
  identity: (settings) => <Identity settings={settings} />,
  clusters: (settings) => <Clusters settings={settings} />,
  fetched: (_, { search, onSearch }) => (
    <Fetched start={search.start === "1"} onStarted={() => onSearch({ start: "" }, { replace: true })} />
  ),
  tools: (settings) => <Tools settings={settings} />,
  appearance: (settings) => <Appearance settings={settings} />,
  shortcuts: (settings) => <Shortcuts settings={settings} />,
  about: () => <About />,
};
