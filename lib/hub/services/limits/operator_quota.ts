/**
 * Number of channels that remember each account as operator. Nothing that other accounts do takes an account's
 * channels away, so the bound applies at the beginning: in a further channel the account is operator only while it
 * is in it, and is told so.
 */
import { assert } from "../../../base/assert.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import type { OwnerId } from "../../model/identifiers.ts";

/**
 * Channels that may remember one account while all of {@link MAX_REMEMBERED_OPERATORS} are free; fewer as these run
 * out.
 */
export const MAX_OPERATED_CHANNELS_PER_ACCOUNT = 50;
/** Remembered operators of all channels together. */
export const MAX_REMEMBERED_OPERATORS = 100_000;

export class OperatorQuota {
  readonly #counts = new Map<OwnerId, number>();
  #total = 0;
  /** All that was remembered at the start is counted. */
  #isRecounted = false;

  /**
   * Channels that may remember one account now. The fewer are left, the fewer each account gets, so that a few
   * accounts cannot take all.
   */
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
    assert(count !== undefined || !this.#isRecounted, "a channel that forgets its operator was counted");
    if (count === undefined) return;
    this.#total--;
    if (count > 1) this.#counts.set(owner, count - 1);
    else this.#counts.delete(owner);
  }

  /** Counts again what `targets` remember: when the server starts, after everything is restored. */
  recount(targets: Iterable<ConversationLog>): void {
    this.#counts.clear();
    this.#total = 0;
    for (const { settings } of targets) for (const owner of settings?.operators ?? []) this.add(owner);
    this.#isRecounted = true;
  }
}
