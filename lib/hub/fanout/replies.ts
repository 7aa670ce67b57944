/** Numerics that are sent in more than one place. */
import { utf8Length } from "../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../irc/limits.ts";
import {
  ERR_CHANOPRIVSNEEDED,
  ERR_INPUTTOOLONG,
  ERR_NEEDMOREPARAMS,
  ERR_NONICKNAMEGIVEN,
  ERR_NOPRIVILEGES,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOSUCHSERVER,
  ERR_NOTONCHANNEL,
  ERR_NOTREGISTERED,
  ERR_SASLABORTED,
  ERR_USERNOTINCHANNEL,
  RPL_ENDOFNAMES,
  RPL_ENDOFWHO,
  RPL_LISTEND,
} from "../../irc/numerics.ts";
import type { HubContext } from "../context.ts";
import { sessionNick } from "../model/state/entities.ts";
import type { Session } from "../model/state/entities.ts";
import { joinToLines } from "../output/line_limits.ts";
import { frameParams } from "../output/framed_params.ts";
import type { Param } from "../output/framed_params.ts";

/** Sends as many numerics `<lead> :<word>{<separator><word>}` as `words` need; none if there are no words. */
export function sendWordList(
  context: HubContext,
  session: Session,
  code: string,
  lead: readonly Param[],
  words: Iterable<string>,
  separator = " ",
): void {
  const nick = sessionNick(session);
  const head = `:${context.config.serverName} ${code} ${nick} ${frameParams([...lead, ""])}`;
  const around = utf8Length(head) + CRLF_BYTES;
  for (const line of joinToLines(words, separator, MAX_LINE_BYTES - around)) {
    context.numeric(session, code, ...lead, line);
  }
}

/** Replies to a command that needs a login with the password, on a session that was logged in with a token. */
export function notWithToken(context: HubContext, session: Session, command: string): void {
  context.fail(session, command, "TOKEN_LOGIN", [], "This command is not for logins with a token");
}

export function noSuchChannel(context: HubContext, session: Session, name: string): void {
  context.numeric(session, ERR_NOSUCHCHANNEL, name, "No such channel");
}

export function noSuchNick(context: HubContext, session: Session, nick: string): void {
  context.numeric(session, ERR_NOSUCHNICK, nick, "No such nick");
}

export function noSuchServer(context: HubContext, session: Session, name: string): void {
  context.numeric(session, ERR_NOSUCHSERVER, name, "No such server");
}

export function notOnChannel(context: HubContext, session: Session, channel: string): void {
  context.numeric(session, ERR_NOTONCHANNEL, channel, "You're not on that channel");
}

export function notChannelOperator(context: HubContext, session: Session, channel: string): void {
  context.numeric(session, ERR_CHANOPRIVSNEEDED, channel, "You're not channel operator");
}

export function userNotInChannel(context: HubContext, session: Session, nick: string, channel: string): void {
  context.numeric(session, ERR_USERNOTINCHANNEL, nick, channel, "They aren't on that channel");
}

export function needMoreParams(context: HubContext, session: Session, command: string): void {
  context.numeric(session, ERR_NEEDMOREPARAMS, command, "Not enough parameters");
}

export function notRegistered(context: HubContext, session: Session): void {
  context.numeric(session, ERR_NOTREGISTERED, "You have not registered");
}

/** The reply to a verb that only users have. */
export function notForObservers(context: HubContext, session: Session, command: string): void {
  context.fail(session, command, "OBSERVER", [], "Observers are read-only and cannot use this command");
}

export function notServerOperator(context: HubContext, session: Session): void {
  context.numeric(session, ERR_NOPRIVILEGES, "Permission Denied- You're not an IRC operator");
}

export function noNicknameGiven(context: HubContext, session: Session): void {
  context.numeric(session, ERR_NONICKNAMEGIVEN, "No nickname given");
}

export function tooLongToDeliver(context: HubContext, session: Session): void {
  context.numeric(session, ERR_INPUTTOOLONG, "Too long to be delivered whole");
}

export function endOfNames(context: HubContext, session: Session, channel: string): void {
  context.numeric(session, RPL_ENDOFNAMES, channel, "End of /NAMES list.");
}

export function endOfWho(context: HubContext, session: Session, mask: string): void {
  context.numeric(session, RPL_ENDOFWHO, mask, "End of WHO list");
}

export function endOfList(context: HubContext, session: Session): void {
  context.numeric(session, RPL_LISTEND, "End of /LIST");
}

export function saslAborted(context: HubContext, session: Session): void {
  context.numeric(session, ERR_SASLABORTED, "SASL authentication aborted");
}
