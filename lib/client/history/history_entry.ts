/** A message as a reader of the log sees it, whether it came live, from the history, or out of a file. */
import type { Message } from "../../irc/message.ts";
import { parseSource } from "../../irc/message.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { SEQ_TAG } from "../../irc/vendor_extensions.ts";
import { parseWireCount, parseWireTime } from "../../irc/wire_number.ts";

export interface HistoryEntry {
  /** Place in the server's log; undefined on servers that do not tell. */
  readonly seq: number | undefined;
  readonly id: string | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The channel it was said in, or undefined for a direct message. */
  readonly channel: string | undefined;
  readonly from: string;
  /** Whom it was said to: the channel, or a person. */
  readonly to: string;
  readonly type: "message" | "notice" | "action";
  /** With a line feed between lines, where it has several. */
  readonly text: string;
}

/** CTCP ACTION, what `/me` sends (modern, "Client-to-Client Protocol"); the closing \x01 may be missing. */
// deno-lint-ignore no-control-regex
const ACTION = /^\u0001ACTION (.*?)\u0001?$/s;

/** The entry in `message`; undefined when it is none that history keeps. `now` stands in for a time that is not given. */
export function parseHistoryEntry(message: Message, now: number): HistoryEntry | undefined {
  const { command, params, source, tags } = message;
  const [to, text] = params;
  if (command !== "PRIVMSG" && command !== "NOTICE" || source === undefined || to === undefined) {
    return undefined;
  }
  return makeHistoryEntry({
    seq: parseWireCount(tags.get(SEQ_TAG)),
    id: tags.get("msgid"),
    time: parseWireTime(tags.get("time")) ?? now,
    channel: to.startsWith("#") ? to : undefined,
    from: parseSource(source).nick,
    to,
    notice: command === "NOTICE",
    text: text ?? "",
  });
}

/** An entry of its parts: `/me` is told from the rest by its text. */
export function makeHistoryEntry(
  { notice, text, ...rest }: Omit<HistoryEntry, "type"> & { notice: boolean },
): HistoryEntry {
  const action = notice ? null : ACTION.exec(text);
  return { ...rest, type: notice ? "notice" : action ? "action" : "message", text: action?.[1] ?? text };
}

/** The other one of a direct message, seen by `me`. Undefined in a channel. */
export function findDirectPartner(entry: HistoryEntry, me: string): string | undefined {
  if (entry.channel !== undefined) return undefined;
  return casefold(entry.from) === casefold(me) ? entry.to : entry.from;
}
