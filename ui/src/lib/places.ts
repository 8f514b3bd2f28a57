import { createContext, use } from "react";

/** What a screen keeps in its address: selection and filters, so that back, forward and links work. */
export interface Searches {
  environments: { q?: string; state?: string; at?: string; tab?: string; resource?: string };
  waves: { instances?: string; run?: string; density?: string; task?: string; revision?: string; sync?: string };
  promotions: {
    q?: string;
    rows?: string;
    /** "all": also the environments that hold none of the rows. */
    columns?: string;
    from?: string;
    to?: string;
    applications?: string;
    step?: string;
    /** What the review left out, as `writeList` of `INSTANCE RESOURCE` and `INSTANCE RESOURCE PATH`. */
    without?: string;
  };
  review: {
    from?: string;
    to?: string;
    applications?: string;
    at?: string;
    view?: string;
    q?: string;
    /** What the promotion leaves out, in the same form. */
    without?: string;
  };
  activity: { run?: string; tab?: string };
  /** With `start` the section begins what it is for. */
  settings: { section?: string; start?: string };
}

export type Place = keyof Searches;

/** Ways between screens. A feature asks for a place; the router of the application knows how it gets there. */
export interface Places {
  go<P extends Place>(place: P, search?: Searches[P]): void;
  href<P extends Place>(place: P, search?: Searches[P]): string;
}

/** What a screen gets: its part of the address, and how to change it. */
export interface ScreenProps<P extends Place> {
  search: Searches[P];
  /** Changes parts of the address; with `replace` the step is not kept in the history. */
  onSearch: (patch: Partial<Searches[P]>, options?: { replace?: boolean }) => void;
}

const nowhere: Places = { go: () => {}, href: () => "#" };

export const PlacesContext = createContext<Places>(nowhere);

export function usePlaces(): Places {
  return use(PlacesContext);
}

/** A list in an address. */
export function readList(text: string | undefined): string[] {
  return text === undefined || text === "" ? [] : text.split(",").map(decodeURIComponent);
}

export function writeList(items: readonly string[]): string | undefined {
  return items.length === 0
    ? undefined
    : items.map((item) => item.replaceAll("%", "%25").replaceAll(",", "%2C")).join(",");
}
