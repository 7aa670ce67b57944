/** Channel modes (modern, "Channel Modes" and "Channel Membership Prefixes"): one row for each letter. */
import { utf8Length } from "../../base/bytes.ts";
import { MASK_BOUNDS_TEXT } from "../../irc/names/mask.ts";
import { normalizeChannelMask } from "./channel_mask.ts";

/** Bits of a membership (ISUPPORT PREFIX). */
export const OPERATOR = 1;
export const VOICE = 2;

/**
 * Member of a large channel that has done nothing there yet: the other members have not been sent its JOIN.
 */
export const UNANNOUNCED = 4;
/** All of them. */
export const MEMBERSHIP_BITS = OPERATOR | VOICE | UNANNOUNCED;

/** ISUPPORT KEYLEN, in bytes. */
export const KEYLEN = 32;
/** Most masks in one list of a channel (ISUPPORT MAXLIST). */
export const MAX_LIST_MASKS = 100;
/** Most changes with an argument in one line (ISUPPORT MODES). */
export const MODES_PER_LINE = 4;
/** Largest limit that +l accepts. */
const MAX_LIMIT = 1_000_000;

/** The letters of lists: bans, exceptions to them, and exceptions to +i. */
export type ListLetter = "b" | "e" | "I";
export const LIST_LETTERS: readonly ListLetter[] = ["b", "e", "I"];

/**
 * Types as in modern ("MODE message"): A changes a list, B has an argument when set and unset, C only when set, D
 * none. `member` changes the rank of the member that the argument names.
 */
export type ChannelMode =
  | {
    readonly type: "A";
    readonly letter: ListLetter;
    readonly clean: NormalizeArgument;
    readonly wanted: string;
  }
  | { readonly type: "B" | "C"; readonly clean: NormalizeArgument; readonly wanted: string }
  | { readonly type: "D" }
  | { readonly type: "member"; readonly bit: number };

/** Returns the argument as it is saved; undefined: it is not valid. */
type NormalizeArgument = (arg: string) => string | undefined;

const WANTED_MASK = `A mask is nick!user@host with * and ?, or ~account:NAME. ${MASK_BOUNDS_TEXT}`;

export const CHANNEL_MODES: ReadonlyMap<string, ChannelMode> = new Map<string, ChannelMode>([
  ["b", { type: "A", letter: "b", clean: normalizeChannelMask, wanted: WANTED_MASK }],
  ["e", { type: "A", letter: "e", clean: normalizeChannelMask, wanted: WANTED_MASK }],
  ["I", { type: "A", letter: "I", clean: normalizeChannelMask, wanted: WANTED_MASK }],
  ["k", {
    type: "B",
    clean: normalizeKey,
    wanted: `A key has 1 to ${KEYLEN} bytes, no comma, and no colon in front`,
  }],
  ["l", { type: "C", clean: normalizeLimit, wanted: `A limit is a whole number from 1 to ${MAX_LIMIT}` }],
  ["i", { type: "D" }],
  ["m", { type: "D" }],
  ["n", { type: "D" }],
  ["s", { type: "D" }],
  ["t", { type: "D" }],
  ["o", { type: "member", bit: OPERATOR }],
  ["v", { type: "member", bit: VOICE }],
]);

/** Letters of the modes of these types, sorted. */
export function lettersOf(...types: ChannelMode["type"][]): string {
  return [...CHANNEL_MODES].flatMap(([letter, { type }]) => types.includes(type) ? letter : []).sort().join(
    "",
  );
}

/** One mode that is set or unset, as in a MODE line; `arg` is "" where there is none. */
export interface ModeChange {
  readonly sign: "+" | "-";
  readonly letter: string;
  readonly arg: string;
}

/** Changes of a recorded MODE: `+ov-l` and `alice bob`. */
export function* parseChanges(change: string, args: string): Iterable<ModeChange> {
  const words = args.split(" ");
  let sign: "+" | "-" = "+";
  for (const letter of change) {
    if (letter === "+" || letter === "-") sign = letter;
    else yield { sign, letter, arg: hasArgument(letter, sign) ? words.shift() ?? "" : "" };
  }
}

/** The letters and arguments of a MODE line for `changes`. */
export function formatChanges(changes: readonly ModeChange[]): { change: string; args: string } {
  let change = "";
  let sign = "";
  for (const each of changes) {
    if (each.sign !== sign) change += sign = each.sign;
    change += each.letter;
  }
  return { change, args: changes.flatMap(({ arg }) => arg === "" ? [] : arg).join(" ") };
}

function hasArgument(letter: string, sign: "+" | "-"): boolean {
  const type = CHANNEL_MODES.get(letter)?.type;
  return type === "A" || type === "B" || type === "member" || type === "C" && sign === "+";
}

function normalizeKey(key: string): string | undefined {
  const good = /^[^:,\s\p{Cc}][^,\s\p{Cc}]*$/u.test(key) && utf8Length(key) <= KEYLEN;
  return good ? key : undefined;
}

function normalizeLimit(text: string): string | undefined {
  const limit = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_LIMIT ? String(limit) : undefined;
}
