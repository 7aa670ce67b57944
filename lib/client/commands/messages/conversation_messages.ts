/** The message of a conversation that a command is about. Pure. */
import { isSameName } from "../../../irc/names/casemap.ts";
import type { Chat } from "../../conversation/chat.ts";
import type { ShownMessage } from "../../conversation/model/message_excerpts.ts";
import { formatCounted } from "../../conversation/model/room_text.ts";
import { splitFirstWord } from "../arguments.ts";

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
  /** 1: the last one, 2: the one before, … */
  readonly count: number;
  readonly of: MessageSender;
}

/** Any other person, we ourselves, or the person with this nick. */
export type MessageSender = "others" | "own" | { readonly nick: string };

export type FoundMessage = ShownMessage & { readonly id: string };

/** The message in the conversation `where`; or why there is none. `to`: what it is for, behind `here`. */
export function findMessage(
  chat: Chat,
  where: string,
  { count, of }: WantedMessage,
  to: string,
): FoundMessage | { readonly missing: string } {
  const isWanted = (message: ShownMessage) =>
    of === "others" ? !message.isOwn : of === "own" || isSameName(message.of, of.nick);
  const shown = chat.excerpts.listShown(where, of === "own").filter(isWanted);
  const message = shown.at(-count);
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
  return id === undefined ? { missing: `the server has no id for «${excerpt}»` } : { ...message, id };
}

/** `alice: «two retries…»`. */
export function describeMessage({ of, excerpt }: ShownMessage): string {
  return `${of}: «${excerpt}»`;
}
