/**
 * Owner ids of claim keys. A claim key gives the owner id that is its hash, unless an account has or had that id:
 * then only a login gives it, because a key that was the password of an account may still be known to others after
 * the password was changed. The claim key then gives the hash of that id, and so on.
 *
 *     fact former_owner, by owner id: { seq }   an ended account had it; every record of it has a lower number
 */
import { nodeModules } from "../../../base/platform/node_modules.ts";
import { isTemporaryOwner } from "../../model/identifiers.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import { readMember } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import type { ArchiveOrders } from "../../history/archive_orders.ts";
import type { HistoryIndex } from "../../history/history_index.ts";
import type { EventLog } from "../../log/event_log.ts";
import type { Accounts } from "./accounts.ts";

/** Characters of the base64url SHA-256 that make an owner id: 96 bits. */
const OWNER_LENGTH = 16;
/** Former owners added between two prunings, which drop those of which the log holds nothing. */
const FORMER_OWNERS_BETWEEN_PRUNES = 1000;

/** Where owner ids are in use: accounts, and conversations in the history index. */
export interface FormerOwnerParts {
  readonly facts: FactBuffer;
  readonly log: EventLog;
  readonly accounts: Accounts;
  readonly archiveOrders: ArchiveOrders;
  readonly history: HistoryIndex;
}

/** Owner ids of ended accounts. Messages filed under them are readable by no later holder of the key. */
export class FormerOwners {
  readonly #parts: FormerOwnerParts;
  /** By owner id: sequence number of the first record after the end of the account. */
  readonly #ended = new Map<OwnerId, number>();
  #nextLook = FORMER_OWNERS_BETWEEN_PRUNES;

  constructor(parts: FormerOwnerParts) {
    this.#parts = parts;
  }

  /** Owner id that the claim key `key` gives now. */
  claimKeyOwner(key: string): OwnerId {
    return this.firstUnusedOwner(hashOwner(key));
  }

  /** `owner`, or else the first of the hashes that follow it that no account has or had. */
  firstUnusedOwner(owner: OwnerId): OwnerId {
    while (this.isOwnerUsed(owner)) owner = hashOwner(owner);
    return owner;
  }

  /** Whether an account has or had this owner id: no claim key gives it. */
  isOwnerUsed(owner: OwnerId): boolean {
    return this.#parts.accounts.byOwner(owner) !== undefined || this.#ended.has(owner);
  }

  /** Records that an account with `owner` has ended. */
  add(owner: OwnerId): void {
    if (isTemporaryOwner(owner)) return; // no claim key gives it
    const seq = this.#parts.log.nextSeq;
    this.#ended.set(owner, seq);
    this.#parts.facts.put("former_owner", owner, { seq });
    if (this.#ended.size < this.#nextLook) return;
    this.prune();
    this.#nextLook = this.#ended.size + FORMER_OWNERS_BETWEEN_PRUNES;
  }

  /**
   * Drops ids of which the log holds nothing, neither under the id itself nor under the hash that follows it; none if
   * there is an archive, which may hold something of any.
   */
  prune(): void {
    const { log, archiveOrders, history: { directConversations }, facts } = this.#parts;
    if (archiveOrders.isKept) return;
    for (const [owner, seq] of this.#ended) {
      const isHeld = seq > log.oldestSeq || directConversations.has(owner) ||
        directConversations.has(hashOwner(owner));
      if (isHeld) continue;
      this.#ended.delete(owner);
      facts.put("former_owner", owner, undefined);
    }
  }

  /** Restores the fact `former_owner`. */
  restore(owner: OwnerId, value: unknown): void {
    this.#ended.set(owner, readMember(value, "seq", "number"));
  }

  /** A former owner of which the sequence number cannot be read remains one, as of the newest record. */
  restoreUnreadable(owner: OwnerId): string {
    this.#ended.set(owner, this.#parts.log.nextSeq);
    return "no claim key gives this owner id";
  }
}

function hashOwner(text: string): OwnerId {
  return nodeModules.crypto.createHash("sha256").update(text).digest("base64url").slice(0, OWNER_LENGTH);
}
