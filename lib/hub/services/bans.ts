/**
 * Server bans, which refuse the connection, and mutes, which refuse messages: by name, account or address, for a
 * time or without a time limit.
 *
 *     fact ban, by `<kind> <folded mask>`: { kind, mask, reason, by, at, until }
 *
 * A mask is `name:NICK` (with `*` and `?`), `account:NAME` or `address:ADDRESS[/BITS]`. Neither applies to server
 * operators that are logged in, nor by address to connections from this machine: an administrator cannot be locked
 * out.
 */
import { AddressSet, blockContains, LOOPBACK, parseCidr, parseIp } from "../../base/ip.ts";
import type { Cidr } from "../../base/ip.ts";
import { formatTime } from "../../base/values/timestamp.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { Mask } from "../../irc/names/mask.ts";
import { nickFault } from "../../irc/names/new_name_rules.ts";
import type { Account, Session } from "../model/state/entities.ts";
import { MAX_BANS } from "../model/config.ts";
import { readMember, readTime } from "../log/facts.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { Ban, BanKind } from "../model/ban.ts";

/** Identity that a mask is matched against. */
export interface BanSubject {
  /** Folded nick; "" where there is none yet. */
  readonly folded: string;
  readonly account: Account | undefined;
  readonly host: string;
}

export const MASK_KINDS = ["name", "account", "address"] as const;
type MaskKind = typeof MASK_KINDS[number];

/** A parsed mask. */
type ParsedBanMask =
  | { readonly kind: "name"; readonly compiled: Mask }
  | { readonly kind: "account"; readonly folded: string }
  | { readonly kind: "address"; readonly block: Cidr };

/** Returns the address that address masks are matched against; undefined: none applies to it. */
type AddressOf = () => number[] | undefined;

const loopback = new AddressSet(LOOPBACK);

export class Bans {
  readonly #facts: FactBuffer;
  /** By kind and folded mask. */
  readonly #bans = new Map<string, { readonly ban: Ban; readonly parsed: ParsedBanMask }>();

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  get isFull(): boolean {
    return this.#bans.size >= MAX_BANS;
  }

  has(kind: BanKind, mask: string): boolean {
    return this.#bans.has(banKey(kind, mask));
  }

  /** Sets `ban`, replacing another of that kind and mask; false: its mask is not valid. */
  set(ban: Ban): boolean {
    if (!this.#put(ban)) return false;
    this.#facts.put("ban", banKey(ban.kind, ban.mask), ban);
    return true;
  }

  /** Removes a ban or mute; false: there is none. */
  delete(kind: BanKind, mask: string): boolean {
    const key = banKey(kind, mask);
    if (!this.#bans.delete(key)) return false;
    this.#facts.put("ban", key, undefined);
    return true;
  }

  /** Bans and mutes in force at `now`, the oldest first. */
  list(now: number): Ban[] {
    return [...this.#bans.values()].flatMap(({ ban }) => isBanExpired(ban, now) ? [] : ban);
  }

  /** A ban of `kind` that matches `person`; undefined: none does. */
  find(kind: BanKind, person: BanSubject, now: number): Ban | undefined {
    if (this.#bans.size === 0) return undefined;
    const addressOf = lazyAddress(person);
    for (const { ban, parsed } of this.#bans.values()) {
      if (ban.kind === kind && !isBanExpired(ban, now) && matchesBanMask(parsed, person, addressOf)) {
        return ban;
      }
    }
    return undefined;
  }

  /** The ban of the address `host`, regardless of nick and account. */
  ofAddress(host: string, now: number): Ban | undefined {
    return this.find("ban", { folded: "", account: undefined, host }, now);
  }

  /** Removes expired bans and mutes; returns their masks. */
  expire(now: number): string[] {
    const over = Array.from(this.#bans.values(), ({ ban }) => ban).filter((ban) => isBanExpired(ban, now));
    for (const { kind, mask } of over) this.delete(kind, mask);
    return over.map(({ mask }) => mask);
  }

  /** Restores a saved ban; an expired one is removed by the next tick. */
  restore(key: string, value: unknown): void {
    const text = (name: string) => readMember(value, name, "string");
    const kind = text("kind");
    if (kind !== "ban" && kind !== "mute") throw new TypeError("its kind is neither ban nor mute");
    const mask = text("mask");
    if (banKey(kind, mask) !== key) throw new TypeError("its kind or mask does not match its key");
    const [at, until] = [readTime(value, "at"), readTime(value, "until")];
    if (!this.#put({ kind, mask, reason: text("reason"), by: text("by"), at, until })) {
      throw new TypeError("its mask is not valid");
    }
  }

  /** Keeps a ban that cannot be read in force by its key, without a time limit, as if `by` had set it `now`. */
  restoreUnreadable(key: string, by: string, now: number): string {
    const [, kind, mask = ""] = /^(ban|mute) (.*)$/.exec(key) ?? [];
    const ban = { kind: kind as BanKind, mask, reason: "", by, at: now, until: 0 };
    if (kind === undefined || !this.#put(ban)) throw new TypeError("its key does not name a ban or mute");
    return `it stays in force until it is lifted with the console command "un${kind} ${mask}"`;
  }

  /** False: the mask of `ban` is not valid. */
  #put(ban: Ban): boolean {
    const parsed = parseBanMask(ban.mask);
    if (parsed === undefined) return false;
    this.#bans.set(banKey(ban.kind, ban.mask), { ban, parsed });
    return true;
  }
}

export function isBanExpired({ until }: Ban, now: number): boolean {
  return until !== 0 && now >= until;
}

/** Returns a function that tells whether one of `masks` matches a subject. */
export function banMatcher(...masks: readonly string[]): (person: BanSubject) => boolean {
  const all = masks.flatMap((mask) => parseBanMask(mask) ?? []);
  return (person) => {
    const addressOf = lazyAddress(person);
    return all.some((parsed) => matchesBanMask(parsed, person, addressOf));
  };
}

/** Whether `mask` is of addresses that all belong to this machine. */
export function isOwnAddress(mask: string): boolean {
  const [address = "", bits] = mask.slice("address:".length).split("/");
  return mask.startsWith("address:") && loopback.has(address) && (bits === undefined || Number(bits) >= 8);
}

/** Identity of `session` for masks. */
export function banSubjectOf(session: Session): BanSubject {
  const { host, phase } = session;
  if (phase.kind === "registered") return { folded: phase.user.folded, account: phase.user.account, host };
  return { folded: casefold(phase.nick ?? ""), account: phase.account, host };
}

/**
 * `until 2026-01-02 03:04:05Z` or `permanently`, and the reason. The time is in UTC: a banned user and the operators
 * may live in different time zones.
 */
export function banText({ until, reason }: Pick<Ban, "reason" | "until">): string {
  const when = until === 0 ? "permanently" : `until ${formatTime(until, true)}`;
  return reason === "" ? when : `${when}: ${reason}`;
}

/** The name or address of a mask, without its kind: `bob` for `account:bob`. */
export function banTarget(mask: string): string {
  return MASK_KINDS.some((kind) => mask.startsWith(`${kind}:`)) ? mask.slice(mask.indexOf(":") + 1) : mask;
}

/** Parses the address at most once, and only when an address mask is matched. */
function lazyAddress({ host }: BanSubject): AddressOf {
  let known: { address: number[] | undefined } | undefined;
  return () => (known ??= { address: loopback.has(host) ? undefined : parseIp(host) }).address;
}

function matchesBanMask(
  parsed: ParsedBanMask,
  { folded, account }: BanSubject,
  addressOf: AddressOf,
): boolean {
  switch (parsed.kind) {
    case "name":
      return folded !== "" && parsed.compiled.matches(folded);
    case "account":
      return account?.folded === parsed.folded;
    case "address": {
      const address = addressOf();
      return address !== undefined && blockContains(parsed.block, address);
    }
  }
}

export function parseBanMask(mask: string): ParsedBanMask | undefined {
  const colon = mask.indexOf(":");
  const kind = mask.slice(0, colon) as MaskKind;
  const value = mask.slice(colon + 1);
  switch (kind) {
    case "name": // a wildcard stands for letters of the name's own script
      return nickFault(value.replace(/[*?]+/g, /\p{L}/u.exec(value)?.[0] ?? "x")) === undefined
        ? { kind, compiled: new Mask(casefold(value)) }
        : undefined;
    case "account":
      return nickFault(value) === undefined ? { kind, folded: casefold(value) } : undefined;
    case "address": {
      const block = parseCidr(value);
      return block && { kind, block };
    }
    default:
      return undefined;
  }
}

function banKey(kind: BanKind, mask: string): string {
  return `${kind} ${casefold(mask)}`;
}
