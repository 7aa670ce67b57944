/**
 * Messages of ours from input to acknowledgement. Each has a sender id. A server that knows these ids stores
 * a message once, however often it is sent: whatever has no response is sent again. With any other server,
 * history has to tell whether it has arrived.
 */
import type { Message, MessageParts } from "../../irc/message.ts";
import { ERR_NOSUCHNICK } from "../../irc/numerics.ts";
import { isMultiline, joinConcatenated } from "../../irc/multiline.ts";
import { REPLY_TAG } from "../../irc/reaction.ts";
import { maxTextBytes, splitText } from "../../irc/text_splitter.ts";
import { REPLACES_TAG, SENDER_ID_TAG } from "../../irc/vendor_extensions.ts";
import type { ChatEntry, MessageEntry } from "./model/chat_entry.ts";
import type { ChangePurpose, DropReason, Effect } from "./effects.ts";
import { describeFailure } from "../session/failure_reply.ts";
import { adviseChannelPrefix } from "./model/bare_channel.ts";
import { makeTextMessage } from "./model/ctcp.ts";
import { makeMessageEntry } from "./model/entry_parser.ts";
import { makeMultilineBatch } from "./model/multiline_text.ts";
import type { MessageExcerpts } from "./model/message_excerpts.ts";
import type { ServerFeatures } from "./model/server_features.ts";
import type { Views } from "./model/views.ts";
import { Outbox } from "./outbox.ts";
import type { TypedMessage, UnsentMessage } from "./unsent_message.ts";

/** What {@link SendTracker} needs of the chat. */
export interface SendHost {
  readonly nick: string;
  readonly isOnline: boolean;
  readonly features: ServerFeatures;
  readonly views: Pick<Views, "listNames">;
  readonly excerpts: Pick<MessageExcerpts, "add" | "get">;
  /** Undefined: receipts are not shown. */
  readonly receiptTracker: { track(target: string, messageId: string, now: number): void } | undefined;
  ask(
    message: MessageParts,
    purpose: { for: "message"; message: UnsentMessage } | ChangePurpose,
    now: number,
    rest?: readonly MessageParts[],
  ): void;
  handleLine(message: Message, now: number): void;
  show(entry: ChatEntry): void;
  note(text: string, time: number, senderId?: string): void;
  alarm(text: string, time: number, senderId?: string): void;
  addEffect(effect: Effect & { kind: "keep" | "drop" }): void;
}

export class SendTracker {
  readonly outbox: Outbox;
  /** Messages that the server has refused, and those of which it is unknown whether they have arrived. */
  readonly undelivered = { refused: 0, unknown: 0 };
  readonly #host: SendHost;
  readonly #newId: () => string;
  /** Messages left over from earlier runs, until a note tells of them. */
  #leftOver: number;
  /** Batches opened so far: a reference is used once. */
  #batches = 0;

  /** `newId`: see `ChatOptions`. `kept`: what was not acknowledged when the program last ended. */
  constructor(host: SendHost, newId: () => string, kept: readonly UnsentMessage[]) {
    this.#host = host;
    this.#newId = newId;
    this.outbox = new Outbox(kept);
    this.#leftOver = this.outbox.size;
  }

  /**
   * Sends it as soon as possible; false: too many wait already. One that another client of the person has left unsent
   * keeps its id.
   */
  say(typed: TypedMessage | UnsentMessage, now: number): boolean {
    const message = { id: this.#newId(), at: now, ...typed };
    if (!this.outbox.add(message)) return false;
    this.#host.addEffect({ kind: "keep", message });
    if (!this.#host.isOnline) {
      this.#host.note(
        `queued for ${typed.target} until connected: ${joinConcatenated(typed.text)}`,
        now,
        message.id,
      );
    }
    return true;
  }

  /** Sends what waits. */
  send(now: number): void {
    const host = this.#host;
    this.#reportLeftOver(now);
    const abandoned = host.features.deduplicatesIds
      ? []
      : this.outbox.giveUp(host.features.hasHistory ? "kept" : "all");
    for (const message of abandoned) {
      this.undelivered.unknown++;
      const text = "this may not have arrived";
      host.addEffect({ kind: "drop", id: message.id, why: { kind: "failed", text } });
      host.alarm(`${text}: ${joinConcatenated(message.text)}`, now, message.id);
    }
    if (host.features.multiline === undefined) this.#splitLines();
    for (const message of this.outbox.take()) this.#ask(message, now);
  }

  /** The server has no messages of several lines: each line becomes one. */
  #splitLines(): void {
    for (const message of this.outbox.listMultiline()) {
      const { id, target, text } = message;
      const { replyTo: _, replaces: __, ...plain } = message;
      const lines = splitText(joinConcatenated(text), maxTextBytes("PRIVMSG", target));
      const parts = lines.map((text, nth) => ({ ...nth === 0 ? message : plain, id: `${id}.${nth}`, text }));
      this.outbox.split(message, parts);
      for (const part of parts) this.#host.addEffect({ kind: "keep", message: part });
      this.#host.addEffect({ kind: "drop", id, why: { kind: "split" } });
    }
  }

  #ask(message: UnsentMessage, now: number): void {
    const tags = this.#makeTags(message);
    const purpose = { for: "message", message } as const;
    if (!isMultiline(message.text)) {
      return this.#host.ask({ ...makeTextMessage(message), tags }, purpose, now);
    }
    const batch = makeMultilineBatch(message.target, message.text, tags, `m${++this.#batches}`);
    this.#host.ask(batch.opening, purpose, now, batch.rest);
  }

  #makeTags({ id, replyTo, replaces }: UnsentMessage): Map<string, string> | undefined {
    const { deduplicatesIds, supportsTags } = this.#host.features;
    const tags = new Map<string, string>();
    if (deduplicatesIds) tags.set(SENDER_ID_TAG, id);
    if (supportsTags && replyTo !== undefined) tags.set(REPLY_TAG, replyTo);
    if (supportsTags && replaces !== undefined) tags.set(REPLACES_TAG, replaces);
    return tags.size === 0 ? undefined : tags;
  }

  handleResponse(
    message: UnsentMessage,
    lines: readonly Message[],
    failure: Message | undefined,
    now: number,
  ): void {
    if (failure !== undefined) {
      this.undelivered.refused++;
      this.#done(message, { kind: "failed", text: describeFailure(failure) });
      const advice = failure.command === ERR_NOSUCHNICK
        ? adviseChannelPrefix(message.target, this.#host.views.listNames("channel"))
        : "";
      const text = `${describeFailure(failure)}${advice}; not delivered: ${joinConcatenated(message.text)}`;
      return this.#host.alarm(text, now, message.id);
    }
    const messageId = lines.find(isEcho)?.tags.get("msgid");
    this.#done(message, { kind: "accepted", messageId });
    if (!this.#host.features.echoesMessages) this.#showOwn(makeOwnEntry(message, this.#host.nick, now));
    for (const line of lines) this.#host.handleLine(isEcho(line) ? addSenderId(line, message.id) : line, now);
    if (messageId !== undefined) this.#host.receiptTracker?.track(message.target, messageId, now);
    this.#removeReplaced(message, now);
  }

  /** Shows a message of ours that the server does not echo. */
  #showOwn(entry: MessageEntry): void {
    const { excerpts } = this.#host;
    excerpts.add(entry, entry.channel ?? entry.to, true);
    this.#host.show({ ...entry, quoted: excerpts.get(entry.replyTo) });
  }

  /** `message` stands in the place of an earlier one. */
  #removeReplaced({ target, replaces }: UnsentMessage, now: number): void {
    if (replaces === undefined || !this.#host.features.supportsRedaction) return;
    this.#host.ask({ command: "REDACT", params: [target, replaces] }, { for: "change" }, now);
  }

  /** The request for `message` has timed out. */
  handleTimeout(message: UnsentMessage, now: number): void {
    if (this.#host.features.deduplicatesIds) {
      const first = this.outbox.retry(message);
      if (first) {
        this.#host.alarm(
          `no answer yet; sending it again: ${joinConcatenated(message.text)}`,
          now,
          message.id,
        );
      }
      return;
    }
    const text = "no answer; this may not have arrived";
    this.#done(message, { kind: "failed", text });
    this.undelivered.unknown++;
    this.#host.alarm(`${text}: ${joinConcatenated(message.text)}`, now, message.id);
  }

  /** Takes back the message `id`, which has not been sent; undefined: it has been, perhaps in vain. */
  withdraw(id: string): UnsentMessage | undefined {
    const message = this.outbox.findUnsent(id);
    if (message !== undefined) this.#done(message, { kind: "withdrawn" });
    return message;
  }

  /** `message` will never be sent. */
  discard(message: UnsentMessage): void {
    this.#done(message, { kind: "failed", text: "this cannot be sent" });
  }

  /**
   * History has a message of ours: where sender ids do not tell, it is the one in doubt with the same text.
   */
  noteFoundInHistory(message: MessageEntry): void {
    const arrived = this.#host.features.deduplicatesIds ? undefined : this.outbox.findArrived(message);
    if (arrived !== undefined) this.#done(arrived, { kind: "accepted", messageId: message.id });
  }

  #done(message: UnsentMessage, why: DropReason): void {
    this.outbox.remove(message);
    this.#host.addEffect({ kind: "drop", id: message.id, why });
  }

  #reportLeftOver(now: number): void {
    const count = this.#leftOver;
    this.#leftOver = 0;
    if (count === 0 || !this.#host.features.deduplicatesIds) return; // without ids each is reported by itself
    this.#host.note(
      count === 1
        ? "1 message was not sent last time; sending it now"
        : `${count} messages were not sent last time; sending them now`,
      now,
    );
  }
}

/** Our own message, where the server sends no echo. */
function makeOwnEntry(message: UnsentMessage, from: string, time: number): MessageEntry {
  const { command, params: [to, text] } = makeTextMessage(message);
  const { id: senderId, replyTo, replaces } = message;
  const references = {
    senderId,
    ...replyTo !== undefined && { replyTo },
    ...replaces !== undefined && { replaces },
  };
  return makeMessageEntry({
    seq: undefined,
    id: undefined,
    time,
    from,
    to,
    verb: command,
    text,
    ...references,
  });
}

/** Whether `line`, in the response to a message, is that message. */
function isEcho({ command }: Message): boolean {
  return command === "PRIVMSG" || command === "NOTICE";
}

/** The echo as if the server repeated our id, which it does not. */
function addSenderId(echo: Message, id: string): Message {
  return { ...echo, tags: new Map([...echo.tags, [SENDER_ID_TAG, id]]) };
}
