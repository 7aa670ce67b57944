/** Who may act on whom in a room. */
import { ERR_CHANOPRIVSNEEDED, ERR_NOSUCHNICK, ERR_USERNOTINCHANNEL } from "../../irc/numerics.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import { OPERATOR } from "../state.ts";
import type { Room, Session, User } from "../state.ts";

/** The member of `room` called `nick`, when `session` is its operator; otherwise 482, 401 or 441 has been said. */
export function memberUnder(hub: Hub, session: Session, room: Room, nick: string): User | undefined {
  const bits = session.user === undefined ? 0 : room.members.get(session.user) ?? 0;
  const target = hub.state.user(nick);
  if (!(bits & OPERATOR)) {
    hub.numeric(session, ERR_CHANOPRIVSNEEDED, `${room.name} :You're not channel operator`);
  } else if (target === undefined) hub.numeric(session, ERR_NOSUCHNICK, `${quoted(nick)} :No such nick`);
  else if (room.members.has(target)) return target;
  else hub.numeric(session, ERR_USERNOTINCHANNEL, `${target.nick} ${room.name} :They aren't on that channel`);
  return undefined;
}
