/**
 * Entering channels, for the first time or after a connection loss: JOIN, then history (LATEST, or AFTER the
 * last message shown), then the members. What happens in the channel meanwhile is held, so that everything is
 * shown once and in order.
 *
 * The position of a channel moves only when messages are shown. A connection loss in the middle drops what is
 * held, and the next attempt begins at the same position.
 */
import { casefold, isSameName } from "../../../irc/names/casemap.ts";
import type { Message } from "../../../irc/message.ts";
import type { ChatEntry, MessageEntry } from "../model/chat_entry.ts";
import { explainFailure } from "../../session/failure_reply.ts";
import { formatTimestamp, positionOf } from "../model/read_position.ts";
import { describeMembers, describeTopic } from "../model/room_text.ts";
import { parsePage } from "./history_read.ts";
import { LiveMerge } from "./live_merge.ts";
import {
  ConversationRead,
  findSyncPosition,
  MAX_MISSED_MESSAGES,
  reportUnknown,
  showUnreadCount,
} from "./sync_host.ts";
import type { SyncHost } from "./sync_host.ts";

interface ChannelSync {
  readonly channel: string;
  /** We have been in the channel before: its messages have been shown up to its position. */
  readonly isRejoin: boolean;
  readonly read: ConversationRead;
  /** Time of the last message that has been read, milliseconds since the epoch; 0: none is known to be. */
  readUntil: number;
  /** Number of unread messages, where there are more than were asked for at first. */
  unread: { readonly count: number; readonly isAtLeast: boolean } | undefined;
  /** Our JOIN: the position of a channel without messages. */
  ownJoin: Message | undefined;
}

/** Messages shown of a channel that we enter. */
export const RECENT_MESSAGES = 50;
/**
 * Messages that are counted where more than these have not been read: a ChatterBox server answers so many at
 * once.
 */
export const MAX_UNREAD_COUNTED = 1000;

export class JoinSync {
  readonly #host: SyncHost;
  readonly #syncs = new Map<string, ChannelSync>();
  /** Channels that have been shown since they were entered. */
  readonly #known = new Set<string>();

  constructor(host: SyncHost) {
    this.#host = host;
  }

  /** Whether everything that was missed has been read. */
  get isSettled(): boolean {
    return !this.#syncs.values().some(({ isRejoin }) => isRejoin);
  }

  /** `key`: the channel key (mode +k); "": none. */
  join(channel: string, key: string, again: boolean, now: number, redirected = false): void {
    const host = this.#host;
    const isRejoin = again && this.#known.has(casefold(channel));
    const position = isRejoin ? findSyncPosition(host, channel) : undefined;
    const merge = new LiveMerge({ seen: host.seenMessages, position });
    const read = new ConversationRead(channel, merge);
    this.#syncs.set(casefold(channel), {
      channel,
      isRejoin,
      read,
      readUntil: 0,
      unread: undefined,
      ownJoin: undefined,
    });
    const params = key === "" ? [channel] : [channel, key];
    host.ask({ command: "JOIN", params }, { for: "enter", channel, again, redirected }, now);
  }

  /** True while `channel` is being entered. */
  isJoining(channel: string): boolean {
    return this.#get(channel) !== undefined;
  }

  /**
   * `channel` has been read up to `time`: the read marker that comes with JOIN; 0: it has never been read.
   */
  handleMarker(channel: string, time: number): void {
    const sync = this.#get(channel);
    if (sync !== undefined && this.#host.sendsReadMarkers) sync.readUntil = time;
  }

  /** Holds `entry` while its channel is being entered; false: show it. */
  hold(entry: ChatEntry, now: number): boolean {
    const sync = "channel" in entry ? this.#get(entry.channel ?? "") : undefined;
    if (sync === undefined) return false;
    const { read: { merge } } = sync;
    merge.mergeLive(entry);
    if (!merge.held.isFull) return true;
    this.#host.alarm(`too many new messages in ${sync.channel}: not all that was missed is shown`, now);
    this.#finish(sync, now);
    return true;
  }

  /** A channel that we are in has another name now. */
  renameChannel(from: string, to: string): void {
    if (this.#known.delete(casefold(from))) this.#known.add(casefold(to));
  }

  /** `from`, which is called `to` now, is being entered: what was missed is read again, under the new name. */
  restart(from: string, to: string, now: number): void {
    const sync = this.#get(from);
    if (sync === undefined || isSameName(from, to)) return;
    this.cancel(from);
    this.join(to, "", sync.isRejoin, now);
    this.handleMarker(to, sync.readUntil);
  }

  /** The server does not let us in, or we have left. */
  cancel(channel: string): void {
    const sync = this.#get(channel);
    sync?.read.forget(this.#host);
    sync?.read.merge.dropHeld();
    this.#syncs.delete(casefold(channel));
    this.#known.delete(casefold(channel));
  }

  /**
   * The connection is lost. What has been read is shown; without history, where nothing will have it, also
   * what is held.
   */
  abandon(now: number): void {
    for (const sync of this.#syncs.values()) {
      const { read: { past, merge } } = sync;
      this.#showPast(sync, past, now);
      sync.read.rememberGap(this.#host);
      if (this.#host.features.hasHistory) merge.dropHeld();
      else for (const entry of merge.finishHistory()) this.#host.showReceived(entry);
    }
    this.#syncs.clear();
  }

  /** We are in `channel`, by the JOIN among `lines`; asks for its history. */
  handleJoined(channel: string, lines: readonly Message[], now: number): void {
    const sync = this.#get(channel);
    if (sync === undefined) return;
    sync.ownJoin = lines.find(({ command }) => command === "JOIN");
    if (!this.#host.features.hasHistory) return this.#finish(sync, now);
    if (sync.isRejoin) {
      return sync.read.start(this.#host, { for: "missed", channel }, MAX_MISSED_MESSAGES, now);
    }
    const params = ["LATEST", channel, "*", String(RECENT_MESSAGES)];
    this.#host.ask({ command: "CHATHISTORY", params }, { for: "recent", channel }, now);
  }

  handleRecent(channel: string, lines: readonly Message[], failure: Message | undefined, now: number): void {
    const sync = this.#get(channel);
    if (sync === undefined) return;
    const { messages, size, end } = parsePage(lines, now);
    if (failure !== undefined) {
      this.#host.alarm(`earlier messages in ${channel} could not be read: ${explainFailure(failure)}`, now);
    }
    const items = sync.read.merge.mergePage({ items: messages, reached: end });
    sync.read.past.push(...this.#host.acceptHistory(items));
    const isAllNew = sync.readUntil > 0 && size >= RECENT_MESSAGES &&
      (messages[0]?.time ?? 0) > sync.readUntil;
    if (!isAllNew) return this.#finish(sync, now);
    const params = ["LATEST", channel, formatTimestamp(sync.readUntil), String(MAX_UNREAD_COUNTED)];
    this.#host.ask({ command: "CHATHISTORY", params }, { for: "count", channel }, now);
  }

  /**
   * `lines`: everything in `channel` since it was read, of which the end is known already; none: there was no
   * answer.
   */
  handleUnreadCount(channel: string, lines: readonly Message[], now: number): void {
    const sync = this.#get(channel);
    if (sync === undefined) return;
    const last = sync.read.past.findLast(({ kind }) => kind === "message");
    if (last !== undefined) {
      // Messages sent since we asked for the end are held, and not counted.
      const { messages, size } = parsePage(lines, now);
      const count = messages.filter(({ time }) => time <= last.time).length;
      sync.unread = { count, isAtLeast: count === 0 || size >= MAX_UNREAD_COUNTED };
    }
    this.#finish(sync, now);
  }

  handleMissed(channel: string, lines: readonly Message[], now: number): void {
    const sync = this.#get(channel);
    if (sync === undefined) return;
    sync.read.resume(this.#host, lines, { for: "missed", channel }, now);
    if (sync.read.outcome !== undefined) this.#finish(sync, now);
  }

  /** The history of `channel` cannot be read. */
  handleUnknown(channel: string, why: string, now: number): void {
    reportUnknown(this.#host, channel, why, now);
    const sync = this.#get(channel);
    if (sync !== undefined) this.#finish(sync, now);
  }

  #get(channel: string): ChannelSync | undefined {
    return this.#syncs.get(casefold(channel));
  }

  /** Shows what has been read, the members, and then what was held. */
  #finish(sync: ChannelSync, now: number): void {
    const { channel, isRejoin, read: { past, merge }, ownJoin } = sync;
    const host = this.#host;
    this.#syncs.delete(casefold(channel));
    this.#known.add(casefold(channel));
    if (sync.readUntil > 0 && !isRejoin) this.#showUnread(sync, now);
    else this.#showPast(sync, past, now);
    sync.read.close(host, now);
    const { seenMessages } = host;
    if (ownJoin !== undefined && seenMessages.getPosition(channel) === undefined) {
      seenMessages.advance(channel, positionOf(ownJoin, now));
    }
    const known = host.channels.get(channel);
    if (known !== undefined) {
      if (!isRejoin && known.topic !== "") host.heading(describeTopic(known), now, channel);
      const messages = past.filter((entry) => entry.kind === "message");
      // After a loss people know the room: one line says what the loss has come to.
      if (!isRejoin) host.heading(describeMembers(known, messages.map(({ from }) => from)), now, channel);
    }
    for (const entry of merge.finishHistory()) host.showReceived(entry);
    host.addEffect({ kind: "entered", channel: known?.name ?? channel, time: now });
  }

  #showPast({ channel, isRejoin }: ChannelSync, past: readonly ChatEntry[], now: number): void {
    const name = this.#host.channels.get(channel)?.name ?? channel;
    if (!isRejoin) this.#host.views.markRead(channel, past.at(-1)?.time ?? 0);
    const { seenMessages } = this.#host;
    if (isRejoin) {
      const since = seenMessages.getPosition(channel)?.time ?? seenMessages.lostAt;
      showUnreadCount(this.#host, name, past, since, now);
    } else if (past.some(({ kind }) => kind !== "gap")) {
      this.#host.heading(`earlier messages in ${name}:`, now, channel);
    }
    for (const entry of past) this.#host.showReceived(entry);
  }

  /** First what has been read, then, behind a line that counts it, what has not. */
  #showUnread(sync: ChannelSync, now: number): void {
    const { channel, read: { past }, readUntil } = sync;
    const first = past.findIndex((item) => item.kind === "message" && item.time > readUntil);
    const start = first < 0 ? past.length : first;
    this.#showPast(sync, past.slice(0, start), now);
    const rest = past.slice(start);
    const messages = rest.filter((item): item is MessageEntry => item.kind === "message");
    const shown = messages.filter((message) => !this.#host.ignoreList.isHidden(message)).length;
    const { count, isAtLeast } = sync.unread ?? { count: messages.length, isAtLeast: false };
    this.#host.views.addUnread(channel, Math.max(0, count - messages.length));
    if (shown > 0) {
      const entry = { kind: "unread", time: now, channel, since: readUntil, shown } as const;
      const unread = count - (messages.length - shown);
      this.#host.showReceived({ ...entry, count: Math.max(unread, shown), isAtLeast });
    }
    for (const item of rest) this.#host.showReceived(item);
  }
}
