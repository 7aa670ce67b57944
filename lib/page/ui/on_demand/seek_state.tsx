/** The way to a message that is read from history. */
import type { JSX } from "preact";
import type { ChatSession } from "../../state/chat_session.ts";
import { enterSought } from "../../state/late/message_places.ts";
import { formatFullTime } from "../../state/time_text.ts";

/** A message is on its way from history, or why it does not come. */
export function SeekState({ session }: { readonly session: ChatSession }): JSX.Element | null {
  const seek = session.seek.value;
  if (seek === undefined) return null;
  const { fault, room, count, time } = seek;
  return (
    <div class="notice" role="status">
      <span>
        {fault ||
          `Looking for the message: ${count} read${
            time === undefined ? "" : `, back to ${formatFullTime(time)}`
          }`}
      </span>
      {room === undefined
        ? null
        : (
          <button type="button" class="link-button" onClick={() => enterSought(session)}>
            Enter {room}
          </button>
        )}
      <button type="button" class="link-button" onClick={() => session.seek.value = undefined}>
        {fault === "" ? "Stop" : "Close"}
      </button>
    </div>
  );
}
