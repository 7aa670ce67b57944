/**
 * OperServ: a message from a server operator is run as a command of the server's console
 * (`server/console/command_table.ts`) and answered by notices. It is not recorded in the history, but reported in the
 * server's own log.
 */
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../../irc/limits.ts";
import { splitText } from "../../../irc/text_splitter.ts";
import { utf8Length } from "../../../base/bytes.ts";
import type { HubContext, Services } from "../../context.ts";
import type { Session, User } from "../../model/state/entities.ts";
import { notServerOperator } from "../../fanout/replies.ts";

/** Reserved: no client can have this nick. */
export const OPERSERV = "OperServ";

export function runOperServCommand(
  context: HubContext,
  _services: Services,
  session: Session,
  user: User,
  text: string,
): void {
  if (!user.isServerOperator) {
    return notServerOperator(context, session);
  }
  context.suspend(session, {
    kind: "command",
    session,
    user,
    line: text,
    done: (lines) => {
      const head = `:${OPERSERV}!services@${context.config.serverName} NOTICE ${user.nick} :`;
      const maxBytes = MAX_LINE_BYTES - CRLF_BYTES - utf8Length(head);
      const shown = lines.length === 0 ? ["done"] : lines;
      for (const line of shown.flatMap((each) => splitText(each, maxBytes))) {
        context.send(session, head + line);
      }
    },
  });
}
