/** What a panel hides. */
import type { ChatSession } from "../state/chat_session.ts";

/** Closes the panel where it covers the conversation: in a narrow window. */
export function uncover({ panel }: ChatSession): void {
  if (matchMedia("(max-width: 1000px)").matches) panel.value = "none";
}
