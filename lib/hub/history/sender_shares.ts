/**
 * How much each sender, and each conversation, has in the log and beside it (retained_messages.ts). A sender is an account, else
 * an address (for IPv6 its network, `siteOf`), over however many connections. An exempt address has no share: each of its users
 * is a sender.
 */
import { assert } from "../../base/assert.ts";
import { subnetOf } from "../../base/ip.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { senderFieldsIn } from "../log/event_codec.ts";
import type { SenderFields } from "../log/event_codec.ts";
import type { OwnerId } from "../model/identifiers.ts";

/** Senders found last, by a hash: power of two. */
const RECENT_SENDERS = 8192;

/** Bytes of one sender or one conversation. */
export class RetentionShare {
  /** In the ring, newer than what has been judged. */
  ringBytes = 0;
  retainedBytes = 0;
  /** Nothing was left of it; the next message of the sender makes another one. */
  isDropped = false;
  /** What is retained, the oldest first. */
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

/** Shares by key; one of which nothing is left is dropped with {@link RetentionShares.dropIfEmpty}. */
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
  /** Changes whenever {@link isAccount} may answer otherwise. */
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

  /** Senders may have got accounts, or have none any more. */
  renew(): void {
    const version = this.#rules.accountsVersion();
    if (version === this.#accountsVersion) return;
    this.#accountsVersion = version;
    this.#recent = new Array(RECENT_SENDERS).fill(undefined);
  }

  /** Of the message in `bytes` from `start` to `end`; undefined for everything else. */
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

  /** No owner has a space in it. */
  #keyOf(owner: OwnerId, host: string): string {
    const isOwn = this.#rules.isAccount(owner) || this.#rules.isExempt(host);
    return isOwn ? owner : `address ${subnetOf(host)}`;
  }
}

/** Host and owner in one piece. */
function senderBytes(bytes: Uint8Array, { host, hostEnd, owner, ownerEnd }: SenderFields): Uint8Array {
  const own = new Uint8Array(hostEnd - host + ownerEnd - owner);
  own.set(bytes.subarray(host, hostEnd));
  own.set(bytes.subarray(owner, ownerEnd), hostEnd - host);
  return own;
}

/** Whether `own` is what {@link senderBytes} makes. An owner's first character is in no host, so lengths need no look. */
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

/** As text, byte by byte where it is not ASCII. */
function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
export interface RetainedMessage {
  readonly seq: number;
  readonly time: number;
  readonly payload: Uint8Array;
  /** Owner of the receiver; undefined for a message to a channel. */
  readonly to: OwnerId | undefined;
  /** Folded nick of the sender. */
  readonly nick: string;
  readonly slot: number;
  readonly bytes: number;
  readonly sender: RetentionShare;
  conversation: RetentionShare;
  targets: readonly ConversationLog[];
}
