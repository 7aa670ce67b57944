/** Why a server refuses the connection registration, or ends the connection for good. */
import type { Message } from "../../irc/message.ts";
import {
  ERR_ERRONEUSNICKNAME,
  ERR_NICKCOLLISION,
  ERR_NICKNAMEINUSE,
  ERR_PASSWDMISMATCH,
  ERR_UNAVAILRESOURCE,
  ERR_YOUREBANNEDCREEP,
} from "../../irc/numerics.ts";
import { replyText } from "./failure_reply.ts";

export type RefusalReason =
  | "name_taken"
  /** A user without an account has the name at present, so that it cannot be registered. */
  | "in_use"
  | "bad_name"
  | "password"
  | "banned"
  | "claim"
  /** The name has an account with another key or passphrase. */
  | "not_ours"
  /**
   * The server does not know the key, which was that of an account, and which is not sent over this
   * connection.
   */
  | "forgotten"
  | "wrong_passphrase"
  /** There were too many failed logins. */
  | "try_later"
  /** The server did not prove that it knows the account: it may be another server. */
  | "impostor"
  /** The server admits accounts only, and the client has none. */
  | "account_required"
  /** The server has logged the client out: the account was deleted, or its secret was changed. */
  | "logged_out"
  | "closed";

/** Refusals after which another attempt with the same login may succeed. */
export const TEMPORARY_REFUSALS: ReadonlySet<RefusalReason> = new Set(["closed", "in_use", "try_later"]);

/** Text of ChatterBox servers after too many failed logins: neither PASS nor SASL has a numeric for it. */
export const RETRY_LATER_PATTERN = /\btry again in \d+ s\b/;

/** The name belongs to another user, or is in use. */
export const NAME_TAKEN: ReadonlySet<string> = new Set([
  ERR_NICKNAMEINUSE,
  ERR_NICKCOLLISION,
  ERR_UNAVAILRESOURCE,
]);

const REFUSAL_REASONS: ReadonlyMap<string, RefusalReason> = new Map([
  ...[...NAME_TAKEN].map((code): [string, RefusalReason] => [code, "name_taken"]),
  [ERR_ERRONEUSNICKNAME, "bad_name"],
  [ERR_PASSWDMISMATCH, "password"],
  [ERR_YOUREBANNEDCREEP, "banned"],
]);

/**
 * The reason for which `message`, received before registration, refuses the client; undefined: it does not.
 */
export function parseRefusal(message: Message): RefusalReason | undefined {
  if (message.command === "FAIL" && message.params[0] === "CLAIM") return "claim";
  if (message.command === "FAIL" && message.params[1] === "ACCOUNT_REQUIRED") return "account_required";
  if (message.command === ERR_PASSWDMISMATCH && RETRY_LATER_PATTERN.test(replyText(message))) {
    return "try_later";
  }
  return REFUSAL_REASONS.get(message.command);
}

/**
 * The reason of an ERROR that ends the registration. Some servers (ngIRCd) require a password so, without
 * 464.
 */
export function parseClosingReason(message: Message): RefusalReason {
  return /\bpassword\b/i.test(replyText(message)) ? "password" : "closed";
}
