/**
 * Coming in to channels, and coming back after a loss. Both go the same way: JOIN, then what was said (LATEST, or AFTER what we have
 * seen), then who is here. What happens in the channel meanwhile is held, so that everything is shown once, and in order. Direct
 * messages are caught up with alike, all together.
 *
 * Up to where a conversation is known (its mark) moves only when what comes next is shown. A loss in the middle of this forgets what
 * is held, and the next time begins at the same mark.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message, MessageParts } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { parseHistoryGap } from "../../../irc/vendor_extensions.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";
import { parseWireTime } from "../../../irc/wire_number.ts";
import { describeMembers, describeTopic } from "../model/response_text.ts";
import { HeldMessages } from "./held_messages.ts";
import type { ReceivedEntry } from "./held_messages.ts";
import type { ChatEntry } from "../model/chat_entry.ts";
import { describeFailure } from "../model/failure_text.ts";
import { readMessageTime } from "../model/entry_parser.ts";
import type { SeenMessages } from "./seen_messages.ts";
import type { ServerFeatures } from "../model/server_features.ts";
import type { JoinedChannels } from "../model/joined_channels.ts";

export type JoinSyncPurpose =
  /** `redirected`: the server has led us there from another channel. */
  | { readonly for: "enter"; readonly channel: string; readonly again: boolean; readonly redirected: boolean }
  /** What was said before we came. */
  | { readonly for: "recent"; readonly channel: string }
  /** How much of it has not been read. */
  | { readonly for: "count"; readonly channel: string }
  /** What was said while we were away, page by page. */
  | {
    readonly for: "missed";
    readonly target: string;
    readonly by: "msgid" | "timestamp";
    readonly page: number;
  }
  /** With whom there was talk while we were away. */
  | { readonly for: "partners" };

/** What {@link JoinSync} needs of the chat. */
export interface JoinSyncHost {
  readonly features: ServerFeatures;
  /** A person reads what is shown, and the server remembers how far. */
  readonly sendsReadMarkers: boolean;
  readonly channels: JoinedChannels;
  readonly seenMessages: SeenMessages;
  ask(message: MessageParts, purpose: JoinSyncPurpose, now: number): void;
  show(entry: ChatEntry): void;
  /** Shows what `line` told, and with it the conversation is known up to there. */
  showReceived(heard: ReceivedEntry): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** What a line of history shows, unless it was seen before. */
  parseHistoryLine(line: Message, now: number): ChatEntry | undefined;
  /** Messages from `target` (undefined: from anyone) are not shown: what comes after them does not count as read. */
  keepUnread(target: string | undefined): void;
  /** The command that shows what was said in or with `target` from `since` on. */
  formatLogsCommand(target: string, since: number): string;
}

/** Something of the past: a message, or a place where messages are lost. */
type PastItem = ReceivedEntry | { readonly entry: ChatEntry & { kind: "gap" }; readonly line?: undefined };

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
/** Messages asked for at once of those missed. */
export const MISSED_PAGE_MESSAGES = 100;
/** Pages of missed messages that are fetched of one conversation. */
export const MAX_MISSED_PAGES = 20;
/** Channels and people in whose conversations with us is looked for what came during a loss; the channels that we are in are among them. */
const MAX_PARTNERS = 200;

/** The end of the span looked through, the last time that a timestamp can tell: a message of a time when a clock was wrong is in it. */
const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export class JoinSync {
  readonly #desk: JoinSyncHost;
  readonly #open = new Map<string, ChannelSync>();
  /** Channels whose past has been shown since we are in them. */
  readonly #known = new Set<string>();
  /** Direct messages held, while some of what was missed of them is on its way. */
  #talks: HeldMessages | undefined;
  /** Answers about direct messages that have not come yet. */
  #talksAwaited = 0;

  constructor(desk: JoinSyncHost) {
    this.#desk = desk;
  }

  /** True when nothing of what was missed is still to be read. */
  get isSettled(): boolean {
    return this.#talks === undefined && !this.#open.values().some(({ isRejoin }) => isRejoin);
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
    this.#desk.ask({ command: "JOIN", params }, { for: "enter", channel, again, redirected }, now);
  }

  /** True while we are on the way to `channel`. */
  isJoining(channel: string): boolean {
    return this.#open.has(casefold(channel));
  }

  /** `MARKREAD <channel> timestamp=…|*`, which comes with JOIN (https://ircv3.net/specs/extensions/read-marker). */
  handleMarker(channel: string, until: string): void {
    const arrival = this.#open.get(casefold(channel));
    if (arrival === undefined || !this.#desk.sendsReadMarkers) return;
    arrival.readUntil = parseWireTime(until.replace(/^timestamp=/, "")) ?? 0;
  }

  /** Takes what happens where not all that came before is known yet; false: show it. */
  hold(heard: ReceivedEntry, now: number): boolean {
    const { entry } = heard;
    const channel = "channel" in entry ? entry.channel : undefined;
    const present = channel !== undefined
      ? this.#open.get(casefold(channel))?.present
      : entry.kind === "direct"
      ? this.#talks
      : undefined;
    if (present === undefined) return false;
    present.hold(heard);
    if (!present.isFull) return true;
    this.#desk.alarm(
      `too much happens ${channel === undefined ? "" : `in ${channel} `}to show what was missed`,
      now,
    );
    if (channel === undefined) {
      this.#desk.keepUnread(undefined);
      this.#showTalks();
    } else this.#show(channel, now);
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
      const name = this.#desk.channels.get(channel)?.name ?? channel;
      this.#showPast(name, isRejoin, past, now);
      this.#drop(present);
    }
    if (this.#talks !== undefined) this.#drop(this.#talks);
    this.#open.clear();
    this.#talks = undefined;
    this.#talksAwaited = 0;
  }

  /** We are in `channel`, by the JOIN among `lines`; asks for what was said. */
  handleJoined(channel: string, lines: readonly Message[], now: number): void {
    const arrival = this.#open.get(casefold(channel));
    if (arrival === undefined) return;
    arrival.ownJoin = lines.find(({ command }) => command === "JOIN");
    if (!this.#desk.features.hasHistory) return this.#show(channel, now);
    if (arrival.isRejoin) return this.#askMissed(channel, now);
    const params = ["LATEST", channel, "*", String(RECENT_MESSAGES)];
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "recent", channel }, now);
  }

  handleRecent(channel: string, lines: readonly Message[], failure: Message | undefined, now: number): void {
    if (failure !== undefined) this.#desk.alarm(describeFailure(failure), now);
    else this.#read(channel, lines, now);
    const arrival = this.#open.get(casefold(channel));
    const spoken = lines.filter(isTextMessage);
    const isAllNew = arrival !== undefined && arrival.readUntil > 0 && spoken.length >= RECENT_MESSAGES &&
      readMessageTime(spoken[0]!, now) > arrival.readUntil;
    if (!isAllNew) return this.#show(channel, now);
    const params = ["LATEST", channel, formatHistoryTime(arrival.readUntil), String(MAX_UNREAD_COUNTED)];
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "count", channel }, now);
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
    { target, by, page }: JoinSyncPurpose & { for: "missed" },
    lines: readonly Message[],
    failure: Message | undefined,
    now: number,
  ): void {
    // A server whose log is a new one does not know our ids, but time goes on.
    if (failure !== undefined && by === "msgid") return this.#askSinceLoss(target, page, now);
    if (failure !== undefined) return this.handleUnknown(target, describeFailure(failure), now);
    const { next, met } = this.#read(target, lines, now);
    if (next === undefined || met) return this.#done(target, now);
    if (page + 1 < MAX_MISSED_PAGES) return this.#askAfter(target, next, page + 1, now);
    const since = readMessageTime(lines.findLast(isTextMessage)!, now);
    this.#desk.alarm(`more was missed in ${target} than is shown here:`, now);
    this.#desk.note(this.#desk.formatLogsCommand(target, since), now);
    this.#leaveUnread(target);
    this.#done(target, now);
  }

  /** Nobody tells what was said in `target`. */
  handleUnknown(target: string, why: string, now: number): void {
    this.#desk.alarm(`what was said in ${target} is not known: ${why}`, now);
    this.#leaveUnread(target);
    this.#done(target, now);
  }

  /** Not all that was missed is shown. How far a channel has been read is told to no sender, and is counted anew at the next coming in. */
  #leaveUnread(target: string): void {
    if (!isChannelName(target)) this.#desk.keepUnread(target);
  }

  requestPartners(now: number): void {
    const params = [
      "TARGETS",
      formatHistoryTime(this.#desk.seenMessages.lostAt),
      formatHistoryTime(END_OF_TIME),
      `${MAX_PARTNERS}`,
    ];
    this.#talks = new HeldMessages();
    this.#talksAwaited = 1;
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "partners" }, now);
  }

  /** Asks for what was missed from the people that the answer names, and from those in `unsure`. */
  handlePartners(lines: readonly Message[], unsure: readonly string[], now: number): void {
    // CHATHISTORY TARGETS <target> <timestamp>
    const named = lines.filter(({ command }) => command === "CHATHISTORY").map(({ params }) =>
      params[1] ?? ""
    );
    const people = [...unsure, ...named].filter((name) => name !== "" && !isChannelName(name));
    if (named.length >= MAX_PARTNERS) {
      this.#desk.alarm("others may have written to you meanwhile, too: not all are looked at", now);
      this.#desk.keepUnread(undefined);
    }
    const distinct = new Map(people.map((name) => [casefold(name), name]));
    for (const name of distinct.values()) {
      this.#talksAwaited++;
      this.#askMissed(name, now);
    }
    this.#talkDone();
  }

  /** Nobody tells with whom there was talk. */
  handlePartnersUnknown(why: string, now: number): void {
    this.#desk.alarm(`what was said to you meanwhile is not known: ${why}`, now);
    this.#desk.keepUnread(undefined);
    this.#talkDone();
  }

  /** Asks for what came after the last message that we know of `target`. */
  #askMissed(target: string, now: number): void {
    const mark = this.#desk.seenMessages.getSyncPoint(target);
    if (mark?.id === undefined) this.#askSinceLoss(target, 0, now);
    else this.#askAfter(target, `msgid=${mark.id}`, 0, now);
  }

  #askSinceLoss(target: string, page: number, now: number): void {
    this.#askAfter(target, formatHistoryTime(this.#desk.seenMessages.lostAt), page, now);
  }

  #askAfter(target: string, anchor: string, page: number, now: number): void {
    const params = ["AFTER", target, anchor, String(MISSED_PAGE_MESSAGES)];
    const by = anchor.startsWith("msgid=") ? "msgid" : "timestamp";
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "missed", target, by, page }, now);
  }

  /**
   * Takes one answer of history in. `next`: the anchor from which it goes on; undefined where it is at its end. `met`: it has come
   * to what was heard live, so that nothing lies between.
   */
  #read(target: string, lines: readonly Message[], now: number): { next: string | undefined; met: boolean } {
    const arrival = this.#open.get(casefold(target));
    const present = arrival?.present ?? (isChannelName(target) ? undefined : this.#talks);
    if (present === undefined) return { next: undefined, met: false }; // we are out again
    const read: PastItem[] = [];
    let last: Message | undefined;
    let met = false;
    for (const [index, line] of lines.entries()) {
      const gap = parseHistoryGap(line);
      if (gap !== undefined) {
        read.push({ entry: this.#gapEntry(gap, target, lines.slice(index + 1).find(isTextMessage), now) });
      }
      if (!isTextMessage(line)) continue;
      last = line;
      const entry = this.#desk.parseHistoryLine(line, now);
      const heard = entry === undefined ? present.takeMatching(line) : { entry, line };
      if (entry === undefined && heard !== undefined) met = true;
      if (heard !== undefined) read.push(heard);
    }
    if (arrival === undefined) { for (const one of read) this.#tell(one); }
    else arrival.past.push(...read);
    return { next: last && readMessageId(last), met };
  }

  #gapEntry(
    gap: HistoryGap,
    target: string,
    next: Message | undefined,
    now: number,
  ): ChatEntry & { kind: "gap" } {
    const to = next && readMessageTime(next, now);
    const from = this.#desk.seenMessages.getSyncPoint(target)?.time;
    return { kind: "gap", time: to ?? now, target, count: gap.count, why: gap.why, from, to };
  }

  #tell(past: PastItem): void {
    if (past.line === undefined) this.#desk.show(past.entry);
    else this.#desk.showReceived(past);
  }

  #done(target: string, now: number): void {
    if (isChannelName(target)) this.#show(target, now);
    else this.#talkDone();
  }

  #talkDone(): void {
    if (--this.#talksAwaited <= 0) this.#showTalks();
  }

  #showTalks(): void {
    const held = this.#talks?.held ?? [];
    this.#talks = undefined;
    for (const heard of held) this.#desk.showReceived(heard);
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
    const { seenMessages } = this.#desk;
    if (ownJoin !== undefined && seenMessages.getSyncPoint(channel) === undefined) {
      seenMessages.advanceSyncPoint(channel, ownJoin, readMessageTime(ownJoin, now));
    }
    const known = this.#desk.channels.get(channel);
    if (known !== undefined) {
      if (!isRejoin && known.topic !== "") this.#desk.note(describeTopic(known), now);
      this.#desk.note(describeMembers(known), now);
    }
    for (const heard of present.held) this.#desk.showReceived(heard);
  }

  #showPast(channel: string, again: boolean, past: readonly PastItem[], now: number): void {
    if (past.length > 0) this.#desk.note(again ? `missed in ${channel}:` : `said before in ${channel}:`, now);
    for (const one of past) this.#tell(one);
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
    const entry = { kind: "unread", time: now, channel, since: readUntil, shown } as const;
    this.#desk.show({ ...entry, count: Math.max(count, shown), isAtLeast });
    for (const one of rest) this.#tell(one);
  }

  /** Shown now, it would stand behind what is still missing; without history there will be nothing before it. */
  #drop(present: HeldMessages): void {
    for (const heard of present.held) {
      if (this.#desk.features.hasHistory) this.#desk.seenMessages.forget(heard.line);
      else this.#desk.showReceived(heard);
    }
  }
}

function isTextMessage({ command }: Message): boolean {
  return command === "PRIVMSG" || command === "NOTICE";
}

/** Undefined: nothing of `line` would tell the server where we are. */
function readMessageId({ tags }: Message): string | undefined {
  const id = tags.get("msgid");
  if (id !== undefined) return `msgid=${id}`;
  const time = tags.get("time");
  return time === undefined ? undefined : `timestamp=${time}`;
}

function formatHistoryTime(time: number): string {
  return `timestamp=${new Date(time).toISOString()}`;
}
