/**
 * Which idle channels, of which the log holds nothing any more, are kept for their settings or topic. A channel
 * that an account owns never makes room for one without an owner: only those of its channels in which nothing is
 * set are bounded, by its own newer ones. All others are kept up to a bound, the newest of each address alike.
 */
import { MAX_IDLE_SETTINGS, MAX_IDLE_TOPICS, MAX_PLAIN_CHANNELS_OF_ACCOUNT } from "../model/config.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { sourceSite } from "../model/identifiers.ts";
import type { OwnerId } from "../model/identifiers.ts";
import type { ChannelSettings } from "../model/channel_settings.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { Metadata } from "./metadata.ts";

/** An idle channel; `at` (milliseconds since the epoch) makes it newer than another one with the same `quotaKey`. */
export interface IdleChannel {
  readonly folded: string;
  /** Owner id of the account that owns it, or the source or site that set it up. */
  readonly quotaKey: string;
  readonly at: number;
}

/** Where to find the owning account of a channel, and whether metadata is set on it. */
export interface ChannelOwnership {
  readonly accounts: Accounts;
  readonly metadata: Metadata;
}

/** Folded names of those of `idle` that exceed the bounds. */
export function findSurplusChannels(
  { accounts, metadata }: ChannelOwnership,
  idle: Iterable<readonly [folded: string, ConversationLog]>,
): Set<string> {
  const surplus = new Set<string>();
  const [plain, set, titled]: [IdleChannel[], IdleChannel[], IdleChannel[]] = [[], [], []];
  for (const [folded, { settings, topic, topicBy, topicAt }] of idle) {
    const owner = settings && channelOwner(accounts, settings);
    if (owner !== undefined) {
      if (!settings!.isPlain || topic !== "" || metadata.hasChannel(folded)) continue;
      plain.push({ folded, quotaKey: owner, at: settings!.changedAt });
    } else if (settings?.hasModes) set.push({ folded, quotaKey: settings.setFrom, at: settings.changedAt });
    else if (topic !== "") titled.push({ folded, quotaKey: topicBy, at: topicAt });
    else surplus.add(folded);
  }
  const bySite = titled.length <= MAX_IDLE_TOPICS ? titled : titled.map(withSite);
  for (
    const { folded } of [
      ...beyondPerKey(plain, MAX_PLAIN_CHANNELS_OF_ACCOUNT),
      ...beyondFairTotal(set, MAX_IDLE_SETTINGS),
      ...beyondFairTotal(bySite, MAX_IDLE_TOPICS),
    ]
  ) surplus.add(folded);
  return surplus;
}

function channelOwner(accounts: Accounts, { operators }: ChannelSettings): OwnerId | undefined {
  for (const owner of operators) if (accounts.byOwner(owner) !== undefined) return owner;
  return undefined;
}

function withSite(channel: IdleChannel): IdleChannel {
  return { ...channel, quotaKey: sourceSite(channel.quotaKey) };
}

/** Channels to remove so that `max` of each quota key remain. */
function beyondPerKey(channels: readonly IdleChannel[], max: number): readonly IdleChannel[] {
  const counts = new Map<string, number>();
  for (const { quotaKey: sharer } of channels) counts.set(sharer, (counts.get(sharer) ?? 0) + 1);
  const many = channels.filter(({ quotaKey }) => counts.get(quotaKey)! > max);
  return groupByQuotaKey(many).flatMap((own) => own.sort(newestFirst).slice(max));
}

/**
 * Channels to remove so that `max` remain: the newest of every quota key, then the second newest of every one, and
 * so on.
 */
export function beyondFairTotal(channels: readonly IdleChannel[], max: number): readonly IdleChannel[] {
  if (channels.length <= max) return [];
  const ranked = groupByQuotaKey(channels).flatMap((own) =>
    own.sort(newestFirst).map((channel, rank) => ({ channel, rank }))
  );
  ranked.sort((a, b) => a.rank - b.rank || newestFirst(a.channel, b.channel));
  return ranked.slice(max).map(({ channel }) => channel);
}

function groupByQuotaKey(channels: readonly IdleChannel[]): IdleChannel[][] {
  return [...Map.groupBy(channels, ({ quotaKey }) => quotaKey).values()];
}

function newestFirst(a: IdleChannel, b: IdleChannel): number {
  return b.at - a.at;
}
