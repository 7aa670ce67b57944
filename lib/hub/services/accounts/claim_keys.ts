/**
 * The owner id that a claim key stands for: the hash of the key. An id that is an account's, or was one's, is had by login only, because a
 * key that was an account's password may be known to others after the password has been changed. The key then stands for the hash of that
 * id, and so on.
 *
 *     fact former_owner, by owner id: { seq }   an account that has ended had it; no record of it lies at or behind the number
 */
import { createHash } from "node:crypto";
import { isTemporaryOwner } from "../../model/identifiers.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import { readMember } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import type { Archive } from "../../history/archive.ts";
import type { Ring } from "../../../log/ring.ts";
import type { Accounts } from "./accounts.ts";

/** Characters of a SHA-256, in base64url, that name an owner: 96 bits. */
const OWNER_LENGTH = 16;
/** So many more owner ids of ended accounts are noted before those of which the log holds nothing are given up. */
const FORMER_OWNERS_BETWEEN_PRUNES = 1000;

/** What tells which owner ids accounts have, and under which something is filed. */
export interface FormerOwnerParts {
  readonly facts: FactBuffer;
  readonly ring: Ring;
  readonly accounts: Accounts;
  readonly archive: Archive;
}

/** Owner ids of accounts that have ended: what is filed under them is read by no later holder of the key. */
export class FormerOwners {
  readonly #parts: FormerOwnerParts;
  /** With the number of the first record behind the account's end. */
  readonly #ended = new Map<OwnerId, number>();
  #nextLook = FORMER_OWNERS_BETWEEN_PRUNES;

  constructor(parts: FormerOwnerParts) {
    this.#parts = parts;
  }

  /** The owner id that the claim key `key` stands for at present. */
  claimKeyOwner(key: string): OwnerId {
    return this.firstUnusedOwner(hashOwner(key));
  }

  /** `owner`, or the first id behind it that no account has or had. */
  firstUnusedOwner(owner: OwnerId): OwnerId {
    while (this.isOwnerUsed(owner)) owner = hashOwner(owner);
    return owner;
  }

  /** An account has this owner or had it: no claim key stands for it. */
  isOwnerUsed(owner: OwnerId): boolean {
    return this.#parts.accounts.byOwner(owner) !== undefined || this.#ended.has(owner);
  }

  /** An account with `owner` has ended. */
  add(owner: OwnerId): void {
    if (isTemporaryOwner(owner)) return; // no key stands for it
    const seq = this.#parts.ring.nextSeq;
    this.#ended.set(owner, seq);
    this.#parts.facts.put("former_owner", owner, { seq });
    if (this.#ended.size < this.#nextLook) return;
    this.prune();
    this.#nextLook = this.#ended.size + FORMER_OWNERS_BETWEEN_PRUNES;
  }

  /** Gives up the ids under which nothing can be filed any more, neither under the next. */
  prune(): void {
    const { ring, archive: { directConversations }, facts } = this.#parts;
    for (const [owner, seq] of this.#ended) {
      const isHeld = seq > ring.oldestSeq || directConversations.has(owner) ||
        directConversations.has(hashOwner(owner));
      if (isHeld) continue;
      this.#ended.delete(owner);
      facts.put("former_owner", owner, undefined);
    }
  }

  /** Takes in the fact `former_owner`. */
  restore(owner: OwnerId, value: unknown): void {
    this.#ended.set(owner, readMember(value, "seq", "number"));
  }

  /** A former owner of which the number is not known is one all the same. */
  restoreUnreadable(owner: OwnerId): string {
    this.#ended.set(owner, this.#parts.ring.nextSeq);
    return "no claim key stands for it";
  }
}

function hashOwner(text: string): OwnerId {
  return createHash("sha256").update(text).digest("base64url").slice(0, OWNER_LENGTH);
}
