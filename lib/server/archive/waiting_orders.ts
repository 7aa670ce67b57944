/** Orders of the hub that the archiver has not carried out, each kind in order of their sequence numbers. */
import type { ArchiveOrder } from "../../log/archive.ts";

export type WaitingOrder = Exclude<ArchiveOrder, { kind: "trust" }>;
/** An order that says what a record says. */
export type RepeatOrder = Extract<ArchiveOrder, { kind: "rename" | "redact" }>;

export class WaitingOrders {
  /** For these alone the archiver does not stop: mostly it gets their records. */
  readonly repeats: RepeatOrder[] = [];
  readonly #others: Exclude<WaitingOrder, RepeatOrder>[] = [];

  add(order: WaitingOrder): void {
    if (isRepeat(order)) insert(this.repeats, order);
    else insert(this.#others, order);
  }

  /** The oldest order that an archive with that cursor carries out. */
  next(cursor: number): WaitingOrder | undefined {
    const [repeat, other] = [this.repeats[0], this.#others[0]];
    const first = other === undefined || repeat !== undefined && repeat.seq <= other.seq ? repeat : other;
    return first !== undefined && first.seq <= cursor ? first : undefined;
  }

  remove(order: WaitingOrder): void {
    const orders: WaitingOrder[] = isRepeat(order) ? this.repeats : this.#others;
    orders.splice(orders.indexOf(order), 1);
  }

  /** The archiver stops there to carry out an order before it goes on. */
  get limit(): number {
    return this.#others[0]?.seq ?? Infinity;
  }
}

export function isRepeat(order: WaitingOrder): order is RepeatOrder {
  return order.kind === "rename" || order.kind === "redact";
}

function insert<Order extends WaitingOrder>(orders: Order[], order: Order): void {
  orders.splice(orders.findLastIndex(({ seq }) => seq <= order.seq) + 1, 0, order);
}
