/**
 * How a channel is set up: its modes, its lists, and the accounts that are its operators. It outlives the empty channel and the
 * server:
 *
 *     fact channel, by folded name:
 *         { name, flags, key, limit, lists: { b, e, I: [[mask, source, time]] }, operators, createdAt, changedAt, setFrom }
 *
 * `operators` are owners (of accounts): a name that is given up and taken by somebody else is another one.
 */
import type { Account } from "../services/accounts/accounts.ts";
import type { ConversationLog } from "../history/archive.ts";
import type { OwnerId, RecordPlace, Source } from "./state/event.ts";
import { readMember, readTime } from "../log/facts.ts";
import type { Hub } from "../hub.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { sourceSite } from "../services/limits/idle_channels.ts";
import { ChannelMask } from "./channel_mask.ts";
import type { MaskSubject } from "./channel_mask.ts";
import { CHANNEL_MODES, LIST_LETTERS, MAX_LIST_MASKS } from "./channel_modes.ts";
import type { ListLetter, ModeChange } from "./channel_modes.ts";

/** Accounts that a channel remembers as its operators. */
export const MAX_CHANNEL_OPERATORS = 100;

/** Units (work_steps.ts) that the worst mask takes. */
const UNITS_PER_MASK_CHECK = 2;

/** `by` set it at `at` (milliseconds since the epoch). */
export interface MaskEntry {
  readonly mask: string;
  readonly compiled: ChannelMask;
  readonly by: Source;
  readonly at: number;
  /** The record that set it; 0: one before the server's start. */
  readonly seq: number;
}

/**
 * Channels of which a person keeps whether it is banned there; with more, all is judged anew as it is asked for. Those that a
 * user may be in (100), and the targets of one line (20), fit.
 */
const MAX_VERDICTS = 128;

/** {@link MaskSubject} with what its masks have been found to mean, by channel: the version of the lists, doubled, and 1 where banned. */
export interface CachedMaskSubject extends MaskSubject {
  banVerdicts: Map<ChannelSettings, number> | undefined;
}

export class ChannelSettings {
  /** Letters of the modes of type D that are set, sorted. */
  flags = "";
  /** "" for none. */
  key = "";
  /** 0 for none. */
  limit = 0;
  readonly lists: Readonly<Record<ListLetter, MaskEntry[]>> = { b: [], e: [], I: [] };
  readonly operators = new Set<OwnerId>();
  /** The newest record that changed it; 0: none of this log. */
  seq = 0;
  /** Milliseconds since the epoch. */
  changedAt = 0;
  /** The address (base/ip.ts, `siteOf`) of the last user that has set something; "": none has, or an earlier version kept it. */
  setFrom = "";
  /** Whether anything may keep a client from speaking: looked at for every message. */
  mayRestrictSpeech = false;
  /** Rises with each change of +b and +e. */
  #version = 0;

  hasFlag(flag: string): boolean {
    return this.flags.includes(flag);
  }

  /** Those outside can't look in, and say nothing there. */
  get isClosed(): boolean {
    return this.closedBy !== undefined;
  }

  /** The mode by which it is closed; undefined: it is open. */
  get closedBy(): string | undefined {
    return this.hasFlag("i") ? "i" : this.key !== "" ? "k" : this.hasFlag("s") ? "s" : undefined;
  }

  get isBlank(): boolean {
    return !this.hasModes && this.operators.size === 0;
  }

  /** Somebody has set something. */
  get hasModes(): boolean {
    return this.flags !== "" || this.key !== "" || this.limit !== 0 || this.#hasMasks;
  }

  /** Nothing is set but what a channel with an owner gets by itself (verbs/rights.ts). */
  get isPlain(): boolean {
    return !this.hasModes || this.flags === "t" && this.key === "" && this.limit === 0 && !this.#hasMasks;
  }

  get #hasMasks(): boolean {
    return LIST_LETTERS.some((letter) => this.lists[letter].length > 0);
  }

  /** True when one of +b is meant for `person`, and none of +e. Judged once, as long as neither changes. */
  isBanned(person: CachedMaskSubject): boolean {
    const { b, e } = this.lists;
    if (b.length === 0) return false;
    const known = person.banVerdicts?.get(this);
    if (known !== undefined && known >> 1 === this.#version) return (known & 1) !== 0;
    const matches = ({ compiled }: MaskEntry) => compiled.matches(person);
    const banned = b.some(matches) && !e.some(matches);
    const verdicts = person.banVerdicts ??= new Map();
    if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
    verdicts.set(this, this.#version << 1 | Number(banned));
    return banned;
  }

  /** True when a mask of +b that was set by a later record than `since` is meant for `person`. */
  isBannedSince(person: CachedMaskSubject, since: number): boolean {
    return this.lists.b.some(({ seq, compiled }) => seq > since && compiled.matches(person));
  }

  /** Whether {@link isBanned} would have to hold all masks against `person`. */
  isBanCheckPending(person: CachedMaskSubject): boolean {
    if (this.lists.b.length === 0) return false;
    const known = person.banVerdicts?.get(this);
    return known === undefined || known >> 1 !== this.#version;
  }

  /** Takes in one change that is not about a member. */
  applyChange({ sign, letter, arg }: ModeChange, by: Source, { seq, time }: RecordPlace): void {
    const mode = CHANNEL_MODES.get(letter);
    const set = sign === "+";
    this.setFrom = sourceSite(by) || this.setFrom;
    if (mode?.type === "D") {
      const others = this.flags.replace(letter, "");
      this.flags = set ? [...others, letter].sort().join("") : others;
    } else if (mode?.type === "B") this.key = set ? arg : "";
    else if (mode?.type === "C") this.limit = set ? Number(arg) : 0;
    else if (mode?.type === "A") {
      const list = this.lists[mode.letter];
      const at = indexOfMask(list, arg);
      if (set && at < 0 && list.length < MAX_LIST_MASKS) list.push(createMaskEntry(arg, by, time, seq));
      else if (!set && at >= 0) list.splice(at, 1);
      this.#version++;
    }
    this.updateRestrictions();
  }

  /** Sets {@link mayRestrictSpeech}. */
  updateRestrictions(): void {
    this.mayRestrictSpeech = this.isClosed || this.hasFlag("m") || this.hasFlag("n") ||
      this.lists.b.length > 0;
  }
}

/** Where `mask` stands in `list`, in whatever case; -1: nowhere. */
export function indexOfMask(list: readonly MaskEntry[], mask: string): number {
  const folded = casefold(mask);
  return list.findIndex(({ compiled }) => compiled.folded === folded);
}

function createMaskEntry(mask: string, by: Source, at: number, seq: number): MaskEntry {
  return { mask, compiled: new ChannelMask(mask), by, at, seq };
}

/** Units (work_steps.ts) of holding all masks of `target` against one user. */
export function maskCheckUnits({ settings }: ConversationLog): number {
  if (settings === undefined) return 0;
  return LIST_LETTERS.reduce((sum, letter) => sum + settings.lists[letter].length, 0) * UNITS_PER_MASK_CHECK;
}

/** The settings of `target`, made where there are none. */
export function getOrCreateSettings(target: ConversationLog): ChannelSettings {
  return target.settings ??= new ChannelSettings();
}

/** The account that `owner` is of, if `settings` remembers it as an operator. */
export function isRememberedOperator(
  settings: ChannelSettings | undefined,
  account: Account | undefined,
): boolean {
  return settings !== undefined && account !== undefined && settings.operators.has(account.owner);
}

/** An account that is remembered as an operator, and that there still is. */
export function hasRememberedOperator({ accounts }: Hub, settings: ChannelSettings | undefined): boolean {
  for (const owner of settings?.operators ?? []) if (accounts.isPossibleOwner(owner)) return true;
  return false;
}

/** Remembers `account` as an operator of `target`, or no longer. Where there is no space for it, its sessions are told. */
export function rememberOperator(
  hub: Hub,
  target: ConversationLog,
  account: Account,
  keep: boolean,
  place: RecordPlace,
): void {
  if (isRememberedOperator(target.settings, account) === keep) return;
  const { operators } = target.settings ?? {};
  if (keep && (operators?.size ?? 0) >= MAX_CHANNEL_OPERATORS) {
    return sendNotRemembered(
      hub,
      target,
      account,
      `${target.name} remembers ${MAX_CHANNEL_OPERATORS} operators`,
    );
  }
  if (keep && !hub.operatorQuota.canAdd(account.owner)) {
    const most = hub.operatorQuota.allowance;
    return sendNotRemembered(hub, target, account, `${most} rooms remember you, and no more will`);
  }
  if (keep) {
    getOrCreateSettings(target).operators.add(account.owner);
    hub.operatorQuota.add(account.owner);
  } else if (operators?.delete(account.owner)) hub.operatorQuota.remove(account.owner);
  saveSettings(hub, target, place);
}

function sendNotRemembered(hub: Hub, { name }: ConversationLog, { users }: Account, why: string): void {
  const text = `${why}: you are operator of ${name} only as long as you are in it`;
  const line = `:${hub.config.serverName} WARN * OPERATOR_NOT_REMEMBERED ${name} :${text}`;
  for (const { sessions } of users) for (const session of sessions) hub.send(session, line);
}

/** What has changed by the record at `place` is to be kept. */
export function saveSettings(hub: Hub, target: ConversationLog, place: RecordPlace): void {
  const { settings } = target;
  if (settings === undefined) return;
  const seq = place.seq > 0 ? place.seq : hub.ring.nextSeq - 1; // what is not recorded comes after all that is
  removeEndedOperators(hub, settings);
  settings.seq = Math.max(settings.seq, seq);
  settings.changedAt = place.time;
  if (settings.isBlank) target.settings = undefined;
  hub.facts.put(
    "room",
    casefold(target.name),
    settings.isBlank ? undefined : settingsFact(target, settings),
    seq,
  );
}

/** At a start: a crash may have kept what an account was in a channel and not that it has ended, and its owner id may come again. */
export function dropEndedOperators(hub: Hub): void {
  for (const { settings } of hub.archive.channels.values()) {
    if (settings !== undefined) removeEndedOperators(hub, settings);
  }
}

function removeEndedOperators({ accounts, operatorQuota }: Hub, { operators }: ChannelSettings): void {
  for (const owner of operators) {
    if (accounts.isPossibleOwner(owner)) continue;
    operators.delete(owner);
    operatorQuota.remove(owner);
  }
}

function settingsFact({ name, createdAt }: ConversationLog, settings: ChannelSettings) {
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

/** Takes in what was saved of a channel. */
export function restoreChannel(hub: Hub, key: string, value: unknown, seq: number): void {
  const name = readMember(value, "name", "string");
  if (casefold(name) !== key) throw new TypeError("it is saved under another name than its own");
  const settings = new ChannelSettings();
  settings.flags = [...readMember(value, "flags", "string")].filter((letter) =>
    CHANNEL_MODES.get(letter)?.type === "D"
  ).sort().join("");
  settings.key = readMember(value, "key", "string");
  settings.limit = readMember(value, "limit", "number");
  settings.changedAt = readTime(value, "changedAt");
  settings.seq = seq;
  const { lists, operators, createdAt, setFrom } = value as {
    lists?: Partial<Record<ListLetter, unknown>>;
    operators?: unknown;
    createdAt?: unknown;
    setFrom?: unknown;
  };
  if (typeof setFrom === "string") settings.setFrom = setFrom;
  for (const letter of LIST_LETTERS) {
    settings.lists[letter].push(...readArray(lists?.[letter], letter).map(readMaskEntry));
  }
  for (const owner of readArray(operators, "operators")) {
    if (typeof owner !== "string") throw new TypeError("an operator is no owner");
    settings.operators.add(owner);
  }
  settings.updateRestrictions();
  const target = hub.archive.channel(name);
  target.settings = settings;
  if (createdAt !== undefined) target.createdAt = readTime(value, "createdAt"); // an earlier version kept none
}

/** A channel whose settings cannot be read is closed: what they were may have kept others out. */
export function restoreUnreadableChannel(hub: Hub, key: string): string {
  if (!isChannelName(key)) throw new TypeError("its key is no room's name");
  const settings = new ChannelSettings();
  settings.flags = "is";
  settings.changedAt = hub.now;
  settings.seq = hub.ring.nextSeq - 1; // what the log still holds of its modes is not all of them
  settings.updateRestrictions();
  hub.archive.channel(key).settings = settings;
  return "the room is closed (+is) until the console or a server operator sets its modes anew";
}

function readArray(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} is no list`);
  return value;
}

function readMaskEntry(row: unknown): MaskEntry {
  const [mask, by, at] = readArray(row, "an entry of a list");
  if (typeof mask === "string" && typeof by === "string" && typeof at === "number") {
    return createMaskEntry(mask, by, at, 0);
  }
  throw new TypeError("an entry of a list is none");
}
