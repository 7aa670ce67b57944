/** INBOX: a token with which a client puts lines into memory that it shares with the server (docs/protocol/inbox.md). */
import type { HubContext, Services } from "../../context.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";

function inbox(context: HubContext, _services: Services, session: Session): void {
  const { config } = context;
  const token = config.inbox?.grant(session.id);
  if (token !== undefined) {
    return context.send(session, `:${config.serverName} INBOX ${token} ${config.logId}`);
  }
  context.fail(session, "INBOX", "NO_INBOX", [], "This server has no inbox in shared memory");
}

export const INBOX_VERBS: VerbTable = {
  INBOX: { min: 0, who: "user", run: inbox },
};
