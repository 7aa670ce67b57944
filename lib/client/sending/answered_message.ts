/** Whether the message that a reply answers exists where the reply goes: a server stores the tag without a look. */
import { CHATHISTORY } from "../../irc/capability_names.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { Link } from "../connection/link.ts";
import { supportsReceipts } from "../conversation/model/server_features.ts";
import { findFailureReply, replyText } from "../session/failure_reply.ts";

/** Bound on the wait for the answer; without one the reply is sent. */
const MAX_MESSAGE_LOOKUP_MS = 5_000;

/** What a ChatterBox server says of a message id that it cannot have given. */
const FOREIGN_ID_TEXT = "The msgid is not from this server's log";

/** `unverified`: the server does not show this history, or is another one, which may name messages otherwise. */
export type AnsweredMessage = "found" | "missing" | "unverified";

export interface ReplyCheckOptions {
  readonly target: string;
  /** Id of the message that is answered; left out: none is. */
  readonly replyTo?: string | undefined;
  /** The server cannot say whether there is such a message; the reply goes on. */
  readonly onUnverified: () => void;
}

/** Looks once, over as many connections as it takes, for the message that a reply answers. */
export class ReplyCheck {
  readonly #options: ReplyCheckOptions;
  #isDone = false;

  constructor(options: ReplyCheckOptions) {
    this.#options = options;
  }

  /** Why the reply is not sent; undefined: it may be. */
  async run(
    link: Link,
    remainingMs: number,
  ): Promise<{ readonly kind: "no_such_target"; readonly text: string } | undefined> {
    const { target, replyTo, onUnverified } = this.#options;
    if (replyTo === undefined || this.#isDone) return undefined;
    const answered = await findAnsweredMessage(link, target, replyTo, remainingMs);
    if (answered === "missing") {
      const text = `the server has no message ${replyTo} in ${target}, so there is nothing to reply to`;
      return { kind: "no_such_target", text };
    }
    this.#isDone = true;
    if (answered === "unverified") onUnverified();
    return undefined;
  }
}

/** Looks for message `id` in the history of `target`, by one request. */
export async function findAnsweredMessage(
  link: Link,
  target: string,
  id: string,
  remainingMs: number,
): Promise<AnsweredMessage> {
  if (!link.session.caps.has(CHATHISTORY)) return "unverified";
  const answer = await link.request(
    { command: "CHATHISTORY", params: ["AROUND", target, `msgid=${id}`, "1"] },
    Math.max(0, Math.min(remainingMs, MAX_MESSAGE_LOOKUP_MS)),
  );
  if (answer.kind !== "answered") return "unverified";
  if (answer.lines.some(({ tags }) => tags.get("msgid") === id)) return "found";
  if (!supportsReceipts(link.session)) return "unverified";
  const failure = findFailureReply(answer.lines);
  if (failure !== undefined) return replyText(failure) === FOREIGN_ID_TEXT ? "missing" : "unverified";
  // Only an account or a claim has a history of its direct messages.
  return isChannelName(target) || link.session.isClaimed ? "missing" : "unverified";
}
