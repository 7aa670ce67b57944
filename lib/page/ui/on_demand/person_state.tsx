/** The other person of a direct conversation, in the head of it. */
import { useEffect } from "preact/hooks";
import type { JSX } from "preact";
import { formatPresence } from "../../model/presence.ts";
import type { ChatSession } from "../../state/chat_session.ts";
import { formatClock } from "../../state/time_text.ts";

/** Whether the other person of a direct conversation is there. */
export function PersonState(
  { session, nick }: { readonly session: ChatSession; readonly nick: string },
): JSX.Element {
  const presence = session.presenceOf(nick);
  const { state, text } = presence;
  useEffect(() => {
    if (state === "online" || state === "away" && text === "") session.presenceRequests.askPerson(nick);
  }, [nick, state, text]);
  return <p class="head-topic" dir="auto">{formatPresence(presence, formatClock)}</p>;
}
