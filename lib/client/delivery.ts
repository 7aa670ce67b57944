/** A text, however long, to one target: in as many messages as it takes, each acknowledged. */
import { utf8Length } from "../base/bytes.ts";
import { CRLF_BYTES, HOSTLEN, MAX_LINE_BYTES, USERLEN } from "../irc/limits.ts";
import type { Message } from "../irc/message.ts";
import {
  ERR_INPUTTOOLONG,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOTEXTTOSEND,
  RPL_AWAY,
} from "../irc/numerics.ts";
import type { Link, RequestOutcome } from "./link.ts";
import { failureOf, textOf } from "./refusal.ts";

/** What the server says of a message that it has taken. Undefined: this server does not say. */
export interface Receipt {
  readonly id: string | undefined;
  readonly seq: number | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number | undefined;
}

export type DeliveryOutcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "no_such_target" | "too_long" | "refused"; readonly text: string }
  /** The server did not answer in time: the message may have arrived or not. */
  | { readonly kind: "timed_out" }
  | { readonly kind: "lost"; readonly text: string };

/** Messages under way at one time. More would only fill the server's receive queue. */
const WINDOW_MESSAGES = 16;

/** Seq tag of our own servers. */
const SEQ_TAG = "chatterbox.chat/seq";

/**
 * Bytes of text that fit one message to `target`. Others get it with `:nick!user@host` in front, so the longest user and host
 * are allowed for: what does not fit there would be cut off, or refused.
 */
export function maxTextBytes(link: Link, target: string): number {
  const { isupport } = link.session;
  const length = (token: string, otherwise: number) => Number(isupport.get(token)) || otherwise;
  const source = 1 + link.nick.length + 1 + length("USERLEN", USERLEN) + 1 + length("HOSTLEN", HOSTLEN);
  return MAX_LINE_BYTES - CRLF_BYTES - source - utf8Length(` PRIVMSG ${target} :`);
}

export interface DeliveryOptions {
  readonly link: Link;
  readonly target: string;
  /** Each fits one message: see `splitText` and {@link maxTextBytes}. */
  readonly pieces: readonly string[];
  /** Milliseconds left for all of it. */
  readonly remainingMs: () => number;
  readonly onReceipt: (receipt: Receipt) => void;
  /** The receiver is away and has left these words. */
  readonly onAway?: (text: string) => void;
}

/** Sends the pieces in order; ends at the first that is not acknowledged. */
export async function deliver(options: DeliveryOptions): Promise<DeliveryOutcome> {
  const { link, target, pieces, remainingMs, onReceipt, onAway } = options;
  for (let start = 0; start < pieces.length; start += WINDOW_MESSAGES) {
    const window = pieces.slice(start, start + WINDOW_MESSAGES);
    const requests = window.map((text) =>
      link.request({ command: "PRIVMSG", params: [target, text] }, Math.max(0, remainingMs()))
    );
    for (const outcome of await Promise.all(requests)) {
      const judged = judge(outcome);
      if (judged.kind !== "delivered") return judged;
      const lines = outcome.kind === "answered" ? outcome.lines : [];
      const away = lines.find((line) => line.command === RPL_AWAY);
      if (away && start === 0) onAway?.(textOf(away));
      onReceipt(receiptOf(lines.find((line) => line.command === "PRIVMSG")));
    }
  }
  return { kind: "delivered" };
}

const NO_SUCH_TARGET = new Set([ERR_NOSUCHNICK, ERR_NOSUCHCHANNEL]);
const BAD_TEXT = new Set([ERR_INPUTTOOLONG, ERR_NOTEXTTOSEND]);

function judge(outcome: RequestOutcome): DeliveryOutcome {
  if (outcome.kind !== "answered") return outcome;
  const failure = failureOf(outcome.lines);
  if (failure === undefined) return { kind: "delivered" };
  const text = textOf(failure);
  if (NO_SUCH_TARGET.has(failure.command)) return { kind: "no_such_target", text };
  return BAD_TEXT.has(failure.command) ? { kind: "too_long", text } : { kind: "refused", text };
}

function receiptOf(echo: Message | undefined): Receipt {
  const seq = echo?.tags.get(SEQ_TAG);
  const time = Date.parse(echo?.tags.get("time") ?? "");
  return {
    id: echo?.tags.get("msgid"),
    seq: seq === undefined ? undefined : Number(seq),
    time: Number.isNaN(time) ? undefined : time,
  };
}
