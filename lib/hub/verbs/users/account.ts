/**
 * REGISTER and UNREGISTER (https://ircv3.net/specs/extensions/account-registration; UNREGISTER is our own): who has a name may
 * make it his for good, and give it up again.
 */
import type { Message } from "../../../irc/message.ts";
import { casefold, isSameName } from "../../../irc/names/casemap.ts";
import { revokeAccountRights } from "../../apply/account_end.ts";
import { MAX_ACCOUNTS } from "../../services/accounts/accounts.ts";
import { Account, accountOf, ownerOf } from "../../model/state/entities.ts";
import type { HashRefusal } from "../../model/state/async_job.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import type { Hub } from "../../hub.ts";
import { firstUnusedOwner } from "../../services/accounts/claim_keys.ts";
import { forgetMarkers } from "../../fanout/history/read_marker_updates.ts";
import { loginInstructions, nameRefusal } from "../../policy/name_availability.ts";
import {
  hashRefusalText,
  PASSWORD_ITERATIONS,
  passwordFault,
  retryText,
  SALT_BYTES,
} from "../../services/accounts/passwords.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { serverPasswordRefusal } from "../../policy/server_password.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { completeLoginWithoutSasl } from "../connection/sasl.ts";

/** What became of a wish to have an account, or to have it no more. */
export type AccountOutcome =
  | { readonly kind: "done"; readonly account: Account }
  | { readonly kind: "failed"; readonly code: string; readonly text: string };

function register(hub: Hub, session: Session, message: Message): void {
  const [wanted = "", , password = ""] = message.params;
  const { nick } = session.user ?? session;
  const fail = (code: string, text: string) =>
    hub.fail(
      session,
      "REGISTER",
      code,
      nick === "*" ? "*" : toSafeParam(wanted === "*" ? nick : wanted),
      text,
    );
  if (nick === "*") return fail("NEED_NICK", "Choose a nick first; the account is named like it");
  if (wanted !== "*" && !isSameName(wanted, nick)) {
    return fail("ACCOUNT_NAME_MUST_BE_NICK", `An account is named like the nick of who makes it: ${nick}`);
  }
  registerAccount(hub, session, password, (outcome) => {
    if (outcome.kind === "failed") return fail(outcome.code, outcome.text);
    const { name } = outcome.account;
    hub.send(
      session,
      `:${hub.config.serverName} REGISTER SUCCESS ${name} :The name ${name} is yours, and you are logged in to it`,
    );
  });
}

/** Makes the nick of `session` an account with that password; `then` is called once it is on disk, or with why it is not. */
export function registerAccount(
  hub: Hub,
  session: Session,
  password: string,
  then: (outcome: AccountOutcome) => void,
): void {
  const { nick } = session.user ?? session;
  const refusal = registrationRefusal(hub, session, nick, password);
  if (refusal !== undefined) return then(refusal);
  // A client that came with a claim key, or is here without, keeps what was written to it so far.
  const owner = ownerOf(session);
  const kept = owner === "" || hub.accounts.isOwnerTaken(owner) ? hub.createTemporaryOwner() : owner;
  if (!hub.accounts.reserve(nick, kept)) return awaitRegistration(hub, session, nick, password, then);
  const { registrations } = hub.attemptLimits;
  const refuse = (refusal: AccountOutcome) => {
    then(refusal);
    releaseReservedName(hub, nick);
  };
  hub.suspend(session, {
    kind: "derive",
    session,
    password,
    salt: hub.randomBytes(SALT_BYTES),
    iterations: PASSWORD_ITERATIONS,
    countAttempt: (now) => registrations.take(session.host, now - hub.clockOffsetMs),
    onRefused: (refusal) => refuse(hashFailure(refusal)),
    done: (credentials) => {
      const late = lateRegistrationRefusal(hub, session, nick); // the user's other sessions, and other users, went on meanwhile
      if (late !== undefined) return refuse(late);
      const account = new Account(nick, kept, hub.now, credentials);
      hub.decoyCredentials.persist();
      hub.accounts.putFact(account);
      hub.suspend(session, {
        kind: "save",
        session,
        done: (trouble) => finishRegistration(hub, session, account, trouble, then),
      });
    },
  });
}

/**
 * The name is being registered by another session: what became of that is known to be on disk when this one gets its answer. Several
 * processes that begin under one name with one key are so all its owner.
 */
function awaitRegistration(
  hub: Hub,
  session: Session,
  nick: string,
  password: string,
  then: (outcome: AccountOutcome) => void,
): void {
  const again = () => {
    if (session.closeReason === undefined) registerAccount(hub, session, password, then);
  };
  hub.suspendLine(session);
  hub.accounts.queueUntilReleased(nick, { kind: "save", session, done: again });
}

/** `nick` is not being registered any more. */
function releaseReservedName(hub: Hub, nick: string): void {
  hub.queueJobs(hub.accounts.release(nick));
}

function finishRegistration(
  hub: Hub,
  session: Session,
  account: Account,
  trouble: string | undefined,
  then: (outcome: AccountOutcome) => void,
): void {
  releaseReservedName(hub, account.name);
  if (trouble !== undefined) {
    hub.accounts.remove(account);
    hub.attemptLimits.registrations.refund(session.host, hub.monotonic);
    const text = "The account could not be saved; try again later";
    return then({ kind: "failed", code: "TEMPORARILY_UNAVAILABLE", text });
  }
  hub.accounts.add(account);
  completeLoginWithoutSasl(hub, session, account);
  endClaims(hub, account);
  then({ kind: "done", account });
}

/**
 * The owner id of a claim key has become that of `account`, and is had by login only from now on. The user of the key that has the
 * account's name is logged in; other sessions with the key are closed, because a later change of the password would not reach them.
 */
function endClaims(hub: Hub, account: Account): void {
  const holds = (owner: OwnerId, of: Account | undefined) => owner === account.owner && of !== account;
  for (const each of hub.state.sessions.values()) {
    const { user } = each;
    if (!holds(ownerOf(each), accountOf(each))) continue;
    if (user?.folded === account.folded) completeLoginWithoutSasl(hub, each, account);
    else if (each.isRegistered) {
      hub.disconnect(each, "The key of this connection has become an account's: log in");
    } else each.owner = firstUnusedOwner(hub, each.owner);
  }
  endGracePeriods(hub, (user) => holds(user.owner, user.account) && user.folded !== account.folded);
}

function registrationRefusal(
  hub: Hub,
  session: Session,
  nick: string,
  password: string,
): AccountOutcome | undefined {
  if (hub.config.accounts === "off") {
    return accountFailure("DISALLOWED", "There are no accounts on this server");
  }
  if (accountOf(session) !== undefined) return ALREADY_LOGGED_IN;
  const fault = passwordFault(password, nick, hub.config.passphraseMinBytes);
  if (fault !== undefined) return accountFailure(fault.code, fault.text);
  if (!session.isRegistered && serverPasswordRefusal(hub, session) !== undefined) {
    return accountFailure("DISALLOWED", "The server's password comes first (PASS)");
  }
  if (hub.accounts.isFull) {
    return accountFailure("TEMPORARILY_UNAVAILABLE", `This server has its ${MAX_ACCOUNTS} accounts`);
  }
  const waitMs = hub.attemptLimits.registrations.waitMs(session.host, hub.monotonic);
  if (waitMs > 0) return hashFailure({ kind: "attempts", waitMs });
  if (hub.accounts.get(nick) !== undefined || hub.accounts.isUnreadable(nick)) {
    return accountFailure("ACCOUNT_EXISTS", describeRegistration(hub, nick));
  }
  if (hub.config.opers.has(casefold(nick))) {
    return accountFailure(
      "BAD_ACCOUNT_NAME",
      "This name is an operator's, and is registered at the server itself, not over the network",
    );
  }
  return lateRegistrationRefusal(hub, session, nick);
}

function describeRegistration(hub: Hub, nick: string): string {
  const account = hub.accounts.get(nick);
  return account === undefined
    ? "This name belongs to an account that the server cannot read"
    : `This name is registered. If it is yours, ${loginInstructions(account.name)}`;
}

/** What is asked again once the password is hashed, for it may have changed; the name itself is reserved meanwhile. */
function lateRegistrationRefusal(hub: Hub, session: Session, nick: string): AccountOutcome | undefined {
  if (accountOf(session) !== undefined) return ALREADY_LOGGED_IN;
  const holder = hub.state.user(nick);
  const others = holder !== undefined && holder !== session.user &&
    (session.owner === "" || holder.owner !== session.owner);
  if (others) return accountFailure("NICKNAME_IN_USE", "Somebody else uses this name now");
  const refusal = nameRefusal(hub, session, nick);
  return refusal && accountFailure("BAD_ACCOUNT_NAME", refusal.words);
}

const ALREADY_LOGGED_IN = accountFailure("ALREADY_AUTHENTICATED", "You are logged in");

function hashFailure(refusal: HashRefusal): AccountOutcome {
  const text = refusal.kind === "attempts"
    ? `Too many accounts were made, or passwords changed, from your address; ${retryText(refusal.waitMs)}`
    : `The account was not made: ${hashRefusalText(refusal)}`;
  return accountFailure("TEMPORARILY_UNAVAILABLE", text);
}

function accountFailure(code: string, text: string): AccountOutcome & { kind: "failed" } {
  return { kind: "failed", code, text };
}

function unregister(hub: Hub, session: Session, message: Message): void {
  const name = message.params[0]!;
  unregisterAccount(hub, session, name, (outcome) => {
    if (outcome.kind === "failed") {
      return hub.fail(session, "UNREGISTER", outcome.code, toSafeParam(name), outcome.text);
    }
    const { account } = outcome;
    hub.send(
      session,
      `:${hub.config.serverName} UNREGISTER SUCCESS ${account.name} :The name ${account.name} is free`,
    );
  });
}

/** Ends the account called `name`, which `session` is logged in to, and lets all others go that are. */
export function unregisterAccount(
  hub: Hub,
  session: Session,
  name: string,
  then: (outcome: AccountOutcome) => void,
): void {
  const account = hub.accounts.get(name);
  if (account === undefined) {
    return then({ kind: "failed", code: "NO_SUCH_ACCOUNT", text: "There is no such account" });
  }
  if (accountOf(session) !== account) {
    return then({
      kind: "failed",
      code: "NOT_AUTHENTICATED",
      text: "Only who is logged in to an account ends it",
    });
  }
  endAccount(hub, account, session);
  sendLoggedOut(hub, session);
  hub.suspend(session, {
    kind: "save",
    session,
    done: (trouble) => {
      const text =
        "The account is gone, but that could not be saved: it may be back when the server starts again";
      then(
        trouble === undefined
          ? { kind: "done", account }
          : { kind: "failed", code: "TEMPORARILY_UNAVAILABLE", text },
      );
    },
  });
}

/** There is no `account` any more: every session is let go that is logged in to it, but for `own`. */
export function endAccount(hub: Hub, account: Account, own?: Session): void {
  revokeAccountRights(hub, account, own?.user);
  hub.accounts.remove(account);
  hub.accounts.formerOwners.add(hub, account.owner);
  forgetMarkers(hub, account);
  hub.metadata.forget(hub, account);
  disconnectSessionsOf(hub, account, "The account was ended", own);
}

/** Logs all sessions that have the rights of `account` out, but for `own`, and closes them for `reason`. Answers how many. */
export function disconnectSessionsOf(hub: Hub, account: Account, reason: string, own?: Session): number {
  const others = [...hub.state.sessions.values()].filter((each) =>
    each !== own && (accountOf(each) === account || ownerOf(each) === account.owner)
  );
  for (const each of others) {
    sendLoggedOut(hub, each, reason);
    hub.disconnect(each, reason);
  }
  endGracePeriods(hub, (user) => user.account === account || user.owner === account.owner);
  return others.length;
}

/** Users whose connection has broken, and who could come back as what they were, quit now if `isMeant`. */
function endGracePeriods(hub: Hub, isMeant: (user: User) => boolean): void {
  for (const user of [...hub.state.usersInGracePeriod]) {
    if (user.pendingQuit !== undefined && isMeant(user)) {
      hub.commit({ kind: "quit", source: user.source, reason: user.pendingQuit.reason });
    }
  }
}

function sendLoggedOut(hub: Hub, session: Session, why = ""): void {
  hub.commit({ kind: "login", session, account: undefined, why });
}

export const ACCOUNT_VERBS: VerbTable = {
  REGISTER: { min: 3, who: "anyone", run: register },
  UNREGISTER: { min: 1, who: "anyone", run: unregister },
};
