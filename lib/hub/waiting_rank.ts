/**
 * Which conversations of an absent account come first where not all that wait can be known or played: those in which the account has
 * written, or read, then those with accounts. Anybody can begin any number of others.
 */
import type { Account } from "./accounts.ts";
import type { Hub } from "./hub.ts";

/** Messages in front of those that wait among which one of the account's own is looked for. */
const EARLIER_MESSAGES = 20;

/** Higher comes first. */
export const RANK = { guest: 0, account: 1, correspondent: 2 } as const;
export type WaitingRank = typeof RANK[keyof typeof RANK];

/** The rank of the conversation of `account` with `nick` (folded), of which the records from `since` on wait. */
export function waitingRank(hub: Hub, account: Account, nick: string, since: number): WaitingRank {
  if (hub.markers.of(account, nick) !== undefined) return RANK.correspondent;
  const timeline = hub.archive.talk(account.owner, nick)?.timeline;
  if (timeline === undefined) return RANK.guest;
  const length = timeline.length(hub.ring.oldestSeq);
  const at = timeline.partition((seq) => seq < since);
  const senderOf = (seq: number) => hub.archive.entry(seq)?.event.from;
  for (const seq of timeline.range(Math.max(0, at - EARLIER_MESSAGES), at)) {
    if (senderOf(seq) === account.owner) return RANK.correspondent;
  }
  const sender = at < length ? senderOf(timeline.at(at)) : undefined;
  const isAccount = sender !== undefined && hub.accounts.of(sender) !== undefined;
  return isAccount ? RANK.account : RANK.guest;
}
