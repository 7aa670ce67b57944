/** What can be done with a message that waits to be sent while there is no connection. */
import type { JSX } from "preact";
import type { MessageRow } from "../../model/row.ts";
import type { ChatSession } from "../../state/chat_session.ts";

export function UnsentActions(
  { row, session }: { readonly row: MessageRow; readonly session: ChatSession },
): JSX.Element | null {
  if (session.status.value.kind === "live" || !session.canWithdraw(row)) return null;
  return (
    <div class="unsent">
      Not sent yet.{" "}
      <button type="button" class="link-button" onClick={() => session.withdraw(row, true)}>Edit</button>{" "}
      <button type="button" class="link-button" onClick={() => session.withdraw(row, false)}>
        Discard
      </button>
    </div>
  );
}
