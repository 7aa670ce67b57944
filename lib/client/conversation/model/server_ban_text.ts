/** Who is kept off the server, and who may not speak: the answer to BANS in words. Pure. */
import { formatDuration } from "../../../base/values/duration.ts";
import type { Message } from "../../../irc/message.ts";
import { parseWireTime } from "../../../irc/wire_number.ts";
import { parseChatEntry } from "./entry_parser.ts";

/**
 * `BANS <ban|mute> <mask> <until> <by> :<reason>`: until a time as in server-time, or `*`; a line `BANS *` ends the list.
 * What else is in the answer is shown as it would be by itself. `now` in milliseconds.
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
    const what = kind === "mute" ? "may not speak" : "is banned";
    texts.push(
      `${mask} ${what}${term}${by === undefined ? "" : `, by ${by}`}${reason === "" ? "" : `: ${reason}`}`,
    );
  }
  return texts.length === 0 ? ["nobody is banned or muted on this server"] : texts;
}
