/**
 * What somebody is on this server: whether he runs it, whether he may speak, what he says of himself by his modes. Called by
 * apply.ts alone, but for the words.
 */
import { RPL_YOUREOPER } from "../irc/numerics.ts";
import { banMatcher, bannedAs, isOperator } from "./bans.ts";
import { sayClockNews } from "./clock_news.ts";
import type { Hub } from "./hub.ts";
import type { Session, State, User } from "./state.ts";
import { tellOf } from "./tell.ts";

/** ISUPPORT BOT. */
export const BOT_MODE = "B";

/**
 * Modes that a user sets for itself: `B`, a bot (https://ircv3.net/specs/extensions/bot-mode); `i`, not to be found by who shares
 * no room with it (modern, "Invisible User Mode").
 */
const OWN_MODES: Readonly<Record<string, (state: State) => Set<User>>> = {
  [BOT_MODE]: ({ bots }) => bots,
  i: ({ invisible }) => invisible,
};

/** All letters of user modes (004): the operator's, which nobody sets for himself, behind those of {@link setUserModes}. */
export const USER_MODE_LETTERS = Object.keys(OWN_MODES).join("") + "o";

/** What `user` may set for itself. */
export function isOwnMode(letter: string): boolean {
  return Object.hasOwn(OWN_MODES, letter);
}

/** `+` and the letters of the modes of `user`. */
export function userModes({ state }: Hub, user: User): string {
  const own = Object.entries(OWN_MODES).flatMap(([letter, of]) => of(state).has(user) ? letter : []);
  return `+${own.join("")}${user.oper ? "o" : ""}`;
}

/** Sets the modes `on` and takes back the modes `off` (letters of {@link isOwnMode}); all sessions are told. */
export function setUserModes(hub: Hub, user: User, on: string, off: string): void {
  for (const letter of on) OWN_MODES[letter]?.(hub.state).add(user);
  for (const letter of off) OWN_MODES[letter]?.(hub.state).delete(user);
  const change = (on === "" ? "" : `+${on}`) + (off === "" ? "" : `-${off}`);
  for (const session of user.sessions) {
    tellOf(hub, session, user, `:${user.source} MODE ${user.nick} ${change}`);
  }
}

/** Forgets the modes of who has left. */
export function dropUserModes({ state }: Hub, user: User): void {
  for (const of of Object.values(OWN_MODES)) of(state).delete(user);
}

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
  if (!oper) return;
  sayClockNews(hub, session);
  hub.clockNews = undefined;
}

/** Judges anew what the nick, the account and the address of `user` stand for, but in its rooms ({@link RoomSettings.bans}). */
export function judgeUser(hub: Hub, user: User): void {
  user.muted = undefined;
  if (user.oper || isOperator(hub, user.account)) return;
  for (const host of new Set(user.sessions.map((session) => session.host))) {
    user.muted ??= hub.bans.find("mute", { folded: user.folded, account: user.account, host }, hub.now);
  }
}

/** Judges anew the users that a mute with one of `masks` has been, or is, meant for. */
export function judgeUsers(hub: Hub, masks: readonly string[]): void {
  const isMeant = banMatcher(...masks);
  for (const user of hub.state.users.values()) {
    const concerned = user.muted !== undefined ||
      user.sessions.some((session) => isMeant(bannedAs(session)));
    if (concerned) judgeUser(hub, user);
  }
}
