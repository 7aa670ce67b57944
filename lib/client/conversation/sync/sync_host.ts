/** What reading missed history needs of the chat, and the reading of one conversation. */
import type { Message, MessageParts } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { ChatEntry, HistoryItem } from "../model/chat_entry.ts";
import { describeFailure } from "../../session/failure_reply.ts";
import type { IgnoreList } from "../model/ignore_list.ts";
import type { JoinedChannels } from "../model/joined_channels.ts";
import { positionAt } from "../model/read_position.ts";
import type { ReadPosition } from "../model/read_position.ts";
import type { ServerFeatures } from "../model/server_features.ts";
import type { Views } from "../model/views.ts";
import { readHistory } from "./history_read.ts";
import type { HistoryRead, ReadOutcome } from "./history_read.ts";
import type { LiveMerge } from "./live_merge.ts";
import type { SeenMessages } from "./seen_messages.ts";

/** Why a sync asked; the response comes back with it. */
export type SyncPurpose =
  /** `redirected`: the server has led us there from another channel. */
  | { readonly for: "enter"; readonly channel: string; readonly again: boolean; readonly redirected: boolean }
  /** The latest messages of a channel that is entered. */
  | { readonly for: "recent"; readonly channel: string }
  /** How many messages of it have not been read. */
  | { readonly for: "count"; readonly channel: string }
  /** The next page of what was missed in a channel. */
  | { readonly for: "missed"; readonly channel: string }
  /** With which users messages were exchanged. */
  | { readonly for: "partners" }
  /** Up to where the conversation with `partner` has been read; its latest message is of the time `latest`. */
  | { readonly for: "marker"; readonly partner: string; readonly latest: number }
  /** The next page of what was missed from a user. */
  | { readonly for: "direct"; readonly partner: string };

export interface SyncHost {
  readonly nick: string;
  readonly features: ServerFeatures;
  readonly seenMessages: SeenMessages;
  readonly ignoreList: IgnoreList;
  readonly channels: JoinedChannels;
  readonly views: Pick<Views, "addUnread" | "markRead">;
  /** A person reads what is shown, and the server remembers how far. */
  readonly sendsReadMarkers: boolean;
  /** Targets of our messages of which it is unknown whether they have arrived. */
  readonly unsureTargets: readonly string[];
  ask(message: MessageParts, purpose: SyncPurpose, now: number): void;
  /** Shows `entry`; if it is a message, its conversation has been shown up to there. */
  showReceived(entry: ChatEntry): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** Of what was read those that can be shown; our own messages among them have arrived. */
  acceptHistory(items: readonly HistoryItem[]): HistoryItem[];
  /** All of `target` has been shown up to `time`. */
  markShown(target: string, time: number): void;
  /** Messages from `target` (undefined: from anyone) are not shown: what comes after them does not count as read. */
  keepUnread(target: string | undefined): void;
  /** The command that shows what was said in or with `target` from `since` on. */
  formatLogsCommand(target: string, since: number): string;
}

/** Messages asked for at once: what servers commonly answer (CHATHISTORY in ISUPPORT). */
export const PAGE_MESSAGES = 100;
/** Messages shown of what was missed in one conversation during a connection loss. */
export const MAX_MISSED_MESSAGES = 2000;

/** Where reading begins after a connection loss: behind the last message shown, or at the loss where that has no id. */
export function findSyncPosition({ seenMessages }: SyncHost, target: string): ReadPosition {
  const position = seenMessages.getPosition(target);
  return position?.id === undefined ? positionAt(seenMessages.lostAt) : position;
}

/** History of one conversation as far as it has been read. */
export class ConversationRead {
  /** Oldest first; not shown yet. */
  readonly past: HistoryItem[] = [];
  /** How the reading has ended; undefined: not yet. */
  outcome: ReadOutcome | undefined;
  #read: HistoryRead | undefined;

  constructor(readonly target: string, readonly merge: LiveMerge) {}

  /** Reads on from the position of {@link merge}: asks for the first page. */
  start(host: SyncHost, purpose: SyncPurpose, maxMessages: number, now: number): void {
    const { target, merge } = this;
    this.#read = readHistory({ range: { target }, merge, pageMessages: PAGE_MESSAGES, maxMessages, now });
    this.resume(host, [], purpose, now);
  }

  /** Takes one response and asks for the next page, until there is an {@link outcome}. */
  resume(host: SyncHost, lines: readonly Message[], purpose: SyncPurpose, now: number): void {
    for (let step = this.#read?.next(lines); step !== undefined; step = this.#read?.next([])) {
      if (step.done) return void (this.outcome = step.value);
      if (step.value.kind === "ask") return host.ask(step.value.message, purpose, now);
      if (step.value.kind === "items") this.past.push(...host.acceptHistory(step.value.items));
    }
  }

  /** Shows what has been read. */
  show(host: SyncHost): void {
    for (const item of this.past) host.showReceived(item);
  }

  /** What has been read is new when it is read again. */
  forget({ seenMessages }: SyncHost): void {
    for (const item of this.past) if (item.kind === "message") seenMessages.forget(item.id);
  }

  /** What has been read is shown: tells what is not, and leaves it unread. */
  close(host: SyncHost, now: number): void {
    const { target, merge: { position }, outcome } = this;
    if (position?.told !== undefined) host.seenMessages.advance(target, position);
    if (outcome?.kind === "refused") return reportUnknown(host, target, describeFailure(outcome.reply), now);
    if (outcome?.kind !== "cut") return;
    const stays = isChannelName(target) || !host.sendsReadMarkers ? "" : "; the rest stays unread";
    host.alarm(`more was missed ${formatPlace(target)} than is shown here${stays}:`, now);
    host.note(host.formatLogsCommand(target, position?.time ?? 0), now);
    leaveUnread(host, target);
  }
}

/** The history of `target` cannot be read, because of `why`. */
export function reportUnknown(host: SyncHost, target: string, why: string, now: number): void {
  host.alarm(`what was missed ${formatPlace(target)} is not known: ${why}`, now);
  leaveUnread(host, target);
}

/** How far a channel has been read is told to no sender, and is counted anew when it is entered again. */
function leaveUnread(host: SyncHost, target: string): void {
  if (!isChannelName(target)) host.keepUnread(target);
}

function formatPlace(target: string): string {
  return isChannelName(target) ? `in ${target}` : `from ${target}`;
}
