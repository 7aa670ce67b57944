/** PASS, NICK, USER and CLAIM: how a connection becomes a session with a name (modern, "Connection Registration"). */
import { TokenBucket } from "../../base/token_bucket.ts";
import { CAP } from "../../irc/caps.ts";
import { REALNAMELEN, USERLEN } from "../../irc/limits.ts";
import {
  ERR_BANNICKCHANGE,
  ERR_ERRONEUSNICKNAME,
  ERR_NEEDMOREPARAMS,
  ERR_NICKTOOFAST,
  ERR_NONICKNAMEGIVEN,
  ERR_PASSWDMISMATCH,
  ERR_RESTRICTED,
} from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { NAME_FAULT_TEXT, nickFault } from "../../irc/names.ts";
import { truncateText } from "../../irc/text.ts";
import { holdOut } from "../banning.ts";
import { banOf, banWords } from "../bans.ts";
import type { Hub } from "../hub.ts";
import { ownerOfKey } from "../key_owner.ts";
import { nameRefusal, takenRefusal } from "../name_refusal.ts";
import type { NameRefusal } from "../name_refusal.ts";
import { refusalWords } from "../passwords.ts";
import { playBack } from "../playback.ts";
import type { Steps } from "../pieces.ts";
import { quoted } from "../quote.ts";
import { passLogin, passwordRefusal, takePassword } from "../server_password.ts";
import type { PassLogin } from "../server_password.ts";
import { bannedIn, onceJudged, whyMuted } from "../room_access.ts";
import { sayRoom, unitsOfNames } from "../room_view.ts";
import { sayOper } from "../standing.ts";
import type { Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { render } from "../view.ts";
import { playWaiting } from "../waiting_playback.ts";
import { welcome } from "../welcome.ts";
import { checkPassword, loggedIn } from "./sasl.ts";
import { awayFromTheStart } from "./user.ts";

/** A claim key: 32 random bytes in base64url. */
const CLAIM_KEY = /^[A-Za-z0-9_-]{43}$/;

/** Units (pieces.ts) of a room that a further session is told of, without its names: its topic and newest messages. */
const JOIN_UNITS = 40;

function pass(_hub: Hub, session: Session, message: Message): void {
  takePassword(session, message.params[0]!);
}

function nick(hub: Hub, session: Session, message: Message): void {
  const wanted = message.params[0] ?? "";
  if (wanted === "") return hub.numeric(session, ERR_NONICKNAMEGIVEN, ":No nickname given");
  const fault = nickFault(wanted);
  if (fault !== undefined) {
    return hub.numeric(session, ERR_ERRONEUSNICKNAME, `${quoted(wanted)} :${NAME_FAULT_TEXT[fault]}`);
  }
  const { user } = session;
  if (user !== undefined) {
    return hub.later(onceJudged(session, user, () => rename(hub, session, user, wanted)));
  }
  if (session.registered) return hub.fail(session, "NICK", "OBSERVER", "", "An observer has no name");
  const isJudgedLater = session.negotiating || passLogin(hub, session) !== undefined;
  const refusal = isJudgedLater ? undefined : refusalOf(hub, session, wanted);
  if (refusal !== undefined) return refuse(hub, session, wanted, refusal);
  session.nick = wanted;
  tryRegister(hub, session);
}

function rename(hub: Hub, session: Session, user: User, wanted: string): void {
  if (wanted === user.nick) return;
  const holder = hub.state.user(wanted);
  const refusal = takenRefusal(hub, wanted, holder === user ? undefined : holder, user.account) ??
    nameRefusal(hub, session, wanted);
  if (refusal !== undefined) return refuse(hub, session, wanted, refusal);
  if (!mayRename(hub, session, user, wanted)) return;
  const waitMs = renameWait(hub, session, user);
  if (waitMs > 0) {
    const seconds = Math.ceil(waitMs / 1000);
    return hub.numeric(
      session,
      ERR_NICKTOOFAST,
      `${wanted} :Nick change too fast. Please wait ${seconds} seconds.`,
    );
  }
  hub.commit({ kind: "nick", source: user.source, nick: wanted });
}

/** Whether no ban is against it: a banned name is refused, and who may not speak would get around that by another name. */
function mayRename(hub: Hub, session: Session, user: User, wanted: string): boolean {
  const ban = banOf(hub, session, wanted);
  if (ban !== undefined) {
    hub.numeric(session, ERR_ERRONEUSNICKNAME, `${wanted} :This name is banned ${banWords(ban)}`);
    return false;
  }
  if (whyMuted(hub, user) !== undefined) {
    hub.numeric(session, ERR_RESTRICTED, ":You are muted, and keep your name meanwhile");
    return false;
  }
  const room = bannedIn(user);
  if (room === undefined) return true;
  hub.numeric(
    session,
    ERR_BANNICKCHANGE,
    `${wanted} ${room.name} :Cannot change nickname while banned on channel`,
  );
  return false;
}

/** Milliseconds until `user` may have another nick; 0: now, and it is counted. */
function renameWait(hub: Hub, session: Session, user: User): number {
  if (hub.exempt.has(session.host)) return 0;
  user.renames ??= new TokenBucket(hub.limits.nickChanges, hub.monotonic);
  return user.renames.take(1, hub.monotonic) === 1 ? 0 : user.renames.wait(1, hub.monotonic);
}

function refuse(hub: Hub, session: Session, wanted: string, { code, words }: NameRefusal): void {
  hub.numeric(session, code, `${wanted} :${words}`);
}

/** Why `session` may not register with the nick `wanted`; an observer's nick is nobody's name. */
function refusalOf(hub: Hub, session: Session, wanted: string): NameRefusal | undefined {
  if (session.caps & CAP.observer) return undefined;
  const holder = hub.state.user(wanted);
  const isHeld = holder !== undefined && !mayShare(hub, session, wanted, holder);
  return takenRefusal(hub, wanted, isHeld ? holder : undefined, session.account) ??
    nameRefusal(hub, session, wanted);
}

/**
 * The name is held with the same key: then this is one more session of its user. A session that is logged in to
 * the account of that name has it in any case.
 */
function mayShare(hub: Hub, session: Session, wanted: string, holder: User): boolean {
  return session.owner !== "" && holder.owner === session.owner || isOwn(hub, session, wanted);
}

/** The account that `session` is logged in to has that name. */
function isOwn(hub: Hub, session: Session, wanted: string): boolean {
  return session.account !== undefined && hub.accounts.get(wanted) === session.account;
}

/** Somebody may have had the name before it had an account; its owner need not wait. */
function makeRoom(hub: Hub, session: Session, wanted: string): void {
  const holder = hub.state.user(wanted);
  if (holder === undefined || holder.owner === session.owner || session.caps & CAP.observer) return;
  for (const each of [...holder.sessions]) hub.letGo(each, "The owner of the name has come");
  if (holder.leaving !== undefined) {
    hub.commit({ kind: "quit", source: holder.source, reason: holder.leaving.reason });
  }
}

function user(hub: Hub, session: Session, message: Message): void {
  const [username = "", , , realname = ""] = message.params;
  if (username === "") return hub.numeric(session, ERR_NEEDMOREPARAMS, "USER :Not enough parameters");
  session.username = "~" + (username.replace(/[^A-Za-z0-9._-]/g, "").slice(0, USERLEN - 1) || "user");
  // An empty one would be shown as nothing (WHOIS, WHO): SETNAME refuses it, but here clients would not come in at all.
  session.realname = truncateText(realname.trim() === "" ? username : realname, REALNAMELEN);
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
  if (session.account === undefined) session.owner = ownerOfKey(hub, key); // a login counts for more
}

/** Registers `session` once all that is needed has been said. */
export function tryRegister(hub: Hub, session: Session): void {
  if (session.registered || session.negotiating || session.nick === "*" || session.username === "") return;
  const refusal = passwordRefusal(hub, session);
  if (refusal !== undefined) {
    hub.numeric(session, ERR_PASSWDMISMATCH, `:${refusal}`);
    return hub.letGo(session, refusal);
  }
  const login = passLogin(hub, session);
  session.password = undefined;
  session.login = undefined;
  if (login !== undefined) return logInByPass(hub, session, login);
  if (hub.config.accounts === "required" && session.account === undefined) {
    hub.fail(
      session,
      "*",
      "ACCOUNT_REQUIRED",
      "",
      "This server lets in only who is logged in to an account (SASL)",
    );
    return hub.letGo(session, "You need to be logged in to an account");
  }
  if (holdOut(hub, session)) return;
  const wanted = session.nick;
  const against = refusalOf(hub, session, wanted);
  if (against !== undefined) {
    session.nick = "*";
    return refuse(hub, session, wanted, against);
  }
  makeRoom(hub, session, wanted);
  const { username, realname } = session;
  const nick = session.caps & CAP.observer ? wanted : hub.state.user(wanted)?.nick ?? wanted;
  hub.commit({ kind: "attach", session, nick, username, realname });
  welcome(hub, session);
  if (session.user?.oper) sayOper(hub, session, session.user);
  awayFromTheStart(hub, session);
  if (session.user === undefined) return;
  hub.later(enterAnew(hub, session, session.user));
  playWaiting(hub, session);
}

/** Logs `session` in, then registers it; or says that the password is wrong, and closes it as for the server's. */
function logInByPass(hub: Hub, session: Session, login: PassLogin): void {
  checkPassword(hub, session, login, (outcome) => {
    if (session.closing !== undefined) return;
    if (outcome.kind === "right") {
      loggedIn(hub, session, outcome.account);
      return tryRegister(hub, session);
    }
    const words = outcome.kind === "wrong"
      ? "Password incorrect: there is no such account, or it has another password"
      : `Password not checked: ${refusalWords(outcome.refusal)}`;
    hub.numeric(session, ERR_PASSWDMISMATCH, `:${words}`);
    hub.letGo(session, words);
  });
}

/**
 * A further session of a user is told of the rooms that the user is in as if it entered them: of entering all at once, because
 * it hears them from now on, of the rest by and by.
 */
function* enterAnew(hub: Hub, session: Session, user: User): Steps {
  const rooms = [...user.rooms.keys()];
  for (const room of rooms) {
    const { source, account, realname } = user;
    const join = { kind: "join", source, room: room.name, realname } as const;
    const place = { seq: 0, time: hub.now, account: account?.name ?? "" };
    hub.tell(session, render(join, place, session.caps & CAP.extendedJoin, hub.config.logId));
  }
  for (const room of rooms) {
    if (session.closing !== undefined) return;
    if (!session.rooms.has(room)) continue; // left meanwhile
    sayRoom(hub, session, room);
    if (user.sessions.length === 1) playBack(hub, session, room); // else its other sessions have been shown what was said
    yield JOIN_UNITS + unitsOfNames(hub, room);
  }
}

export const REGISTER_VERBS: VerbTable = {
  PASS: { min: 1, who: "newcomer", run: pass },
  NICK: { min: 0, who: "anyone", run: nick },
  USER: { min: 4, who: "newcomer", run: user },
  CLAIM: { min: 1, who: "newcomer", run: claim },
};
