/** MODE (modern, "MODE message") of oneself; that of a room is in room_mode.ts. */
import { casefold } from "../../irc/casemap.ts";
import {
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_UMODEUNKNOWNFLAG,
  ERR_USERSDONTMATCH,
  RPL_CREATIONTIME,
  RPL_UMODEIS,
} from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName } from "../../irc/names.ts";
import type { Source } from "../event.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import { mayRead, maySee, runs } from "../room_access.ts";
import { isOwnMode, userModes } from "../standing.ts";
import type { Session } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { changeModes, sayModes } from "./room_mode.ts";

function mode(hub: Hub, session: Session, message: Message): void {
  const [name = "", modes = ""] = message.params;
  if (!isRoomName(name)) return userMode(hub, session, name, modes);
  const room = hub.state.room(name);
  // A room that nobody is in, and that is set up all the same, can be changed by who runs the server.
  const empty = session.user?.oper ? hub.archive.rooms.get(casefold(name)) : undefined;
  const target = room?.target ?? (empty?.settings && empty);
  if (target === undefined || !maySee(session, target, room)) {
    return hub.numeric(session, ERR_NOSUCHCHANNEL, `${quoted(name)} :No such channel`);
  }
  const request = {
    target,
    room,
    source: session.user?.source ?? "",
    runs: runs(session.user, room),
    answer: (code: string, rest: string) => hub.numeric(session, code, rest),
    display: (source: Source) => hub.config.cloak?.sourceOf(source) ?? source,
  };
  if (modes !== "") return void changeModes(hub, request, modes, message.params.slice(2));
  sayModes(request, session.user?.oper || mayRead(hub, session, target, room));
  if (room !== undefined) {
    hub.numeric(session, RPL_CREATIONTIME, `${room.name} ${Math.floor(room.createdAt / 1000)}`);
  }
}

/** "the server MUST apply the modes that are implemented, and then send the ERR_UMODEUNKNOWNFLAG". */
function userMode(hub: Hub, session: Session, nick: string, modes: string): void {
  const user = hub.state.user(nick);
  if (user === undefined) return hub.numeric(session, ERR_NOSUCHNICK, `${quoted(nick)} :No such nick`);
  if (user !== session.user) {
    return hub.numeric(session, ERR_USERSDONTMATCH, ":Can't change mode for other users");
  }
  if (modes === "") return hub.numeric(session, RPL_UMODEIS, userModes(hub, user));
  const { on, off, deop, unknown } = wishOf(modes, userModes(hub, user));
  if (deop && user.oper) hub.commit({ kind: "oper", user, oper: false });
  if (on !== "" || off !== "") hub.commit({ kind: "umode", user, on, off });
  if (unknown) hub.numeric(session, ERR_UMODEUNKNOWNFLAG, ":Unknown MODE flag");
}

/** What `modes` would change of `now`. `+o` can't be asked for, and is passed over; `-o` gives it up. */
function wishOf(modes: string, now: string): { on: string; off: string; deop: boolean; unknown: boolean } {
  const wanted = new Map<string, boolean>();
  let plus = true;
  for (const char of modes) {
    if (char === "+" || char === "-") plus = char === "+";
    else wanted.set(char, plus);
  }
  const changes = (to: boolean) =>
    [...wanted].filter(([letter, on]) => isOwnMode(letter) && on === to && on !== now.includes(letter))
      .map(([letter]) => letter).join("");
  return {
    on: changes(true),
    off: changes(false),
    deop: wanted.get("o") === false,
    unknown: wanted.keys().some((letter) => letter !== "o" && !isOwnMode(letter)),
  };
}

export const MODE_VERBS: VerbTable = {
  MODE: { min: 1, who: "session", run: mode },
};
