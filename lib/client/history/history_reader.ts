/** Reads history over a link. */
import type { HistoryItem } from "../conversation/model/chat_entry.ts";
import type { ReadPosition } from "../conversation/model/read_position.ts";
import { isInvalidTarget, isUnavailable, readHistory } from "../conversation/sync/history_read.ts";
import type { HistoryRange, ReadOptions } from "../conversation/sync/history_read.ts";
import { CHATHISTORY } from "../../irc/capability_names.ts";
import { LOBBY_TOKEN } from "../../irc/vendor_extensions.ts";
import { parseWireCount } from "../../irc/wire_number.ts";
import type { Link } from "../connection/link.ts";
import type { ClientSession } from "../session/client_session.ts";
import { explainFailure } from "../session/failure_reply.ts";

/** What is needed of a {@link Link} to ask it for history. */
export interface HistorySource extends Pick<Link, "request"> {
  readonly session: Pick<ClientSession, "caps" | "isupport">;
}

export interface HistoryReadOptions extends Pick<ReadOptions, "range" | "merge" | "now"> {
  readonly link: HistorySource;
  /** Messages asked for at once, at most; left out: {@link PAGE_MESSAGES}. */
  readonly pageMessages?: number | undefined;
  /** Once it is aborted no further page is asked for. */
  readonly signal: AbortSignal;
  /** Called in order; resolves when `items` are shown. */
  readonly show: (items: readonly HistoryItem[]) => Promise<void>;
  /** The server does not know the message at `position`: it has another log. Reading goes on by time. */
  readonly onNewLog: (position: ReadPosition) => void;
}

export type HistoryReadOutcome = { readonly kind: "done" } | HistoryReadFailure;

export type HistoryReadFailure =
  /** The server keeps no history that it would show. */
  | { readonly kind: "unsupported" }
  | { readonly kind: "no_such_target" | "unavailable" | "failed" | "lost"; readonly text: string }
  | { readonly kind: "timed_out" };

/** Messages asked for at once, where the server allows as many. */
const PAGE_MESSAGES = 500;

/** Shows what `merge` has not given yet: the range asked for at first, later what is new since. */
export async function readFromServer(options: HistoryReadOptions): Promise<HistoryReadOutcome> {
  const { link, pageMessages = PAGE_MESSAGES, signal, show, onNewLog } = options;
  const { caps, isupport } = link.session;
  if (!caps.has(CHATHISTORY)) return { kind: "unsupported" };
  const allowed = parseWireCount(isupport.get("CHATHISTORY")) || pageMessages; // 0: no bound
  const read = readHistory({ ...options, pageMessages: Math.min(allowed, pageMessages) });
  let step = read.next([]);
  while (!step.done) {
    switch (step.value.kind) {
      case "ask": {
        if (signal.aborted) return { kind: "done" };
        const outcome = await link.request(step.value.message);
        if (outcome.kind !== "answered") return outcome;
        step = read.next(outcome.lines);
        continue;
      }
      case "items":
        await show(step.value.items);
        break;
      case "new_log":
        onNewLog(step.value.position);
    }
    step = read.next([]);
  }
  if (step.value.kind !== "refused") return { kind: "done" };
  const { reply } = step.value;
  const kind = isInvalidTarget(reply) ? "no_such_target" : isUnavailable(reply) ? "unavailable" : "failed";
  return { kind, text: explainFailure(reply) };
}

/** A range of which the target may be left to the server. */
export interface WantedRange extends HistoryRange {
  /** No channel was named: it is the server's lobby, and `target` where the server names none. */
  readonly isLobby?: boolean;
}

/** `range` on a server that says this of itself. */
export function resolveRange(isupport: ReadonlyMap<string, string>, range: WantedRange): HistoryRange {
  const lobby = range.isLobby === true ? isupport.get(LOBBY_TOKEN) : undefined;
  return { ...range, target: lobby || range.target };
}
