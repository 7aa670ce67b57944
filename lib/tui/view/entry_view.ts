/**
 * An entry as one line of styled text. Every kind has a mark of its own, so that nothing depends on colour:
 *
 *     12:34 <bob> hi                       said to the channel
 *     12:34 <bob> >>> alice: hi            said to the channel, with our name in it
 *     12:34 * bob waves                    done (/me)
 *     12:34 [bob -> alice] psst            said to one person
 *     12:34 --> carol came in to #lobby    and <-- for who goes
 *     12:34 --- bob is now called rob      news and answers
 *     12:34 --- bob reacted 👍 to alice: «hi»
 *     12:34 --- gap: 7 messages, 12:30–12:34
 *     12:34 --- 3 new since 12:30:         what follows has not been read
 *     12:34 !!! no such name               what went wrong
 *
 * All foreign text goes through `printable`, and drives no terminal. One entry is one line; the further lines of a message that has
 * several are indented, so that none passes for an entry of its own.
 */
import { unreachable } from "../../base/assert.ts";
import { toPrintable, toPrintableText } from "../../base/printable_text.ts";
import type { Palette } from "../../cli/standard_streams.ts";
import { casefold, isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { ChatEntry, MessageManner } from "../../client/conversation/model/chat_entry.ts";
import { describeGap } from "./gap_text.ts";
import type { LocalTime } from "./local_time.ts";
import { describeUnread } from "./unread_text.ts";
import { countColumns, splitGraphemes } from "./text_width.ts";

/** A piece of a line, safe to show, and how to paint it. */
export interface StyledSpan {
  readonly text: string;
  readonly style?: keyof Palette;
}

export interface ViewContext {
  readonly nick: string;
  /** Messages to another channel bear its name. */
  readonly channel: string | undefined;
}

/** The line for `entry` as `reader` sees it. */
export function renderEntry(entry: ChatEntry, reader: ViewContext, local: LocalTime): StyledSpan[] {
  return [{ text: local.clock(entry.time) + " ", style: "dim" }, ...renderEntryBody(entry, reader, local)];
}

/** The line that stands between entries of different days. */
export function renderDay(time: number, local: LocalTime): StyledSpan[] {
  return [{ text: `      --- ${local.day(time)}`, style: "dim" }];
}

function renderEntryBody(entry: ChatEntry, reader: ViewContext, local: LocalTime): StyledSpan[] {
  const name = (nick: string): StyledSpan => ({ text: toPrintable(nick), style: "name" });
  const channel = (channel: string): StyledSpan => ({ text: toPrintable(channel), style: "channel" });
  switch (entry.kind) {
    case "message": {
      const elsewhere = reader.channel === undefined || !isSameName(entry.channel, reader.channel);
      const meant = !isSameName(entry.from, reader.nick) && hasMention(entry.text, reader.nick);
      return [
        ...meant ? [MENTION_MARK] : [],
        ...elsewhere ? [channel(entry.channel), { text: " " }] : [],
        ...renderSpeaker(entry.manner, name(entry.from)),
        ...renderText(entry.text, meant ? "bold" : undefined),
      ];
    }
    case "direct":
      return [
        { text: "[", style: "direct" },
        name(entry.from),
        { text: " -> ", style: "direct" },
        name(entry.to),
        { text: "] ", style: "direct" },
        ...entry.manner === "did" ? renderSpeaker("did", name(entry.from)) : [],
        ...renderText(entry.text),
      ];
    case "joined":
      return [makeDim("--> "), name(entry.nick), makeDim(" came in to "), channel(entry.channel)];
    case "left":
      return [
        makeDim("<-- "),
        name(entry.nick),
        makeDim(" left "),
        channel(entry.channel),
        ...renderReason(entry.reason),
      ];
    case "removed":
      if (isSameName(entry.nick, reader.nick)) return renderKick(entry);
      return [
        makeDim("<-- "),
        name(entry.nick),
        makeDim(" was removed from "),
        channel(entry.channel),
        makeDim(" by "),
        name(entry.by),
        ...renderReason(entry.reason),
      ];
    case "gone":
      return [makeDim("<-- "), name(entry.nick), makeDim(" is gone"), ...renderReason(entry.reason)];
    case "renamed":
      return [makeDim("--- "), name(entry.from), makeDim(" is now called "), name(entry.to)];
    case "mode":
      return [
        makeDim("--- "),
        name(entry.by),
        { text: ` ${toPrintable(entry.text)}` },
        makeDim(" ("),
        channel(entry.channel),
        makeDim(")"),
      ];
    case "invited":
      return [
        makeDim("--- "),
        name(entry.by),
        { text: " invites you to " },
        channel(entry.channel),
        { text: `: /join ${toPrintable(entry.channel)}` },
      ];
    case "topic":
      return [
        makeDim("--- "),
        name(entry.by),
        ...entry.text === ""
          ? [makeDim(" removed the topic of "), channel(entry.channel)]
          : [makeDim(" set the topic of "), channel(entry.channel), makeDim(": "), {
            text: toPrintableText(entry.text),
          }],
      ];
    case "room_renamed":
      return [
        makeDim("--- "),
        name(entry.by),
        makeDim(" has renamed "),
        channel(entry.from),
        makeDim(": it is called "),
        channel(entry.to),
        makeDim(" now"),
        ...renderReason(entry.reason),
      ];
    case "taken_back":
      return renderRedaction(entry, reader, local);
    case "reaction":
      return renderReaction(entry, reader);
    case "gap":
      return [makeDim("--- "), {
        text: toPrintable(describeGap(entry, reader.channel, local)),
        style: "alarm",
      }];
    case "unread":
      return [makeDim("--- "), {
        text: toPrintable(describeUnread(entry, reader.channel, local)),
        style: "bold",
      }];
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

function renderRedaction(
  entry: ChatEntry & { kind: "taken_back" },
  reader: ViewContext,
  local: LocalTime,
): StyledSpan[] {
  const { by, of, at, target } = entry;
  const elsewhere = isChannelName(target) &&
    (reader.channel === undefined || !isSameName(target, reader.channel));
  return [
    makeDim("--- "),
    { text: toPrintable(by), style: "name" },
    makeDim(" has removed a message"),
    ...of === undefined || isSameName(of, by)
      ? []
      : [makeDim(" of "), { text: toPrintable(of), style: "name" } as const],
    ...at === undefined ? [] : [makeDim(` said at ${local.clock(at)}`)],
    ...elsewhere ? [makeDim(" in "), { text: toPrintable(target), style: "channel" } as const] : [],
    ...renderReason(entry.reason),
  ];
}

function renderReaction(entry: ChatEntry & { kind: "reaction" }, reader: ViewContext): StyledSpan[] {
  const { channel, from, text, removed, of, excerpt } = entry;
  const elsewhere = channel !== undefined &&
    (reader.channel === undefined || !isSameName(channel, reader.channel));
  return [
    makeDim("--- "),
    { text: toPrintable(from), style: "name" },
    makeDim(removed ? " takes back " : " reacted "),
    { text: toPrintable(text) },
    makeDim(" to "),
    ...of === undefined
      ? [makeDim("an earlier message")]
      : [{ text: toPrintable(of), style: "name" } as const, makeDim(`: «${toPrintableText(excerpt ?? "")}»`)],
    ...elsewhere ? [makeDim(" in "), { text: toPrintable(channel), style: "channel" } as const] : [],
  ];
}

/** We are out of a channel by somebody's will: that must not be overlooked. */
function renderKick({ channel, by, reason }: ChatEntry & { kind: "removed" }): StyledSpan[] {
  const why = reason === "" ? "" : ` (${reason})`;
  const text =
    `you were removed from ${channel} by ${by}${why}; you do not hear it any more (back in: /join ${channel})`;
  return [{ text: `!!! ${toPrintable(text)}`, style: "alarm" }];
}

function renderText(text: string, style?: "bold"): StyledSpan[] {
  return text.split("\n").flatMap((line, index) => [
    ...index === 0 ? [] : [NEXT_LINE],
    { text: toPrintableText(line), ...style && { style } },
  ]);
}

/** In front of a message whose text holds the reader's name: before the sender, where nothing that a person types can stand. */
const MENTION_MARK: StyledSpan = { text: ">>> ", style: "bold" };

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

const NAME_CHARACTER = /[\p{L}\p{M}\p{N}[\]\\`_^{|}-]/u;

/** True when `text` holds `nick` as a word of its own. */
export function hasMention(text: string, nick: string): boolean {
  if (nick === "") return false;
  const [hay, needle] = [casefold(text), casefold(nick)];
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1)) {
    const [before, after] = [hay.charAt(at - 1), hay.charAt(at + needle.length)];
    if (!NAME_CHARACTER.test(before) && !NAME_CHARACTER.test(after)) return true;
  }
  return false;
}

/** Columns of the time: what continues a line stands to the right of it, where it cannot pass for a line of its own. */
export const INDENT_COLUMNS = 6;

/** Between the lines of one message. */
const NEXT_LINE: StyledSpan = { text: "\n" + " ".repeat(INDENT_COLUMNS) };

/** An address stays in one piece, so that a terminal can tell where it ends. */
const URL_PATTERN = /^https?:\/\/[\x21-\x7e]+$/;

/** Chinese and Japanese are written without spaces: a row may end behind each of their characters. */
const WORD_PATTERN =
  /\s+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3001-\u303f\uff01-\uff60]|[^\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3001-\u303f\uff01-\uff60]+/gu;

/** Breaks `line` at spaces into rows of at most `columns`, those after the first indented. The rows joined say the same. */
export function wrap(line: readonly StyledSpan[], columns: number): StyledSpan[][] {
  const next = line.indexOf(NEXT_LINE);
  if (next >= 0) {
    return [...wrap(line.slice(0, next), columns), ...wrap(indent(line.slice(next + 1)), columns)];
  }
  if (columns <= 2 * INDENT_COLUMNS) return [[...line]];
  const rows: StyledSpan[][] = [[]];
  let used = 0;
  const breakRow = () => {
    rows.push([{ text: " ".repeat(INDENT_COLUMNS) }]);
    used = INDENT_COLUMNS;
  };
  const put = (text: string, span: StyledSpan) => {
    rows.at(-1)!.push({ ...span, text });
    used += countColumns(text);
  };
  for (const span of line) {
    for (const word of span.text.match(WORD_PATTERN) ?? []) {
      const width = countColumns(word);
      if (used + width <= columns) put(word, span);
      else if (/^\s/.test(word)) breakRow();
      else {
        if (used > INDENT_COLUMNS && (width <= columns - INDENT_COLUMNS || URL_PATTERN.test(word))) {
          breakRow();
        }
        if (used + width <= columns || URL_PATTERN.test(word)) put(word, span);
        else {for (const cell of splitGraphemes(word)) {
            if (used + countColumns(cell) > columns) breakRow();
            put(cell, span);
          }}
      }
    }
  }
  return rows.map(mergeSpans);
}

function indent(line: readonly StyledSpan[]): StyledSpan[] {
  return [{ text: " ".repeat(INDENT_COLUMNS) }, ...line];
}

/** Neighbours of one style become one span. */
function mergeSpans(row: readonly StyledSpan[]): StyledSpan[] {
  const merged: StyledSpan[] = [];
  for (const span of row) {
    const last = merged.at(-1);
    if (last !== undefined && last.style === span.style) {
      merged[merged.length - 1] = { ...last, text: last.text + span.text };
    } else merged.push(span);
  }
  return merged;
}

/** The line's characters. */
export function formatAnsi(line: readonly StyledSpan[], palette: Palette): string {
  return line.map(({ text, style }) => style === undefined ? text : palette[style](text)).join("");
}
