/** A message as a reader of the log sees it, whether it came live, from the history, or out of a file. */
import type { Message } from "../irc/message.ts";
import { parseSource } from "../irc/message.ts";
import { casefold } from "../irc/casemap.ts";
import { SEQ_TAG } from "../irc/vendor.ts";
import { wireCount, wireTime } from "../irc/wire_number.ts";

export interface Entry {
  /** Place in the server's log; undefined on servers that do not tell. */
  readonly seq: number | undefined;
  readonly id: string | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The room it was said in, or undefined for a direct message. */
  readonly room: string | undefined;
  readonly from: string;
  /** Whom it was said to: the room, or a person. */
  readonly to: string;
  readonly type: "message" | "notice" | "action";
  /** With a line feed between lines, where it has several. */
  readonly text: string;
}

/** CTCP ACTION, what `/me` sends (modern, "Client-to-Client Protocol"); the closing \x01 may be missing. */
// deno-lint-ignore no-control-regex
const ACTION = /^\u0001ACTION (.*?)\u0001?$/s;

/** The entry in `message`; undefined when it is none that history keeps. `now` stands in for a time that is not given. */
export function entryOf(message: Message, now: number): Entry | undefined {
  const { command, params, source, tags } = message;
  const [to, text] = params;
  if (command !== "PRIVMSG" && command !== "NOTICE" || source === undefined || to === undefined) {
    return undefined;
  }
  return makeEntry({
    seq: wireCount(tags.get(SEQ_TAG)),
    id: tags.get("msgid"),
    time: wireTime(tags.get("time")) ?? now,
    room: to.startsWith("#") ? to : undefined,
    from: parseSource(source).nick,
    to,
    notice: command === "NOTICE",
    text: text ?? "",
  });
}

/** An entry of its parts: `/me` is told from the rest by its text. */
export function makeEntry({ notice, text, ...rest }: Omit<Entry, "type"> & { notice: boolean }): Entry {
  const action = notice ? null : ACTION.exec(text);
  return { ...rest, type: notice ? "notice" : action ? "action" : "message", text: action?.[1] ?? text };
}

/** The other one of a direct message, seen by `me`. Undefined in a room. */
export function partnerOf(entry: Entry, me: string): string | undefined {
  if (entry.room !== undefined) return undefined;
  return casefold(entry.from) === casefold(me) ? entry.to : entry.from;
}
