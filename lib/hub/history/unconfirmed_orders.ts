/**
 * Orders to the archive that it has not confirmed. They are facts, because the archive may never get the record of a
 * rename or of a redaction: the ring may overwrite it first. Then the order has the archive do what the record would
 * have. While the server runs without its archive they are kept for later.
 *
 *     fact archive_order, by `<seq> <kind> <subject>` or `forget <owner>`: the order (log/archive.ts)
 *     fact archive_trust, by "": { completeFrom, knownFrom } (ArchiveTrust in log/archive.ts)
 */
import type { ArchiveOrder, ArchiveTrust } from "../../log/archive.ts";
import { isTemporaryOwner } from "../model/identifiers.ts";
import type { EventLog } from "../log/event_log.ts";
import { ARCHIVE_TRUST, readMember } from "../log/facts.ts";
import type { FactBuffer } from "../log/facts.ts";

/** Orders that are kept; with more, the oldest are dropped, and an archive that needs them is set aside. */
export const MAX_UNCONFIRMED_ORDERS = 10_000;

const KEPT_KINDS = ["rename", "redact", "retire", "forget"] as const;
export type KeptOrder = Extract<ArchiveOrder, { kind: typeof KEPT_KINDS[number] }>;
/** An order that concerns the name of a channel. */
type NameOrder = Extract<KeptOrder, { kind: "rename" | "retire" }>;

export class UnconfirmedOrders {
  /** By the keys of their facts, in the order of their sequence numbers. */
  readonly #orders = new Map<string, KeptOrder>();
  /** Those of names, the newest first. */
  readonly #ofNames: NameOrder[] = [];
  /** By the number of the redacted message: the number of its redaction. */
  readonly #redactions = new Map<number, number>();
  readonly #facts: FactBuffer;
  readonly #log: EventLog;
  /** Undefined: no archive was ever written beside this log, as far as the state knows. */
  #trust: ArchiveTrust | undefined;

  constructor(facts: FactBuffer, log: EventLog) {
    this.#facts = facts;
    this.#log = log;
  }

  get trust(): ArchiveTrust | undefined {
    return this.#trust;
  }

  get all(): Iterable<KeptOrder> {
    return this.#orders.values();
  }

  /** Orders that concern the names of channels, the newest first. */
  get ofNames(): readonly NameOrder[] {
    return this.#ofNames;
  }

  /** Number of redacted messages. */
  get redactionCount(): number {
    return this.#redactions.size;
  }

  /** Number of the record that redacts the message at `seq`. */
  redactionOf(seq: number): number | undefined {
    return this.#redactions.get(seq);
  }

  /** Called when the server starts with an archive, at `seq`: without trust from before, it begins here. */
  begin(seq: number): void {
    if (this.#trust !== undefined) return;
    for (const key of this.#orders.keys()) this.#drop(key);
    this.#setTrust({ completeFrom: seq, knownFrom: seq });
  }

  /** Keeps `order`; false: there is no need to. */
  add(order: KeptOrder): boolean {
    if (this.#trust === undefined || order.seq <= this.#trust.completeFrom && isOfRecord(order)) return false;
    const key = keyOf(order);
    if (this.#orders.has(key)) return false;
    this.#put(key, order);
    this.#facts.put("archive_order", key, order, isOfRecord(order) ? order.seq - 1 : this.#newest);
    while (this.#orders.size > MAX_UNCONFIRMED_ORDERS) this.#end(this.#orders.entries().next().value!, true);
    return true;
  }

  /** The archive has carried out `order`. */
  confirm(order: KeptOrder): void {
    const key = keyOf(order);
    const kept = this.#orders.get(key);
    if (kept !== undefined) this.#end([key, kept], false);
  }

  /** Restores the fact `archive_order`. Facts are restored in any order. */
  restore(key: string, value: unknown): void {
    const order = readOrder(value);
    if (keyOf(order) !== key) throw new TypeError("its key does not match");
    this.#put(key, order);
  }

  /** Restores the fact `archive_trust`; one that was saved beside another log says nothing about this one. */
  restoreTrust(value: unknown, seq: number): void {
    if (seq === 0) return;
    const number = (name: keyof ArchiveTrust) => readMember(value, name, "number");
    this.#trust = { completeFrom: number("completeFrom"), knownFrom: number("knownFrom") };
  }

  /** Called when all facts are restored. */
  sort(): void {
    const orders = [...this.#orders].toSorted(([, a], [, b]) => a.seq - b.seq);
    this.#orders.clear();
    this.#ofNames.length = 0;
    this.#redactions.clear();
    for (const [key, order] of orders) this.#put(key, order);
  }

  get #newest(): number {
    return this.#log.nextSeq - 1;
  }

  #put(key: string, order: KeptOrder): void {
    this.#orders.set(key, order);
    if (isOfName(order)) this.#ofNames.unshift(order);
    if (order.kind === "redact") this.#redactions.set(order.redacted, order.seq - 1);
  }

  #drop(key: string): void {
    const order = this.#orders.get(key);
    if (order === undefined) return;
    this.#orders.delete(key);
    this.#facts.put("archive_order", key, undefined);
    if (isOfName(order)) this.#ofNames.splice(this.#ofNames.indexOf(order), 1);
    if (order.kind !== "redact" || this.#redactions.get(order.redacted) !== order.seq - 1) return;
    this.#redactions.delete(order.redacted);
  }

  /** `order` is kept no longer: another archive that lacks it can be trusted only if it gets the record, if it has one. */
  #end([key, order]: [string, KeptOrder], isDropped: boolean): void {
    this.#drop(key);
    const { completeFrom, knownFrom } = this.#trust!;
    if (isOfRecord(order)) {
      this.#setTrust({ completeFrom: Math.max(completeFrom, order.seq), knownFrom });
    } else if (order.kind === "retire" || isDropped) {
      this.#setTrust({ completeFrom, knownFrom: Math.max(knownFrom, order.seq) });
    }
  }

  #setTrust(trust: ArchiveTrust): void {
    this.#trust = trust;
    this.#facts.put(ARCHIVE_TRUST, "", trust, this.#newest);
  }
}

/** Whether `order` outlives the server; what is ordered at each start, of temporary owners for example, need not. */
export function isKept(order: ArchiveOrder): order is KeptOrder {
  if (order.kind === "forget" && isTemporaryOwner(order.owner)) return false;
  return (KEPT_KINDS as readonly string[]).includes(order.kind);
}

function isOfName(order: KeptOrder): order is NameOrder {
  return order.kind === "rename" || order.kind === "retire";
}

/** Whether `order` repeats what a record says, the one before `order.seq`. */
function isOfRecord({ kind }: KeptOrder): boolean {
  return kind === "rename" || kind === "redact";
}

function keyOf(order: KeptOrder): string {
  // An owner is forgotten once, as late as the order is given.
  return order.kind === "forget" ? `forget ${order.owner}` : `${order.seq} ${order.kind} ${subjectOf(order)}`;
}

function subjectOf(order: Exclude<KeptOrder, { kind: "forget" }>): string {
  switch (order.kind) {
    case "rename":
      return order.from;
    case "redact":
      return String(order.redacted);
    case "retire":
      return order.name;
  }
}

function readOrder(value: unknown): KeptOrder {
  const text = (name: string) => readMember(value, name, "string");
  const number = (name: string) => readMember(value, name, "number");
  const kind = text("kind");
  const seq = number("seq");
  switch (kind) {
    case "rename":
      return { kind, from: text("from"), to: text("to"), name: text("name"), seq };
    case "redact":
      return { kind, redacted: number("redacted"), seq };
    case "retire":
      return { kind, name: text("name"), seq };
    case "forget":
      return { kind, owner: text("owner"), seq };
    default:
      throw new TypeError("it is of no known kind");
  }
}
