/** The value of the capability `sts` (https://ircv3.net/specs/extensions/sts). */
import { parseWireCount } from "../../irc/wire_number.ts";

/** About 300 years; a longer duration is ignored. */
const MAX_SECONDS = 9_999_999_999;

/** The known keys of the value; others are ignored. */
export function parseSts(value: string): { port: number | undefined; seconds: number | undefined } {
  const keys = new Map(
    value.split(",").map((token) => {
      const [key = "", text = ""] = token.split("=", 2);
      return [key, parseWireCount(text, MAX_SECONDS)] as const;
    }),
  );
  const port = keys.get("port");
  return {
    port: port !== undefined && port > 0 && port <= 65535 ? port : undefined,
    seconds: keys.get("duration"),
  };
}
