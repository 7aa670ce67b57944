/**
 * Order of an offline account's conversations where not all that wait can be known or replayed: first those in
 * which the account has written or read, then those with accounts, then all others, of which any client can begin
 * any number.
 */
import type { Account } from "../model/state/entities.ts";
import type { HistoryIndex } from "../history/history_index.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { ReadMarkers } from "./read_markers.ts";

/** Messages before the waiting ones among which one of the account's own is searched. */
const RANKED_EARLIER_MESSAGES = 20;

/** Higher comes first. */
export const OFFLINE_RANK = { noAccount: 0, account: 1, correspondent: 2 } as const;
export type OfflineRank = typeof OFFLINE_RANK[keyof typeof OFFLINE_RANK];

/** What the rank of a conversation is computed from. */
export interface RankSources {
  readonly accounts: Accounts;
  readonly history: HistoryIndex;
  readonly readMarkers: ReadMarkers;
}

/** Rank of the conversation of `account` with `nick` (folded), in which the records from `since` on wait. */
export function rankOfflineConversation(
  { accounts, history, readMarkers }: RankSources,
  account: Account,
  nick: string,
  since: number,
): OfflineRank {
  if (readMarkers.of(account, nick) !== undefined) return OFFLINE_RANK.correspondent;
  const timeline = history.directConversation(account.owner, nick)?.timeline;
  if (timeline === undefined) return OFFLINE_RANK.noAccount;
  const length = timeline.length(history.log.oldestSeq);
  const at = timeline.partition((seq) => seq < since);
  const senderOf = (seq: number) => history.message(seq)?.event.from;
  for (const seq of timeline.range(Math.max(0, at - RANKED_EARLIER_MESSAGES), at)) {
    if (senderOf(seq) === account.owner) return OFFLINE_RANK.correspondent;
  }
  const sender = at < length ? senderOf(timeline.at(at)) : undefined;
  const isAccount = sender !== undefined && accounts.byOwner(sender) !== undefined;
  return isAccount ? OFFLINE_RANK.account : OFFLINE_RANK.noAccount;
}
