/** Who is typing in the open conversation. */
import type { JSX } from "preact";
import type { ChatSession } from "../state/chat_session.ts";

export function Typing({ session }: { readonly session: ChatSession }): JSX.Element {
  return <>{describeTyping(session.typing.value)}</>;
}

/** `alice and bob are typing`. */
function describeTyping(names: readonly string[]): string {
  if (names.length === 0) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  return names.length === 2
    ? `${names[0]} and ${names[1]} are typing…`
    : `${names.length} people are typing…`;
}
