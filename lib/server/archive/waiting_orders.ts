/**
 * Orders of the hub that the archiver has not carried out. While the archive cannot be written they gather, so there
 * are bounds. What is beyond them is safe to leave: a channel that is not retired keeps its settings, a forgotten owner
 * is ordered again at the next start, and an archive that needs a dropped repetition of a record is set aside.
 */
import type { ArchiveOrder, ArchiveTrust } from "../../log/archive.ts";

export type WaitingOrder = Exclude<ArchiveOrder, { kind: "trust" }>;
/** An order that says what a record says. */
export type RepeatOrder = Extract<ArchiveOrder, { kind: "rename" | "redact" }>;
type KeepOrder = Extract<ArchiveOrder, { kind: "keep" }>;
export type ForgetOrder = Extract<ArchiveOrder, { kind: "forget" }>;
/** An order that is carried out between the records before it and those after it. */
type PlacedOrder = Exclude<WaitingOrder, RepeatOrder | KeepOrder | ForgetOrder>;
/** An order that is a change of the archive by itself. */
export type ChangeOrder = PlacedOrder | ForgetOrder;

/** Orders that repeat records: with more, the oldest is dropped. And as many of each other kind: no more are added. */
export const MAX_WAITING_ORDERS = 50_000;
/** Owners that are forgotten in one transaction. */
const FORGETS_AT_ONCE = 1000;

export class WaitingOrders {
  /** For these the archiver does not stop: mostly it gets their records. In order of their sequence numbers. */
  readonly repeats: RepeatOrder[] = [];
  readonly #placed: PlacedOrder[] = [];
  /** No user gets the owner id again, so what comes later does not matter either. */
  readonly #forgets: ForgetOrder[] = [];
  /** The newest of each channel: pruning alone depends on it. */
  readonly #keeps = new Map<string, KeepOrder>();
  #given: ArchiveTrust | undefined;
  #droppedUntil = 0;
  readonly #max: number;

  constructor(orders: Iterable<ArchiveOrder> = [], max = MAX_WAITING_ORDERS) {
    this.#max = max;
    for (const order of orders) this.add(order);
  }

  add(order: ArchiveOrder): void {
    switch (order.kind) {
      case "trust":
        this.#given = order.trust;
        return;
      case "keep":
        this.#keeps.delete(order.name);
        if (this.#keeps.size < this.#max) this.#keeps.set(order.name, order);
        return;
      case "rename":
      case "redact":
        insert(this.repeats, order);
        if (this.repeats.length > this.#max) this.#droppedUntil = this.repeats.shift()!.seq;
        return;
      case "forget":
        if (this.#forgets.length < this.#max) insert(this.#forgets, order);
        return;
      default:
        if (this.#placed.length < this.#max) insert(this.#placed, order);
    }
  }

  /** All of them, as they are handed to another archiver: first which archives can be used. */
  get all(): ArchiveOrder[] {
    return [
      { kind: "trust", trust: this.trust, seq: 0 },
      ...this.#keeps.values(),
      ...this.repeats,
      ...this.#forgets,
      ...this.#placed,
    ];
  }

  /** Which archives can be used: with what was dropped, only those that get the records. */
  get trust(): ArchiveTrust {
    const { completeFrom = 0, knownFrom = 0 } = this.#given ?? {};
    return { completeFrom: Math.max(completeFrom, this.#droppedUntil), knownFrom };
  }

  /** An archive that loses records below this number lacks what they say. */
  get droppedUntil(): number {
    return this.#droppedUntil;
  }

  /** The oldest owners that an archive with that cursor forgets, as many as go together. */
  nextForgets(cursor: number): ForgetOrder[] {
    const due = this.#forgets.slice(0, FORGETS_AT_ONCE);
    return due.filter(({ seq }) => seq <= cursor);
  }

  /** The oldest other order that an archive with that cursor carries out. */
  next(cursor: number): Exclude<WaitingOrder, ForgetOrder> | undefined {
    const [keep] = this.#keeps.values();
    const due = [this.repeats[0], this.#placed[0], keep].filter((order) =>
      order !== undefined && order.seq <= cursor
    );
    return due.reduce((first, order) => order!.seq < first!.seq ? order : first, due[0]);
  }

  /** Removes an order that is carried out; there may be a newer one in its place. */
  remove(order: WaitingOrder): void {
    if (order.kind === "keep") {
      if (this.#keeps.get(order.name)?.seq === order.seq) this.#keeps.delete(order.name);
      return;
    }
    const orders: WaitingOrder[] = isRepeat(order)
      ? this.repeats
      : order.kind === "forget"
      ? this.#forgets
      : this.#placed;
    const key = JSON.stringify(order); // it may have come from another thread
    for (let at = orders.findIndex(({ seq }) => seq >= order.seq); orders[at]?.seq === order.seq; at++) {
      if (JSON.stringify(orders[at]) === key) return void orders.splice(at, 1);
    }
  }

  /** The archiver stops there to carry out an order before it goes on. */
  get limit(): number {
    return this.#placed[0]?.seq ?? Infinity;
  }
}

export function isRepeat(order: WaitingOrder): order is RepeatOrder {
  return order.kind === "rename" || order.kind === "redact";
}

function insert<Order extends WaitingOrder>(orders: Order[], order: Order): void {
  orders.splice(orders.findLastIndex(({ seq }) => seq <= order.seq) + 1, 0, order);
}
