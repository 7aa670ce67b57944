/** Slash commands that read earlier messages. Pure. */
import type { MessageParts } from "../../irc/message.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { parseSearchRequest } from "../../irc/search/search_request.ts";
import type { Chat } from "../conversation/chat.ts";
import { makeEarlierMessage, quoteTargets, readEarlierPage } from "../conversation/earlier_messages.ts";
import type { EarlierRequest } from "../conversation/earlier_messages.ts";
import type { ChatEntry } from "../conversation/model/chat_entry.ts";
import { parseTimestamp } from "../conversation/model/read_position.ts";
import type { ReadPosition } from "../conversation/model/read_position.ts";
import { makeSearchMessage, parseFoundPage } from "../conversation/search/search_page.ts";
import { makeSearchEntries } from "../conversation/search/search_results.ts";
import type { SearchQuery } from "../conversation/search/search_results.ts";
import { formatAnchor } from "../conversation/sync/history_read.ts";
import { RECENT_MESSAGES } from "../conversation/sync/join_sync.ts";
import { parseOptionalWord, splitWords } from "./arguments.ts";
import { currentTarget, resolveConversation } from "./requests.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

/** Messages that `/logs` asks for when no number is given. */
const DEFAULT_LOG_MESSAGES = 20;
/** Most messages that it asks for at once: our server sends no more, and counts no more as unread. */
const MAX_LOG_MESSAGES = 1000;

/** Messages that `/search` shows at a time. */
const SEARCH_PAGE_MESSAGES = 10;

export const HISTORY_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["logs"],
    usage: "[ROOM|NAME] [COUNT]",
    summary: "show earlier messages",
    details: [`Without COUNT: the last ${DEFAULT_LOG_MESSAGES}. At most ${MAX_LOG_MESSAGES} at a time.`],
    parse(rest) {
      const words = splitWords(rest);
      const count = /^[+-]?\d+$/.test(words.at(-1) ?? "") ? Number(words.pop()) : DEFAULT_LOG_MESSAGES;
      return words.length > 1 || count < 1 ? undefined : { target: words[0], count };
    },
    run(chat, { target, count }, now) {
      const from = resolveConversation(chat, target, now);
      if (from !== undefined) askForEarlier(chat, { target: from, count }, now);
    },
  }),
  defineCommand({
    names: ["older"],
    usage: "[COUNT]",
    summary: "show those before /logs (also PgUp)",
    topic: "more",
    details: ["Without COUNT: as many. Repeat it to go on."],
    parse(rest) {
      const word = parseOptionalWord(rest);
      if (word === "") return { count: undefined };
      return /^\d+$/.test(word ?? "") && Number(word) > 0 ? { count: Number(word) } : undefined;
    },
    run(chat, { count }, now) {
      const { next } = chat.earlier;
      if (next === undefined) return chat.refuse("/logs first: it shows the latest messages", now);
      askForEarlier(chat, { ...next, count: count ?? next.count }, now);
    },
  }),
  defineCommand({
    names: ["search"],
    usage: "[WORDS …]",
    summary: "find messages; without WORDS: earlier ones",
    details: [
      'Words, beginnings (dep*), phrases ("went wrong"), exclusion (-test).',
      "Filters: from:bob,carol in:#dev since:1w until:2026-01-31 has:link.",
      "Without in: the rooms that you are in, and your direct messages.",
    ],
    parse: (rest) => ({ text: rest.trim() }),
    run(chat, { text }, now) {
      if (!chat.features.hasSearch) return chat.refuse("this server has no search", now);
      const request = text === "" ? undefined : parseSearchRequest(text, now);
      if (request === undefined) return searchOn(chat, now);
      if ("fault" in request) return chat.refuse(request.fault, now);
      const message = makeSearchMessage({ request, limit: SEARCH_PAGE_MESSAGES });
      if ("fault" in message) return chat.refuse(message.fault, now);
      askForFound(chat, message, chat.lastSearch.start({ request }, text), now);
    },
  }),
];

/**
 * The key PgUp: the page before the last one that was asked for in the current view; without one, the messages there before
 * `start`, or the latest ones. A key that repeats waits for the page.
 */
export function showPageBefore(chat: Chat, now: number, start?: ReadPosition): void {
  const { next, isWaiting } = chat.earlier;
  if (isWaiting) return;
  if (!chat.isOnline) return chat.refuse("not connected: earlier messages are on the server", now);
  if (next !== undefined && isSameName(next.askedIn ?? "", currentTarget(chat) ?? "")) {
    return askForEarlier(chat, next, now);
  }
  const target = resolveConversation(chat, undefined, now);
  if (target === undefined) return;
  const before = start && { before: formatAnchor(start) };
  askForEarlier(chat, { target, count: DEFAULT_LOG_MESSAGES, ...before }, now);
}

/**
 * At the first connection: the latest messages of the direct conversation that is shown, up to the first unread one. The
 * unread ones are shown behind them (`DirectSync`), and rooms show theirs by themselves.
 */
export function showRecentDirect(chat: Chat, now: number): void {
  const target = chat.views.current;
  if (!chat.showsOneView || !chat.features.hasHistory || target === undefined || isChannelName(target)) {
    return;
  }
  if (!chat.sendsReadMarkers) return askForRecent(chat, target, Infinity, now);
  chat.ask({ command: "MARKREAD", params: [target] }, {
    for: "info",
    describe(lines, _, now) {
      const marker = lines.find(({ command }) => command === "MARKREAD");
      askForRecent(chat, target, parseTimestamp(marker?.params[1]) ?? 0, now);
      return [];
    },
  }, now);
}

/** `readUntil`: later messages of others are unread, milliseconds since the epoch. */
function askForRecent(chat: Chat, target: string, readUntil: number, now: number): void {
  const request = { target, count: RECENT_MESSAGES, askedIn: target };
  chat.ask(makeEarlierMessage(request), {
    for: "info",
    describe(lines, _, now) {
      const { entries: [heading, ...rest], next } = readEarlierPage(request, lines, now, []);
      const said = rest.slice(0, -1);
      const isUnread = (entry: ChatEntry) =>
        entry.kind === "message" && entry.time > readUntil && !isSameName(entry.from, chat.nick);
      const shown = said.some(isUnread) ? said.filter(({ time }) => time <= readUntil) : said;
      if (heading === undefined || shown.length === 0) return [];
      chat.earlier.next = next && { ...next, count: DEFAULT_LOG_MESSAGES };
      return quoteTargets([heading, ...shown], chat);
    },
  }, now);
}

function askForEarlier(chat: Chat, wanted: EarlierRequest, now: number): void {
  if (!chat.features.hasHistory) return chat.refuse("this server keeps no history", now);
  if (wanted.count > MAX_LOG_MESSAGES) {
    chat.note(`at most ${MAX_LOG_MESSAGES} messages at a time; those before them: /older`, now);
  }
  const request = {
    ...wanted,
    count: Math.min(wanted.count, MAX_LOG_MESSAGES),
    askedIn: currentTarget(chat),
  };
  chat.earlier.isWaiting = true;
  chat.ask(makeEarlierMessage(request), {
    for: "info",
    describe(lines, _, now) {
      const page = readEarlierPage(request, lines, now, chat.views.listNames("channel"));
      chat.earlier.next = page.next ?? request;
      return quoteTargets(page.entries, chat);
    },
    onEnd: () => chat.earlier.isWaiting = false,
  }, now);
}

/** Asks for the next page of the last search, or again for one that there was no answer to. */
function searchOn(chat: Chat, now: number): void {
  const { nextPage: next, end } = chat.lastSearch;
  if (next === undefined) {
    return end === undefined
      ? chat.refuse("there is no search to go on with; to search: /search WORDS", now)
      : chat.note(`${end}; to search: /search WORDS`, now);
  }
  const message = makeSearchMessage({ ...next.page, limit: SEARCH_PAGE_MESSAGES });
  if ("fault" in message) return chat.refuse(message.fault, now);
  askForFound(chat, message, next, now);
}

function askForFound(chat: Chat, message: MessageParts, query: SearchQuery, now: number): void {
  chat.ask(message, {
    for: "info",
    describe(lines, _, now) {
      const found = parseFoundPage(lines, now);
      chat.lastSearch.notePage(query, found);
      return makeSearchEntries(query, found, now);
    },
  }, now);
}
