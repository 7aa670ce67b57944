/** Bounds the requests that wait for answers: history of many rooms at once would time out. */
import type { HistorySource } from "../../../lib/client/history/history_reader.ts";
import type { Link } from "../../../lib/client/connection/link.ts";

/** Requests for history that are open at a time. */
const MAX_OPEN_REQUESTS = 8;

/** `link` for many readers: further requests wait. */
export function withRequestGate(link: Link): HistorySource {
  const waiting: (() => void)[] = [];
  let open = 0;
  return {
    session: link.session,
    async request(message) {
      if (open >= MAX_OPEN_REQUESTS) await new Promise<void>((resolve) => waiting.push(resolve));
      else open++;
      try {
        return await link.request(message);
      } finally {
        const next = waiting.shift();
        if (next === undefined) open--;
        else next();
      }
    },
  };
}
