/**
 * An entry as one line of styled text. Every kind has a mark of its own, so that nothing depends on colour:
 *
 *     12:34 <bob> hi                       said to the room
 *     12:34 <bob> >>> alice: hi            said to the room, with our name in it
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
import { unreachable } from "../base/assert.ts";
import { printable, printableText } from "../base/printable.ts";
import type { Palette } from "../cli/output.ts";
import { casefold, sameName } from "../irc/casemap.ts";
import { isRoomName } from "../irc/names.ts";
import type { Entry, Manner } from "./entry.ts";
import { gapText } from "./gap_text.ts";
import { unreadText } from "./unread_text.ts";
import { columnsOf, graphemes } from "./width.ts";

/** A piece of a line, safe to show, and how to paint it. */
export interface Span {
  readonly text: string;
  readonly style?: keyof Palette;
}

/** Local time, given from outside because it depends on where the reader is. */
export interface LocalTime {
  /** `12:34`. */
  clock(time: number): string;
  /** `Friday, 20 November 2026`: equal exactly for times of one day. */
  day(time: number): string;
  /** `20 Nov`. */
  date(time: number): string;
}

export interface Reader {
  readonly nick: string;
  /** Messages to another room bear its name. */
  readonly room: string | undefined;
}

/** The line for `entry` as `reader` sees it. */
export function render(entry: Entry, reader: Reader, local: LocalTime): Span[] {
  return [{ text: local.clock(entry.time) + " ", style: "dim" }, ...body(entry, reader, local)];
}

/** The line that stands between entries of different days. */
export function renderDay(time: number, local: LocalTime): Span[] {
  return [{ text: `      --- ${local.day(time)}`, style: "dim" }];
}

function body(entry: Entry, reader: Reader, local: LocalTime): Span[] {
  const name = (nick: string): Span => ({ text: printable(nick), style: "name" });
  const room = (room: string): Span => ({ text: printable(room), style: "room" });
  switch (entry.kind) {
    case "message": {
      const elsewhere = reader.room === undefined || !sameName(entry.room, reader.room);
      const meant = !sameName(entry.from, reader.nick) && mentions(entry.text, reader.nick);
      return [
        ...meant ? [MENTION] : [],
        ...elsewhere ? [room(entry.room), { text: " " }] : [],
        ...speaker(entry.manner, name(entry.from)),
        ...said(entry.text, meant ? "bold" : undefined),
      ];
    }
    case "direct":
      return [
        { text: "[", style: "direct" },
        name(entry.from),
        { text: " -> ", style: "direct" },
        name(entry.to),
        { text: "] ", style: "direct" },
        ...entry.manner === "did" ? speaker("did", name(entry.from)) : [],
        ...said(entry.text),
      ];
    case "joined":
      return [dim("--> "), name(entry.nick), dim(" came in to "), room(entry.room)];
    case "left":
      return [dim("<-- "), name(entry.nick), dim(" left "), room(entry.room), ...because(entry.reason)];
    case "removed":
      if (sameName(entry.nick, reader.nick)) return removed(entry);
      return [
        dim("<-- "),
        name(entry.nick),
        dim(" was removed from "),
        room(entry.room),
        dim(" by "),
        name(entry.by),
        ...because(entry.reason),
      ];
    case "gone":
      return [dim("<-- "), name(entry.nick), dim(" is gone"), ...because(entry.reason)];
    case "renamed":
      return [dim("--- "), name(entry.from), dim(" is now called "), name(entry.to)];
    case "mode":
      return [
        dim("--- "),
        name(entry.by),
        { text: ` ${printable(entry.text)}` },
        dim(" ("),
        room(entry.room),
        dim(")"),
      ];
    case "invited":
      return [
        dim("--- "),
        name(entry.by),
        { text: " invites you to " },
        room(entry.room),
        { text: `: /join ${printable(entry.room)}` },
      ];
    case "topic":
      return [
        dim("--- "),
        name(entry.by),
        ...entry.text === ""
          ? [dim(" removed the topic of "), room(entry.room)]
          : [dim(" set the topic of "), room(entry.room), dim(": "), { text: printableText(entry.text) }],
      ];
    case "room_renamed":
      return [
        dim("--- "),
        name(entry.by),
        dim(" has renamed "),
        room(entry.from),
        dim(": it is called "),
        room(entry.to),
        dim(" now"),
        ...because(entry.reason),
      ];
    case "taken_back":
      return takenBack(entry, reader, local);
    case "reaction":
      return reaction(entry, reader);
    case "gap":
      return [dim("--- "), { text: printable(gapText(entry, reader.room, local)), style: "alarm" }];
    case "unread":
      return [dim("--- "), { text: printable(unreadText(entry, reader.room, local)), style: "bold" }];
    case "note":
      return [dim("--- "), { text: printable(entry.text) }];
    case "server":
      return [dim(`--- ${printable(entry.from)}: `), { text: printable(entry.text) }];
    case "alarm":
      return [{ text: `!!! ${printable(entry.text)}`, style: "alarm" }];
    default:
      return unreachable(entry);
  }
}

function takenBack(entry: Entry & { kind: "taken_back" }, reader: Reader, local: LocalTime): Span[] {
  const { by, of, at, target } = entry;
  const elsewhere = isRoomName(target) && (reader.room === undefined || !sameName(target, reader.room));
  return [
    dim("--- "),
    { text: printable(by), style: "name" },
    dim(" has removed a message"),
    ...of === undefined || sameName(of, by)
      ? []
      : [dim(" of "), { text: printable(of), style: "name" } as const],
    ...at === undefined ? [] : [dim(` said at ${local.clock(at)}`)],
    ...elsewhere ? [dim(" in "), { text: printable(target), style: "room" } as const] : [],
    ...because(entry.reason),
  ];
}

function reaction(entry: Entry & { kind: "reaction" }, reader: Reader): Span[] {
  const { room, from, text, removed, of, excerpt } = entry;
  const elsewhere = room !== undefined && (reader.room === undefined || !sameName(room, reader.room));
  return [
    dim("--- "),
    { text: printable(from), style: "name" },
    dim(removed ? " takes back " : " reacted "),
    { text: printable(text) },
    dim(" to "),
    ...of === undefined
      ? [dim("an earlier message")]
      : [{ text: printable(of), style: "name" } as const, dim(`: «${printableText(excerpt ?? "")}»`)],
    ...elsewhere ? [dim(" in "), { text: printable(room), style: "room" } as const] : [],
  ];
}

/** We are out of a room by somebody's will: that must not be overlooked. */
function removed({ room, by, reason }: Entry & { kind: "removed" }): Span[] {
  const why = reason === "" ? "" : ` (${reason})`;
  const text =
    `you were removed from ${room} by ${by}${why}; you do not hear it any more (back in: /join ${room})`;
  return [{ text: `!!! ${printable(text)}`, style: "alarm" }];
}

function said(text: string, style?: "bold"): Span[] {
  return text.split("\n").flatMap((line, index) => [
    ...index === 0 ? [] : [NEXT_LINE],
    { text: printableText(line), ...style && { style } },
  ]);
}

/** In front of a message whose text holds the reader's name: before the sender, where nothing that a person types can stand. */
const MENTION: Span = { text: ">>> ", style: "bold" };

function dim(text: string): Span {
  return { text, style: "dim" };
}

function speaker(manner: Manner, name: Span): Span[] {
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

function because(reason: string): Span[] {
  return reason === "" ? [] : [dim(` (${printableText(reason)})`)];
}

const NAME_CHARACTER = /[\p{L}\p{M}\p{N}[\]\\`_^{|}-]/u;

/** True when `text` holds `nick` as a word of its own. */
export function mentions(text: string, nick: string): boolean {
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
const NEXT_LINE: Span = { text: "\n" + " ".repeat(INDENT_COLUMNS) };

/** An address stays in one piece, so that a terminal can tell where it ends. */
const ADDRESS = /^https?:\/\/[\x21-\x7e]+$/;

/** Chinese and Japanese are written without spaces: a row may end behind each of their characters. */
const WORDS =
  /\s+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3001-\u303f\uff01-\uff60]|[^\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3001-\u303f\uff01-\uff60]+/gu;

/** Breaks `line` at spaces into rows of at most `columns`, those after the first indented. The rows joined say the same. */
export function wrap(line: readonly Span[], columns: number): Span[][] {
  const next = line.indexOf(NEXT_LINE);
  if (next >= 0) {
    return [...wrap(line.slice(0, next), columns), ...wrap(indented(line.slice(next + 1)), columns)];
  }
  if (columns <= 2 * INDENT_COLUMNS) return [[...line]];
  const rows: Span[][] = [[]];
  let used = 0;
  const breakRow = () => {
    rows.push([{ text: " ".repeat(INDENT_COLUMNS) }]);
    used = INDENT_COLUMNS;
  };
  const put = (text: string, span: Span) => {
    rows.at(-1)!.push({ ...span, text });
    used += columnsOf(text);
  };
  for (const span of line) {
    for (const word of span.text.match(WORDS) ?? []) {
      const width = columnsOf(word);
      if (used + width <= columns) put(word, span);
      else if (/^\s/.test(word)) breakRow();
      else {
        if (used > INDENT_COLUMNS && (width <= columns - INDENT_COLUMNS || ADDRESS.test(word))) breakRow();
        if (used + width <= columns || ADDRESS.test(word)) put(word, span);
        else {for (const cell of graphemes(word)) {
            if (used + columnsOf(cell) > columns) breakRow();
            put(cell, span);
          }}
      }
    }
  }
  return rows.map(merge);
}

function indented(line: readonly Span[]): Span[] {
  return [{ text: " ".repeat(INDENT_COLUMNS) }, ...line];
}

/** Neighbours of one style become one span. */
function merge(row: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of row) {
    const last = merged.at(-1);
    if (last !== undefined && last.style === span.style) {
      merged[merged.length - 1] = { ...last, text: last.text + span.text };
    } else merged.push(span);
  }
  return merged;
}

/** The line's characters. */
export function paint(line: readonly Span[], palette: Palette): string {
  return line.map(({ text, style }) => style === undefined ? text : palette[style](text)).join("");
}
