/** WHO (modern, "WHO message") and its selectable fields (https://ircv3.net/specs/extensions/whox). */
import { parseIp } from "../../../base/ip.ts";
import { compileMask, MASK_BOUNDS_TEXT } from "../../../irc/names/mask.ts";
import type { Message } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { ERR_BADMASK, RPL_TRYAGAIN, RPL_WHOREPLY, RPL_WHOSPCRPL } from "../../../irc/numerics.ts";
import { QUERY_MAX_ROWS } from "../../model/config.ts";
import { isVisible, visibleChannel, visibleChannels } from "../../policy/visibility.ts";
import { frameParams, frameWords } from "../../output/framed_params.ts";
import type { HubContext, Services } from "../../context.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { hasMultiPrefix, membershipPrefix } from "../../fanout/channel_replies.ts";
import { BOT_MODE, LOST_FLAG } from "../../model/state/user_mode_letters.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { idleSeconds } from "./whois.ts";
import { endOfWho } from "../../fanout/replies.ts";

/** Units (work_steps.ts) of checking whether a user is visible, and of matching it against a mask. */
const FIND_UNITS = 2;
const MATCH_UNITS = 6;
/** Units of a row, for which the user's channels are searched for one that is visible to the session. */
const ROW_UNITS = 8;

/** The data of one row. `channel` is the requested one, or any channel of the user that is visible to the session. */
interface WhoRow {
  readonly context: HubContext;
  readonly services: Services;
  readonly session: Session;
  readonly user: User;
  readonly channel: Channel | undefined;
  readonly token: string;
}

/** Letter of the only field that is free text. */
const TEXT_FIELD = "r";

/**
 * The fields of a 354 by their letters, in the order of whox. Two are not in whox, but clients request them and rely on
 * their place in ircu's order: `d`, the number of hops, and `o`, the operator level in a channel.
 */
const FIELDS: readonly (readonly [letter: string, value: (row: WhoRow) => string])[] = [
  ["t", ({ token }) => token],
  ["c", ({ channel }) => channel?.name ?? "*"],
  ["u", ({ user }) => user.username],
  ["i", displayedAddress],
  ["h", ({ user }) => user.host],
  ["s", ({ context }) => context.config.serverName],
  ["n", ({ user }) => user.nick],
  ["f", whoFlags],
  ["d", () => "0"],
  ["l", ({ context, user }) => String(idleSeconds(context, user))],
  ["a", ({ user }) => user.account?.name ?? "0"],
  ["o", () => "n/a"],
  [TEXT_FIELD, ({ user }) => user.realname],
];

/** The second parameter of WHO: a filter, and the fields to send. */
interface WhoQuery {
  /** `o`: only server operators. */
  readonly opersOnly: boolean;
  /** Undefined: a traditional row (352). */
  readonly fields: readonly ((row: WhoRow) => string)[] | undefined;
  /** True if the last field is {@link TEXT_FIELD}. */
  readonly endsInText: boolean;
  readonly token: string;
}

/** `[flags][%fields[,token]]`; the only flag is `o`. A token is 1 to 3 digits; "0" stands for none. */
function parseWhoQuery(text: string): WhoQuery {
  const [, flags = "", asked, token = "0"] = /^([^%]*)(?:%([^,]*)(?:,(\d{1,3})$)?)?/.exec(text) ?? [];
  return {
    opersOnly: flags.includes("o"),
    fields: asked === undefined
      ? undefined
      : FIELDS.filter(([letter]) => asked.includes(letter)).map(([, value]) => value),
    endsInText: asked?.includes(TEXT_FIELD) ?? false,
    token,
  };
}

/** Lists all users, the members of a channel, or the users that match a mask. */
function who(context: HubContext, services: Services, session: Session, message: Message): void {
  const mask = message.params[0] ?? "*";
  const question = parseWhoQuery(message.params[1] ?? "");
  const channel = isChannelName(mask) ? visibleChannel(session, context.state.channel(mask)) : undefined;
  const asked = isChannelName(mask)
    ? {
      users: channel?.members.keys() ?? [],
      fits: (user: User) => isVisible(context, session, user),
      effort: FIND_UNITS,
    }
    : selectByMask(context, session, mask);
  if (asked !== undefined) {
    return context.runInSteps(sendWhoRows(context, services, session, { mask, ...asked, channel, question }));
  }
  context.numeric(session, ERR_BADMASK, mask, MASK_BOUNDS_TEXT);
  endOfWho(context, session, mask);
}

/** The users to scan, and the condition for listing one. */
interface WhoSelection {
  readonly users: Iterable<User>;
  readonly fits: (user: User) => boolean;
  /** Units (work_steps.ts) of checking one user. */
  readonly effort: number;
}

/**
 * Scans the users in steps, over several turns if there are many. A user that connects or quits during the scan may be
 * listed or not; one that changes nick is not listed twice.
 */
function* sendWhoRows(
  context: HubContext,
  services: Services,
  session: Session,
  { mask, users, fits, effort, channel, question }: WhoSelection & {
    mask: string;
    channel: Channel | undefined;
    question: WhoQuery;
  },
): WorkSteps {
  const told = new Set<User>();
  for (const user of users) {
    if (session.closeReason !== undefined) return;
    const listed = !told.has(user) && (!question.opersOnly || user.isServerOperator) && fits(user);
    if (listed && told.size === QUERY_MAX_ROWS) {
      context.numeric(
        session,
        RPL_TRYAGAIN,
        "WHO",
        `Truncated after ${QUERY_MAX_ROWS} rows; use a mask or a room`,
      );
      break;
    }
    if (listed) {
      told.add(user);
      sendWhoRow(context, services, session, user, channel, question);
    }
    yield (listed ? ROW_UNITS : 0) + effort;
  }
  endOfWho(context, session, mask);
}

/**
 * Selects the user with exactly that nick, or all users with a nick, user name, host, server or real name that matches
 * the mask. Undefined if the mask is beyond the bounds.
 */
function selectByMask(context: HubContext, session: Session, mask: string): WhoSelection | undefined {
  const exact = context.state.user(mask);
  if (exact !== undefined) return { users: [exact], fits: () => true, effort: 1 };
  const [folded, lower] = [compileMask(mask), compileMask(mask, (text) => text.toLowerCase())];
  if (folded === undefined || lower === undefined) return undefined;
  const all = mask === "0" || mask === "*" || lower.matches(context.config.serverName.toLowerCase());
  const isMeant = (user: User) =>
    all || folded.matches(user.folded) ||
    [user.username, ...searchableHosts(session, user), user.realname].some((text) =>
      lower.matches(text.toLowerCase())
    );
  return {
    users: context.state.users.values(),
    fits: (user) => isMeant(user) && isVisible(context, session, user),
    effort: all ? FIND_UNITS : MATCH_UNITS,
  };
}

function sendWhoRow(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  asked: Channel | undefined,
  { fields, endsInText, token }: WhoQuery,
): void {
  const [anyChannel] = asked === undefined ? visibleChannels(context, session, user) : [asked];
  const row = { context, services, session, user, channel: anyChannel, token };
  if (fields !== undefined) {
    // Unknown fields are omitted; a row of only unknown fields is not sent at all.
    if (fields.length === 0) return;
    const values = fields.map((value) => value(row));
    const params = endsInText ? frameParams(values) : frameWords(...values);
    return context.numericFramed(session, RPL_WHOSPCRPL, params);
  }
  const { username, host, nick, realname } = user;
  const { serverName } = context.config;
  const name = anyChannel?.name ?? "*";
  const flags = whoFlags(row);
  context.numeric(session, RPL_WHOREPLY, name, username, host, serverName, nick, flags, `0 ${realname}`);
}

/** "255.255.255.255 … when the server refuses to disclose the IP address": a user on a Unix socket has none. */
function displayedAddress({ session, user }: WhoRow): string {
  const host = maySeeAddress(session, user) ? user.realHost : user.host;
  return parseIp(host) === undefined ? "255.255.255.255" : host;
}

/** The hosts by which `session` may find `user`. Others must not match the address: trying masks would reveal it. */
function searchableHosts(session: Session, user: User): string[] {
  return maySeeAddress(session, user) ? [user.host, user.realHost] : [user.host];
}

function maySeeAddress(session: Session, user: User): boolean {
  return user === session.user || session.user?.isServerOperator === true;
}

/**
 * `H` (here) or `G` (gone), `*` for a server operator, `B` for a bot (ISUPPORT BOT), the channel prefix, and `L` where the
 * connection is lost (modern: "arbitrary server-specific flags" come last).
 */
function whoFlags({ context, session, user, channel }: WhoRow): string {
  return (user.away === "" ? "H" : "G") + (user.isServerOperator ? "*" : "") +
    (context.state.bots.has(user) ? BOT_MODE : "") +
    (channel === undefined
      ? ""
      : membershipPrefix(user.channels.get(channel) ?? 0, hasMultiPrefix(session))) +
    (context.state.usersInGracePeriod.has(user) ? LOST_FLAG : "");
}

export const WHO_VERBS: VerbTable = {
  WHO: { min: 0, who: "session", run: who },
};
