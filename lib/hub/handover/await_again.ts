import { parseMessage } from "../../irc/message.ts";
import { dispatch } from "../dispatch.ts";
import type { Hub } from "../hub.ts";
import type { Session } from "../model/state/entities.ts";
import { LineState } from "../model/work_steps.ts";
import { parseMsgid } from "../output/render.ts";
import type { AwaitedReceipt } from "./session_state.ts";

/** Has a restored session await its receipts again; those that are due are answered. */
export function awaitAgain(
  hub: Hub,
  session: Session,
  receipts: readonly AwaitedReceipt[],
  now: number,
): void {
  const { context, services } = hub;
  for (const { what, msgid, label } of receipts) {
    const message = parseMessage(`AWAIT ${what} ${msgid}`);
    const seq = parseMsgid(msgid, context.config.logId);
    // Of a message that only an archive has, the line would wait for that.
    if (message === undefined || seq === undefined || services.history.timeOf(seq) === undefined) {
      const line =
        `:${context.config.serverName} FAIL AWAIT NO_SUCH_MESSAGE ${msgid} :The server was restarted`;
      context.sendLabeled(session, label, line);
      continue;
    }
    const line = new LineState();
    line.label = label;
    const { suspendedLine } = session.connection;
    session.connection.suspendedLine = line;
    hub.resume(session, () => dispatch(context, services, session, message), now);
    session.connection.suspendedLine = suspendedLine;
  }
}
