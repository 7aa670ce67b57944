/**
 * Renders an entry as one line of styled text. Every kind has a mark of its own, so that nothing depends on
 * colour:
 *
 *     12:34 <bob> hi                       message in the current channel
 *     12:34 #dev <bob> hi                  message in another channel
 *     12:34 >>> <bob> alice: hi            mention: the reader's nick, or a highlight word, or a reply to them
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
import { toPrintable } from "../../base/printable_text.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import type { ChatEntry } from "../../client/conversation/model/chat_entry.ts";
import { describeGapIn } from "../../client/conversation/model/gap_text.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";
import { describeUnread } from "../../client/conversation/model/unread_text.ts";
import {
  renderChannelChange,
  renderOwnRemoval,
  renderPresence,
  renderReaction,
  renderRedaction,
  renderRemoval,
} from "./event_view.ts";
import { renderDirect, renderFound, renderMessage } from "./message_view.ts";
import { makeDim, makeName } from "./spans.ts";
import type { RenderContext } from "./spans.ts";
import { NEXT_LINE } from "./styled_line.ts";
import type { StyledSpan } from "./styled_line.ts";

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
export function renderEntryBody(entry: ChatEntry, reader: RenderContext, local: LocalTime): StyledSpan[] {
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
      return [makeDim("--- "), { text: toPrintable(entry.text) }];
    case "note":
      return [
        makeDim("--- "),
        ...entry.about === "help" ? renderLines(entry.text) : [{ text: toPrintable(entry.text) }],
      ];
    case "server":
      return [makeDim(`--- ${toPrintable(entry.from)}: `), { text: toPrintable(entry.text) }];
    case "alarm":
      return [{ text: `!!! ${toPrintable(entry.text)}`, style: "alarm" }];
    default:
      return unreachable(entry);
  }
}

/** A text of the program: what is received has one line. */
function renderLines(text: string): StyledSpan[] {
  return text.split("\n").flatMap((line, index) => [
    ...index === 0 ? [] : [NEXT_LINE],
    { text: toPrintable(line) },
  ]);
}
