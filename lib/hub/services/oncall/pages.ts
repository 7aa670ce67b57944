/**
 * Pages (docs/protocol/oncall.md): those that ring, and for a time those that have ended.
 *
 *     fact page, by number: { id, owner, source, site, list, steps, text, openedAt, ringingSince, begun, stepAt, people, end }
 */
import { DAY_MS, SECOND_MS } from "../../../base/values/time_unit.ts";
import { foldOnCallName, MAX_PAGE_MS, RING_INTERVAL_MS } from "../../../irc/oncall.ts";
import type { FactBuffer } from "../../log/facts.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import type { Page, PageEnd } from "./page.ts";
import { readPage } from "./page_fact.ts";

/** Most open pages of one account or claim key. */
export const MAX_PAGES_PER_OWNER = 20;
/** Most open pages of the clients of one site. */
export const MAX_PAGES_PER_SITE = 50;
/** Most open pages of the server. */
export const MAX_PAGES = 500;
/** Most pages that one account or claim key, or the clients of one site, open in an hour. */
export const MAX_PAGES_PER_HOUR = 600;
/** Most pages of the server that have ended and are kept; beyond that the oldest of the owner with the most is dropped. */
export const MAX_ENDED_PAGES = 1000;
/** Time for which a page is kept after its end, in milliseconds. */
export const PAGE_RETENTION_MS = 30 * DAY_MS;
/** Most people of one page: of a calendar that changes often not all are rung. */
export const MAX_PAGE_PEOPLE = 100;
/** For so long after a start with open pages no step is passed over: clients connect again. */
const RETURN_MS = 30 * SECOND_MS;
/** Most pages of which is done what is due in one turn; the others follow in the next. */
const DUE_PER_TURN = 10;
/** Most people of these pages, those of the last one not counted. */
const DUE_PEOPLE_PER_TURN = 200;

export class Pages {
  readonly #facts: FactBuffer;
  /** The oldest first. */
  readonly #byNumber = new Map<number, Page>();
  /** Numbers of the open pages. */
  readonly #open = new Set<number>();
  /** Numbers of the pages that have ended and of which not all have been told. */
  readonly #untold = new Set<number>();
  /** Numbers of the pages of which the opening or the end is on its way to the disk: it is not told, and they do not ring. */
  readonly #saving = new Set<number>();
  /** Numbers of the pages of which that could not be saved: they ring or have ended, and a restart would undo it. */
  readonly #unsaved = new Set<number>();
  /** Numbers of the pages that do not ring yet and are looked at soon: the silence or the clock may have changed. */
  readonly #unchecked = new Set<number>();
  #nextNumber = 1;
  #returnUntil = 0;
  /** Lower bound of the times at which something has to be done. */
  #nextDue = Infinity;
  /** Lower bound of the times at which an ended page is dropped. */
  #nextExpiry = Infinity;

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  /** When something is to be done next, or earlier, in milliseconds since the epoch; Infinity: never. */
  get nextDue(): number {
    return this.#open.size === 0 ? Infinity : this.#nextDue;
  }

  get nextNumber(): number {
    return this.#nextNumber;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** All pages, the oldest first. */
  get all(): IteratorObject<Page> {
    return this.#byNumber.values();
  }

  get(number: number): Page | undefined {
    return this.#byNumber.get(number);
  }

  /** The open pages, the oldest first. */
  *open(): Generator<Page> {
    for (const number of this.#open) yield this.#byNumber.get(number)!;
  }

  /** The page that `owner` calls `id`. */
  find(owner: OwnerId, id: string): Page | undefined {
    return this.all.find((page) => page.owner === owner && page.id === id);
  }

  /** Ended pages of which not all have been told. */
  untold(): Page[] {
    return Array.from(this.#untold, (number) => this.#byNumber.get(number)!);
  }

  /**
   * Adds a page, which rings once {@link noteSaved} or {@link noteUnsaved} is called; `seq`: the last record that it
   * follows from.
   */
  add(page: Page, seq: number): void {
    this.#insert(page);
    this.#saving.add(page.number);
    this.#save(page, seq);
  }

  /** Whether the opening or the end of the page is on its way to the disk. */
  isSaving(number: number): boolean {
    return this.#saving.has(number);
  }

  /** Whether the opening or the end of the page could not be saved so far. */
  isUnsaved(number: number): boolean {
    return this.#unsaved.has(number);
  }

  /** The pages of which the opening or the end could not be saved so far. */
  unsaved(): Page[] {
    return Array.from(this.#unsaved, (number) => this.#byNumber.get(number)!);
  }

  /** The page, with its end if it has one, is on disk. Returns whether that failed before. */
  noteSaved(number: number): boolean {
    const wasUnsaved = this.#unsaved.delete(number);
    this.#noteOutcome(number);
    return wasUnsaved;
  }

  /** The page, with its end if it has one, could not be saved: that is tried again by the server. */
  noteUnsaved(number: number): void {
    this.noteTrouble(number);
    this.#noteOutcome(number);
  }

  /** What was on its way to the disk could not be saved; a later change of the page still is. */
  noteTrouble(number: number): void {
    if (this.#saving.has(number)) this.#unsaved.add(number);
  }

  #noteOutcome(number: number): void {
    this.#saving.delete(number);
    const page = this.#byNumber.get(number);
    if (page?.end === undefined && page !== undefined) this.#noteDue(page);
  }

  /** The number stands for a page that may not have been saved: no later page gets it. */
  noteNumber(number: number): void {
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
  }

  /** Changes an open page; `seq`: the last record that the change follows from, undefined: it is not worth saving. */
  change(page: Page, seq: number | undefined): Page {
    this.#byNumber.set(page.number, page);
    this.#noteDue(page);
    if (seq !== undefined) this.#save(page, seq);
    return page;
  }

  /** Ends an open page: from now on it does not ring. */
  end(page: Page, end: Omit<PageEnd, "isTold">, seq: number): Page {
    this.#open.delete(page.number);
    this.#saving.add(page.number);
    this.#unchecked.delete(page.number);
    const ended = { ...page, end: { ...end, isTold: false } };
    this.#byNumber.set(page.number, ended);
    this.#untold.add(page.number);
    this.#nextExpiry = Math.min(this.#nextExpiry, end.at + PAGE_RETENTION_MS);
    this.#save(ended, seq);
    return ended;
  }

  /** Notes that all have been told of the end. */
  markTold(page: Page, seq: number): void {
    const { end } = page;
    if (end === undefined) return;
    const told = { ...page, end: { ...end, isTold: true } };
    this.#byNumber.set(page.number, told);
    this.#untold.delete(page.number);
    this.#save(told, seq);
  }

  /** The silence of the list `name` has changed: its silenced pages have to be looked at. */
  noteSilenceChange(name: string): void {
    for (const page of this.open()) {
      if (foldOnCallName(page.list) === foldOnCallName(name)) this.#recheck(page);
    }
  }

  /** The clock was set: times that are further away than they can be are due sooner. */
  noteClockSet(): void {
    for (const page of this.open()) this.#recheck(page);
    this.#returnUntil = 0;
    this.#nextDue = -Infinity;
  }

  /** Has a page that does not ring yet looked at, whatever its times say. */
  #recheck(page: Page): void {
    if (page.ringingSince !== 0) return;
    this.#unchecked.add(page.number);
    this.#noteDue(page);
  }

  /** Open pages of which something is due at `now`, as many as one turn does. */
  takeDue(now: number): Page[] {
    if (now < this.nextDue) return [];
    this.#nextDue = Infinity;
    const due: Page[] = [];
    let people = 0;
    for (const page of this.open()) {
      const clamped = clampTimes(page, now);
      if (clamped !== page) this.#byNumber.set(page.number, clamped);
      const isDue = now >= this.#dueAt(clamped) && !this.#saving.has(page.number);
      if (isDue && due.length < DUE_PER_TURN && people < DUE_PEOPLE_PER_TURN) {
        people += clamped.people.length;
        this.#unchecked.delete(page.number);
        due.push(clamped);
      } else this.#noteDue(clamped);
    }
    return due;
  }

  /** Drops pages that have ended long ago, and the oldest beyond the bound. */
  expire(now: number): void {
    const isFull = this.#byNumber.size - this.#open.size > MAX_ENDED_PAGES;
    if (!isFull && now < this.#nextExpiry) return;
    this.#nextExpiry = Infinity;
    const kept: Page[] = [];
    for (const page of [...this.all]) {
      const { number, end } = page;
      if (end === undefined) continue;
      // The newest number stays: no later page gets it.
      const mayGo = end.isTold && number !== this.#nextNumber - 1;
      if (mayGo && now >= end.at + PAGE_RETENTION_MS) this.#drop(number);
      else this.#nextExpiry = Math.min(this.#nextExpiry, end.at + PAGE_RETENTION_MS);
      if (mayGo && this.#byNumber.has(number)) kept.push(page);
    }
    this.#dropSurplus(kept);
  }

  /** `kept`: ended pages that may be dropped, the oldest first. */
  #dropSurplus(kept: readonly Page[]): void {
    let surplus = this.#byNumber.size - this.#open.size - MAX_ENDED_PAGES;
    if (surplus <= 0) return;
    const groups = [...Map.groupBy(kept, ({ owner }) => owner).values()];
    for (; surplus > 0; surplus--) {
      const largest = groups.reduce((most, each) => each.length > most.length ? each : most, []);
      const oldest = largest.shift();
      if (oldest === undefined) return;
      this.#drop(oldest.number);
    }
  }

  /** Restores the fact `page`. */
  restore(key: string, value: unknown): void {
    const number = readNumber(key);
    const page = { number, ...readPage(value) };
    this.#insert(page);
    if (page.end === undefined) this.#recheck(page);
    this.#nextDue = -Infinity;
  }

  /** Until then people that were online before the start may still be coming back, in milliseconds since the epoch. */
  get returnUntil(): number {
    return this.#returnUntil;
  }

  /** Called when all facts are restored, which come in the order of their keys: `10` before `9`. */
  finishRestore(now: number): void {
    if (this.#open.size > 0) this.#returnUntil = now + RETURN_MS;
    const pages = [...this.#byNumber.values()].sort((one, other) => one.number - other.number);
    this.#byNumber.clear();
    this.#open.clear();
    for (const page of pages) this.#insert(page);
  }

  /** A fact `page` that cannot be read: no other page gets its number, by which people and messages know it. */
  restoreUnreadable(key: string): string {
    this.noteNumber(readNumber(key));
    return "it does not ring any more: open it again";
  }

  #insert(page: Page): void {
    const { number, end } = page;
    this.#byNumber.set(number, page);
    this.noteNumber(number);
    if (end === undefined) this.#open.add(number);
    else if (!end.isTold) this.#untold.add(number);
    if (end !== undefined) this.#nextExpiry = Math.min(this.#nextExpiry, end.at + PAGE_RETENTION_MS);
  }

  #save({ number, ...value }: Page, seq: number): void {
    this.#facts.put("page", String(number), value, seq);
  }

  #drop(number: number): void {
    this.#byNumber.delete(number);
    this.#open.delete(number);
    this.#saving.delete(number);
    this.#unsaved.delete(number);
    this.#unchecked.delete(number);
    this.#facts.put("page", String(number), undefined);
  }

  #noteDue(page: Page): void {
    if (!this.#saving.has(page.number)) this.#nextDue = Math.min(this.#nextDue, this.#dueAt(page));
  }

  #dueAt(page: Page): number {
    return this.#unchecked.has(page.number) ? -Infinity : dueAt(page);
  }
}

function readNumber(key: string): number {
  const number = Number(key);
  if (!Number.isSafeInteger(number) || number < 1) throw new TypeError("its key is not a number");
  return number;
}

/** When something of an open page is due. */
export function dueAt({ stepAt, ringingSince, people }: Page): number {
  let due = ringingSince === 0 ? stepAt : Math.min(stepAt, ringingSince + MAX_PAGE_MS);
  for (const { owner, ringAt } of people) if (owner !== "" && ringAt < due) due = ringAt;
  return due;
}

/** `page` without times that lie further ahead than they can: those of a clock that was set back since. */
function clampTimes(page: Page, now: number): Page {
  const { ringingSince, stepAt, people, steps, begun } = page;
  if (ringingSince === 0) return page;
  const step = begun === 0 ? undefined : steps[(begun - 1) % steps.length];
  const latestStep = now + (step?.seconds ?? 0) * SECOND_MS;
  const latestRing = now + RING_INTERVAL_MS;
  const isPlausible = ringingSince <= now && stepAt <= latestStep &&
    people.every(({ ringAt }) => ringAt <= latestRing);
  if (isPlausible) return page;
  return {
    ...page,
    ringingSince: Math.min(ringingSince, now),
    stepAt: Math.min(stepAt, latestStep),
    people: people.map((each) => ({ ...each, ringAt: Math.min(each.ringAt, latestRing) })),
  };
}
