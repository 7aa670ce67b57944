/** Bounds the requests that wait for answers: history of many rooms at once would time out. */
import { ConcurrencyGate } from "../../../lib/base/concurrency_gate.ts";
import type { HistorySource } from "../../../lib/client/history/history_reader.ts";
import type { Link } from "../../../lib/client/connection/link.ts";

/** Requests for history that are open at a time. */
const MAX_OPEN_REQUESTS = 8;

/** `link` for many readers: further requests wait. */
export function withRequestGate(link: Link): HistorySource {
  const gate = new ConcurrencyGate(MAX_OPEN_REQUESTS);
  return { session: link.session, request: (message) => gate.run(() => link.request(message)) };
}
