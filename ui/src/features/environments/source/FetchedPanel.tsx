import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { type FetchedState, useFetched } from "../../../ipc";
import styles from "./Source.module.css";

type Content = ComponentType<{ fetched: FetchedState; instance: string }>;

/** Loaded when a source is looked at: nobody waits for it before the first screen. */
let loaded: Content | null = null;

/** What an instance reads from elsewhere: fetched and updated here as in the settings. */
export function FetchedPanel({ repository, instance }: { repository: string; instance: string }): ReactNode {
  const fetched = useFetched(repository, instance);
  const [content, setContent] = useState<{ Content: Content } | null>(loaded === null ? null : { Content: loaded });
  useEffect(() => {
    if (loaded !== null) return;
    void import("../../../components/FetchedContent").then((module) => {
      loaded = module.FetchedContent;
      setContent({ Content: module.FetchedContent });
    });
  }, []);
  const { list, missing } = fetched;
  const concerns =
    (list?.items ?? []).some((item) => item.usedBy.includes(instance)) || (missing?.items.length ?? 0) > 0;
  if (content === null || !concerns) return null;
  return (
    <section className={styles.section} aria-label="Read from elsewhere">
      <h3 className={styles.heading}>Read from elsewhere</h3>
      <content.Content fetched={fetched} instance={instance} />
    </section>
  );
}
