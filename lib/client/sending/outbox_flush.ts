/** Sends the messages that wait in an outbox store, before anything new is sent. */
import type { NoResponse, Rejection, SendOutcome, TextPiece } from "./delivery.ts";
import { sendPiece, WINDOW_MESSAGES } from "./delivery.ts";
import type { Link } from "../connection/link.ts";
import { makeTextMessage } from "../conversation/model/ctcp.ts";
import type { UnsentMessage } from "../conversation/unsent_message.ts";
import { MESSAGE_REDACTION } from "../../irc/capability_names.ts";
import { isMultiline, joinConcatenated } from "../../irc/multiline.ts";
import { REPLY_TAG } from "../../irc/reaction.ts";
import { isFirstPartId } from "../../irc/sender_id.ts";
import { maxTextBytes, splitText } from "../../irc/text_splitter.ts";
import { REPLACES_TAG } from "../../irc/vendor_extensions.ts";
import { readMultilineLimits } from "../conversation/model/multiline_text.ts";
import type { OutboxStore } from "./outbox_store.ts";
import { deduplicatesMessages } from "../conversation/model/server_features.ts";

export interface FlushOptions {
  readonly link: Link;
  readonly store: OutboxStore;
  /** Milliseconds left for all of it. */
  readonly remainingMs: () => number;
  /** The server has refused `message`. It is no longer in the store. */
  readonly onRejected: (message: UnsentMessage, why: Rejection) => void;
  /** `message` may have arrived, and sent again it could arrive twice. It is no longer in the store. */
  readonly onUnclear: (message: UnsentMessage) => void;
}

export interface FlushOutcome {
  /** Messages that the server has accepted; they are no longer in the store. */
  readonly sent: number;
  /** Why others are still in the store; undefined: none is. */
  readonly silence: NoResponse | undefined;
}

/**
 * Sends all messages, oldest first, each under its id. Where the server recognises ids, none arrives twice,
 * even if two processes do this at once or one is killed. Throws `OutboxError`.
 */
export async function flushOutbox(options: FlushOptions): Promise<FlushOutcome> {
  const { link, store, remainingMs } = options;
  const waiting = store.list();
  let sent = 0;
  let window: readonly UnsentMessage[];
  let refused: { readonly id: string; readonly why: Rejection } | undefined;
  for (let start = 0; start < waiting.length; start += window.length) {
    if (!link.isAlive) return { sent, silence: { kind: "lost", text: "the connection has ended" } };
    if (remainingMs() <= 0) return { sent, silence: { kind: "timed_out" } };
    window = takeWindow(waiting, start);
    const outcomes = await Promise.all(
      window.map((message) =>
        refused !== undefined && message.id.startsWith(`${refused.id}.`)
          ? refused.why
          : sendMessage(link, message, Math.max(0, remainingMs()))
      ),
    );
    let silence: NoResponse | undefined;
    for (const [nth, outcome] of outcomes.entries()) {
      if (outcome.kind === "accepted") sent++;
      const reason = settleMessage(options, window[nth]!, outcome); // each is settled, also behind one without an answer
      silence ??= reason;
      const { id } = window[nth]!;
      if (isFirstPartId(id) && "text" in outcome && outcome.kind !== "lost") refused = { id, why: outcome };
    }
    if (silence !== undefined) return { sent, silence };
  }
  return { sent, silence: undefined };
}

/** Sends one message; what it stands in the place of is removed. */
async function sendMessage(link: Link, message: UnsentMessage, timeoutMs: number): Promise<SendOutcome> {
  const { target, replaces } = message;
  const outcomes = await Promise.all(
    splitForServer(link, message).map((piece) => sendPiece(link, target, piece, timeoutMs)),
  );
  const outcome = outcomes.find(({ kind }) => kind !== "accepted") ?? outcomes[0]!;
  if (outcome.kind === "accepted" && replaces !== undefined && link.session.caps.has(MESSAGE_REDACTION)) {
    await link.request({ command: "REDACT", params: [target, replaces] }, timeoutMs);
  }
  return outcome;
}

/** `message` as it is sent: where the server has no messages of several lines, each line by itself. */
function splitForServer(link: Link, message: UnsentMessage): TextPiece[] {
  const { id, target, replyTo, replaces } = message;
  const text = makeTextMessage(message).params[1];
  const tags = new Map([
    ...replyTo === undefined ? [] : [[REPLY_TAG, replyTo] as const],
    ...replaces === undefined ? [] : [[REPLACES_TAG, replaces] as const],
  ]);
  if (!isMultiline(text) || readMultilineLimits(link.session) !== undefined) return [{ id, text, tags }];
  return splitText(joinConcatenated(text), maxTextBytes("PRIVMSG", target))
    .map((text, nth) => ({ id: `${id}.${nth}`, text, ...nth === 0 && { tags } }));
}

/** Up to the first part of a text: where that is refused, as for a used id, its other parts are not sent. */
function takeWindow(waiting: readonly UnsentMessage[], start: number): readonly UnsentMessage[] {
  const window = waiting.slice(start, start + WINDOW_MESSAGES);
  const first = window.findIndex(({ id }) => isFirstPartId(id));
  return first < 0 ? window : window.slice(0, first + 1);
}

/** Removes `message` from the store unless it has to be sent again; the answer is why. */
function settleMessage(
  options: FlushOptions,
  message: UnsentMessage,
  outcome: SendOutcome,
): NoResponse | undefined {
  const { link, store, onRejected, onUnclear } = options;
  switch (outcome.kind) {
    case "accepted":
      store.remove(message.id);
      return undefined;
    case "timed_out":
    case "lost":
      if (deduplicatesMessages(link.session)) return outcome;
      store.remove(message.id);
      onUnclear(message);
      return outcome;
    default:
      store.remove(message.id);
      onRejected(message, outcome);
      return undefined;
  }
}
