/** The members of a room as they are listed. Pure. */
import { casefold } from "../../../irc/names/casemap.ts";
import type { PersonPresence, Presence, Rank } from "../../model/presence.ts";

export interface Member extends PersonPresence {
  readonly nick: string;
  readonly rank: Rank;
}

const RANKS: readonly Rank[] = ["operator", "voice", ""];

/** The members of `channel` as they are listed: operators first, then people with voice, each by name. */
export function listMembers(presence: Presence, channel: string, nicks: Iterable<string>): Member[] {
  const members = Array.from(
    nicks,
    (nick) => ({ ...presence.get(nick), nick, rank: presence.rank(channel, nick) }),
  );
  return members.sort((a, b) =>
    RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank) || (casefold(a.nick) < casefold(b.nick) ? -1 : 1)
  );
}
