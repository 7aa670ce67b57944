/** PASS, NICK, USER and CLAIM: how a connection becomes a session with a name (modern, "Connection Registration"). */
import { createHash, timingSafeEqual } from "node:crypto";
import { utf8 } from "../../base/bytes.ts";
import { CAP } from "../../irc/caps.ts";
import { REALNAMELEN, USERLEN } from "../../irc/limits.ts";
import {
  ERR_ERRONEUSNICKNAME,
  ERR_NEEDMOREPARAMS,
  ERR_NICKNAMEINUSE,
  ERR_NONICKNAMEGIVEN,
  ERR_PASSWDMISMATCH,
} from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { NAME_FAULT_TEXT, nickFault } from "../../irc/names.ts";
import { truncateText } from "../../irc/text.ts";
import type { Hub } from "../hub.ts";
import { playBack } from "../playback.ts";
import { quoted } from "../quote.ts";
import { sayRoom } from "../room_view.ts";
import type { Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { welcome } from "../welcome.ts";

/** A claim key: 32 random bytes in base64url. */
const CLAIM_KEY = /^[A-Za-z0-9_-]{43}$/;
/** Characters of the key's SHA-256, in base64url, that name its owner: 96 bits. */
const OWNER_LENGTH = 16;

function pass(_hub: Hub, session: Session, message: Message): void {
  session.password = message.params[0];
}

function nick(hub: Hub, session: Session, message: Message): void {
  const wanted = message.params[0] ?? "";
  if (wanted === "") return hub.numeric(session, ERR_NONICKNAMEGIVEN, ":No nickname given");
  const fault = nickFault(wanted);
  if (fault !== undefined) {
    return hub.numeric(session, ERR_ERRONEUSNICKNAME, `${quoted(wanted)} :${NAME_FAULT_TEXT[fault]}`);
  }
  if (session.user !== undefined) return rename(hub, session, session.user, wanted);
  if (session.registered) return hub.fail(session, "NICK", "OBSERVER", "", "An observer has no name");
  if (!session.negotiating && !mayBecome(hub, session, wanted)) return inUse(hub, session, wanted);
  session.nick = wanted;
  tryRegister(hub, session);
}

function rename(hub: Hub, session: Session, user: User, wanted: string): void {
  if (wanted === user.nick) return;
  const holder = hub.state.user(wanted);
  if (holder !== undefined && holder !== user) return inUse(hub, session, wanted);
  hub.commit({ kind: "nick", source: user.source, nick: wanted });
}

function inUse(hub: Hub, session: Session, wanted: string): void {
  hub.numeric(session, ERR_NICKNAMEINUSE, `${wanted} :Nickname is already in use`);
}

/** A name is free, or it is held with the same claim key: then this is one more session of its user. */
function mayBecome(hub: Hub, session: Session, wanted: string): boolean {
  if (session.caps & CAP.observer) return true;
  const holder = hub.state.user(wanted);
  return holder === undefined || session.owner !== "" && holder.owner === session.owner;
}

function user(hub: Hub, session: Session, message: Message): void {
  const [username = "", , , realname = ""] = message.params;
  if (username === "") return hub.numeric(session, ERR_NEEDMOREPARAMS, "USER :Not enough parameters");
  session.username = "~" + (username.replace(/[^A-Za-z0-9._-]/g, "").slice(0, USERLEN - 1) || "user");
  session.realname = truncateText(realname === "" ? username : realname, REALNAMELEN);
  tryRegister(hub, session);
}

function claim(hub: Hub, session: Session, message: Message): void {
  const key = message.params[0]!;
  if (!(session.caps & CAP.claim)) {
    return hub.fail(session, "CLAIM", "NEED_CAPABILITY", "", "Request chatterbox.chat/claim first");
  }
  if (!CLAIM_KEY.test(key)) {
    return hub.fail(
      session,
      "CLAIM",
      "INVALID_KEY",
      "",
      "A claim key is 32 random bytes in base64url: 43 characters",
    );
  }
  session.owner = createHash("sha256").update(key).digest("base64url").slice(0, OWNER_LENGTH);
}

/** Registers `session` once all that is needed has been said. */
export function tryRegister(hub: Hub, session: Session): void {
  if (session.registered || session.negotiating || session.nick === "*" || session.username === "") return;
  if (!passwordHolds(hub.config.password, session.password)) {
    hub.numeric(session, ERR_PASSWDMISMATCH, ":Password incorrect");
    return hub.letGo(session, "Password incorrect");
  }
  session.password = undefined;
  const wanted = session.nick;
  if (!mayBecome(hub, session, wanted)) {
    session.nick = "*";
    return inUse(hub, session, wanted);
  }
  const { username, realname } = session;
  const nick = session.caps & CAP.observer ? wanted : hub.state.user(wanted)?.nick ?? wanted;
  hub.commit({ kind: "attach", session, nick, username, realname });
  welcome(hub, session);
  for (const room of session.user?.rooms.keys() ?? []) {
    hub.tell(session, `:${session.user!.source} JOIN ${room.name}`);
    sayRoom(hub, session, room);
    playBack(hub, session, room);
  }
}

function passwordHolds(wanted: string | undefined, given: string | undefined): boolean {
  if (wanted === undefined) return true;
  const digest = (text: string) => createHash("sha256").update(utf8(text)).digest();
  return timingSafeEqual(digest(wanted), digest(given ?? ""));
}

export const REGISTER_VERBS: VerbTable = {
  PASS: { min: 1, who: "newcomer", run: pass },
  NICK: { min: 0, who: "anyone", run: nick },
  USER: { min: 4, who: "newcomer", run: user },
  CLAIM: { min: 1, who: "newcomer", run: claim },
};
