/** The accounts of those who write, as the server vouches for them (https://ircv3.net/specs/extensions/account-tag). */
import type { Link } from "../../lib/client/connection/link.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import type { HistorySource } from "../../lib/client/history/history_reader.ts";
import { findFailureReply } from "../../lib/client/session/failure_reply.ts";
import type { Message } from "../../lib/irc/message.ts";
import { ERR_NOSUCHNICK, RPL_WHOISACCOUNT } from "../../lib/irc/numerics.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import { CLAIM_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import type { AllowList } from "./allow_list.ts";
import { ToolRefusal } from "./tool_refusal.ts";

const ACCOUNT_TAG = "account-tag";

/** Requests the accounts; agents alone do. False: the server does not tell them. */
export function requestAccounts(link: Link): boolean {
  if (link.session.capValue(ACCOUNT_TAG) === undefined) return false;
  link.send({ command: "CAP", params: ["REQ", ACCOUNT_TAG] });
  return true;
}

/** Messages of which the account is remembered, the latest. */
export const MAX_KNOWN_ACCOUNTS = 10_000;

/** The accounts of messages. A server may tell them live, and not in history. */
export class MessageAccounts {
  /** By message id; null: the sender has none. */
  readonly #accounts = new Map<string, string | null>();

  /** `line` has come live over `link`. */
  note({ tags }: Message, { session }: Pick<Link, "session">): void {
    if (session.caps.has(ACCOUNT_TAG)) this.#set(tags.get("msgid"), tags.get("account") || null);
  }

  /** `line` is in a response: its sender may have an account that the server does not tell there. */
  noteEarlier({ tags }: Message): void {
    const account = tags.get("account");
    if (account) this.#set(tags.get("msgid"), account);
  }

  /** `link`, with note taken of the responses. */
  follow(link: HistorySource): HistorySource {
    const request: HistorySource["request"] = async (...args) => {
      const outcome = await link.request(...args);
      if (outcome.kind === "answered") { for (const line of outcome.lines) this.noteEarlier(line); }
      return outcome;
    };
    return { session: link.session, request };
  }

  /** The account of the sender of the message `id`; null: none; undefined: the server has not told it. */
  of({ id }: Pick<MessageEntry, "id">): string | null | undefined {
    return this.#accounts.get(id ?? "");
  }

  #set(id: string | undefined, account: string | null): void {
    if (id === undefined) return;
    this.#accounts.set(id, account);
    if (this.#accounts.size > MAX_KNOWN_ACCOUNTS) this.#accounts.delete(this.#accounts.keys().next().value!);
  }
}

/**
 * `target` may be written to: a person that is allowed by account is logged in to it, or offline on a server of ours,
 * where no other user can take the name.
 * @throws {ToolRefusal} Another user has the name, or it is not known.
 */
export async function requireAccount(link: Link, allowed: AllowList, target: string): Promise<void> {
  if (!allowed.isByAccount(target)) return;
  const answer = await link.request({ command: "WHOIS", params: [target] });
  const lines = answer.kind === "answered" ? answer.lines : [];
  const isKept = link.session.capValue(CLAIM_CAPABILITY) !== undefined;
  if (isKept && findFailureReply(lines)?.command === ERR_NOSUCHNICK) return;
  const proof = lines.find(({ command, params }) =>
    command === RPL_WHOISACCOUNT && isSameName(params[1] ?? "", target)
  );
  if (proof !== undefined && isSameName(proof.params[2] ?? "", target)) return;
  throw new ToolRefusal(
    `${target} is not online under the account ${target} (--allow-person account:${target}), and another user may have the name`,
  );
}
