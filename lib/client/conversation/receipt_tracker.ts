/**
 * Receipts of our messages (docs/protocol/receipts.md): the server is asked when each one is on its disk, and when the
 * latest one of a direct conversation has been read. Pure.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import { isFailureReply } from "../session/failure_reply.ts";
import type { Effect, ReceiptPurpose } from "./effects.ts";

/** What {@link ReceiptTracker} needs of the chat. */
export interface ReceiptHost {
  readonly isOnline: boolean;
  readonly features: { readonly hasReceipts: boolean };
  ask(message: MessageParts, purpose: ReceiptPurpose, now: number): void;
  addEffect(effect: Effect & { kind: "receipt" }): void;
}

/**
 * Receipts of one kind that are awaited at one time: a ChatterBox server allows 64 together. What is beyond is not
 * asked for; a later receipt of the conversation stands for it.
 */
export const MAX_AWAITED_RECEIPTS = 30;

export class ReceiptTracker {
  readonly #host: ReceiptHost;
  /** By message id. */
  readonly #durable = new Map<string, ReceiptPurpose>();
  /** By folded name of the conversation. */
  readonly #read = new Map<string, ReceiptPurpose>();

  constructor(host: ReceiptHost) {
    this.#host = host;
  }

  /** The server has accepted our message `messageId` in the conversation `target`. */
  track(target: string, messageId: string, now: number): void {
    if (!this.#host.features.hasReceipts) return;
    if (this.#durable.size < MAX_AWAITED_RECEIPTS) {
      const purpose: ReceiptPurpose = { for: "receipt", what: "durable", target, messageId };
      this.#durable.set(messageId, purpose);
      this.#ask(purpose, now);
    }
    if (!isChannelName(target)) this.trackRead(target, messageId, now);
  }

  /** Asks when the other person has read our message `messageId`, the latest one of the conversation `target`. */
  trackRead(target: string, messageId: string, now: number): void {
    const folded = casefold(target);
    if (!this.#host.features.hasReceipts) return;
    if (!this.#read.has(folded) && this.#read.size >= MAX_AWAITED_RECEIPTS) return;
    const isOpen = this.#read.has(folded);
    const purpose: ReceiptPurpose = { for: "receipt", what: "read", target, messageId };
    this.#read.set(folded, purpose);
    if (!isOpen) this.#ask(purpose, now); // that of the earlier message is answered first
  }

  /** We are connected again: what was awaited over the last connection is asked for anew. */
  resume(now: number): void {
    if (!this.#host.features.hasReceipts) return;
    for (const purpose of [...this.#durable.values(), ...this.#read.values()]) this.#ask(purpose, now);
  }

  handleResponse(purpose: ReceiptPurpose, lines: readonly Message[], now: number): void {
    const { what, target, messageId } = purpose;
    const isReached = !lines.some(isFailureReply) &&
      lines.some(({ command, params }) => command === "AWAIT" && params[1] === messageId);
    if (isReached) this.#host.addEffect({ kind: "receipt", what, target, messageId });
    if (what === "durable") return void this.#durable.delete(messageId);
    const folded = casefold(target);
    const latest = this.#read.get(folded);
    if (latest === undefined) return;
    if (latest.messageId === messageId) this.#read.delete(folded);
    else this.#ask(latest, now);
  }

  #ask(purpose: ReceiptPurpose & { readonly what: ReceiptKind }, now: number): void {
    if (!this.#host.isOnline) return;
    this.#host.ask({ command: "AWAIT", params: [purpose.what, purpose.messageId] }, purpose, now);
  }
}
