/**
 * Renders an entry as plain lines, for screen readers and programs such as expect (`join --plain`). A line begins with a
 * word that says what it is, unless it is a message to a room or tells what has happened there:
 *
 *     14:11 carol: hello                     message in the current room
 *     14:11 #dev carol: hello                message in another room
 *     14:11 action carol waves               CTCP action (/me); also: notice
 *     mention 14:11 carol: alice, hello      message that mentions the reader, or a reply to theirs
 *     direct 14:11 carol: psst               direct message; one of ours: direct 14:11 alice to carol: psst
 *     more carol: the second line            further line of a message
 *     14:11 carol joined #dev                what has happened
 *     note 1 person in #dev: alice           answer, or a text of the program
 *     error no such name                     failure
 *     found 20 Nov 2026 11:02 #dev <bob> …   found by a search
 *     server irc.example.net: …              message of the server
 *
 * The name of a sender has a colon behind it, or `action` before it, so that no message passes for anything else. With
 * `hasTimes` off the times are left out. Pure.
 */
import { toPrintable, toPrintableText } from "../../base/printable_text.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";
import type { ChatEntry, MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import { mentionsUser } from "../../client/conversation/model/mention.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { renderEntry } from "./entry_view.ts";
import type { RenderContext } from "./spans.ts";

/** The lines of `entry` as `reader` sees it: one, but for a message of several lines. */
export function renderPlainEntry(
  entry: ChatEntry,
  reader: RenderContext,
  local: LocalTime,
  hasTimes: boolean,
): string[] {
  const time = hasTimes ? `${local.clock(entry.time)} ` : "";
  return entry.kind === "message"
    ? renderMessage(entry, reader, time)
    : [renderOther(entry, reader, local, time)];
}

function renderMessage(entry: MessageEntry, reader: RenderContext, time: string): string[] {
  const { channel, manner } = entry;
  const from = toPrintable(entry.from);
  const isOwn = isSameName(entry.from, reader.nick);
  const isMention = channel !== undefined && !isOwn && mentionsUser(entry, reader.nick, reader.highlights);
  const kind = channel === undefined ? "direct " : isMention ? "mention " : "";
  const isElsewhere = channel !== undefined &&
    (reader.channel === undefined || !isSameName(channel, reader.channel));
  const place = isElsewhere ? `${toPrintable(channel)} ` : "";
  const to = channel === undefined && isOwn ? ` to ${toPrintable(entry.to)}` : "";
  const speaker = manner === "did"
    ? `action ${from}${to} `
    : `${manner === "notice" ? "notice " : ""}${from}${to}: `;
  const [first = "", ...rest] = `${entry.text}${describeReferences(entry)}`.split("\n").map(toPrintableText);
  return [kind + time + place + speaker + first, ...rest.map((line) => `more ${from}: ${line}`)];
}

function describeReferences({ replyTo, quoted, replaces }: MessageEntry): string {
  const to = quoted === undefined ? "an earlier message" : `${quoted.of}: «${quoted.excerpt}»`;
  return (replyTo === undefined ? "" : ` (reply to ${to})`) + (replaces === undefined ? "" : " (edited)");
}

/** The mark of a line at a terminal. */
const MARK = /^(?:-->|<--|---|!!!) /;

function renderOther(entry: ChatEntry, reader: RenderContext, local: LocalTime, time: string): string {
  const line = renderEntry(entry, reader, local).map(({ text }) => text).join("");
  const marked = line.slice(local.clock(entry.time).length + 1);
  const text = marked.replace(MARK, "");
  if (marked.startsWith("!!! ")) return `error ${text}`;
  switch (entry.kind) {
    case "gap":
    case "unread":
    case "heading":
    case "note":
      return `note ${text}`;
    case "found":
    case "server":
      return `${entry.kind} ${text}`;
    default:
      return time + text;
  }
}
