/** Per-user server status: operator flag, mute, and self-set modes. Called within apply/ alone. */
import { banMatcher, banSubjectOf } from "../services/bans.ts";
import { assert } from "../../base/assert.ts";
import { isServerOperatorAccount } from "../policy/server_bans.ts";
import { sendServerOperatorMode } from "../fanout/server_operator_mode.ts";
import type { HubContext, Services } from "../context.ts";
import type { User } from "../model/state/entities.ts";
import { sendFrom } from "../fanout/fan_out.ts";
import { SELF_SET_MODES } from "../model/state/user_mode_letters.ts";
import { writable } from "./writable.ts";

/**
 * Sets the modes `on` and clears the modes `off` (letters of {@link isSelfSetMode}); all sessions of the user are
 * notified.
 */
export function setUserModes(context: HubContext, user: User, on: string, off: string): void {
  for (const letter of on) setOf(context, letter)?.add(user);
  for (const letter of off) setOf(context, letter)?.delete(user);
  const change = (on === "" ? "" : `+${on}`) + (off === "" ? "" : `-${off}`);
  for (const session of user.sessions) {
    sendFrom(context, session, user, `:${user.source} MODE ${user.nick} ${change}`);
  }
}

/** Clears the self-set modes of a user that has quit. */
export function clearUserModes(context: HubContext, user: User): void {
  for (const letter of Object.keys(SELF_SET_MODES)) setOf(context, letter)?.delete(user);
}

/** The set of users with the mode `letter`; undefined: there is no such mode. */
function setOf({ state }: HubContext, letter: string): Set<User> | undefined {
  const name = SELF_SET_MODES[letter];
  return name && writable(state)[name];
}

/** Grants or revokes server operator status; the user's sessions are notified. */
export function setServerOperator(context: HubContext, user: User, oper: boolean): void {
  if (user.isServerOperator === oper) return;
  assert(context.state.serverOperators.has(user) !== oper, "a server operator is indexed");
  writable(user).isServerOperator = oper;
  if (oper) writable(context.state).serverOperators.add(user);
  else writable(context.state).serverOperators.delete(user);
  context.report({ kind: oper ? "opered" : "deopered", nick: user.nick });
  for (const session of user.sessions) sendServerOperatorMode(context, session, user);
}

/**
 * Re-evaluates mutes of the user's nick, account and addresses. Bans in its channels are separate ({@link
 * ChannelSettings.bans}).
 */
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

/** Re-evaluates the users that are muted or that one of `masks` matches. */
export function updateMutes(context: HubContext, services: Services, masks: readonly string[]): void {
  const isMeant = banMatcher(...masks);
  for (const user of context.state.users.values()) {
    const concerned = user.mute !== undefined ||
      user.sessions.some((session) => isMeant(banSubjectOf(session)));
    if (concerned) updateMute(context, services, user);
  }
}
