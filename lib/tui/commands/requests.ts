/** What most slash commands do: check the names, and send one command. Pure. */
import { KICKLEN } from "../../irc/limits.ts";
import type { MessageParts } from "../../irc/message.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import type { Chat } from "../../client/conversation/chat.ts";
import type { ChangePurpose } from "../../client/conversation/effects.ts";
import { isTarget, joinLines } from "./arguments.ts";

/** Sends a command that changes something on the server. */
export function requestChange(
  chat: Chat,
  message: MessageParts,
  now: number,
  success: Omit<ChangePurpose, "for"> = {},
): void {
  chat.ask(message, { for: "change", ...success }, now);
}

/** `target`, or the current channel where none is named; undefined: there is none, and the person is told. */
export function resolveTarget(chat: Chat, target: string | undefined, now: number): string | undefined {
  const resolved = target ?? chat.channel;
  if (resolved === undefined) {
    chat.refuse("you are not in a room; name one", now);
    return undefined;
  }
  return checkTargets(chat, [resolved], now) ? resolved : undefined;
}

/** Whether each of `words` can be a name; if not, the person is told. */
export function checkTargets(chat: Chat, words: readonly string[], now: number): boolean {
  const wrong = words.find((word) => !isTarget(word));
  if (wrong !== undefined) chat.refuse(`${wrong} is not a valid name`, now);
  return wrong === undefined;
}

/** The reason as a parameter, or none. */
export function makeReasonParams(reason: string, maxBytes = KICKLEN): string[] {
  const text = truncateText(joinLines(reason), maxBytes);
  return text === "" ? [] : [text];
}
