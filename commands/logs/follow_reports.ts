/** What a follower of a room is told beside its messages, as one line. Not yet printable. */
import type { MessageExcerpt } from "../../lib/client/conversation/model/message_excerpts.ts";
import type { Reaction } from "../../lib/irc/reaction.ts";

export function describeRename(from: string, to: string): string {
  return `${from} is now called ${to}`;
}

export function describeRedaction(by: string, id: string, reason: string): string {
  return `${by} removed the message ${id}${reason === "" ? "" : ` (${reason})`}`;
}

/** `quoted`: the message reacted to, if it was seen. */
export function describeReaction(
  { from, text, removed }: Pick<Reaction, "from" | "text" | "removed">,
  quoted: MessageExcerpt | undefined,
): string {
  const of = quoted === undefined ? "an earlier message" : `${quoted.of}: «${quoted.excerpt}»`;
  return `${from} ${removed ? "removed the reaction" : "reacted"} ${text} to ${of}`;
}
