/**
 * Receipts that senders await of their messages (chatterbox.chat/receipts): durable, delivered or read. A receipt
 * is sent when the state is reached; the sender's other lines do not wait for it.
 *
 * Durable: the server tells the hub of its syncs ({@link Receipts.wantsDurable}, {@link Receipts.handleSync}).
 * Delivered: the hub sends a PING after the message, which every IRC client answers. Clients answer in order, so
 * with the PONG they have read the message from the network. Read: the receiver's read marker tells that a person
 * has read it (read_markers.ts).
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { EventLog } from "../log/event_log.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import type { MessagePosition, OwnerId } from "../model/identifiers.ts";
import { isAfter } from "../model/identifiers.ts";
import type { Session } from "../model/state/entities.ts";
import type { HubOutbox } from "../output/outbox.ts";

/** A receipt that a session awaits. */
interface PendingReceipt {
  /**
   * A direct message is durable only together with its facts, such as the one that it waits for an offline
   * receiver.
   */
  readonly isDirect?: boolean;
  readonly session: Session;
  /** In wire form; "" for none. */
  readonly label: string;
  readonly seq: number;
  readonly msgid: string;
  /** Rises with each receipt that is awaited. */
  readonly ticket: number;
}

interface PendingDelivery extends PendingReceipt {
  /** Sessions of the receiver that were sent the message and have not answered the PING. */
  readonly receivers: Set<Session>;
}

interface PendingRead extends PendingReceipt {
  /** Folded nick of the sender: names the receiver's conversation with it. */
  readonly nick: string;
  /** Time of the message, milliseconds since the epoch. */
  readonly time: number;
}

/** What receipts need from the rest of the hub. */
export interface ReceiptPorts {
  readonly log: EventLog;
  readonly outbox: HubOutbox;
  readonly serverName: string;
  /** Sends `line` as the response to an earlier line that had `label`, in wire form ("" for none). */
  readonly sendLabeled: (session: Session, label: string, line: string) => void;
}

/** Prefix of the token of a PING that asks whether the lines before it have been read; a number follows. */
const RECEIPT_TOKEN = "receipt-";

export class Receipts {
  /** Facts of records below this number are on disk. Updated by the server that saves facts. */
  durableFactSeq = Infinity;
  #durable: PendingReceipt[] = [];
  readonly #arriving = new Map<string, PendingDelivery>();
  /** By owner id of the receiver. */
  readonly #reading = new Map<OwnerId, Set<PendingRead>>();
  /** Number of receipts in `#reading`. */
  #readings = 0;
  #next = 1;
  readonly #ports: ReceiptPorts;

  constructor(ports: ReceiptPorts) {
    this.#ports = ports;
  }

  /** Whether a receipt waits for an fsync. */
  get wantsDurable(): boolean {
    return this.#durable.length > 0;
  }

  /** Receipts that wait for an fsync that begins now have tickets below this: see {@link handleSync}. */
  get nextTicket(): number {
    return this.#next;
  }

  /** Number of awaited receipts of all sessions. */
  get total(): number {
    return this.#durable.length + this.#arriving.size + this.#readings;
  }

  /** Number of receipts that `session` awaits. */
  count(session: Session): number {
    let count = 0;
    for (const awaiting of this.#durable) if (awaiting.session === session) count++;
    for (const arriving of this.#arriving.values()) if (arriving.session === session) count++;
    for (const reading of this.#reading.values()) {
      for (const each of reading) if (each.session === session) count++;
    }
    return count;
  }

  /** The receipts that `session` awaits, in no order. */
  of(session: Session): { readonly what: ReceiptKind; readonly msgid: string; readonly label: string }[] {
    const found = (what: ReceiptKind, receipts: Iterable<PendingReceipt>) =>
      Array.from(receipts).filter((each) => each.session === session).map(({ msgid, label }) => ({
        what,
        msgid,
        label,
      }));
    return [
      ...found("durable", this.#durable),
      ...found("delivered", this.#arriving.values()),
      ...found("read", [...this.#reading.values()].flatMap((waiting) => [...waiting])),
    ];
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

  /** Whether a message among those awaited is durable only together with its facts. */
  get wantsFacts(): boolean {
    return this.#durable.some(({ isDirect }) => isDirect);
  }

  #isDurable({ seq, isDirect }: PendingReceipt): boolean {
    return seq < this.#ports.log.durableSeq && (!isDirect || seq < this.durableFactSeq);
  }

  /**
   * Called when a sync has ended that began when {@link nextTicket} was `ticket`; `why` is the reason why it
   * failed, if it did.
   */
  handleSync(ticket: number, why: string | undefined): void {
    const waiting = this.#durable;
    this.#durable = [];
    for (const awaiting of waiting) {
      if (this.#isDurable(awaiting)) this.#sendReceipt(awaiting, "durable");
      else if (awaiting.ticket >= ticket) this.#durable.push(awaiting);
      else {
        const text = `Not on disk yet: ${why ?? "the disk failed"}; the server keeps trying to save it`;
        this.#failReceipt(awaiting, "NOT_DURABLE", text);
      }
    }
  }

  /** Sends the sessions in `at`, which have been sent the message, a PING to learn when they have read it. */
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

  /** Called when `session` has answered the PING with `token`. */
  handlePong(session: Session, token: string): void {
    const arriving = this.#arriving.get(token);
    if (arriving === undefined || !arriving.receivers.has(session)) return;
    this.#arriving.delete(token);
    this.#sendReceipt(arriving, "delivered");
  }

  /** Waits until `owner` has read the message, which belongs to their conversation with `nick`. */
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

  /** Called when `owner` has read their conversation with `nick` up to the message at `until`. */
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

  /** Fails the receipts of messages to `owner`, which no user can read any more. */
  endOwner(owner: OwnerId): void {
    const waiting = this.#reading.get(owner);
    if (waiting === undefined) return;
    this.#reading.delete(owner);
    this.#readings -= waiting.size;
    for (const reading of waiting) this.#failRead(reading);
  }

  /**
   * Called when `session` has ended: drops the receipts that it awaits, and fails deliveries that waited for it
   * alone.
   */
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
      "No client of the receiver that was sent the message is still connected",
    );
  }

  #failRead(awaiting: PendingReceipt): void {
    this.#failReceipt(
      awaiting,
      "NOT_READ",
      "The receiver cannot read it any more: their account or connection has ended",
    );
  }

  #failReceipt({ session, label, msgid }: PendingReceipt, code: string, text: string): void {
    const { sendLabeled, serverName } = this.#ports;
    sendLabeled(session, label, `:${serverName} FAIL AWAIT ${code} ${msgid} :${text}`);
  }
}
