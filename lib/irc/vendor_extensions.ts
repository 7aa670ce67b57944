/** Our own words on the wire, beyond IRC and IRCv3: ARCHITECTURE.md, "On the wire", says what they mean. */
import type { Message } from "./message.ts";
import { parseWireCount } from "./wire_number.ts";

/** Prefix of the names of our capabilities and tags (capability-negotiation and message-tags: "vendor-specific"). */
export const VENDOR_PREFIX = "chatterbox.chat/";

/** ISUPPORT: the channel that always exists, which clients of ours enter unasked; no value where there is none. */
export const LOBBY_TOKEN = VENDOR_PREFIX + "LOBBY";

/** Tag: sequence number of the event that a line stands for, decimal. With the capability of the same name. */
export const SEQ_TAG = VENDOR_PREFIX + "seq";

/** Capability: a sender's own ids (the tag {@link SENDER_ID_TAG}) and AWAIT. */
export const RECEIPTS = VENDOR_PREFIX + "receipts";

/** Tag of a PRIVMSG or NOTICE from a client: its own id for the message. The same id of the same sender is stored once. */
export const SENDER_ID_TAG = VENDOR_PREFIX + "id";

/** Longest id, in bytes. */
export const MAX_SENDER_ID_BYTES = 64;

/** An id is printable ASCII without spaces. */
const SENDER_ID_PATTERN = /^[!-~]+$/;

export function isSenderId(text: string): boolean {
  return text.length <= MAX_SENDER_ID_BYTES && SENDER_ID_PATTERN.test(text);
}

/** Tag of a PRIVMSG or NOTICE from a client, without a value: it is for who is here, and not to wait for somebody who is not. */
export const ONLINE_TAG = VENDOR_PREFIX + "online";

/** What one can await of a message. */
export const RECEIPT_KINDS = ["durable", "delivered", "read"] as const;

export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/** `NOTE PRIVMSG QUEUED <target> :text`, beside the echo: the receiver is not here, and gets the message when they come. */
export const QUEUED_CODE = "QUEUED";

/** `NOTE PRIVMSG TAGS_NOT_RECORDED <target> :text`: the message is delivered as it is, and recorded without its client-only tags. */
export const TAGS_NOT_RECORDED_CODE = "TAGS_NOT_RECORDED";

/**
 * Messages between the one that a client saw last and the first that history still has:
 * `NOTE CHATHISTORY GAP <target> <count> <why> :text`, the first line in the batch.
 */
export interface HistoryGap {
  readonly target: string;
  /** How many are lost; undefined: nobody knows, and it may be none. */
  readonly count: number | undefined;
  /** `overwritten`: by newer ones. `restart`: a server was cut off before it had saved them. */
  readonly why: "overwritten" | "restart";
}

/** What follows `:server `. */
export function formatHistoryGap({ target, count, why }: HistoryGap): string {
  const text = why === "restart"
    ? "The server was cut off; what it had not saved is lost"
    : "Older messages have been overwritten";
  return `NOTE CHATHISTORY GAP ${target} ${count ?? "*"} ${why} :${text}`;
}

/** The gap that `message` tells of; undefined when it is something else. */
export function parseHistoryGap({ command, params }: Message): HistoryGap | undefined {
  const [verb, code, target, count, why] = params;
  if (command !== "NOTE" || verb !== "CHATHISTORY" || code !== "GAP" || target === undefined) {
    return undefined;
  }
  if (why !== "overwritten" && why !== "restart") return undefined;
  if (count === "*") return { target, count: undefined, why };
  const missed = parseWireCount(count);
  return missed === undefined ? undefined : { target, count: missed, why };
}
