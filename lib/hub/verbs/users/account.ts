/**
 * REGISTER and UNREGISTER (https://ircv3.net/specs/extensions/account-registration; UNREGISTER is our own):
 * registers the session's nick as an account, and removes that account again.
 */
import type { Message } from "../../../irc/message.ts";
import { casefold, isSameName } from "../../../irc/names/casemap.ts";
import { createAccount, MAX_ACCOUNTS } from "../../services/accounts/accounts.ts";
import { accountOf, ownerOf, sessionNick } from "../../model/state/entities.ts";
import type { HashRefusal } from "../../model/state/async_job.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import type { HubContext, Services } from "../../context.ts";
import { forgetMarkers } from "../../fanout/history/read_marker_updates.ts";
import { loginInstructions, nameRefusal } from "../../policy/name_availability.ts";
import {
  hashRefusalText,
  PASSWORD_ITERATIONS,
  passwordFault,
  retryText,
  SALT_BYTES,
} from "../../services/accounts/passwords.ts";
import { serverPasswordRefusal } from "../../policy/server_password.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { completeLoginWithoutSasl } from "../login.ts";
import { revokeAccountRights } from "./account_end.ts";

/** The outcome of a registration, of its reverse, or of a password change, with the sentence that the user is sent. */
export type AccountOutcome =
  | { readonly kind: "done"; readonly account: Account; readonly text: string }
  | { readonly kind: "failed"; readonly code: string; readonly text: string };

function register(context: HubContext, services: Services, session: Session, message: Message): void {
  const [wanted = "", , password = ""] = message.params;
  const nick = sessionNick(session);
  const fail = (code: string, text: string) =>
    context.fail(
      session,
      "REGISTER",
      code,
      [nick === "*" || wanted === "*" ? nick : wanted],
      text,
    );
  if (nick === "*") {
    return fail("NEED_NICK", "Choose a name first (NICK); it becomes the name of the account");
  }
  if (wanted !== "*" && !isSameName(wanted, nick)) {
    return fail("ACCOUNT_NAME_MUST_BE_NICK", `The account name must be your own name, which is ${nick}`);
  }
  registerAccount(context, services, session, password, (outcome) => {
    if (outcome.kind === "failed") return fail(outcome.code, outcome.text);
    const { account: { name }, text } = outcome;
    context.send(session, `:${context.config.serverName} REGISTER SUCCESS ${name} :${text}`);
  });
}

/** Registers the nick of `session` as an account. `then` is called once the account is on disk, or with the failure. */
export function registerAccount(
  context: HubContext,
  services: Services,
  session: Session,
  password: string,
  then: (outcome: AccountOutcome) => void,
): void {
  const nick = sessionNick(session);
  const refusal = registrationRefusal(context, services, session, nick, password);
  if (refusal !== undefined) return then(refusal);
  // The account takes over the session's owner id (of a claim key, or temporary), and so the messages sent to it so far.
  const owner = ownerOf(session);
  const kept = owner === "" || services.accounts.isOwnerTaken(owner)
    ? services.accounts.createTemporaryOwner(context.log.nextSeq)
    : owner;
  if (!services.accounts.reserve(nick, kept)) {
    return awaitRegistration(context, services, session, nick, password, then);
  }
  const { registrations } = services.attemptLimits;
  const refuse = (refusal: AccountOutcome) => {
    then(refusal);
    releaseReservedName(context, services, nick);
  };
  context.suspend(session, {
    kind: "derive",
    session,
    password,
    salt: context.randomBytes(SALT_BYTES),
    iterations: PASSWORD_ITERATIONS,
    countAttempt: (now) => registrations.take(session.host, now - context.clockOffsetMs),
    onRefused: (refusal) => refuse(hashFailure(refusal)),
    done: (credentials) => {
      // The user's other sessions, and other users, could act during the hashing.
      const late = lateRegistrationRefusal(context, services, session, nick);
      if (late !== undefined) return refuse(late);
      const account = createAccount(nick, kept, context.now, credentials);
      services.decoyCredentials.persist();
      services.accounts.putFact(account);
      context.suspend(session, {
        kind: "save",
        session,
        done: (trouble) => finishRegistration(context, services, session, account, trouble, then),
      });
    },
  });
}

/**
 * Retries once another session's registration of the same name has ended, so that this session is answered when the
 * result is on disk. Several processes that start under one name with one claim key thus all become its owner.
 */
function awaitRegistration(
  context: HubContext,
  services: Services,
  session: Session,
  nick: string,
  password: string,
  then: (outcome: AccountOutcome) => void,
): void {
  const again = () => {
    if (session.closeReason === undefined) registerAccount(context, services, session, password, then);
  };
  context.suspendLine(session);
  services.accounts.queueUntilReleased(nick, { kind: "save", session, done: again });
}

/** Ends the reservation of `nick`, and queues the registrations that waited for it. */
function releaseReservedName(context: HubContext, services: Services, nick: string): void {
  context.queueJobs(services.accounts.release(nick));
}

function finishRegistration(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
  trouble: string | undefined,
  then: (outcome: AccountOutcome) => void,
): void {
  releaseReservedName(context, services, account.name);
  if (trouble !== undefined) {
    services.accounts.remove(account);
    services.attemptLimits.registrations.refund(session.host, context.monotonic);
    const text = "The account could not be saved; try again later";
    return then({ kind: "failed", code: "TEMPORARILY_UNAVAILABLE", text });
  }
  services.accounts.add(account);
  completeLoginWithoutSasl(context, services, session, account);
  endClaims(context, services, account);
  then({ kind: "done", account, text: `The account ${account.name} is registered, and you are logged in` });
}

/**
 * Turns the owner id of a claim key into that of `account`: from now on it takes a login. The user with the key and the
 * account's name is logged in; other sessions with the key are closed, because a later change of the password would
 * not reach them.
 */
function endClaims(context: HubContext, services: Services, account: Account): void {
  const holds = (owner: OwnerId, of: Account | undefined) => owner === account.owner && of !== account;
  for (const each of context.state.sessions.values()) {
    const { phase, user } = each;
    if (!holds(ownerOf(each), accountOf(each))) continue;
    if (user?.folded === account.folded) completeLoginWithoutSasl(context, services, each, account);
    else if (phase.kind !== "registering") {
      context.disconnect(each, "Your claim key now belongs to an account: log in to it");
    } else phase.owner = services.formerOwners.firstUnusedOwner(phase.owner);
  }
  endGracePeriods(context, (user) => holds(user.owner, user.account) && user.folded !== account.folded);
}

function registrationRefusal(
  context: HubContext,
  services: Services,
  session: Session,
  nick: string,
  password: string,
): AccountOutcome | undefined {
  if (context.config.accounts === "off") {
    return accountFailure("DISALLOWED", "There are no accounts on this server");
  }
  if (accountOf(session) !== undefined) return ALREADY_LOGGED_IN;
  const fault = passwordFault(password, nick, context.config.passphraseMinBytes);
  if (fault !== undefined) return accountFailure(fault.code, fault.text);
  const { phase } = session;
  if (
    phase.kind === "registering" && serverPasswordRefusal(context, services, session, phase) !== undefined
  ) {
    return accountFailure("DISALLOWED", "Send the server password first (PASS)");
  }
  if (services.accounts.isFull) {
    return accountFailure(
      "TEMPORARILY_UNAVAILABLE",
      `This server has reached its limit of ${MAX_ACCOUNTS} accounts`,
    );
  }
  const waitMs = services.attemptLimits.registrations.waitMs(session.host, context.monotonic);
  if (waitMs > 0) return hashFailure({ kind: "attempts", waitMs });
  if (services.accounts.get(nick) !== undefined || services.accounts.isUnreadable(nick)) {
    return accountFailure("ACCOUNT_EXISTS", describeRegistration(services, nick));
  }
  if (context.config.opers.has(casefold(nick))) {
    return accountFailure(
      "BAD_ACCOUNT_NAME",
      "This is a server operator's name: it can only be registered on the server itself",
    );
  }
  return lateRegistrationRefusal(context, services, session, nick);
}

function describeRegistration(services: Services, nick: string): string {
  const account = services.accounts.get(nick);
  return account === undefined
    ? "This name belongs to an account that the server cannot read"
    : `This name is registered. If it is yours, ${loginInstructions(account.name)}`;
}

/** Checks to repeat after hashing, during which their result may have changed; the name itself stays reserved. */
function lateRegistrationRefusal(
  context: HubContext,
  services: Services,
  session: Session,
  nick: string,
): AccountOutcome | undefined {
  if (accountOf(session) !== undefined) return ALREADY_LOGGED_IN;
  const holder = context.state.user(nick);
  const others = holder !== undefined && holder !== session.user &&
    holder.owner !== ownerOf(session);
  if (others) return accountFailure("NICKNAME_IN_USE", "Another user has this name now");
  const refusal = nameRefusal(context, services, session, nick);
  return refusal && accountFailure("BAD_ACCOUNT_NAME", refusal.words);
}

const ALREADY_LOGGED_IN = accountFailure("ALREADY_AUTHENTICATED", "You are already logged in");

function hashFailure(refusal: HashRefusal): AccountOutcome {
  const text = refusal.kind === "attempts"
    ? `Too many registrations or passphrase changes from your address; ${retryText(refusal.waitMs)}`
    : `The account was not created: ${hashRefusalText(refusal)}`;
  return accountFailure("TEMPORARILY_UNAVAILABLE", text);
}

function accountFailure(code: string, text: string): AccountOutcome & { kind: "failed" } {
  return { kind: "failed", code, text };
}

function unregister(context: HubContext, services: Services, session: Session, message: Message): void {
  const name = message.params[0]!;
  unregisterAccount(context, services, session, name, (outcome) => {
    if (outcome.kind === "failed") {
      return context.fail(session, "UNREGISTER", outcome.code, [name], outcome.text);
    }
    const { account, text } = outcome;
    context.send(session, `:${context.config.serverName} UNREGISTER SUCCESS ${account.name} :${text}`);
  });
}

/** Removes the account called `name`, to which `session` must be logged in, and disconnects its other sessions. */
export function unregisterAccount(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
  then: (outcome: AccountOutcome) => void,
): void {
  const account = services.accounts.get(name);
  if (account === undefined) {
    return then({ kind: "failed", code: "NO_SUCH_ACCOUNT", text: "There is no such account" });
  }
  if (accountOf(session) !== account) {
    return then({
      kind: "failed",
      code: "NOT_AUTHENTICATED",
      text: "Log in to the account first: only its owner can unregister it",
    });
  }
  endAccount(context, services, account, session);
  sendLoggedOut(context, session);
  context.suspend(session, {
    kind: "save",
    session,
    done: (trouble) => {
      if (trouble === undefined) {
        const text = `The account ${account.name} is deleted, and its name is free`;
        return then({ kind: "done", account, text });
      }
      const text =
        "The account is deleted, but that could not be saved: it may return when the server restarts";
      then({ kind: "failed", code: "TEMPORARILY_UNAVAILABLE", text });
    },
  });
}

/** Removes `account` and disconnects every session that is logged in to it, except `own`. */
export function endAccount(context: HubContext, services: Services, account: Account, own?: Session): void {
  revokeAccountRights(context, services, account, own?.user);
  services.accounts.remove(account);
  services.formerOwners.add(account.owner);
  forgetMarkers(context, services, account);
  services.metadata.forget(account);
  services.accountTokens.dropOwner(account.owner);
  services.scheduledMessages.dropOwner(account.owner);
  services.notifyUrls.set(account.owner, undefined);
  disconnectSessionsOf(context, account, "The account was deleted", own);
}

/** Logs out and disconnects all sessions with the rights of `account`, except `own`. Returns their number. */
export function disconnectSessionsOf(
  context: HubContext,
  account: Account,
  reason: string,
  own?: Session,
): number {
  const others = [...context.state.sessions.values()].filter((each) =>
    each !== own && (accountOf(each) === account || ownerOf(each) === account.owner)
  );
  for (const each of others) {
    sendLoggedOut(context, each, reason);
    context.disconnect(each, reason);
  }
  endGracePeriods(context, (user) => user.account === account || user.owner === account.owner);
  return others.length;
}

/** Commits the QUIT of users in their grace period for which `isMeant` is true, so that they cannot resume. */
function endGracePeriods(context: HubContext, isMeant: (user: User) => boolean): void {
  for (const user of [...context.state.usersInGracePeriod]) {
    if (user.pendingQuit !== undefined && isMeant(user)) {
      context.commit({ kind: "quit", source: user.source, reason: user.pendingQuit.reason });
    }
  }
}

function sendLoggedOut(context: HubContext, session: Session, why = ""): void {
  context.commit({ kind: "login", session, account: undefined, why });
}

export const ACCOUNT_VERBS: VerbTable = {
  REGISTER: { min: 3, who: "anyone", run: register },
  UNREGISTER: { min: 1, who: "anyone", run: unregister },
};
