/**
 * OperServ: what a server operator says to it is a command of the server's console (`server/console/command_table.ts`), and is answered by
 * notices. It is not recorded; the server's own log tells of it.
 */
import { ERR_NOPRIVILEGES } from "../../../irc/numerics.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../../irc/limits.ts";
import { splitText } from "../../../irc/text_splitter.ts";
import { utf8Length } from "../../../base/bytes.ts";
import type { Hub } from "../../hub.ts";
import type { Session, User } from "../../model/state/entities.ts";

/** A name that no client can have. */
export const OPERSERV = "OperServ";

export function runOperServCommand(hub: Hub, session: Session, user: User, text: string): void {
  if (!user.isServerOperator) {
    return hub.numeric(session, ERR_NOPRIVILEGES, ":Permission Denied- You're not an IRC operator");
  }
  hub.suspend(session, {
    kind: "command",
    session,
    user,
    line: text,
    done: (lines) => {
      const head = `:${OPERSERV}!services@${hub.config.serverName} NOTICE ${user.nick} :`;
      const maxBytes = MAX_LINE_BYTES - CRLF_BYTES - utf8Length(head);
      const shown = lines.length === 0 ? ["done"] : lines;
      for (const line of shown.flatMap((each) => splitText(each, maxBytes))) hub.send(session, head + line);
    },
  });
}
