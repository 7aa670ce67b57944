/** CHATHISTORY (https://ircv3.net/specs/extensions/chathistory) from the reader's side, page by page. */
import type { Message } from "../../irc/message.ts";
import { parseWireCount } from "../../irc/wire_number.ts";
import type { Link } from "../connection/link.ts";
import { explainFailure, findFailureReply } from "../session/failure_reply.ts";
import type { ClientSession } from "../session/client_session.ts";

/** What is needed of a {@link Link} to ask it for history. */
export interface HistorySource extends Pick<Link, "request"> {
  readonly session: Pick<ClientSession, "caps" | "isupport">;
}

export type HistoryPageOutcome =
  /** Oldest first, behind a NOTE of what is lost before them. No message: there is nothing (more). */
  | { readonly kind: "page"; readonly lines: Message[] }
  /** This server keeps no history that it would show. */
  | { readonly kind: "unsupported" }
  | { readonly kind: "no_such_target" | "failed" | "lost"; readonly text: string }
  | { readonly kind: "timed_out" };

export type HistoryPageFailure = Exclude<HistoryPageOutcome, { kind: "page" }>;

/** Messages asked for at once, where the server allows as many. */
const PAGE_MESSAGES = 500;

/**
 * Which page: `latest` is the newest ones after the anchor (`*`: of all); `before` and `after` are those next to the anchor.
 * An anchor is what {@link formatTimeAnchor} or {@link formatAnchor} gives.
 */
export interface HistoryPageRequest {
  readonly target: string;
  readonly which: "latest" | "before" | "after";
  readonly anchor: string;
  readonly limit: number;
}

/** One page. The server may give fewer than `limit` although there are more; only an empty page is the end. */
export async function fetchHistoryPage(
  link: HistorySource,
  { target, which, anchor, limit }: HistoryPageRequest,
): Promise<HistoryPageOutcome> {
  const { caps, isupport } = link.session;
  if (!caps.has("draft/chathistory") && !caps.has("chathistory")) return { kind: "unsupported" };
  const allowed = parseWireCount(isupport.get("CHATHISTORY")) || PAGE_MESSAGES; // 0: no bound
  const params = [which.toUpperCase(), target, anchor, String(Math.min(limit, allowed, PAGE_MESSAGES))];
  const outcome = await link.request({ command: "CHATHISTORY", params });
  if (outcome.kind !== "answered") return outcome;
  const failure = findFailureReply(outcome.lines);
  if (failure === undefined) return { kind: "page", lines: outcome.lines };
  const kind = failure.params[1] === "INVALID_TARGET" ? "no_such_target" : "failed";
  return { kind, text: explainFailure(failure) };
}

/** The anchor of a point in time (milliseconds since the epoch), which itself is not part of any page. */
export function formatTimeAnchor(time: number): string {
  return `timestamp=${new Date(time).toISOString()}`;
}

/** The anchor of a message: its id, or its time where it has none. */
export function formatAnchor(message: { readonly id: string | undefined; readonly time: number }): string {
  return message.id === undefined ? formatTimeAnchor(message.time) : `msgid=${message.id}`;
}
