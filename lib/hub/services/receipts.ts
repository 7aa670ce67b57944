/**
 * What senders await of their messages (chatterbox.chat/receipts): that they are on disk, that they have reached their
 * receiver, and that he has read them. The answer comes when it comes; lines said meanwhile don't wait for it.
 *
 * That a message is durable the hub is told by its caller ({@link Receipts.wantsDurable}, {@link Receipts.handleSync}). That it has
 * arrived it finds out with what every IRC client knows: a PING behind the message. Clients answer in order, so with the
 * PONG they have read the message. That the receiver, the person, has read it his marker tells (read_markers.ts).
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { Ring } from "../../log/ring.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import type { MessagePosition, OwnerId } from "../model/identifiers.ts";
import { isAfter } from "../model/identifiers.ts";
import type { Session } from "../model/state/entities.ts";
import type { HubOutbox } from "../output/outbox.ts";

/** Somebody who waits for an answer. */
interface PendingReceipt {
  /** A direct message is durable with the facts about it: that it waits for an absent receiver is one. */
  readonly isDirect?: boolean;
  readonly session: Session;
  /** In wire form; "" for none. */
  readonly label: string;
  readonly seq: number;
  readonly msgid: string;
  /** Rises with each that began to wait. */
  readonly ticket: number;
}

interface PendingDelivery extends PendingReceipt {
  /** Sessions of the receiver that were sent the message and may still answer. */
  readonly receivers: Set<Session>;
}

interface PendingRead extends PendingReceipt {
  /** Folded nick of the sender: the receiver's talk with him. */
  readonly nick: string;
  /** When the message was said, milliseconds since the epoch. */
  readonly time: number;
}

/** What receipts need of the rest of the hub. */
export interface ReceiptPorts {
  readonly ring: Ring;
  readonly outbox: HubOutbox;
  readonly serverName: string;
  /** Sends `line` as the response to an earlier line that had `label`, in wire form ("" for none). */
  readonly sendLabeled: (session: Session, label: string, line: string) => void;
}

/** In front of a number: the token of a PING that asks whether what was before it has been read. */
const RECEIPT_TOKEN = "receipt-";

export class Receipts {
  /** Facts about records below this number are on disk. The server that saves facts keeps it. */
  durableFactSeq = Infinity;
  #durable: PendingReceipt[] = [];
  readonly #arriving = new Map<string, PendingDelivery>();
  /** By the owner of the receiver. */
  readonly #reading = new Map<OwnerId, Set<PendingRead>>();
  /** How many there are in them. */
  #readings = 0;
  #next = 1;
  readonly #ports: ReceiptPorts;

  constructor(ports: ReceiptPorts) {
    this.#ports = ports;
  }

  /** True while somebody waits for an fsync. */
  get wantsDurable(): boolean {
    return this.#durable.length > 0;
  }

  /** Whoever waits for an fsync that begins now has a ticket below this: see {@link handleSync}. */
  get nextTicket(): number {
    return this.#next;
  }

  /** How many answers are awaited in all. */
  get total(): number {
    return this.#durable.length + this.#arriving.size + this.#readings;
  }

  /** How many answers `session` waits for. */
  count(session: Session): number {
    let count = 0;
    for (const awaiting of this.#durable) if (awaiting.session === session) count++;
    for (const arriving of this.#arriving.values()) if (arriving.session === session) count++;
    for (const reading of this.#reading.values()) {
      for (const each of reading) if (each.session === session) count++;
    }
    return count;
  }

  awaitDurable(
    session: Session,
    label: string,
    { seq, msgid, isDirect }: { seq: number; msgid: string; isDirect: boolean },
  ): void {
    const awaiting = { session, label, seq, msgid, isDirect, ticket: this.#next++ };
    if (this.#isDurable(awaiting)) this.#sendReceipt(awaiting, "durable");
    else this.#durable.push(awaiting);
  }

  /** Some of the messages are durable only with the facts about them. */
  get wantsFacts(): boolean {
    return this.#durable.some(({ isDirect }) => isDirect);
  }

  #isDurable({ seq, isDirect }: PendingReceipt): boolean {
    return seq < this.#ports.ring.durableSeq && (!isDirect || seq < this.durableFactSeq);
  }

  /** A sync is over that began when {@link nextTicket} was `ticket`; `why` says what was wrong, if it was. */
  handleSync(ticket: number, why: string | undefined): void {
    const waiting = this.#durable;
    this.#durable = [];
    for (const awaiting of waiting) {
      if (this.#isDurable(awaiting)) this.#sendReceipt(awaiting, "durable");
      else if (awaiting.ticket >= ticket) this.#durable.push(awaiting);
      else this.#failReceipt(awaiting, "NOT_DURABLE", `Not on disk: ${why ?? "the disk failed"}`);
    }
  }

  /** Asks the sessions in `at`, which have been sent the message, whether they have read it. */
  awaitDelivered(
    session: Session,
    label: string,
    seq: number,
    msgid: string,
    at: Session[],
  ): void {
    const arriving = { session, label, seq, msgid, ticket: this.#next++, receivers: new Set(at) };
    if (at.length === 0) return this.#failDelivery(arriving);
    const token = RECEIPT_TOKEN + arriving.ticket.toString(36);
    this.#arriving.set(token, arriving);
    for (const receiver of at) this.#ports.outbox.line(receiver, `PING ${token}`);
  }

  /** `session` has answered the PING with `token`. */
  handlePong(session: Session, token: string): void {
    const arriving = this.#arriving.get(token);
    if (arriving === undefined || !arriving.receivers.has(session)) return;
    this.#arriving.delete(token);
    this.#sendReceipt(arriving, "delivered");
  }

  /** Waits until `owner` has read the message, which is of their talk with `nick`. */
  awaitRead(
    session: Session,
    label: string,
    { owner, nick, ...message }: { seq: number; msgid: string; time: number; owner: OwnerId; nick: string },
  ): void {
    const waiting = this.#reading.get(owner) ?? new Set();
    this.#reading.set(owner, waiting);
    this.#readings++;
    waiting.add({ session, label, ...message, nick: casefold(nick), ticket: this.#next++ });
  }

  /** `owner` has read their talk with `nick` up to the message at `until`. */
  handleRead(owner: OwnerId, nick: string, until: MessagePosition): void {
    const waiting = this.#reading.get(owner);
    if (waiting === undefined) return;
    const folded = casefold(nick);
    for (const reading of waiting) {
      if (reading.nick !== folded || isAfter(reading, until)) continue;
      waiting.delete(reading);
      this.#readings--;
      this.#sendReceipt(reading, "read");
    }
    if (waiting.size === 0) this.#reading.delete(owner);
  }

  isReadAwaited(owner: OwnerId): boolean {
    return this.#reading.has(owner);
  }

  /** There is nobody any more who may read what was written to `owner`. */
  endOwner(owner: OwnerId): void {
    const waiting = this.#reading.get(owner);
    if (waiting === undefined) return;
    this.#reading.delete(owner);
    this.#readings -= waiting.size;
    for (const reading of waiting) this.#failRead(reading);
  }

  /** `session` is gone: it awaits nothing any more, and nobody need wait for it. */
  dropSession(session: Session): void {
    if (this.#durable.length > 0) {
      this.#durable = this.#durable.filter((awaiting) => awaiting.session !== session);
    }
    for (const [owner, waiting] of this.#reading) {
      for (const reading of waiting) {
        if (reading.session === session && waiting.delete(reading)) this.#readings--;
      }
      if (waiting.size === 0) this.#reading.delete(owner);
    }
    for (const [token, arriving] of this.#arriving) {
      if (
        arriving.session !== session && !(arriving.receivers.delete(session) && arriving.receivers.size === 0)
      ) continue;
      this.#arriving.delete(token);
      if (arriving.session !== session) this.#failDelivery(arriving);
    }
  }

  #sendReceipt({ session, label, msgid }: PendingReceipt, what: ReceiptKind): void {
    const { sendLabeled, serverName } = this.#ports;
    sendLabeled(session, label, `:${serverName} AWAIT ${what} ${msgid}`);
  }

  #failDelivery(awaiting: PendingReceipt): void {
    this.#failReceipt(
      awaiting,
      "NOT_DELIVERED",
      "No client of the receiver that it was sent to is here any more",
    );
  }

  #failRead(awaiting: PendingReceipt): void {
    this.#failReceipt(awaiting, "NOT_READ", "There is nobody any more who may read it");
  }

  #failReceipt({ session, label, msgid }: PendingReceipt, code: string, text: string): void {
    const { sendLabeled, serverName } = this.#ports;
    sendLabeled(session, label, `:${serverName} FAIL AWAIT ${code} ${msgid} :${text}`);
  }
}
