/**
 * Retention shares: bytes of each sender and each conversation in the log and among retained messages
 * (retained_messages.ts). A sender is an account, else a site (an address; for IPv6 its network, `subnetOf`), over
 * any number of connections. An exempt address has no share: each of its users is a sender.
 */
import { assert } from "../../base/assert.ts";
import { subnetOf } from "../../base/ip.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { senderFieldsIn } from "../log/event_codec.ts";
import type { SenderFields } from "../log/event_codec.ts";
import type { OwnerId } from "../model/identifiers.ts";

/** Size of the cache of senders, by a hash; a power of two. */
const RECENT_SENDERS = 8192;

/** Bytes of one sender or one conversation. */
export class RetentionShare {
  /** Bytes in the log that have been counted and not judged. */
  ringBytes = 0;
  retainedBytes = 0;
  /** Whether it was dropped because nothing was left of it; the next message of the sender creates another one. */
  isDropped = false;
  /** Retained messages, the oldest first. */
  readonly messages = new Set<RetainedMessage>();

  constructor(readonly key: string | ConversationLog) {}

  add(message: RetainedMessage): void {
    this.messages.add(message);
    this.retainedBytes += message.bytes;
  }

  delete(message: RetainedMessage): void {
    const isKnown = this.messages.delete(message);
    assert(isKnown, "a message that is dropped has a share");
    this.retainedBytes -= message.bytes;
    assert(this.retainedBytes >= 0, "the bytes of a share are not negative");
  }
}

/** Shares by key; an empty one is removed with {@link RetentionShares.dropIfEmpty}. */
export class RetentionShares {
  readonly #shares = new Map<string | ConversationLog, RetentionShare>();

  of(key: string | ConversationLog): RetentionShare {
    let share = this.#shares.get(key);
    if (share === undefined) this.#shares.set(key, share = new RetentionShare(key));
    return share;
  }

  dropIfEmpty(share: RetentionShare): void {
    if (share.ringBytes > 0 || share.messages.size > 0) return;
    this.#shares.delete(share.key);
    share.isDropped = true;
  }
}

export interface SenderRules {
  readonly isAccount: (owner: OwnerId) => boolean;
  /** Changes whenever {@link isAccount} may return another result. */
  readonly accountsVersion: () => number;
  readonly isExempt: (host: string) => boolean;
}

export class SenderShares extends RetentionShares {
  readonly #rules: SenderRules;
  #recent: ({ bytes: Uint8Array; share: RetentionShare } | undefined)[] = [];
  #accountsVersion = -1;

  constructor(rules: SenderRules) {
    super();
    this.#rules = rules;
  }

  /** Clears the cache if accounts have been added or removed. */
  renew(): void {
    const version = this.#rules.accountsVersion();
    if (version === this.#accountsVersion) return;
    this.#accountsVersion = version;
    this.#recent = new Array(RECENT_SENDERS).fill(undefined);
  }

  /** Share of the sender of the message in `bytes` from `start` to `end`; undefined for everything else. */
  senderIn(bytes: Uint8Array, start: number, end: number): RetentionShare | undefined {
    const fields = senderFieldsIn(bytes, start, end);
    if (fields === undefined) return undefined;
    const { host, hostEnd, owner, ownerEnd } = fields;
    let hash = 0;
    for (let at = host; at < hostEnd; at++) hash = (hash * 31 + bytes[at]!) | 0;
    for (let at = owner; at < ownerEnd; at++) hash = (hash * 31 + bytes[at]!) | 0;
    const slot = (hash ^ hash >>> 15) & (RECENT_SENDERS - 1);
    const recent = this.#recent[slot];
    if (recent !== undefined && !recent.share.isDropped && isSameSender(recent.bytes, bytes, fields)) {
      return recent.share;
    }
    const share = this.of(this.#keyOf(asciiText(bytes, owner, ownerEnd), asciiText(bytes, host, hostEnd)));
    this.#recent[slot] = { bytes: senderBytes(bytes, fields), share };
    return share;
  }

  /** Key of a sender. An owner id contains no space. */
  #keyOf(owner: OwnerId, host: string): string {
    const isOwn = this.#rules.isAccount(owner) || this.#rules.isExempt(host);
    return isOwn ? owner : `address ${subnetOf(host)}`;
  }
}

/** Host and owner id, joined. */
function senderBytes(bytes: Uint8Array, { host, hostEnd, owner, ownerEnd }: SenderFields): Uint8Array {
  const own = new Uint8Array(hostEnd - host + ownerEnd - owner);
  own.set(bytes.subarray(host, hostEnd));
  own.set(bytes.subarray(owner, ownerEnd), hostEnd - host);
  return own;
}

/**
 * Whether `own` equals the result of {@link senderBytes}. No host contains the first character of an owner id, so
 * the boundary between host and owner id needs no comparison.
 */
function isSameSender(
  own: Uint8Array,
  bytes: Uint8Array,
  { host, hostEnd, owner, ownerEnd }: SenderFields,
): boolean {
  const hostLength = hostEnd - host;
  if (own.length !== hostLength + ownerEnd - owner) return false;
  for (let at = 0; at < hostLength; at++) if (own[at] !== bytes[host + at]) return false;
  for (let at = hostLength; at < own.length; at++) {
    if (own[at] !== bytes[owner + at - hostLength]) return false;
  }
  return true;
}

/** Text of ASCII bytes; other bytes become one character each. */
function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

export interface RetainedMessage {
  readonly seq: number;
  readonly time: number;
  readonly payload: Uint8Array;
  /** Owner id of the receiver; undefined for a message to a channel. */
  readonly to: OwnerId | undefined;
  /** Folded nick of the sender. */
  readonly nick: string;
  readonly slot: number;
  readonly bytes: number;
  readonly sender: RetentionShare;
  conversation: RetentionShare;
  targets: readonly ConversationLog[];
}
