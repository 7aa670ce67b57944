/** `/page`, `/ack` and `/pages`: pages that ring until a person acknowledges (docs/protocol/oncall.md). Pure. */
import { utf8Length } from "../../../base/bytes.ts";
import { formatDuration } from "../../../base/values/duration.ts";
import { isOnCallName, MAX_PAGE_BYTES, ONCALL_SERVICE } from "../../../irc/oncall.ts";
import type { Message, MessageParts } from "../../../irc/message.ts";
import { ONCALL_CAPABILITY } from "../../../irc/vendor_extensions.ts";
import { parseWireCount } from "../../../irc/wire_number.ts";
import type { Chat } from "../../conversation/chat.ts";
import type { RequestResult } from "../../conversation/effects.ts";
import { describeProgress, describeRung, readPageItems } from "../../conversation/oncall/page_item.ts";
import type { PageItem } from "../../conversation/oncall/page_item.ts";
import { RingingPages } from "../../conversation/oncall/ringing_pages.ts";
import type { PageNote, UnsentPage } from "../../conversation/oncall/ringing_pages.ts";
import { explainFailure, findFailureReply } from "../../session/failure_reply.ts";
import { joinLines, parseNothing, parseOptionalWord, splitFirstWord } from "../arguments.ts";
import { defineCommand } from "../slash_command.ts";
import type { SlashCommand } from "../slash_command.ts";

const pagesOfChats = new WeakMap<Chat, RingingPages>();

/** The pages that ring for the person of `chat`, and those that they have opened. */
export function pagesOf(chat: Chat): RingingPages {
  const pages = pagesOfChats.get(chat) ?? new RingingPages();
  pagesOfChats.set(chat, pages);
  return pages;
}

/** Requests to be told of pages; for a server that has them. */
export const REQUEST_CAPABILITY = { command: "CAP", params: ["REQ", ONCALL_CAPABILITY] };

export const ONCALL_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["page"],
    usage: "LIST TEXT",
    summary: "ring the people on call until one acknowledges",
    topic: "more",
    details: [
      "LIST is an escalation list: chatterbox oncall shows them.",
      "The server rings on, also when you leave.",
    ],
    worksOffline: true,
    parse(rest) {
      const [list, text] = splitFirstWord(rest);
      return list === "" || text === "" ? undefined : { list, text: joinLines(text) };
    },
    run(chat, { list, text }, now) {
      if (!isOnCallName(list)) return chat.refuse(`${list} is not the name of a list`, now);
      const bytes = utf8Length(text);
      if (bytes > MAX_PAGE_BYTES) {
        return chat.refuse(`the text has ${bytes} bytes; a page has up to ${MAX_PAGE_BYTES}`, now);
      }
      const page = pagesOf(chat).addOpening(list, text, now);
      if (chat.isOnline) sendPage(chat, page, now);
      else chat.note(`not connected: the page to ${list} is sent when you are`, now);
    },
  }),
  defineCommand({
    names: ["ack"],
    usage: "[NUMBER]",
    summary: "acknowledge a page: it stops ringing for all",
    topic: "more",
    details: ["Without NUMBER: the only page that rings for you. The first counts."],
    worksOffline: true,
    parse(rest) {
      const word = parseOptionalWord(rest);
      const number = parseWireCount(word);
      return word === undefined || word !== "" && !number ? undefined : { number };
    },
    run(chat, { number }, now) {
      const pages = pagesOf(chat);
      const meant = number ?? (pages.ringing.length === 1 ? pages.ringing[0]!.number : undefined);
      if (meant !== undefined) return acknowledge(chat, meant, now);
      if (pages.ringing.length === 0) return chat.refuse("no page rings for you", now);
      const choices = pages.ringing.map(({ number, list }) => `/ack ${number} (${list})`).slice(0, 3);
      chat.refuse(`${pages.ringing.length} pages ring for you: ${choices.join(" or ")}`, now);
    },
  }),
  defineCommand({
    names: ["pages"],
    usage: "",
    summary: "list the open pages that concern you",
    topic: "more",
    parse: parseNothing,
    run(chat, _, now) {
      chat.ask({ command: "PAGE", params: ["LIST"] }, {
        for: "info",
        describe: (lines, clock, time) => {
          const items = readPageItems(lines) ?? [];
          const texts = items.length === 0
            ? ["no page is open"]
            : items.map((item) => describeItem(item, clock, time));
          return texts.map((text) => ({ kind: "note", time, text }));
        },
      }, now);
    },
  }),
];

/** `page 12 (ops: db down) rings alice, bob since 03:12 (8m 5s); step 2 of 3; next carol in 4m; from ci; /ack 12`. */
function describeItem(item: PageItem, clock: (time: number) => string, now: number): string {
  const { number, list, text, state, pager, openedAt, at } = item;
  const since = openedAt === undefined ? "" : ` since ${clock(openedAt)} (${formatDuration(now - openedAt)})`;
  const what = state === "ringing"
    ? [`${describeRung(item) ?? "rings"}${since}`, describeProgress(item, now) ?? []].flat().join("; ")
    : state === "silenced" && at !== undefined
    ? `silenced for another ${formatDuration(at - now)}, until ${clock(at)}`
    : `${state}${since}`;
  return `page ${number} (${list}: ${text}) ${what}; from ${pager}; /ack ${number}`;
}

function acknowledge(chat: Chat, number: number, now: number): void {
  pagesOf(chat).noteAcknowledged(number);
  if (chat.isOnline) sendAcknowledgement(chat, number, now);
  else chat.note(`not connected: page ${number} is acknowledged when you are`, now);
}

function sendAcknowledgement(chat: Chat, number: number, now: number): void {
  const pages = pagesOf(chat);
  chat.ask({ command: "PAGE", params: ["ACK", String(number)] }, {
    for: "info",
    describe: (lines, _, time) => {
      const isAnswer = ({ command, params }: Message) => command === "PAGE" && params[0] === "ACK";
      const words = lines.find(isAnswer)?.params.at(-1);
      const isNews = pages.noteAnswered(number, words !== undefined);
      markEndedRead(chat);
      return words === undefined || !isNews ? [] : [{ kind: "note", time, text: words }];
    },
  }, now);
}

function sendPage(chat: Chat, { id, list, text }: UnsentPage, now: number): void {
  const pages = pagesOf(chat);
  chat.ask({ command: "PAGE", params: ["OPEN", id, list, text] }, {
    for: "info",
    describe: (lines, _, time) => {
      const notes = lines.filter(({ command }) => command === "PAGE").map((line) =>
        pages.receive(line, chat.nick)
      );
      pages.noteOpened(id);
      return notes.flatMap((note) => note === undefined ? [] : [{ kind: "note", time, text: note.text }]);
    },
  }, now);
}

/**
 * `result` of the request `message`, with a failure of `/page` and `/ack` in words that say what was typed, and not which
 * id the page has: it is not sent again.
 */
export function explainPageFailure(
  chat: Chat,
  { command, params }: MessageParts,
  result: RequestResult,
): RequestResult {
  const failure = command === "PAGE" && result.kind === "answered"
    ? findFailureReply(result.lines)
    : undefined;
  if (failure === undefined) return result;
  const [word, id = "", list, text] = params ?? [];
  const pages = pagesOf(chat);
  if (word === "OPEN") pages.noteOpened(id);
  if (word === "ACK") pages.noteAnswered(Number(id), false);
  const words = explainFailure(failure);
  const told = word === "OPEN" ? `not paged: ${words}: /page ${list} ${text}` : words;
  return { kind: "answered", lines: [{ ...failure, command: "FAIL", params: ["PAGE", "REFUSED", told] }] };
}

/** Handles a line `PAGE …`. Undefined: there is nothing to say. */
export function receivePage(chat: Chat, line: Message): PageNote | undefined {
  const note = pagesOf(chat).receive(line, chat.nick);
  if (line.params[0] === "STOPPED") markEndedRead(chat);
  return note;
}

/** Each page that has rung has ended, which the person was told: what the service has said of them is read. */
function markEndedRead(chat: Chat): void {
  if (pagesOf(chat).ringing.length > 0) return;
  const view = chat.views.find(ONCALL_SERVICE);
  if (view?.lastActivity === undefined) return;
  chat.views.markRead(view.name, view.lastActivity);
  chat.readMarkers?.markShown(view.name, view.lastActivity);
}

/**
 * Asks the server what rings for us, and sends again what it has not confirmed. `tell`: something is new to the person.
 */
export function requestPages(chat: Chat, now: number, tell: (note: PageNote) => void): void {
  const pages = pagesOf(chat);
  chat.ask({ command: "PAGE", params: ["LIST", "RINGING"] }, {
    for: "info",
    describe: (lines) => {
      const before = pages.ringing.length;
      for (const note of pages.receiveRinging(readPageItems(lines) ?? [])) tell(note);
      if (before > 0) markEndedRead(chat);
      return [];
    },
  }, now);
  for (const page of pages.opening) sendPage(chat, page, now);
  for (const number of pages.acknowledging) sendAcknowledgement(chat, number, now);
}
