/** Sending what a person has typed. Pure. */
import type { Chat } from "../../conversation/chat.ts";
import { splitForSending } from "../../conversation/model/multiline_text.ts";
import type { TypedMessage, UnsentMessage } from "../../conversation/unsent_message.ts";
import { checkTargets, currentTarget, describeNoTarget } from "../requests.ts";

/** Sends `text` to the current view, if something can be said there. */
export function sendToCurrentView(
  chat: Chat,
  text: string,
  manner: UnsentMessage["manner"],
  now: number,
): void {
  const target = currentTarget(chat);
  if (target !== undefined) return sendText(chat, { target, text, manner }, now);
  chat.refuse(`not sent: ${describeNoTarget(chat)}`, now);
}

/**
 * In as few messages as possible: where the server has multiline messages, lines stay together within its limits. A
 * reply, or what stands in the place of an earlier message, is the first of them.
 */
export function sendText(chat: Chat, message: TypedMessage, now: number): void {
  const { target, manner } = message;
  if (!checkTargets(chat, [target], now)) return;
  const pieces = splitTyped(chat, message);
  for (const [nth, piece] of pieces.entries()) {
    const next = nth === 0 ? { ...message, text: piece } : { target, manner, text: piece };
    if (chat.say(next, now)) continue;
    return chat.refuse(`too many messages are queued; not sent: ${pieces.slice(nth).join(" ")}`, now);
  }
}

/** What becomes of a line. */
export interface SendingPlan {
  readonly target: string;
  readonly messageCount: number;
}

/** Where `line` goes if it is entered now; undefined: it is a command, or nothing can be said in the current view. */
export function planSending(chat: Chat, line: string): SendingPlan | undefined {
  const target = currentTarget(chat);
  if (target === undefined || /^\/(?!\/)/.test(line)) return undefined;
  const text = line.startsWith("/") ? line.slice(1) : line;
  return { target, messageCount: splitTyped(chat, { target, text, manner: "said" }).length };
}

function splitTyped({ isOnline, features }: Chat, { target, text, manner }: TypedMessage): string[] {
  const known = features.multiline ?? (isOnline ? undefined : "unknown");
  return splitForSending(text, { target, manner }, manner === "did" ? undefined : known);
}
