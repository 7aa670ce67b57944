/**
 * Renders an entry as one line of styled text. Every kind has a mark of its own, so that nothing depends on
 * colour:
 *
 *     12:34 <bob> hi                       message in the current channel
 *     12:34 #dev <bob> hi                  message in another channel
 *     12:34 >>> <bob> alice: hi            message with the reader's nick, or a highlight word, in it
 *     12:34 * bob waves                    CTCP action (/me)
 *     12:34 [bob -> alice] psst            direct message
 *     12:34 <bob> yes (reply to alice: «tea?»)
 *     12:34 <bob> hello (edited)           in the place of an earlier message
 *     12:34 --> carol joined #lobby        arrival; <-- for a departure
 *     12:34 --- bob is now known as rob    other events, and answers
 *     12:34 --- bob reacted 👍 to alice: «hi»
 *     12:34 --- gap: 7 messages, 12:30–12:34
 *     12:34 --- 3 new messages since 12:30:   the messages that follow are unread
 *     12:34 --- 20 Nov 2026 11:02 #dev <bob> it was *deployed*   found by a search
 *     12:34 !!! no such name               failure
 *
 * All received text goes through `toPrintable`, so that none of it controls the terminal. One entry is one
 * line; further lines of a multiline message are indented, so that none passes for an entry of its own.
 */
import { unreachable } from "../../base/assert.ts";
import { toPrintable, toPrintableText } from "../../base/printable_text.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { ChatEntry, MessageEntry, MessageManner } from "../../client/conversation/model/chat_entry.ts";
import { hasMention } from "../../client/conversation/model/mention.ts";
import { describeGapIn } from "../../client/conversation/model/gap_text.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";
import { makeSnippet } from "./snippet.ts";
import { NEXT_LINE } from "./styled_line.ts";
import type { StyledSpan } from "./styled_line.ts";
import { describeUnread } from "../../client/conversation/model/unread_text.ts";

export interface RenderContext {
  readonly nick: string;
  /** The current channel; messages of other channels are shown with their name. */
  readonly channel: string | undefined;
  /** Words that are mentions, besides the nick. */
  readonly highlights?: readonly string[] | undefined;
}

/** Whether `entry` has a line: of the removal of an edited message the message in its place tells. */
export function hasLine(entry: ChatEntry): boolean {
  return entry.kind !== "redacted" || entry.isReplaced !== true;
}

/** Whether `entry` tells that a person has come or left. */
export function isPresence({ kind }: ChatEntry): boolean {
  return kind === "joined" || kind === "left" || kind === "quit";
}

/** The line for `entry` as `reader` sees it. */
export function renderEntry(entry: ChatEntry, reader: RenderContext, local: LocalTime): StyledSpan[] {
  return [{ text: local.clock(entry.time) + " ", style: "dim" }, ...renderEntryBody(entry, reader, local)];
}

/** The day rule between entries of different days. */
export function renderDay(time: number, local: LocalTime): StyledSpan[] {
  return [{ text: `      --- ${local.day(time)}`, style: "dim" }];
}

/** The entry behind its time. */
function renderEntryBody(entry: ChatEntry, reader: RenderContext, local: LocalTime): StyledSpan[] {
  switch (entry.kind) {
    case "message":
      return entry.channel === undefined ? renderDirect(entry) : renderMessage(entry, entry.channel, reader);
    case "joined":
    case "left":
    case "quit":
    case "renamed":
      return renderPresence(entry);
    case "kicked":
      return isSameName(entry.nick, reader.nick) ? renderOwnRemoval(entry) : renderRemoval(entry);
    case "mode":
    case "invited":
    case "topic":
    case "room_renamed":
      return [makeDim("--- "), makeName(entry.by), ...renderChannelChange(entry)];
    case "redacted":
      return renderRedaction(entry, reader, local);
    case "reaction":
      return renderReaction(entry, reader);
    case "gap":
      return [makeDim("--- "), {
        text: toPrintable(describeGapIn(entry, reader.channel, local)),
        style: "alarm",
      }];
    case "unread":
      return [makeDim("--- "), {
        text: toPrintable(describeUnread(entry, reader.channel, local)),
        style: "bold",
      }];
    case "found":
      return renderFound(entry, local);
    case "heading":
    case "note":
      return [makeDim("--- "), { text: toPrintable(entry.text) }];
    case "server":
      return [makeDim(`--- ${toPrintable(entry.from)}: `), { text: toPrintable(entry.text) }];
    case "alarm":
      return [{ text: `!!! ${toPrintable(entry.text)}`, style: "alarm" }];
    default:
      return unreachable(entry);
  }
}

function renderMessage(entry: MessageEntry, channel: string, reader: RenderContext): StyledSpan[] {
  const isMention = !isSameName(entry.from, reader.nick) &&
    hasMention(entry.text, reader.nick, reader.highlights);
  return [
    ...isMention ? [MENTION_MARK] : [],
    ...isCurrent(channel, reader) ? [] : [makeChannel(channel), { text: " " }],
    ...renderSpeaker(entry.manner, makeName(entry.from)),
    ...renderText(entry.text, isMention ? "bold" : undefined),
    ...renderReferences(entry),
  ];
}

/** What a message refers to: behind its text, where a quote cannot pass for a sender. */
function renderReferences({ replyTo, quoted, replaces }: MessageEntry): StyledSpan[] {
  const to = quoted === undefined ? [makeDim("an earlier message")] : [
    makeName(quoted.of),
    makeDim(`: «${toPrintableText(quoted.excerpt)}»`),
  ];
  return [
    ...replyTo === undefined ? [] : [makeDim(" (reply to "), ...to, makeDim(")")],
    ...replaces === undefined ? [] : [makeDim(" (edited)")],
  ];
}

function renderDirect(entry: MessageEntry): StyledSpan[] {
  const { from, to, manner, text } = entry;
  return [
    { text: "[", style: "direct" },
    makeName(from),
    { text: " -> ", style: "direct" },
    makeName(to),
    { text: "] ", style: "direct" },
    ...manner === "did" ? renderSpeaker("did", makeName(from)) : [],
    ...renderText(text),
    ...renderReferences(entry),
  ];
}

/** Most columns of the text of a message that a search has found. */
const MAX_SNIPPET_COLUMNS = 160;

/** A match has asterisks around it. */
function renderFound(
  { message, matches }: ChatEntry & { kind: "found" },
  local: LocalTime,
): StyledSpan[] {
  const { time, channel, from, to, manner, text } = message;
  const when = `${local.date(time)} ${new Date(time).getFullYear()} ${local.clock(time)} `;
  const place = channel === undefined
    ? [makeDim("["), makeName(from), makeDim(" -> "), makeName(to), makeDim("] ")]
    : [makeChannel(channel), { text: " " }];
  const speaker = channel === undefined && manner !== "did" ? [] : renderSpeaker(manner, makeName(from));
  return [
    makeDim(`--- ${when}`),
    ...place,
    ...speaker,
    ...makeSnippet(text, matches, MAX_SNIPPET_COLUMNS).map((part): StyledSpan => {
      const shown = toPrintableText(part.text);
      return part.isMatch ? { text: `*${shown}*`, style: "bold" } : makeDim(shown);
    }),
  ];
}

/** JOIN, PART, QUIT and NICK of a user. */
function renderPresence(entry: ChatEntry & { kind: "joined" | "left" | "quit" | "renamed" }): StyledSpan[] {
  switch (entry.kind) {
    case "joined":
      return [makeDim("--> "), makeName(entry.nick), makeDim(" joined "), makeChannel(entry.channel)];
    case "left":
      return [
        makeDim("<-- "),
        makeName(entry.nick),
        makeDim(" left "),
        makeChannel(entry.channel),
        ...renderReason(entry.reason),
      ];
    case "quit":
      return [makeDim("<-- "), makeName(entry.nick), makeDim(" quit"), ...renderReason(entry.reason)];
    case "renamed":
      return [makeDim("--- "), makeName(entry.from), makeDim(" is now known as "), makeName(entry.to)];
    default:
      return unreachable(entry);
  }
}

function renderRemoval({ nick, channel, by, reason }: ChatEntry & { kind: "kicked" }): StyledSpan[] {
  return [
    makeDim("<-- "),
    makeName(nick),
    makeDim(" was removed from "),
    makeChannel(channel),
    makeDim(" by "),
    makeName(by),
    ...renderReason(reason),
  ];
}

/** The reader was removed from a channel: shown as an alarm, because it must not be missed. */
function renderOwnRemoval({ channel, by, reason, isBanned }: ChatEntry & { kind: "kicked" }): StyledSpan[] {
  const why = reason === "" ? "" : ` (${reason})`;
  const text = isBanned
    ? `you are banned from ${channel} by ${by}${why}`
    : `you were removed from ${channel} by ${by}${why}; to enter it again: /join ${channel}`;
  return [{ text: `!!! ${toPrintable(text)}`, style: "alarm" }];
}

/** A change of a channel, without the user that made it. */
function renderChannelChange(
  entry: ChatEntry & { kind: "mode" | "invited" | "topic" | "room_renamed" },
): StyledSpan[] {
  switch (entry.kind) {
    case "mode":
      return [
        { text: ` ${toPrintable(entry.text)}` },
        makeDim(" ("),
        makeChannel(entry.channel),
        makeDim(")"),
      ];
    case "invited":
      return [
        { text: " invites you to " },
        makeChannel(entry.channel),
        { text: `: /join ${toPrintable(entry.channel)}` },
      ];
    case "topic":
      if (entry.text === "") return [makeDim(" removed the topic of "), makeChannel(entry.channel)];
      return [makeDim(" set the topic of "), makeChannel(entry.channel), makeDim(": "), {
        text: toPrintableText(entry.text),
      }];
    case "room_renamed":
      return [
        makeDim(" renamed "),
        makeChannel(entry.from),
        makeDim(" to "),
        makeChannel(entry.to),
        ...renderReason(entry.reason),
      ];
    default:
      return unreachable(entry);
  }
}

function renderRedaction(
  entry: ChatEntry & { kind: "redacted" },
  reader: RenderContext,
  local: LocalTime,
): StyledSpan[] {
  const { by, of, at, target, excerpt } = entry;
  const elsewhere = isChannelName(target) && !isCurrent(target, reader);
  return [
    makeDim("--- "),
    makeName(by),
    makeDim(" removed a message"),
    ...of === undefined || isSameName(of, by) ? [] : [makeDim(" of "), makeName(of)],
    ...at === undefined ? [] : [makeDim(` sent at ${local.clock(at)}`)],
    ...elsewhere ? [makeDim(" in "), makeChannel(target)] : [],
    // Shown once more to the person that has removed it only.
    ...excerpt !== undefined && isSameName(by, reader.nick)
      ? [makeDim(`: «${toPrintableText(excerpt)}»`)]
      : [],
    ...renderReason(entry.reason),
  ];
}

function renderReaction(entry: ChatEntry & { kind: "reaction" }, reader: RenderContext): StyledSpan[] {
  const { channel, from, text, removed, of, excerpt } = entry;
  const elsewhere = channel !== undefined && !isCurrent(channel, reader);
  return [
    makeDim("--- "),
    makeName(from),
    makeDim(removed ? " removed the reaction " : " reacted "),
    { text: toPrintable(text) },
    makeDim(" to "),
    ...of === undefined
      ? [makeDim("an earlier message")]
      : [makeName(of), makeDim(`: «${toPrintableText(excerpt ?? "")}»`)],
    ...elsewhere ? [makeDim(" in "), makeChannel(channel)] : [],
  ];
}

function renderText(text: string, style?: "bold"): StyledSpan[] {
  return text.split("\n").flatMap((line, index) => [
    ...index === 0 ? [] : [NEXT_LINE],
    { text: toPrintableText(line), ...style && { style } },
  ]);
}

/** Marks a message that mentions the reader. It stands before the sender, where no sender can write. */
const MENTION_MARK: StyledSpan = { text: ">>> ", style: "bold" };

function isCurrent(channel: string, reader: RenderContext): boolean {
  return reader.channel !== undefined && isSameName(channel, reader.channel);
}

function makeName(nick: string): StyledSpan {
  return { text: toPrintable(nick), style: "name" };
}

function makeChannel(channel: string): StyledSpan {
  return { text: toPrintable(channel), style: "channel" };
}

function makeDim(text: string): StyledSpan {
  return { text, style: "dim" };
}

function renderSpeaker(manner: MessageManner, name: StyledSpan): StyledSpan[] {
  switch (manner) {
    case "said":
      return [{ text: "<" }, name, { text: "> " }];
    case "did":
      return [{ text: "* " }, name, { text: " " }];
    case "notice":
      return [{ text: "-" }, name, { text: "- " }];
    default:
      return unreachable(manner);
  }
}

function renderReason(reason: string): StyledSpan[] {
  return reason === "" ? [] : [makeDim(` (${toPrintableText(reason)})`)];
}
