/** Bans and mutes of the server: the response to BANS in words. Pure. */
import { formatDuration } from "../../base/values/duration.ts";
import type { Message } from "../../irc/message.ts";
import { parseWireTime } from "../../irc/wire_number.ts";
import { parseChatEntry } from "../conversation/model/entry_parser.ts";

/**
 * `BANS <ban|mute> <mask> <until> <by> :<reason>`: until a time as in server-time, or `*`; a line `BANS *`
 * ends the list. Other lines of the response are shown as they are outside of one. `now` in milliseconds.
 */
export function describeServerBans(lines: readonly Message[], now: number): string[] {
  const texts: string[] = [];
  for (const line of lines) {
    const { command, params } = line;
    if (command !== "BANS") {
      const entry = parseChatEntry(line, now);
      if (entry !== undefined && "text" in entry) texts.push(entry.text);
      continue;
    }
    const [kind, mask, until = "*", by, reason = ""] = params;
    if (kind === "*" || mask === undefined) continue;
    const end = parseWireTime(until);
    const term = end === undefined ? "" : ` for another ${formatDuration(Math.max(0, end - now))}`;
    const what = kind === "mute" ? "is muted" : "is banned";
    texts.push(
      `${mask} ${what}${term}${by === undefined ? "" : `, by ${by}`}${reason === "" ? "" : `: ${reason}`}`,
    );
  }
  return texts.length === 0 ? ["there are no bans and no mutes on this server"] : texts;
}
