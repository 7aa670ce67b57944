/**
 * What was said to us while we were away: at the first coming in, the talks that have something we have not read, by our read
 * markers (https://ircv3.net/specs/extensions/read-marker). It is shown together; what is said to us meanwhile is held until then.
 *
 * A talk is read from its marker on, the oldest first, so that the marker never passes a message that was not shown. Where not all
 * of a talk is shown its marker stays behind what was: see {@link UnreadSyncHost.keepUnread}.
 */
import { casefold, isSameName } from "../../../irc/names/casemap.ts";
import type { Message, MessageParts } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { parseHistoryGap } from "../../../irc/vendor_extensions.ts";
import { parseWireTime } from "../../../irc/wire_number.ts";
import { HeldMessages } from "./held_messages.ts";
import type { ReceivedEntry } from "./held_messages.ts";
import { END_OF_TIME, formatHistoryTime, isTextMessage } from "./missed_history.ts";
import type { PastItem } from "./missed_history.ts";
import { isDirect } from "../model/chat_entry.ts";
import type { ChatEntry } from "../model/chat_entry.ts";
import type { IgnoreList } from "../model/ignore_list.ts";
import { readMessageTime } from "../model/entry_parser.ts";

export type UnreadSyncPurpose =
  /** With whom there was talk. */
  | { readonly for: "talks" }
  /** Up to where the talk with `target` has been read; its latest message is of the time `latest`. */
  | { readonly for: "marker"; readonly target: string; readonly latest: number }
  /** The next page of what came after that, the time `since`. */
  | { readonly for: "unread"; readonly target: string; readonly latest: number; readonly since: number };

/** What {@link UnreadSync} needs of the chat. Times in milliseconds since the epoch. */
export interface UnreadSyncHost {
  readonly nick: string;
  ask(message: MessageParts, purpose: UnreadSyncPurpose, now: number): void;
  show(entry: ChatEntry): void;
  /** Shows what `line` told, and with it the conversation is known up to there. */
  showReceived(heard: ReceivedEntry): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** What a line of history shows, unless it was seen before. */
  parseHistoryLine(line: Message, now: number): ChatEntry | undefined;
  /** The person has been shown all of `target` up to `time`. */
  markShown(target: string, time: number): void;
  /** Messages from `target` (undefined: from anyone) are not shown: what comes after them does not count as read. */
  keepUnread(target: string | undefined): void;
  /** The command that shows what was said with `target` from `since` on. */
  formatLogsCommand(target: string, since: number): string;
  readonly ignoreList: IgnoreList;
}

/** What is new of one talk. */
interface UnreadConversation {
  readonly target: string;
  readonly latest: number;
  /** Messages, and places where messages are lost; oldest first. */
  readonly past: PastItem[];
  /** Messages that were received of it. */
  count: number;
  /** Time of the last of them; of the marker, where there is none. */
  until: number;
}

/** Talks that are looked through, those with the latest messages. */
export const MAX_UNREAD_CONVERSATIONS = 50;
/** Rows asked for: the channels that we are in are among them, a hundred on a server of ours. */
const MAX_ROWS = 200;
/** Messages shown of one talk, the oldest, beside those of the same time as the last: as many as are counted in a channel. */
export const MAX_UNREAD_SHOWN = 1000;
/** Messages asked for at once: what servers commonly answer (CHATHISTORY in ISUPPORT). */
export const UNREAD_PAGE_MESSAGES = 100;
export class UnreadSync {
  readonly #host: UnreadSyncHost;
  /** Direct messages that come while this is being found out; undefined: it is not. */
  #present: HeldMessages | undefined;
  #done = false;
  /** Answers that have not come yet. */
  #awaited = 0;
  /** By folded name. */
  readonly #found = new Map<string, UnreadConversation>();
  /** Folded names of those with whom there was talk, and of which not all is found yet. */
  readonly #open = new Set<string>();
  /** The server has named all with whom there was talk. */
  #isListed = false;
  #moreTalks = false;

  constructor(host: UnreadSyncHost) {
    this.#host = host;
  }

  /** Asks for it, unless it is known already: then false. */
  start(now: number): boolean {
    if (this.#done) return false;
    this.#present = new HeldMessages();
    this.#awaited = 1;
    const params = ["TARGETS", formatHistoryTime(END_OF_TIME), formatHistoryTime(0), String(MAX_ROWS)];
    this.#host.ask({ command: "CHATHISTORY", params }, { for: "talks" }, now);
    return true;
  }

  /** Takes what is said to us while this is being found out; false: show it. */
  hold(heard: ReceivedEntry): boolean {
    if (this.#present === undefined || !isDirect(heard.entry)) return false;
    this.#present.hold(heard);
    if (this.#present.isFull) this.#finish(heard.entry.time);
    return true;
  }

  /** The connection is gone: all of it is asked for again over the next one. `forget` what was held. */
  abandon(forget: (line: Message) => void): void {
    for (const { line } of this.#present?.held ?? []) forget(line);
    for (const { past } of this.#found.values()) {
      for (const { line } of past) if (line !== undefined) forget(line);
    }
    this.#present = undefined;
    this.#found.clear();
    this.#open.clear();
    this.#isListed = false;
  }

  handleResponse(purpose: UnreadSyncPurpose, lines: readonly Message[], now: number): void {
    if (this.#present === undefined) return;
    switch (purpose.for) {
      case "talks":
        this.#talks(lines, now);
        break;
      case "marker":
        this.#marker(purpose, lines, now);
        break;
      case "unread":
        this.#unread(purpose, lines, now);
    }
    if (--this.#awaited === 0) this.#finish(now);
  }

  /** Nobody tells; `why` in words. */
  handleUnknown(why: string, now: number): void {
    if (this.#present === undefined) return;
    this.#host.alarm(`not all that was said to you while you were away is known: ${why}`, now);
    if (--this.#awaited === 0) this.#finish(now);
  }

  /** Lines `CHATHISTORY TARGETS <target> <timestamp>`, the latest first. */
  #talks(lines: readonly Message[], now: number): void {
    const rows = lines.filter(({ command }) => command === "CHATHISTORY");
    const talks = rows.filter(({ params }) => !isChannelName(params[1] ?? "#"));
    this.#isListed = rows.length < MAX_ROWS;
    this.#moreTalks = talks.length > MAX_UNREAD_CONVERSATIONS || !this.#isListed;
    for (const { params: [, target = ""] } of talks) this.#open.add(casefold(target));
    for (const { params: [, target = "", latest = ""] } of talks.slice(0, MAX_UNREAD_CONVERSATIONS)) {
      this.#awaited++;
      const purpose = { for: "marker", target, latest: parseWireTime(latest) ?? now } as const;
      this.#host.ask({ command: "MARKREAD", params: [target] }, purpose, now);
    }
  }

  /** `MARKREAD <target> timestamp=…|*` */
  #marker(
    { target, latest }: UnreadSyncPurpose & { for: "marker" },
    lines: readonly Message[],
    now: number,
  ): void {
    const told = lines.find(({ command, params }) =>
      command === "MARKREAD" && isSameName(params[0] ?? "", target)
    );
    const since = parseWireTime(told?.params[1]?.replace(/^timestamp=/, "")) ?? 0;
    if (latest <= since) return void this.#open.delete(casefold(target));
    this.#found.set(casefold(target), { target, latest, past: [], count: 0, until: since });
    this.#askUnread({ for: "unread", target, latest, since }, formatHistoryTime(since), now);
  }

  #askUnread(purpose: UnreadSyncPurpose & { for: "unread" }, anchor: string, now: number): void {
    this.#awaited++;
    const params = ["AFTER", purpose.target, anchor, String(UNREAD_PAGE_MESSAGES)];
    this.#host.ask({ command: "CHATHISTORY", params }, purpose, now);
  }

  /**
   * One page. A page without messages is behind the last one: how many fit a page is the server's to decide. A marker is a time, so
   * of messages with the same time either all are taken or none.
   */
  #unread(purpose: UnreadSyncPurpose & { for: "unread" }, lines: readonly Message[], now: number): void {
    const { target, since } = purpose;
    const unread = this.#found.get(casefold(target));
    if (unread === undefined) return;
    const spoken = lines.filter(isTextMessage);
    const first = spoken[0];
    for (const told of lines.map(parseHistoryGap)) {
      if (told === undefined) continue;
      const { count, why } = told;
      const to = first && readMessageTime(first, now);
      const from = unread.count === 0 ? since || undefined : unread.until;
      unread.past.push({
        entry: { kind: "gap", time: to ?? unread.latest, target, count, why, after: from, before: to },
      });
    }
    let isAllTaken = true;
    for (const line of spoken) {
      isAllTaken = unread.count < MAX_UNREAD_SHOWN || readMessageTime(line, now) === unread.until;
      if (!isAllTaken) break;
      const entry = this.#host.parseHistoryLine(line, now);
      if (entry !== undefined) unread.past.push({ entry, line }); // else it has come meanwhile, and is held
      unread.until = readMessageTime(line, now);
      unread.count++;
    }
    const last = spoken.at(-1) ?? lines.findLast(({ tags }) => tags.has("msgid"));
    if (last === undefined) this.#open.delete(casefold(target));
    else if (isAllTaken) {
      const id = last.tags.get("msgid");
      this.#askUnread(purpose, id === undefined ? formatHistoryTime(unread.until) : `msgid=${id}`, now);
    }
  }

  /** Shows what was found, the talk with the latest message last, and then what has been said since. */
  #finish(now: number): void {
    const held = [...this.#present?.held ?? []];
    this.#present = undefined;
    this.#done = true;
    const host = this.#host;
    const isTheirs = ({ entry }: { readonly entry: ChatEntry }) =>
      isDirect(entry) && !isSameName(entry.from, host.nick) && !host.ignoreList.isHidden(entry);
    // What we have said ourselves, over another connection, is no news by itself.
    const news = [...this.#found.values()].filter((each) =>
      each.past.some((one) =>
        one.line === undefined || isTheirs(one) ||
        !this.#isWhole(each) && !host.ignoreList.isHidden(one.entry)
      )
    );
    const count = news.reduce((sum, { past }) => sum + past.filter(isTheirs).length, 0);
    const atLeast = news.some((each) => !this.#isWhole(each)) ? "more than " : "";
    if (count > 0) {
      host.note(`${atLeast}${count} ${count === 1 ? "message" : "messages"} while you were away:`, now);
    }
    for (const unread of news.sort((a, b) => a.latest - b.latest)) this.#show(unread, now);
    if (this.#moreTalks) {
      host.alarm(
        `others may have written to you, too: only ${MAX_UNREAD_CONVERSATIONS} talks are looked at`,
        now,
      );
    }
    for (const folded of this.#open) host.keepUnread(folded);
    if (!this.#isListed) host.keepUnread(undefined);
    this.#found.clear();
    this.#open.clear();
    for (const one of held) host.showReceived(one);
  }

  #isWhole({ target }: UnreadConversation): boolean {
    return !this.#open.has(casefold(target));
  }

  #show(unread: UnreadConversation, now: number): void {
    const host = this.#host;
    const { target, latest, past, until } = unread;
    for (const one of past) {
      if (one.line === undefined) host.show(one.entry);
      else host.showReceived(one);
    }
    if (!this.#isWhole(unread)) {
      const rest = "it is not marked as read, and comes the next time you join, or by:";
      host.alarm(`more came from ${target} than is shown here; ${rest}`, now);
      host.note(host.formatLogsCommand(target, until), now);
    } else if (past.some(({ line }) => line === undefined)) host.markShown(target, latest);
  }
}
