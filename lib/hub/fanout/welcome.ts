/**
 * The welcome burst of a registered session: 001–005, LUSERS, the message of the day (modern, "Connection
 * Registration").
 */
import { CAP } from "../../irc/capabilities.ts";
import { CapSet } from "../../irc/cap_set.ts";
import { formatIsupportLines } from "../../irc/isupport.ts";
import {
  AWAYLEN,
  CHANNELLEN,
  HOSTLEN,
  KICKLEN,
  MAX_LINE_BYTES,
  MAXTARGETS,
  NICKLEN,
  REALNAMELEN,
  TOPICLEN,
  USERLEN,
} from "../../irc/limits.ts";
import {
  ERR_NOMOTD,
  RPL_CREATED,
  RPL_ENDOFMOTD,
  RPL_GLOBALUSERS,
  RPL_ISUPPORT,
  RPL_LOCALUSERS,
  RPL_LUSERCHANNELS,
  RPL_LUSERCLIENT,
  RPL_LUSERME,
  RPL_LUSEROP,
  RPL_LUSERUNKNOWN,
  RPL_MOTD,
  RPL_MOTDSTART,
  RPL_MYINFO,
  RPL_VISIBLEHOST,
  RPL_WELCOME,
  RPL_YOURHOST,
} from "../../irc/numerics.ts";
import { MAX_SCHEDULED_PER_ACCOUNT } from "../services/scheduled_messages.ts";
import { LOBBY_TOKEN, LOST_TOKEN, SCHEDULE_TOKEN } from "../../irc/vendor_extensions.ts";
import { CHATHISTORY_MAX_MESSAGES, lobbyOf } from "../model/config.ts";
import type { HubConfig, HubLimits } from "../model/config.ts";
import type { HubContext, Services } from "../context.ts";
import { sendOwnMetadata, usesMetadata3 } from "./metadata_replies.ts";
import { MAX_MONITORED } from "../services/monitors.ts";
import { BOT_MODE, LOST_FLAG, USER_MODE_LETTERS } from "../model/state/user_mode_letters.ts";
import { sessionNick } from "../model/state/entities.ts";
import type { Session } from "../model/state/entities.ts";
import { ACCOUNT_EXTBAN, EXTBAN } from "../model/channel_mask.ts";
import { KEYLEN, lettersOf, LIST_LETTERS, MAX_LIST_MASKS, MODES_PER_LINE } from "../model/channel_modes.ts";
import { frameParams, frameWords } from "../output/framed_params.ts";
import type { FramedParams } from "../output/framed_params.ts";

export function sendWelcome(context: HubContext, services: Services, session: Session): void {
  const source = session.user?.source ?? sessionNick(session);
  context.numeric(session, RPL_WELCOME, `Welcome to the ${context.config.network} Network, ${source}`);
  const { yourHost, created, myInfo } = fixedLines(context);
  context.numericFramed(session, RPL_YOURHOST, yourHost);
  context.numericFramed(session, RPL_CREATED, created);
  context.numericFramed(session, RPL_MYINFO, myInfo);
  sendIsupport(context, session);
  sendOwnPrefix(context, session);
  sendLusers(context, services, session);
  // draft/metadata-3: "as part of the registration burst, i.e. before `RPL_ENDOFMOTD` or `ERR_NOMOTD`".
  if (usesMetadata3(session)) sendOwnMetadata(context, services, session);
  sendMotd(context, session);
  const { user } = session;
  if (user !== undefined && user.host !== user.realHost) {
    context.numeric(session, RPL_VISIBLEHOST, user.host, "is now your visible host");
  }
  if (!usesMetadata3(session)) sendOwnMetadata(context, services, session);
}

const PREFIX_CAPS = CapSet.of(CAP.chghost, CAP.whoami);

/**
 * whoami: "a `SETNAME` line as part of the registration burst, between the final `005 RPL_ISUPPORT` and the
 * beginning of the `LUSERS` numerics".
 */
function sendOwnPrefix(context: HubContext, session: Session): void {
  const { user, caps } = session;
  if (user === undefined || !caps.hasAll(PREFIX_CAPS)) return;
  context.send(session, `:${user.source} SETNAME :${user.realname}`);
}

/**
 * Sends 005; https://ircv3.net/specs/extensions/extended-isupport: "MUST group all … inside a `draft/isupport`
 * batch" for clients with that capability.
 */
export function sendIsupport(context: HubContext, session: Session): void {
  if (!(session.caps.has(CAP.batch) && session.caps.has(CAP.extendedIsupport))) {
    for (const line of fixedLines(context).isupport) context.numericFramed(session, RPL_ISUPPORT, line);
    return;
  }
  const { serverName } = context.config;
  const nick = sessionNick(session);
  const ref = context.nextBatchRef();
  context.sendBatch(session, [
    `:${serverName} BATCH +${ref} draft/isupport`,
    ...fixedLines(context).isupport.map((line) =>
      `@batch=${ref} :${serverName} ${RPL_ISUPPORT} ${nick} ${line}`
    ),
    `:${serverName} BATCH -${ref}`,
  ]);
}

/** The parameters after the nick in 002 to 005. */
interface FixedLines {
  readonly limits: HubLimits;
  readonly yourHost: FramedParams;
  readonly created: FramedParams;
  readonly myInfo: FramedParams;
  readonly isupport: readonly FramedParams[];
}

/** Cached, because these lines do not change while a hub runs and are sent to every session. */
let fixedLinesCache: FixedLines | undefined;

function fixedLines({ config, limits }: HubContext): FixedLines {
  if (fixedLinesCache?.limits !== limits) {
    const { serverName, version, startedAt } = config;
    const modes = lettersOf("A", "B", "C", "D", "member");
    const withArgument = lettersOf("A", "B", "C", "member");
    fixedLinesCache = {
      limits,
      yourHost: frameParams([`Your host is ${serverName}, running version chatterbox-${version}`]),
      created: frameParams([`This server was started ${new Date(startedAt).toISOString()}`]),
      myInfo: frameWords(serverName, `chatterbox-${version}`, USER_MODE_LETTERS, modes, withArgument),
      isupport: formatIsupportLines(isupportTokens(config, limits)) as FramedParams[],
    };
  }
  return fixedLinesCache;
}

function isupportTokens(config: HubConfig, { channelsPerUser }: HubLimits): Map<string, string | true> {
  const { network, accounts, icon } = config;
  return new Map<string, string | true>([
    ["NETWORK", network],
    ["CASEMAPPING", "ascii"],
    ["CHANTYPES", "#"],
    ["PREFIX", "(ov)@+"],
    ["CHANMODES", [lettersOf("A"), lettersOf("B"), lettersOf("C"), lettersOf("D")].join(",")],
    ["MAXLIST", LIST_LETTERS.map((letter) => `${letter}:${MAX_LIST_MASKS}`).join(",")],
    ["EXCEPTS", "e"],
    ["INVEX", "I"],
    ["EXTBAN", EXTBAN],
    ["ACCOUNTEXTBAN", ACCOUNT_EXTBAN],
    ["KEYLEN", String(KEYLEN)],
    ["MODES", String(MODES_PER_LINE)],
    ["NICKLEN", String(NICKLEN)],
    ["USERLEN", String(USERLEN)],
    ["HOSTLEN", String(HOSTLEN)],
    ["NAMELEN", String(REALNAMELEN)],
    ["LINELEN", String(MAX_LINE_BYTES)],
    ["CHANNELLEN", String(CHANNELLEN)],
    ["CHANLIMIT", `#:${channelsPerUser}`],
    ["TOPICLEN", String(TOPICLEN)],
    ["KICKLEN", String(KICKLEN)],
    ["AWAYLEN", String(AWAYLEN)],
    ["MAXTARGETS", String(MAXTARGETS)],
    [
      "TARGMAX",
      `JOIN:${MAXTARGETS},PART:${MAXTARGETS},NAMES:${MAXTARGETS},KICK:${MAXTARGETS},WHOIS:${MAXTARGETS},` +
      `LIST:${MAXTARGETS},PRIVMSG:${MAXTARGETS},NOTICE:${MAXTARGETS},TAGMSG:${MAXTARGETS}`,
    ],
    ["MONITOR", String(MAX_MONITORED)],
    ["ELIST", ELIST],
    ["SAFELIST", true],
    ["WHOX", true],
    ["BOT", BOT_MODE],
    ["STATUSMSG", "@+"],
    ["CLIENTTAGDENY", ""], // no client tag is denied
    ["CHATHISTORY", String(CHATHISTORY_MAX_MESSAGES)],
    ["MSGREFTYPES", "msgid,timestamp"],
    ["UTF8ONLY", true],
    [LOBBY_TOKEN, lobbyOf(config)],
    [LOST_TOKEN, LOST_FLAG],
    ...accounts === "off" ? [] : [[SCHEDULE_TOKEN, String(MAX_SCHEDULED_PER_ACCOUNT)] as const],
    ...accounts === "required" ? [["draft/ACCOUNTREQUIRED", true] as const] : [],
    ...icon === undefined ? [] : [["draft/ICON", icon] as const],
  ]);
}

export function sendLusers(context: HubContext, _services: Services, session: Session): void {
  const { users, channels, unregisteredCount, maxUsers, serverOperators, invisible } = context.state;
  // By convention the first number counts the visible users only.
  const visible = users.size - invisible.size;
  context.numeric(
    session,
    RPL_LUSERCLIENT,
    `There are ${visible} users and ${invisible.size} invisible on 1 servers`,
  );
  context.numeric(session, RPL_LUSEROP, serverOperators.size, "operator(s) online");
  context.numeric(session, RPL_LUSERUNKNOWN, unregisteredCount, "unknown connection(s)");
  context.numeric(session, RPL_LUSERCHANNELS, channels.size, "channels formed");
  context.numeric(session, RPL_LUSERME, `I have ${users.size} clients and 0 servers`);
  context.numeric(
    session,
    RPL_LOCALUSERS,
    users.size,
    maxUsers,
    `Current local users ${users.size}, max ${maxUsers}`,
  );
  context.numeric(
    session,
    RPL_GLOBALUSERS,
    users.size,
    maxUsers,
    `Current global users ${users.size}, max ${maxUsers}`,
  );
}

export function sendMotd(context: HubContext, session: Session): void {
  const { motd, serverName } = context.config;
  if (motd.length === 0) return context.numeric(session, ERR_NOMOTD, "No message of the day");
  context.numeric(session, RPL_MOTDSTART, `- ${serverName} Message of the day -`);
  for (const line of motd) context.numeric(session, RPL_MOTD, `- ${line}`);
  context.numeric(session, RPL_ENDOFMOTD, "End of /MOTD command.");
}

/**
 * ISUPPORT ELIST, with the letters of modern: `C<9` created less than 9 minutes ago, `C>9` more; `*tea*` a mask;
 * `!*tea*` an excluded mask; `T<9` topic set less than 9 minutes ago, `T>9` more; `<9` fewer than 9 members, `>9`
 * more.
 */
const ELIST = "CMNTU";
