import { utf8Length } from "../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../irc/limits.ts";
import type { HubContext } from "../context.ts";
import { sessionNick } from "../model/state/entities.ts";
import type { Session } from "../model/state/entities.ts";
import { joinToLines } from "../output/line_limits.ts";

/** As many numerics `<lead>:<word>{<separator><word>}` as `words` need; none where there are no words. */
export function sendWordList(
  context: HubContext,
  session: Session,
  code: string,
  lead: string,
  words: Iterable<string>,
  separator = " ",
): void {
  const nick = sessionNick(session);
  const around = utf8Length(`:${context.config.serverName} ${code} ${nick} ${lead}:`) + CRLF_BYTES;
  for (const line of joinToLines(words, separator, MAX_LINE_BYTES - around)) {
    context.numeric(session, code, `${lead}:${line}`);
  }
}
