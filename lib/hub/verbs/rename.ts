/**
 * RENAME (https://ircv3.net/specs/extensions/channel-rename): a room gets another name, and keeps all else. For the accounts that the
 * room remembers as its operators, and for server operators.
 */
import { utf8Length } from "../../base/bytes.ts";
import { elapsed } from "../../base/clock.ts";
import { CAP } from "../../irc/caps.ts";
import { casefold } from "../../irc/casemap.ts";
import {
  ERR_CHANOPRIVSNEEDED,
  ERR_INPUTTOOLONG,
  ERR_NOSUCHCHANNEL,
  ERR_NOTONCHANNEL,
} from "../../irc/numerics.ts";
import { KICKLEN } from "../../irc/limits.ts";
import type { Message } from "../../irc/message.ts";
import { NAME_FAULT_TEXT, roomFault } from "../../irc/names.ts";
import { RENAME_MAX_NAMES, RENAME_PAUSE_MS } from "../config.ts";
import type { Hub } from "../hub.ts";
import { newRoomRefusal } from "../name_refusal.ts";
import { quoted } from "../quote.ts";
import { maySee, runs, whyMuted } from "../room_access.ts";
import { renamedFrom } from "../room_rename.ts";
import { isKeptOperator } from "../room_settings.ts";
import type { Room, Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";

/** `RENAME <room> <new name> [:reason]` */
function rename(hub: Hub, session: Session, message: Message, user: User): void {
  const [name = "", to = "", reason = ""] = message.params;
  const room = hub.state.room(name);
  if (room === undefined || !maySee(session, room.target, room)) {
    return hub.numeric(session, ERR_NOSUCHCHANNEL, `${quoted(name)} :No such channel`);
  }
  if (!runs(user, room)) {
    return user.rooms.has(room)
      ? hub.numeric(session, ERR_CHANOPRIVSNEEDED, `${room.name} :You're not channel operator`)
      : hub.numeric(session, ERR_NOTONCHANNEL, `${room.name} :You're not on that channel`);
  }
  const about = `${room.name} ${quoted(to)}`;
  if (isTaken(hub, room, to)) {
    return hub.fail(session, "RENAME", "CHANNEL_NAME_IN_USE", about, "The channel name is already taken");
  }
  const against = whyNot(hub, user, room, to) ?? newRoomRefusal(hub, session, to, room.target);
  if (against !== undefined) return hub.fail(session, "RENAME", "CANNOT_RENAME", about, against);
  // Each member is told with his own name in front, where he has to come in anew.
  if (utf8Length(reason) > KICKLEN) {
    return hub.numeric(session, ERR_INPUTTOOLONG, `:A reason has at most ${KICKLEN} bytes`);
  }
  const why = whyMuted(hub, user) === undefined ? reason : "";
  const event = { kind: "rename", source: user.source, room: room.name, to, reason: why } as const;
  hub.commit(event);
}

/** True where somebody has, or has had, a room of that name of which something is left, or has just renamed it. */
function isTaken(hub: Hub, room: Room, to: string): boolean {
  const folded = casefold(to);
  if (folded === room.folded) return false;
  if (hub.state.rooms.has(folded) || hub.archive.rooms.has(folded)) return true;
  const other = renamedFrom(hub, to);
  return other !== undefined && other !== room.target;
}

/** In words; undefined: nothing is against it. */
function whyNot(hub: Hub, user: User, room: Room, to: string): string | undefined {
  if (!user.oper && !isKeptOperator(room.target.settings, user.account)) {
    return user.account === undefined
      ? "Register your name first: only an operator with an account can rename a channel"
      : "Only an operator whose account the channel remembers can rename it";
  }
  const fault = roomFault(to);
  if (fault !== undefined) return NAME_FAULT_TEXT[fault];
  if (to === room.name) return "It has this name already";
  if (room.permanent) return "This channel cannot be renamed";
  if (elapsed(room.target.renamedAt, hub.now) < RENAME_PAUSE_MS) {
    return "This channel has been renamed recently";
  }
  const anew = room.audience.filter(({ caps }) => !(caps & CAP.channelRename)).length;
  return anew * room.members.size > RENAME_MAX_NAMES ? "There are too many in it" : undefined;
}

export const RENAME_VERBS: VerbTable = {
  RENAME: { min: 2, who: "user", run: rename },
};
