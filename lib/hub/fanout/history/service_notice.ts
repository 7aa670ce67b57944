/** NOTICEs of the service HistServ, and of the server in its name. */
import { truncateText } from "../../../irc/text_splitter.ts";
import type { HubContext } from "../../context.ts";
import { sessionNick } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";

/** A name that no client can have. */
export const HISTSERV = "HistServ";

/** Bound on names listed in one sentence; of more, only the number is given. */
const MAX_LISTED_NAMES = 8;
/** Bound in bytes on a name in such a sentence, so that the sentence fits one line. */
const LISTED_NAME_MAX_BYTES = 30;

/** The part of a NOTICE to `session` before its text. */
export function formatNoticeHead(context: HubContext, session: Session, service: string): string {
  const nick = sessionNick(session);
  return `:${service}!services@${context.config.serverName} NOTICE ${nick} :`;
}

export function sendServiceNotice(
  context: HubContext,
  session: Session,
  service: string,
  text: string,
): void {
  context.send(session, formatNoticeHead(context, session, service) + text);
}

/** `names` as part of a sentence: all of them, or the first ones and the number of the others. */
export function formatNames(names: readonly string[]): string {
  const told = names.slice(0, MAX_LISTED_NAMES).map((name) => truncateText(name, LISTED_NAME_MAX_BYTES));
  const more = names.length - told.length;
  return told.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** "1 message", "2 messages". */
export function formatMessageCount(count: number): string {
  return `${count} ${count === 1 ? "message" : "messages"}`;
}
