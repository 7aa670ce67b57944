/** Rooms and users that the server does not know, and those of it that have a similar name. */
import { suggestWord } from "../../../lib/cli/flags/word_suggestion.ts";
import type { Link } from "../../../lib/client/connection/link.ts";
import { queryChannels, queryOnlineNames } from "../../../lib/client/query/presence.ts";
import { findFailureReply } from "../../../lib/client/session/failure_reply.ts";
import { casefold } from "../../../lib/irc/names/casemap.ts";
import { isChannelName } from "../../../lib/irc/names/name_rules.ts";
import { ERR_NOSUCHNICK, RPL_WHOISSPECIAL } from "../../../lib/irc/numerics.ts";
import { DEFAULT_LOBBY, LOBBY_TOKEN } from "../../../lib/irc/vendor_extensions.ts";

/** `; did you mean '#dev'?`: the room, or for a user the user online, of a similar name; else "". */
export async function suggestTarget(link: Link, target: string): Promise<string> {
  const rooms = await queryChannels(link);
  const known = rooms.kind === "ok" ? rooms.rows.map(({ name }) => name) : [];
  known.push(link.session.isupport.get(LOBBY_TOKEN) || DEFAULT_LOBBY);
  if (isChannelName(target)) return formatSuggestion(findSimilar(target, known));
  const users = await queryOnlineNames(link);
  const room = known.find((name) => casefold(name) === casefold(`#${target}`));
  return formatSuggestion(findSimilar(target, users.kind === "ok" ? users.rows : []) ?? room);
}

/** The `#` counts for nothing: it is in all rooms, and makes short names look alike. */
function findSimilar(target: string, known: readonly string[]): string | undefined {
  const bare = (name: string) => casefold(name).replace(/^#/, "");
  const near = suggestWord(bare(target), known.map(bare));
  return near === undefined ? undefined : known.find((name) => bare(name) === near);
}

function formatSuggestion(name: string | undefined): string {
  return name === undefined ? "" : `; did you mean '${name}'?`;
}

/**
 * Whether `name` is no user of the server and has no messages with us. Other servers do not tell a name that is
 * registered from one that is unknown.
 */
export async function isUnknownUser(link: Link, name: string): Promise<boolean> {
  if (!link.session.isupport.has(LOBBY_TOKEN)) return false;
  const whois = await link.request({ command: "WHOIS", params: [name] });
  if (whois.kind !== "answered") return false;
  const has = (code: string) => whois.lines.some(({ command }) => command === code);
  if (!has(ERR_NOSUCHNICK) || has(RPL_WHOISSPECIAL)) return false;
  const history = await link.request({ command: "CHATHISTORY", params: ["LATEST", name, "*", "1"] });
  return history.kind === "answered" && findFailureReply(history.lines) === undefined &&
    !history.lines.some(({ command }) => command === "PRIVMSG" || command === "NOTICE");
}
