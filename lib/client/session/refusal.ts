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
  /** Somebody without an account uses the name just now, so that it cannot be registered. */
  | "in_use"
  | "bad_name"
  | "password"
  | "banned"
  | "claim"
  /** The name has an account, which has another key or passphrase than ours. */
  | "not_ours"
  /** The server does not know our key, which was an account's, and which is not said to it: somebody may listen. */
  | "forgotten"
  | "wrong_passphrase"
  /** There were too many attempts to log in. */
  | "try_later"
  /** The server does not know of our account what it must know, if it is the one it was. */
  | "impostor"
  /** Only who has an account is let in, and we have none. */
  | "account_required"
  /** The server has logged us out: the account has ended, or has another passphrase. */
  | "logged_out"
  | "closed";

/** How our servers say that there were too many attempts: neither PASS nor SASL has a number for it. */
export const RETRY_LATER_PATTERN = /\btry again in \d+ s\b/;

/** The name is somebody else's, now or for a while. */
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

/** What a line received before registration says against us; undefined: nothing. */
export function parseRefusal(message: Message): RefusalReason | undefined {
  if (message.command === "FAIL" && message.params[0] === "CLAIM") return "claim";
  if (message.command === "FAIL" && message.params[1] === "ACCOUNT_REQUIRED") return "account_required";
  if (message.command === ERR_PASSWDMISMATCH && RETRY_LATER_PATTERN.test(replyText(message))) {
    return "try_later";
  }
  return REFUSAL_REASONS.get(message.command);
}

/** What an ERROR that ends the registration says against us: some servers (ngIRCd) ask for a password by it, without 464. */
export function parseClosingReason(message: Message): RefusalReason {
  return /\bpassword\b/i.test(replyText(message)) ? "password" : "closed";
}
