/** NOTICEs of the IRC services, and of the server in the name of HistServ. */
import { utf8Length } from "../../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../../irc/limits.ts";
import { splitText, truncateText } from "../../../irc/text_splitter.ts";
import type { HubContext } from "../../context.ts";
import { sessionNick } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";

/** A name that no client can have. */
export const HISTSERV = "HistServ";

/** Longest line of an answer: a terminal of 80 columns shows it in one row. */
const ANSWER_LINE_BYTES = 80;
/** A line with a command to type, which may be longer, so that the command can be copied as a whole. */
const HAS_COMMAND = /: \/(?:msg|nick) /;

/** Bound on names listed in one sentence; of more, only the number is given. */
const MAX_LISTED_NAMES = 8;
/** Bound in bytes on a name in such a sentence. */
const LISTED_NAME_MAX_BYTES = 30;

/** The part of a NOTICE to `session` before its text. */
export function formatNoticeHead(context: HubContext, session: Session, service: string): string {
  const nick = sessionNick(session);
  return `:${service}!services@${context.config.serverName} NOTICE ${nick} :`;
}

/**
 * Sends `text` as an answer of `service`: a NOTICE for each of its lines, and for each part of a line that is
 * too long.
 */
export function sendServiceNotice(
  context: HubContext,
  session: Session,
  service: string,
  text: string,
): void {
  const head = formatNoticeHead(context, session, service);
  const mostBytes = MAX_LINE_BYTES - CRLF_BYTES - utf8Length(head);
  for (const line of text.split("\n")) {
    const pieces = splitText(line, HAS_COMMAND.test(line) ? mostBytes : ANSWER_LINE_BYTES);
    for (const piece of pieces) context.send(session, head + piece.trimEnd());
  }
}

/** `names` as part of a sentence: all of them, or the first ones and the number of the others. */
export function formatNames(names: readonly string[]): string {
  const told = names.slice(0, MAX_LISTED_NAMES).map((name) => truncateText(name, LISTED_NAME_MAX_BYTES));
  const more = names.length - told.length;
  return told.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** "1 message", "2 messages"; `isLeast`: there are more, "more than 2 messages". */
export function formatMessageCount(count: number, isLeast = false): string {
  return `${isLeast ? "more than " : ""}${count} ${count === 1 ? "message" : "messages"}`;
}
