/**
 * ChatterBox's own extensions of the protocol, beyond IRC and IRCv3; docs/protocol/ documents them.
 */
import type { Message } from "./message.ts";
import { parseWireCount } from "./wire_number.ts";

/** Prefix of ChatterBox's capabilities and tags (capability-negotiation and message-tags: "vendor-specific"). */
export const VENDOR_PREFIX = "chatterbox.chat/";

/**
 * ISUPPORT token: the channel that always exists, which ChatterBox's clients join unasked; no value if there is none.
 */
export const LOBBY_TOKEN = VENDOR_PREFIX + "LOBBY";

/** ISUPPORT token: the letter in the flags of WHO of a user that has lost the connection and may come back. */
export const LOST_TOKEN = VENDOR_PREFIX + "LOST";

/** Name of that channel unless the server is given another one. Clients assume it where the token is missing. */
export const DEFAULT_LOBBY = "#lobby";

/**
 * Tag: sequence number, in decimal, of the event that the line stands for. Sent with the capability of the same name.
 */
export const SEQ_TAG = VENDOR_PREFIX + "seq";

/** Capability: CLAIM, by which a key reserves a nick on a server without accounts. */
export const CLAIM_CAPABILITY = VENDOR_PREFIX + "claim";

/** Capability: the client has no nick; it reads and does not act. */
export const OBSERVER_CAPABILITY = VENDOR_PREFIX + "observer";

/** Metadata key of channels and users: how many messages a JOIN replays, a number or `off`. */
export const REPLAY_KEY = VENDOR_PREFIX + "replay";

/** Metadata key of channels: for how long the archive keeps what is said there, such as `30d`. */
export const KEEP_KEY = VENDOR_PREFIX + "keep";

/** Capability: sender ids (tag {@link SENDER_ID_TAG}) and AWAIT. */
export const RECEIPTS = VENDOR_PREFIX + "receipts";

/** Capability: ASK, questions that wait for answers. */
export const ASK_CAPABILITY = VENDOR_PREFIX + "ask";

/** Capability: ONCALL and PAGE, escalation lists and pages that ring until they are acknowledged. */
export const ONCALL_CAPABILITY = VENDOR_PREFIX + "oncall";

/**
 * Tag of a PRIVMSG or NOTICE from a client: the client's id for the message. The same id of the same sender is stored
 * once.
 */
export const SENDER_ID_TAG = VENDOR_PREFIX + "id";

/**
 * Tag without a value of a PRIVMSG or NOTICE from a client: the message is for users that are online and is
 * not queued for others.
 */
export const ONLINE_TAG = VENDOR_PREFIX + "online";

/** ISUPPORT token: messages may be scheduled; its value is how many of one account at a time. */
export const SCHEDULE_TOKEN = VENDOR_PREFIX + "SCHEDULE";

/** Tag of a PRIVMSG or NOTICE from a client: it is said later, at this time or after this duration. */
export const AT_TAG = VENDOR_PREFIX + "at";

/** Tag of a PRIVMSG or NOTICE from a client: it is said at each time that this cron expression names. */
export const EVERY_TAG = VENDOR_PREFIX + "every";

/** Tag beside those two: the IANA name of the time zone that the times are meant in; left out: UTC. */
export const ZONE_TAG = VENDOR_PREFIX + "zone";

/** `NOTE PRIVMSG SCHEDULED <id> <time> <target> :text`, instead of the echo: it is on disk, and is said at that time. */
export const SCHEDULED_CODE = "SCHEDULED";

/**
 * Client-only tag of a PRIVMSG or NOTICE: the id of an earlier message of the same sender, which the sender removes: this
 * one stands in its place.
 */
export const REPLACES_TAG = "+chatterbox.chat/replaces";

/** Attribute of SEARCH: only messages before this place, where a {@link SearchRest} begins. */
export const SEARCH_BEFORE = VENDOR_PREFIX + "before";

/** States of a message that a sender can await. */
export const RECEIPT_KINDS = ["durable", "delivered", "read"] as const;

export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/**
 * `NOTE PRIVMSG QUEUED <target> :text`, beside the echo: the receiver is offline; the message will be delivered when
 * they return.
 */
export const QUEUED_CODE = "QUEUED";

/**
 * `NOTE PRIVMSG TAGS_NOT_RECORDED <target> :text`: the message is delivered with its client-only tags, and recorded
 * without them.
 */
export const TAGS_NOT_RECORDED_CODE = "TAGS_NOT_RECORDED";

/**
 * Messages lost between the last one that a client saw and the oldest that history still has: `NOTE CHATHISTORY GAP
 * <target> <count> <why> [<most>] :text`, in front of the message behind them.
 */
export interface HistoryGap {
  readonly target: string;
  /** Number of lost messages; undefined: unknown, possibly none. */
  readonly count: number | undefined;
  /** Where that is unknown, the number that it does not exceed; left out: unknown, too. */
  readonly most?: number | undefined;
  /** `overwritten`: by newer messages. `restart`: a server ended before it had saved them. */
  readonly why: "overwritten" | "restart";
}

/** The line after `:server `. */
export function formatHistoryGap({ target, count, most, why }: HistoryGap): string {
  const text = why === "restart"
    ? "The server ended unexpectedly; messages it had not saved are lost"
    : "Older messages have been overwritten";
  const bound = count === undefined && most !== undefined ? ` ${most}` : "";
  return `NOTE CHATHISTORY GAP ${target} ${count ?? "*"} ${why}${bound} :${text}`;
}

/** The gap that `message` reports; undefined if it is another message. */
export function parseHistoryGap({ command, params }: Message): HistoryGap | undefined {
  const [verb, code, target, count, why, bound] = params;
  if (command !== "NOTE" || verb !== "CHATHISTORY" || code !== "GAP" || target === undefined) {
    return undefined;
  }
  if (why !== "overwritten" && why !== "restart") return undefined;
  if (count === "*") {
    const most = params.length > 6 ? parseWireCount(bound) : undefined;
    return { target, count: undefined, ...most !== undefined && { most }, why };
  }
  const missed = parseWireCount(count);
  return missed === undefined ? undefined : { target, count: missed, why };
}

/**
 * What a page of a search leaves: `NOTE SEARCH MORE <before> :text` or `NOTE SEARCH INCOMPLETE <why> <before> :text`
 * behind the messages.
 */
export interface SearchRest {
  /** `more`: matches for the next page. `time`: the search took too long. `archive`: the archive did not answer. */
  readonly why: "more" | "time" | "archive";
  /** Place before which the next page is; undefined: there is none. */
  readonly before: string | undefined;
}

const SEARCH_REST_TEXTS: Readonly<Record<SearchRest["why"], string>> = {
  more: "There are earlier matches",
  time: "The search took too long: older messages were not searched",
  archive: "The archive cannot be searched now: only recent messages were",
};

/** The line after `:server `. */
export function formatSearchRest({ why, before = "*" }: SearchRest): string {
  const text = SEARCH_REST_TEXTS[why];
  return why === "more"
    ? `NOTE SEARCH MORE ${before} :${text}`
    : `NOTE SEARCH INCOMPLETE ${why} ${before} :${text}`;
}

/** The rest that `message` reports; undefined if it is another message. */
export function parseSearchRest({ command, params }: Message): SearchRest | undefined {
  const [verb, code, first, second] = params;
  if (command !== "NOTE" || verb !== "SEARCH") return undefined;
  if (code === "MORE" && params.length > 3) return { why: "more", before: first };
  if (code !== "INCOMPLETE" || first !== "time" && first !== "archive") return undefined;
  return { why: first, before: second === "*" || params.length < 5 ? undefined : second };
}
