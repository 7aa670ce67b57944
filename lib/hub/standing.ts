/** What somebody is on this server: whether he runs it, and whether he may speak. Called by apply.ts alone, but for the words. */
import { RPL_YOUREOPER } from "../irc/numerics.ts";
import { bannedAs, isOperator } from "./bans.ts";
import type { Hub } from "./hub.ts";
import { judgeBan } from "./room_access.ts";
import type { Session, User } from "./state.ts";

/** Makes `user` a server operator, or none any more; its sessions are told. */
export function setOper(hub: Hub, user: User, oper: boolean): void {
  if (user.oper === oper) return;
  user.oper = oper;
  if (oper) hub.state.opers.add(user);
  else hub.state.opers.delete(user);
  hub.notices.push({ kind: oper ? "opered" : "deopered", nick: user.nick });
  for (const session of user.sessions) sayOper(hub, session, user);
}

/** Tells `session` what its user is (modern, "OPER message"). */
export function sayOper(hub: Hub, session: Session, { nick, oper }: User): void {
  if (oper) hub.numeric(session, RPL_YOUREOPER, ":You are now an IRC operator");
  hub.tell(session, `:${nick} MODE ${nick} ${oper ? "+o" : "-o"}`);
}

/** Judges anew what the nick, the account and the address of `user` stand for. */
export function judgeUser(hub: Hub, user: User): void {
  user.muted = undefined;
  for (const session of user.oper || isOperator(hub, user.account) ? [] : user.sessions) {
    user.muted ??= hub.bans.find("mute", bannedAs(session), hub.now);
  }
  for (const room of user.rooms.keys()) if (room.target.settings !== undefined) judgeBan(user, room);
}
