/**
 * The order of the rows of a conversation: settled ones with day rules, groups, folded presence and the mark of what is
 * new, and behind them our messages that the server has not acknowledged. Pure.
 */
import type { ChatEntry, GapEntry } from "../../../client/conversation/model/chat_entry.ts";
import { describeGap } from "../../../client/conversation/model/gap_text.ts";
import type { LocalTime } from "../../../client/conversation/model/local_time.ts";
import { describeEvent } from "./event_text.ts";
import type { PresenceEntry } from "./event_text.ts";
import { startsGroup } from "./message_row.ts";
import { foldPresence } from "./presence_fold.ts";
import type { MessageRow, Row } from "../row.ts";
import { RowStore } from "./row_store.ts";
import type { Slot } from "./row_store.ts";

/** So many rows, with what is before them, may be seen to their end: there it is not the first one that stays. */
const SHORT_LIST_ROWS = 60;

export interface RowsContext {
  /** Our nick. */
  readonly nick: string;
  readonly local: LocalTime;
  /** A key that no row has had. */
  readonly newKey: () => string;
}

export class RowTimeline {
  readonly store = new RowStore();
  readonly #context: RowsContext;
  /** Number of rows behind the settled ones. */
  #pendingCount = 0;
  #unread: Slot | undefined;
  /** The first row before the last page came: it keeps its head until the next one, since it is looked at. */
  #seam: Slot | undefined;

  constructor(context: RowsContext) {
    this.#context = context;
  }

  get settledCount(): number {
    return this.store.count - this.#pendingCount;
  }

  get unreadIndex(): number | undefined {
    return this.#unread && this.store.indexOf(this.#unread);
  }

  /** Puts `slot` behind all settled rows. */
  add(slot: Slot): void {
    const slots = [...this.#makeDaySlots(this.#lastSettled, slot.row.time), slot];
    const index = this.settledCount;
    this.store.insert(index, slots);
    this.#regroup(index + slots.length - 1);
    this.#regroup(index + slots.length);
  }

  addEvent(entry: ChatEntry): void {
    const { nick, newKey } = this.#context;
    const event = describeEvent(entry, nick);
    if (event === undefined) return;
    this.add(makeSlot({ kind: "event", key: newKey(), time: entry.time, ...event }));
  }

  addPresence(entry: PresenceEntry): void {
    const { local, newKey } = this.#context;
    const last = this.settledCount === 0 ? undefined : this.store.slotAt(this.settledCount - 1);
    if (last?.row.kind === "presence" && local.day(last.row.time) === local.day(entry.time)) {
      const folded = foldPresence({ row: last.row, counts: last.counts! }, entry, last.row.key);
      last.counts = folded.counts;
      return this.store.change(last, folded.row);
    }
    const { row, counts } = foldPresence(undefined, entry, newKey());
    this.add({ ...makeSlot(row), counts });
  }

  makeGapSlot(gap: GapEntry): Slot {
    const { local, newKey } = this.#context;
    const text = describeGap(gap, (time) => local.clock(time));
    return makeSlot({ kind: "gap", key: newKey(), time: gap.time, text, gap });
  }

  /** Puts `slots`, in order, before all others. */
  prepend(slots: readonly Slot[]): void {
    const seam = this.#seam;
    this.#seam = undefined;
    if (seam !== undefined && this.store.has(seam)) this.#regroup(this.store.indexOf(seam));
    const isLong = this.store.count > SHORT_LIST_ROWS;
    const end = this.#insert(0, slots);
    if (isLong) this.#seam = this.store.slotAt(end);
    else this.#regroup(end);
  }

  /** Puts `slots`, in order, in the place of `slot`, which is settled. */
  replace(slot: Slot, slots: readonly Slot[]): void {
    const index = this.store.indexOf(slot);
    this.store.remove(index);
    this.#regroup(this.#insert(index, slots));
  }

  /** Returns the index behind them: that row may begin a group, or no longer. */
  #insert(index: number, slots: readonly Slot[]): number {
    const before = index === 0 ? undefined : this.store.at(index - 1);
    const rows: Slot[] = [];
    for (const slot of slots) {
      rows.push(...this.#makeDaySlots(rows.at(-1)?.row ?? before, slot.row.time));
      if (slot.row.kind === "message") {
        slot.row = { ...slot.row, startsGroup: startsGroup(rows.at(-1)?.row ?? before, slot.row) };
      }
      rows.push(slot);
    }
    this.store.insert(index, rows);
    this.#joinDays(index + rows.length);
    return index + rows.length;
  }

  /** Puts `slot` behind everything, until it is settled. */
  addPending(slot: Slot): void {
    this.#pendingCount++;
    this.store.insert(this.store.count, [slot]);
    this.#regroup(this.store.count - 1);
  }

  /** `slot`, which is not settled, becomes the last settled one, as `row`. */
  settle(slot: Slot, row: MessageRow): void {
    const [index, place] = [this.store.indexOf(slot), this.settledCount];
    const days = this.#makeDaySlots(this.#lastSettled, row.time);
    this.#pendingCount--;
    if (index === place && days.length === 0) this.store.change(slot, row);
    else {
      this.store.remove(index);
      slot.row = row;
      this.store.insert(place, [...days, slot]);
      this.#regroup(index + days.length + 1);
    }
    this.#regroup(place + days.length);
    this.#regroup(place + days.length + 1);
  }

  remove(slot: Slot): void {
    const index = this.store.indexOf(slot);
    if (index >= this.settledCount) this.#pendingCount--;
    this.store.remove(index);
    this.#regroup(index);
  }

  /** Removes the first `count` rows, which are settled, and returns them. */
  dropFirst(count: number): Slot[] {
    const gone = this.store.remove(0, Math.min(count, this.settledCount));
    if (this.#unread !== undefined && !this.store.has(this.#unread)) this.#unread = undefined;
    return gone;
  }

  /** Marks the settled row at `index`, or the end, as the first of `count` new ones. There is one mark. */
  markUnread(index: number, count: number, isAtLeast: boolean, time: number): void {
    const next = index < this.settledCount ? this.store.slotAt(index) : undefined;
    this.unmarkUnread();
    const place = next === undefined ? this.settledCount : this.store.indexOf(next);
    this.#unread = makeSlot({ kind: "unread", key: this.#context.newKey(), time, count, isAtLeast });
    this.store.insert(place, [this.#unread]);
    this.#regroup(place + 1);
  }

  unmarkUnread(): void {
    const slot = this.#unread;
    this.#unread = undefined;
    if (slot !== undefined) this.remove(slot);
  }

  get #lastSettled(): Row | undefined {
    return this.settledCount === 0 ? undefined : this.store.at(this.settledCount - 1);
  }

  /** The day rule between the row `before` and something of the time `time`, if there is to be one. */
  #makeDaySlots(before: Row | undefined, time: number): Slot[] {
    const { local, newKey } = this.#context;
    const text = local.day(time);
    if (before !== undefined && local.day(before.time) === text) return [];
    return [makeSlot({ kind: "day", key: newKey(), time, text })];
  }

  /** The row at `index` may begin a group, or no longer. */
  #regroup(index: number): void {
    if (index >= this.store.count) return;
    const slot = this.store.slotAt(index);
    if (slot.row.kind !== "message") return;
    const starts = startsGroup(index === 0 ? undefined : this.store.at(index - 1), slot.row);
    if (starts !== slot.row.startsGroup) this.store.change(slot, { ...slot.row, startsGroup: starts });
  }

  /** The day rule at `index` goes if the row before it is of that day. */
  #joinDays(index: number): void {
    if (index === 0 || index >= this.store.count) return;
    const [row, before] = [this.store.at(index), this.store.at(index - 1)];
    if (row.kind === "day" && row.text === this.#context.local.day(before.time)) this.store.remove(index);
  }
}

export function makeSlot(row: Row): Slot {
  return { row, position: 0 };
}
