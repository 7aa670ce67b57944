/** MOTD, LUSERS, VERSION (modern, "Server Queries and Commands"). */
import { ERR_NOSUCHSERVER, RPL_VERSION } from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { maskMatches } from "../../irc/mask.ts";
import { casefold } from "../../irc/casemap.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import type { Session } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { sayIsupport, sayLusers, sayMotd } from "../welcome.ts";

function motd(hub: Hub, session: Session, message: Message): void {
  if (isHere(hub, session, message.params[0])) sayMotd(hub, session);
}

function version(hub: Hub, session: Session, message: Message): void {
  if (!isHere(hub, session, message.params[0])) return;
  hub.numeric(
    session,
    RPL_VERSION,
    `chatterbox-${hub.config.version} ${hub.config.serverName} :https://modern.ircdocs.horse`,
  );
  sayIsupport(hub, session);
}

/** The target of a server query is this server, by name or mask, or the nick of somebody on it. */
function isHere(hub: Hub, session: Session, target: string | undefined): boolean {
  if (target === undefined || hub.state.user(target) !== undefined) return true;
  if (maskMatches(casefold(target), casefold(hub.config.serverName))) return true;
  hub.numeric(session, ERR_NOSUCHSERVER, `${quoted(target)} :No such server`);
  return false;
}

export const SERVER_VERBS: VerbTable = {
  MOTD: { min: 0, who: "session", run: motd },
  LUSERS: { min: 0, who: "session", run: sayLusers },
  VERSION: { min: 0, who: "session", run: version },
};
