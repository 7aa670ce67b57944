/** MODE (modern, "MODE message"): the queries that clients make when they join, and +o, +v by operators. */
import {
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_UMODEUNKNOWNFLAG,
  ERR_UNKNOWNMODE,
  ERR_USERSDONTMATCH,
  RPL_CHANNELMODEIS,
  RPL_CREATIONTIME,
  RPL_ENDOFBANLIST,
  RPL_UMODEIS,
} from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName } from "../../irc/names.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import type { Room, Session } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { memberUnder } from "./rights.ts";

/** ISUPPORT MODES: changes in one line. */
export const MODES_PER_LINE = 4;

function mode(hub: Hub, session: Session, message: Message): void {
  const [target = "", modes = ""] = message.params;
  if (!isRoomName(target)) return userMode(hub, session, target, modes);
  const room = hub.state.room(target);
  if (room === undefined) {
    return hub.numeric(session, ERR_NOSUCHCHANNEL, `${quoted(target)} :No such channel`);
  }
  if (modes === "") {
    hub.numeric(session, RPL_CHANNELMODEIS, `${room.name} +`);
    return hub.numeric(session, RPL_CREATIONTIME, `${room.name} ${Math.floor(room.createdAt / 1000)}`);
  }
  roomMode(hub, session, room, modes, message.params.slice(2));
}

function userMode(hub: Hub, session: Session, nick: string, modes: string): void {
  const user = hub.state.user(nick);
  if (user === undefined) return hub.numeric(session, ERR_NOSUCHNICK, `${quoted(nick)} :No such nick`);
  if (user !== session.user) {
    return hub.numeric(session, ERR_USERSDONTMATCH, ":Can't change mode for other users");
  }
  if (/[^+i-]/.test(modes)) return hub.numeric(session, ERR_UMODEUNKNOWNFLAG, ":Unknown MODE flag");
  hub.numeric(session, RPL_UMODEIS, "+");
}

function roomMode(hub: Hub, session: Session, room: Room, modes: string, args: string[]): void {
  let sign = "+";
  let changes = 0;
  for (const letter of modes) {
    if (letter === "+" || letter === "-") sign = letter;
    else if (letter === "b" && args.length === 0) {
      hub.numeric(session, RPL_ENDOFBANLIST, `${room.name} :End of channel ban list`);
    } else if (letter !== "o" && letter !== "v") {
      return hub.numeric(
        session,
        ERR_UNKNOWNMODE,
        `${quoted(letter)} :is unknown mode char to me for ${room.name}`,
      );
    } else if (changes++ < MODES_PER_LINE) grant(hub, session, room, sign + letter, args.shift());
    else return;
  }
}

/** `change` is `+o`, `-o`, `+v` or `-v`. */
function grant(hub: Hub, session: Session, room: Room, change: string, nick: string | undefined): void {
  if (nick === undefined) return; // modern: "If a mode's parameter is missing, the server ignores it"
  const target = memberUnder(hub, session, room, nick);
  if (target === undefined) return;
  hub.commit({ kind: "mode", source: session.user!.source, room: room.name, change, nick: target.nick });
}

export const MODE_VERBS: VerbTable = {
  MODE: { min: 1, who: "session", run: mode },
};
