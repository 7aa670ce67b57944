/** WHOIS, WHOWAS (modern, "User-Based Queries"). */
import { CAP } from "../../../irc/capabilities.ts";
import {
  ERR_WASNOSUCHNICK,
  RPL_AWAY,
  RPL_ENDOFWHOIS,
  RPL_ENDOFWHOWAS,
  RPL_WHOISACCOUNT,
  RPL_WHOISACTUALLY,
  RPL_WHOISBOT,
  RPL_WHOISCHANNELS,
  RPL_WHOISIDLE,
  RPL_WHOISKEYVALUE,
  RPL_WHOISMODES,
  RPL_WHOISOPERATOR,
  RPL_WHOISREGNICK,
  RPL_WHOISSECURE,
  RPL_WHOISSERVER,
  RPL_WHOISSPECIAL,
  RPL_WHOISUSER,
  RPL_WHOWASUSER,
} from "../../../irc/numerics.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { MAXTARGETS } from "../../../irc/limits.ts";
import type { Message } from "../../../irc/message.ts";
import { visibleChannels } from "../../policy/visibility.ts";
import type { HubContext, Services } from "../../context.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { hasMultiPrefix, membershipPrefix } from "../../fanout/channel_replies.ts";
import { formatUserModes } from "../../model/state/user_mode_letters.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import type { PastName } from "../../services/whowas.ts";
import { noNicknameGiven, noSuchNick, sendWordList } from "../../fanout/replies.ts";
import { checkServerTarget } from "../server/server_queries.ts";
import type { Param } from "../../output/framed_params.ts";

/** Units (work_steps.ts) of the rows for one online user, without its channels, and of one entry of WHOWAS. */
const WHOIS_UNITS = 10;
const WHOWAS_UNITS = 3;

export function idleSeconds(context: HubContext, user: User): number {
  return Math.max(0, Math.floor((context.monotonic - user.idleSince) / 1000));
}

/** `WHOIS [target] nick[,nick…]`, where the target is a server, or the nick of a user on it. */
function whois(context: HubContext, services: Services, session: Session, message: Message): void {
  const [first = "", second] = message.params;
  const asked = second ?? first;
  if (asked === "") return noNicknameGiven(context, session);
  if (second !== undefined && !isSameName(first, second) && !checkServerTarget(context, session, first)) {
    return;
  }
  context.runInSteps(sendWhois(context, services, session, asked));
}

function* sendWhois(context: HubContext, services: Services, session: Session, asked: string): WorkSteps {
  for (const nick of asked.split(",").slice(0, MAXTARGETS)) {
    if (session.closeReason !== undefined) return;
    const user = context.state.user(nick);
    if (user !== undefined) sendWhoisRows(context, services, session, user);
    else {
      noSuchNick(context, session, nick);
      sendRegisteredNick(context, services, session, nick);
    }
    yield WHOIS_UNITS + (user?.channels.size ?? 0);
  }
  context.numeric(session, RPL_ENDOFWHOIS, asked, "End of /WHOIS list");
}

/**
 * Reports that `nick`, which no user has, is registered, if it is; clients show a 320 as a line about the nick. It does
 * not tell whether the owner is online under another nick, because that would reveal users with +i.
 */
function sendRegisteredNick(context: HubContext, services: Services, session: Session, nick: string): void {
  if (context.config.accounts === "off") return;
  const account = services.accounts.get(nick);
  if (account === undefined) return;
  context.numeric(
    session,
    RPL_WHOISSPECIAL,
    account.name,
    "is registered, and not in use now",
  );
}

function sendWhoisRows(context: HubContext, services: Services, session: Session, user: User): void {
  const row = (code: string, ...params: readonly Param[]) =>
    context.numeric(session, code, user.nick, ...params);
  row(RPL_WHOISUSER, user.username, user.host, "*", user.realname);
  const multiPrefix = hasMultiPrefix(session);
  const channels = [...visibleChannels(context, session, user)]
    .map((channel) => membershipPrefix(user.channels.get(channel)!, multiPrefix) + channel.name);
  sendWordList(context, session, RPL_WHOISCHANNELS, [user.nick], channels);
  const { serverName, network, description = network } = context.config;
  row(RPL_WHOISSERVER, serverName, description);
  if (user.isServerOperator) row(RPL_WHOISOPERATOR, "is an IRC operator");
  if (user.account !== undefined) {
    if (user.account.folded === user.folded) row(RPL_WHOISREGNICK, "has identified for this nick");
    row(RPL_WHOISACCOUNT, user.account.name, "is logged in as");
  }
  if (context.state.bots.has(user)) row(RPL_WHOISBOT, "is a bot");
  // 276 (the client's certificate) is not sent: the platform does not expose the certificate.
  if (user.isSecure) row(RPL_WHOISSECURE, "is using a secure connection");
  if (user === session.user || session.user?.isServerOperator) sendPrivateWhoisRows(context, user, row);
  if (user.away !== "") row(RPL_AWAY, user.away);
  const signon = Math.floor(user.signonAt / 1000);
  row(RPL_WHOISIDLE, idleSeconds(context, user), signon, "seconds idle, signon time");
  if (!session.caps.has(CAP.metadata)) return;
  for (const [key, value] of services.metadata.of(user)) row(RPL_WHOISKEYVALUE, key, "*", value);
}

/** "Servers typically send some of these numerics only to the client itself and to servers operators". */
function sendPrivateWhoisRows(
  context: HubContext,
  user: User,
  row: (code: string, ...params: readonly Param[]) => void,
): void {
  for (const host of new Set(user.sessions.map((session) => session.host))) {
    row(RPL_WHOISACTUALLY, host, "Is actually using host");
  }
  row(RPL_WHOISMODES, `is using modes ${formatUserModes(context.state, user)}`);
}

/** `WHOWAS nick[,nick…] [count [server]]`: "up to `<count>` replies …; otherwise, a full search is done". */
function whowas(context: HubContext, services: Services, session: Session, message: Message): void {
  const [asked = "", number = "", server] = message.params;
  if (asked === "") return noNicknameGiven(context, session);
  if (!checkServerTarget(context, session, server)) return;
  const count = /^\d{1,9}$/.test(number) && Number(number) > 0 ? Number(number) : Infinity;
  context.runInSteps(sendWhowas(context, services, session, asked, count));
}

function* sendWhowas(
  context: HubContext,
  services: Services,
  session: Session,
  asked: string,
  count: number,
): WorkSteps {
  for (const nick of new Set(asked.split(",").slice(0, MAXTARGETS))) {
    const found = services.whowas.find(nick, count);
    if (found.length === 0) {
      context.numeric(session, ERR_WASNOSUCHNICK, nick, "There was no such nickname");
      if (context.state.user(nick) === undefined) sendRegisteredNick(context, services, session, nick);
    }
    yield WHOWAS_UNITS;
    for (const past of found) {
      if (session.closeReason !== undefined) return;
      sendWhowasRows(context, session, past);
      yield WHOWAS_UNITS;
    }
  }
  context.numeric(session, RPL_ENDOFWHOWAS, asked, "End of WHOWAS");
}

function sendWhowasRows(context: HubContext, session: Session, past: PastName): void {
  const row = (code: string, ...params: readonly Param[]) =>
    context.numeric(session, code, past.nick, ...params);
  row(RPL_WHOWASUSER, past.username, past.host, "*", past.realname);
  row(RPL_WHOISSERVER, context.config.serverName, new Date(past.until).toUTCString());
  if (session.user?.isServerOperator) row(RPL_WHOISACTUALLY, past.realHost, "Was actually using host");
  if (past.account !== "") row(RPL_WHOISACCOUNT, past.account, "was logged in as");
}

export const WHOIS_VERBS: VerbTable = {
  WHOIS: { min: 0, who: "session", run: whois },
  WHOWAS: { min: 0, who: "session", run: whowas },
};
