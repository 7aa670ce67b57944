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
import type { HubContext, Services } from "../../context.ts";

/** Characters of a SHA-256, in base64url, that name an owner: 96 bits. */
const OWNER_LENGTH = 16;
/** So many more owner ids of ended accounts are noted before those of which the log holds nothing are given up. */
const FORMER_OWNERS_BETWEEN_PRUNES = 1000;

/** The owner id that the claim key `key` stands for at present. */
export function claimKeyOwner(services: Services, key: string): OwnerId {
  return firstUnusedOwner(services, hashOwner(key));
}

/** `owner`, or the first id behind it that no account has or had. */
export function firstUnusedOwner({ accounts }: Services, owner: OwnerId): OwnerId {
  while (accounts.isOwnerUsed(owner)) owner = hashOwner(owner);
  return owner;
}

function hashOwner(text: string): OwnerId {
  return createHash("sha256").update(text).digest("base64url").slice(0, OWNER_LENGTH);
}

/** Owner ids of accounts that have ended: what is filed under them is read by no later holder of the key. */
export class FormerOwners {
  /** With the number of the first record behind the account's end. */
  readonly #ended = new Map<OwnerId, number>();
  #nextLook = FORMER_OWNERS_BETWEEN_PRUNES;

  has(owner: OwnerId): boolean {
    return this.#ended.has(owner);
  }

  /** An account with `owner` has ended. */
  add(context: HubContext, services: Services, owner: OwnerId): void {
    if (isTemporaryOwner(owner)) return; // no key stands for it
    const seq = context.ring.nextSeq;
    this.restore(owner, seq);
    services.facts.put("former_owner", owner, { seq });
    if (this.#ended.size < this.#nextLook) return;
    this.prune(context, services);
    this.#nextLook = this.#ended.size + FORMER_OWNERS_BETWEEN_PRUNES;
  }

  restore(owner: OwnerId, seq: number): void {
    this.#ended.set(owner, seq);
  }

  /** Gives up the ids under which nothing can be filed any more, neither under the next. */
  prune({ ring }: HubContext, { archive, facts }: Services): void {
    for (const [owner, seq] of this.#ended) {
      const isHeld = seq > ring.oldestSeq || archive.directConversations.has(owner) ||
        archive.directConversations.has(hashOwner(owner));
      if (isHeld) continue;
      this.#ended.delete(owner);
      facts.put("former_owner", owner, undefined);
    }
  }
}

/** The fact `former_owner`. */
export function restoreFormerOwner(
  _context: HubContext,
  services: Services,
  key: string,
  value: unknown,
): void {
  services.accounts.formerOwners.restore(key, readMember(value, "seq", "number"));
}

/** A former owner of which the number is not known is one all the same. */
export function restoreUnreadableFormerOwner(context: HubContext, services: Services, key: string): string {
  services.accounts.formerOwners.restore(key, context.ring.nextSeq);
  return "no claim key stands for it";
}
