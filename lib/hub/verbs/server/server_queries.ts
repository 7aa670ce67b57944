/** MOTD, LUSERS, VERSION, ADMIN, INFO, TIME, LINKS, STATS, ISUPPORT (modern, "Server Queries and Commands"). */
import { CAP } from "../../../irc/capabilities.ts";
import {
  ERR_NOADMININFO,
  RPL_ADMINEMAIL,
  RPL_ADMINLOC1,
  RPL_ADMINLOC2,
  RPL_ADMINME,
  RPL_ENDOFINFO,
  RPL_ENDOFLINKS,
  RPL_ENDOFSTATS,
  RPL_INFO,
  RPL_LINKS,
  RPL_STATSCOMMANDS,
  RPL_STATSOLINE,
  RPL_STATSUPTIME,
  RPL_TIME,
  RPL_VERSION,
} from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import { compileMask } from "../../../irc/names/mask.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import type { HubContext, Services } from "../../context.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { sendIsupport, sendLusers, sendMotd } from "../../fanout/welcome.ts";
import { frameWords } from "../../output/framed_params.ts";
import { noSuchServer, notRegistered, notServerOperator } from "../../fanout/replies.ts";

function motd(context: HubContext, _services: Services, session: Session, message: Message): void {
  if (checkServerTarget(context, session, message.params[0])) sendMotd(context, session);
}

function version(context: HubContext, _services: Services, session: Session, message: Message): void {
  if (!checkServerTarget(context, session, message.params[0])) return;
  context.numeric(
    session,
    RPL_VERSION,
    `chatterbox-${context.config.version}`,
    context.config.serverName,
    "https://modern.ircdocs.horse",
  );
  sendIsupport(context, session);
}

function admin(context: HubContext, _services: Services, session: Session, message: Message): void {
  if (!checkServerTarget(context, session, message.params[0])) return;
  const { serverName, network, version, admin } = context.config;
  if (admin === undefined) {
    return context.numeric(session, ERR_NOADMININFO, serverName, "No administrative info available");
  }
  context.numeric(session, RPL_ADMINME, serverName, "Administrative info");
  context.numeric(session, RPL_ADMINLOC1, network);
  context.numeric(session, RPL_ADMINLOC2, `chatterbox-${version}`);
  context.numeric(session, RPL_ADMINEMAIL, admin);
}

function info(context: HubContext, _services: Services, session: Session, message: Message): void {
  if (!checkServerTarget(context, session, message.params[0])) return;
  const { serverName, network, version, startedAt } = context.config;
  const lines = [
    `ChatterBox ${version}, a chat server and its clients in one program`,
    `${serverName}, network ${network}, up since ${new Date(startedAt).toUTCString()}`,
    "Protocols: IRC (https://modern.ircdocs.horse) and IRCv3 (https://ircv3.net)",
  ];
  for (const line of lines) context.numeric(session, RPL_INFO, line);
  context.numeric(session, RPL_ENDOFINFO, "End of INFO list");
}

/** "local time from the specified server": sent as UTC, which is unambiguous. */
function time(context: HubContext, _services: Services, session: Session, message: Message): void {
  if (!checkServerTarget(context, session, message.params[0])) return;
  const { serverName } = context.config;
  const words = new Date(context.now).toUTCString();
  context.numeric(session, RPL_TIME, serverName, Math.floor(context.now / 1000), "0", words);
}

/** `LINKS [[server] mask]`: there is one server. */
function links(context: HubContext, _services: Services, session: Session, message: Message): void {
  const { serverName, network, description = network } = context.config;
  const mask = message.params.at(-1) ?? "*";
  if (message.params.length > 1 && !checkServerTarget(context, session, message.params[0])) return;
  if (isThisServer(context, mask)) {
    context.numeric(session, RPL_LINKS, serverName, serverName, `0 ${description}`);
  }
  context.numeric(session, RPL_ENDOFLINKS, mask, "End of /LINKS list");
}

/**
 * `STATS <letter> [server]`: `u` is the uptime, `m` the number of uses of each command, `o` (for server operators) the
 * operator accounts. "The specific queries supported … depend on the server": any other letter yields no rows.
 */
function sendStats(context: HubContext, services: Services, session: Session, message: Message): void {
  const [query = "", server] = message.params;
  if (!checkServerTarget(context, session, server)) return;
  STATS_BY_LETTER.get(query)?.(context, services, session);
  context.numeric(session, RPL_ENDOFSTATS, query.slice(0, 1), "End of /STATS report");
}

const STATS_BY_LETTER: ReadonlyMap<
  string,
  (context: HubContext, services: Services, session: Session) => void
> = new Map([
  ["u", sendUptime],
  ["m", sendCommandCounts],
  ["o", sendOperatorNames],
]);

function sendUptime(context: HubContext, _services: Services, session: Session): void {
  const seconds = Math.max(0, Math.floor((context.monotonic - context.config.startedAt) / 1000));
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24];
  const rest = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  context.numeric(session, RPL_STATSUPTIME, `Server Up ${days} days ${hours}:${rest.join(":")}`);
}

function sendCommandCounts(context: HubContext, _services: Services, session: Session): void {
  for (const [name, { nth }] of context.verbs) {
    const count = context.verbUses[nth]!;
    if (count > 0) context.numericFramed(session, RPL_STATSCOMMANDS, frameWords(name, count));
  }
}

function sendOperatorNames(context: HubContext, services: Services, session: Session): void {
  if (!session.user?.isServerOperator) {
    return notServerOperator(context, session);
  }
  for (const owner of services.serverOperators.owners) {
    context.numericFramed(
      session,
      RPL_STATSOLINE,
      frameWords("O", "*", "*", services.accounts.byOwner(owner)?.name ?? "*"),
    );
  }
}

/** https://ircv3.net/specs/extensions/extended-isupport: before registration only for clients with the capability. */
function isupport(context: HubContext, _services: Services, session: Session): void {
  if (session.phase.kind !== "registering" || session.caps.has(CAP.extendedIsupport)) {
    return sendIsupport(context, session);
  }
  notRegistered(context, session);
}

/** Whether the target of a server query is this server (by name or mask) or a user's nick; otherwise 402 is sent. */
export function checkServerTarget(
  context: HubContext,
  session: Session,
  target: string | undefined,
): boolean {
  if (target === undefined || context.state.user(target) !== undefined) return true;
  if (isThisServer(context, target)) return true;
  noSuchServer(context, session, target);
  return false;
}

/** Whether `mask` matches this server. A mask beyond the bounds matches none: no name is that long. */
function isThisServer(context: HubContext, mask: string): boolean {
  return compileMask(mask)?.matches(casefold(context.config.serverName)) ?? false;
}

export const SERVER_QUERY_VERBS: VerbTable = {
  MOTD: { min: 0, who: "session", run: motd },
  LUSERS: { min: 0, who: "session", run: sendLusers },
  VERSION: { min: 0, who: "session", run: version },
  ADMIN: { min: 0, who: "session", run: admin },
  INFO: { min: 0, who: "session", run: info },
  TIME: { min: 0, who: "session", run: time },
  LINKS: { min: 0, who: "session", run: links },
  STATS: { min: 1, who: "session", run: sendStats },
  ISUPPORT: { min: 0, who: "anyone", run: isupport },
};
