/** Lists of words that may be too long for one line. */
import { utf8Length } from "../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../irc/limits.ts";
import type { Hub } from "../hub.ts";
import type { Session } from "../model/state/state.ts";

/** `words`, joined by `separator` (ASCII) into as few texts as it takes for none to be longer than `maxBytes`. */
export function joinToLines(words: Iterable<string>, separator: string, maxBytes: number): string[] {
  const lines: string[] = [];
  let line = "";
  let length = 0;
  for (const word of words) {
    const bytes = utf8Length(word);
    if (line !== "" && length + separator.length + bytes > maxBytes) {
      lines.push(line);
      line = "";
    }
    length = line === "" ? bytes : length + separator.length + bytes;
    line = line === "" ? word : line + separator + word;
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** As many numerics `<lead>:<word>{<separator><word>}` as `words` need; none where there are no words. */
export function sendWordList(
  hub: Hub,
  session: Session,
  code: string,
  lead: string,
  words: Iterable<string>,
  separator = " ",
): void {
  const nick = session.user?.nick ?? session.nick;
  const around = utf8Length(`:${hub.config.serverName} ${code} ${nick} ${lead}:`) + CRLF_BYTES;
  for (const line of joinToLines(words, separator, MAX_LINE_BYTES - around)) {
    hub.numeric(session, code, `${lead}:${line}`);
  }
}
