/**
 * How many channels remember each account as an operator. What an account owns gives way to nothing that others do, so it is bounded
 * where it begins: of one channel more the account is operator only as long as it is in it, and is told so.
 */
import type { ConversationLog } from "../../model/conversation_log.ts";
import type { OwnerId } from "../../model/identifiers.ts";

/** Channels that remember one account, on a server that has all of {@link MAX_REMEMBERED_OPERATORS} free; fewer as these run out. */
export const MAX_OPERATED_CHANNELS_PER_ACCOUNT = 50;
/** Channels that remember an operator, once for each that they remember, over all accounts. */
export const MAX_REMEMBERED_OPERATORS = 100_000;

export class OperatorQuota {
  readonly #counts = new Map<OwnerId, number>();
  #total = 0;

  /** Channels that one account may have now. The less is left, the less each may have, so that a few accounts can't take it all. */
  get allowance(): number {
    return Math.ceil(
      MAX_OPERATED_CHANNELS_PER_ACCOUNT * Math.max(0, 1 - this.#total / MAX_REMEMBERED_OPERATORS),
    );
  }

  count(owner: OwnerId): number {
    return this.#counts.get(owner) ?? 0;
  }

  canAdd(owner: OwnerId): boolean {
    return this.count(owner) < this.allowance;
  }

  add(owner: OwnerId): void {
    this.#counts.set(owner, this.count(owner) + 1);
    this.#total++;
  }

  remove(owner: OwnerId): void {
    const count = this.#counts.get(owner);
    if (count === undefined) return;
    this.#total--;
    if (count > 1) this.#counts.set(owner, count - 1);
    else this.#counts.delete(owner);
  }

  /** Counts anew what `targets` remember: at a start, when all has been taken in. */
  recount(targets: Iterable<ConversationLog>): void {
    this.#counts.clear();
    this.#total = 0;
    for (const { settings } of targets) for (const owner of settings?.operators ?? []) this.add(owner);
  }
}
