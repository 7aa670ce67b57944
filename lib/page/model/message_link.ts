/** The address of a message in its conversation, as the fragment of the page's address. Pure. */
import { CHANNEL_PREFIX, isChannelName } from "../../irc/names/name_rules.ts";

export interface MessagePlace {
  /** A room with its #, or the nick of the other person. */
  readonly where: string;
  readonly id: string;
}

/** `#tea/ID` for a message in the room #tea, `#@bob/ID` for one in the conversation with bob. */
export function formatFragment({ where, id }: MessagePlace): string {
  const name = isChannelName(where) ? where.slice(CHANNEL_PREFIX.length) : `@${where}`;
  return `#${encodeURIComponent(name).replace("%40", "@")}/${encodeURIComponent(id)}`;
}

/** The place that `fragment`, with its #, leads to; undefined: it is no such fragment. */
export function parseFragment(fragment: string): MessagePlace | undefined {
  const [, name = "", id = ""] = /^#([^/]+)\/([^/]+)$/.exec(fragment) ?? [];
  if (name === "") return undefined;
  try {
    const decoded = decodeURIComponent(name);
    const where = decoded.startsWith("@") ? decoded.slice(1) : CHANNEL_PREFIX + decoded;
    return { where, id: decodeURIComponent(id) };
  } catch {
    return undefined; // a % without its two digits
  }
}
