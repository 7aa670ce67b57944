/**
 * What somebody is on this server: whether he runs it, whether he may speak, what he says of himself by his modes. Called by
 * apply.ts alone, but for the words.
 */
import { RPL_YOUREOPER } from "../../irc/numerics.ts";
import { banMatcher, banSubjectOf } from "../services/bans.ts";
import { isServerOperatorAccount } from "../policy/server_bans.ts";
import { sendClockNotice } from "../fanout/clock_notice.ts";
import type { Hub } from "../hub.ts";
import type { Session, User } from "../model/state/entities.ts";
import { sendFrom } from "../fanout/fan_out.ts";
import { SELF_SET_MODES } from "../model/state/user_mode_letters.ts";

/** Sets the modes `on` and takes back the modes `off` (letters of {@link isSelfSetMode}); all sessions are told. */
export function setUserModes(hub: Hub, user: User, on: string, off: string): void {
  for (const letter of on) SELF_SET_MODES[letter]?.(hub.state).add(user);
  for (const letter of off) SELF_SET_MODES[letter]?.(hub.state).delete(user);
  const change = (on === "" ? "" : `+${on}`) + (off === "" ? "" : `-${off}`);
  for (const session of user.sessions) {
    sendFrom(hub, session, user, `:${user.source} MODE ${user.nick} ${change}`);
  }
}

/** Forgets the modes of who has left. */
export function clearUserModes({ state }: Hub, user: User): void {
  for (const of of Object.values(SELF_SET_MODES)) of(state).delete(user);
}

/** Makes `user` a server operator, or none any more; its sessions are told. */
export function setServerOperator(hub: Hub, user: User, oper: boolean): void {
  if (user.isServerOperator === oper) return;
  user.isServerOperator = oper;
  if (oper) hub.state.serverOperators.add(user);
  else hub.state.serverOperators.delete(user);
  hub.serverEvents.push({ kind: oper ? "opered" : "deopered", nick: user.nick });
  for (const session of user.sessions) sendServerOperatorMode(hub, session, user);
}

/** Tells `session` what its user is (modern, "OPER message"). */
export function sendServerOperatorMode(hub: Hub, session: Session, { nick, isServerOperator }: User): void {
  if (isServerOperator) hub.numeric(session, RPL_YOUREOPER, ":You are now an IRC operator");
  hub.send(session, `:${nick} MODE ${nick} ${isServerOperator ? "+o" : "-o"}`);
  if (!isServerOperator) return;
  sendClockNotice(hub, session);
  hub.pendingClockNotice = undefined;
}

/** Judges anew what the nick, the account and the address of `user` stand for, but in its channels ({@link ChannelSettings.bans}). */
export function updateMute(hub: Hub, user: User): void {
  user.mute = undefined;
  if (user.isServerOperator || isServerOperatorAccount(hub, user.account)) return;
  for (const host of new Set(user.sessions.map((session) => session.host))) {
    user.mute ??= hub.bans.find("mute", { folded: user.folded, account: user.account, host }, hub.now);
  }
}

/** Judges anew the users that a mute with one of `masks` has been, or is, meant for. */
export function updateMutes(hub: Hub, masks: readonly string[]): void {
  const isMeant = banMatcher(...masks);
  for (const user of hub.state.users.values()) {
    const concerned = user.mute !== undefined ||
      user.sessions.some((session) => isMeant(banSubjectOf(session)));
    if (concerned) updateMute(hub, user);
  }
}
