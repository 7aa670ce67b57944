/** What can be done with a message that waits to be sent while there is no connection. */
import type { JSX } from "preact";
import type { MessageRow } from "../../model/row.ts";
import type { ChatSession } from "../../state/chat_session.ts";
import { canWithdraw, dismiss, retry, rewrite, withdraw } from "../../state/late/unsent_messages.ts";

interface Props {
  readonly row: MessageRow;
  readonly session: ChatSession;
}

export function UnsentActions({ row, session }: Props): JSX.Element | null {
  if (session.status.value.kind === "live" || !canWithdraw(session, row)) return null;
  return (
    <div class="unsent">
      Not sent yet.{" "}
      <button type="button" class="link-button" onClick={() => withdraw(session, row, true)}>Edit</button>
      {" "}
      <button type="button" class="link-button" onClick={() => withdraw(session, row, false)}>
        Discard
      </button>
    </div>
  );
}

/** What can be done with a message that could not be delivered. */
export function FailureActions({ row, session }: Props): JSX.Element {
  return (
    <>
      <button type="button" class="link-button" onClick={() => retry(session, row)}>Send again</button>{" "}
      <button type="button" class="link-button" onClick={() => rewrite(session, row)}>Edit</button>{" "}
      <button type="button" class="link-button" onClick={() => dismiss(session, row)}>Discard</button>
    </>
  );
}
