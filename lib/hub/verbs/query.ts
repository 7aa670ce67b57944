/** WHO, WHOIS, LIST (modern, "User-Based Queries", "LIST message"). */
import { utf8Length } from "../../base/bytes.ts";
import { casefold } from "../../irc/casemap.ts";
import { maskMatches } from "../../irc/mask.ts";
import {
  ERR_NONICKNAMEGIVEN,
  ERR_NOSUCHNICK,
  RPL_AWAY,
  RPL_ENDOFWHO,
  RPL_ENDOFWHOIS,
  RPL_LIST,
  RPL_LISTEND,
  RPL_LISTSTART,
  RPL_TRYAGAIN,
  RPL_WHOISACCOUNT,
  RPL_WHOISCHANNELS,
  RPL_WHOISIDLE,
  RPL_WHOISOPERATOR,
  RPL_WHOISSECURE,
  RPL_WHOISSERVER,
  RPL_WHOISUSER,
  RPL_WHOREPLY,
} from "../../irc/numerics.ts";
import { MAXTARGETS } from "../../irc/limits.ts";
import type { Message } from "../../irc/message.ts";
import { isRoomName } from "../../irc/names.ts";
import { QUERY_MAX_ROWS } from "../config.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import { maySee } from "../room_access.ts";
import { hasMultiPrefix, prefixOf } from "../room_view.ts";
import type { Room, Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";

/** Bytes of room names in one 319, the last of them not counted: the longest names still fit a line around them. */
const WHOISCHANNELS_MAX_BYTES = 300;

/** `room`, if `session` may know of it. */
function seen(session: Session, room: Room | undefined): Room | undefined {
  return room !== undefined && maySee(session, room.target, room) ? room : undefined;
}

/** Everybody, the members of a room, or who matches a mask by nick or host. */
function who(hub: Hub, session: Session, message: Message): void {
  const mask = message.params[0] ?? "*";
  const room = isRoomName(mask) ? seen(session, hub.state.room(mask)) : undefined;
  const users = room !== undefined ? room.members.keys() : isRoomName(mask) ? [] : matching(hub, mask);
  let rows = 0;
  for (const user of users) {
    if (rows++ === QUERY_MAX_ROWS) {
      hub.numeric(session, RPL_TRYAGAIN, `WHO :Cut after ${QUERY_MAX_ROWS} rows; ask with a mask or a room`);
      break;
    }
    whoRow(hub, session, user, room);
  }
  hub.numeric(session, RPL_ENDOFWHO, `${quoted(mask)} :End of WHO list`);
}

function* matching(hub: Hub, mask: string): Iterable<User> {
  const folded = casefold(mask);
  const exact = hub.state.user(mask);
  if (exact !== undefined) return yield exact;
  for (const user of hub.state.users.values()) {
    if (mask === "0" || maskMatches(folded, user.folded) || maskMatches(folded, casefold(user.host))) {
      yield user;
    }
  }
}

function whoRow(hub: Hub, session: Session, user: User, room: Room | undefined): void {
  const shown = room ?? user.rooms.keys().find((each) => seen(session, each));
  const flags = (user.away === "" ? "H" : "G") + (user.oper ? "*" : "") +
    (shown === undefined ? "" : prefixOf(user.rooms.get(shown) ?? 0, hasMultiPrefix(session)));
  const server = hub.config.serverName;
  hub.numeric(
    session,
    RPL_WHOREPLY,
    `${shown?.name ?? "*"} ${user.username} ${user.host} ${server} ${user.nick} ${flags} :0 ${user.realname}`,
  );
}

/** `WHOIS nick[,nick…]` or `WHOIS server nick`. */
function whois(hub: Hub, session: Session, message: Message): void {
  const asked = message.params[1] ?? message.params[0] ?? "";
  if (asked === "") return hub.numeric(session, ERR_NONICKNAMEGIVEN, ":No nickname given");
  for (const nick of asked.split(",").slice(0, MAXTARGETS)) {
    const user = hub.state.user(nick);
    if (user === undefined) hub.numeric(session, ERR_NOSUCHNICK, `${quoted(nick)} :No such nick`);
    else whoisRows(hub, session, user);
  }
  hub.numeric(session, RPL_ENDOFWHOIS, `${quoted(asked)} :End of /WHOIS list`);
}

function whoisRows(hub: Hub, session: Session, user: User): void {
  const row = (code: string, rest: string) => hub.numeric(session, code, `${user.nick} ${rest}`);
  row(RPL_WHOISUSER, `${user.username} ${user.host} * :${user.realname}`);
  let names = "";
  for (const [room, bits] of user.rooms) {
    if (!seen(session, room)) continue;
    names += `${prefixOf(bits, hasMultiPrefix(session))}${room.name} `;
    if (utf8Length(names) < WHOISCHANNELS_MAX_BYTES) continue;
    row(RPL_WHOISCHANNELS, `:${names.trimEnd()}`);
    names = "";
  }
  if (names !== "") row(RPL_WHOISCHANNELS, `:${names.trimEnd()}`);
  row(RPL_WHOISSERVER, `${hub.config.serverName} :${hub.config.network}`);
  if (user.oper) row(RPL_WHOISOPERATOR, ":is an IRC operator");
  if (user.account !== undefined) row(RPL_WHOISACCOUNT, `${user.account.name} :is logged in as`);
  if (user.secure) row(RPL_WHOISSECURE, ":is using a secure connection");
  if (user.away !== "") row(RPL_AWAY, `:${user.away}`);
  const idle = Math.max(0, Math.floor((hub.now - user.idleSince) / 1000));
  row(RPL_WHOISIDLE, `${idle} ${Math.floor(user.signonAt / 1000)} :seconds idle, signon time`);
}

/** All rooms with somebody in them, or those named. */
function list(hub: Hub, session: Session, message: Message): void {
  hub.numeric(session, RPL_LISTSTART, "Channel :Users  Name");
  const named = message.params[0];
  const rooms = named === undefined || !isRoomName(named)
    ? hub.state.rooms.values()
    : named.split(",").slice(0, MAXTARGETS).flatMap((name) => hub.state.room(name) ?? []);
  let rows = 0;
  for (const room of rooms) {
    if (room.members.size === 0 && !room.permanent || !seen(session, room)) continue;
    if (rows++ === QUERY_MAX_ROWS) {
      hub.numeric(session, RPL_TRYAGAIN, `LIST :Cut after ${QUERY_MAX_ROWS} rows; ask for rooms by name`);
      break;
    }
    hub.numeric(session, RPL_LIST, `${room.name} ${room.members.size} :${room.target.topic}`);
  }
  hub.numeric(session, RPL_LISTEND, ":End of /LIST");
}

export const QUERY_VERBS: VerbTable = {
  WHO: { min: 0, who: "session", run: who },
  WHOIS: { min: 0, who: "session", run: whois },
  LIST: { min: 0, who: "session", run: list },
};
