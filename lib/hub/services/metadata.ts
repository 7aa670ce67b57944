/**
 * Metadata (https://ircv3.net/specs/extensions/metadata, draft/metadata-2 and draft/metadata-3): values by key that
 * users set on themselves and on channels of which they are operators. Those of accounts and channels are saved
 * beside the log; those of a user without an account last as long as the user. metadata_replies.ts sends them.
 *
 *     fact metadata, by `account <folded name>` or `room <folded name>`: { <key>: <value>, … }
 */
import { casefold } from "../../irc/names/casemap.ts";
import { SESSION_WORD_BYTES, utf16Bytes } from "./limits/session_memory.ts";
import type { SessionMemory } from "./limits/session_memory.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { ArchiveOrders } from "../history/archive_orders.ts";
import type { HistoryIndex } from "../history/history_index.ts";
import type { ReadonlyState } from "../model/state/state.ts";
import type { ChannelSettingsStore } from "./channel_settings_store.ts";
import { KEEP_KEY } from "../../irc/vendor_extensions.ts";
import { parseKeepTime } from "../../irc/keep_time.ts";
import { isChannel, isUser } from "../model/state/entities.ts";
import type { Account, Channel, Session, User } from "../model/state/entities.ts";

/** Most keys of one user, account or channel (value of the capability, `max-keys`). */
export const MAX_METADATA_KEYS = 20;
/** Most keys that one session may subscribe to (`max-subs`). */
export const MAX_METADATA_SUBS = 50;
/** Most bytes of UTF-8 of a value (`max-value-bytes`): the line fits even with the longest names. */
export const MAX_METADATA_VALUE_BYTES = 240;
/** Most bytes of a key. */
export const MAX_METADATA_KEY_BYTES = 48;
/** Channels with metadata; beyond that, channels without members and without an owner are dropped. */
export const MAX_METADATA_CHANNELS = 10_000;
/** Channels that one line checks to find one that can be dropped. */
const METADATA_CHANNELS_LOOKED_AT = 100;
/** Bound for all accounts and channels together, in bytes of memory. */
export const MAX_METADATA_BYTES = 32 * 1024 * 1024;
/** Most lines of one response. Of a larger channel only the metadata of the channel itself is sent. */
export const MAX_METADATA_LINES = 2_000;

/** Value of the capability draft/metadata-2. */
export const METADATA_VALUE =
  `max-subs=${MAX_METADATA_SUBS},max-keys=${MAX_METADATA_KEYS},max-value-bytes=${MAX_METADATA_VALUE_BYTES}`;

export const METADATA_3_VALUE =
  `max-subs=${MAX_METADATA_SUBS},max-keys=${MAX_METADATA_KEYS},max-key-bytes=${MAX_METADATA_KEY_BYTES},` +
  `max-value-bytes=${MAX_METADATA_VALUE_BYTES}`;

/** What a key is set on. */
export type MetadataSubject = User | Account | Channel;

type Values = ReadonlyMap<string, string>;

const NONE: ReadonlyMap<string, string> = new Map();

/** What metadata works with; `sessionMemory` bounds subscriptions and the metadata of users without an account. */
export interface MetadataParts {
  readonly facts: FactBuffer;
  readonly archiveOrders: ArchiveOrders;
  readonly history: HistoryIndex;
  readonly channelSettings: ChannelSettingsStore;
  readonly sessionMemory: SessionMemory;
  readonly state: ReadonlyState;
}

export class Metadata {
  /** By folded name. */
  readonly #ofAccounts = new Map<string, Values>();
  readonly #ofChannels = new Map<string, Values>();
  readonly #ofUsers = new WeakMap<User, Values>();
  readonly #subscriptions = new WeakMap<Session, Set<string>>();
  readonly #parts: MetadataParts;
  /** Memory of the metadata of accounts and channels. */
  #bytes = 0;

  constructor(parts: MetadataParts) {
    this.#parts = parts;
  }

  /** Memory of the metadata of accounts and channels, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  of(subject: MetadataSubject): ReadonlyMap<string, string> {
    if (isChannel(subject)) return this.#ofChannels.get(subject.folded) ?? NONE;
    const account = isUser(subject) ? subject.account : subject;
    return (account === undefined
      ? this.#ofUsers.get(subject as User)
      : this.#ofAccounts.get(account.folded)) ??
      NONE;
  }

  /** Whether the channel with this folded name has metadata, also if it is empty. */
  hasChannel(folded: string): boolean {
    return this.#ofChannels.has(folded);
  }

  /** Sets `key`, or removes it if `value` is undefined. False: a bound is exceeded. */
  set(
    subject: User | Channel,
    key: string,
    value: string | undefined,
  ): boolean {
    const values = new Map(this.of(subject));
    if (value === undefined) values.delete(key);
    else values.set(key, value);
    if (values.size > MAX_METADATA_KEYS) return false;
    return this.#keep(subject, values);
  }

  #keep(subject: User | Channel, values: Values): boolean {
    const more = metadataBytes(values) - metadataBytes(this.of(subject));
    if (isUser(subject) && subject.account === undefined) {
      const session = subject.sessions[0]!;
      if (more < 0) this.#parts.sessionMemory.release(session, -more);
      else if (!this.#parts.sessionMemory.charge(session, more)) return false;
    } else if (more > 0 && this.#bytes + more > MAX_METADATA_BYTES) return false;
    if (isChannel(subject)) {
      if (!this.#ofChannels.has(subject.folded) && !this.#hasSpace()) return false;
      this.#replace(this.#ofChannels, subject.folded, values);
      this.#save(`room ${subject.folded}`, values);
    } else if (subject.account === undefined) this.#ofUsers.set(subject, values);
    else {
      this.#replace(this.#ofAccounts, subject.account.folded, values);
      this.#save(`account ${subject.account.folded}`, values);
    }
    return true;
  }

  /** Makes room for one more channel by dropping one without members and owner. False: none was found. */
  #hasSpace(): boolean {
    if (this.#ofChannels.size < MAX_METADATA_CHANNELS) return true;
    const { history, channelSettings, facts, state } = this.#parts;
    let left = METADATA_CHANNELS_LOOKED_AT;
    for (const [folded, values] of this.#ofChannels) {
      if (left-- === 0) return false;
      if (
        state.channels.has(folded) ||
        channelSettings.hasRememberedOperator(history.channels.get(folded)?.settings)
      ) {
        this.#ofChannels.delete(folded);
        this.#ofChannels.set(folded, values); // to the end, so that the next call checks others
        continue;
      }
      this.#replace(this.#ofChannels, folded, NONE);
      facts.put("metadata", `room ${folded}`, undefined);
      return true;
    }
    return false;
  }

  /** Moves the metadata of the channel `from` to `to`, its name since the record `seq`. */
  rename(from: string, to: string, seq: number): void {
    const [old, folded] = [casefold(from), casefold(to)];
    const values = this.#ofChannels.get(old);
    if (values === undefined || old === folded) return;
    this.#replace(this.#ofChannels, old, NONE);
    this.#replace(this.#ofChannels, folded, values);
    this.#parts.facts.put("metadata", `room ${old}`, undefined, seq);
    this.#parts.facts.put("metadata", `room ${folded}`, Object.fromEntries(values), seq);
  }

  /** Removes the metadata of an ended account. */
  forget({ folded }: Account): void {
    if (!this.#ofAccounts.has(folded)) return;
    this.#replace(this.#ofAccounts, folded, NONE);
    this.#parts.facts.put("metadata", `account ${folded}`, undefined);
  }

  /** Restores the fact `metadata`. */
  restore(key: string, value: unknown): void {
    const [kind, folded = ""] = key.split(" ");
    if (kind !== "account" && kind !== "room" || folded === "") {
      throw new TypeError("its key names no account or room");
    }
    if (typeof value !== "object" || value === null) throw new TypeError("it is not an object");
    const entries = Object.entries(value as Record<string, unknown>).filter(
      (entry): entry is [string, string] => isMetadataKey(entry[0]) && typeof entry[1] === "string",
    );
    const values = new Map(entries.slice(0, MAX_METADATA_KEYS));
    this.#replace(kind === "account" ? this.#ofAccounts : this.#ofChannels, folded, values);
  }

  #save(key: string, values: Values): void {
    this.#parts.facts.put("metadata", key, values.size === 0 ? undefined : Object.fromEntries(values));
  }

  #replace(
    all: Map<string, ReadonlyMap<string, string>>,
    folded: string,
    values: ReadonlyMap<string, string>,
  ): void {
    const before = all.get(folded) ?? NONE;
    this.#bytes += metadataBytes(values) - metadataBytes(before);
    if (all === this.#ofChannels) this.#orderKeepTime(folded, before.get(KEEP_KEY), values.get(KEEP_KEY));
    if (values.size === 0) all.delete(folded);
    else all.set(folded, values);
  }

  /** Tells the archive for how long the messages of the channel `folded` are kept, if that changes. */
  #orderKeepTime(folded: string, before: string | undefined, text: string | undefined): void {
    if (text === before) return;
    const { archiveOrders, history: { log } } = this.#parts;
    archiveOrders.put({ kind: "keep", name: folded, ms: parseKeepTime(text ?? ""), seq: log.nextSeq });
  }

  /** Subscribes `session` to `key`; false: a bound is exceeded. */
  subscribe(session: Session, key: string): boolean {
    const keys = this.#subscriptions.get(session) ?? new Set();
    if (keys.has(key)) return true;
    if (keys.size >= MAX_METADATA_SUBS || !this.#parts.sessionMemory.charge(session, SESSION_WORD_BYTES)) {
      return false;
    }
    this.#subscriptions.set(session, keys.add(key));
    return true;
  }

  unsubscribe(session: Session, key: string): void {
    if (this.#subscriptions.get(session)?.delete(key)) {
      this.#parts.sessionMemory.release(session, SESSION_WORD_BYTES);
    }
  }

  unsubscribeAll(session: Session): void {
    for (const key of [...this.subscriptions(session)]) this.unsubscribe(session, key);
  }

  subscriptions(session: Session): ReadonlySet<string> {
    return this.#subscriptions.get(session) ?? NO_KEYS;
  }
}

const NO_KEYS: ReadonlySet<string> = new Set();

function metadataBytes(values: ReadonlyMap<string, string>): number {
  let bytes = 0;
  for (const [key, value] of values) bytes += SESSION_WORD_BYTES + utf16Bytes(key) + utf16Bytes(value);
  return bytes;
}

export function isMetadataKey(key: string): boolean {
  return key.length <= MAX_METADATA_KEY_BYTES && /^[a-z0-9_./-]+$/.test(key);
}
