/** Console commands for accounts. */
import { toPrintable } from "../../base/printable_text.ts";
import { formatUtcDate } from "../../base/values/timestamp.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { compileMask, MASK_BOUNDS_TEXT } from "../../irc/names/mask.ts";
import { NAME_FAULT_TEXT, nickFault } from "../../irc/names/new_name_rules.ts";
import { createAccount, MAX_ACCOUNTS } from "../../hub/services/accounts/accounts.ts";
import type { Account } from "../../hub/model/state/entities.ts";
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
    .map((name) => `${name}  unreadable, reserved`);
  const found = Array.from(hub.services.accounts.all).filter(({ folded }) => mask.matches(folded));
  const lines = found.map((account) => {
    const { name, createdAt, users } = account;
    const marks = [
      users.some(({ sessions }) => sessions.length > 0) ? "online" : "",
      hub.services.serverOperators.has(account) ? "operator" : "",
    ].filter(Boolean);
    return [name, `since ${formatUtcDate(createdAt)}`, ...marks].join("  ");
  });
  lines.push(...unreadable.map(toPrintable));
  if (lines.length > 0) return truncateLines(lines.sort());
  return [rest === "" ? "no accounts are registered" : `no account matches ${toPrintable(rest)}`];
}

/** `register NAME`: makes an account with a generated passphrase, which is shown once. */
export function register(hub: Hub, name: string, issuer: Issuer): CommandResult {
  const refusal = accountRegistrationRefusal(hub, name) ?? operatorNameRefusal(hub, name, issuer) ??
    exposureRefusal(issuer);
  if (refusal !== undefined) return refusal;
  const owner = hub.services.accounts.createTemporaryOwner(hub.context.log.nextSeq);
  if (!hub.services.accounts.reserve(name, owner)) {
    return refusedFailure(`${name} is taken, or is being registered at the moment`);
  }
  const passphrase = generatePassphrase(hub);
  return hashRequest(hub, passphrase, (hub, credentials) => {
    const account = createAccount(name, owner, hub.context.now, credentials);
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
      `"chatterbox join ${name}" asks for it; in other IRC clients, enter it as the SASL password`,
    ];
  });
}

function hashRequest(hub: Hub, password: string, done: HashRequest["done"]): HashRequest {
  return { password, salt: hub.context.randomBytes(SALT_BYTES), iterations: PASSWORD_ITERATIONS, done };
}

/** Why the account cannot be made; undefined: it can, unless it exists already. */
function accountRegistrationRefusal(hub: Hub, name: string): CommandFailure | undefined {
  if (name === "") return wrongUsage("usage: register NAME");
  const fault = nickFault(name);
  if (fault !== undefined) return wrongUsage(`${toPrintable(name)}: ${NAME_FAULT_TEXT[fault]}`);
  if (hub.context.reservedNames.reservedFor(name) === "server") {
    return refusedFailure(`${name} is reserved for the server or a service`);
  }
  if (hub.context.config.accounts === "off") {
    return refusedFailure("this server has no accounts (--accounts off)");
  }
  if (hub.services.accounts.isFull) {
    return refusedFailure(`this server has reached its limit of ${MAX_ACCOUNTS} accounts`);
  }
  return undefined;
}

/** Refuses to send a passphrase over an unencrypted network connection. */
function exposureRefusal({ isExposed }: Issuer): CommandFailure | undefined {
  if (!isExposed) return undefined;
  return refusedFailure(
    "others could read the passphrase on the network: connect by TLS, or use chatterbox admin",
  );
}

/** 20 characters that cannot be confused with each other, 100 bits. */
function generatePassphrase(hub: Hub): string {
  const characters = [...hub.context.randomBytes(PASSPHRASE_LENGTH)].map((byte) =>
    PASSPHRASE_LETTERS[byte % 32]!
  );
  return characters.join("").replace(/.{5}(?=.)/g, "$&-");
}

/**
 * `passwd NAME [PASSPHRASE]`, for a lost key, or one that may have been copied: the account keeps everything it
 * owns but its tokens, and its sessions are closed, because any of them may have logged in with the former key.
 */
export function passwd(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [, name = "", given = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  const account = hub.services.accounts.get(name);
  if (account === undefined) return noSuchAccount(hub, name, "usage: passwd NAME [PASSPHRASE]");
  const refusal = operatorAccountRefusal(hub, account, issuer) ?? exposureRefusal(issuer);
  if (refusal !== undefined) return refusal;
  const passphrase = given === "" ? generatePassphrase(hub) : given;
  const fault = passwordFault(passphrase, account.name, hub.context.config.passphraseMinBytes);
  if (fault !== undefined) return wrongUsage(fault.text);
  if (!hub.services.accounts.beginPasswordChange(account)) {
    return refusedFailure(`the passphrase of ${account.name} is being changed at the moment; try again`);
  }
  return hashRequest(hub, passphrase, (hub, credentials) => {
    hub.services.accounts.endPasswordChange(account);
    if (hub.services.accounts.get(name) !== account) {
      return notFoundFailure(`the account ${account.name} has been deleted meanwhile`);
    }
    hub.services.accounts.setCredentials(account, credentials);
    hub.services.accounts.putFact(account);
    revokePasswordOperators(hub, account);
    const revoked = hub.services.accountTokens.dropOwner(account.owner);
    const closed = disconnectSessionsOf(hub.context, account, "The passphrase of the account was reset");
    const ended = describeCount(closed, "session", "closed") + describeCount(revoked, "token", "revoked");
    return given === ""
      ? [`${account.name} has a new passphrase, which is not shown again: ${passphrase}${ended}`]
      : [`${account.name} has the new passphrase${ended}`];
  });
}

/** `; 2 sessions are closed`; "" for none. */
function describeCount(count: number, noun: string, done: string): string {
  if (count === 0) return "";
  return `; ${count === 1 ? `1 ${noun} is` : `${count} ${noun}s are`} ${done}`;
}

/** Ends operator rights of users that got them by the password of `account` (OPER) without being logged in to it. */
function revokePasswordOperators(hub: Hub, account: Account): void {
  for (
    const user of hub.services.serverOperators.usersOfAccount(account, hub.context.state.serverOperators)
  ) {
    if (user.account !== account) hub.context.commit({ kind: "oper", user, oper: false });
  }
}

/** Operators may not do this to each other over the network: with one operator account a thief would have them all. */
function operatorAccountRefusal(hub: Hub, account: Account, { user }: Issuer): CommandFailure | undefined {
  if (user === undefined || !hub.services.serverOperators.has(account)) return undefined;
  return refusedFailure(
    `${account.name} is an operator: use the server's prompt or chatterbox admin`,
  );
}

/** An account with a name of `--oper` is an operator at once; only the server's machine may make operators. */
function operatorNameRefusal(hub: Hub, name: string, { user }: Issuer): CommandFailure | undefined {
  if (user === undefined || !hub.context.config.opers.has(casefold(name))) return undefined;
  return refusedFailure(
    `${name} is an operator's name: use the server's prompt or chatterbox admin`,
  );
}

function noSuchAccount(hub: Hub, name: string, usage: string): CommandFailure {
  if (name === "") return wrongUsage(usage);
  return hub.services.accounts.isUnreadable(name)
    ? refusedFailure(`the account ${toPrintable(name)} cannot be read; unregister frees the name`)
    : notFoundFailure(`there is no account ${toPrintable(name)}`);
}

/** `unregister NAME`: deletes an account, for example because its owner has lost the key. */
export function unregister(hub: Hub, name: string, issuer: Issuer): CommandResult {
  const account = hub.services.accounts.get(name);
  if (account === undefined && hub.services.accounts.removeUnreadable(name)) {
    return [`the name ${toPrintable(name)} is free`];
  }
  if (account === undefined) return noSuchAccount(hub, name, "usage: unregister NAME");
  const refusal = operatorAccountRefusal(hub, account, issuer);
  if (refusal !== undefined) return refusal;
  endAccount(hub.context, hub.services, account);
  return [`the name ${account.name} is free`];
}
