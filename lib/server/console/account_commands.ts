/** The console's commands for accounts. */
import { toPrintable } from "../../base/printable_text.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { compileMask, MASK_BOUNDS_TEXT } from "../../irc/names/mask.ts";
import { NAME_FAULT_TEXT, nickFault } from "../../irc/names/name_rules.ts";
import { MAX_ACCOUNTS } from "../../hub/services/accounts/accounts.ts";
import { Account } from "../../hub/model/state/entities.ts";
import type { Hub } from "../../hub/hub.ts";
import { PASSWORD_ITERATIONS, passwordFault, SALT_BYTES } from "../../hub/services/accounts/passwords.ts";
import { disconnectSessionsOf, endAccount } from "../../hub/verbs/users/account.ts";
import { notFoundFailure, refusedFailure, wrongUsage } from "./console_command.ts";
import type { CommandFailure, CommandResult, HashRequest, Issuer } from "./console_command.ts";
import { truncateLines } from "./moderation_commands.ts";

const PASSPHRASE_LENGTH = 20;
/** 32 letters and digits, without l, o, 0 and 1. */
const PASSPHRASE_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** `accounts [MASK]` */
export function accounts(hub: Hub, rest: string): CommandResult {
  const mask = compileMask(rest === "" ? "*" : rest);
  if (mask === undefined) return wrongUsage(`${toPrintable(rest)}: ${MASK_BOUNDS_TEXT}`);
  const unreadable = Array.from(hub.services.accounts.unreadable)
    .filter((name) => mask.matches(name))
    .map((name) => `${name}  unreadable, given to no client`);
  const found = Array.from(hub.services.accounts.all).filter(({ folded }) => mask.matches(folded));
  const lines = found.map((account) => {
    const { name, createdAt, users } = account;
    const marks = [
      users.some(({ sessions }) => sessions.length > 0) ? "here" : "",
      hub.services.serverOperators.has(account) ? "operator" : "",
    ].filter(Boolean);
    return [name, `since ${new Date(createdAt).toISOString().slice(0, 10)}`, ...marks].join("  ");
  });
  lines.push(...unreadable.map(toPrintable));
  if (lines.length > 0) return truncateLines(lines.sort());
  return [rest === "" ? "no name has an account yet" : `no account fits ${toPrintable(rest)}`];
}

/** Makes an account with a passphrase that is made up here, and shown once. */
export function register(hub: Hub, name: string, issuer: Issuer): CommandResult {
  const refusal = accountRegistrationRefusal(hub, name) ?? operatorNameRefusal(hub, name, issuer) ??
    exposureRefusal(issuer);
  if (refusal !== undefined) return refusal;
  const owner = hub.context.createTemporaryOwner();
  if (!hub.services.accounts.reserve(name, owner)) {
    return refusedFailure(`${name} belongs to somebody, or is being registered just now`);
  }
  const passphrase = generatePassphrase(hub);
  return hashRequest(hub, passphrase, (hub, credentials) => {
    const account = new Account(name, owner, hub.context.now, credentials);
    hub.services.decoyCredentials.persist();
    hub.services.accounts.putFact(account);
    hub.services.accounts.add(account);
    hub.context.queueJobs(hub.services.accounts.release(name));
    const isOperator = hub.context.config.opers.has(account.folded);
    if (isOperator) hub.services.serverOperators.add(account);
    return [
      `${name} is registered${
        isOperator ? ", and is an operator" : ""
      }. Its passphrase, which is not shown again: ${passphrase}`,
      `"chatterbox join ${name}" asks for it; other IRC clients take it as the password of SASL`,
    ];
  });
}

function hashRequest(hub: Hub, password: string, done: HashRequest["done"]): HashRequest {
  return { password, salt: hub.context.randomBytes(SALT_BYTES), iterations: PASSWORD_ITERATIONS, done };
}

/** Why the account can't be made; undefined: nothing is against it but that it may be there already. */
function accountRegistrationRefusal(hub: Hub, name: string): CommandFailure | undefined {
  if (name === "") return wrongUsage("which name? as in: register alice");
  const fault = nickFault(name);
  if (fault !== undefined) return wrongUsage(`${toPrintable(name)}: ${NAME_FAULT_TEXT[fault]}`);
  if (hub.context.reservedNames.reservedFor(name) === "server") {
    return refusedFailure(`${name} is a name of the server or of a service, and is given to nobody`);
  }
  if (hub.context.config.accounts === "off") {
    return refusedFailure("there are no accounts on this server (--accounts off)");
  }
  if (hub.services.accounts.isFull) return refusedFailure(`this server has its ${MAX_ACCOUNTS} accounts`);
  return undefined;
}

/** A passphrase must not go over a network where others can read it. */
function exposureRefusal({ isExposed }: Issuer): CommandFailure | undefined {
  if (!isExposed) return undefined;
  return refusedFailure(
    "others could read the passphrase on its way to you: connect by TLS, or use chatterbox admin",
  );
}

/** 20 characters that are not mistaken for each other, 100 bits. */
function generatePassphrase(hub: Hub): string {
  const characters = [...hub.context.randomBytes(PASSPHRASE_LENGTH)].map((byte) =>
    PASSPHRASE_LETTERS[byte % 32]!
  );
  return characters.join("").replace(/.{5}(?=.)/g, "$&-");
}

/**
 * `passwd NAME [PASSPHRASE]`, for an owner that has lost the key, or fears that it was copied: the account stays with all that it has,
 * and its sessions are closed, because any of them may be of the key of before.
 */
export function passwd(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [, name = "", given = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  const account = hub.services.accounts.get(name);
  if (account === undefined) return noSuchAccount(hub, name, "which? as in: passwd alice");
  const refusal = operatorAccountRefusal(hub, account, issuer) ?? exposureRefusal(issuer);
  if (refusal !== undefined) return refusal;
  const passphrase = given === "" ? generatePassphrase(hub) : given;
  const fault = passwordFault(passphrase, account.name, hub.context.config.passphraseMinBytes);
  if (fault !== undefined) return wrongUsage(fault.text);
  if (!hub.services.accounts.beginPasswordChange(account)) {
    return refusedFailure(`the password of ${account.name} is being changed just now; try again`);
  }
  return hashRequest(hub, passphrase, (hub, credentials) => {
    hub.services.accounts.endPasswordChange(account);
    if (hub.services.accounts.get(name) !== account) {
      return notFoundFailure(`the account ${account.name} has ended meanwhile`);
    }
    account.credentials = credentials;
    hub.services.accounts.putFact(account);
    revokePasswordOperators(hub, account);
    const closed = disconnectSessionsOf(hub.context, account, "The passphrase of the account was reset");
    const sessions = closed === 0
      ? ""
      : `; ${closed === 1 ? "1 session is" : `${closed} sessions are`} closed`;
    return given === ""
      ? [`${account.name} has a new passphrase, which is not shown again: ${passphrase}${sessions}`]
      : [`${account.name} has the new passphrase${sessions}`];
  });
}

/** Users that are operators by the password of `account` (OPER), and not logged in to it, are none any more. */
function revokePasswordOperators(hub: Hub, account: Account): void {
  for (
    const user of hub.services.serverOperators.usersOfAccount(account, hub.context.state.serverOperators)
  ) {
    if (user.account !== account) hub.context.commit({ kind: "oper", user, oper: false });
  }
}

/** What operators may not do to each other over the network: one account would be as good as all. */
function operatorAccountRefusal(hub: Hub, account: Account, { user }: Issuer): CommandFailure | undefined {
  if (user === undefined || !hub.services.serverOperators.has(account)) return undefined;
  return refusedFailure(
    `${account.name} is an operator: that is for the server's prompt, and chatterbox admin`,
  );
}

/** The account of a name that `--oper` gives is an operator at once, and operators are made at the server's machine only. */
function operatorNameRefusal(hub: Hub, name: string, { user }: Issuer): CommandFailure | undefined {
  if (user === undefined || !hub.context.config.opers.has(casefold(name))) return undefined;
  return refusedFailure(
    `${name} is an operator's name: that is for the server's prompt, and chatterbox admin`,
  );
}

function noSuchAccount(hub: Hub, name: string, usageWords: string): CommandFailure {
  if (name === "") return wrongUsage(usageWords);
  return hub.services.accounts.isUnreadable(name)
    ? refusedFailure(`the account ${toPrintable(name)} cannot be read; unregister frees the name`)
    : notFoundFailure(`there is no account ${toPrintable(name)}`);
}

/** Ends an account, for an owner that cannot do it, or against one. */
export function unregister(hub: Hub, name: string, issuer: Issuer): CommandResult {
  const account = hub.services.accounts.get(name);
  if (account === undefined && hub.services.accounts.removeUnreadable(name)) {
    return [`the name ${toPrintable(name)} is free`];
  }
  if (account === undefined) return noSuchAccount(hub, name, "which? as in: unregister alice");
  const refusal = operatorAccountRefusal(hub, account, issuer);
  if (refusal !== undefined) return refusal;
  endAccount(hub.context, hub.services, account);
  return [`the name ${account.name} is free`];
}
