/** The message of a conversation that a command is about. Pure. */
import { isSameName } from "../../../irc/names/casemap.ts";
import type { Chat } from "../../conversation/chat.ts";
import type { ShownMessage } from "../../conversation/model/message_excerpts.ts";
import { formatCounted } from "../../conversation/model/room_text.ts";
import { splitFirstWord } from "../arguments.ts";
import { findLineStart, listByOrder } from "./line_start.ts";

/** `N` of a command: 1 to 99. A longer number is text. */
const COUNT_PATTERN = /^[1-9]\d?$/;

/** The number that `text` begins with, a word of its own, and what follows it; undefined: there is none. */
export function splitCount(text: string): [count: number | undefined, rest: string] {
  const [word, rest] = splitFirstWord(text);
  return isCount(word) ? [Number(word), rest] : [undefined, text];
}

export function isCount(word: string): boolean {
  return COUNT_PATTERN.test(word);
}

/** Which message is meant, of those that were shown as they came. */
export interface WantedMessage {
  /** 1: the last one, 2: the one before, …; undefined: the last one when the person began the line. */
  readonly count: number | undefined;
  readonly of: MessageSender;
}

/** Any other person, we ourselves, or the person with this nick. */
export type MessageSender = "others" | "own" | { readonly nick: string };

export type FoundMessage = ShownMessage & {
  readonly id: string;
  /** Others that might be meant have come since the person began the line. */
  readonly isOvertaken?: true;
};

/** The message in the conversation `where`; or why there is none. `to`: what it is for, behind `here`. */
export function findMessage(
  chat: Chat,
  where: string,
  { count, of }: WantedMessage,
  to: string,
): FoundMessage | { readonly missing: string } {
  const isWanted = (message: ShownMessage) =>
    of === "others" ? !message.isOwn : of === "own" || isSameName(message.of, of.nick);
  const shown = listByOrder(chat, where, of === "own").filter(isWanted);
  const start = count === undefined ? findLineStart(chat) : undefined;
  const meant = (of === "own" ? start?.own : start?.shown)?.filter(isWanted).at(-1);
  if (start !== undefined && shown.length > 0 && !isStillThere(chat, meant)) {
    return { missing: describeGone(meant, shown.at(-1)!) };
  }
  const message = meant === undefined ? shown.at(-(count ?? 1)) : refresh(chat, meant);
  if (message === undefined) {
    const [author, all] = of === "others"
      ? ["another person", "others"]
      : of === "own"
      ? ["yours", "yours"]
      : [of.nick, of.nick];
    const missing = shown.length === 0
      ? `there is no message of ${author} here ${to}`
      : `${formatCounted(shown.length, "message", "messages")} of ${all} came here, not ${count}`;
    return { missing };
  }
  const { id, excerpt } = message;
  if (id === undefined) return { missing: `the server has no id for «${excerpt}»` };
  return { ...message, id, ...meant !== undefined && shown.at(-1)!.id !== id && { isOvertaken: true } };
}

/** Says which message is meant, where a person may take another one for it. */
export function noteMeant(chat: Chat, message: FoundMessage, now: number): void {
  if (!message.isOvertaken) return;
  chat.note(`about ${describeMessage(message)}, the last one when you began the line`, now);
}

function isStillThere({ excerpts }: Chat, message: ShownMessage | undefined): boolean {
  return message !== undefined && (message.id === undefined || excerpts.get(message.id) !== undefined);
}

/** `message` as it is now: its room may be called otherwise. */
export function refresh({ excerpts }: Chat, message: ShownMessage): ShownMessage {
  return { ...message, ...excerpts.get(message.id) };
}

/** That there was no message when the person began the line, or that it is gone; `newest`: what they might mean now. */
function describeGone(meant: ShownMessage | undefined, newest: ShownMessage): string {
  const why = meant === undefined
    ? "there was none when you began the line"
    : `«${meant.excerpt}», the last one when you began the line, is gone`;
  return `${why}; 1 is ${describeMessage(newest)}`;
}

/** `alice: «two retries…»`. */
export function describeMessage({ of, excerpt }: ShownMessage): string {
  return `${of}: «${excerpt}»`;
}
