/**
 * Channel settings: modes, lists, and the accounts that are its operators. They outlive the empty channel and the
 * server:
 *
 *     fact room, by folded name:
 *         { name, flags, key, limit, lists: { b, e, I: [[mask, source, time]] },
 *           operators, createdAt, changedAt, setFrom }
 *
 * `operators` are owner ids of accounts: a name that is given up and registered again is another account.
 */
import type { OwnerId, RecordPlace, Source } from "./identifiers.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { sourceSite } from "./identifiers.ts";
import { ChannelMask, type MaskSubject } from "./channel_mask.ts";
import { CHANNEL_MODES, LIST_LETTERS, MAX_LIST_MASKS } from "./channel_modes.ts";
import type { ListLetter, ModeChange } from "./channel_modes.ts";

/** Most accounts that a channel remembers as operators. */
export const MAX_CHANNEL_OPERATORS = 100;

/** A mask that `by` set at `at` (milliseconds since the epoch). */
export interface MaskEntry {
  readonly mask: string;
  readonly compiled: ChannelMask;
  readonly by: Source;
  readonly at: number;
  /** Sequence number of the record that set it; 0: set before the server started. */
  readonly seq: number;
}

/**
 * Channels for which a user caches whether it is banned; beyond that the cache starts again. The channels that a
 * user may be in (100) and the targets of one line (20) fit.
 */
const MAX_VERDICTS = 128;

/** A subject with cached results by channel: the version of the lists, doubled, plus 1 where it is banned. */
export interface CachedMaskSubject extends MaskSubject {
  banVerdicts: Map<ChannelSettings, number> | undefined;
}

/** Settings of a channel as a read-only view, for all code except {@link ChannelSettingsStore}. */
export interface ChannelSettings {
  /** Letters of the type D modes that are set, sorted. */
  readonly flags: string;
  /** "" for none. */
  readonly key: string;
  /** 0 for none. */
  readonly limit: number;
  readonly lists: Readonly<Record<ListLetter, readonly MaskEntry[]>>;
  readonly operators: ReadonlySet<OwnerId>;
  /** Sequence number of the newest record that changed it; 0: none in this log. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
  /**
   * Site (base/ip.ts, `subnetOf`) of the last user that changed a setting; "": none has, or the settings are of an
   * earlier version.
   */
  readonly setFrom: string;
  /** Whether any setting may keep a client from speaking; checked for every message. */
  readonly mayRestrictSpeech: boolean;
  /** Whether users outside can neither read the history nor send to the channel. */
  readonly isClosed: boolean;
  /** Mode by which the channel is closed; undefined: it is open. */
  readonly closedBy: string | undefined;
  readonly isBlank: boolean;
  /** Whether any mode or list entry is set. */
  readonly hasModes: boolean;
  /**
   * Whether nothing is set except what a channel with an owner gets by itself
   * (verbs/channels/channel_privileges.ts).
   */
  readonly isPlain: boolean;

  hasFlag(flag: string): boolean;
  /** Whether a mask of +b matches `person` and none of +e does. The result is cached until either list changes. */
  isBanned(person: CachedMaskSubject): boolean;
  /** Whether a mask of +b matches `person` that was set by a record after `since`. */
  isBannedSince(person: CachedMaskSubject, since: number): boolean;
  /** Whether {@link isBanned} would have to match all masks against `person`. */
  isBanCheckPending(person: CachedMaskSubject): boolean;
}

export class MutableChannelSettings implements ChannelSettings {
  flags = "";
  key = "";
  limit = 0;
  readonly lists: Readonly<Record<ListLetter, MaskEntry[]>> = { b: [], e: [], I: [] };
  readonly operators = new Set<OwnerId>();
  seq = 0;
  changedAt = 0;
  setFrom = "";
  mayRestrictSpeech = false;
  /** Rises with each change of +b and +e. */
  #version = 0;

  hasFlag(flag: string): boolean {
    return this.flags.includes(flag);
  }

  get isClosed(): boolean {
    return this.closedBy !== undefined;
  }

  get closedBy(): string | undefined {
    return this.hasFlag("i") ? "i" : this.key !== "" ? "k" : this.hasFlag("s") ? "s" : undefined;
  }

  get isBlank(): boolean {
    return !this.hasModes && this.operators.size === 0;
  }

  get hasModes(): boolean {
    return this.flags !== "" || this.key !== "" || this.limit !== 0 || this.#hasMasks;
  }

  get isPlain(): boolean {
    return !this.hasModes || this.flags === "t" && this.key === "" && this.limit === 0 && !this.#hasMasks;
  }

  get #hasMasks(): boolean {
    return LIST_LETTERS.some((letter) => this.lists[letter].length > 0);
  }

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

  isBannedSince(person: CachedMaskSubject, since: number): boolean {
    return this.lists.b.some(({ seq, compiled }) => seq > since && compiled.matches(person));
  }

  isBanCheckPending(person: CachedMaskSubject): boolean {
    if (this.lists.b.length === 0) return false;
    const known = person.banVerdicts?.get(this);
    return known === undefined || known >> 1 !== this.#version;
  }

  /** Applies one change that does not concern a member. */
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

/** Index of `mask` in `list`, compared by folded form; -1: it is not there. */
export function indexOfMask(list: readonly MaskEntry[], mask: string): number {
  const folded = casefold(mask);
  return list.findIndex(({ compiled }) => compiled.folded === folded);
}

export function createMaskEntry(mask: string, by: Source, at: number, seq: number): MaskEntry {
  return { mask, compiled: new ChannelMask(mask), by, at, seq };
}

/** Whether `settings` remembers `account` as an operator. */
export function isRememberedOperator(
  settings: ChannelSettings | undefined,
  account: { readonly owner: OwnerId } | undefined,
): boolean {
  return settings !== undefined && account !== undefined && settings.operators.has(account.owner);
}
