/** AWAY, SETNAME, ISON, USERHOST (modern, "Optional Messages"; https://ircv3.net/specs/extensions/setname). */
import { CAP } from "../../../irc/capabilities.ts";
import { utf8Length } from "../../../base/bytes.ts";
import { AWAYLEN, REALNAMELEN } from "../../../irc/limits.ts";
import { ERR_INPUTTOOLONG, RPL_ISON, RPL_NOWAWAY, RPL_UNAWAY, RPL_USERHOST } from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import type { HubContext, Services } from "../../context.ts";
import { evaluateBansThen, findBannedChannel, muteRefusal } from "../../policy/channel_access.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { notForObservers, notRegistered, sendWordList } from "../../fanout/replies.ts";

/** RFC 2812 §4.8: USERHOST takes up to five names. */
const USERHOST_MAX = 5;

/** AWAY sent before registration (https://ircv3.net/specs/extensions/pre-away) is applied once the client registers. */
function away(context: HubContext, _services: Services, session: Session, message: Message): void {
  const { phase } = session;
  if (phase.kind === "registering" && !session.caps.has(CAP.preAway)) {
    return notRegistered(context, session);
  }
  if (phase.kind === "observer") return notForObservers(context, session, "AWAY");
  const text = message.params[0] ?? "";
  if (utf8Length(text) > AWAYLEN) {
    return context.numeric(session, ERR_INPUTTOOLONG, `An away message has at most ${AWAYLEN} bytes`);
  }
  if (phase.kind === "registering") phase.preAway = text;
  else if (text !== phase.user.away) context.commit({ kind: "away", user: phase.user, message: text });
  if (text === "") context.numeric(session, RPL_UNAWAY, "You are no longer marked as being away");
  else context.numeric(session, RPL_NOWAWAY, "You have been marked as being away");
}

/**
 * Applies the AWAY that a session of `user` sent before it registered. "*": no person is present at that
 * connection.
 */
export function applyPreAway(context: HubContext, user: User, preAway: string | undefined): void {
  if (preAway === undefined || preAway === user.away) return;
  if (preAway === "*" && user.sessions.length > 1) return;
  context.commit({ kind: "away", user, message: preAway });
}

function ison(context: HubContext, _services: Services, session: Session, message: Message): void {
  const asked = message.params.flatMap((param) => param.split(" "));
  const here = asked.flatMap((nick) => context.state.user(nick)?.nick ?? []);
  sendWords(context, session, RPL_ISON, here);
}

/** Sends at least one reply, because clients wait for one; a list that exceeds a line is sent in several. */
function sendWords(context: HubContext, session: Session, code: string, words: string[]): void {
  sendWordList(context, session, code, [], words);
  if (words.length === 0) context.numeric(session, code, "");
}

function userhost(context: HubContext, _services: Services, session: Session, message: Message): void {
  const users = message.params.slice(0, USERHOST_MAX).flatMap((nick) => context.state.user(nick) ?? []);
  const rows = users.map((user) =>
    `${user.nick}${user.isServerOperator ? "*" : ""}=${
      user.away === "" ? "+" : "-"
    }${user.username}@${user.host}`
  );
  sendWords(context, session, RPL_USERHOST, rows);
}

/**
 * "If a client sends a SETNAME command without having negotiated the capability, the server SHOULD handle it
 * silently".
 */
function setname(
  context: HubContext,
  _services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const realname = message.params[0]!;
  const refuse = (code: string, text: string) => {
    if (session.caps.has(CAP.setname)) context.fail(session, "SETNAME", code, [], text);
  };
  if (realname.trim() === "" || utf8Length(realname) > REALNAMELEN) {
    return refuse("INVALID_REALNAME", `A real name has 1 to ${REALNAMELEN} bytes`);
  }
  context.runInSteps(evaluateBansThen(session, user, () => {
    // The members of a channel are told of the change, so a user that may not speak there could speak by real names.
    if (muteRefusal(context, user) !== undefined || findBannedChannel(user) !== undefined) {
      return refuse(
        "CANNOT_CHANGE_REALNAME",
        "You cannot change your real name while you are muted, or banned from a room",
      );
    }
    context.commit({ kind: "setname", user, realname });
  }));
}

export const USER_STATUS_VERBS: VerbTable = {
  AWAY: { min: 0, who: "anyone", run: away },
  SETNAME: { min: 1, who: "user", run: setname },
  ISON: { min: 1, who: "session", run: ison },
  USERHOST: { min: 1, who: "session", run: userhost },
};
