/**
 * Messages of ours from input to acknowledgement. Each has a sender id. A server that knows these ids stores
 * a message once, however often it is sent: whatever has no response is sent again. With any other server,
 * history has to tell whether it has arrived.
 */
import type { Message, MessageParts } from "../../irc/message.ts";
import { ERR_NOSUCHNICK } from "../../irc/numerics.ts";
import { SENDER_ID_TAG } from "../../irc/vendor_extensions.ts";
import type { ChatEntry, MessageEntry } from "./model/chat_entry.ts";
import type { Effect } from "./effects.ts";
import { describeFailure } from "../session/failure_reply.ts";
import { adviseChannelPrefix } from "./model/bare_channel.ts";
import { makeTextMessage } from "./model/ctcp.ts";
import { makeMessageEntry } from "./model/entry_parser.ts";
import type { ServerFeatures } from "./model/server_features.ts";
import type { Views } from "./model/views.ts";
import { Outbox } from "./outbox.ts";
import type { UnsentMessage } from "./unsent_message.ts";

/** What {@link SendTracker} needs of the chat. */
export interface SendHost {
  readonly nick: string;
  readonly isOnline: boolean;
  readonly features: ServerFeatures;
  readonly views: Pick<Views, "listNames">;
  ask(message: MessageParts, purpose: { for: "message"; message: UnsentMessage }, now: number): void;
  handleLine(message: Message, now: number): void;
  show(entry: ChatEntry): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
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

  /** `newId`: see `ChatOptions`. `kept`: what was not acknowledged when the program last ended. */
  constructor(host: SendHost, newId: () => string, kept: readonly UnsentMessage[]) {
    this.#host = host;
    this.#newId = newId;
    this.outbox = new Outbox(kept);
    this.#leftOver = this.outbox.size;
  }

  /** Sends it as soon as possible; false: too many wait already. */
  say({ target, text, manner }: Pick<UnsentMessage, "target" | "text" | "manner">, now: number): boolean {
    const message = { id: this.#newId(), target, text, manner, at: now };
    if (!this.outbox.add(message)) return false;
    this.#host.addEffect({ kind: "keep", message });
    if (!this.#host.isOnline) this.#host.note(`queued for ${target} until connected: ${text}`, now);
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
      host.addEffect({ kind: "drop", id: message.id });
      host.alarm(`this may not have arrived: ${message.text}`, now);
    }
    for (const message of this.outbox.take()) {
      const tags = host.features.deduplicatesIds ? new Map([[SENDER_ID_TAG, message.id]]) : undefined;
      host.ask({ ...makeTextMessage(message), tags }, { for: "message", message }, now);
    }
  }

  handleResponse(
    message: UnsentMessage,
    lines: readonly Message[],
    failure: Message | undefined,
    now: number,
  ): void {
    this.#done(message);
    if (failure !== undefined) {
      this.undelivered.refused++;
      const advice = failure.command === ERR_NOSUCHNICK
        ? adviseChannelPrefix(message.target, this.#host.views.listNames("channel"))
        : "";
      return this.#host.alarm(`${describeFailure(failure)}${advice}; not delivered: ${message.text}`, now);
    }
    if (!this.#host.features.echoesMessages) this.#host.show(makeOwnEntry(message, this.#host.nick, now));
    for (const line of lines) this.#host.handleLine(line, now);
  }

  /** The request for `message` has timed out. */
  handleTimeout(message: UnsentMessage, now: number): void {
    if (this.#host.features.deduplicatesIds) {
      const first = this.outbox.retry(message);
      if (first) this.#host.alarm(`no answer yet; sending it again: ${message.text}`, now);
      return;
    }
    this.#done(message);
    this.undelivered.unknown++;
    this.#host.alarm(`no answer; this may not have arrived: ${message.text}`, now);
  }

  /** `message` will never be sent. */
  discard(message: UnsentMessage): void {
    this.#done(message);
  }

  /**
   * History has a message of ours: where sender ids do not tell, it is the one in doubt with the same text.
   */
  noteFoundInHistory(message: MessageEntry): void {
    const arrived = this.#host.features.deduplicatesIds ? undefined : this.outbox.findArrived(message);
    if (arrived !== undefined) this.#done(arrived);
  }

  #done(message: UnsentMessage): void {
    this.outbox.remove(message);
    this.#host.addEffect({ kind: "drop", id: message.id });
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
function makeOwnEntry(message: UnsentMessage, from: string, time: number): ChatEntry {
  const { command, params: [to, text] } = makeTextMessage(message);
  return makeMessageEntry({ seq: undefined, id: undefined, time, from, to, verb: command, text });
}
