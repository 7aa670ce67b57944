/** Who may act on whom in a room. */
import { ERR_CHANOPRIVSNEEDED, ERR_NOSUCHNICK, ERR_USERNOTINCHANNEL } from "../../irc/numerics.ts";
import type { Target } from "../archive.ts";
import type { RecordedEvent, TransientEvent } from "../event.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import { runs } from "../room_access.ts";
import { hasKeptOperator, isKeptOperator } from "../room_settings.ts";
import { OPERATOR } from "../state.ts";
import type { Room, Session, User } from "../state.ts";

/** The member of `room` called `nick`, when `session` runs the room; otherwise 482, 401 or 441 has been said. */
export function memberUnder(hub: Hub, session: Session, room: Room, nick: string): User | undefined {
  const target = hub.state.user(nick);
  if (!runs(session.user, room)) {
    hub.numeric(session, ERR_CHANOPRIVSNEEDED, `${room.name} :You're not channel operator`);
  } else if (target === undefined) hub.numeric(session, ERR_NOSUCHNICK, `${quoted(nick)} :No such nick`);
  else if (room.members.has(target)) return target;
  else hub.numeric(session, ERR_USERNOTINCHANNEL, `${target.nick} ${room.name} :They aren't on that channel`);
  return undefined;
}

/**
 * Commits `event`, which may make an account an operator of `targets`. A room that gets its first account owner by it leaves the topic
 * to its operators (+t), until one of them takes that back.
 */
export function commitOwning(
  hub: Hub,
  event: RecordedEvent | TransientEvent,
  targets: Iterable<Target>,
): void {
  const unowned = [...targets].filter(({ settings }) => !hasKeptOperator(hub, settings));
  hub.commit(event);
  for (const { name: room, settings } of unowned) {
    if (!hasKeptOperator(hub, settings) || settings!.has("t")) continue;
    hub.commit({ kind: "mode", source: hub.config.serverName, room, change: "+t", args: "" });
  }
}

/** Who is remembered as an operator of `room`, and is in it, becomes one again. */
export function giveBack(hub: Hub, user: User, room: Room): void {
  const bits = room.members.get(user);
  if (bits === undefined || bits & OPERATOR || !isKeptOperator(room.target.settings, user.account)) return;
  hub.commit({ kind: "mode", source: hub.config.serverName, room: room.name, change: "+o", args: user.nick });
}
