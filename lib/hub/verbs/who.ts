/** WHO (modern, "WHO message") and its fields to choose from (https://ircv3.net/specs/extensions/whox). */
import { parseIp } from "../../base/ip.ts";
import { compileMask, MASK_BOUNDS } from "../../irc/mask.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName } from "../../irc/names.ts";
import { ERR_BADMASK, RPL_ENDOFWHO, RPL_TRYAGAIN, RPL_WHOREPLY, RPL_WHOSPCRPL } from "../../irc/numerics.ts";
import { QUERY_MAX_ROWS } from "../config.ts";
import { isFindable, seen, seenRooms } from "../findable.ts";
import type { Hub } from "../hub.ts";
import type { Steps } from "../pieces.ts";
import { quoted } from "../quote.ts";
import { hasMultiPrefix, prefixOf } from "../room_view.ts";
import { BOT_MODE } from "../standing.ts";
import type { Room, Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { secondsIdle } from "./query.ts";

/** Units (pieces.ts) of finding out whether a user may be found, and whether it fits a mask. */
const FIND_UNITS = 2;
const MATCH_UNITS = 6;
/** Units of a row, which has its user's rooms looked through for one that both may know of. */
const ROW_UNITS = 8;

/** What a row is made of. `room`: the one asked for, or any that both may know of. */
interface Row {
  readonly hub: Hub;
  readonly session: Session;
  readonly user: User;
  readonly room: Room | undefined;
  readonly token: string;
}

/**
 * The fields of a 354 by their letters, in the order of whox. Two are not in it, but clients ask for them and count on their place
 * in ircu's order: `d`, the servers between, and `o`, the rank among a room's operators.
 */
const FIELDS: readonly (readonly [letter: string, value: (row: Row) => string])[] = [
  ["t", ({ token }) => token],
  ["c", ({ room }) => room?.name ?? "*"],
  ["u", ({ user }) => user.username],
  ["i", addressFor],
  ["h", ({ user }) => user.host],
  ["s", ({ hub }) => hub.config.serverName],
  ["n", ({ user }) => user.nick],
  ["f", flagsOf],
  ["d", () => "0"],
  ["l", ({ hub, user }) => String(secondsIdle(hub, user))],
  ["a", ({ user }) => user.account?.name ?? "0"],
  ["o", () => "n/a"],
  ["r", ({ user }) => `:${user.realname}`],
];

/** What is asked about each user. */
interface Question {
  /** `o`: only who runs the server. */
  readonly opersOnly: boolean;
  /** Undefined: the row that has always been. */
  readonly fields: readonly ((row: Row) => string)[] | undefined;
  readonly token: string;
}

/** `[flags][%fields[,token]]`; of the flags there is `o`. A token is 1 to 3 digits, and "0" stands for none. */
function questionOf(text: string): Question {
  const [, flags = "", asked, token = "0"] = /^([^%]*)(?:%([^,]*)(?:,(\d{1,3})$)?)?/.exec(text) ?? [];
  return {
    opersOnly: flags.includes("o"),
    fields: asked === undefined
      ? undefined
      : FIELDS.filter(([letter]) => asked.includes(letter)).map(([, value]) => value),
    token,
  };
}

/** Everybody, the members of a room, or who matches a mask. */
function who(hub: Hub, session: Session, message: Message): void {
  const mask = message.params[0] ?? "*";
  const question = questionOf(message.params[1] ?? "");
  const room = isRoomName(mask) ? seen(session, hub.state.room(mask)) : undefined;
  const asked = isRoomName(mask)
    ? {
      users: room?.members.keys() ?? [],
      fits: (user: User) => isFindable(hub, session, user),
      effort: FIND_UNITS,
    }
    : matching(hub, session, mask);
  if (asked !== undefined) return hub.later(sayRows(hub, session, { mask, ...asked, room, question }));
  hub.numeric(session, ERR_BADMASK, `${quoted(mask)} :${MASK_BOUNDS}`);
  hub.numeric(session, RPL_ENDOFWHO, `${quoted(mask)} :End of WHO list`);
}

/** Users to look through, and which of them are listed. */
interface Asked {
  readonly users: Iterable<User>;
  readonly fits: (user: User) => boolean;
  /** Units (pieces.ts) of looking at one. */
  readonly effort: number;
}

/**
 * More users than fit a piece are looked through in several. One that comes or goes meanwhile may be listed or not; one that takes
 * another nick is not listed twice.
 */
function* sayRows(
  hub: Hub,
  session: Session,
  { mask, users, fits, effort, room, question }: Asked & {
    mask: string;
    room: Room | undefined;
    question: Question;
  },
): Steps {
  const told = new Set<User>();
  for (const user of users) {
    if (session.closing !== undefined) return;
    const listed = !told.has(user) && (!question.opersOnly || user.oper) && fits(user);
    if (listed && told.size === QUERY_MAX_ROWS) {
      hub.numeric(session, RPL_TRYAGAIN, `WHO :Cut after ${QUERY_MAX_ROWS} rows; ask with a mask or a room`);
      break;
    }
    if (listed) {
      told.add(user);
      sayRow(hub, session, user, room, question);
    }
    yield (listed ? ROW_UNITS : 0) + effort;
  }
  hub.numeric(session, RPL_ENDOFWHO, `${quoted(mask)} :End of WHO list`);
}

/**
 * The user of exactly that nick; or all whose nick, user name, host, server or real name the mask is meant for. Undefined: the
 * mask is beyond the bounds.
 */
function matching(hub: Hub, session: Session, mask: string): Asked | undefined {
  const exact = hub.state.user(mask);
  if (exact !== undefined) return { users: [exact], fits: () => true, effort: 1 };
  const [folded, lower] = [compileMask(mask), compileMask(mask, (text) => text.toLowerCase())];
  if (folded === undefined || lower === undefined) return undefined;
  const all = mask === "0" || mask === "*" || lower.matches(hub.config.serverName.toLowerCase());
  const isMeant = (user: User) =>
    all || folded.matches(user.folded) ||
    [user.username, ...hostsFor(session, user), user.realname].some((text) =>
      lower.matches(text.toLowerCase())
    );
  return {
    users: hub.state.users.values(),
    fits: (user) => isMeant(user) && isFindable(hub, session, user),
    effort: all ? FIND_UNITS : MATCH_UNITS,
  };
}

function sayRow(
  hub: Hub,
  session: Session,
  user: User,
  asked: Room | undefined,
  { fields, token }: Question,
): void {
  const [anyRoom] = asked === undefined ? seenRooms(hub, session, user) : [asked];
  const row = { hub, session, user, room: anyRoom, token };
  if (fields !== undefined) {
    // Of what we don't know nothing is said, and so nothing at all where we know nothing of what is asked.
    if (fields.length === 0) return;
    return hub.numeric(session, RPL_WHOSPCRPL, fields.map((value) => value(row)).join(" "));
  }
  const { username, host, nick, realname } = user;
  const head = `${anyRoom?.name ?? "*"} ${username} ${host} ${hub.config.serverName} ${nick}`;
  hub.numeric(session, RPL_WHOREPLY, `${head} ${flagsOf(row)} :0 ${realname}`);
}

/** "255.255.255.255 … when the server refuses to disclose the IP address": by a Unix socket there is none. */
function addressFor({ session, user }: Row): string {
  const host = maySeeAddress(session, user) ? user.realHost : user.host;
  return parseIp(host) === undefined ? "255.255.255.255" : host;
}

/** The hosts by which `session` finds `user`: without the address others could find that by trying masks. */
function hostsFor(session: Session, user: User): string[] {
  return maySeeAddress(session, user) ? [user.host, user.realHost] : [user.host];
}

function maySeeAddress(session: Session, user: User): boolean {
  return user === session.user || session.user?.oper === true;
}

/** Here or gone, `*` who runs the server, `B` a bot (ISUPPORT BOT), and what it is in the room. */
function flagsOf({ hub, session, user, room }: Row): string {
  return (user.away === "" ? "H" : "G") + (user.oper ? "*" : "") +
    (hub.state.bots.has(user) ? BOT_MODE : "") +
    (room === undefined ? "" : prefixOf(user.rooms.get(room) ?? 0, hasMultiPrefix(session)));
}

export const WHO_VERBS: VerbTable = {
  WHO: { min: 0, who: "session", run: who },
};
