/** Where the messages of a conversation are: by their ids, by ours, and by the replies that quote them. */
import type { Slot } from "./row_store.ts";

/** Ids by which one message is known: its first one, and the latest ones. */
export const MAX_MESSAGE_IDS = 20;

const NONE: ReadonlySet<never> = new Set();

export class MessageIndex {
  /** By message id; a message that was edited has several. */
  readonly #byId = new Map<string, Slot>();
  readonly #ids = new Map<Slot, string[]>();
  /** By our own id, as long as the server has not acknowledged it. */
  readonly #sent = new Map<string, Slot>();
  /** Our own id of messages that are acknowledged and have not been received, by message id. */
  readonly #expected = new Map<string, string>();
  /** Rows that quote a message, by its id. */
  readonly #quoting = new Map<string, Set<Slot>>();

  get(id: string | undefined): Slot | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  add(id: string | undefined, slot: Slot): void {
    if (id === undefined || this.#byId.get(id) === slot) return;
    const [first = id, ...more] = this.listIds(slot);
    const later = first === id ? [] : [...more, id];
    if (later.length >= MAX_MESSAGE_IDS) this.#byId.delete(later.shift()!);
    this.#byId.set(id, slot);
    this.#ids.set(slot, [first, ...later]);
  }

  listIds(slot: Slot): readonly string[] {
    return this.#ids.get(slot) ?? [];
  }

  getSent(senderId: string | undefined): Slot | undefined {
    return senderId === undefined ? undefined : this.#sent.get(senderId);
  }

  addSent(senderId: string, slot: Slot): void {
    this.#sent.set(senderId, slot);
  }

  takeSent(senderId: string): Slot | undefined {
    const slot = this.#sent.get(senderId);
    this.#sent.delete(senderId);
    return slot;
  }

  /** The message `id`, which is to come, is that which we sent as `senderId`. */
  addExpected(id: string, senderId: string): void {
    this.#expected.set(id, senderId);
  }

  takeExpected(id: string | undefined): string | undefined {
    const senderId = this.#expected.get(id ?? "");
    if (senderId !== undefined) this.#expected.delete(id ?? "");
    return senderId;
  }

  addQuoting(id: string | undefined, slot: Slot): void {
    if (id === undefined) return;
    const slots = this.#quoting.get(id) ?? new Set();
    this.#quoting.set(id, slots.add(slot));
  }

  listQuoting(id: string | undefined): ReadonlySet<Slot> {
    return id === undefined ? NONE : this.#quoting.get(id) ?? NONE;
  }

  /** The row of `slot` is gone. */
  remove(slot: Slot): void {
    for (const id of this.listIds(slot)) if (this.#byId.get(id) === slot) this.#byId.delete(id);
    this.#ids.delete(slot);
    const { row } = slot;
    if (row.kind !== "message") return;
    const quoting = this.#quoting.get(row.replyTo?.id ?? "");
    quoting?.delete(slot);
    if (quoting?.size === 0) this.#quoting.delete(row.replyTo?.id ?? "");
    if (row.senderId !== undefined) this.#sent.delete(row.senderId);
  }
}
