import {
  createBrowserHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  type RouterHistory,
  redirect,
  useLocation,
  useNavigate,
  useRouter,
  useSearch,
} from "@tanstack/react-router";
import { type ComponentType, type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";
import { ActivityScreen } from "../features/activity/ActivityScreen";
import { EnvironmentsScreen } from "../features/environments/EnvironmentsScreen";
import { PromotionsScreen } from "../features/promotions/PromotionsScreen";
import { ReviewScreen } from "../features/review/ReviewScreen";
import { SettingsScreen } from "../features/settings/SettingsScreen";
import { WavesScreen } from "../features/waves/WavesScreen";
import { WelcomeScreen } from "../features/welcome/WelcomeScreen";
import { useToast } from "../components/Toast";
import { closeWindow, hasWindows, toApiError, useSession } from "../ipc";
import { useWindowKeys } from "../lib/hooks";
import { dispatchKey } from "../lib/keymap";
import { type Place, type Places, PlacesContext, type ScreenProps, type Searches } from "../lib/places";
import { CrashNotice } from "./CrashNotice";
import { Shell } from "./Shell";
import styles from "./Shell.module.css";
import { useTheme } from "./useTheme";

const screens: { [P in Place]: ComponentType<ScreenProps<P>> } = {
  environments: EnvironmentsScreen,
  waves: WavesScreen,
  promotions: PromotionsScreen,
  review: ReviewScreen,
  activity: ActivityScreen,
  settings: SettingsScreen,
};

const keys: { [P in Place]: readonly (keyof Searches[P] & string)[] } = {
  environments: ["q", "state", "at", "tab", "resource"],
  waves: ["instances", "run", "density", "task", "revision", "sync"],
  promotions: ["q", "rows", "columns", "from", "to", "applications", "step", "without"],
  review: ["from", "to", "applications", "at", "view", "q", "without"],
  activity: ["run", "tab"],
  settings: ["section", "start"],
};

/** Reads what an address holds: text, under the names the place knows. */
function readSearch<P extends Place>(place: P, raw: Record<string, unknown>): Searches[P] {
  const search: Record<string, string> = {};
  for (const key of keys[place]) {
    const value = raw[key];
    if (typeof value === "string" && value !== "") search[key] = value;
  }
  // Every key is one of the place's, and every one of those is optional text.
  return search as Searches[P];
}

function placeOf(pathname: string): Place | null {
  const name = pathname.split("/")[1] ?? "";
  return name in keys ? (name as Place) : null;
}

function clean(search: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "",
    ),
  );
}

function usePlacesOfRouter(): Places {
  const navigate = useNavigate();
  const router = useRouter();
  return useMemo(
    () => ({
      go: (place, search = {}) => void navigate({ to: `/${place}`, search: clean(search) }),
      href: (place, search = {}) => router.history.createHref(`/${place}${stringifySearch(clean(search))}`),
    }),
    [navigate, router],
  );
}

function Root(): ReactNode {
  const session = useSession();
  // Only the place: a filter that is typed into the address paints the screen, not the frame around it.
  const place = useLocation({ select: (location) => placeOf(location.pathname) });
  useTheme();
  const places = usePlacesOfRouter();
  const toast = useToast();
  const close = (): void =>
    void closeWindow().catch((reason: unknown) => toast("The window cannot be closed", toApiError(reason).message));
  useWindowKeys((event) => {
    if (hasWindows) dispatchKey(event, { "Mod+Q": close });
  });
  // What the address says of a repository, such as a filter, is nothing to the next one: that begins at its tree.
  const shown = useRef(session.repository);
  useEffect(() => {
    if (shown.current !== null && shown.current !== session.repository) places.go("environments");
    shown.current = session.repository;
  }, [session.repository, places]);
  if (place === null) return <Outlet />;
  if (session.restoring) return null;
  return (
    <PlacesContext value={places}>
      {session.repository === null ? (
        <div className={styles.frame}>
          <CrashNotice />
          <WelcomeScreen />
        </div>
      ) : (
        <Shell key={session.repository} place={place}>
          <Outlet />
        </Shell>
      )}
    </PlacesContext>
  );
}

function screenOf<P extends Place>(place: P, Screen: ComponentType<ScreenProps<P>>): () => ReactNode {
  return function ScreenRoute(): ReactNode {
    const raw: Record<string, unknown> = useSearch({ strict: false });
    const navigate = useNavigate();
    const search = useMemo(() => readSearch(place, raw), [raw]);
    const onSearch = useCallback(
      (patch: Partial<Searches[P]>, options?: { replace?: boolean }) =>
        void navigate({
          to: `/${place}`,
          search: (before: Record<string, unknown>) => clean({ ...readSearch(place, before), ...patch }),
          replace: options?.replace === true,
        }),
      [navigate],
    );
    return <Screen search={search} onSearch={onSearch} />;
  };
}

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text.replace(/^\?/, "")));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const text = new URLSearchParams(clean(search)).toString();
  return text === "" ? "" : `?${text}`;
}

const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound });

function NotFound(): ReactNode {
  return (
    <p>
      There is no such page. <a href="#/environments">Go to Environments</a>
    </p>
  );
}

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/environments" });
  },
});

function routeOf<P extends Place>(place: P) {
  return createRoute({
    getParentRoute: () => rootRoute,
    path: `/${place}`,
    component: screenOf<P>(place, screens[place]),
  });
}

/** Whether a state of the browser's history was written by the router, which numbers its entries. */
function isHistoryState(value: unknown): value is { __TSR_index: number } {
  return typeof value === "object" && value !== null && "__TSR_index" in value && typeof value.__TSR_index === "number";
}

/**
 * A history whose addresses lie behind the `#`: the page is one file wherever it is served. The part before the
 * `#` is left alone; it is not the router's.
 */
export function hashHistory(): RouterHistory {
  return createBrowserHistory({
    parseLocation: () => {
      const hash = window.location.hash.slice(1);
      const href = hash === "" ? "/" : hash;
      const question = href.indexOf("?");
      const known: unknown = window.history.state;
      return {
        href,
        pathname: question === -1 ? href : href.slice(0, question),
        search: question === -1 ? "" : href.slice(question),
        hash: "",
        state: isHistoryState(known) ? known : { __TSR_index: 0 },
      };
    },
    createHref: (href) => `${window.location.pathname}${window.location.search}#${href}`,
  });
}

/** The routes of the application. `extra` adds routes that only development has. */
export function createAppRouter(history: RouterHistory = hashHistory(), gallery?: () => ReactNode) {
  const galleryRoute = createRoute({
    getParentRoute: () => rootRoute,
    path: "/gallery",
    ...(gallery === undefined ? {} : { component: gallery }),
  });
  const routes = [
    indexRoute,
    routeOf("environments"),
    routeOf("waves"),
    routeOf("promotions"),
    routeOf("review"),
    routeOf("activity"),
    routeOf("settings"),
  ];
  return createRouter({
    routeTree: rootRoute.addChildren(gallery === undefined ? routes : [...routes, galleryRoute]),
    history,
    parseSearch,
    stringifySearch,
    defaultPendingMs: 0,
    defaultPreload: false,
  });
}
