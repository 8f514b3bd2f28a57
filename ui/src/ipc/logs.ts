import { useEffect, useState } from "react";
import type { ApiError, LogLineInfo, LogOpen } from "./bindings";
import { useTransport } from "./client";
import { toApiError } from "./transport";

/** Lines that this client keeps of a log; the oldest go first. The core keeps more. */
export const logLimit = 5_000;

export interface FollowedLog {
  lines: LogLineInfo[];
  /** Lines that are no longer kept. */
  dropped: number;
  /** Whether more may come. */
  open: boolean;
  error: ApiError | null;
}

const nothing: FollowedLog = { lines: [], dropped: 0, open: true, error: null };

/** Adds lines to those that are known; what came before them is left out where it is too much. */
export function addLines(before: LogLineInfo[], more: LogLineInfo[]): LogLineInfo[] {
  const last = before.at(-1)?.number ?? 0;
  const fresh = more.filter((line) => line.number > last);
  return fresh.length === 0 ? before : [...before, ...fresh].slice(-logLimit);
}

/** Follows a log while it is shown. */
export function useLog(source: LogOpen | null): FollowedLog {
  const transport = useTransport();
  const key = source === null ? null : JSON.stringify(source);
  const [state, setState] = useState<{ key: string | null; log: FollowedLog }>({ key, log: nothing });
  if (state.key !== key) setState({ key, log: nothing });

  useEffect(() => {
    if (key === null) return;
    const wanted: LogOpen = JSON.parse(key);
    const shown = { now: true };
    let stream: string | null = null;
    let reading = false;
    let again = false;
    const set = (change: (log: FollowedLog) => FollowedLog): void => {
      if (shown.now) setState((before) => (before.key === key ? { key, log: change(before.log) } : before));
    };
    const fail = (reason: unknown): void => set((log) => ({ ...log, open: false, error: toApiError(reason) }));
    let after = 0;
    const read = async (): Promise<void> => {
      if (stream === null) return;
      if (reading) {
        again = true;
        return;
      }
      reading = true;
      try {
        do {
          again = false;
          const answer = await transport.call("log_read", { stream, after });
          after = answer.lines.at(-1)?.number ?? after;
          if (after < answer.newest) again = true;
          const error =
            answer.error === null ? null : { code: "log", message: answer.error, hints: [], location: null };
          set((log) => ({
            lines: addLines(log.lines, answer.lines),
            dropped: answer.dropped,
            open: answer.open,
            error,
          }));
        } while (again && shown.now);
      } catch (reason) {
        fail(reason);
      } finally {
        reading = false;
      }
    };
    const end = transport.events((batch) => {
      if (batch.some((event) => event.event === "logGrew" && event.stream === stream)) void read();
    });
    transport.call("log_open", wanted).then((opened) => {
      if (!shown.now) {
        void transport.call("log_close", opened).catch(() => {});
        return;
      }
      stream = opened.stream;
      void read();
    }, fail);
    return () => {
      shown.now = false;
      end();
      if (stream !== null) void transport.call("log_close", { stream }).catch(() => {});
    };
  }, [key, transport]);
  return state.key === key ? state.log : nothing;
}
