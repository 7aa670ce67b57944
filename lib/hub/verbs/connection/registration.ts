/** PASS, NICK, USER and CLAIM: how a connection becomes a session with a nick (modern, "Connection Registration"). */
import { CAP, FORM, formOf } from "../../../irc/capabilities.ts";
import { REALNAMELEN, USERLEN } from "../../../irc/limits.ts";
import {
  ERR_BANNICKCHANGE,
  ERR_ERRONEUSNICKNAME,
  ERR_NICKTOOFAST,
  ERR_PASSWDMISMATCH,
  ERR_RESTRICTED,
} from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import { NAME_FAULT_TEXT, nickFault } from "../../../irc/names/new_name_rules.ts";
import { truncateText } from "../../../irc/text_splitter.ts";
import { CLAIM_CAPABILITY } from "../../../irc/vendor_extensions.ts";
import { enforceBan } from "../../policy/ban_service.ts";
import { banText } from "../../services/bans.ts";
import { findBan } from "../../policy/server_bans.ts";
import type { HubContext, Services } from "../../context.ts";
import { nameRefusal, nickInUseRefusal } from "../../policy/name_availability.ts";
import type { NameRefusal } from "../../policy/name_availability.ts";
import { hashRefusalText } from "../../services/accounts/passwords.ts";
import { replayOnJoin } from "../../fanout/history/join_replay.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { passLogin, serverPasswordRefusal, storePassword } from "../../policy/server_password.ts";
import type { PassLogin } from "../../policy/server_password.ts";
import { evaluateBansThen, findBannedChannel, muteRefusal } from "../../policy/channel_access.ts";
import { namesUnits, sendChannelState } from "../../fanout/channel_replies.ts";
import { sendServerOperatorMode } from "../../fanout/server_operator_mode.ts";
import { ownerOf } from "../../model/state/entities.ts";
import type { RegisteringPhase, Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { render } from "../../output/render.ts";
import { scheduleOfflineReplay } from "../../fanout/history/offline_replay.ts";
import { sendWelcome } from "../../fanout/welcome.ts";
import { checkPassword, completeLoginWithoutSasl } from "../login.ts";
import { applyPreAway } from "../users/user_status.ts";
import { needMoreParams, noNicknameGiven } from "../../fanout/replies.ts";

/** A claim key: 32 random bytes in base64url. */
const CLAIM_KEY = /^[A-Za-z0-9_-]{43}$/;

/**
 * Work units (work_steps.ts) of sending a channel's topic and newest messages to an additional session; the names
 * are counted apart.
 */
const JOIN_UNITS = 40;

function pass(
  _context: HubContext,
  _services: Services,
  _session: Session,
  message: Message,
  registering: RegisteringPhase,
): void {
  storePassword(registering, message.params[0]!);
}

function nick(context: HubContext, services: Services, session: Session, message: Message): void {
  const wanted = message.params[0] ?? "";
  if (wanted === "") return noNicknameGiven(context, session);
  const fault = nickFault(wanted);
  if (fault !== undefined) {
    return context.numeric(
      session,
      ERR_ERRONEUSNICKNAME,
      wanted,
      NAME_FAULT_TEXT[fault],
    );
  }
  const { phase } = session;
  if (phase.kind === "registered") {
    const { user } = phase;
    return context.runInSteps(
      evaluateBansThen(session, user, () => changeNick(context, services, session, user, wanted)),
    );
  }
  if (phase.kind === "observer") {
    return context.fail(session, "NICK", "OBSERVER", [], "Observers have no name");
  }
  const isJudgedLater = phase.isNegotiatingCaps || passLogin(context, phase) !== undefined;
  const refusal = isJudgedLater ? undefined : nickRefusal(context, services, session, phase, wanted);
  if (refusal !== undefined) return rejectNick(context, session, wanted, refusal);
  phase.nick = wanted;
  tryCompleteRegistration(context, services, session);
}

function changeNick(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  wanted: string,
): void {
  if (wanted === user.nick) return;
  const holder = context.state.user(wanted);
  const refusal =
    nickInUseRefusal(context, services, wanted, holder === user ? undefined : holder, user.account) ??
      nameRefusal(context, services, session, wanted);
  if (refusal !== undefined) return rejectNick(context, session, wanted, refusal);
  if (!mayChangeNick(context, services, session, user, wanted)) return;
  const waitMs = context.exemptAddresses.has(session.host)
    ? 0
    : services.attemptLimits.nickChanges.take(user, context.monotonic);
  if (waitMs > 0) {
    const seconds = Math.ceil(waitMs / 1000);
    return context.numeric(
      session,
      ERR_NICKTOOFAST,
      wanted,
      `Nick change too fast. Please wait ${seconds} seconds.`,
    );
  }
  context.commit({ kind: "nick", source: user.source, nick: wanted });
}

/**
 * Whether no ban forbids the change. A banned nick is refused; a user that may not speak could evade that with
 * another nick.
 */
function mayChangeNick(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  wanted: string,
): boolean {
  const ban = findBan(context, services, session, wanted);
  if (ban !== undefined) {
    context.numeric(session, ERR_ERRONEUSNICKNAME, wanted, `This name is banned ${banText(ban)}`);
    return false;
  }
  if (muteRefusal(context, user) !== undefined) {
    context.numeric(session, ERR_RESTRICTED, "You are muted and cannot change your name");
    return false;
  }
  const channel = findBannedChannel(user);
  if (channel === undefined) return true;
  context.numeric(
    session,
    ERR_BANNICKCHANGE,
    wanted,
    channel.name,
    "Cannot change nickname while banned on channel",
  );
  return false;
}

function rejectNick(
  context: HubContext,
  session: Session,
  wanted: string,
  { code, words }: NameRefusal,
): void {
  context.numeric(session, code, wanted, words);
}

/**
 * Why `session` may not register with the nick `wanted`; an observer's nick is not a user's, so it is never refused.
 */
function nickRefusal(
  context: HubContext,
  services: Services,
  session: Session,
  registering: RegisteringPhase,
  wanted: string,
): NameRefusal | undefined {
  if (session.caps.has(CAP.observer)) return undefined;
  const holder = context.state.user(wanted);
  const isHeld = holder !== undefined && !mayJoinUser(services, registering, wanted, holder);
  return nickInUseRefusal(context, services, wanted, isHeld ? holder : undefined, registering.account) ??
    nameRefusal(context, services, session, wanted);
}

/**
 * Whether the connection becomes one more session of `holder`, the user with the nick: the user has the same claim
 * key. A session that is logged in to the account of that name may always use the nick.
 */
function mayJoinUser(
  services: Services,
  { account, owner }: RegisteringPhase,
  wanted: string,
  holder: User,
): boolean {
  return owner !== "" && holder.owner === owner ||
    account !== undefined && services.accounts.get(wanted) === account;
}

/** A user may have taken the nick before the account of that name existed; the account owner need not wait. */
function disconnectNickHolder(context: HubContext, session: Session, wanted: string): void {
  const holder = context.state.user(wanted);
  if (holder === undefined || holder.owner === ownerOf(session) || session.caps.has(CAP.observer)) return;
  for (const each of [...holder.sessions]) {
    context.disconnect(each, "The account owner of this name has logged in");
  }
  if (holder.pendingQuit !== undefined) {
    context.commit({ kind: "quit", source: holder.source, reason: holder.pendingQuit.reason });
  }
}

function user(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
  registering: RegisteringPhase,
): void {
  const [username = "", , , realname = ""] = message.params;
  if (username === "") return needMoreParams(context, session, "USER");
  registering.username = "~" + (username.replace(/[^A-Za-z0-9._-]/g, "").slice(0, USERLEN - 1) || "user");
  // An empty realname would be shown as nothing (WHOIS, WHO). SETNAME refuses it; here that would keep clients out.
  registering.realname = truncateText(realname.trim() === "" ? username : realname, REALNAMELEN);
  tryCompleteRegistration(context, services, session);
}

function claim(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
  registering: RegisteringPhase,
): void {
  const key = message.params[0]!;
  if (!session.caps.has(CAP.claim)) {
    return context.fail(session, "CLAIM", "NEED_CAPABILITY", [], `Request ${CLAIM_CAPABILITY} first`);
  }
  if (!CLAIM_KEY.test(key)) {
    return context.fail(
      session,
      "CLAIM",
      "INVALID_KEY",
      [],
      "A claim key must be 32 random bytes in base64url: 43 characters",
    );
  }
  // A login takes precedence.
  if (registering.account === undefined) registering.owner = services.formerOwners.claimKeyOwner(key);
}

/** Registers `session` once the client has sent everything that is needed. */
export function tryCompleteRegistration(context: HubContext, services: Services, session: Session): void {
  const { phase: registering } = session;
  if (registering.kind !== "registering" || registering.isNegotiatingCaps) return;
  const { nick: wanted, username, realname, preAway } = registering;
  if (wanted === undefined || username === undefined) return;
  const refusal = serverPasswordRefusal(context, services, session, registering);
  if (refusal !== undefined) {
    context.numeric(session, ERR_PASSWDMISMATCH, refusal);
    return context.disconnect(session, refusal);
  }
  const login = passLogin(context, registering);
  registering.password = undefined;
  session.connection.saslExchange = undefined;
  if (login !== undefined) return logInByPass(context, services, session, login);
  if (context.config.accounts === "required" && registering.account === undefined) {
    context.fail(
      session,
      "*",
      "ACCOUNT_REQUIRED",
      [],
      "This server requires a login to an account (SASL)",
    );
    return context.disconnect(session, "You need to be logged in to an account");
  }
  if (enforceBan(context, services, session)) return;
  const against = nickRefusal(context, services, session, registering, wanted);
  if (against !== undefined) {
    registering.nick = undefined;
    return rejectNick(context, session, wanted, against);
  }
  disconnectNickHolder(context, session, wanted);
  const nick = session.caps.has(CAP.observer) ? wanted : context.state.user(wanted)?.nick ?? wanted;
  context.commit({ kind: "attach", session, nick, username, realname });
  sendWelcome(context, services, session);
  const { user } = session;
  if (user === undefined) return;
  if (user.isServerOperator) sendServerOperatorMode(context, session, user);
  applyPreAway(context, user, preAway);
  context.runInSteps(sendJoinedChannels(context, services, session, user));
  scheduleOfflineReplay(context, services, session);
}

/** Logs `session` in, then registers it; with a wrong password closes it, as for a wrong server password. */
function logInByPass(context: HubContext, services: Services, session: Session, login: PassLogin): void {
  checkPassword(context, services, session, login, (outcome) => {
    if (session.closeReason !== undefined) return;
    if (outcome.kind === "right") {
      completeLoginWithoutSasl(context, services, session, outcome.account);
      return tryCompleteRegistration(context, services, session);
    }
    const words = outcome.kind === "wrong"
      ? "Password incorrect: no such account, or wrong passphrase"
      : `Password not checked: ${hashRefusalText(outcome.refusal)}`;
    context.numeric(session, ERR_PASSWDMISMATCH, words);
    context.disconnect(session, words);
  });
}

/**
 * Sends the channels of a user to an additional session as if it joined them: all JOINs at once, because the session
 * receives the channels' events from now on, the rest step by step.
 */
function* sendJoinedChannels(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
): WorkSteps {
  const channels = [...user.channels.keys()];
  for (const channel of channels) {
    const { source, account, realname } = user;
    const join = { kind: "join", source, channel: channel.name, realname } as const;
    const place = { seq: 0, time: context.now, account: account?.name ?? "" };
    context.send(
      session,
      render(join, place, formOf(session.caps) & FORM.extendedJoin, context.config.logId),
    );
  }
  for (const channel of channels) {
    if (session.closeReason !== undefined) return;
    if (!session.channels.has(channel)) continue; // left meanwhile
    sendChannelState(context, services, session, channel);
    // Otherwise its other sessions have got the messages.
    if (user.sessions.length === 1) replayOnJoin(context, services, session, channel);
    yield JOIN_UNITS + namesUnits(context, channel);
  }
}

export const REGISTRATION_VERBS: VerbTable = {
  PASS: { min: 1, who: "newcomer", run: pass },
  NICK: { min: 0, who: "anyone", run: nick },
  USER: { min: 4, who: "newcomer", run: user },
  CLAIM: { min: 1, who: "newcomer", run: claim },
};
