/**
 * Coming in to channels, and coming back after a loss. Both go the same way: JOIN, then what was said (LATEST, or AFTER what we have
 * seen), then who is here. What happens in the channel meanwhile is held, so that everything is shown once, and in order.
 *
 * Up to where a conversation is known (its mark) moves only when what comes next is shown. A loss in the middle of this forgets what
 * is held, and the next time begins at the same mark.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message, MessageParts } from "../../../irc/message.ts";
import { describeMembers, describeTopic } from "../model/response_text.ts";
import { HeldMessages } from "./held_messages.ts";
import type { ReceivedEntry } from "./held_messages.ts";
import {
  askMissed,
  askNextMissed,
  dropHeld,
  formatHistoryTime,
  isTextMessage,
  readHistoryPage,
  reportUnknown,
  retryMissed,
  showPastItem,
} from "./missed_history.ts";
import type { HistoryHost, MissedPurpose, PastItem, PastPage } from "./missed_history.ts";
import { describeFailure } from "../../session/failure_reply.ts";
import { readMessageTime } from "../model/entry_parser.ts";
import type { JoinedChannels } from "../model/joined_channels.ts";
import type { Views } from "../model/views.ts";

export type JoinSyncPurpose =
  /** `redirected`: the server has led us there from another channel. */
  | { readonly for: "enter"; readonly channel: string; readonly again: boolean; readonly redirected: boolean }
  /** What was said before we came. */
  | { readonly for: "recent"; readonly channel: string }
  /** How much of it has not been read. */
  | { readonly for: "count"; readonly channel: string };

/** What {@link JoinSync} needs of the chat. */
export interface JoinSyncHost extends HistoryHost {
  /** A person reads what is shown, and the server remembers how far. */
  readonly sendsReadMarkers: boolean;
  readonly channels: JoinedChannels;
  readonly views: Pick<Views, "addUnread" | "markRead">;
  ask(message: MessageParts, purpose: JoinSyncPurpose | MissedPurpose, now: number): void;
}

interface ChannelSync {
  /** We have been in this channel before, and know what was said up to its mark. */
  readonly isRejoin: boolean;
  /** What was said before we were back, oldest first. */
  readonly past: PastItem[];
  /** What happened since we asked to come in. */
  readonly present: HeldMessages;
  /** The time of the last message that has been read, milliseconds since the epoch; 0: none is known to be. */
  readUntil: number;
  /** How many have not, where these are more than were asked for at first. */
  unread: { readonly count: number; readonly isAtLeast: boolean } | undefined;
  /** Our JOIN: the first that we know of a channel in which nothing has been said. */
  ownJoin: Message | undefined;
}

/** Messages shown of a channel that one enters. */
export const RECENT_MESSAGES = 50;
/** Messages that are counted where more than these have not been read: a server of ours answers so many at once. */
export const MAX_UNREAD_COUNTED = 1000;

export class JoinSync {
  readonly #host: JoinSyncHost;
  readonly #open = new Map<string, ChannelSync>();
  /** Channels whose past has been shown since we are in them. */
  readonly #known = new Set<string>();

  constructor(host: JoinSyncHost) {
    this.#host = host;
  }

  /** True when nothing of what was missed is still to be read. */
  get isSettled(): boolean {
    return !this.#open.values().some(({ isRejoin }) => isRejoin);
  }

  /** `key`: what the channel wants to be told (mode +k); "": nothing. */
  join(channel: string, key: string, again: boolean, now: number, redirected = false): void {
    const known = again && this.#known.has(casefold(channel));
    this.#open.set(casefold(channel), {
      isRejoin: known,
      past: [],
      present: new HeldMessages(),
      readUntil: 0,
      unread: undefined,
      ownJoin: undefined,
    });
    const params = key === "" ? [channel] : [channel, key];
    this.#host.ask({ command: "JOIN", params }, { for: "enter", channel, again, redirected }, now);
  }

  /** True while we are on the way to `channel`. */
  isJoining(channel: string): boolean {
    return this.#open.has(casefold(channel));
  }

  /** `channel` has been read up to `time`: the read marker that comes with JOIN; 0: it has never been read. */
  handleMarker(channel: string, time: number): void {
    const arrival = this.#open.get(casefold(channel));
    if (arrival !== undefined && this.#host.sendsReadMarkers) arrival.readUntil = time;
  }

  /** Takes what happens where not all that came before is known yet; false: show it. */
  hold(heard: ReceivedEntry, now: number): boolean {
    const { entry } = heard;
    const channel = "channel" in entry ? entry.channel : undefined;
    const present = channel === undefined ? undefined : this.#open.get(casefold(channel))?.present;
    if (channel === undefined || present === undefined) return false;
    present.hold(heard);
    if (!present.isFull) return true;
    this.#host.alarm(`too much happens in ${channel} to show what was missed`, now);
    this.#show(channel, now);
    return true;
  }

  /** A channel that we are in is called otherwise now. */
  renameChannel(from: string, to: string): void {
    if (this.#known.delete(casefold(from))) this.#known.add(casefold(to));
  }

  /** We are not let in, or are out again. */
  cancel(channel: string): void {
    this.#open.delete(casefold(channel));
    this.#known.delete(casefold(channel));
  }

  /** The connection is gone. What has been read of the past is shown; what was held will be part of the past. */
  abandon(now: number): void {
    for (const [channel, { isRejoin, past, present }] of [...this.#open]) {
      const name = this.#host.channels.get(channel)?.name ?? channel;
      this.#showPast(name, isRejoin, past, now);
      dropHeld(this.#host, present);
    }
    this.#open.clear();
  }

  /** We are in `channel`, by the JOIN among `lines`; asks for what was said. */
  handleJoined(channel: string, lines: readonly Message[], now: number): void {
    const arrival = this.#open.get(casefold(channel));
    if (arrival === undefined) return;
    arrival.ownJoin = lines.find(({ command }) => command === "JOIN");
    if (!this.#host.features.hasHistory) return this.#show(channel, now);
    if (arrival.isRejoin) return askMissed(this.#host, channel, now);
    const params = ["LATEST", channel, "*", String(RECENT_MESSAGES)];
    this.#host.ask({ command: "CHATHISTORY", params }, { for: "recent", channel }, now);
  }

  handleRecent(channel: string, lines: readonly Message[], failure: Message | undefined, now: number): void {
    const arrival = this.#open.get(casefold(channel));
    if (failure !== undefined) this.#host.alarm(describeFailure(failure), now);
    else this.#read(channel, lines, now);
    const spoken = lines.filter(isTextMessage);
    const isAllNew = arrival !== undefined && arrival.readUntil > 0 && spoken.length >= RECENT_MESSAGES &&
      readMessageTime(spoken[0]!, now) > arrival.readUntil;
    if (!isAllNew) return this.#show(channel, now);
    const params = ["LATEST", channel, formatHistoryTime(arrival.readUntil), String(MAX_UNREAD_COUNTED)];
    this.#host.ask({ command: "CHATHISTORY", params }, { for: "count", channel }, now);
  }

  /** `lines`: everything in `channel` since it was read, of which the end is known already; none: there was no answer. */
  handleUnreadCount(channel: string, lines: readonly Message[], now: number): void {
    const arrival = this.#open.get(casefold(channel));
    const last = arrival?.past.findLast(({ line }) => line !== undefined)?.line;
    if (arrival !== undefined && last !== undefined) {
      // What was said since we asked for the end is held, and not counted.
      const until = readMessageTime(last, now);
      const spoken = lines.filter(isTextMessage);
      const count = spoken.filter((line) => readMessageTime(line, now) <= until).length;
      arrival.unread = { count, isAtLeast: count === 0 || spoken.length >= MAX_UNREAD_COUNTED };
    }
    this.#show(channel, now);
  }

  handleMissed(
    purpose: MissedPurpose,
    lines: readonly Message[],
    failure: Message | undefined,
    now: number,
  ): void {
    const channel = purpose.target;
    if (failure !== undefined) {
      if (!retryMissed(this.#host, purpose, now)) this.handleUnknown(channel, describeFailure(failure), now);
      return;
    }
    const page = this.#read(channel, lines, now);
    if (page === undefined || !askNextMissed(this.#host, purpose, page, now)) this.#show(channel, now);
  }

  /** The history of `channel` cannot be read. */
  handleUnknown(channel: string, why: string, now: number): void {
    reportUnknown(this.#host, channel, why, now);
    this.#show(channel, now);
  }

  /** Takes one answer of history in; undefined: we are out again. */
  #read(channel: string, lines: readonly Message[], now: number): PastPage | undefined {
    const arrival = this.#open.get(casefold(channel));
    if (arrival === undefined) return undefined;
    const page = readHistoryPage(this.#host, channel, lines, arrival.present, now);
    arrival.past.push(...page.items);
    return page;
  }

  /** All is known of `channel`: shows it, then what was held. */
  #show(channel: string, now: number): void {
    const arrival = this.#open.get(casefold(channel));
    if (arrival === undefined) return;
    this.#open.delete(casefold(channel));
    this.#known.add(casefold(channel));
    const { isRejoin, past, present, ownJoin } = arrival;
    if (arrival.readUntil > 0 && !isRejoin) this.#showUnread(channel, arrival, now);
    else this.#showPast(channel, isRejoin, past, now);
    const { seenMessages } = this.#host;
    if (ownJoin !== undefined && seenMessages.getSyncPoint(channel) === undefined) {
      seenMessages.advanceSyncPoint(channel, ownJoin, readMessageTime(ownJoin, now));
    }
    const known = this.#host.channels.get(channel);
    if (known !== undefined) {
      if (!isRejoin && known.topic !== "") this.#host.note(describeTopic(known), now);
      this.#host.note(describeMembers(known), now);
    }
    for (const heard of present.held) this.#host.showReceived(heard);
  }

  #showPast(channel: string, again: boolean, past: readonly PastItem[], now: number): void {
    if (!again) this.#host.views.markRead(channel, past.at(-1)?.entry.time ?? 0);
    if (past.length > 0) this.#host.note(again ? `missed in ${channel}:` : `said before in ${channel}:`, now);
    for (const one of past) showPastItem(this.#host, one);
  }

  /** What was said before we came: first what has been read, then, behind a line that counts it, what has not. */
  #showUnread(channel: string, { past, readUntil, unread }: ChannelSync, now: number): void {
    const first = past.findIndex(({ entry }) => entry.kind === "message" && entry.time > readUntil);
    const start = first < 0 ? past.length : first;
    this.#showPast(channel, false, past.slice(0, start), now);
    const rest = past.slice(start);
    const shown = rest.filter(({ line }) => line !== undefined).length;
    if (shown === 0) return;
    const { count, isAtLeast } = unread ?? { count: shown, isAtLeast: false };
    this.#host.views.addUnread(channel, Math.max(0, count - shown));
    const entry = { kind: "unread", time: now, channel, since: readUntil, shown } as const;
    this.#host.show({ ...entry, count: Math.max(count, shown), isAtLeast });
    for (const one of rest) showPastItem(this.#host, one);
  }
}
