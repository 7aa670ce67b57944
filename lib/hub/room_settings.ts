/**
 * How a room is set up: its modes, its lists, and the accounts that are its operators. It outlives the empty room and the
 * server:
 *
 *     fact room, by folded name:
 *         { name, flags, key, limit, lists: { b, e, I: [[mask, source, time]] }, operators, createdAt, changedAt, setFrom }
 *
 * `operators` are owners (of accounts): a name that is given up and taken by somebody else is another one.
 */
import type { Account } from "./accounts.ts";
import type { Target } from "./archive.ts";
import type { OwnerId, Place, Source } from "./event.ts";
import { member, timeIn } from "./facts.ts";
import type { Hub } from "./hub.ts";
import { casefold } from "../irc/casemap.ts";
import { isRoomName } from "../irc/names.ts";
import { siteOfSource } from "./idle_rooms.ts";
import { RoomMask } from "./room_mask.ts";
import type { Person } from "./room_mask.ts";
import { LIST_LETTERS, MAX_LIST_MASKS, ROOM_MODES } from "./room_modes.ts";
import type { Change, ListLetter } from "./room_modes.ts";

/** Accounts that a room remembers as its operators. */
export const MAX_ROOM_OPERATORS = 100;

/** Units (pieces.ts) that the worst mask takes. */
const UNITS_PER_MASK = 2;

/** `by` set it at `at` (milliseconds since the epoch). */
export interface ListEntry {
  readonly mask: string;
  readonly compiled: RoomMask;
  readonly by: Source;
  readonly at: number;
  /** The record that set it; 0: one before the server's start. */
  readonly seq: number;
}

/**
 * Rooms of which a person keeps whether it is banned there; with more, all is judged anew as it is asked for. Those that a
 * user may be in (100), and the targets of one line (20), fit.
 */
const MAX_VERDICTS = 128;

/** {@link Person} with what its masks have been found to mean, by room: the version of the lists, doubled, and 1 where banned. */
export interface Judged extends Person {
  verdicts: Map<RoomSettings, number> | undefined;
}

export class RoomSettings {
  /** Letters of the modes of type D that are set, sorted. */
  flags = "";
  /** "" for none. */
  key = "";
  /** 0 for none. */
  limit = 0;
  readonly lists: Readonly<Record<ListLetter, ListEntry[]>> = { b: [], e: [], I: [] };
  readonly operators = new Set<OwnerId>();
  /** The newest record that changed it; 0: none of this log. */
  seq = 0;
  /** Milliseconds since the epoch. */
  changedAt = 0;
  /** The address (base/ip.ts, `siteOf`) of the last user that has set something; "": none has, or an earlier version kept it. */
  setFrom = "";
  /** Whether anything may keep a client from speaking: looked at for every message. */
  silences = false;
  /** Rises with each change of +b and +e. */
  #version = 0;

  has(flag: string): boolean {
    return this.flags.includes(flag);
  }

  /** Those outside can't look in, and say nothing there. */
  get closed(): boolean {
    return this.closedBy !== undefined;
  }

  /** The mode by which it is closed; undefined: it is open. */
  get closedBy(): string | undefined {
    return this.has("i") ? "i" : this.key !== "" ? "k" : this.has("s") ? "s" : undefined;
  }

  get isBlank(): boolean {
    return !this.hasModes && this.operators.size === 0;
  }

  /** Somebody has set something. */
  get hasModes(): boolean {
    return this.flags !== "" || this.key !== "" || this.limit !== 0 || this.#hasMasks;
  }

  /** Nothing is set but what a room with an owner gets by itself (verbs/rights.ts). */
  get isPlain(): boolean {
    return !this.hasModes || this.flags === "t" && this.key === "" && this.limit === 0 && !this.#hasMasks;
  }

  get #hasMasks(): boolean {
    return LIST_LETTERS.some((letter) => this.lists[letter].length > 0);
  }

  /** True when one of +b is meant for `person`, and none of +e. Judged once, as long as neither changes. */
  bans(person: Judged): boolean {
    const { b, e } = this.lists;
    if (b.length === 0) return false;
    const known = person.verdicts?.get(this);
    if (known !== undefined && known >> 1 === this.#version) return (known & 1) !== 0;
    const matches = ({ compiled }: ListEntry) => compiled.matches(person);
    const banned = b.some(matches) && !e.some(matches);
    const verdicts = person.verdicts ??= new Map();
    if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
    verdicts.set(this, this.#version << 1 | Number(banned));
    return banned;
  }

  /** True when a mask of +b that was set by a later record than `since` is meant for `person`. */
  bansSince(person: Judged, since: number): boolean {
    return this.lists.b.some(({ seq, compiled }) => seq > since && compiled.matches(person));
  }

  /** Whether {@link bans} would have to hold all masks against `person`. */
  isUnjudged(person: Judged): boolean {
    if (this.lists.b.length === 0) return false;
    const known = person.verdicts?.get(this);
    return known === undefined || known >> 1 !== this.#version;
  }

  /** Takes in one change that is not about a member. */
  change({ sign, letter, arg }: Change, by: Source, { seq, time }: Place): void {
    const mode = ROOM_MODES.get(letter);
    const set = sign === "+";
    this.setFrom = siteOfSource(by) || this.setFrom;
    if (mode?.type === "D") {
      const others = this.flags.replace(letter, "");
      this.flags = set ? [...others, letter].sort().join("") : others;
    } else if (mode?.type === "B") this.key = set ? arg : "";
    else if (mode?.type === "C") this.limit = set ? Number(arg) : 0;
    else if (mode?.type === "A") {
      const list = this.lists[mode.letter];
      const at = indexOf(list, arg);
      if (set && at < 0 && list.length < MAX_LIST_MASKS) list.push(entryFor(arg, by, time, seq));
      else if (!set && at >= 0) list.splice(at, 1);
      this.#version++;
    }
    this.judge();
  }

  /** Sets {@link silences}. */
  judge(): void {
    this.silences = this.closed || this.has("m") || this.has("n") || this.lists.b.length > 0;
  }
}

/** Where `mask` stands in `list`, in whatever case; -1: nowhere. */
export function indexOf(list: readonly ListEntry[], mask: string): number {
  const folded = casefold(mask);
  return list.findIndex(({ compiled }) => compiled.folded === folded);
}

function entryFor(mask: string, by: Source, at: number, seq: number): ListEntry {
  return { mask, compiled: new RoomMask(mask), by, at, seq };
}

/** Units (pieces.ts) of holding all masks of `target` against one user. */
export function unitsOfMasks({ settings }: Target): number {
  if (settings === undefined) return 0;
  return LIST_LETTERS.reduce((sum, letter) => sum + settings.lists[letter].length, 0) * UNITS_PER_MASK;
}

/** The settings of `target`, made where there are none. */
export function settingsFor(target: Target): RoomSettings {
  return target.settings ??= new RoomSettings();
}

/** The account that `owner` is of, if `settings` remembers it as an operator. */
export function isKeptOperator(settings: RoomSettings | undefined, account: Account | undefined): boolean {
  return settings !== undefined && account !== undefined && settings.operators.has(account.owner);
}

/** An account that is remembered as an operator, and that there still is. */
export function hasKeptOperator({ accounts }: Hub, settings: RoomSettings | undefined): boolean {
  for (const owner of settings?.operators ?? []) if (accounts.mayExist(owner)) return true;
  return false;
}

/** Remembers `account` as an operator of `target`, or no longer. Where there is no space for it, its sessions are told. */
export function keepOperator(hub: Hub, target: Target, account: Account, keep: boolean, place: Place): void {
  if (isKeptOperator(target.settings, account) === keep) return;
  const { operators } = target.settings ?? {};
  if (keep && (operators?.size ?? 0) >= MAX_ROOM_OPERATORS) {
    return sayForgotten(hub, target, account, `${target.name} remembers ${MAX_ROOM_OPERATORS} operators`);
  }
  if (keep && !hub.ownedRooms.mayAdd(account.owner)) {
    const most = hub.ownedRooms.allowance;
    return sayForgotten(hub, target, account, `${most} rooms remember you, and no more will`);
  }
  if (keep) {
    settingsFor(target).operators.add(account.owner);
    hub.ownedRooms.add(account.owner);
  } else if (operators?.delete(account.owner)) hub.ownedRooms.remove(account.owner);
  saveSettings(hub, target, place);
}

function sayForgotten(hub: Hub, { name }: Target, { users }: Account, why: string): void {
  const text = `${why}: you are operator of ${name} only as long as you are in it`;
  const line = `:${hub.config.serverName} WARN * OPERATOR_NOT_REMEMBERED ${name} :${text}`;
  for (const { sessions } of users) for (const session of sessions) hub.tell(session, line);
}

/** What has changed by the record at `place` is to be kept. */
export function saveSettings(hub: Hub, target: Target, place: Place): void {
  const { settings } = target;
  if (settings === undefined) return;
  const seq = place.seq > 0 ? place.seq : hub.ring.nextSeq - 1; // what is not recorded comes after all that is
  dropEnded(hub, settings);
  settings.seq = Math.max(settings.seq, seq);
  settings.changedAt = place.time;
  if (settings.isBlank) target.settings = undefined;
  hub.facts.put(
    "room",
    casefold(target.name),
    settings.isBlank ? undefined : factOf(target, settings),
    seq,
  );
}

/** At a start: a crash may have kept what an account was in a room and not that it has ended, and its owner id may come again. */
export function dropEndedOperators(hub: Hub): void {
  for (const { settings } of hub.archive.rooms.values()) if (settings !== undefined) dropEnded(hub, settings);
}

function dropEnded({ accounts, ownedRooms }: Hub, { operators }: RoomSettings): void {
  for (const owner of operators) {
    if (accounts.mayExist(owner)) continue;
    operators.delete(owner);
    ownedRooms.remove(owner);
  }
}

function factOf({ name, createdAt }: Target, settings: RoomSettings) {
  const { flags, key, limit, lists, operators, changedAt, setFrom } = settings;
  const rows = (letter: ListLetter) => lists[letter].map(({ mask, by, at }) => [mask, by, at]);
  return {
    name,
    flags,
    key,
    limit,
    lists: { b: rows("b"), e: rows("e"), I: rows("I") },
    operators: [...operators],
    createdAt,
    changedAt,
    setFrom,
  };
}

/** Takes in what was saved of a room. */
export function restoreRoom(hub: Hub, key: string, value: unknown, seq: number): void {
  const name = member(value, "name", "string");
  if (casefold(name) !== key) throw new TypeError("it is saved under another name than its own");
  const settings = new RoomSettings();
  settings.flags = [...member(value, "flags", "string")].filter((letter) =>
    ROOM_MODES.get(letter)?.type === "D"
  ).sort().join("");
  settings.key = member(value, "key", "string");
  settings.limit = member(value, "limit", "number");
  settings.changedAt = timeIn(value, "changedAt");
  settings.seq = seq;
  const { lists, operators, createdAt, setFrom } = value as {
    lists?: Partial<Record<ListLetter, unknown>>;
    operators?: unknown;
    createdAt?: unknown;
    setFrom?: unknown;
  };
  if (typeof setFrom === "string") settings.setFrom = setFrom;
  for (const letter of LIST_LETTERS) {
    settings.lists[letter].push(...arrayOf(lists?.[letter], letter).map(entryOf));
  }
  for (const owner of arrayOf(operators, "operators")) {
    if (typeof owner !== "string") throw new TypeError("an operator is no owner");
    settings.operators.add(owner);
  }
  settings.judge();
  const target = hub.archive.room(name);
  target.settings = settings;
  if (createdAt !== undefined) target.createdAt = timeIn(value, "createdAt"); // an earlier version kept none
}

/** A room whose settings cannot be read is closed: what they were may have kept others out. */
export function closeRoom(hub: Hub, key: string): string {
  if (!isRoomName(key)) throw new TypeError("its key is no room's name");
  const settings = new RoomSettings();
  settings.flags = "is";
  settings.changedAt = hub.now;
  settings.seq = hub.ring.nextSeq - 1; // what the log still holds of its modes is not all of them
  settings.judge();
  hub.archive.room(key).settings = settings;
  return "the room is closed (+is) until the console or a server operator sets its modes anew";
}

function arrayOf(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} is no list`);
  return value;
}

function entryOf(row: unknown): ListEntry {
  const [mask, by, at] = arrayOf(row, "an entry of a list");
  if (typeof mask === "string" && typeof by === "string" && typeof at === "number") {
    return entryFor(mask, by, at, 0);
  }
  throw new TypeError("an entry of a list is none");
}
