/**
 * What somebody is on this server: whether he runs it, whether he may speak, what he says of himself by his modes. Called by
 * apply.ts alone, but for the words.
 */
import { banMatcher, banSubjectOf } from "../services/bans.ts";
import { assert } from "../../base/assert.ts";
import { isServerOperatorAccount } from "../policy/server_bans.ts";
import { sendServerOperatorMode } from "../fanout/server_operator_mode.ts";
import type { HubContext, Services } from "../context.ts";
import type { User } from "../model/state/entities.ts";
import { sendFrom } from "../fanout/fan_out.ts";
import { SELF_SET_MODES } from "../model/state/user_mode_letters.ts";
import { writable } from "./writable.ts";

/** Sets the modes `on` and takes back the modes `off` (letters of {@link isSelfSetMode}); all sessions are told. */
export function setUserModes(context: HubContext, user: User, on: string, off: string): void {
  for (const letter of on) setOf(context, letter)?.add(user);
  for (const letter of off) setOf(context, letter)?.delete(user);
  const change = (on === "" ? "" : `+${on}`) + (off === "" ? "" : `-${off}`);
  for (const session of user.sessions) {
    sendFrom(context, session, user, `:${user.source} MODE ${user.nick} ${change}`);
  }
}

/** Forgets the modes of who has left. */
export function clearUserModes(context: HubContext, user: User): void {
  for (const letter of Object.keys(SELF_SET_MODES)) setOf(context, letter)?.delete(user);
}

/** The users with the mode `letter`; undefined: there is no such mode. */
function setOf({ state }: HubContext, letter: string): Set<User> | undefined {
  const name = SELF_SET_MODES[letter];
  return name && writable(state)[name];
}

/** Makes `user` a server operator, or none any more; its sessions are told. */
export function setServerOperator(context: HubContext, user: User, oper: boolean): void {
  if (user.isServerOperator === oper) return;
  assert(context.state.serverOperators.has(user) !== oper, "a server operator is indexed");
  writable(user).isServerOperator = oper;
  if (oper) writable(context.state).serverOperators.add(user);
  else writable(context.state).serverOperators.delete(user);
  context.report({ kind: oper ? "opered" : "deopered", nick: user.nick });
  for (const session of user.sessions) sendServerOperatorMode(context, session, user);
}

/** Judges anew what the nick, the account and the address of `user` stand for, but in its channels ({@link ChannelSettings.bans}). */
export function updateMute(context: HubContext, services: Services, user: User): void {
  writable(user).mute = undefined;
  if (user.isServerOperator || isServerOperatorAccount(services, user.account)) return;
  for (const host of new Set(user.sessions.map((session) => session.host))) {
    writable(user).mute ??= services.bans.find(
      "mute",
      { folded: user.folded, account: user.account, host },
      context.now,
    );
  }
}

/** Judges anew the users that a mute with one of `masks` has been, or is, meant for. */
export function updateMutes(context: HubContext, services: Services, masks: readonly string[]): void {
  const isMeant = banMatcher(...masks);
  for (const user of context.state.users.values()) {
    const concerned = user.mute !== undefined ||
      user.sessions.some((session) => isMeant(banSubjectOf(session)));
    if (concerned) updateMute(context, services, user);
  }
}
