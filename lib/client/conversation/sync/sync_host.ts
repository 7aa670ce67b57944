/** What reading missed history needs of the chat, and the reading of one conversation. */
import type { Message, MessageParts } from "../../../irc/message.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { ChatEntry, HistoryItem } from "../model/chat_entry.ts";
import { explainFailure } from "../../session/failure_reply.ts";
import type { IgnoreList } from "../model/ignore_list.ts";
import type { JoinedChannels } from "../model/joined_channels.ts";
import { positionAt } from "../model/read_position.ts";
import type { ReadPosition } from "../model/read_position.ts";
import type { ServerFeatures } from "../model/server_features.ts";
import type { Views } from "../model/views.ts";
import type { ReadMarkerTracker } from "../read_marker_tracker.ts";
import { readHistory } from "./history_read.ts";
import type { HistoryRead, ReadOutcome } from "./history_read.ts";
import type { LiveMerge } from "./live_merge.ts";
import type { SeenMessages } from "./seen_messages.ts";

/** Purpose of a request that reads what was missed. */
export type SyncPurpose =
  /** JOIN; `redirected`: the server has redirected us there from another channel. */
  | { readonly for: "enter"; readonly channel: string; readonly again: boolean; readonly redirected: boolean }
  /** The latest messages of a channel that we enter. */
  | { readonly for: "recent"; readonly channel: string }
  /** The number of unread messages in it. */
  | { readonly for: "count"; readonly channel: string }
  /** The next page of messages missed in a channel. */
  | { readonly for: "missed"; readonly channel: string }
  /** The users that have exchanged messages with us. */
  | { readonly for: "partners" }
  /** The read marker of the conversation with `partner`, where the latest message is of the time `latest`. */
  | { readonly for: "marker"; readonly partner: string; readonly latest: number }
  /** The next page of messages missed in a direct conversation. */
  | { readonly for: "direct"; readonly partner: string };

/** As in `Effect`. */
export interface EnteredEffect {
  readonly kind: "entered";
  readonly channel: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export interface SyncHost {
  readonly nick: string;
  readonly features: ServerFeatures;
  readonly seenMessages: SeenMessages;
  readonly ignoreList: IgnoreList;
  readonly channels: JoinedChannels;
  readonly views: Pick<Views, "addUnread" | "isSeen" | "markRead" | "openDirect">;
  /** Undefined: this is a page, which lists all conversations and marks by itself what was missed. */
  readonly settings: object | undefined;
  /** Of all messages that are shown the person sees those of the current view only. */
  readonly showsOneView: boolean;
  /** Undefined: no person reads what is shown. */
  readonly readMarkers: Pick<ReadMarkerTracker, "markShown" | "keepUnread" | "startNewLog"> | undefined;
  /** A person reads what is shown, and the server keeps read markers. */
  readonly sendsReadMarkers: boolean;
  /** Targets of our messages of which it is unknown whether they have arrived. */
  readonly unsureTargets: readonly string[];
  ask(message: MessageParts, purpose: SyncPurpose, now: number): void;
  addEffect(effect: EnteredEffect): void;
  /** Shows `entry`; if it is a message, its conversation has been shown up to there. */
  showReceived(entry: ChatEntry): void;
  heading(text: string, time: number, channel?: string): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** The items that can be shown. Our own messages among them have arrived. */
  acceptHistory(items: readonly HistoryItem[]): HistoryItem[];
  /** The command that shows the messages of `target` from `since` on. */
  formatLogsCommand(target: string, since: number): string;
}

/** Messages asked for at once: what servers commonly answer (CHATHISTORY in ISUPPORT). */
export const PAGE_MESSAGES = 100;
/** Messages shown of a conversation that were missed during a connection loss, the oldest ones. */
export const MAX_MISSED_MESSAGES = 2000;

/**
 * Where reading begins after a connection loss: behind the last message shown, or at the loss if that has no
 * id.
 */
export function findSyncPosition({ seenMessages }: SyncHost, target: string): ReadPosition {
  const position = seenMessages.getPosition(target);
  return position?.id === undefined ? positionAt(seenMessages.lostAt) : position;
}

/** The reading of one conversation. */
export class ConversationRead {
  /** What has been read and not been shown yet, oldest first. */
  readonly past: HistoryItem[] = [];
  /** How the reading has ended; undefined: not yet. */
  outcome: ReadOutcome | undefined;
  #read: HistoryRead | undefined;

  constructor(readonly target: string, readonly merge: LiveMerge) {}

  /** Asks for the first page behind the position of {@link merge}. */
  start(host: SyncHost, purpose: SyncPurpose, maxMessages: number, now: number): void {
    const { target, merge } = this;
    this.#read = readHistory({ range: { target }, merge, pageMessages: PAGE_MESSAGES, maxMessages, now });
    this.resume(host, [], purpose, now);
  }

  /** Takes one response and asks for the next page, until there is an {@link outcome}. */
  resume(host: SyncHost, lines: readonly Message[], purpose: SyncPurpose, now: number): void {
    for (let step = this.#read?.next(lines); step !== undefined; step = this.#read?.next([])) {
      if (step.done) return void (this.outcome = step.value);
      switch (step.value.kind) {
        case "ask":
          return host.ask(step.value.message, purpose, now);
        case "items":
          this.past.push(...host.acceptHistory(step.value.items));
          break;
        case "new_log":
          host.seenMessages.startNewLog(this.target);
          host.readMarkers?.startNewLog(this.target);
      }
    }
  }

  /** Shows what has been read. */
  show(host: SyncHost): void {
    for (const item of this.past) host.showReceived(item);
  }

  /** What has been read counts as new when it is read again. */
  forget({ seenMessages }: SyncHost): void {
    for (const item of this.past) if (item.kind === "message") seenMessages.forget(item.id);
  }

  /** After {@link show}: a gap at the end is not shown again. */
  rememberGap({ seenMessages }: SyncHost): void {
    const { target, merge: { position } } = this;
    if (position?.reportedGap !== undefined) seenMessages.advance(target, position);
  }

  /** After {@link show}: tells if not everything is shown, and leaves the rest unread. */
  close(host: SyncHost, now: number): void {
    const { target, merge: { position }, outcome } = this;
    this.rememberGap(host);
    if (outcome?.kind === "refused") return reportUnknown(host, target, explainFailure(outcome.reply), now);
    if (outcome?.kind !== "cut") return;
    const stays = isChannelName(target) || !host.sendsReadMarkers ? "" : "; the rest stays unread";
    host.alarm(`more was missed ${formatPlace(target)} than is shown here${stays}:`, now);
    host.note(host.formatLogsCommand(target, position?.time ?? 0), now);
    leaveUnread(host, target);
  }
}

/** Tells a reader of lines how many of the messages in `past`, which follow, have come from others since `since`. */
export function showUnreadCount(
  host: SyncHost,
  target: string,
  past: readonly ChatEntry[],
  since: number,
  now: number,
  isAtLeast = false,
): void {
  const count =
    past.filter((entry) =>
      entry.kind === "message" && !isSameName(entry.from, host.nick) && !host.ignoreList.isHidden(entry)
    ).length;
  if (count === 0 || host.settings === undefined) return;
  host.showReceived({ kind: "unread", time: now, channel: target, count, isAtLeast, shown: count, since });
}

/** The history of `target` cannot be read, because of `why`. */
export function reportUnknown(host: SyncHost, target: string, why: string, now: number): void {
  host.alarm(`missed messages ${formatPlace(target)} could not be read: ${why}`, now);
  leaveUnread(host, target);
}

/**
 * No sender is told how far a channel has been read, and its unread messages are counted anew at the next
 * JOIN.
 */
function leaveUnread(host: SyncHost, target: string): void {
  if (!isChannelName(target)) host.readMarkers?.keepUnread(target);
}

function formatPlace(target: string): string {
  return isChannelName(target) ? `in ${target}` : `from ${target}`;
}
