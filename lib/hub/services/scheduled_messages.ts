/**
 * Scheduled messages: said later, once or again and again, for the account that has scheduled them.
 *
 *     fact scheduled, by id: the members of ScheduledMessage but its id; the text is escaped as the value of a tag
 */
import { subnetOf } from "../../base/ip.ts";
import type { AddressSet } from "../../base/ip.ts";
import { DAY_MS, MINUTE_MS } from "../../base/values/time_unit.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { escapeTagValue, unescapeTagValue } from "../../irc/tags.ts";
import { readMember, readTime } from "../log/facts.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { OwnerId, RecordPlace } from "../model/identifiers.ts";
import type { ScheduledMessage } from "../model/scheduled_message.ts";

/** Most scheduled messages of one account. */
export const MAX_SCHEDULED_PER_ACCOUNT = 50;
/** Most that were scheduled from one address. */
export const MAX_SCHEDULED_PER_ADDRESS = 200;
/** Most scheduled messages of one server. */
export const MAX_SCHEDULED = 10_000;
/** Longest time ahead. */
export const MAX_SCHEDULE_AHEAD_MS = 366 * DAY_MS;
/** Shortest time between two times of a cron expression, which has no field for seconds. */
export const MIN_REPEAT_MS = MINUTE_MS;
/** Longest cron expression, in bytes. */
export const MAX_CRON_BYTES = 64;
/** Longest name of a time zone, in bytes; the longest in the database of time zones has 32. */
export const MAX_ZONE_BYTES = 40;
/** A repeated message that is refused so often in a row ends. */
export const MAX_REFUSALS = 3;
/** Most that are said in one tick; the others follow in the next. */
const DUE_PER_TICK = 100;

const ID_BYTES = 4;
const ID_PATTERN = /^[0-9a-f]{8}$/;

/** What is known of a message before it is scheduled. */
export type ScheduleWish = Omit<ScheduledMessage, "id" | "refusals">;

type FindNextTime = (expression: string, zone: string, after: number) => number | undefined;

const NONE: ReadonlySet<ScheduledMessage> = new Set();

export class ScheduledMessages {
  readonly #facts: FactBuffer;
  readonly #exempt: AddressSet;
  readonly #randomBytes: (count: number) => Uint8Array;
  readonly #byId = new Map<string, ScheduledMessage>();
  readonly #byOwner = new Map<OwnerId, Set<ScheduledMessage>>();
  /** Number of them by the network of their address. */
  readonly #bySite = new Map<string, number>();
  /** Lower bound of the times at which one is due. */
  #nextDue = Infinity;
  #findNextTime: FindNextTime | undefined;

  /** Addresses of `exempt` have no bound of their own. */
  constructor(facts: FactBuffer, exempt: AddressSet, randomBytes: (count: number) => Uint8Array) {
    this.#facts = facts;
    this.#exempt = exempt;
    this.#randomBytes = randomBytes;
  }

  /** When the next one is due, or earlier, in milliseconds since the epoch; Infinity: there is none. */
  get nextDue(): number {
    return this.#byId.size === 0 ? Infinity : this.#nextDue;
  }

  /** Those of the account with this owner id, in the order in which they were made or changed. */
  of(owner: OwnerId): ReadonlySet<ScheduledMessage> {
    return this.#byOwner.get(owner) ?? NONE;
  }

  get(id: string): ScheduledMessage | undefined {
    return this.#byId.get(id);
  }

  /** Whether `id` still stands for a message, which may have been said and be due again. */
  has({ id }: ScheduledMessage): boolean {
    return this.#byId.has(id);
  }

  /** Why no further one of `owner` from `address` is taken; undefined: it is. */
  fullness(owner: OwnerId, address: string): "account" | "address" | "server" | undefined {
    if (this.of(owner).size >= MAX_SCHEDULED_PER_ACCOUNT) return "account";
    const ofSite = this.#bySite.get(subnetOf(address)) ?? 0;
    if (ofSite >= MAX_SCHEDULED_PER_ADDRESS && !this.#exempt.has(address)) return "address";
    return this.#byId.size >= MAX_SCHEDULED ? "server" : undefined;
  }

  add(wish: ScheduleWish): ScheduledMessage {
    let id: string;
    do id = this.#randomBytes(ID_BYTES).toHex(); while (this.#byId.has(id));
    const message = { ...wish, id, refusals: 0 };
    this.#index(message);
    this.#save(message, 0);
    return message;
  }

  /** It is due at `dueAt` next, `seq` being the record that says it now; undefined: not again. */
  goOn(message: ScheduledMessage, dueAt: number | undefined, refusals: number, seq: number): void {
    if (dueAt === undefined) return this.delete(message, seq);
    this.#unindex(message);
    const changed = { ...message, dueAt, refusals };
    this.#index(changed);
    this.#save(changed, seq);
  }

  /** Ends it, because of the record `seq` if that is given. */
  delete(message: ScheduledMessage, seq = 0): void {
    this.#unindex(message);
    this.#facts.put("scheduled", message.id, undefined, seq);
  }

  /** The room `former` is called `to` from the record at `place` on. */
  renameRoom(former: string, to: string, { seq, time }: RecordPlace): void {
    const folded = casefold(former);
    for (const message of [...this.#byId.values()]) {
      // One that was made later means another room of that name.
      if (casefold(message.target) !== folded || message.createdAt > time) continue;
      const changed = { ...message, target: to };
      this.#unindex(message);
      this.#index(changed);
      this.#save(changed, seq);
    }
  }

  dropOwner(owner: OwnerId): void {
    for (const message of [...this.of(owner)]) this.delete(message);
  }

  /** Called when the server starts: drops those of accounts that there are no more. */
  prune(isPossibleOwner: (owner: OwnerId) => boolean): void {
    for (const owner of [...this.#byOwner.keys()]) if (!isPossibleOwner(owner)) this.dropOwner(owner);
  }

  /**
   * Those that are due at `now`, the earliest first, up to as many as one tick says. A repeated one is left out until cron
   * expressions can be read, which begins with it.
   */
  listDue(now: number): ScheduledMessage[] {
    if (now < this.#nextDue) return [];
    const due: ScheduledMessage[] = [];
    this.#nextDue = Infinity;
    for (const message of this.#byId.values()) {
      if (message.dueAt <= now && (message.every === "" || this.#canReadCron())) due.push(message);
      else this.#nextDue = Math.min(this.#nextDue, message.dueAt);
    }
    due.sort((one, other) => one.dueAt - other.dueAt);
    for (const left of due.splice(DUE_PER_TICK)) this.#nextDue = Math.min(this.#nextDue, left.dueAt);
    return due;
  }

  #canReadCron(): boolean {
    if (this.#findNextTime !== undefined) return true;
    void this.loadCron();
    return false;
  }

  /** Makes {@link findNextTime} usable. */
  async loadCron(): Promise<void> {
    this.#findNextTime ??= (await import("./cron_calendar.ts")).findNextTime;
  }

  /** As that of `cron_calendar.ts`; call {@link loadCron} before. */
  findNextTime(expression: string, zone: string, after: number): number | undefined {
    return this.#findNextTime?.(expression, zone, after);
  }

  /** Restores the fact `scheduled`. */
  restore(id: string, value: unknown): void {
    if (!ID_PATTERN.test(id)) throw new TypeError("its key is not an id");
    const message = readScheduledMessage(id, value);
    this.#index(message);
    if (message.every !== "") void this.loadCron();
  }

  #index(message: ScheduledMessage): void {
    this.#byId.set(message.id, message);
    const others = this.#byOwner.get(message.owner) ?? new Set();
    this.#byOwner.set(message.owner, others.add(message));
    const site = subnetOf(message.address);
    this.#bySite.set(site, (this.#bySite.get(site) ?? 0) + 1);
    this.#nextDue = Math.min(this.#nextDue, message.dueAt);
  }

  #unindex(message: ScheduledMessage): void {
    if (!this.#byId.delete(message.id)) return;
    const others = this.#byOwner.get(message.owner);
    others?.delete(message);
    if (others?.size === 0) this.#byOwner.delete(message.owner);
    const site = subnetOf(message.address);
    const left = (this.#bySite.get(site) ?? 0) - 1;
    if (left > 0) this.#bySite.set(site, left);
    else this.#bySite.delete(site);
  }

  #save({ id, ...value }: ScheduledMessage, seq: number): void {
    this.#facts.put("scheduled", id, { ...value, text: escapeTagValue(value.text) }, seq);
  }
}

/** Whether `text` has the form of an id. */
export function isScheduleId(text: string): boolean {
  return ID_PATTERN.test(text);
}

function readScheduledMessage(id: string, value: unknown): ScheduledMessage {
  const text = (name: string) => readMember(value, name, "string");
  const verb = text("verb");
  if (verb !== "PRIVMSG" && verb !== "NOTICE") throw new TypeError("its verb is neither PRIVMSG nor NOTICE");
  const [owner, source, target] = [text("owner"), text("source"), text("target")];
  if (owner === "" || source === "" || target === "") {
    throw new TypeError("its owner, source or target is empty");
  }
  return {
    id,
    owner,
    source,
    address: text("address"),
    verb,
    target,
    text: unescapeTagValue(text("text")),
    tags: text("tags"),
    senderId: text("senderId"),
    zone: text("zone"),
    every: text("every"),
    createdAt: readTime(value, "createdAt"),
    dueAt: readTime(value, "dueAt"),
    refusals: readMember(value, "refusals", "number"),
  };
}
